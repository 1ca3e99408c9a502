"""Two retrievers, one order: a convex combination of their normalised scores.

Scores are combined, not ranks: on squad11_dev the convex combination finds more passages first
than reciprocal rank fusion does (README, "Measured"); the form is Bruch et al., "An Analysis of
Fusion Functions for Hybrid Retrieval", ACM TOIS 2023.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from ctqa.config import SearchConfig
from ctqa.index.local import LocalIndex
from ctqa.models import Vectors
from ctqa.records import Hit, Why

Ranked = Sequence[tuple[int, float]]  # passage keys with scores, best first


@dataclass(frozen=True, slots=True, kw_only=True)
class _Candidates:
    """What both retrievers found for one question, with the scores of all that either found."""

    dense: Ranked
    lexical: Ranked
    cosines: Mapping[int, float]
    fused: Mapping[int, float]


def retrieve(
    index: LocalIndex,
    questions: Sequence[str],
    queries: Vectors,
    config: SearchConfig,
    within: Sequence[int] | None = None,
) -> list[tuple[Hit, ...]]:
    """Find the passages nearest to each question, whose vectors are `queries`, (n, d), best first.

    `within` names the keys of the passages to search; None searches all. Equal scores are ordered
    by passage id; a question's hits do not depend on the others.
    """
    if config.dense_weight > 0:
        dense = index.dense(queries, config.candidates, within)
    else:
        dense = [[] for _ in questions]
    return [
        _hits(index, _found(index, question, query, ranked, config, within), config.passages)
        for question, query, ranked in zip(questions, queries, dense, strict=True)
    ]


def _found(
    index: LocalIndex,
    question: str,
    query: Vectors,
    dense: Ranked,
    config: SearchConfig,
    within: Sequence[int] | None,
) -> _Candidates:
    cosines = dict(dense)
    lexical = index.lexical(question, config.candidates, within) if config.dense_weight < 1 else []
    if config.dense_weight > 0:
        missing = [key for key, _ in lexical if key not in cosines]
        cosines |= dict(zip(missing, index.dense_scores(query, missing), strict=True))
    floor = _floor(lexical, config.candidates)
    fused = fuse(cosines, dict(lexical), config.dense_weight, floor)
    return _Candidates(dense=dense, lexical=lexical, cosines=cosines, fused=fused)


def fuse(
    cosines: Mapping[int, float], bm25: Mapping[int, float], dense_weight: float, floor: float = 0.0
) -> dict[int, float]:
    """Combine the scores of one question's candidates into 0..1, comparable within it only.

    Cosines crowd together, each encoder's in a place of its own, so they are stretched between the
    worst and the best candidate. BM25 begins at 0 and is divided by the best. `floor` is the BM25
    of a passage that the lexical retriever did not return.
    """
    low, high = min(cosines.values(), default=0.0), max(cosines.values(), default=0.0)
    best = max(bm25.values(), default=0.0)
    by_meaning = _weighed(cosines, low, high - low, dense_weight)
    by_words = _weighed(bm25, 0.0, best, 1 - dense_weight)
    without = (1 - dense_weight) * (floor / best) if best > 0 else 0.0
    return {
        key: by_meaning.get(key, 0.0) + by_words.get(key, without)
        for key in by_meaning.keys() | by_words.keys()
    }


def _weighed(
    scores: Mapping[int, float], least: float, span: float, weight: float
) -> dict[int, float]:
    """Give each score's share of the span above the least, 0..1, times a weight."""
    if span <= 0:
        return dict.fromkeys(scores, 0.0)
    return {key: weight * ((score - least) / span) for key, score in scores.items()}


def _floor(lexical: Ranked, candidates: int) -> float:
    """Give the most that a passage outside the list can score: 0 unless the list is full."""
    return lexical[-1][1] if len(lexical) == candidates else 0.0


def _hits(index: LocalIndex, found: _Candidates, most: int) -> tuple[Hit, ...]:
    """Fetch the best `most` passages; equal scores are ordered by passage id."""
    passages = index.passages(_contenders(found.fused, most))
    best = sorted(passages, key=lambda key: (-found.fused[key], passages[key][0].id))[:most]
    return tuple(
        Hit(
            rank=rank,
            score=found.fused[key],
            passage=passages[key][0],
            source=passages[key][1],
            why=why,
        )
        for rank, (key, why) in enumerate(zip(best, _whys(found, best), strict=True), start=1)
    )


def _whys(found: _Candidates, keys: Iterable[int]) -> Iterator[Why]:
    dense_ranks, lexical_ranks = _ranks(found.dense), _ranks(found.lexical)
    bm25 = dict(found.lexical)
    for key in keys:
        yield Why(
            dense_rank=dense_ranks.get(key),
            lexical_rank=lexical_ranks.get(key),
            dense_score=found.cosines.get(key),
            lexical_score=bm25.get(key),
            fused_score=found.fused[key],
        )


def _ranks(ranked: Ranked) -> dict[int, int]:
    return {key: rank for rank, (key, _) in enumerate(ranked, start=1)}


def _contenders(scores: Mapping[int, float], most: int) -> Iterable[int]:
    """Give the keys of the best `most` scores and of all that tie with the last of them."""
    if len(scores) <= most:
        return scores.keys()
    last = sorted(scores.values(), reverse=True)[most - 1]
    return [key for key, score in scores.items() if score >= last]
