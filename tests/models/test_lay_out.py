"""Models laid out for onnxruntime: the same bytes, sooner; and read halfway where that tells."""

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from onnx import TensorProto, helper, numpy_helper
from tiny_models import DIMENSION, TABLE, onnx_files, write_files
from tiny_rerankers import KNOWN, LIMIT, onnx_reranker_files
from worded_models import worded_reranker_files

from ctqa.errors import ModelError
from ctqa.models import fetch, load_encoder, load_reranker
from ctqa.models.folder import describe
from ctqa.models.graph_surgery import halves, open_model, save_model, without_mask
from ctqa.models.installed import locate
from ctqa.models.laid_out import read_laid_out
from ctqa.models.load import located
from ctqa.models.onnx import Graph
from ctqa.models.onnx_reranker import OnnxReranker
from ctqa.models.pair_graph import HalvedGraph, PairGraph, WholeGraph
from ctqa.models.probe import HalfwayProbe, Probe, Probes
from ctqa.models.reranker import Marked
from ctqa.models.tokens import open_tokenizer

TEXTS = ["care home", "tea . tea", "", "care " * 40]
REAL = "ms-marco-MiniLM-L-12-v2"
KILLED = """
import os, signal, sys, threading, time
from pathlib import Path
from ctqa.models import fetch

def kill_while_laying_out():
    while not any(Path(sys.argv[2]).glob("laid-out/.*/model/*.onnx")):
        time.sleep(0.0001)
    os.kill(os.getpid(), signal.SIGKILL)

threading.Thread(target=kill_while_laying_out, daemon=True).start()
fetch(sys.argv[1], folder=Path(sys.argv[2]))
"""


@pytest.fixture
def models(tmp_path: Path) -> Path:
    return tmp_path / "models"


@pytest.fixture
def own(tmp_path: Path) -> str:
    return str(write_files(onnx_files(), tmp_path / "own"))


def test_what_is_laid_out_gives_the_same_bytes_and_is_the_same_model(
    own: str, models: Path
) -> None:
    before = load_encoder(own, folder=models)
    fetch(own, folder=models)
    assert located(own, "encoder", folder=models).spec.laid_out
    after = load_encoder(own, folder=models)
    assert after.identity == before.identity
    assert np.array_equal(after.encode_passages(TEXTS), before.encode_passages(TEXTS))


def test_a_model_is_laid_out_once_and_says_so(own: str, models: Path) -> None:
    lines: list[str] = []
    for _ in range(2):
        fetch(own, folder=models, progress=lines.append)
    assert lines == ["own: laid out for onnxruntime"]


def test_damage_is_named_and_fetching_mends_it(own: str, models: Path) -> None:
    fetch(own, folder=models)
    laid_out = located(own, "encoder", folder=models)
    (laid_out.folder / "model.onnx").write_bytes(b"damage")
    with pytest.raises(ModelError, match=r"model\.onnx has 6 bytes.*ctqa models fetch"):
        load_encoder(own, folder=models)
    fetch(own, folder=models)
    assert load_encoder(own, folder=models).encode_passages(TEXTS).shape == (4, DIMENSION)


