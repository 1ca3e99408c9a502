"""Load a model by name."""

from pathlib import Path

from ctqa.errors import ModelError
from ctqa.models.encoder import Encoder, EncoderIdentity
from ctqa.models.installed import Installed, checked, locate, unchecked
from ctqa.models.laid_out import as_laid_out
from ctqa.models.onnx_encoder import OnnxEncoder
from ctqa.models.onnx_reranker import OnnxReranker
from ctqa.models.prepared import can_be_prepared, prepared_form, prepared_sha256, read_prepared
from ctqa.models.registry import REGISTRY, Kind, ModelSpec, find
from ctqa.models.reranker import Reranker
from ctqa.models.span_reader import SpanReader

_A = {
    "encoder": "an encoder",
    "reranker": "a reranker",
    "span-reader": "an extractive-QA model",
}


def load_encoder(
    name: str,
    *,
    built: EncoderIdentity | None = None,
    folder: Path | None = None,
    registry: Path = REGISTRY,
) -> Encoder:
    """Load an encoder by registry name, by the path of its folder, or by hub id.

    A model that was prepared runs in that form, unless `built`, the encoder that an index was made
    with, is the model as it is; or, without `built`, torch sees a GPU. Nothing is fetched: the
    model must be on this machine. Its files are checked against their sha256 first. `folder` is
    the one that holds the models, if not the usual one.

    Raises:
        ModelError: the model is not on this machine, is damaged, or is no encoder; or `built` is
            its prepared form, and that is not on this machine.

    """
    installed = located(name, "encoder", built=built, folder=folder, registry=registry)
    return _encoder(installed)


def load_reference(name: str, *, folder: Path | None = None, registry: Path = REGISTRY) -> Encoder:
    """Load an encoder as it is, though it was prepared: what a prepared form is held against.

    Raises:
        ModelError: the model is not on this machine, is damaged, or is no encoder.

    """
    installed = locate(name, folder=folder, registry=registry)
    _refuse_other_kind(name, installed.spec, "encoder")
    return _encoder(installed)


def _encoder(installed: Installed) -> Encoder:
    if installed.spec.runtime == "onnx":
        return OnnxEncoder.load(installed)
    from ctqa.models.torch_encoder import TorchEncoder  # noqa: PLC0415

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
    from ctqa.models.torch_reranker import TorchReranker  # noqa: PLC0415

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
    from ctqa.models.torch_span_reader import TorchSpanReader  # noqa: PLC0415

    return TorchSpanReader.load(installed)


def is_apart(
    name: str,
    *,
    built: EncoderIdentity | None = None,
    folder: Path | None = None,
    registry: Path = REGISTRY,
) -> bool:
    """Tell whether a model is run by libraries that can be imported beside any others.

    Those of torch share modules that import each other in circles: another thread that imports
    one of them may see it half made.
    """
    spec = find(name, registry)
    if spec is None:
        return False
    return spec.runtime == "onnx" or form_to_run(spec, built=built, folder=folder) is not None


def located(
    name: str,
    kind: Kind,
    *,
    built: EncoderIdentity | None = None,
    folder: Path | None = None,
    registry: Path = REGISTRY,
) -> Installed:
    """Find an encoder or a reranker that could be loaded, in the form that it is to run in.

    Raises:
        ModelError: it is not on this machine, is damaged, or is of another kind; or `built` is
            its prepared form, and that is not on this machine.

    """
    return checked(chosen(name, kind, built=built, folder=folder, registry=registry), name)


def chosen(
    name: str,
    kind: Kind,
    *,
    built: EncoderIdentity | None = None,
    folder: Path | None = None,
    registry: Path = REGISTRY,
) -> Installed:
    """Find a model as `located` does, and take its files to be what they should be."""
    found = unchecked(name, folder=folder, registry=registry)
    _refuse_other_kind(name, found.spec, kind)
    form = form_to_run(found.spec, built=built, folder=folder)
    if form is None and _is_prepared(built, found.spec):
        raise ModelError(_why_not_prepared(name, found.spec, folder))
    runs = found if form is None else form
    return as_laid_out(runs, folder) if runs.spec.runtime == "onnx" else runs


def form_to_run(
    spec: ModelSpec, *, built: EncoderIdentity | None = None, folder: Path | None = None
) -> Installed | None:
    """Give the prepared form of a model; None where there is none, or the model runs as it is."""
    form = prepared_form(spec, folder)
    if form is None or _is_prepared(built, spec):
        return form
    if built is not None:
        return None if built.sha256 == spec.weights_sha256 else form
    from ctqa.models.torch_model import sees_gpu  # noqa: PLC0415

    return None if spec.kind == "encoder" and sees_gpu() else form


def _is_prepared(built: EncoderIdentity | None, spec: ModelSpec) -> bool:
    """Tell whether an index was made with the prepared form of a model."""
    return can_be_prepared(spec) and built is not None and built.sha256 == prepared_sha256(spec)


def _why_not_prepared(name: str, spec: ModelSpec, folder: Path | None) -> str:
    found = read_prepared(spec, folder)
    if found is not None and found.refused:
        return (
            f"model {name} could not be prepared on this machine ({found.refused}), and the index "
            f"was encoded by its prepared form: `ctqa build --encoder {name}` encodes it anew"
        )
    return (
        f"model {name} is on this machine, but not in the prepared form that encoded the index: "
        f"run `ctqa models fetch {name}`"
    )


def _refuse_other_kind(name: str, spec: ModelSpec, kind: Kind) -> None:
    if spec.kind != kind:
        raise ModelError(
            f"model {name} is {_A[spec.kind]}; expected {_A[kind]}, see `ctqa models` "
            "(a folder holds a reranker if its config.json names a …ForSequenceClassification)"
        )


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
