"""Where models come from and how they are run."""

from ctqa.models.behind import Behind
from ctqa.models.encoder import Encoder, EncoderIdentity, Vectors
from ctqa.models.fetch import fetch
from ctqa.models.installed import ModelState, models, models_folder, ready
from ctqa.models.load import load_encoder, load_reranker, load_span_reader
from ctqa.models.registry import ModelSpec
from ctqa.models.reranker import Reranker, RerankerIdentity, Scores
from ctqa.models.span_reader import Span, SpanReader, SpanReaderIdentity, TextSpans

__all__ = [
    "Behind",
    "Encoder",
    "EncoderIdentity",
    "ModelSpec",
    "ModelState",
    "Reranker",
    "RerankerIdentity",
    "Scores",
    "Span",
    "SpanReader",
    "SpanReaderIdentity",
    "TextSpans",
    "Vectors",
    "fetch",
    "load_encoder",
    "load_reranker",
    "load_span_reader",
    "models",
    "models_folder",
    "ready",
]
