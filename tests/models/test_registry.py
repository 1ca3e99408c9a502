import dataclasses
from pathlib import Path

import pytest
from tiny_models import write_registry

from ctqa.errors import ConfigError
from ctqa.models.registry import (
    SHA256,
    HubSource,
    ModelFile,
    ModelSpec,
    WheelSource,
    find,
    read_registry,
    unknown_model,
)

FILES = {"model.onnx": b"weights", "tokenizer.json": b"{}"}


def test_the_registry_names_the_models_with_the_hashes_that_were_checked() -> None:
    weights = {spec.name: spec.weights_sha256 for spec in read_registry()}
    assert weights == {
        "bge-small-en-v1.5": "68807e3ff2abb83cdd708d8243fd398246e397bfee2ba611c2bad728e27df743",
        "e5-small-v2": "d74a213ce7122581aa2e024601e79e969373e7fe3cd3aa78c4996a5c79d4c5ad",
        "all-MiniLM-L6-v2": "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db",
        "ms-marco-MiniLM-L-12-v2": (
            "1225ccd6afd0f1b43a1b08bf67cd1cb68c05aafb443e9d8450015b8b3837ffd1"
        ),
    }


@pytest.mark.parametrize("spec", read_registry(), ids=lambda spec: spec.name)
def test_each_model_can_be_fetched_and_checked(spec: ModelSpec) -> None:
    assert spec.pinned
    assert spec.licence in {"MIT", "Apache-2.0"}
    assert spec.sources
    assert "tokenizer.json" in {file.name for file in spec.files}
    assert all(SHA256.fullmatch(file.sha256) and file.bytes > 0 for file in spec.files)
    assert spec.bytes == sum(file.bytes for file in spec.files)


def test_prefixes_keep_their_last_space() -> None:
    e5 = find("e5-small-v2")
    assert e5 is not None
    assert (e5.query_prefix, e5.passage_prefix) == ("query: ", "passage: ")


def test_find_gives_none_for_a_name_that_is_nobodys() -> None:
    assert find("no-such-model") is None


def test_an_unknown_name_is_answered_with_close_ones() -> None:
    message = str(unknown_model("BGE-small-en"))
    assert "did you mean bge-small-en-v1.5 or" in message
    assert "all-MiniLM-L6-v2" in message
    assert "did you mean" not in str(unknown_model("zzzz"))


def test_sources_are_read_in_order(tmp_path: Path) -> None:
    path = write_registry(tmp_path / "registry.toml", FILES)
    revision = "0123456789" * 4
    path.write_text(
        path.read_text().replace(
            "sources = []",
            'sources = [{ wheel = "tiny==1.0" }, '
            f'{{ hub = "acme/tiny", revision = "{revision}", folder = "onnx" }}]',
        )
    )
    (spec,) = read_registry(path)
    assert spec.sources == (
        WheelSource(wheel="tiny==1.0", folder=""),
        HubSource(hub="acme/tiny", revision=revision, folder="onnx"),
    )


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ('"tiny"', '"../tiny"', "name = '../tiny' cannot be used"),
        ('kind = "encoder"', 'kind = "reader"', "kind = 'reader'"),
        ('kind = "encoder"', 'kind = "reranker"', 'pooling = "mean"; expected none'),
        ('licence = "MIT"', "", "licence is missing"),
        ('licence = "MIT"', "licence = 3", "licence = 3"),
        ('pooling = "mean"', 'pooling = "model"', "expected cls or mean"),
        ('runtime = "onnx"', 'runtime = "sentence-transformers"', "expected model"),
        ("max_tokens = 8", "max_tokens = 0", "max_tokens = 0"),
        ("max_tokens = 8", "max_tokens = true", "max_tokens = True"),
        ("max_tokens = 8", "max_token = 8", "unknown key 'max_token'"),
        ("bytes = 7", "bytes = -1", "bytes = -1"),
        ('"model.onnx"', '"../model.onnx"', "name = '../model.onnx'"),
        ('"model.onnx"', '"/model.onnx"', "name = '/model.onnx'"),
        ('"model.onnx"', '"c:model.onnx"', "name = 'c:model.onnx'"),
        ('"model.onnx"', '"model.bin"', "no file holds weights"),
        ('sha256 = "', 'sha256 = "A', "sha256 = 'A"),
        ('"tiny==1.0"', '"tiny>=1.0"', "wheel = 'tiny>=1.0'"),
        ('"tiny==1.0"', '"--index-url==1.0"', "wheel = '--index-url==1.0'"),
        ('wheel = "tiny==1.0"', 'hub = "acme/tiny"', "revision is missing"),
        ('folder = "tiny/data"', 'folder = "tiny/../.."', "folder = 'tiny/../..'"),
        ("[[model.files]]", "[[model.file]]", "unknown key 'file'"),
        ("[[model]]", "[model]", "expected a list of tables"),
        ("[[model]]", "[[models]]", "unknown key"),
        ("[[model]]", "[[model", "not valid TOML"),
    ],
)
def test_a_wrong_entry_is_refused(tmp_path: Path, old: str, new: str, told: str) -> None:
    path = write_registry(tmp_path / "registry.toml", FILES, "tiny==1.0")
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))
    with pytest.raises(ConfigError) as caught:
        read_registry(path)
    assert told in str(caught.value)
    assert str(path) in str(caught.value)


def test_a_name_stands_once(tmp_path: Path) -> None:
    path = write_registry(tmp_path / "registry.toml", FILES)
    path.write_text(path.read_text() + "\n" + path.read_text())
    with pytest.raises(ConfigError, match="tiny stands there more than once"):
        read_registry(path)


def test_a_missing_registry_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"nowhere\.toml: cannot be read"):
        read_registry(tmp_path / "nowhere.toml")


def test_weights_in_several_files_have_one_digest_that_any_of_them_changes() -> None:
    (spec, *_) = read_registry()
    parts = [
        ModelFile(name=f"model-{part}.safetensors", bytes=1, sha256=digit * 64)
        for part, digit in ((1, "a"), (2, "b"))
    ]
    both = dataclasses.replace(spec, files=tuple(parts))
    turned = dataclasses.replace(spec, files=tuple(reversed(parts)))
    changed = dataclasses.replace(both, files=(parts[0], dataclasses.replace(parts[1], sha256="c")))
    assert SHA256.fullmatch(both.weights_sha256)
    assert both.weights_sha256 == turned.weights_sha256 != changed.weights_sha256
