"""Change ONNX graphs: leave out the attention mask, cut one in two."""

from pathlib import Path
from typing import TYPE_CHECKING

from ctqa.errors import ModelError

if TYPE_CHECKING:
    from onnx import ModelProto, NodeProto

MASK = "attention_mask"


def open_model(path: Path) -> "ModelProto":
    """Read a graph with its weights.

    Raises:
        ModelError: the file holds no graph.

    """
    import onnx  # noqa: PLC0415 - heavy
    from google.protobuf.message import DecodeError  # type: ignore[import-untyped] # noqa: PLC0415

    try:
        return onnx.load(path)
    except (OSError, DecodeError) as exc:
        raise ModelError(f"{path}: cannot be read as an ONNX graph ({exc})") from exc


def save_model(model: "ModelProto", path: Path) -> None:
    """Write a graph with its weights, in one file."""
    path.write_bytes(model.SerializeToString())


def without_mask(model: "ModelProto") -> None:
    """Leave out what is made of the mask, and each addition of it to something else.

    All ones, it adds nothing to the scores of attention. Where it serves for anything else, the
    graph then gives other numbers, or cannot be loaded.
    """
    graph = model.graph
    given = {weights.name for weights in graph.initializer}
    masked = {MASK}
    instead: dict[str, str] = {}  # what a sum stands for that is left out
    kept: list[NodeProto] = []
    for node in graph.node:
        _rename(node, instead)
        others = [name for name in node.input if name and name not in masked | given]
        if not masked.intersection(node.input):
            kept.append(node)
        elif node.op_type == "Add" and others:
            instead[node.output[0]] = others[0]
        else:
            masked.update(node.output)
    inputs = [each for each in graph.input if each.name != MASK]
    for field, values in ((graph.node, kept), (graph.input, inputs)):
        del field[:]
        field.extend(values)


def _rename(node: "NodeProto", instead: dict[str, str]) -> None:
    for at, name in enumerate(node.input):
        node.input[at] = instead.get(name, name)


def halves(model: "ModelProto", tensor: str) -> tuple["ModelProto", "ModelProto"]:
    """Cut a graph at a value: one gives it, the other takes it and gives the graph's outputs.

    Where what comes after rests on more than that value, the other cannot be loaded.

    Raises:
        ModelError: the graph has no such value.

    """
    from onnx import TensorProto, helper  # noqa: PLC0415 - heavy
    from onnx.utils import Extractor  # noqa: PLC0415

    if not any(tensor in node.output for node in model.graph.node):
        raise ModelError(f"the graph has no value {tensor}, at which it is to be cut")
    shape = ["sequences", "tokens", "dimension"]
    model.graph.value_info.append(helper.make_tensor_value_info(tensor, TensorProto.FLOAT, shape))
    extractor = Extractor(model)
    takes = [each.name for each in model.graph.input]
    gives = [each.name for each in model.graph.output]
    return extractor.extract_model(takes, [tensor]), extractor.extract_model([tensor], gives)
