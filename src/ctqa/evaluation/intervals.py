"""Figures over questions and their 95 % intervals.

Each kind of figure has the interval that comes nearest to 95 % in simulations (`python -m
bench.intervals`). The bootstrap is not among them: its interval of values that are all alike is
empty, and where few differ it holds the truth far less often than it says.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Z = 1.959963984540054  # of the normal distribution, for 95 %
_HALVINGS = 40  # leave a 10**12th of a range

Interval = tuple[float, float]
Values = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """A measure over questions with its 95 % interval."""

    mean: float
    low: float
    high: float
    n: int  # questions


def share_interval(right: int, of: int) -> Interval:
    """Give a 95 % interval of a share; it stays within 0..1 and is never empty.

    Wilson, "Probable Inference", JASA 1927.
    """
    return _wilson(right / of, of, Z)


def figure(values: Sequence[float]) -> Figure:
    """Average values from 0 to 1, at least one; where all are 0 or 1 the interval is Wilson's."""
    mean = min(1.0, math.fsum(values) / len(values))
    return _figure(mean, spread_interval(mean, values), len(values))


def smooth_figure(estimate: float, pseudo_values: Sequence[float]) -> Figure:
    """Give a figure from 0 to 1 that is no mean, by its jackknife pseudo-values.

    A pseudo-value is n times the figure of all questions less n - 1 times that of all but one;
    their spread is the figure's, as values' is a mean's. Tukey, "Bias and Confidence in Not-Quite
    Large Samples", Annals of Mathematical Statistics 1958. Few questions tell their spread badly,
    hence Student's t.
    """
    from scipy.special import stdtrit  # noqa: PLC0415

    n = len(pseudo_values)
    z = float(stdtrit(n - 1, 0.975)) if n > 1 else Z
    return _figure(estimate, spread_interval(estimate, pseudo_values, z), n)


def spread_interval(mean: float, values: Sequence[float], z: float = Z) -> Interval:
    """Give Wilson's interval for as many 0/1 questions as would tell the mean as closely.

    Values between 0 and 1 spread less than those of 0 and 1 alone, so they tell more. The spread is
    taken with half a 0 and half a 1 added, so that it is never nought. Where all values are 0 or 1
    the number is that of the questions. Dean and Pagano, "Evaluating Confidence Interval Methods
    for Binomial Proportions in Clustered Surveys", JSSAM 2015, who reckon a design effect so.
    """
    n = len(values)
    middle = (n * mean + 0.5) / (n + 1)
    squares = math.fsum((value - middle) ** 2 for value in values)
    variance = (squares + (middle**2 + (1 - middle) ** 2) / 2) / (n + 1)
    return _wilson(mean, n * middle * (1 - middle) / variance, z)


def balanced(positive: Sequence[float], negative: Sequence[float]) -> Figure:
    """Average the means of two classes, neither of them empty.

    The classes are independent, so the distances to the limits add up by their squares: Zou and
    Donner, "Construction of Confidence Limits about Effect Measures", Statistics in Medicine 2008.
    """
    first, second = figure(positive), figure(negative)
    mean = (first.mean + second.mean) / 2
    below = math.hypot(first.mean - first.low, second.mean - second.low) / 2
    above = math.hypot(first.high - first.mean, second.high - second.mean) / 2
    return _figure(mean, (mean - below, mean + above), first.n + second.n)


def gap_figure(expected: Values, right: Values, of: Values) -> Figure:
    """Average |expected share - share right| over bins of answers, each counted by its answers.

    Such an average is too high by chance: with no gap anywhere it is still not 0. The low end is
    where all gaps are smaller by the same number of their standard errors, as many as it takes for
    the average found to be at the upper end of what chance then brings; 0 where it may all be
    chance. The high end adds the bins' own distances by their squares (see `balanced`).

    Args:
        expected: the mean confidence of each bin, shape (bins,).
        right: how many of its answers were right.
        of: how many answers there are, at least one.

    """
    weights, gaps = of / of.sum(), np.abs(expected - right / of)
    mean = float(weights @ gaps)
    # Two right and two wrong more: Agresti and Coull, American Statistician 1998.
    share = (right + 2) / (of + 4)
    low = _least_gap(gaps, np.sqrt(share * (1 - share) / of), weights)
    limits = np.array([share_interval(int(r), int(n)) for r, n in zip(right, of, strict=True)])
    furthest = np.abs(limits - expected[:, None]).max(axis=1)  # (bins,)
    high = mean + float(np.linalg.norm(weights * (furthest - gaps)))
    return _figure(mean, (low, high), int(of.sum()))


def quantile_interval(values: Sequence[float], q: float) -> tuple[float | None, float | None]:
    """Give a 95 % interval of a quantile, whatever the distribution.

    Its ends are two of the values; None where so few do not bound it: above the 95th percentile it
    takes 72. Hahn and Meeker, "Statistical Intervals", 1991, section 5.2.
    """
    from scipy.special import bdtr  # noqa: PLC0415

    ordered, n = sorted(values), len(values)
    below = bdtr(np.arange(n + 1), n, q)  # (n + 1,), chance that at most k lie below the quantile
    first = int(np.searchsorted(below, 0.025, side="right"))  # of them surely do
    last = int(np.searchsorted(below, 0.975, side="left"))
    return (ordered[first - 1] if first else None), (ordered[last] if last < n else None)


def _wilson(mean: float, n: float, z: float) -> Interval:
    spread = z**2 / n
    middle = (mean + spread / 2) / (1 + spread)
    half = z * math.sqrt(max(0.0, mean * (1 - mean)) / n + spread / (4 * n)) / (1 + spread)
    return middle - half, middle + half


def _figure(mean: float, interval: Interval, n: int) -> Figure:
    """Keep rounding from putting the mean outside, or the ends beyond 0 and 1."""
    low, high = interval
    return Figure(mean=mean, low=max(0.0, min(low, mean)), high=min(1.0, max(high, mean)), n=n)


def _least_gap(gaps: Values, errors: Values, weights: Values) -> float:
    found = float(weights @ gaps)
    shrunk, most = 0.0, float((gaps / errors).max())
    if _chance_reaches(gaps - most * errors, errors, weights) > found:
        return 0.0
    for _ in range(_HALVINGS):
        tried = (shrunk + most) / 2
        if _chance_reaches(gaps - tried * errors, errors, weights) > found:
            shrunk = tried
        else:
            most = tried
    return float(weights @ np.maximum(gaps - most * errors, 0))


def _chance_reaches(gaps: Values, errors: Values, weights: Values) -> float:
    """Give the upper end of what the average of these gaps comes to, each off by its error.

    |N(gap, error)| has the folded normal distribution: Leone, Nelson and Nottingham, Technometrics
    1961.
    """
    from scipy.special import ndtr  # noqa: PLC0415

    true = np.maximum(gaps, 0)
    bell = errors * math.sqrt(2 / math.pi) * np.exp(-((true / errors) ** 2) / 2)
    means = bell + true * (1 - 2 * ndtr(-true / errors))
    variances = true**2 + errors**2 - means**2
    return float(weights @ means + Z * np.sqrt(weights**2 @ variances))
