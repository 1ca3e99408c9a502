"""A real, small, deterministic encoder for tests in which a model would only be slow."""

import hashlib
import re
from collections.abc import Iterator, Sequence

import numpy as np

from ctqa.models.encoder import EncoderIdentity, Vectors

DIMENSION = 64
TOKEN = re.compile(r"\w+|[^\w\s]")
ENDING = re.compile(r"(?<=\w{3})(?:ings?|ed|ies|es|s|ly)$")


class WordEncoder:
    """A hashed bag of word stems and character trigrams: texts that share words are near.

    A token is a word or a punctuation mark. Case is ignored, tokens past `max_tokens` are not
    read, and two names are two encoders whose vectors do not compare. `encoded` lists every text
    encoded so far, in order, so that a test of a cache can count them.
    """

    def __init__(self, *, name: str = "words", max_tokens: int = 256) -> None:
        self.name = name
        self.max_tokens = max_tokens
        self.encoded: list[str] = []

    @property
    def identity(self) -> EncoderIdentity:
        return EncoderIdentity(
            name=self.name,
            sha256=hashlib.sha256(self.name.encode()).hexdigest(),
            dimension=DIMENSION,
            pooling="mean",
            max_tokens=self.max_tokens,
        )

    def encode_passages(self, texts: Sequence[str]) -> Vectors:
        self.encoded.extend(texts)
        rows = np.zeros((len(texts), DIMENSION), dtype=np.float32)
        for row, text in zip(rows, texts, strict=True):
            row[:] = self._unit(text)
        return rows

    def encode_queries(self, texts: Sequence[str]) -> Vectors:
        return self.encode_passages(texts)

    def token_ends(self, texts: Sequence[str]) -> list[list[int]]:
        return [[match.end() for match in TOKEN.finditer(text)] for text in texts]

    def _unit(self, text: str) -> Vectors:
        total = np.zeros(DIMENSION, dtype=np.float32)
        for word in TOKEN.findall(text)[: self.max_tokens]:
            for feature, weight in features(word.lower()):
                place, sign = self._slot(feature)
                total[place] += sign * weight
        length = float(np.linalg.norm(total))
        if length == 0.0:  # nothing to read, or everything cancelled out
            total[0] = length = 1.0
        return (total / length).astype(np.float32, copy=False)

    def _slot(self, feature: str) -> tuple[int, int]:
        digest = hashlib.sha256(f"{self.name}\0{feature}".encode("utf-8", "surrogatepass")).digest()
        return digest[0] % DIMENSION, 1 if digest[1] % 2 else -1


def features(word: str) -> Iterator[tuple[str, float]]:
    """Give what a lower-cased word is made of; words of three letters or fewer say little."""
    stem = ENDING.sub("", word)
    weight = 1.0 if len(word) > 3 else 0.1
    yield stem, weight
    for start in range(len(stem) - 2):
        yield f"#{stem[start : start + 3]}", 0.2 * weight
