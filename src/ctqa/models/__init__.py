"""Where models come from and how they are run."""

from ctqa.models.encoder import Encoder, EncoderIdentity, Vectors
from ctqa.models.fetch import fetch
from ctqa.models.installed import ModelState, models, models_folder, ready
from ctqa.models.load import load_encoder, load_reranker
from ctqa.models.registry import ModelSpec
from ctqa.models.reranker import Reranker, RerankerIdentity, Scores

__all__ = [
    "Encoder",
    "EncoderIdentity",
    "ModelSpec",
    "ModelState",
    "Reranker",
    "RerankerIdentity",
    "Scores",
    "Vectors",
    "fetch",
    "load_encoder",
    "load_reranker",
    "models",
    "models_folder",
    "ready",
]
