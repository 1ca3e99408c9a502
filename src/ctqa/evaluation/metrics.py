"""How well passages were found: the field's measures, computed by ir_measures.

The items of a question are what its judgments name. Where all judgments are whole documents, the
items are documents, each at the rank of its best passage, as in BEIR. Else the items are the
judgments and the ranks are those of the hits.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import ir_measures
import numpy as np
from numpy.typing import NDArray

from ctqa.evaluation.locate import Target
from ctqa.records import Hit

MEASURES = (
    ir_measures.Success @ 1,
    ir_measures.Success @ 3,
    ir_measures.Success @ 5,
    ir_measures.Success @ 10,
    ir_measures.RR @ 10,
    ir_measures.nDCG @ 10,
    ir_measures.R @ 10,
    ir_measures.R @ 100,
)
RESAMPLES = 1000
_BATCH = 50  # resamples drawn at once: 50 of 10,000 questions are 4 MB


@dataclass(frozen=True, slots=True, kw_only=True)
class Ranking:
    """One question's items, judged and ranked."""

    relevance: Mapping[str, int]  # of every judged item
    items: tuple[str, ...]  # best first, up to the last relevant one: none after it counts

    @property
    def first_right(self) -> int | None:
        """The rank of the first relevant item; None where none was found."""
        ranks = (r for r, item in enumerate(self.items, 1) if self.relevance.get(item, 0) > 0)
        return next(ranks, None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """A mean over questions with its 95 % interval."""

    mean: float
    low: float
    high: float
    n: int  # questions


def rank(hits: Sequence[Hit], targets: Sequence[Target]) -> Ranking:
    """Rank documents where the gold judges whole documents, else judgments."""
    if all(target.level == "document" for target in targets):
        return rank_documents(hits, targets)
    return rank_judgments(hits, targets)


def rank_documents(hits: Sequence[Hit], targets: Sequence[Target]) -> Ranking:
    """Rank the documents of the hits, each by its first, against judged documents."""
    relevance: dict[str, int] = {}
    for target in targets:
        # A document that is not in the index keeps its name: a relevant item that no run finds.
        item = target.judgment.document if target.document is None else target.document
        relevance[item] = max(relevance.get(item, 0), target.judgment.relevance)
    return _ranking(relevance, list(dict.fromkeys(hit.passage.document_id for hit in hits)))


def rank_judgments(hits: Sequence[Hit], targets: Sequence[Target]) -> Ranking:
    """Rank the judgments by the first hit that holds each.

    A hit that holds several new judgments at once is one item, since it takes one rank: they are
    merged, just as two judgments would fall into one relevant passage were passages judged. A hit
    with nothing new is not relevant: the same evidence again earns nothing. So R@k is 1 when and
    only when every judgment was found, and each rank is the rank shown.
    """
    open_targets = dict(enumerate(targets))
    relevance: dict[str, int] = {}
    ranked = []
    for place, hit in enumerate(hits, start=1):
        new = [n for n, target in open_targets.items() if target.held_by(hit.passage)]
        item = f"judgment {new[0]}" if new else f"hit {place}"
        if new:
            relevance[item] = max(open_targets.pop(n).judgment.relevance for n in new)
        ranked.append(item)
    relevance |= {f"judgment {n}": t.judgment.relevance for n, t in open_targets.items()}
    return _ranking(relevance, ranked)


def measure(rankings: Mapping[str, Ranking], depth: int) -> dict[str, dict[str, float]]:
    """Compute every measure that a ranking of this depth allows, for each question by its id.

    A question without any relevant item found counts 0.
    """
    measures = [m for m in MEASURES if m.params["cutoff"] <= depth]
    values: dict[str, dict[str, float]] = {
        key: dict.fromkeys(map(str, measures), 0.0) for key in rankings
    }
    qrels = {key: dict(ranking.relevance) for key, ranking in rankings.items()}
    # The providers break ties each in its own way, so no two scores may be equal.
    run = {
        key: {item: 1 / place for place, item in enumerate(ranking.items, 1)}
        for key, ranking in rankings.items()
        if ranking.items
    }
    for metric in ir_measures.iter_calc(measures, qrels, run):
        values[metric.query_id][str(metric.measure)] = float(metric.value)
    return values


def figure(values: Sequence[float]) -> Figure:
    """Average over questions, at least one, with a bootstrap interval."""
    array = np.asarray(values, dtype=np.float64)  # (n,)
    return _figure(float(array.mean()), _resampled_means(array, seed=0), len(values))


def balanced(positive: Sequence[float], negative: Sequence[float]) -> Figure:
    """Average the means of two classes, neither of them empty, each resampled on its own."""
    first, second = np.asarray(positive, dtype=np.float64), np.asarray(negative, dtype=np.float64)
    means = (_resampled_means(first, seed=0) + _resampled_means(second, seed=1)) / 2
    return _figure(float(first.mean() + second.mean()) / 2, means, first.size + second.size)


def _ranking(relevance: Mapping[str, int], items: Sequence[str]) -> Ranking:
    last = max((n for n, item in enumerate(items, 1) if relevance.get(item, 0) > 0), default=0)
    return Ranking(relevance=relevance, items=tuple(items[:last]))


def _resampled_means(values: NDArray[np.float64], *, seed: int) -> NDArray[np.float64]:
    """Give the means of as many questions drawn with replacement; the seed makes it repeatable."""
    random = np.random.default_rng(seed)
    batches = []
    for _ in range(RESAMPLES // _BATCH):
        drawn = random.integers(values.size, size=(_BATCH, values.size))
        batches.append(values[drawn].mean(axis=1))  # (_BATCH,)
    return np.concatenate(batches)  # (RESAMPLES,)


def _figure(mean: float, means: NDArray[np.float64], n: int) -> Figure:
    low, high = np.percentile(means, [2.5, 97.5])
    return Figure(mean=mean, low=float(low), high=float(high), n=n)
