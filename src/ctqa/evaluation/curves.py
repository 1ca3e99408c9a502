"""How confidence and error go together: risk against coverage, and confidence against truth."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from ctqa.evaluation.intervals import Figure, gap_figure, share_interval, smooth_figure
from ctqa.evaluation.outcome import Row

Basis = Literal["confidence", "score"]
Values = NDArray[np.float64]

BINS = 10  # of equal width
FEW = 30  # answers, below which a share's 95 % interval is more than a third wide


@dataclass(frozen=True, slots=True, kw_only=True)
class RiskPoint:
    """What came of all answers at least this sure."""

    level: float | None  # the least confidence, or score; None: some questions brought no answer
    answers: int
    wrong: int
    coverage: float  # answers, as a share of all questions that could be judged
    risk: float  # wrong ones, as a share of these answers


@dataclass(frozen=True, slots=True, kw_only=True)
class RiskCoverage:
    """Risk against coverage, the surest answers first, up to one for every question.

    What CTQA held back is in it as if it had been shown. A question for which it had nothing to
    show comes last and is wrong.
    """

    basis: Basis
    questions: int  # that could be judged
    points: tuple[RiskPoint, ...]
    stop: RiskPoint | None  # what was shown: where CTQA stops; None: nothing was
    aurc: Figure  # the area under the curve: the mean risk over every number of answers
    floor: float  # the area, were every right answer surer than every wrong one


@dataclass(frozen=True, slots=True, kw_only=True)
class Bin:
    """Answers whose confidence lies in a tenth of the scale, and how many of them were right."""

    low: float
    high: float
    answers: int
    right: int
    confidence: float  # mean
    interval: tuple[float, float]  # of the share right, 95 %

    @property
    def share(self) -> float:
        """The share of the answers that were right."""
        return self.right / self.answers


def is_right(row: Row) -> bool | None:
    """Tell whether a question's first answer is right; None: none was given, or it is not known.

    An answer to an impossible question is wrong.
    """
    if not row.answered:
        return None
    if row.impossible:
        return False
    value = row.values.get("sentence_right")
    return None if value is None else value == 1


def is_judged(row: Row) -> bool:
    """Tell whether it is known of any answer to a question whether it is right."""
    return row.answered is not None and (row.impossible or "sentence_right" in row.values)


def candidate(row: Row) -> tuple[float | None, float | None, bool]:
    """Give the confidence and score of what was or would have been shown, and if it is right.

    A score of None: there is no candidate.
    """
    if row.answered:
        return row.confidence, row.score, is_right(row) is True
    if row.held is None:
        return None, None, False
    return row.held.confidence, row.held.score, row.held.right is True and not row.impossible


# Risk against coverage --------------------------------------------------------------------------


def thinned(points: Sequence[RiskPoint], most: int) -> list[RiskPoint]:
    """Take evenly many points, the last one among them: about `most`."""
    step = max(1, -(-len(points) // most))
    return [each for at, each in enumerate(points) if at % step == 0 or at == len(points) - 1]


def risk_coverage(rows: Sequence[Row]) -> RiskCoverage | None:
    """Draw risk against coverage by confidence or, where any lacks one, by score.

    Answers as sure as each other are taken together, since nothing tells which to hold back. None
    where nothing was or could have been shown that can be judged, or nothing could be right since
    all questions are impossible. El-Yaniv and Wiener, "On the
    Foundations of Noise-free Selective Classification", JMLR 2010.
    """
    judged = [row for row in rows if is_judged(row)]
    candidates = [candidate(row) for row in judged]
    if all(row.impossible for row in judged) or all(score is None for _, score, _ in candidates):
        return None
    calibrated = all(sure is not None for sure, score, _ in candidates if score is not None)
    levels = [sure if calibrated else score for sure, score, _ in candidates]
    tried = [
        (-math.inf if level is None else level, right)
        for level, (_, _, right) in zip(levels, candidates, strict=True)
    ]
    points = _points(tried)
    return RiskCoverage(
        basis="confidence" if calibrated else "score",
        questions=len(judged),
        points=points,
        stop=_stop(judged, levels),
        aurc=area([(level, not right) for level, right in tried]),
        floor=least_area(points[-1].wrong, len(judged)),
    )


def area(tried: Sequence[tuple[float, bool]]) -> Figure:
    """Give the area under risk and coverage (AURC) of answers by their level and whether wrong.

    It is the mean over i of the share wrong among the i surest. Of answers as sure as each other it
    takes what all their orders bring on average. Geifman, Uziel and El-Yaniv, "Bias-Reduced
    Uncertainty Estimation for Deep Neural Classifiers", ICLR 2019.
    """
    n = len(tried)
    levels = np.array([level for level, _ in tried])
    _, group = np.unique(-levels, return_inverse=True)  # (n,), 0 is the surest
    wrong = np.array([flag for _, flag in tried], dtype=np.float64)
    counted = (np.bincount(group, weights=each) for each in (np.ones_like(wrong), wrong))
    sizes, wrongs = (np.asarray(each, dtype=np.float64) for each in counted)  # (groups,)
    ties = _Ties(sizes, wrongs)
    estimate = ties.risks() / n
    if n == 1:
        return smooth_figure(estimate, [estimate])
    without = np.where(wrong == 1, ties.without(1)[group], ties.without(0)[group]) / (n - 1)
    return smooth_figure(estimate, (n * estimate - (n - 1) * without).tolist())


def least_area(wrong: int, n: int) -> float:
    """Give the least area that so many wrong answers of n allow: all of them come last."""
    return math.fsum(place / (n - wrong + place) for place in range(1, wrong + 1)) / n


class _Ties:
    """Answers in groups of equal level, the surest first; risks are summed over answers."""

    def __init__(self, sizes: Values, wrong: Values) -> None:
        self._sizes, self._wrong = sizes, wrong
        self._before = np.cumsum(sizes) - sizes
        self._wrong_before = np.cumsum(wrong) - wrong
        self._harmonic = np.append(0.0, np.cumsum(1 / np.arange(1, sizes.sum() + 1)))

    def risks(self) -> float:
        """Sum the risk over every number of answers."""
        return math.fsum(self._of(self._before, self._wrong_before, self._sizes, self._wrong))

    def without(self, wrong: int) -> Values:
        """Sum the risk as if one answer of each group were not there, a wrong or a right one."""
        whole = self._of(self._before, self._wrong_before, self._sizes, self._wrong)
        own = self._of(
            self._before, self._wrong_before, self._sizes - 1, np.maximum(self._wrong - wrong, 0)
        )
        later = self._of(
            np.maximum(self._before - 1, 0), self._wrong_before - wrong, self._sizes, self._wrong
        )
        earlier = np.cumsum(whole) - whole
        after: Values = np.cumsum(later[::-1])[::-1] - later
        return earlier + own + after

    def _of(self, before: Values, wrong_before: Values, sizes: Values, wrong: Values) -> Values:
        """Sum the risk within each group, which adds its share wrong with each of its answers."""
        rate = wrong / np.maximum(sizes, 1)
        first, last = before.astype(np.intp), (before + sizes).astype(np.intp)
        added: Values = self._harmonic[last] - self._harmonic[first]
        return wrong + (wrong_before - before * rate) * added


def _points(tried: Sequence[tuple[float, bool]]) -> tuple[RiskPoint, ...]:
    points, answers, wrong = [], 0, 0
    for level, group in groupby(sorted(tried, reverse=True), key=lambda each: each[0]):
        found = [right for _, right in group]
        answers, wrong = answers + len(found), wrong + found.count(False)
        points.append(_point(None if level == -math.inf else level, answers, wrong, len(tried)))
    return tuple(points)


def _stop(judged: Sequence[Row], levels: Sequence[float | None]) -> RiskPoint | None:
    shown = [
        (level, is_right(row)) for row, level in zip(judged, levels, strict=True) if row.answered
    ]
    if not shown:
        return None
    least = min((level for level, _ in shown if level is not None), default=None)
    wrong = sum(right is False for _, right in shown)
    return _point(least, len(shown), wrong, len(judged))


def _point(level: float | None, answers: int, wrong: int, questions: int) -> RiskPoint:
    return RiskPoint(
        level=level,
        answers=answers,
        wrong=wrong,
        coverage=answers / questions,
        risk=wrong / answers,
    )


# Confidence against truth -----------------------------------------------------------------------


def calibration_bins(rows: Iterable[Row]) -> tuple[Bin, ...]:
    """Compare the confidence shown with the share right, within each tenth that holds any."""
    bins: dict[int, list[tuple[float, bool]]] = {}
    for row in rows:
        right = is_right(row)
        if right is not None and row.confidence is not None:
            number = min(int(row.confidence * BINS), BINS - 1)
            bins.setdefault(number, []).append((row.confidence, right))
    return tuple(_bin(number, bins[number]) for number in sorted(bins))


def calibration_figure(bins: Sequence[Bin]) -> Figure:
    """Give the expected calibration error of bins, at least one, with its interval."""
    return gap_figure(
        np.array([each.confidence for each in bins]),
        np.array([each.right for each in bins], dtype=np.float64),
        np.array([each.answers for each in bins], dtype=np.float64),
    )


def calibration_error(bins: Sequence[Bin]) -> float:
    """Give the expected calibration error of bins, at least one (see `expected_error`)."""
    return calibration_figure(bins).mean


def expected_error(
    confidence: Values, right: NDArray[np.bool_], weights: Values | None = None
) -> float:
    """Give the expected calibration error: |confidence - share right|, averaged over answers.

    Both are means within a bin of confidence; Guo et al., "On Calibration of Modern Neural
    Networks", ICML 2017.
    """
    counted = np.ones(len(confidence)) if weights is None else weights
    bins = np.minimum((confidence * BINS).astype(np.intp), BINS - 1)  # (n,)
    gaps = np.bincount(bins, weights=(confidence - right) * counted)  # (bins,)
    return float(np.abs(gaps).sum() / counted.sum())


def _bin(number: int, answers: Sequence[tuple[float, bool]]) -> Bin:
    right = sum(each for _, each in answers)
    return Bin(
        low=number / BINS,
        high=(number + 1) / BINS,
        answers=len(answers),
        right=right,
        confidence=math.fsum(confidence for confidence, _ in answers) / len(answers),
        interval=share_interval(right, len(answers)),
    )
