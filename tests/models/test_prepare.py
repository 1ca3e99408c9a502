"""Models of sentence-transformers, exported, quantised and held against themselves when fetched."""

import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from encoders import WordEncoder
from rerankers import WordReranker
from tiny_models import onnx_files, write_files
from worded_models import worded_encoder_files, worded_reranker_files

import ctqa
from ctqa import api
from ctqa.errors import ModelError
from ctqa.index.doctor import diagnose
from ctqa.index.rows import Build
from ctqa.models import (
    Behind,
    Scores,
    Vectors,
    fetch,
    load_encoder,
    load_reference,
    load_reranker,
    prepared,
    runs_on,
)
from ctqa.models.folder import describe
from ctqa.models.prepare_check import compare_encoders, compare_rerankers, read_pairs
from ctqa.models.prepared import (
    prepared_form,
    prepared_home,
    prepared_sha256,
    read_prepared,
    told,
)

TEXTS = [pair.passage for pair in read_pairs()[:6]]
# Fetches, and is killed as soon as the graph that is to be quantised lies there.
KILLED = """
import os, signal, sys, threading, time
from pathlib import Path
from ctqa.models import fetch

def kill_while_exporting():
    while not any(Path(sys.argv[2]).glob("prepared/.*/float32.onnx")):
        time.sleep(0.001)
    os.kill(os.getpid(), signal.SIGKILL)

threading.Thread(target=kill_while_exporting, daemon=True).start()
fetch(sys.argv[1], folder=Path(sys.argv[2]))
"""
ANSWERS = """
import sys
from pathlib import Path
from ctqa.models import load_encoder, load_reranker
encoder, reranker, models = sys.argv[1:]
load_encoder(encoder, folder=Path(models)).encode_queries(["How deep is the lake?"])
load_reranker(reranker, folder=Path(models)).score("How deep is the lake?", ["It is deep."])
print(*{"torch", "transformers", "sentence_transformers", "onnx"} & set(sys.modules))
"""


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("models")


@pytest.fixture(scope="module")
def unprepared(tmp_path_factory: pytest.TempPathFactory) -> str:
    return str(write_files(worded_encoder_files(), tmp_path_factory.mktemp("own") / "bert"))


@pytest.fixture(scope="module")
def encoder(models: Path, unprepared: str) -> str:
    """An encoder's folder; what was prepared of it lies in `models`."""
    fetch(unprepared, folder=models)
    return unprepared


@pytest.fixture(scope="module")
def reranker(models: Path, tmp_path_factory: pytest.TempPathFactory) -> str:
    folder = write_files(worded_reranker_files(), tmp_path_factory.mktemp("own") / "cross")
    return str(fetch(str(folder), folder=models))


def test_a_prepared_encoder_gives_nearly_the_models_own_vectors(models: Path, encoder: str) -> None:
    own, reference = load_encoder(encoder, folder=models), load_reference(encoder)
    assert type(own).__name__ == "OnnxEncoder"
    for verb in ("encode_passages", "encode_queries"):
        cosines = (getattr(own, verb)(TEXTS) * getattr(reference, verb)(TEXTS)).sum(axis=1)
        assert cosines.min() > 0.98
    assert own.token_ends(TEXTS) == reference.token_ends(TEXTS)


def test_a_text_is_encoded_alike_whatever_is_beside_it(models: Path, encoder: str) -> None:
    own = load_encoder(encoder, folder=models)
    together = own.encode_passages([*TEXTS, "Tea", " ".join(TEXTS), ""])
    assert np.array_equal(own.encode_passages(TEXTS[2:3])[0], together[2])
    assert np.isfinite(together).all()


def test_a_prepared_reranker_orders_as_the_model_does(
    models: Path, reranker: str, tmp_path: Path
) -> None:
    own = load_reranker(reranker, folder=models)
    reference = load_reranker(reranker, folder=tmp_path)
    assert (type(own).__name__, type(reference).__name__) == ("OnnxReranker", "TorchReranker")
    scores = [each.score(read_pairs()[0].question, TEXTS) for each in (own, reference)]
    assert np.allclose(*scores, atol=0.3)
    assert own.identity.sha256 != reference.identity.sha256
    assert own.identity.max_tokens == reference.identity.max_tokens


def test_a_prepared_encoder_is_another_encoder_than_the_model_itself(
    models: Path, encoder: str
) -> None:
    own, reference = load_encoder(encoder, folder=models).identity, load_reference(encoder).identity
    assert own.sha256 == prepared_sha256(describe(Path(encoder))) != reference.sha256
    assert (own.name, own.max_tokens) == (reference.name, reference.max_tokens)
    assert (own.query_prefix, own.pooling) == ("about: ", "mean")
    assert own.key != reference.key


