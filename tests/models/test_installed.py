from pathlib import Path

import platformdirs
import pytest
from tiny_models import onnx_files, write_files, write_registry

from ctqa.errors import ModelError
from ctqa.models import models
from ctqa.models.folder import describe
from ctqa.models.installed import (
    MANIFEST,
    find_fault,
    locate,
    models_folder,
    read_manifest,
    ready,
    write_manifest,
)


@pytest.fixture
def registry(tmp_path: Path) -> Path:
    return write_registry(tmp_path / "registry.toml", onnx_files())


def test_the_models_folder_is_the_environments_else_the_users_cache(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("CTQA_MODELS", str(tmp_path))
    assert models_folder() == tmp_path
    monkeypatch.setenv("CTQA_MODELS", "~/models")
    assert models_folder() == Path.home() / "models"
    usual = Path(platformdirs.user_cache_dir("ctqa")) / "models"
    monkeypatch.setenv("CTQA_MODELS", "")
    assert models_folder() == usual
    monkeypatch.delenv("CTQA_MODELS")
    assert models_folder() == usual


def test_a_whole_model_is_ready(tmp_path: Path, registry: Path) -> None:
    own = write_files(onnx_files(), tmp_path / "models" / "tiny")
    assert ready("tiny", folder=tmp_path / "models", registry=registry) == own


def test_an_absent_model_is_answered_with_the_command_that_fetches_it(
    tmp_path: Path, registry: Path
) -> None:
    with pytest.raises(ModelError, match=r"not on this machine.*`ctqa models fetch tiny`"):
        ready("tiny", folder=tmp_path, registry=registry)
    with pytest.raises(ModelError, match="`ctqa models fetch acme/tiny`"):
        ready("acme/tiny", folder=tmp_path, registry=registry)


@pytest.mark.parametrize(
    ("name", "change", "told"),
    [
        ("tokenizer.json", None, "tokenizer.json is missing"),
        ("model.onnx", lambda old: old[:-1], "model.onnx has .* bytes, expected"),
        ("model.onnx", lambda old: old[:-1] + bytes([old[-1] ^ 1]), "model.onnx has sha256"),
    ],
)
def test_damage_is_named_with_the_command_that_mends_it(
    tmp_path: Path, registry: Path, name: str, change: object, told: str
) -> None:
    file = write_files(onnx_files(), tmp_path / "tiny") / name
    if callable(change):
        file.write_bytes(change(file.read_bytes()))
    else:
        file.unlink()
    with pytest.raises(ModelError, match=rf"damaged \({told}.*`ctqa models fetch tiny`"):
        ready("tiny", folder=tmp_path, registry=registry)
    (state,) = models(folder=tmp_path, registry=registry)
    assert (state.state, state.folder) == ("damaged", str(tmp_path / "tiny"))
    assert name in state.fault


def test_the_list_tells_absent_from_ready(tmp_path: Path, registry: Path) -> None:
    (absent,) = models(folder=tmp_path / "nowhere", registry=registry)
    assert (absent.name, absent.state, absent.pinned) == ("tiny", "absent", True)
    write_files(onnx_files(), tmp_path / "tiny")
    (there,) = models(folder=tmp_path, registry=registry)
    assert (there.state, there.fault) == ("ready", "")
    assert there.bytes == sum(len(content) for content in onnx_files().values())


def test_the_registrys_name_comes_before_a_folder_of_that_name(
    tmp_path: Path, registry: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(write_files(onnx_files(), tmp_path / "here" / "tiny").parent)
    with pytest.raises(ModelError, match="not on this machine"):
        locate("tiny", folder=tmp_path / "models", registry=registry)
    assert locate("./tiny", registry=registry).folder == Path("tiny")


def test_an_unknown_name_is_refused(tmp_path: Path, registry: Path) -> None:
    for name in ("tinny", "/no/such/folder", "./acme/tiny", ""):
        with pytest.raises(ModelError, match="no model is named"):
            locate(name, folder=tmp_path, registry=registry)


def test_a_model_from_the_hub_is_listed_as_unpinned_and_checked(
    tmp_path: Path, registry: Path
) -> None:
    own = write_files(onnx_files(), tmp_path / "acme--tiny")
    write_manifest(describe(own), own)
    assert ready("acme/tiny", folder=tmp_path, registry=registry) == own
    spec = read_manifest(own)
    assert spec == describe(own)
    (_, state) = models(folder=tmp_path, registry=registry)
    assert (state.state, state.pinned) == ("ready", False)
    (own / "tokenizer.json").write_text("{}")
    assert find_fault(spec, own) is not None
    with pytest.raises(ModelError, match="damaged"):
        ready("acme/tiny", folder=tmp_path, registry=registry)


@pytest.mark.parametrize("text", ["", "{", "[]", "3", '{"name": "x"}'])
def test_a_model_from_the_hub_without_its_record_is_damaged(
    tmp_path: Path, registry: Path, text: str
) -> None:
    own = write_files(onnx_files() | {MANIFEST: text.encode()}, tmp_path / "acme--tiny")
    assert read_manifest(own) is None
    (_, state) = models(folder=tmp_path, registry=registry)
    assert (state.name, state.state) == ("acme/tiny", "damaged")
    with pytest.raises(ModelError, match=f"{MANIFEST} is missing or cannot be read"):
        ready("acme/tiny", folder=tmp_path, registry=registry)
