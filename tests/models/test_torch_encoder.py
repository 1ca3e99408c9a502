import json
import threading
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tiny_models import torch_files, write_files, write_registry

from ctqa.errors import ModelError
from ctqa.models import Encoder, Vectors, load_encoder, load_reference, ready

TEXTS = ["Care home.", "", "tea " * 40, "tea \ud800", "home tea"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_files(torch_files(), tmp_path_factory.mktemp("bert") / "bert")


@pytest.fixture(scope="module")
def encoder(folder: Path) -> Encoder:
    return load_encoder(str(folder))


def test_vectors_equal_those_of_sentence_transformers(encoder: Encoder, folder: Path) -> None:
    from sentence_transformers import SentenceTransformer  # noqa: PLC0415 - heavy

    plain = SentenceTransformer(str(folder), device="cpu", local_files_only=True)
    texts = [text.replace("\ud800", "\ufffd") for text in TEXTS]
    for rows, prompt in (
        (encoder.encode_passages(TEXTS), "passage: "),
        (encoder.encode_queries(TEXTS), "query: "),
    ):
        expected = plain.encode(texts, prompt=prompt, batch_size=1, normalize_embeddings=True)
        assert rows.dtype == np.float32
        assert np.allclose(rows, expected, atol=1e-5)


def test_rows_are_of_unit_length_and_in_order(encoder: Encoder) -> None:
    rows = encoder.encode_passages(TEXTS * 20)
    assert rows.shape == (100, 8)
    assert np.allclose(np.linalg.norm(rows, axis=1), 1, atol=1e-6)
    assert np.allclose(rows, np.tile(rows[:5], (20, 1)), atol=1e-5)


def test_nothing_gives_no_rows(encoder: Encoder) -> None:
    assert encoder.encode_passages([]).shape == (0, 8)
    assert encoder.encode_queries([]).dtype == np.float32


def test_the_identity_tells_all_that_decides_a_vector(encoder: Encoder) -> None:
    identity = encoder.identity
    assert (identity.name, identity.dimension, identity.pooling) == ("bert", 8, "model")
    assert identity.max_tokens == 12 - 2 - 2
    assert (identity.query_prefix, identity.passage_prefix) == ("query: ", "passage: ")


def test_a_text_is_read_up_to_max_tokens_and_no_further(encoder: Encoder) -> None:
    whole, longer, shorter = encoder.encode_passages(["tea " * 8, "tea " * 8 + "home", "tea " * 7])
    assert np.allclose(whole, longer, atol=1e-6)
    assert not np.allclose(whole, shorter, atol=1e-6)


def test_a_tokenizer_without_a_limit_takes_the_models(folder: Path, tmp_path: Path) -> None:
    files = {path.name: path.read_bytes() for path in folder.iterdir()}
    unlimited = files["tokenizer_config.json"].replace(b'"model_max_length": 12, ', b"")
    assert unlimited != files["tokenizer_config.json"]
    own = write_files(files | {"tokenizer_config.json": unlimited}, tmp_path / "bert")
    encoder = load_encoder(str(own))
    assert encoder.identity.max_tokens == 12 - 2 - 2
    whole, longer = encoder.encode_passages(["tea " * 8, "tea " * 50])
    assert np.allclose(whole, longer, atol=1e-6)


def test_the_registrys_limit_holds_though_the_models_own_is_higher(
    folder: Path, tmp_path: Path
) -> None:
    files = {path.name: path.read_bytes() for path in folder.iterdir()}
    changes = {"runtime": "sentence-transformers", "pooling": "model", "max_tokens": 6}
    registry = write_registry(tmp_path / "registry.toml", files, **changes)
    write_files(files, tmp_path / "tiny")
    encoder = load_encoder("tiny", folder=tmp_path, registry=registry)
    assert encoder.identity.max_tokens == 6 - 2 - 2
    whole, longer = encoder.encode_passages(["tea " * 4, "tea " * 4 + "home"])
    assert np.allclose(whole, longer, atol=1e-6)


@settings(deadline=None)
@given(st.lists(st.text(st.characters()), max_size=3))
def test_token_ends_stay_in_the_text_and_in_order(encoder: Encoder, texts: list[str]) -> None:
    for text, ends in zip(texts, encoder.token_ends(texts), strict=True):
        assert ends == sorted(ends)
        assert all(0 < end <= len(text) for end in ends)


def test_token_ends_are_not_truncated_even_after_encoding(encoder: Encoder) -> None:
    encoder.encode_passages(["tea " * 50])
    assert encoder.token_ends(["tea " * 50]) == [[4 * n - 1 for n in range(1, 51)]]


def test_threads_may_share_an_encoder(encoder: Encoder) -> None:
    texts = [f"tea {'home ' * n}" for n in range(40)]
    expected = encoder.encode_passages(texts)
    found: list[Vectors] = []
    threads = [
        threading.Thread(target=lambda: found.append(encoder.encode_passages(texts)))
        for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 4
    assert all(np.allclose(rows, expected, atol=1e-6) for rows in found)


@pytest.mark.parametrize(
    "content", [b"", b"no weights", b"\xff" * 64], ids=["empty", "text", "noise"]
)
def test_damaged_weights_are_told(folder: Path, tmp_path: Path, content: bytes) -> None:
    files = {path.name: path.read_bytes() for path in folder.iterdir()}
    own = write_files(files | {"model.safetensors": content}, tmp_path / "bert")
    with pytest.raises(ModelError, match="sentence-transformers cannot load it"):
        load_encoder(str(own))


def test_code_that_comes_with_a_model_is_not_run(folder: Path, tmp_path: Path) -> None:
    files = {path.name: path.read_bytes() for path in folder.iterdir()}
    own_code = {"AutoConfig": "own.Config", "AutoModel": "own.Model"}
    config = json.loads(files["config.json"]) | {"model_type": "own", "auto_map": own_code}
    code = f"open({str(tmp_path / 'was_run')!r}, 'w').close()"
    own = {"config.json": json.dumps(config).encode(), "own.py": code.encode()}
    with pytest.raises(ModelError, match="custom code"):
        load_encoder(str(write_files(files | own, tmp_path / "own")))
    assert not (tmp_path / "was_run").exists()


def test_a_pickle_is_not_opened_though_safetensors_lie_beside_it(
    folder: Path, tmp_path: Path
) -> None:
    import torch  # noqa: PLC0415 - heavy
    from safetensors.torch import load  # noqa: PLC0415

    files = {path.name: path.read_bytes() for path in folder.iterdir()}
    weights = files.pop("model.safetensors")
    own = write_files(files | {"other.safetensors": weights}, tmp_path / "own")
    torch.save(load(weights), own / "pytorch_model.bin")
    with pytest.raises(ModelError, match="cannot load it"):
        load_encoder(str(own))


@pytest.mark.model
def test_real_vectors_equal_those_of_sentence_transformers() -> None:
    from sentence_transformers import SentenceTransformer  # noqa: PLC0415 - heavy

    texts = ["Unpaid carers can claim an allowance.", "", "tea " * 400, "Tea"]
    plain = SentenceTransformer(str(ready("all-MiniLM-L6-v2")), device="cpu", local_files_only=True)
    encoder = load_reference("all-MiniLM-L6-v2")
    expected = plain.encode(texts, batch_size=1, normalize_embeddings=True)
    assert np.allclose(encoder.encode_passages(texts), expected, atol=1e-5)
    assert encoder.identity.max_tokens == 254
