"""Two retrievers, one order: a convex combination of cosine and normalised BM25.

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
    index: LocalIndex, question: str, query: Vectors, config: SearchConfig
) -> tuple[Hit, ...]:
    """Find the passages nearest to a question, whose vector is `query`, (d,), best first.

    Equal scores are ordered by passage id.
    """
    dense = index.dense(query[None], config.candidates)[0] if config.dense_weight > 0 else []
    lexical = index.lexical(question, config.candidates) if config.dense_weight < 1 else []
    missing = [key for key, _ in lexical if key not in dict(dense)] if dense else []
    cosines = dict(dense) | dict(zip(missing, index.dense_scores(query, missing), strict=True))
    fused = fuse(cosines, dict(lexical), config.dense_weight)
    return _hits(index, fused, _whys(dense, lexical, cosines, fused), config.passages)


def fuse(
    cosines: Mapping[int, float], bm25: Mapping[int, float], dense_weight: float
) -> dict[int, float]:
    """Combine the scores of one question's candidates into 0..1.

    BM25 has no upper bound and is divided by the question's best; a cosine already has one. A
    passage that the lexical retriever did not return counts as 0 there.
    """
    best = max(bm25.values(), default=0.0)
    return {
        key: dense_weight * max(cosines.get(key, 0.0), 0.0)
        + (1 - dense_weight) * (bm25.get(key, 0.0) / best if best > 0 else 0.0)
        for key in cosines.keys() | bm25.keys()
    }


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
