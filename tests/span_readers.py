"""A real, small, deterministic span reader for tests in which a model would only be slow."""

import hashlib
import re
from collections.abc import Sequence

from ctqa.models import Marked, MarkedSpans, Span, SpanReaderIdentity, TextSpans

WORDS = re.compile(r"\w+(?: \w+)?")


class WordSpanReader:
    """Holds two words next to each other for an answer, the likelier the longer they are.

    Of "no answer" it says what it is told, so that a test can have it sure or unsure.
    """

    def __init__(self, null_score: float = 0.0) -> None:
        self._null_score = null_score

    @property
    def identity(self) -> SpanReaderIdentity:
        digest = hashlib.sha256(b"spans").hexdigest()
        return SpanReaderIdentity(name="words", sha256=digest, max_tokens=512)

    def read(self, question: str, texts: Sequence[str]) -> list[TextSpans]:
        return [
            TextSpans(
                spans=tuple(sorted(_spans(text, 0, len(text)), key=lambda s: (-s.score, s.start))),
                null_score=self._null_score,
            )
            for text in texts
        ]

    def mark(self, question: str, texts: Sequence[Marked]) -> list[MarkedSpans]:
        return [
            MarkedSpans(
                spans=tuple(
                    max(_spans(each.text, *part), key=lambda span: span.score, default=None)
                    for part in each.parts
                ),
                null_score=self._null_score,
            )
            for each in texts
        ]


def _spans(text: str, start: int, end: int) -> list[Span]:
    return [
        Span(start=found.start(), end=found.end(), score=float(found.end() - found.start()))
        for found in WORDS.finditer(text, start, end)
    ]
