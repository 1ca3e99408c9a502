"""Fit the chance by which reranking stops: that a passage not read yet would pass those that were.

`python -m training.turns` has the reranker read the first twenty passages of questions of several
collections, and fits the chance to its own scores; no gold answer is used. The last collection is
not learned from; the figures printed are its. They go into src/ctqa/answering/turns.py.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from sklearn.linear_model import LogisticRegression

import ctqa
from bench.common import half_of, index_of
from ctqa.answering import turns
from ctqa.answering.lines import marked_copy
from ctqa.answering.rerank import FUSED_WEIGHT, combined, is_question
from ctqa.models import load_reranker
from ctqa.records import Hit

COLLECTIONS = ("squad11_dev", "squadshifts_amazon", "policyqa", "wikiqa")
QUESTIONS = 100  # of each collection's tuning half
CHANCES = (0.01, 0.02, 0.03, turns.UNLIKELY, 0.08)


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A question's hits in their fused order, all of them read."""

    hits: tuple[Hit, ...]
    logits: tuple[float, ...]

    def first(self, read: int) -> str:
        """Name the hit that comes first where so many are read."""
        scores = self._scores(read)
        return self.hits[scores.index(max(scores))].passage.id

    def is_passed(self, read: int) -> bool:
        """Tell whether a hit that is not among the first so many would come first."""
        return max(self._scores(len(self.hits))[read:]) > max(self._scores(read))

    def _scores(self, read: int) -> list[float]:
        found = zip(self.hits[:read], self.logits, strict=False)
        return [combined(hit, logit, FUSED_WEIGHT[True]) for hit, logit in found]


def main() -> None:
    """Gather, fit, and say what stopping at several chances costs and spares."""
    cases = {name: list(gathered(name)) for name in COLLECTIONS}
    held_out = cases.pop(COLLECTIONS[-1])
    rows = [
        (turns.known(case.hits, case.logits[:read]), case.is_passed(read))
        for found in cases.values()
        for case in found
        for read in range(1, min(13, len(case.hits)))
    ]
    fitted = LogisticRegression(C=100.0, max_iter=1000)
    fitted.fit(np.array([row for row, _ in rows]), np.array([passed for _, passed in rows]))
    weights, intercept = fitted.coef_[0], float(fitted.intercept_[0])
    print(f"INTERCEPT = {intercept:.3f}", f"WEIGHTS = {tuple(float(w.round(3)) for w in weights)}")
    for chance in CHANCES:
        read = [_read(case, weights, intercept, chance) for case in held_out]
        pairs = zip(held_out, read, strict=True)
        kept = np.mean([case.first(n) == case.first(len(case.hits)) for case, n in pairs])
        print(f"{COLLECTIONS[-1]}: at {chance} {np.mean(read):.1f} read, the same first {kept:.3f}")


def gathered(name: str) -> Iterator[Case]:
    """Read the first twenty passages of each question."""
    config = ctqa.SearchConfig(rerank=0, passages=ctqa.SearchConfig().rerank)
    qa = ctqa.load(index_of(name, ctqa.IndexConfig()), config=config)
    reranker = load_reranker(ctqa.SearchConfig().reranker)
    for gold in half_of(name, "tune").questions[:QUESTIONS]:
        hits = qa.search(gold.question)
        if is_question(gold.question) and len(hits) > 1:
            logits = reranker.score(gold.question, [marked_copy(hit).text for hit in hits])
            yield Case(hits=hits, logits=tuple(map(float, logits)))
    qa.close()


def _read(case: Case, weights: Sequence[float], intercept: float, chance: float) -> int:
    """Count how many hits of a case are read."""
    read = turns.AT_ONCE
    while read < len(case.hits):
        odds = intercept + float(np.dot(weights, turns.known(case.hits, case.logits[:read])))
        if 1 / (1 + np.exp(-odds)) <= chance:
            break
        read += turns.AT_ONCE
    return min(read, len(case.hits))


if __name__ == "__main__":
    main()
