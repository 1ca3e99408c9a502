"""The frozen layers in torch give what the product's give in int8."""

import numpy as np
import pytest
import torch
from onnx import TensorProto, helper
from onnxruntime import InferenceSession
from reader_items import TINY

from training.reader.below import Below, rounded
from training.reader.model import Layer


def quantised(values: np.ndarray) -> np.ndarray:
    """Round as onnxruntime does."""
    names = ["whole", "scale", "zero"]
    nodes = [
        helper.make_node("DynamicQuantizeLinear", ["x"], names),
        helper.make_node("DequantizeLinear", names, ["y"]),
    ]
    shape = list(values.shape)
    graph = helper.make_graph(
        nodes,
        "rounding",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, shape)],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, shape)],
    )
    opset = [helper.make_opsetid("", 17)]
    model = helper.make_model(graph, opset_imports=opset, ir_version=9)
    session = InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    found: np.ndarray = session.run(None, {"x": values})[0]
    return found


@pytest.mark.parametrize("shift", [0.0, 4.0, -4.0])
def test_each_sequence_is_rounded_as_onnxruntime_rounds_it(shift: float) -> None:
    values = torch.randn(3, 7, 5, generator=torch.Generator().manual_seed(1)) + shift
    mask = torch.ones(3, 7, dtype=torch.bool)
    mask[1, 4:] = False
    values[1, 4:] = 1000.0
    found = rounded(values, mask)
    for row, length in enumerate((7, 4, 7)):
        wanted = quantised(values[row, :length].numpy())
        assert np.allclose(found[row, :length].numpy(), wanted, atol=1e-5)


def test_zeros_stay_zeros() -> None:
    found = rounded(torch.zeros(1, 2, 3), torch.ones(1, 2, dtype=torch.bool))
    assert torch.equal(found, torch.zeros(1, 2, 3))


def test_every_matrix_of_every_frozen_layer_takes_rounded_numbers(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    torch.manual_seed(3)
    below = Below(2, TINY)
    ids = torch.randint(5, TINY.words, (2, 6))
    types, mask = torch.zeros_like(ids), torch.ones_like(ids, dtype=torch.bool)
    mask[1, 4:] = False
    found = below(ids, types, mask)
    alone = below(ids[1:, :4], types[1:, :4], mask[1:, :4])
    assert torch.allclose(found[1, :4], alone[0], atol=1e-5)  # whatever it is padded to
    states, count = below.embeddings(ids, types), 0

    def counted(values: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        nonlocal count
        count += 1
        return values

    monkeypatch.setattr("training.reader.below.rounded", counted)
    plain = below(ids, types, mask)
    assert count == 2 * 6  # query, key, value, what they meet in, wide, narrow
    for number in range(2):
        layer = Layer(TINY).eval()
        layer.load_state_dict(below.layer[str(number)].state_dict())
        states = layer(states, mask[:, None, None, :])
    assert torch.allclose(plain[mask], states[mask], atol=1e-5)
    assert not torch.allclose(found[mask], plain[mask], atol=1e-5)
