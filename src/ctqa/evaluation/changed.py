"""What became of the questions that two results have in common."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from ctqa.evaluation.outcome import Row


@dataclass(frozen=True, slots=True, kw_only=True)
class Changed:
    """How many questions changed sides between two results, A and B."""

    both: int  # questions in both
    won: int  # went wrong in A, not in B
    lost: int  # the other way round

    @property
    def chance(self) -> float:
        """How likely as uneven a split is by chance alone, two-sided.

        The exact form of McNemar, "Note on the Sampling Error of the Difference Between Correlated
        Proportions or Percentages", Psychometrika 1947.
        """
        n = self.won + self.lost
        tail = sum(math.comb(n, k) for k in range(min(self.won, self.lost) + 1))
        return min(1.0, float(Fraction(2 * tail, 2**n)))


def changed(a: Sequence[Row], b: Sequence[Row]) -> Changed:
    """Compare two results question by question; a question is one by its id and its words."""
    before = {(row.id, row.question): row.trouble == "" for row in a}
    pairs = [
        (before[row.id, row.question], row.trouble == "")
        for row in b
        if (row.id, row.question) in before
    ]
    return Changed(both=len(pairs), won=pairs.count((False, True)), lost=pairs.count((True, False)))
