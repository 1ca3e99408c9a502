"""How well passages were found: the field's measures, computed by ir_measures.

The items of a question are what its judgments name. Where all judgments are whole documents, the
items are documents, each at the rank of its best passage, as in BEIR. Else the items are the
judgments and the ranks are those of the hits.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import ir_measures

from ctqa.evaluation.locate import Target
from ctqa.evaluation.naming import RETRIEVAL
from ctqa.records import Hit

MEASURES = tuple(map(ir_measures.parse_measure, RETRIEVAL))


@dataclass(frozen=True, slots=True, kw_only=True)
class Ranking:
    """One question's items, judged and ranked."""

    relevance: Mapping[str, int]  # of every judged item
    items: tuple[str, ...]  # best first

    @property
    def first_right(self) -> int | None:
        """The rank of the first relevant item; None where none was found."""
        ranks = (r for r, item in enumerate(self.items, 1) if self.relevance.get(item, 0) > 0)
        return next(ranks, None)


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
        grade = target.judgment.relevance
        relevance[item] = max(relevance.get(item, grade), grade)
    items = dict.fromkeys(hit.passage.document_id for hit in hits)
    return Ranking(relevance=relevance, items=tuple(items))


def rank_judgments(hits: Sequence[Hit], targets: Sequence[Target]) -> Ranking:
    """Rank the judgments by the first hit that holds each.

    A hit that holds several new judgments at once is one item, since it takes one rank: they are
    merged, just as two judgments would fall into one relevant passage were passages judged. A hit
    with nothing new is judged and not relevant: the same evidence again earns nothing. So R@k is 1
    when and only when every judgment was found, and each rank is the rank shown.
    """
    open_targets = dict(enumerate(targets))
    relevance: dict[str, int] = {}
    ranked = []
    for place, hit in enumerate(hits, start=1):
        held = [n for n, target in enumerate(targets) if target.held_by(hit.passage)]
        new = [n for n in held if n in open_targets]
        item = f"judgment {new[0]}" if new else f"hit {place}"
        if held:
            relevance[item] = max([open_targets.pop(n).judgment.relevance for n in new], default=0)
        ranked.append(item)
    relevance |= {f"judgment {n}": t.judgment.relevance for n, t in open_targets.items()}
    return Ranking(relevance=relevance, items=tuple(ranked))


def measure(rankings: Mapping[str, Ranking], depth: int) -> dict[str, dict[str, float]]:
    """Compute every measure that a ranking of this depth allows, for each question by its id.

    AP looks as deep as the ranking goes. A question without any relevant item found counts 0; one
    that nothing is judged for has no values, as in trec_eval.
    """
    measures = [m for m in MEASURES if m.params.get("cutoff", 1) <= depth]
    judged = {key: ranking for key, ranking in rankings.items() if ranking.relevance}
    values: dict[str, dict[str, float]] = {key: {} for key in rankings}
    values |= {key: dict.fromkeys(map(str, measures), 0.0) for key in judged}
    # trec_eval reads beyond its memory where all grades are below -1; below 1 none of them counts.
    qrels = {
        key: {item: max(0, grade) for item, grade in ranking.relevance.items()}
        for key, ranking in judged.items()
    }
    # The providers break ties each in its own way, so no two scores may be equal.
    run = {
        key: {item: 1 / place for place, item in enumerate(ranking.items, 1)}
        for key, ranking in judged.items()
        if ranking.items
    }
    for metric in ir_measures.iter_calc(measures, qrels, run):
        values[metric.query_id][str(metric.measure)] = float(metric.value)
    return values
