"""How often the 95 % intervals of figures hold the truth, and how wide they are, by simulation.

Thousands of gold sets are drawn whose truth is known. Each cell is the share of intervals that hold
it, and their mean width: the bootstrap's three usual ones, Wilson's for the number of questions,
and the one that ctqa.evaluation takes for this kind of figure.
"""

import math
from collections.abc import Iterator, Sequence
from functools import cache

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr, ndtri

from bench.common import Table, run
from bench.interval_cases import Case, Interval, Sample, Values, cases

SIZES = (20, 30, 100, 400)
SETS = 600  # drawn for a mean: coverage is known to .017
SETS_OF_WHOLES = 300  # for what is no mean: to .025
RESAMPLES = 500
MANY = 1_000_000  # questions that tell the truth where no formula does
ENDS = (2.5, 97.5)
Z = 1.96


def main() -> None:
    """Print the table, and keep it in bench/out."""
    columns = ("figure", "truth", "questions", "percentile", "BCa", "bootstrap-t", "Wilson", "ours")
    table = Table("intervals", columns)
    for case in cases():
        truth = _truth(case)
        for n in SIZES:
            table.add(case.name, truth, n, *_row(case, truth, n))


def _truth(case: Case) -> float:
    if case.truth is not None:
        return case.truth
    return float(case.statistic(case.draw(np.random.default_rng(7), MANY)))


def _row(case: Case, truth: float, n: int) -> Iterator[str]:
    random = np.random.default_rng(n + 1)
    found: dict[str, list[Interval]] = {}
    for _ in range(SETS if case.mean else SETS_OF_WHOLES):
        sample = case.draw(random, n)
        if np.isnan(case.statistic(sample)):
            continue  # no refusal among so few, say
        for name, interval in _intervals(case, sample):
            found.setdefault(name, []).append(interval)
    for name in ("percentile", "BCa", "bootstrap-t", "Wilson", "ours"):
        yield _cell(found[name], truth) if name in found else "–"


def _cell(intervals: Sequence[Interval], truth: float) -> str:
    low, high = np.array(intervals).T
    held = np.mean((low <= truth + 1e-9) & (truth <= high + 1e-9))
    open_ended = np.mean(np.isinf(high))
    width = f"{np.mean(high - low):.3f}" if not open_ended else "no upper end"
    return f"{held:.3f} ({width})"


# The intervals ----------------------------------------------------------------------------------


def _intervals(case: Case, sample: Sample) -> Iterator[tuple[str, Interval]]:
    n = sample.shape[-1]
    picks = _picks(n)
    found = case.statistic(sample[:, picks])  # (RESAMPLES,)
    found = found[~np.isnan(found)]
    yield "percentile", _ends(found)
    yield "BCa", _bca(case, sample, found)
    if case.mean:
        yield "bootstrap-t", _studentised(sample[0], picks)
        yield "Wilson", _wilson(float(sample[0].mean()), n)
    yield "ours", case.chosen(sample)


def _ends(found: Values) -> Interval:
    low, high = np.percentile(found, ENDS)
    return float(low), float(high)


def _bca(case: Case, sample: Sample, found: Values) -> Interval:
    """Efron, "Better Bootstrap Confidence Intervals", JASA 1987."""
    n, estimate = sample.shape[-1], float(case.statistic(sample))
    without = case.statistic(sample[:, _all_but_one(n)])
    without = without[~np.isnan(without)]
    off = without.mean() - without
    spread = (off**2).sum() ** 1.5
    skew = (off**3).sum() / (6 * spread) if spread else 0.0
    below = (np.mean(found < estimate) + np.mean(found <= estimate)) / 2
    bias = ndtri(np.clip(below, 1 / RESAMPLES, 1 - 1 / RESAMPLES))
    levels = [ndtr(bias + (bias + z) / (1 - skew * (bias + z))) for z in (-Z, Z)]
    low, high = np.quantile(found, levels)
    return float(low), float(high)


@cache
def _all_but_one(n: int) -> NDArray[np.int64]:
    return np.array([np.delete(np.arange(n), left) for left in range(n)])  # (n, n - 1)


@cache
def _picks(n: int) -> NDArray[np.int64]:
    return np.random.default_rng(n).integers(n, size=(RESAMPLES, n))


def _studentised(values: Values, picks: NDArray[np.int64]) -> Interval:
    mean, error = values.mean(), values.std() / math.sqrt(values.size)
    drawn = values[picks]
    errors = drawn.std(axis=1) / math.sqrt(values.size)
    scores = np.divide(drawn.mean(axis=1) - mean, errors, out=0 * errors, where=errors > 1e-9)
    low, high = np.percentile(scores, ENDS)
    return float(mean - high * error), float(mean - low * error)


def _wilson(mean: float, n: int) -> Interval:
    middle, spread = (mean + Z**2 / (2 * n)) / (1 + Z**2 / n), mean * (1 - mean) / n
    half = Z * math.sqrt(spread + Z**2 / (4 * n**2)) / (1 + Z**2 / n)
    return middle - half, middle + half


run(main, __name__)
