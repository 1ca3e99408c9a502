"""Intervals against published values, and against truths drawn from: do they hold them?"""

import math
import random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ctqa.evaluation.curves import area
from ctqa.evaluation.intervals import (
    Figure,
    balanced,
    figure,
    gap_figure,
    quantile_interval,
    share_interval,
)

SETS = 400  # a true 95 % comes out as .93 to .97


def ends(found: Figure) -> tuple[float, float]:
    return found.low, found.high


# ---- means


def test_the_interval_of_a_share_is_wilsons():
    assert share_interval(8, 10) == pytest.approx((0.4902, 0.9433), abs=1e-4)
    assert share_interval(0, 10) == pytest.approx((0.0, 0.2775), abs=1e-4)
    assert share_interval(10, 10) == pytest.approx((0.7225, 1.0), abs=1e-4)
    assert share_interval(30, 30) == pytest.approx((0.8865, 1.0), abs=1e-4)


@pytest.mark.parametrize(("right", "of"), [(0, 1), (1, 1), (8, 10), (30, 30), (95, 400)])
def test_a_mean_of_zeros_and_ones_has_wilsons(right, of):
    found = figure([1.0] * right + [0.0] * (of - right))
    assert (found.mean, found.n) == (right / of, of)
    assert ends(found) == pytest.approx(share_interval(right, of))


def test_values_that_spread_less_tell_more():
    halves, extremes = figure([0.4, 0.6] * 20), figure([0.0, 1.0] * 20)
    assert halves.high - halves.low < (extremes.high - extremes.low) / 2


def test_many_questions_have_the_interval_of_the_normal_distribution():
    draw = random.Random(3)  # noqa: S311 -- a repeatable test, no secret
    sample = [draw.betavariate(4, 2) for _ in range(5000)]
    half = 1.96 * float(np.std(sample)) / math.sqrt(5000)
    found = figure(sample)
    assert ends(found) == pytest.approx((found.mean - half, found.mean + half), abs=1e-4)


values = st.lists(st.floats(0, 1), min_size=1, max_size=40)


@given(values, st.randoms())
def test_an_interval_is_never_empty_holds_its_mean_and_knows_no_order(sample, shuffler):
    found = figure(sample)
    assert 0 <= found.low <= found.mean <= found.high <= 1
    assert found.high - found.low > 1e-3
    shuffler.shuffle(sample)
    assert figure(sample) == found


@given(st.floats(0, 1))
def test_alike_values_have_a_narrower_interval_the_more_there_are(value):
    few, many = figure([value] * 10), figure([value] * 100)
    assert 0 < many.high - many.low < few.high - few.low


# ---- two classes


def test_balanced_accuracy_weighs_both_classes_alike():
    found = balanced([1.0] * 98 + [0.0] * 2, [0.0, 1.0])
    assert (found.mean, found.n) == (pytest.approx(0.74), 102)
    # By hand: Wilson's are .9300 to .9945 and .0945 to .9055.
    assert found.low == pytest.approx(0.74 - math.hypot(0.98 - 0.9300, 0.5 - 0.0945) / 2, abs=1e-3)
    assert found.high == pytest.approx(0.74 + math.hypot(0.9945 - 0.98, 0.9055 - 0.5) / 2, abs=1e-3)


# ---- quantiles


def test_a_quantiles_ends_are_two_of_the_values():
    # Of 20 values the median lies between the 6th and the 15th with a chance of .9586.
    assert quantile_interval(range(1, 21), 0.5) == (6, 15)
    # Of 100 the 95th percentile lies above the 99th with a chance of .037, above the 100th of .006.
    assert quantile_interval(range(1, 101), 0.95) == (90, 100)


@pytest.mark.parametrize(("n", "bounded"), [(71, False), (72, True)])
def test_too_few_values_do_not_bound_the_slowest(n, bounded):
    low, high = quantile_interval(range(n), 0.95)
    assert low is not None and (high is not None) == bounded


def test_one_value_bounds_nothing():
    assert quantile_interval([3.0], 0.5) == (None, None)


# ---- gaps between confidence and truth


