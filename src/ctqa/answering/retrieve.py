"""Two retrievers, one order: a convex combination of their normalised scores.

Scores are combined, not ranks: on squad11_dev the convex combination finds more passages first
than reciprocal rank fusion does (README, "Measured"); the form is Bruch et al., "An Analysis of
Fusion Functions for Hybrid Retrieval", ACM TOIS 2023.
"""

from collections.abc import Iterable, Mapping, Sequence

from ctqa.config import SearchConfig
from ctqa.index.local import LocalIndex
from ctqa.models import Vectors
from ctqa.records import Hit, Why

Ranked = Sequence[tuple[int, float]]  # passage keys with scores, best first


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
        _fused(index, question, query, ranked, config, within)
        for question, query, ranked in zip(questions, queries, dense, strict=True)
    ]


def _fused(
    index: LocalIndex,
    question: str,
    query: Vectors,
    dense: Ranked,
    config: SearchConfig,
    within: Sequence[int] | None,
) -> tuple[Hit, ...]:
    cosines = dict(dense)
    lexical = index.lexical(question, config.candidates, within) if config.dense_weight < 1 else []
    if config.dense_weight > 0:
        missing = [key for key, _ in lexical if key not in cosines]
        cosines |= dict(zip(missing, index.dense_scores(query, missing), strict=True))
    floor = _floor(lexical, config.candidates)
    fused = fuse(cosines, dict(lexical), config.dense_weight, floor)
    return _hits(index, fused, _whys(dense, lexical, cosines, fused), config.passages)


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
    return {
        key: dense_weight * _share(cosines.get(key, low) - low, high - low)
        + (1 - dense_weight) * _share(bm25.get(key, floor), best)
        for key in cosines.keys() | bm25.keys()
    }


def _share(part: float, whole: float) -> float:
    return part / whole if whole > 0 else 0.0


def _floor(lexical: Ranked, candidates: int) -> float:
    """Give the most that a passage outside the list can score: 0 unless the list is full."""
    return lexical[-1][1] if len(lexical) == candidates else 0.0


def _whys(
    dense: Ranked, lexical: Ranked, cosines: Mapping[int, float], fused: Mapping[int, float]
) -> dict[int, Why]:
    dense_ranks, lexical_ranks = _ranks(dense), _ranks(lexical)
    bm25 = dict(lexical)
    return {
        key: Why(
            dense_rank=dense_ranks.get(key),
            lexical_rank=lexical_ranks.get(key),
            dense_score=cosines.get(key),
            lexical_score=bm25.get(key),
            fused_score=score,
        )
        for key, score in fused.items()
    }


def _ranks(ranked: Ranked) -> dict[int, int]:
    return {key: rank for rank, (key, _) in enumerate(ranked, start=1)}


def _hits(
    index: LocalIndex, scores: Mapping[int, float], whys: Mapping[int, Why], most: int
) -> tuple[Hit, ...]:
    found = index.passages(_contenders(scores, most))
    order = sorted(found, key=lambda key: (-scores[key], found[key][0].id))
    return tuple(
        Hit(
            rank=rank,
            score=scores[key],
            passage=found[key][0],
            source=found[key][1],
            why=whys[key],
        )
        for rank, key in enumerate(order[:most], start=1)
    )


def _contenders(scores: Mapping[int, float], most: int) -> Iterable[int]:
    """Give the keys of the best `most` scores and of all that tie with the last of them."""
    if len(scores) <= most:
        return scores.keys()
    last = sorted(scores.values(), reverse=True)[most - 1]
    return [key for key, score in scores.items() if score >= last]
