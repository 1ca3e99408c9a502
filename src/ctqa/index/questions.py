"""Sentences of passages, as if they were asked: questions to measure with how much is found."""

from collections.abc import Iterator

import numpy as np

from ctqa.index.writer import CatalogWriter
from ctqa.models import Encoder, EncoderIdentity, Vectors

_MOST_CHARS = 300  # of a sentence that stands for a question


def sample_questions(
    catalog: CatalogWriter,
    number: int,
    identity: EncoderIdentity,
    encoder: Encoder | None,
    most: int,
) -> Vectors:
    """Encode sentences of a build's passages, spread evenly, (n, d); without an encoder, none."""
    if encoder is None:
        return np.empty((0, identity.dimension), dtype=np.float32)
    return encoder.encode_queries(list(_sentences(catalog, catalog.keys(number), most)))


def _sentences(catalog: CatalogWriter, keys: list[int], most: int) -> Iterator[str]:
    chosen = keys[:: max(1, len(keys) // most)][:most]
    for passage, _ in catalog.passages(chosen).values():
        longest = max(passage.sentences, key=lambda sentence: sentence.end - sentence.start)
        first = longest.start - passage.start
        yield passage.text[first : first + longest.end - longest.start][:_MOST_CHARS]
