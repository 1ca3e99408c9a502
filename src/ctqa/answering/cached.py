"""A reranker that remembers: a question is read against the same text only once."""

from collections.abc import Sequence
from dataclasses import replace
from math import inf
from threading import Lock

from ctqa.models import Marked, Reading, Reranker

_KEPT = 50_000  # readings of (question, text) pairs


class CachedReranker:
    """A reranker that reads the same pair only once; threads may share it.

    What it gives never depends on what it remembers: a text that need not be read to its end is
    told of as if it had not been, though it may have been for another purpose.
    """

    def __init__(self, reranker: Reranker) -> None:
        self._reranker = reranker
        self._kept: dict[tuple[str, Marked], Reading] = {}
        self._lock = Lock()

    @property
    def sha256(self) -> str:
        """The weights that score."""
        return self._reranker.identity.sha256

    def score(self, question: str, texts: Sequence[str]) -> list[float]:
        """Give each text's relevance as a raw logit, in the order of the texts."""
        marked = [Marked(text=text) for text in texts]
        return [each.score for each in self.readings(question, marked)]

    def readings(
        self, question: str, texts: Sequence[Marked], *, least: Sequence[float] | None = None
    ) -> list[Reading]:
        """Score texts, and tell of their parts what the reranker can."""
        wanted = dict(zip(texts, [-inf] * len(texts) if least is None else least, strict=True))
        with self._lock:
            kept = {text: self._kept.get((question, text)) for text in wanted}
        known = {text: _as_asked(reading, wanted[text]) for text, reading in kept.items()}
        new = [text for text, reading in known.items() if reading is None]
        read = self._read(question, new, [wanted[text] for text in new])
        return [known[text] or read[text] for text in texts]

    def _read(
        self, question: str, texts: Sequence[Marked], least: Sequence[float]
    ) -> dict[Marked, Reading]:
        if not texts:
            return {}
        readings = self._reranker.readings(question, texts, least=least)
        with self._lock:
            if len(self._kept) + len(texts) > _KEPT:
                self._kept.clear()
            for text, reading in zip(texts, readings, strict=True):
                self._kept[question, text] = reading
        return dict(zip(texts, readings, strict=True))


def _as_asked(kept: Reading | None, least: float) -> Reading | None:
    """Give what reading a text anew would give, as far as that is known; None where it is not."""
    if kept is None or kept.expected is None or kept.expected >= least:
        return kept if kept is None or kept.whole else None
    return replace(kept, score=kept.expected, parts=None, whole=False)
