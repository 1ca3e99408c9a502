"""Reranking: a cross-encoder reads question and passage together, and the order is made anew.

It reads twice. First passages as a whole, a few at a time, until none of the others is likely to be
better, and to their ends only those that promise to be; then the sentences of the best few, because
the passage that holds the one right sentence should stand before the one that is about it all.

How much its word counts beside the fused order depends on what is asked. It was trained on
questions; a claim or a description is ranked better by the fused order (bench.reranking).
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from math import inf

from ctqa.answering.cached import CachedReranker
from ctqa.answering.lines import HITS_READ, marked_copy, read_closely, to_read_closely
from ctqa.answering.turns import AT_ONCE, PASSAGE_DOUBT, UNLIKELY, chance_of_better
from ctqa.models import Reading
from ctqa.records import Hit

FUSED_WEIGHT = {True: 0.05, False: 0.7}  # of the fused order, for a question and for other text
_LOGIT = 11.0  # the ms-marco models' logits run from -11 to 11
_ASKING = re.compile(
    r"\W*(?:(?:and|but|so|or|then|in|on|at|by|for|from|to|of|with|under|about|during|after|before|"
    r"since|until|through|against|within|between|among)\s+)?"
    r"(?:who|whom|whose|what|which|when|where|why|how|is|are|was|were|am|do|does|did|can|could|"
    r"should|would|will|shall|has|have|had|may|might|must|name|list|explain|describe|tell)\b",
    re.IGNORECASE,
)


def rerank(
    reranker: CachedReranker, question: str, hits: Sequence[Hit], most: int
) -> tuple[Hit, ...]:
    """Order the best `most` hits by reranker and fusion; the others follow as they were.

    A hit's score is its combined score, 0..1, never above that of a hit before it; equal scores
    are ordered by passage id.
    """
    asks = is_question(question)
    # Of few passages, all are read: the chance was learned where there are many.
    unlikely = UNLIKELY if asks and len(hits) > HITS_READ else 0.0
    return reordered(reranker, question, hits, most, FUSED_WEIGHT[asks], unlikely)


def reordered(
    reranker: CachedReranker,
    question: str,
    hits: Sequence[Hit],
    most: int,
    weight: float,
    unlikely: float = 0.0,
) -> tuple[Hit, ...]:
    """Rerank with a weight of one's own for the fused order, 0..1.

    No more hits are read once the chance of a better one is at most `unlikely`; 0.0 reads them all,
    and to their ends.
    """
    readings = _read_in_turn(reranker, question, hits[:most], unlikely)
    head, rest = hits[: len(readings)], hits[len(readings) :]
    whole = _ordered(
        _scored(hit, reading, weight) for hit, reading in zip(head, readings, strict=True)
    )
    best = to_read_closely(whole)
    close = _ordered(_closer(reranker, question, best, weight))
    chosen = {hit.passage.id for hit in best}
    others = [hit for hit in whole if hit.passage.id not in chosen]
    # A hit that was not reranked counts as the least relevant.
    least = [replace(hit, score=weight * hit.score) for hit in rest]
    ranked = _below(_below(close, others), least)
    return tuple(replace(hit, rank=rank) for rank, hit in enumerate(ranked, start=1))


def _scored(hit: Hit, reading: Reading, weight: float) -> Hit:
    why = replace(hit.why, rerank_score=reading.score, halfway=not reading.whole)
    return replace(hit, why=why, score=combined(hit, reading.score, weight))


def is_question(text: str) -> bool:
    """Tell a question from a claim, a description or mere key words, by its form."""
    return text.rstrip().endswith("?") or _ASKING.match(text) is not None


def _read_in_turn(
    reranker: CachedReranker, question: str, hits: Sequence[Hit], unlikely: float
) -> list[Reading]:
    """Read the first hits, and further ones as long as a better one is likely enough.

    As many as are read closely are read to their ends, the others where they promise enough.
    """
    step = AT_ONCE if unlikely > 0 else len(hits)
    readings: list[Reading] = []
    logits: list[float] = []
    while len(logits) < len(hits):
        marked = [marked_copy(hit) for hit in hits[len(logits) : len(logits) + step]]
        least = max(logits) - PASSAGE_DOUBT if len(logits) >= HITS_READ else -inf
        readings += reranker.readings(question, marked, least=[least] * len(marked))
        logits = [reading.score for reading in readings]
        if chance_of_better(hits, logits) <= unlikely:
            break
    return readings


def _closer(
    reranker: CachedReranker, question: str, hits: Sequence[Hit], weight: float
) -> list[Hit]:
    """Score hits by the passage and its best sentence, two parts to three."""
    closer = []
    for hit, lines in zip(hits, read_closely(reranker, question, hits), strict=True):
        whole = hit.why.rerank_score
        if whole is None:
            continue
        best = max((line.logit for line in lines), default=whole)
        score = combined(hit, (2 * whole + 3 * best) / 5, weight)
        closer.append(replace(hit, score=score, why=replace(hit.why, sentence_score=best)))
    return closer


def combined(hit: Hit, logit: float, weight: float) -> float:
    """Weigh what the reranker says, as a share of its range, and the fused score; 0..1."""
    relevance = min(max((logit + _LOGIT) / (2 * _LOGIT), 0.0), 1.0)
    fused = 0.0 if hit.why.fused_score is None else hit.why.fused_score
    return (1 - weight) * relevance + weight * fused


def _ordered(hits: Iterable[Hit]) -> list[Hit]:
    return sorted(hits, key=lambda hit: (-hit.score, hit.passage.id))


def _below(upper: list[Hit], lower: Sequence[Hit]) -> list[Hit]:
    """Put hits after others, their scores lowered in proportion where they would stand higher."""
    if not upper or not lower:
        return [*upper, *lower]
    share = min(1.0, upper[-1].score / lower[0].score) if lower[0].score > 0 else 1.0
    return [*upper, *(replace(hit, score=share * hit.score) for hit in lower)]
