"""A reranker that remembers: a question is read against the same text only once."""

from collections.abc import Sequence
from threading import Lock

from ctqa.models import Marked, Reading, Reranker

_KEPT = 50_000  # readings of (question, text) pairs


class CachedReranker:
    """A reranker that reads the same pair only once; threads may share it."""

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

    def readings(self, question: str, texts: Sequence[Marked]) -> list[Reading]:
        """Score texts, and tell of their parts what the reranker can."""
        with self._lock:
            known = {
                text: self._kept[question, text] for text in texts if (question, text) in self._kept
            }
        new = list(dict.fromkeys(text for text in texts if text not in known))
        if new:
            known |= dict(zip(new, self._reranker.readings(question, new), strict=True))
        with self._lock:
            if len(self._kept) + len(new) > _KEPT:
                self._kept.clear()
            self._kept |= {(question, text): known[text] for text in new}
        return [known[text] for text in texts]
