import math

import numpy as np
import pytest
from evaluation.sides import make_row
from hypothesis import given
from hypothesis import strategies as st

from ctqa.evaluation.comparing.wholes import (
    aurc,
    both_sides,
    ece,
    refusal_precision,
    whole_differences,
)
from ctqa.evaluation.figures import summarise
from ctqa.evaluation.outcome import Held, Row, Spot

SPOT = Spot(document="d", page=None, start=0, end=1, text="x")


def shown(id: str, confidence: float, right: int) -> Row:
    values = {"sentence_right": right, "answered": 1}
    return make_row(id, values, answered=True, score=confidence, confidence=confidence)


def held(id: str, confidence: float, right: bool) -> Row:
    best = Held(score=confidence, confidence=confidence, right=right, at=SPOT)
    return make_row(id, {"sentence_right": 0, "answered": 0}, answered=False, held=best)


def impossible(id: str, confidence: float | None) -> Row:
    return make_row(
        id,
        {"refused": float(confidence is None)},
        impossible=True,
        answered=confidence is not None,
        score=confidence,
        confidence=confidence,
    )


def nothing(id: str) -> Row:
    return make_row(id, {"sentence_right": 0, "answered": 0}, answered=False)


def of(statistic, rows: list[Row]) -> float:
    return statistic(both_sides(rows, rows), np.arange(len(rows)))


def test_aurc_by_hand():
    rows = [shown("a", 0.9, 1), shown("b", 0.8, 0), held("c", 0.4, right=True), nothing("d")]
    assert of(aurc, rows) == pytest.approx((0 + 1 / 2 + 1 / 3 + 2 / 4) / 4)


def test_aurc_of_ties_is_that_of_all_their_orders_on_average():
    rows = [shown("a", 0.5, 1), shown("b", 0.5, 0), impossible("c", 0.2)]
    orders = [(0 + 1 / 2 + 2 / 3) / 3, (1 + 1 / 2 + 2 / 3) / 3]
    assert of(aurc, rows) == pytest.approx(sum(orders) / 2)


def test_ece_by_hand():
    rows = [
        *(shown("a", 0.95, 1), shown("b", 0.91, 0), shown("c", 0.3, 1)),
        *(impossible("d", 1.0), held("e", 0.1, right=True)),
    ]
    assert of(ece, rows) == pytest.approx((abs(0.95 + 0.91 + 1.0 - 1) + abs(0.3 - 1)) / 4)


def test_refusal_precision_by_hand():
    rows = [impossible("a", None), nothing("b"), held("c", 0.1, right=True), shown("d", 0.9, 1)]
    assert of(refusal_precision, rows) == pytest.approx(1 / 3)


def test_questions_of_one_kind_say_nothing_of_refusals_or_of_order():
    rows = [impossible("a", None), impossible("b", 0.4)]
    assert math.isnan(of(refusal_precision, rows)) and math.isnan(of(aurc, rows))


def test_what_has_no_value_is_not_compared():
    rows = [make_row("q", {"nDCG@10": 1})]
    assert math.isnan(of(aurc, rows))
    assert whole_differences(rows, rows) == {}
    assert set(whole_differences([shown("q", 0.5, 1)], [shown("q", 0.5, 1)])) == {"AURC", "ECE"}


def test_identical_results_leave_room_for_a_difference():
    rows = [shown(f"q{n}", 0.9, n % 2) for n in range(30)]
    for _, _, difference in whole_differences(rows, rows).values():
        assert difference.low < 0 < difference.high and difference.p == 1
        assert difference.smallest >= 7.9 / 30


def test_a_surer_ranking_is_told_from_a_wild_one():
    sure = [shown(f"q{n}", 0.9 if n % 2 else 0.2, n % 2) for n in range(60)]
    wild = [shown(f"q{n}", (n * 37 % 60) / 60, n % 2) for n in range(60)]
    a, b, difference = whole_differences(sure, wild)["AURC"]
    assert a < b and difference.mean == pytest.approx(b - a)
    assert difference.p < 0.01 and 0 < difference.low < difference.mean < difference.high
    assert 0 < difference.smallest < difference.mean


def test_scales_of_their_own_make_no_difference():
    rows = [shown(f"q{n}", n / 40, int(n % 3 > 0)) for n in range(40)]
    logits = [
        make_row(row.id, row.values, answered=True, score=5 * (row.score or 0) - 9) for row in rows
    ]
    a, b, difference = whole_differences(rows, logits)["AURC"]
    assert a == b and difference.p == 1


@given(st.lists(st.tuples(st.sampled_from([0.1, 0.4, 0.4, 0.9]), st.integers(0, 1)), min_size=1))
def test_aurc_lies_between_none_wrong_and_all_wrong(answers):
    rows = [shown(f"q{n}", level, right) for n, (level, right) in enumerate(answers)]
    wrong = sum(1 - right for _, right in answers)
    found = of(aurc, rows)
    assert 0 <= found <= 1
    assert (found == 0) == (wrong == 0) and (found == pytest.approx(1)) == (wrong == len(rows))


@given(
    st.lists(
        st.one_of(
            st.builds(shown, st.just("q"), st.sampled_from([0.1, 0.4, 0.9]), st.integers(0, 1)),
            st.builds(held, st.just("q"), st.sampled_from([0.1, 0.3]), st.booleans()),
            st.builds(impossible, st.just("q"), st.sampled_from([None, 0.4, 0.7])),
            st.builds(nothing, st.just("q")),
        ),
        min_size=1,
    )
)
def test_the_figures_are_those_of_each_result_alone(rows):
    figures = summarise(rows)
    for name, statistic in (
        ("AURC", aurc),
        ("ECE", ece),
        ("refusal_precision", refusal_precision),
    ):
        if name in figures:
            assert of(statistic, rows) == pytest.approx(figures[name].mean)