def gaps(expected: list[float], right: list[int], of: list[int]) -> Figure:
    return gap_figure(np.array(expected), np.array(right, float), np.array(of, float))


def test_a_gap_that_chance_explains_may_be_none():
    found = gaps([0.75, 0.85], [7, 9], [10, 10])
    assert (found.mean, found.low, found.n) == (pytest.approx(0.05), 0.0, 20)
    assert 0.1 < found.high < 0.4


def test_a_large_gap_is_not_explained_by_chance():
    found = gaps([0.95], [500], [1000])
    error = math.sqrt(0.25 / 1000)
    assert found.mean == pytest.approx(0.45)
    assert ends(found) == pytest.approx((0.45 - 1.96 * error, 0.45 + 1.96 * error), abs=2e-3)


def test_full_agreement_is_not_certain():
    found = gaps([1.0], [30], [30])
    assert (found.mean, found.low) == (0, 0)
    assert found.high == pytest.approx(1 - 0.8865, abs=1e-4)


# ---- do they hold the truth as often as they say?


def coverage(sets: list[tuple[float, float]], truth: float) -> float:
    return float(np.mean([low - 1e-9 <= truth <= high + 1e-9 for low, high in sets]))


@pytest.mark.parametrize("n", [30, 200])
@pytest.mark.parametrize("share", [0.5, 0.8, 0.95])
def test_shares_are_held(n, share):
    draw = np.random.default_rng(1)
    sets = [ends(figure((draw.random(n) < share) * 1.0)) for _ in range(SETS)]
    assert 0.92 <= coverage(sets, share) <= 0.98


@pytest.mark.parametrize("n", [30, 200])
def test_means_of_f1_are_held(n):
    draw = np.random.default_rng(2)

    def one() -> list[float]:
        kind, between = draw.random(n), draw.beta(2, 2, n)
        return np.where(kind < 0.1, 0, np.where(kind < 0.8, 1, between)).tolist()

    sets = [ends(figure(one())) for _ in range(SETS)]
    assert 0.92 <= coverage(sets, 0.7 + 0.2 / 2) <= 0.98


@pytest.mark.parametrize("n", [30, 200])
def test_balanced_accuracy_is_held(n):
    draw = np.random.default_rng(3)
    sets = [
        ends(balanced((draw.random(n) < 0.9) * 1.0, (draw.random(n // 3) < 0.8) * 1.0))
        for _ in range(SETS)
    ]
    assert 0.92 <= coverage(sets, 0.85) <= 0.98


@pytest.mark.parametrize("n", [30, 200])
def test_areas_are_held(n):
    draw = np.random.default_rng(4)

    def one() -> list[tuple[float, bool]]:
        return [(sure, draw.random() > 0.7) for sure in draw.random(n)]

    # Sureness tells nothing here, so the risk is the same over every number of answers.
    sets = [ends(area(one())) for _ in range(SETS)]
    assert 0.92 <= coverage(sets, 0.3) <= 0.98


@pytest.mark.parametrize("n", [30, 200])
@pytest.mark.parametrize(("off", "most"), [(0.0, 1.0), (0.3, 0.99)])
def test_calibration_errors_are_held(n, off, most):
    draw = np.random.default_rng(5)
    sure = np.array([0.55, 0.65, 0.75, 0.85])

    def one() -> Figure:
        of = draw.multinomial(n, [0.25] * 4)
        right, there = draw.binomial(of, sure - off), of > 0
        return gap_figure(sure[there], right[there] * 1.0, of[there] * 1.0)

    assert 0.92 <= coverage([ends(one()) for _ in range(SETS)], off) <= most


@pytest.mark.parametrize(("n", "q"), [(30, 0.5), (200, 0.5), (200, 0.95)])
def test_quantiles_are_held(n, q):
    draw = np.random.default_rng(6)
    found = [quantile_interval(draw.random(n).tolist(), q) for _ in range(SETS)]
    sets = [(low, high) for low, high in found if low is not None and high is not None]
    assert len(sets) == SETS
    assert 0.93 <= coverage(sets, q) <= 0.99