def test_the_identity_rests_on_the_weights_and_the_recipe_alone(
    models: Path, encoder: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    spec = describe(Path(encoder))
    form = prepared_form(spec, models)
    assert form is not None
    graph = form.folder / "model.onnx"
    assert graph.name in {file.name for file in form.spec.files}
    assert form.spec.weights_sha256 == prepared_sha256(spec)  # not that of the graph's file
    monkeypatch.setattr(prepared, "RECIPE", prepared.RECIPE + 1)
    assert prepared_sha256(spec) != form.spec.weights_sha256
    assert read_prepared(spec, models) is None  # made by another recipe


def test_an_encoder_is_loaded_in_the_form_that_an_index_was_made_with(
    models: Path, encoder: str
) -> None:
    for built in (load_reference(encoder).identity, load_encoder(encoder, folder=models).identity):
        assert load_encoder(encoder, built=built, folder=models).identity == built


def test_a_form_that_is_not_here_is_told_with_what_makes_it(
    models: Path, encoder: str, tmp_path: Path
) -> None:
    built = load_encoder(encoder, folder=models).identity
    with pytest.raises(ModelError, match=rf"prepared form .* `ctqa models fetch {encoder}`"):
        load_encoder(encoder, built=built, folder=tmp_path)


def test_an_index_goes_on_with_the_form_that_made_it(
    models: Path, encoder: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    index, config = tmp_path / "index", ctqa.IndexConfig(encoder=encoder, passage_tokens=60)
    documents = tmp_path / "documents"
    write_files({"a.txt": TEXTS[0].encode()}, documents)
    monkeypatch.setenv("CTQA_MODELS", str(tmp_path / "no-models"))
    ctqa.build([documents], index, config=config)
    reference = load_reference(encoder).identity
    monkeypatch.setenv("CTQA_MODELS", str(models))  # where it is prepared
    write_files({"b.txt": TEXTS[3].encode()}, documents)
    again = ctqa.build(index=index)
    assert (again.build, again.encoded, again.reused) == (2, 1, 1)
    assert last_build(index).encoder == reference
    assert asked(index, TEXTS[3]) == TEXTS[3]
    assert diagnose(index) == ()
    anew = ctqa.build(index=index, new_encoder=True)
    assert anew.encoded == 2
    assert last_build(index).encoder == load_encoder(encoder).identity != reference
    assert asked(index, TEXTS[3]) == TEXTS[3]
    monkeypatch.setenv("CTQA_MODELS", str(tmp_path / "no-models"))
    with pytest.raises(ModelError, match="not in the prepared form that encoded the index"):
        asked(index, TEXTS[3])


def last_build(index: Path) -> Build:
    found = api.last_build(index)
    assert found is not None
    return found


def asked(index: Path, question: str) -> str:
    qa = ctqa.load(index, config=ctqa.SearchConfig(rerank=0))
    try:
        return qa.search(question)[0].passage.text
    finally:
        qa.close()


def test_what_is_promised_is_the_form_that_made_the_index(
    models: Path, encoder: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CTQA_MODELS", str(models))
    own, reference = load_encoder(encoder).identity, load_reference(encoder).identity
    for built, is_apart in ((own, True), (reference, False)):
        behind = Behind()
        checks: list[object] = []
        promised = behind.encoder(encoder, built, checks.append)
        assert (promised.identity, behind.is_apart) == (built, is_apart)
        promised.encode_queries(["tea"])
        assert checks == [built]


def test_a_prepared_model_answers_without_torch(models: Path, encoder: str, reranker: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", ANSWERS, encoder, reranker, str(models)],
        env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == ""


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="nothing is killed like that there")
def test_a_preparation_that_is_killed_leaves_nothing_that_is_used(
    unprepared: str, tmp_path: Path
) -> None:
    done = subprocess.run(
        [sys.executable, "-c", KILLED, unprepared, str(tmp_path)],
        env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True,
        check=False,
        timeout=300,
    )
    assert done.returncode == -signal.SIGKILL
    assert prepared_form(describe(Path(unprepared)), tmp_path) is None
    assert type(load_encoder(unprepared, folder=tmp_path)).__name__ == "TorchEncoder"
    fetch(unprepared, folder=tmp_path)
    assert prepared_form(describe(Path(unprepared)), tmp_path) is not None
    assert not list(tmp_path.glob("prepared/.*partial*"))


def test_what_is_prepared_is_not_prepared_again(models: Path, encoder: str) -> None:
    lines: list[str] = []
    fetch(encoder, folder=models, progress=lines.append)
    assert lines == []


def test_a_damaged_graph_is_told_and_made_anew(models: Path, encoder: str, tmp_path: Path) -> None:
    shutil.copytree(models / "prepared", tmp_path / "prepared")
    graph = prepared_home(describe(Path(encoder)), tmp_path) / "model.onnx"
    data = bytearray(graph.read_bytes())
    data[len(data) // 2] ^= 1
    graph.write_bytes(data)
    with pytest.raises(ModelError, match=r"model\.onnx has sha256 .*`ctqa models fetch "):
        load_encoder(encoder, folder=tmp_path)
    fetch(encoder, folder=tmp_path)
    assert graph.read_bytes() != bytes(data)
    assert load_encoder(encoder, folder=tmp_path).encode_queries(["tea"]).shape == (1, 64)


def test_other_settings_beside_the_same_weights_are_another_model(
    models: Path, encoder: str, tmp_path: Path
) -> None:
    shutil.copytree(encoder, tmp_path / "bert")
    settings = tmp_path / "bert" / "1_Pooling" / "config.json"
    settings.write_text(settings.read_text().replace("false", "true").replace("mean", "cls", 1))
    assert prepared_form(describe(tmp_path / "bert"), models) is None


def test_what_cannot_be_exported_stays_on_torch_and_says_why(tmp_path: Path) -> None:
    files = worded_encoder_files({"pooling_mode_max_tokens": True})
    folder = str(write_files(files, tmp_path / "bert"))
    lines: list[str] = []
    fetch(folder, folder=tmp_path / "models", progress=lines.append)
    assert lines[-1] == "bert: runs on torch: it pools by max, not by cls or mean of all tokens"
    assert type(load_encoder(folder, folder=tmp_path / "models")).__name__ == "TorchEncoder"
    fetch(folder, folder=tmp_path / "models", progress=lines.append)
    assert len(lines) == 2  # it is not tried again


def test_what_came_of_it_is_told(models: Path, encoder: str, tmp_path: Path) -> None:
    spec = describe(Path(encoder))
    assert "runs on onnxruntime, in int8: finds " in told(spec, models)
    assert told(spec, tmp_path) == "runs on torch until `ctqa models fetch bert` has prepared it"
    onnx = describe(write_files(onnx_files(), tmp_path / "tiny"))
    assert told(onnx, tmp_path) == ""


def test_what_a_model_runs_on_is_told(
    models: Path, encoder: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CTQA_MODELS", str(models))
    assert runs_on(encoder, "encoder").startswith("onnxruntime int8, ")
    assert runs_on(encoder, "encoder", load_reference(encoder).identity).startswith("torch, ")
    plain = str(write_files(onnx_files(), tmp_path / "tiny"))
    assert runs_on(plain, "encoder").startswith("onnxruntime, ")
    assert f"after `ctqa models fetch {plain}` it loads" in runs_on(plain, "encoder")
    fetch(plain)
    assert "ctqa models fetch" not in runs_on(plain, "encoder")
    assert "no model is named 'nobody'" in runs_on("nobody", "encoder")


class Mixed(WordEncoder):
    """An encoder whose passages are, in part, another text's."""

    def __init__(self, share: float) -> None:
        super().__init__()
        self._share = share

    def encode_passages(self, texts: list[str]) -> Vectors:  # type: ignore[override]
        rows = super().encode_passages(texts)
        rows = rows + self._share * np.roll(rows, 1, axis=0)
        mixed: Vectors = rows / np.linalg.norm(rows, axis=1, keepdims=True)
        return mixed


def test_an_encoder_that_differs_too_much_is_refused() -> None:
    same = compare_encoders(WordEncoder(), WordEncoder())
    assert same["cosine_least"] == pytest.approx(1, abs=1e-6)
    assert same["r_at_1"] == same["r_at_1_as_it_is"] > 0.1
    assert compare_encoders(WordEncoder(), Mixed(0.1))["cosine_mean"] < 1
    with pytest.raises(ModelError, match=r"cosine_mean is 0\.\d+, below 0\.98"):
        compare_encoders(WordEncoder(), Mixed(0.5))


class Turned(WordReranker):
    """A reranker that likes best what another likes least."""

    def score(self, question: str, texts: list[str]) -> Scores:  # type: ignore[override]
        return -super().score(question, texts)


def test_a_reranker_that_orders_otherwise_is_refused() -> None:
    same = compare_rerankers(WordReranker(), WordReranker())
    assert same["rank_correlation"] == pytest.approx(1)
    with pytest.raises(ModelError, match="prepared, it finds"):
        compare_rerankers(WordReranker(), Turned())


def test_the_questions_are_close_enough_to_tell_encoders_apart() -> None:
    pairs = read_pairs()
    assert len({pair.question for pair in pairs}) == len({pair.passage for pair in pairs}) == 48
    topics = [pair.topic for pair in pairs]
    assert {topics.count(topic) for topic in topics} == {6}
