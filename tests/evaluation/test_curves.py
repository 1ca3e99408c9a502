"""Risk against coverage and confidence against truth, worked out by hand."""

from itertools import pairwise, permutations
from statistics import fmean

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ctqa.evaluation.curves import (
    area,
    calibration_bins,
    calibration_error,
    calibration_figure,
    expected_error,
    is_right,
    least_area,
    risk_coverage,
)
from ctqa.evaluation.intervals import smooth_figure
from ctqa.evaluation.outcome import Held, Row, Spot


def row(
    id: str,
    right: bool | None = None,
    confidence: float | None = None,
    *,
    impossible: bool = False,
    answered: bool | None = True,
    score: float = 0.0,
    held: Held | None = None,
) -> Row:
    return Row(
        id=id,
        question=f"{id}?",
        kind="",
        half="",
        impossible=impossible,
        expected="",
        judgments=1,
        problems=(),
        values={} if right is None else {"sentence_right": float(right)},
        first_right=None if impossible else 1,
        documents={},
        answered=answered,
        score=score if answered else None,
        confidence=confidence,
        held=held,
        failed_at="wrong span" if right is False else "",
    )


def held(right: bool, confidence: float | None, score: float = 0.0) -> Held:
    at = Spot(document="d", page=None, start=0, end=1, text="x")
    return Held(score=score, confidence=confidence, right=right, at=at)


REFUSED = row("refused", right=False, answered=False)


def test_risk_rises_as_less_sure_answers_are_let_in():
    found = risk_coverage(
        [
            row("a", True, 0.9),
            row("b", False, 0.6),
            row("c", True, 0.6),
            row("d", impossible=True, confidence=0.3),
            REFUSED,
        ]
    )
    assert found is not None and (found.basis, found.questions) == ("confidence", 5)
    points = [(p.level, p.answers, p.wrong, p.coverage, p.risk) for p in found.points]
    assert points == [
        (0.9, 1, 0, 0.2, 0.0),
        (0.6, 3, 1, 0.6, pytest.approx(1 / 3)),  # equally sure: let in together
        (0.3, 4, 2, 0.8, 0.5),  # an answer to an impossible question is wrong
        (None, 5, 3, 1.0, 0.6),  # and so is having none to show
    ]
    assert found.stop is not None
    stop = found.stop
    assert (stop.level, stop.answers, stop.wrong, stop.coverage) == (0.3, 4, 2, 0.8)
    # The two of .6 come in either order: 0, 1/2 or 0, 1/3, 2/4, 3/5.
    assert found.aurc.mean == pytest.approx((0 + (0 + 1 / 2) / 2 + 1 / 3 + 2 / 4 + 3 / 5) / 5)
    assert found.aurc.n == 5
    assert found.floor == pytest.approx((0 + 0 + 1 / 3 + 2 / 4 + 3 / 5) / 5)


def test_what_was_held_back_is_in_the_curve_behind_what_was_shown():
    found = risk_coverage(
        [
            row("a", True, 0.9),
            row("b", False, answered=False, held=held(True, 0.5)),
            row("c", False, answered=False, held=held(False, 0.4)),
            row("d", answered=False, impossible=True, held=held(True, 0.3)),
        ]
    )
    assert found is not None
    assert [(p.level, p.answers, p.wrong) for p in found.points] == [
        (0.9, 1, 0),
        (0.5, 2, 0),
        (0.4, 3, 1),
        (0.3, 4, 2),  # whatever stands there, the question is impossible
    ]
    assert found.stop == found.points[0]
    assert found.aurc.mean == pytest.approx((0 + 0 + 1 / 3 + 2 / 4) / 4)


def test_one_candidate_without_confidence_leaves_the_score_to_all():
    rows = [
        row("a", True, 0.9, score=1.0),
        row("b", False, answered=False, held=held(False, None, score=2.0)),
    ]
    found = risk_coverage(rows)
    assert found is not None and found.basis == "score"
    assert [(p.level, p.wrong) for p in found.points] == [(2.0, 1), (1.0, 1)]


def test_where_nothing_was_shown_there_is_no_stop():
    found = risk_coverage([row("a", False, answered=False, held=held(True, 0.5))])
    assert found is not None and found.stop is None
    assert found.aurc.mean == 0 and found.aurc.high > 0.5


def test_impossible_questions_alone_draw_no_curve():
    rows = [row("a", impossible=True, confidence=0.9), REFUSED]
    assert risk_coverage(rows) is not None
    assert risk_coverage(rows[:1]) is None


def test_searching_alone_draws_no_curve():
    assert risk_coverage([row("a", answered=None, impossible=True)]) is None


answers_tried = st.lists(st.tuples(st.sampled_from([0.1, 0.2, 0.3]), st.booleans()), min_size=1)


