"""Where models come from and how they are run."""

from ctqa.models.encoder import Encoder, EncoderIdentity, Vectors
from ctqa.models.fetch import fetch
from ctqa.models.installed import ModelState, models, models_folder, ready
from ctqa.models.load import load_encoder
from ctqa.models.registry import ModelSpec

__all__ = [
    "Encoder",
    "EncoderIdentity",
    "ModelSpec",
    "ModelState",
    "Vectors",
    "fetch",
    "load_encoder",
    "models",
    "models_folder",
    "ready",
]
