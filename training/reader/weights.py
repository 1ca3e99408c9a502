"""Turn the int8 weights of a reranker's ONNX graph back into float ones, under BERT's own names.

The graph holds a matrix as integers with one scale and one zero point, or with one of each a
column; which matrix is whose is told by the node that multiplies by it.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ctqa.errors import ModelError
from ctqa.models.graph_surgery import open_model

if TYPE_CHECKING:
    from onnx import ModelProto

Floats = NDArray[np.float32]
_NODE = re.compile(r"/(?P<path>.+)/(?:MatMul|Gemm_MatMul)_quant$")
_QUANTISED = "_quantized"


def float_weights(path: Path) -> dict[str, Floats]:
    """Give a graph's weights by name; what multiplies is (outputs, inputs), as torch has it.

    Raises:
        ModelError: the file holds no graph, or none of that kind.

    """
    model = open_model(path)
    held = _initializers(model)
    found: dict[str, Floats] = {
        name: value
        for name, value in held.items()
        if value.dtype == np.float32 and name.endswith((".weight", ".bias"))
    }
    found |= {
        name.removesuffix(_QUANTISED): _float(held, name)
        for name in held
        if name.endswith(f"embeddings.weight{_QUANTISED}")
    }
    found |= {name: _float(held, matrix).T for name, matrix in _multiplied(model)}
    if not any(".layer.0." in name and name.endswith("query.weight") for name in found):
        raise ModelError(f"{path}: expected a quantised graph of BERT's kind")
    return found


def _initializers(model: "ModelProto") -> dict[str, NDArray[Any]]:
    from onnx import numpy_helper  # noqa: PLC0415 - heavy

    return {each.name: numpy_helper.to_array(each) for each in model.graph.initializer}


def _multiplied(model: "ModelProto") -> Iterator[tuple[str, str]]:
    """Give, for each multiplication by weights, their name in BERT and in the graph."""
    for node in model.graph.node:
        named = _NODE.match(node.name)
        if node.op_type == "MatMulInteger" and named is not None:
            yield f"{named['path'].replace('/', '.')}.weight", node.input[1]


def _float(held: dict[str, NDArray[Any]], name: str) -> Floats:
    stem = name.removesuffix(_QUANTISED)
    whole = held[name].astype(np.float32) - held[f"{stem}_zero_point"].astype(np.float32)
    found: Floats = (whole * held[f"{stem}_scale"]).astype(np.float32)
    return found
