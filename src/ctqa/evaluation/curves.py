"""How confidence and error go together: risk against coverage, and confidence against truth."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Literal

from ctqa.evaluation.outcome import Row

Basis = Literal["confidence", "score"]

BINS = 10  # of equal width
_Z = 1.959963984540054  # of the normal distribution, for 95 %


@dataclass(frozen=True, slots=True, kw_only=True)
class RiskPoint:
    """What came of all answers at least this sure."""

    level: float  # the least confidence, or score, among them
    answers: int
    wrong: int
    coverage: float  # answers, as a share of all questions that could be judged
    risk: float  # wrong ones, as a share of these answers


@dataclass(frozen=True, slots=True, kw_only=True)
class RiskCoverage:
    """Risk against coverage, the surest answers first; it ends where answers were held back."""

    basis: Basis
    questions: int  # that could be judged
    points: tuple[RiskPoint, ...]


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


def risk_coverage(rows: Sequence[Row]) -> RiskCoverage | None:
    """Draw risk against coverage by confidence or, where none is calibrated, by score.

    Answers as sure as each other are taken together, since nothing tells which to hold back. None
    where no answer could be judged. El-Yaniv and Wiener, "On the Foundations of Noise-free
    Selective Classification", JMLR 2010.
    """
    judged = [(row, right) for row in rows if (right := is_right(row)) is not None]
    questions = sum(row.impossible or "sentence_right" in row.values for row in rows)
    calibrated = all(row.confidence is not None for row, _ in judged)
    basis: Basis = "confidence" if calibrated else "score"
    levels = [(_level(row, basis), right) for row, right in judged]
    if not levels:
        return None
    points, answers, wrong = [], 0, 0
    for level, group in groupby(sorted(levels, reverse=True), key=lambda each: each[0]):
        found = [right for _, right in group]
        answers, wrong = answers + len(found), wrong + found.count(False)
        points.append(
            RiskPoint(
                level=level,
                answers=answers,
                wrong=wrong,
                coverage=answers / questions,
                risk=wrong / answers,
            )
        )
    return RiskCoverage(basis=basis, questions=questions, points=tuple(points))


def calibration_bins(rows: Iterable[Row]) -> tuple[Bin, ...]:
    """Compare confidence with the share right, within each tenth that holds any answer."""
    bins: dict[int, list[tuple[float, bool]]] = {}
    for row in rows:
        right = is_right(row)
        if right is not None and row.confidence is not None:
            number = min(int(row.confidence * BINS), BINS - 1)
            bins.setdefault(number, []).append((row.confidence, right))
    return tuple(_bin(number, bins[number]) for number in sorted(bins))


def calibration_error(bins: Sequence[Bin]) -> float:
    """Give the expected calibration error: |confidence - share right|, averaged over answers.

    Guo et al., "On Calibration of Modern Neural Networks", ICML 2017.
    """
    gaps = (abs(each.confidence - each.share) * each.answers for each in bins)
    return math.fsum(gaps) / sum(each.answers for each in bins)


def share_interval(right: int, of: int) -> tuple[float, float]:
    """Give a 95 % interval of a share; it stays within 0..1 and is never empty.

    Wilson, "Probable Inference", JASA 1927.
    """
    share, spread = right / of, _Z**2 / of
    middle = (share + spread / 2) / (1 + spread)
    half = _Z * math.sqrt(share * (1 - share) / of + spread / (4 * of)) / (1 + spread)
    return max(0.0, middle - half), min(1.0, middle + half)


def _level(row: Row, basis: Basis) -> float:
    value = row.confidence if basis == "confidence" else row.score
    return -math.inf if value is None else value


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
