"""Load a reranker by name."""

from pathlib import Path

from ctqa.errors import ModelError
from ctqa.models.installed import locate
from ctqa.models.onnx_reranker import OnnxReranker
from ctqa.models.registry import REGISTRY
from ctqa.models.reranker import Reranker
from ctqa.models.torch_reranker import TorchReranker


def load_reranker(name: str, *, folder: Path | None = None, registry: Path = REGISTRY) -> Reranker:
    """Load a reranker by registry name, by the path of its folder, or by hub id.

    Nothing is fetched: the model must be on this machine. Its files are checked against their
    sha256 first. `folder` is the one that holds the models, if not the usual one.

    Raises:
        ModelError: the model is not on this machine, is damaged, or is no reranker.

    """
    installed = locate(name, folder=folder, registry=registry)
    if installed.spec.kind != "reranker":
        raise ModelError(
            f"model {name} is an {installed.spec.kind}; expected a reranker, see `ctqa models` "
            "(a folder holds one if its config.json names a …ForSequenceClassification)"
        )
    if installed.spec.runtime == "onnx":
        return OnnxReranker.load(installed)
    return TorchReranker.load(installed)
