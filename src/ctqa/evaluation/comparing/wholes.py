"""Comparing what is no mean over questions: AURC, ECE, the share of refusals that were right.

Each is computed over any choice of rows of both results, thousands of times; `figures` has the same
measures for one result.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray

from ctqa.evaluation.comparing.paired import Difference, Flags, Values, whole_difference
from ctqa.evaluation.curves import candidate, expected_error, is_judged
from ctqa.evaluation.outcome import Row

Picked = NDArray[np.intp]


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """The rows of one result or of two, as columns."""

    judged: Flags  # it is known what a right answer is
    there: Flags  # it has a candidate
    group: Picked  # candidates by sureness, 0 the surest; those as sure as each other are one
    wrong: Values  # 1 where the best candidate is, shown or held back; 0 where it is right
    refused: Flags
    impossible: Flags
    confidence: Values  # of what was shown; nan: none was, or it is not calibrated


def both_sides(a: Sequence[Row], b: Sequence[Row]) -> Side:
    """Put the rows of two results below each other."""
    rows, candidates = [*a, *b], [[candidate(row) for row in each] for each in (a, b)]
    places = np.concatenate([_places(each) for each in candidates])
    wrong = [float(not right) for each in candidates for _, _, right in each]
    shown = [row.confidence if row.answered else None for row in rows]
    return Side(
        judged=np.array([is_judged(row) for row in rows], dtype=bool),
        there=places >= 0,
        group=np.unique(-places, return_inverse=True)[1],
        wrong=np.array(wrong),
        refused=np.array([row.answered is False for row in rows], dtype=bool),
        impossible=np.array([row.impossible for row in rows], dtype=bool),
        confidence=np.array(shown, dtype=np.float64),
    )


def aurc(side: Side, picked: Picked) -> float:
    """Give the area under risk and coverage; nan without a candidate, or a possible question.

    It is the mean over n of the share wrong among the n surest; of those as sure as each other each
    counts as their mean, which is what all their orders bring on average. A question without any
    candidate comes last and is wrong. Geifman, Uziel and El-Yaniv, "Bias-Reduced Uncertainty
    Estimation for Deep Neural Classifiers", ICLR 2019.
    """
    kept = picked[side.judged[picked]]
    if not side.there[kept].any() or side.impossible[kept].all():
        return float("nan")
    sizes = np.bincount(side.group[kept])  # (groups,)
    wrong = np.bincount(side.group[kept], weights=side.wrong[kept]) / np.maximum(sizes, 1)
    risks = np.repeat(wrong, sizes).cumsum() / np.arange(1, kept.size + 1)  # (n,)
    return float(risks.mean())


def ece(side: Side, picked: Picked) -> float:
    """Give the expected calibration error of what was shown; nan where no confidence was."""
    kept = picked[side.judged[picked] & ~np.isnan(side.confidence[picked])]
    if not kept.size:
        return float("nan")
    return expected_error(side.confidence[kept], side.wrong[kept] == 0)


def refusal_precision(side: Side, picked: Picked) -> float:
    """Give the share of the refused questions that are impossible; nan where there are none.

    So it is, too, where all questions are of one kind: then it tells nothing.
    """
    if side.impossible.all() or not side.impossible.any():
        return float("nan")
    kept = picked[side.refused[picked]]
    return float(side.impossible[kept].mean()) if kept.size else float("nan")


_WHOLES: dict[str, Callable[[Side, Picked], float]] = {
    "refusal_precision": refusal_precision,
    "AURC": aurc,
    "ECE": ece,
}


def whole_differences(
    a: Sequence[Row], b: Sequence[Row]
) -> dict[str, tuple[float, float, Difference]]:
    """Give these measures of two results, and how far apart they are, where both have them."""
    side, n = both_sides(a, b), len(a)
    found = {}
    for name, statistic in _WHOLES.items():
        of = partial(statistic, side)
        difference = whole_difference(n, of)
        if difference is not None:
            own = np.arange(n)
            found[name] = (of(own), of(own + n), difference)
    return found


def _places(candidates: Sequence[tuple[float | None, float | None, bool]]) -> Values:
    """Place candidates by their confidence or, where one lacks it, by their score.

    Two results may have scales of their own, so that only places can be swapped between them.
    """
    there = [each for each in candidates if each[1] is not None]
    which = 0 if all(confidence is not None for confidence, _, _ in there) else 1
    levels = np.array([each[which] for each in there], dtype=np.float64)
    places = np.full(len(candidates), -1.0)
    if levels.size:
        _, ranks = np.unique(levels, return_inverse=True)
        held = [n for n, each in enumerate(candidates) if each[1] is not None]
        places[held] = ranks / max(int(ranks.max()), 1)
    return places
