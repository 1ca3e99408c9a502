"""A span reader small enough to be made in a test, over the tiny reranker's own values."""

import json
from dataclasses import asdict
from pathlib import Path

import numpy as np
from onnx import TensorProto, helper, numpy_helper
from tiny_models import write_files
from tiny_rerankers import onnx_reranker_files

from ctqa.models.folder import describe, hash_file
from ctqa.models.onnx import Graph
from ctqa.models.onnx_reranker import OnnxReranker
from ctqa.models.pair_graph import WholeGraph
from ctqa.models.probe import Probes
from ctqa.models.shipped_reader import ENTRY, GRAPH, ShippedReader
from ctqa.models.tokens import open_tokenizer

TENSOR = "products"  # of the tiny reranker: a number a token
SIDES = np.array([[2.0, -1.0]], dtype=np.float32)  # what it weighs as a start, as an end


def reader_graph() -> bytes:
    """A graph whose start and end logits are a token's number, weighed."""
    node = helper.make_node("MatMul", ["states", "sides"], ["logits"])
    states = helper.make_tensor_value_info("states", TensorProto.FLOAT, [1, "tokens", 1])
    logits = helper.make_tensor_value_info("logits", TensorProto.FLOAT, [1, "tokens", 2])
    sides = numpy_helper.from_array(SIDES, "sides")
    graph = helper.make_graph([node], "reader", [states], [logits], [sides])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    content: bytes = model.SerializeToString()
    return content


def tiny_reranker(folder: Path, *, shared: str | None = TENSOR) -> OnnxReranker:
    """The tiny reranker, with a value that a reader stands on, or without one."""
    spec = describe(write_files(onnx_reranker_files(), folder))
    graph = Graph.open(folder / "model.onnx", tapped=[TENSOR])
    probes = Probes(shared=shared)
    return OnnxReranker(
        spec, WholeGraph(graph, probes), open_tokenizer(folder / "tokenizer.json"), probes
    )


def write_reader(
    folder: Path, reranker_sha256: str, graph: bytes | None = None, tensor: str = TENSOR
) -> Path:
    """Write a reader's files into a folder, as training.reader.ship does."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / GRAPH).write_bytes(reader_graph() if graph is None else graph)
    file = hash_file(folder, GRAPH)
    entry = ShippedReader(
        name="tiny",
        licence="MIT",
        sha256=file.sha256,
        bytes=file.bytes,
        reranker="tiny",
        reranker_sha256=reranker_sha256,
        tensor=tensor,
    )
    (folder / ENTRY).write_text(json.dumps(asdict(entry)), encoding="utf-8")
    return folder