def test_another_onnxruntime_runs_the_model_as_it_is(
    own: str, models: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fetch(own, folder=models)
    monkeypatch.setattr(onnxruntime, "__version__", "0.1")
    assert not located(own, "encoder", folder=models).spec.laid_out
    fetch(own, folder=models)
    assert located(own, "encoder", folder=models).spec.laid_out


def test_laying_out_that_is_killed_leaves_nothing_that_is_used(own: str, models: Path) -> None:
    # The tiny model is done before it can be killed.
    whole = str(write_files(worded_reranker_files(), Path(own).parent / "bert"))
    fetch(whole, folder=models)
    shutil.rmtree(models / "laid-out")
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    killed = subprocess.run(
        [sys.executable, "-c", KILLED, whole, str(models)], env=environment, check=False
    )
    assert killed.returncode == -signal.SIGKILL
    assert not located(whole, "reranker", folder=models).spec.laid_out
    fetch(whole, folder=models)
    assert located(whole, "reranker", folder=models).spec.laid_out
    assert not list((models / "laid-out").glob(".*partial*"))


def masked_files(*, matters: bool) -> dict[str, bytes]:
    """Give an encoder whose mask does nothing where it is all ones; or adds one to every state."""
    nodes = [
        helper.make_node("Cast", ["attention_mask"], ["float"], to=TensorProto.FLOAT),
        helper.make_node("Unsqueeze", ["float", "last"], ["mask"]),
        helper.make_node("Sub", ["one", "mask"], ["hidden"]),
        helper.make_node("Gather", ["table", "input_ids"], ["rows"]),
        helper.make_node("Add", ["rows", "mask" if matters else "hidden"], ["last_hidden_state"]),
    ]
    # The sum must not be the output, which cannot be left out.
    nodes[-1].output[0] = "sum"
    nodes.append(helper.make_node("Relu", ["sum"], ["last_hidden_state"]))
    given = {"table": TABLE, "one": np.float32(1), "last": np.array([2])}
    shape = ["batch", "tokens"]
    graph = helper.make_graph(
        nodes,
        "masked",
        [
            helper.make_tensor_value_info(name, TensorProto.INT64, shape)
            for name in ("input_ids", "attention_mask")
        ],
        [
            helper.make_tensor_value_info(
                "last_hidden_state", TensorProto.FLOAT, [*shape, DIMENSION]
            )
        ],
        [numpy_helper.from_array(np.asarray(value), name) for name, value in given.items()],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    return onnx_files() | {"model.onnx": model.SerializeToString()}


@pytest.mark.parametrize("matters", [False, True])
def test_the_mask_is_left_out_only_where_that_changes_no_byte(
    tmp_path: Path, models: Path, *, matters: bool
) -> None:
    folder = write_files(masked_files(matters=matters), tmp_path / "masked")
    before = load_encoder(str(folder), folder=models).encode_passages(TEXTS)
    fetch(str(folder), folder=models)
    form = located(str(folder), "encoder", folder=models)
    inputs = [each.name for each in onnx.load(form.folder / "model.onnx").graph.input]
    assert form.spec.laid_out
    assert ("attention_mask" in inputs) is matters
    assert np.array_equal(load_encoder(str(folder), folder=models).encode_passages(TEXTS), before)


def test_a_model_that_cannot_be_laid_out_runs_as_it_is(tmp_path: Path, models: Path) -> None:
    folder = write_files(onnx_files(), tmp_path / "several")
    (folder / "model.onnx.data").write_bytes(b"weights that lie beside the graph")
    fetch(str(folder), folder=models)
    found = read_laid_out(describe(folder), models)
    assert found is not None
    assert found.refused == "its weights lie in several files"
    assert load_encoder(str(folder), folder=models).encode_passages(TEXTS).shape == (4, DIMENSION)


def test_what_is_no_graph_is_told(tmp_path: Path) -> None:
    (tmp_path / "model.onnx").write_bytes(b"no graph")
    with pytest.raises(ModelError, match="cannot be read as an ONNX graph"):
        open_model(tmp_path / "model.onnx")


# Reading halfway --------------------------------------------------------------------------------

PROBES = Probes(
    parts=Probe(tensor="products", weights=np.array([2.0], dtype=np.float32), whole=0.5, bias=1.0),
    halfway=HalfwayProbe(
        tensor="products",
        first=np.array([0.5], dtype=np.float32),
        mean=np.array([2.0], dtype=np.float32),
        bias=0.25,
    ),
)
texts = st.lists(st.sampled_from(KNOWN), max_size=30).map(" ".join)


@pytest.fixture(scope="module")
def cut(tmp_path_factory: pytest.TempPathFactory) -> tuple[OnnxReranker, OnnxReranker]:
    """The tiny reranker, its graph whole and cut in two where its probes look."""
    folder = write_files(onnx_reranker_files(), tmp_path_factory.mktemp("cut") / "tiny")
    first, rest = halves(open_model(folder / "model.onnx"), "products")
    # The probe of parts looks where the graph is cut; what is taken can be given, too.
    rest.graph.node.append(helper.make_node("Identity", ["products"], ["products again"]))
    again = helper.make_tensor_value_info("products again", TensorProto.FLOAT, None)
    rest.graph.output.append(again)
    save_model(first, folder / "first.onnx")
    save_model(rest, folder / "rest.onnx")
    whole = WholeGraph(Graph.open(folder / "model.onnx", tapped=["products"]), PROBES)
    assert PROBES.parts is not None
    halved = HalvedGraph(
        Graph.open(folder / "first.onnx"),
        Graph.open(folder / "rest.onnx", takes=["products"]),
        Probe(
            tensor="products again",
            weights=PROBES.parts.weights,
            whole=PROBES.parts.whole,
            bias=PROBES.parts.bias,
        ),
        "products",
    )
    return _reranker(folder, whole), _reranker(folder, halved)


def _reranker(folder: Path, graph: PairGraph) -> OnnxReranker:
    return OnnxReranker(describe(folder), graph, open_tokenizer(folder / "tokenizer.json"), PROBES)


@given(texts, st.lists(texts, max_size=4), st.floats(-3, 3))
def test_whole_or_in_two_parts_a_graph_tells_the_same(
    cut: tuple[OnnxReranker, OnnxReranker], question: str, read: list[str], least: float
) -> None:
    marked = [Marked(text=text, parts=((0, len(text) // 2),)) for text in read]
    whole, halved = (
        reranker.readings(question, marked, least=[least] * len(marked)) for reranker in cut
    )
    assert whole == halved


@given(texts, st.lists(texts, min_size=1, max_size=4), st.floats(-3, 3))
@settings(max_examples=200)
def test_what_promises_too_little_is_not_read_to_its_end(
    cut: tuple[OnnxReranker, OnnxReranker], question: str, read: Sequence[str], least: float
) -> None:
    reranker = cut[1]
    marked = [Marked(text=text) for text in read]
    to_the_end = reranker.readings(question, marked)
    for known, found in zip(
        to_the_end, reranker.readings(question, marked, least=[least] * len(marked)), strict=True
    ):
        assert known.whole
        assert known.expected is not None
        assert found.whole is (known.expected >= least)
        assert found.expected == known.expected
        assert found.score == (known.score if found.whole else known.expected)


def test_what_is_expected_is_worked_out_by_hand(cut: tuple[OnnxReranker, OnnxReranker]) -> None:
    states = np.array([[1.0], [2.0], [6.0]], dtype=np.float32)
    assert PROBES.halfway is not None
    assert PROBES.halfway.estimate(states) == pytest.approx(0.5 * 1 + 2 * 3 + 0.25)
    long = " ".join(KNOWN * LIMIT)  # several windows: the best counts
    _, windows = cut[0]._reader.windows("tea", [long])
    apart = [
        cut[0].readings("tea", [Marked(text=window.text)])[0].expected or 0 for window in windows
    ]
    assert len(windows) > 1
    assert cut[0].readings("tea", [Marked(text=long)])[0].expected == max(apart)


def test_a_graph_is_not_cut_where_more_than_one_value_goes_on(tmp_path: Path) -> None:
    folder = write_files(onnx_reranker_files(), tmp_path / "tiny")
    first, rest = halves(open_model(folder / "model.onnx"), "rows")  # the weights go on, too
    save_model(rest, folder / "rest.onnx")
    with pytest.raises(ModelError, match="cannot be loaded"):
        Graph.open(folder / "rest.onnx", takes=["rows"])
    with pytest.raises(ModelError, match="has no value nowhere"):
        halves(first, "nowhere")


def test_a_mask_that_nothing_asks_for_is_only_an_input_less(tmp_path: Path) -> None:
    model = open_model(write_files(onnx_reranker_files(), tmp_path / "tiny") / "model.onnx")
    nodes = len(model.graph.node)
    without_mask(model)
    assert len(model.graph.node) == nodes
    assert [each.name for each in model.graph.input] == ["input_ids", "token_type_ids"]


@pytest.mark.model
def test_the_real_reranker_is_read_in_two_parts_and_tells_the_same() -> None:
    whole = OnnxReranker.load(locate(REAL))
    form = located(REAL, "reranker")
    assert {file.name for file in form.spec.files} == {"first.onnx", "rest.onnx", "tokenizer.json"}
    halved = load_reranker(REAL)
    assert halved.identity.sha256 == whole.identity.sha256
    question = "How many people live in Berlin?"
    marked = [
        Marked(text="Berlin has 3.6 million inhabitants. It is a city.", parts=((0, 35), (36, 49))),
        Marked(text="The tea is served at five.", parts=((0, 26),)),
        Marked(text="Cakes are served in the afternoon. " * 60, parts=((0, 34),)),
    ]
    for least in (None, [0.0] * 3):
        found = halved.readings(question, marked, least=least)
        assert found == whole.readings(question, marked, least=least)
    assert [reading.whole for reading in found] == [True, False, False]
