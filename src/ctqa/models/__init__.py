"""Where models come from and how they are run."""

from ctqa.models.behind import Behind, begin
from ctqa.models.encoder import Encoder, EncoderIdentity, Vectors
from ctqa.models.fetch import fetch
from ctqa.models.installed import models_folder, ready
from ctqa.models.listed import ModelState, models
from ctqa.models.load import is_apart, load_encoder, load_reference, load_reranker, load_span_reader
from ctqa.models.registry import ModelSpec
from ctqa.models.reranker import Marked, Reading, Reranker, RerankerIdentity, Scores
from ctqa.models.running import reader_runs_on, runs_on
from ctqa.models.shared_span_reader import load_shared_span_reader, trunk_of
from ctqa.models.shared_states import Trunk
from ctqa.models.span_reader import (
    MarkedSpans,
    Span,
    SpanReader,
    SpanReaderIdentity,
    TextSpans,
)

__all__ = [
    "Behind",
    "Encoder",
    "EncoderIdentity",
    "Marked",
    "MarkedSpans",
    "ModelSpec",
    "ModelState",
    "Reading",
    "Reranker",
    "RerankerIdentity",
    "Scores",
    "Span",
    "SpanReader",
    "SpanReaderIdentity",
    "TextSpans",
    "Trunk",
    "Vectors",
    "begin",
    "fetch",
    "is_apart",
    "load_encoder",
    "load_reference",
    "load_reranker",
    "load_shared_span_reader",
    "load_span_reader",
    "models",
    "models_folder",
    "reader_runs_on",
    "ready",
    "runs_on",
    "trunk_of",
]
