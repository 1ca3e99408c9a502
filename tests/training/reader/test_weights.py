"""The reranker's int8 weights, turned into float ones, make the same model."""

from pathlib import Path

import numpy as np
import pytest
import torch
from onnx import TensorProto, helper, numpy_helper

from ctqa.errors import ModelError
from ctqa.models.folder import onnx_graph
from ctqa.models.installed import unchecked
from ctqa.models.onnx import Graph
from ctqa.models.tokens import open_tokenizer
from training.halfway import LAYER, MODEL, tensor
from training.reader.model import Reader, Scorer, fill
from training.reader.weights import float_weights

QUESTION = "How deep is the lake?"
TEXTS = (
    "The lake is 45 metres deep and is looked after by the county's water board.",
    "Bread is baked in the village twice a week, on Tuesdays and on Fridays.",
    "Its depth was measured in 1911; nobody has looked after it since the mill closed.",
    "",
)


def test_each_matrix_gets_its_own_name_and_scale(tmp_path: Path) -> None:
    """One scale a matrix and one a column; the matrix that multiplies is turned."""
    names = ("/bert/encoder/layer.0/attention/self/query", "/bert/encoder/layer.0/output/dense")
    whole = np.array([[1, -2], [3, 4], [-128, 127]], dtype=np.int8)
    scales = (np.array(0.5, np.float32), np.array([0.5, 0.25], np.float32))
    zeros = (np.array(1, np.int8), np.array([0, -1], np.int8))
    nodes, held = [], []
    for at, name in enumerate(names):
        taken = [f"x{at}", f"m{at}_quantized", "z", f"m{at}_zero_point"]
        nodes.append(helper.make_node("MatMulInteger", taken, [f"y{at}"], f"{name}/MatMul_quant"))
        for value, part in ((whole, "quantized"), (scales[at], "scale"), (zeros[at], "zero_point")):
            held.append(numpy_helper.from_array(value, f"m{at}_{part}"))
    held.append(numpy_helper.from_array(np.ones(2, np.float32), "bert.some.LayerNorm.weight"))
    graph = helper.make_graph(nodes, "tiny", [], [], held)
    path = tmp_path / "model.onnx"
    path.write_bytes(helper.make_model(graph).SerializeToString())
    found = float_weights(path)
    assert set(found) == {
        "bert.encoder.layer.0.attention.self.query.weight",
        "bert.encoder.layer.0.output.dense.weight",
        "bert.some.LayerNorm.weight",
    }
    query = found["bert.encoder.layer.0.attention.self.query.weight"]
    assert query.tolist() == [[0, 1, -64.5], [-1.5, 1.5, 63]]
    dense = found["bert.encoder.layer.0.output.dense.weight"]
    assert dense.tolist() == [[0.5, 1.5, -64], [-0.25, 1.25, 32]]


def test_a_graph_that_is_not_quantised_is_refused(tmp_path: Path) -> None:
    floats = numpy_helper.from_array(np.ones(2, np.float32), "bert.some.LayerNorm.weight")
    path = tmp_path / "model.onnx"
    graph = helper.make_graph([], "tiny", [], [], [floats])
    path.write_bytes(helper.make_model(graph).SerializeToString())
    with pytest.raises(ModelError, match=r"expected a quantised graph of BERT's kind"):
        float_weights(path)
    value = helper.make_tensor_value_info("x", TensorProto.FLOAT, [1])
    path.write_bytes(helper.make_model(helper.make_graph([], "x", [value], [])).SerializeToString())
    with pytest.raises(ModelError, match="expected a quantised graph"):
        float_weights(path)


@pytest.mark.model
def test_the_float_model_scores_and_reads_as_the_int8_graph() -> None:
    installed = unchecked(MODEL)
    path = installed.folder / onnx_graph(installed.spec)
    weights = float_weights(path)
    reader, scorer = Reader(0).eval(), Scorer().eval()
    assert fill(reader, weights) == ["qa_outputs.bias", "qa_outputs.weight"]
    assert fill(scorer, weights) == []
    graph = Graph.open(path, tapped=[tensor(LAYER)])
    tokenizer = open_tokenizer(installed.folder / "tokenizer.json")
    for text in TEXTS:
        pair = tokenizer.encode(QUESTION, text)
        logit, halfway = graph.run_for(pair, [graph.output(rank=2), tensor(LAYER)])
        ids, types = torch.tensor([pair.ids]), torch.tensor([pair.type_ids])
        with torch.inference_mode():
            states = reader.embeddings(ids, types)
            for number, layer in reader.layer.items():
                states = layer(states)
                if int(number) == LAYER:
                    close = torch.cosine_similarity(states[0], torch.tensor(halfway), dim=1)
                    assert float(close.min()) > 0.95
            assert float(scorer(states)[0]) == pytest.approx(float(logit[0]), abs=0.4)