@given(st.lists(st.tuples(st.integers(0, 2), st.booleans()), min_size=1, max_size=6))
def test_the_area_is_the_mean_over_every_order_of_ties(tried):
    areas = [
        fmean(sum(wrong for _, wrong in order[:n]) / n for n in range(1, len(order) + 1))
        for order in permutations(tried)
        if all(a[0] >= b[0] for a, b in pairwise(order))
    ]
    assert area(tried).mean == pytest.approx(fmean(areas))


@given(answers_tried)
def test_the_area_has_the_jackknifes_pseudo_values(tried):
    n, estimate = len(tried), area(tried).mean
    pseudo_values = [
        n * estimate - (n - 1) * area(tried[:at] + tried[at + 1 :]).mean if n > 1 else estimate
        for at in range(n)
    ]
    expected, found = smooth_figure(estimate, pseudo_values), area(tried)
    assert (found.low, found.high) == pytest.approx((expected.low, expected.high), abs=1e-9)


@given(answers_tried)
def test_the_area_lies_above_its_floor_and_knows_no_order_of_questions(tried):
    wrong = sum(flag for _, flag in tried)
    assert area(tried).mean >= least_area(wrong, len(tried)) - 1e-12
    assert area(tried) == area(sorted(tried))
    best = [(1.0 - flag, flag) for _, flag in tried]
    worst = [(float(flag), flag) for _, flag in tried]
    assert area(worst).mean >= area(best).mean - 1e-12
    alone = [(n - wrong, flag) for n, (_, flag) in enumerate(sorted(tried, key=lambda x: not x[1]))]
    assert area(alone).mean == pytest.approx(least_area(wrong, len(tried)))


def test_an_order_without_worth_has_the_share_wrong_for_its_area():
    assert area([(0.5, n < 3) for n in range(10)]).mean == pytest.approx(0.3)


def test_without_confidence_the_score_gives_the_order():
    found = risk_coverage([row("a", False, score=1.0), row("b", True, score=3.0)])
    assert found is not None and found.basis == "score"
    assert [(p.level, p.risk) for p in found.points] == [(3.0, 0.0), (1.0, 0.5)]


@pytest.mark.parametrize("rows", [[], [REFUSED], [row("a", confidence=0.9)]])
def test_there_is_no_curve_without_an_answer_that_can_be_judged(rows):
    assert risk_coverage(rows) is None
    assert calibration_bins(rows) == ()


def test_an_answer_counts_as_right_only_where_that_is_known():
    assert is_right(REFUSED) is None
    assert is_right(row("searched", answered=None)) is None
    assert is_right(row("document gold", None)) is None
    assert is_right(row("a", True)) is True
    assert is_right(row("a", impossible=True)) is False


def test_bins_hold_the_share_right_and_the_mean_confidence():
    rows = [
        row("a", True, 0.82),
        row("b", False, 0.88),
        row("c", True, 1.0),
        row("d", True, 0.9),
        REFUSED,
    ]
    eighth, ninth = calibration_bins(rows)
    assert (eighth.low, eighth.high, eighth.answers, eighth.right) == (0.8, 0.9, 2, 1)
    assert (eighth.confidence, eighth.share) == (pytest.approx(0.85), 0.5)
    assert (ninth.low, ninth.high, ninth.answers, ninth.share) == (0.9, 1.0, 2, 1.0)
    assert calibration_error((eighth, ninth)) == pytest.approx((2 * 0.35 + 2 * 0.05) / 4)


@given(
    st.lists(
        st.tuples(st.floats(0, 1), st.booleans()),
        min_size=1,
        max_size=60,
    )
)
def test_the_error_is_the_one_that_calibrating_states(answers):
    rows = [row(str(n), right, sure) for n, (sure, right) in enumerate(answers)]
    expected = expected_error(
        np.array([sure for sure, _ in answers]), np.array([right for _, right in answers])
    )
    bins = calibration_bins(rows)
    assert calibration_error(bins) == pytest.approx(expected, abs=1e-12)
    found = calibration_figure(bins)
    assert 0 <= found.low <= found.mean <= found.high <= 1 and found.n == len(answers)
    assert found.low < found.high


def test_the_calibration_error_worked_by_hand():
    confidence = np.array([0.15, 0.15, 0.85, 0.95])
    right = np.array([False, True, True, False])
    # Bins 1, 8 and 9: |.15 - .5| twice, |.85 - 1| and |.95 - 0| once, over four answers.
    assert expected_error(confidence, right) == pytest.approx((0.7 + 0.15 + 0.95) / 4)
    # As if the second were there three times: |.45 + .15 - 3| over six.
    weights = np.array([1.0, 3.0, 1.0, 1.0])
    expected = (abs(4 * 0.15 - 3) + 0.15 + 0.95) / 6
    assert expected_error(confidence, right, weights) == pytest.approx(expected)
    assert expected_error(np.array([1.0]), np.array([True])) == 0.0
