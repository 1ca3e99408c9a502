import math
from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ctqa.evaluation.comparing.paired import (
    _drawn_sums,
    average,
    difference,
    holm,
    p_value,
    smallest,
    whole_difference,
)


def all_swaps(differences: list[float]) -> float:
    """Work the p-value out by trying every way of swapping."""
    least = abs(sum(differences)) - 1e-9
    sums = [
        abs(sum(s * d for s, d in zip(signs, differences, strict=True)))
        for signs in product((1, -1), repeat=len(differences))
    ]
    return sum(each >= least for each in sums) / len(sums)


# ---- the test


@pytest.mark.parametrize(
    ("up", "down", "p"),
    [
        (5, 0, 2 / 32),  # all five one way
        (6, 0, 2 / 64),
        (5, 1, 2 * (1 + 6) / 64),
        (0, 1, 1.0),
        (3, 3, 1.0),
        (0, 0, 1.0),
    ],
)
def test_p_of_zeros_and_ones_by_hand(up, down, p):
    same = 20
    found = difference([0] * up + [1] * down + [1] * same, [1] * up + [0] * down + [1] * same)
    assert found.p == pytest.approx(p)
    assert (found.n, found.higher, found.lower) == (up + down + same, up, down)
    assert found.mean == pytest.approx((up - down) / (up + down + same))


@given(st.lists(st.sampled_from([0.0, 0.25, -0.25, 0.5, -0.5, 1.0, -1.0, 0.3]), max_size=9))
def test_p_is_that_of_all_swaps(differences):
    if differences:
        assert p_value(np.array(differences)) == pytest.approx(all_swaps(differences))


@given(st.lists(st.floats(0, 1), min_size=1, max_size=30), st.randoms(use_true_random=False))
def test_p_depends_neither_on_the_order_nor_on_which_comes_first(values, random):
    other = values[:]
    random.shuffle(other)
    order = list(range(len(values)))
    random.shuffle(order)
    found, back = difference(values, other), difference(other, values)
    moved = difference([values[n] for n in order], [other[n] for n in order])
    assert found.p == moved.p == back.p
    assert found.mean == pytest.approx(-back.mean)
    assert found.low == pytest.approx(-back.high) and found.low <= found.mean <= found.high


def test_drawn_swaps_come_near_all_swaps():
    differences = np.array([0.1, 0.2, 0.3, 0.4, -0.2, 0.5, 0.1, 0.35, -0.05, 0.7])
    sizes, times = np.unique(np.abs(differences), return_counts=True)
    drawn = np.abs(_drawn_sums(sizes, times)) >= differences.sum() - 1e-9
    assert drawn.mean() == pytest.approx(all_swaps(differences.tolist()), abs=0.005)


def test_drawn_swaps_have_the_spread_of_all_swaps():
    """However many questions share a size, and however many sizes there are."""
    sizes, times = np.linspace(0.01, 1, 150), np.array([1, 2, 7] * 50)
    spread = math.sqrt(float((times * sizes**2).sum()))
    drawn = _drawn_sums(sizes, times)
    assert drawn.std() == pytest.approx(spread, rel=0.02)
    assert abs(drawn.mean()) < spread / 40


def test_a_p_that_is_drawn_is_never_zero():
    differences = np.linspace(0.1, 1, 40)
    assert p_value(differences) == 1 / 20_000


def test_rounding_makes_no_difference():
    found = difference([0.1 + 0.2, 0.3], [0.3, 0.1 + 0.2])
    assert (found.p, found.mean, found.higher, found.lower) == (1.0, 0.0, 0, 0)


# ---- the interval and the smallest difference


def test_the_interval_by_hand():
    # 5 of 30 up, with one more each way: a mean of 5/32 and of squares of 7/32
    found = difference([0] * 30, [1] * 5 + [0] * 25)
    half = 2.0395 * math.sqrt((7 / 32 - (5 / 32) ** 2) / 32)  # t(.975) with 31 degrees of freedom
    assert (found.low, found.high) == pytest.approx((5 / 32 - half, 5 / 32 + half), abs=1e-4)


def test_small_differences_have_a_narrow_interval():
    tenth = difference([0.0] * 30, [0.1] * 5 + [0.0] * 25)
    whole = difference([0.0] * 30, [1.0] * 5 + [0.0] * 25)
    assert (tenth.low, tenth.high) == pytest.approx((whole.low / 10, whole.high / 10))
    assert tenth.smallest == pytest.approx(whole.smallest / 10) and tenth.p == whole.p


