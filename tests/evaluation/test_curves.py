"""Risk against coverage and confidence against truth, worked out by hand."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ctqa.evaluation import calibrate
from ctqa.evaluation.changed import Changed, changed
from ctqa.evaluation.curves import (
    calibration_bins,
    calibration_error,
    is_right,
    risk_coverage,
    share_interval,
)
from ctqa.evaluation.outcome import Row


def row(
    id: str,
    right: bool | None = None,
    confidence: float | None = None,
    *,
    impossible: bool = False,
    answered: bool | None = True,
    score: float = 0.0,
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
    )


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
    ]


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
    expected = calibrate.calibration_error(
        np.array([sure for sure, _ in answers]), np.array([right for _, right in answers])
    )
    assert calibration_error(calibration_bins(rows)) == pytest.approx(expected, abs=1e-12)


def test_the_interval_of_a_share_is_wilsons():
    assert share_interval(8, 10) == pytest.approx((0.4902, 0.9433), abs=1e-4)
    assert share_interval(0, 10) == pytest.approx((0.0, 0.2775), abs=1e-4)
    assert share_interval(10, 10) == pytest.approx((0.7225, 1.0), abs=1e-4)


def test_questions_that_changed_sides_are_counted():
    a = [row("a", True), row("b", False), row("c", False), row("only in A", True)]
    b = [row("a", False), row("b", True), row("c", True), row("only in B", True)]
    found = changed(a, b)
    assert (found.both, found.won, found.lost) == (3, 2, 1)
    assert changed([], b) == Changed(both=0, won=0, lost=0)


@pytest.mark.parametrize(
    ("won", "lost", "chance"),
    [
        (0, 0, 1.0),
        (1, 1, 1.0),
        (5, 0, 2 / 32),
        (9, 1, 22 / 1024),  # (1 + 10) twice
        (2000, 2000, 1.0),
    ],
)
def test_the_chance_of_a_split_is_the_binomials(won, lost, chance):
    assert Changed(both=4000, won=won, lost=lost).chance == pytest.approx(chance)
