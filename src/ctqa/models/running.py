"""Tell by what a model is run on this machine, without loading it."""

import mmap
from pathlib import Path

from ctqa.config import SENTENCES, SPANS
from ctqa.errors import ModelError
from ctqa.models.encoder import EncoderIdentity
from ctqa.models.folder import onnx_graph
from ctqa.models.installed import Installed
from ctqa.models.laid_out import read_laid_out
from ctqa.models.load import chosen
from ctqa.models.onnx import available_cores
from ctqa.models.registry import Kind
from ctqa.models.shipped_reader import checked_reader

_INT8_NODES = (b"MatMulInteger", b"DynamicQuantizeMatMul")


def runs_on(name: str, kind: Kind, built: EncoderIdentity | None = None) -> str:
    """Say in a few words what runs a model, and on how many threads or which GPU.

    `built` is the encoder that an index was made with. A model that is not at hand is no error:
    what is said is why.
    """
    try:
        found = chosen(name, kind, built=built)
    except ModelError as error:
        return f"nothing: {error}"
    if found.spec.runtime != "onnx":
        return _torch()
    precision = " int8" if _is_int8(found) else ""
    told = f"onnxruntime{precision}, {_threads(available_cores())}"
    if found.spec.laid_out or read_laid_out(found.spec) is not None:
        return told
    return f"{told}; after `ctqa models fetch {name}` it loads in half the time"


def reader_runs_on(reader: str, reranker: str | None) -> str:
    """Say in a few words what cuts answers out, with a reranker or without one."""
    if reader not in (SENTENCES, SPANS):
        return f"torch, {reader}"
    if reader == SENTENCES:
        return "no model of its own: sentences are shown"
    try:
        if reranker is None:
            raise ModelError("nothing is reranked, and it stands on the reranker's layers")
        found = checked_reader(chosen(reranker, "reranker").spec.weights_sha256)
    except ModelError as error:
        return f"nothing, sentences are shown: {error}"
    return f"onnxruntime, {found.name} over the lower layers of {reranker}"


def _is_int8(found: Installed) -> bool:
    """Tell whether a graph multiplies matrices of integers; the names of its nodes tell."""
    path: Path = found.folder / onnx_graph(found.spec)
    try:
        with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as graph:
            return any(graph.find(node) >= 0 for node in _INT8_NODES)
    except (OSError, ValueError):  # gone, or empty
        return False


def _torch() -> str:
    import torch  # noqa: PLC0415 - heavy, and only for a model that it runs

    from ctqa.models.torch_model import best_device  # noqa: PLC0415

    device = best_device()
    return f"torch, {_threads(torch.get_num_threads()) if device == 'cpu' else device}"


def _threads(number: int) -> str:
    return f"{number} thread{'' if number == 1 else 's'}"
