"""A real, small, deterministic reranker for tests in which a model would only be slow."""

import hashlib
import re
from collections.abc import Sequence
from dataclasses import replace
from math import inf

import numpy as np

from ctqa.models import Marked, Reading, RerankerIdentity, Scores

WORD = re.compile(r"\w+")


class WordReranker:
    """Scores a text by the share of the question's words in it, as a logit from -11 to 11.

    `read` lists every pair scored so far, so that a test of a cache can count them.
    """

    def __init__(self) -> None:
        self.read: list[tuple[str, str]] = []

    @property
    def identity(self) -> RerankerIdentity:
        digest = hashlib.sha256(b"words").hexdigest()
        return RerankerIdentity(name="words", sha256=digest, max_tokens=512)

    def score(self, question: str, texts: Sequence[str]) -> Scores:
        self.read.extend((question, text) for text in texts)
        asked = set(WORD.findall(question.lower()))
        shares = [len(asked & set(WORD.findall(t.lower()))) / max(len(asked), 1) for t in texts]
        return np.asarray([22 * share - 11 for share in shares], dtype=np.float32)

    def readings(
        self, question: str, texts: Sequence[Marked], *, least: Sequence[float] | None = None
    ) -> list[Reading]:
        scores = self.score(question, [each.text for each in texts])
        return [Reading(score=float(score)) for score in scores]


class TellingReranker(WordReranker):
    """Tells of each part of a text what it scores alone, short of its heading and its title."""

    def readings(
        self, question: str, texts: Sequence[Marked], *, least: Sequence[float] | None = None
    ) -> list[Reading]:
        whole = self.score(question, [each.text for each in texts])
        telling = WordReranker()
        return [
            Reading(
                score=float(score),
                parts=tuple(
                    float(part)
                    for part in telling.score(question, [each.text[a:b] for a, b in each.parts])
                ),
            )
            for score, each in zip(whole, texts, strict=True)
        ]


class HalfwayReranker(TellingReranker):
    """Knows halfway how many of the question's words a text has, short of one in four.

    `read_on` lists every pair that it has read to its end.
    """

    def __init__(self) -> None:
        super().__init__()
        self.read_on: list[tuple[str, str]] = []

    def readings(
        self, question: str, texts: Sequence[Marked], *, least: Sequence[float] | None = None
    ) -> list[Reading]:
        bounds = [-inf] * len(texts) if least is None else least
        return [
            self._reading(question, text, reading, bound)
            for text, reading, bound in zip(
                texts, super().readings(question, texts), bounds, strict=True
            )
        ]

    def _reading(self, question: str, text: Marked, told: Reading, least: float) -> Reading:
        expected = 0.75 * told.score
        if expected < least:
            return Reading(score=expected, expected=expected, whole=False)
        self.read_on.append((question, text.text))
        return replace(told, expected=expected)
