"""Figures of every kind with values as they come, for `bench.intervals`."""

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ctqa.evaluation.curves import BINS, area
from ctqa.evaluation.intervals import balanced, figure, gap_figure, quantile_interval

Values = NDArray[np.float64]
Sample = Values  # (columns, ..., questions)
Interval = tuple[float, float]
Draw = Callable[[np.random.Generator, int], Sample]
Statistic = Callable[[Sample], Values]


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A kind of figure and what its values are like."""

    name: str
    draw: Draw
    statistic: Statistic
    chosen: Callable[[Sample], Interval]
    truth: float | None = None  # None: drawn
    mean: bool = False


def cases() -> Iterator[Case]:
    """Give every kind of figure with values as they come."""
    for share in (0.5, 0.8, 0.95, 0.99):
        yield _mean(f"0 or 1, {share:.0%} right", _listed([0, 1], [1 - share, share]))
    yield _mean("F1, half of them 1, a fifth 0", _mixed(0.2, 0.5, 2, 2))
    yield _mean("F1, nearly all 1", _mixed(0.02, 0.9, 5, 2))
    yield _mean("F1, most of them 0", _mixed(0.7, 0.1, 2, 3))
    gains = [*(1 / np.log2(np.arange(2, 12))), 0]
    yield _mean("nDCG of one document, usually first", _listed(gains, [92, 4, 2, 1, *[0] * 6, 1]))
    yield _mean("nDCG, anywhere between", _mixed(0, 0, 4, 1))
    ranks = [*(1 / np.arange(1, 11)), 0]
    yield _mean("RR, often not found", _listed(ranks, [10, 5, 5, 4, 3, 2, 2, 2, 2, 1, 64]))
    yield _mean("R@k, nearly all found", _listed([0, 0.5, 1], [1, 5, 94]))
    yield from _areas()
    yield from _errors()
    yield _whole("Refusal precision", _refusals(0.3, 0.8, 0.1), _precision, _chosen_precision)
    yield _whole(
        "Refusal precision, high", _refusals(0.5, 0.8, 0.02), _precision, _chosen_precision
    )
    yield _whole("Balanced accuracy", _refusals(0.3, 0.8, 0.1), _balance, _chosen_balance)
    yield _whole("Balanced accuracy, high", _refusals(0.2, 0.97, 0.02), _balance, _chosen_balance)
    yield _whole("p50 of the time", _times, _quantile(50), _chosen_quantile(0.5))
    yield _whole("p95 of the time", _times, _quantile(95), _chosen_quantile(0.95))


def _mean(name: str, draw: Draw) -> Case:
    def chosen(sample: Sample) -> Interval:
        found = figure(sample[0].tolist())
        return found.low, found.high

    return Case(name=name, draw=draw, statistic=_average, chosen=chosen, mean=True)


def _average(sample: Sample) -> Values:
    return np.asarray(sample[0].mean(axis=-1))


def _whole(
    name: str,
    draw: Draw,
    statistic: Statistic,
    chosen: Callable[[Sample], Interval],
    truth: float | None = None,
) -> Case:
    return Case(name=name, draw=draw, statistic=statistic, chosen=chosen, truth=truth)


def _listed(values: Sequence[float], weights: Sequence[float]) -> Draw:
    shares = np.array(weights) / sum(weights)
    return lambda random, n: random.choice(values, size=(1, n), p=shares).astype(float)


def _mixed(none: float, all_: float, a: float, b: float) -> Draw:
    """Draw a share of 0, a share of 1, and a beta distribution between."""

    def draw(random: np.random.Generator, n: int) -> Sample:
        kind, between = random.random((1, n)), random.beta(a, b, (1, n))
        return np.where(kind < none, 0.0, np.where(kind < none + all_, 1.0, between))

    return draw


def _answers(a: float, b: float, chance: Callable[[Values], Values]) -> Draw:
    """Draw confidences, and whether right by the chance at each: (2, n)."""

    def draw(random: np.random.Generator, n: int) -> Sample:
        sure = random.beta(a, b, n)
        return np.stack([sure, random.random(n) < chance(sure)])

    return draw


def _areas() -> Iterator[Case]:
    yield _whole("AURC, 75 % right", _answers(3, 1, lambda s: s), _area, _chosen_area)
    yield _whole("AURC, 95 % right", _answers(19, 1, lambda s: s), _area, _chosen_area)
    yield _whole(
        "AURC, order without worth", _answers(2, 2, lambda s: s * 0 + 0.7), _area, _chosen_area
    )
    yield _whole("AURC, sure or unsure", _answers(0.5, 0.3, lambda s: s), _area, _chosen_area)


def _area(sample: Sample) -> Values:
    order = np.argsort(-sample[0], axis=-1)
    wrong = 1 - np.take_along_axis(sample[1], order, axis=-1)
    return np.asarray((wrong.cumsum(axis=-1) / np.arange(1, wrong.shape[-1] + 1)).mean(axis=-1))


def _chosen_area(sample: Sample) -> Interval:
    found = area([(level, right == 0) for level, right in sample.T])
    return found.low, found.high


def _errors() -> Iterator[Case]:
    def case(name: str, draw: Draw, truth: float | None = None) -> Case:
        return _whole(f"ECE, {name}", draw, _error, _chosen_error, truth)

    yield case("calibrated", _answers(3, 1, lambda s: s), 0.0)
    yield case("calibrated, all sure", _answers(19, 1, lambda s: s), 0.0)
    yield case("off by .05", _answers(3, 1, lambda s: (s - 0.05).clip(0)))
    yield case("off by .1", _answers(3, 1, lambda s: (s - 0.1).clip(0)))
    yield case("off by .3", _answers(3, 1, lambda s: (s - 0.3).clip(0)))
    yield case("off at the ends", _answers(0.5, 0.3, lambda s: s.clip(0.1, 0.9)))


def _error(sample: Sample) -> Values:
    bins = np.minimum((sample[0] * BINS).astype(int), BINS - 1)
    gaps = sample[0] - sample[1]
    sums = [np.abs(np.where(bins == number, gaps, 0).sum(axis=-1)) for number in range(BINS)]
    return np.asarray(np.sum(sums, axis=0) / gaps.shape[-1])


def _chosen_error(sample: Sample) -> Interval:
    bins = np.minimum((sample[0] * BINS).astype(int), BINS - 1)
    of = np.bincount(bins, minlength=BINS)
    there = of > 0
    sure, right = (np.bincount(bins, weights=w, minlength=BINS)[there] for w in sample)
    found = gap_figure(sure / of[there], right, of[there].astype(float))
    return found.low, found.high


def _refusals(impossible: float, refused: float, refused_wrongly: float) -> Draw:
    """Draw whether impossible and whether refused: (2, n)."""

    def draw(random: np.random.Generator, n: int) -> Sample:
        kind = random.random(n) < impossible
        return np.stack([kind, random.random(n) < np.where(kind, refused, refused_wrongly)]) * 1.0

    return draw


def _precision(sample: Sample) -> Values:
    refused = sample[1].sum(axis=-1)
    right = (sample[0] * sample[1]).sum(axis=-1)
    return np.divide(right, refused, out=np.full_like(refused, np.nan), where=refused > 0)


def _chosen_precision(sample: Sample) -> Interval:
    found = figure(sample[0][sample[1] == 1].tolist())
    return found.low, found.high


def _balance(sample: Sample) -> Values:
    impossible, possible = sample[0].sum(axis=-1), (1 - sample[0]).sum(axis=-1)
    refused = (sample[0] * sample[1]).sum(axis=-1)
    answered = ((1 - sample[0]) * (1 - sample[1])).sum(axis=-1)
    both = (impossible > 0) & (possible > 0)
    first = np.divide(refused, impossible, out=np.full_like(refused, np.nan), where=both)
    second = np.divide(answered, possible, out=np.full_like(refused, np.nan), where=both)
    return np.asarray((first + second) / 2)


def _chosen_balance(sample: Sample) -> Interval:
    refused = sample[1][sample[0] == 1]
    answered = 1 - sample[1][sample[0] == 0]
    found = balanced(answered.tolist(), refused.tolist())
    return found.low, found.high


def _times(random: np.random.Generator, n: int) -> Sample:
    return random.lognormal(5, 1, (1, n))


def _quantile(q: float) -> Statistic:
    return lambda sample: np.asarray(np.percentile(sample[0], q, axis=-1))


def _chosen_quantile(q: float) -> Callable[[Sample], Interval]:
    def chosen(sample: Sample) -> Interval:
        low, high = quantile_interval(sample[0].tolist(), q)
        return (0.0 if low is None else low), (math.inf if high is None else high)

    return chosen
