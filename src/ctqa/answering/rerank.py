"""Reranking: a cross-encoder reads question and passage together, and the order is made anew.

Its word counts for most, but not for all: on claims about science the reranker alone is worse than
the fused order, on encyclopaedia questions better, and their combination holds on both.
"""

from collections.abc import Sequence
from dataclasses import replace
from threading import Lock

from ctqa.models import Reranker
from ctqa.records import Hit
from ctqa.text import squeeze

_WEIGHT = 0.84  # of the reranker in the final order; by the tuning half of the seeds' gold
_LOGIT = 11.0  # the ms-marco models' logits run from -11 to 11
_KEPT = 50_000  # scores of (question, text) pairs


class CachedReranker:
    """A reranker that reads the same pair only once; threads may share it."""

    def __init__(self, reranker: Reranker) -> None:
        self._reranker = reranker
        self._kept: dict[tuple[str, str], float] = {}
        self._lock = Lock()

    def score(self, question: str, texts: Sequence[str]) -> list[float]:
        """Give each text's relevance as a raw logit, in the order of the texts."""
        with self._lock:
            known = {
                text: self._kept[question, text] for text in texts if (question, text) in self._kept
            }
        new = list(dict.fromkeys(text for text in texts if text not in known))
        known |= dict(zip(new, map(float, self._reranker.score(question, new)), strict=True))
        with self._lock:
            if len(self._kept) + len(new) > _KEPT:
                self._kept.clear()
            self._kept |= {(question, text): known[text] for text in new}
        return [known[text] for text in texts]


def rerank(
    reranker: CachedReranker, question: str, hits: Sequence[Hit], most: int
) -> tuple[Hit, ...]:
    """Order the best `most` hits by reranker and fusion; the others follow as they were.

    A hit's score is its combined score, 0..1; equal scores are ordered by passage id.
    """
    head, rest = hits[:most], hits[most:]
    logits = reranker.score(question, [_read(hit) for hit in head])
    scored = [_combined(hit, logit) for hit, logit in zip(head, logits, strict=True)]
    scored.sort(key=lambda hit: (-hit.score, hit.passage.id))
    # A hit that was not reranked counts as the least relevant: it cannot pass one that was.
    below = [replace(hit, score=(1 - _WEIGHT) * hit.score) for hit in rest]
    return tuple(replace(hit, rank=rank) for rank, hit in enumerate([*scored, *below], start=1))


def _read(hit: Hit) -> str:
    """Give what the reranker reads: the passage under its nearest heading."""
    heading = hit.passage.section[-1] if hit.passage.section else ""
    body = squeeze(hit.passage.text)
    return body if body.startswith(heading) else f"{heading}\n{body}"


def _combined(hit: Hit, logit: float) -> Hit:
    relevance = min(max((logit + _LOGIT) / (2 * _LOGIT), 0.0), 1.0)
    score = _WEIGHT * relevance + (1 - _WEIGHT) * hit.score
    return replace(hit, score=score, why=replace(hit.why, rerank_score=logit))