def test_one_great_difference_does_not_widen_the_interval_of_many_small_ones():
    """With more questions that differ by the greatest, it would reach 0 where p is .001."""
    found = difference([0.0] * 60, [0.05] * 20 + [0.6] + [0.0] * 39)
    assert found.p < 0.001 and found.excludes_zero


@pytest.mark.parametrize("sizes", [[1.0], [*[0.02] * 5, 0.05, 0.1, 0.5]])
def test_interval_and_test_seldom_disagree(sizes):
    random = np.random.default_rng(4)
    found = [
        difference(np.zeros(60), random.choice(sizes, 60) * random.choice([1, 1, 0, 0, -1], 60))
        for _ in range(200)
    ]
    assert 0.2 < np.mean([each.shown for each in found]) < 0.95
    assert np.mean([each.shown != each.excludes_zero for each in found]) < 0.1


def test_identical_results_leave_room_for_a_difference():
    found = difference([1] * 30, [1] * 30)
    assert found.low < 0 < found.high
    assert found.smallest == pytest.approx(7.906 / 30)
    assert found.questions_needed is None and not found.shown


def test_the_smallest_difference_by_hand():
    differences = np.array([1.0] * 30 + [-1.0] * 20 + [0.0] * 50)
    spread = math.sqrt((0.5 - 0.1**2) * 100 / 99)
    reach = 1.98422 + 0.84536  # t(.975) and t(.8) with 99 degrees of freedom
    assert smallest(differences) == pytest.approx(reach * spread / 10 + 0.01, abs=1e-4)


def test_six_questions_are_needed_at_least():
    assert smallest(np.array([1.0] + [0.0] * 999)) == pytest.approx(7.906 / 1000)


def test_one_question_is_compared_too():
    found = difference([0], [1])
    assert found.p == 1.0 and (found.low, found.high) == (-1.0, 1.0)


def test_questions_needed_grow_with_the_square():
    found = difference([0] * 100, [1] * 30 + [-1] * 26 + [0] * 44)
    assert found.questions_needed == math.ceil(100 * (found.smallest / 0.04) ** 2)


@settings(deadline=None, max_examples=20)
@given(st.integers(0, 2**32 - 1))
def test_the_stated_difference_is_mostly_found_and_the_interval_mostly_holds(seed):
    random = np.random.default_rng(seed)
    n, up, down = 400, 0.13, 0.07  # smallest: .063
    true = up - down
    draws = random.choice([1.0, -1.0, 0.0], p=[up, down, 1 - up - down], size=(150, n))
    found = [difference(np.zeros(n), each) for each in draws]
    assert 0.6 <= np.mean([each.shown for each in found]) <= 0.95
    assert np.mean([each.low <= true <= each.high for each in found]) >= 0.86
    assert np.median([each.smallest for each in found]) == pytest.approx(true, abs=0.01)


# ---- several at once


def test_holm_by_hand():
    assert holm([0.01, 0.04, 0.03]) == pytest.approx([0.03, 0.06, 0.06])
    assert holm([0.5, 0.9]) == [1.0, 1.0]
    assert holm([]) == []


def test_two_kinds_of_questions_count_half_each():
    first = difference([0] * 10, [1] * 6 + [0] * 4)
    second = difference([1] * 4, [0] * 4)
    found = average(first, second, [0.05] * 6 + [0] * 4 + [-0.125] * 4)
    assert found.mean == pytest.approx(0.3 - 0.5)
    assert (found.n, found.higher, found.lower) == (14, 6, 4)
    assert found.p == pytest.approx(all_swaps([0.05] * 6 + [-0.125] * 4))


# ---- what is no mean


def test_a_whole_statistic_that_is_a_mean_is_compared_as_one():
    values = np.array([0, 0, 0, 0, 1, 1, 0, 0, 0, 0, *[1] * 6, 1, 0, 0, 0], dtype=float)
    found = whole_difference(10, lambda picked: float(values[picked].mean()))
    by_mean = difference(values[:10], values[10:])
    assert found is not None and found.mean == pytest.approx(by_mean.mean)
    assert found.p == pytest.approx(by_mean.p, abs=0.03)
    assert found.low < found.mean < found.high


def test_a_whole_statistic_has_the_interval_of_its_standard_error():
    values = np.random.default_rng(1).random(200)
    found = whole_difference(100, lambda picked: float(values[picked].mean()))
    error = float(np.std(values[100:] - values[:100], ddof=1)) / 10
    assert found is not None
    assert found.high - found.mean == pytest.approx(1.984 * error, rel=0.1)
    assert found.mean - found.low == pytest.approx(found.high - found.mean)


def test_a_whole_statistic_that_one_side_lacks_is_not_compared():
    assert whole_difference(2, lambda picked: math.nan if 2 in picked else 1.0) is None
