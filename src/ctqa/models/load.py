"""Load a model by name."""

from pathlib import Path

from ctqa.errors import ModelError
from ctqa.models.encoder import Encoder
from ctqa.models.installed import Installed, locate
from ctqa.models.onnx_encoder import OnnxEncoder
from ctqa.models.onnx_reranker import OnnxReranker
from ctqa.models.registry import REGISTRY, Kind
from ctqa.models.reranker import Reranker
from ctqa.models.span_reader import SpanReader
from ctqa.models.torch_encoder import TorchEncoder
from ctqa.models.torch_reranker import TorchReranker
from ctqa.models.torch_span_reader import TorchSpanReader

_A = {
    "encoder": "an encoder",
    "reranker": "a reranker",
    "span-reader": "an extractive-QA model",
}


def load_encoder(name: str, *, folder: Path | None = None, registry: Path = REGISTRY) -> Encoder:
    """Load an encoder by registry name, by the path of its folder, or by hub id.

    Nothing is fetched: the model must be on this machine. Its files are checked against their
    sha256 first. `folder` is the one that holds the models, if not the usual one.

    Raises:
        ModelError: the model is not on this machine, is damaged, or is no encoder.

    """
    installed = located(name, "encoder", folder=folder, registry=registry)
    if installed.spec.runtime == "onnx":
        return OnnxEncoder.load(installed)
    return TorchEncoder.load(installed)


def load_reranker(name: str, *, folder: Path | None = None, registry: Path = REGISTRY) -> Reranker:
    """Load a reranker by registry name, by the path of its folder, or by hub id.

    Nothing is fetched, and files are checked, as for an encoder.

    Raises:
        ModelError: the model is not on this machine, is damaged, or is no reranker.

    """
    installed = located(name, "reranker", folder=folder, registry=registry)
    if installed.spec.runtime == "onnx":
        return OnnxReranker.load(installed)
    return TorchReranker.load(installed)


def load_span_reader(
    name: str, *, folder: Path | None = None, registry: Path = REGISTRY
) -> SpanReader:
    """Load an extractive-QA model by the path of its folder, or by hub id.

    Nothing is fetched, and files are checked, as for an encoder.

    Raises:
        ModelError: the model is not on this machine, is damaged, or is no extractive-QA model.

    """
    installed = located_span_reader(name, folder=folder, registry=registry)
    return TorchSpanReader.load(installed)


def located(
    name: str, kind: Kind, *, folder: Path | None = None, registry: Path = REGISTRY
) -> Installed:
    """Find an encoder or a reranker that could be loaded.

    Raises:
        ModelError: it is not on this machine, is damaged, or is of another kind.

    """
    installed = locate(name, folder=folder, registry=registry)
    if installed.spec.kind != kind:
        raise ModelError(
            f"model {name} is {_A[installed.spec.kind]}; expected {_A[kind]}, see `ctqa models` "
            "(a folder holds a reranker if its config.json names a …ForSequenceClassification)"
        )
    return installed


def located_span_reader(
    name: str, *, folder: Path | None = None, registry: Path = REGISTRY
) -> Installed:
    """Find an extractive-QA model that could be loaded.

    Raises:
        ModelError: it is not on this machine, is damaged, or is no extractive-QA model.

    """
    installed = locate(name, folder=folder, registry=registry)
    spec = installed.spec
    if spec.kind == "reranker" or spec.runtime == "onnx":
        raise ModelError(
            f"model {name} is {_A[spec.kind]} for {spec.runtime}; expected an extractive-QA model: "
            "a folder or a hub id whose config.json names a …ForQuestionAnswering, with "
            "*.safetensors"
        )
    return installed
