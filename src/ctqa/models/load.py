"""Load an encoder by name."""

from pathlib import Path

from ctqa.errors import ModelError
from ctqa.models.encoder import Encoder
from ctqa.models.installed import locate
from ctqa.models.onnx_encoder import OnnxEncoder
from ctqa.models.registry import REGISTRY
from ctqa.models.torch_encoder import TorchEncoder


def load_encoder(name: str, *, folder: Path | None = None, registry: Path = REGISTRY) -> Encoder:
    """Load an encoder by registry name, by the path of its folder, or by hub id.

    Nothing is fetched: the model must be on this machine. Its files are checked against their
    sha256 first. `folder` is the one that holds the models, if not the usual one.

    Raises:
        ModelError: the model is not on this machine, is damaged, or is no encoder.

    """
    installed = locate(name, folder=folder, registry=registry)
    if installed.spec.kind != "encoder":
        raise ModelError(
            f"model {name} is a {installed.spec.kind}; expected an encoder, see `ctqa models`"
        )
    if installed.spec.runtime == "onnx":
        return OnnxEncoder.load(installed)
    return TorchEncoder.load(installed)
