"""The figures of rows made by hand."""

import pytest
from evaluation.sides import make_row
from hypothesis import given
from hypothesis import strategies as st

from ctqa.evaluation.figures import grouped, latency, summarise
from ctqa.evaluation.intervals import share_interval
from ctqa.evaluation.naming import ANSWERING, NAMES, RETRIEVAL, SHOWN
from ctqa.evaluation.outcome import Row


def answered(id: str, right: bool, confidence: float | None = None) -> Row:
    values = {"answered": 1.0, "sentence_right": float(right), "F1": 0.5, "EM": float(right)}
    return make_row(id, values, answered=True, score=1.0, confidence=confidence)


def unanswered(id: str) -> Row:
    values = {"answered": 0.0, "sentence_right": 0.0, "F1": 0.0, "EM": 0.0}
    return make_row(id, values, answered=False)


def refused(id: str, right: bool) -> Row:
    shown = {"score": 2.0} if not right else {}
    return make_row(id, {"refused": float(right)}, impossible=True, answered=not right, **shown)


def test_every_measure_has_a_name_and_an_order():
    assert tuple(NAMES) == RETRIEVAL + ANSWERING
    assert set(SHOWN) < set(NAMES)
    assert all(named.label and named.meaning.endswith(".") for named in NAMES.values())
    labels = [named.label for named in NAMES.values()]
    assert len(set(labels)) == len(labels)
    assert {n for n, named in NAMES.items() if named.lower_is_better} == {"AURC", "ECE"}


def test_refusals_have_recall_and_precision():
    rows = [
        *(refused(f"i{n}", right=n < 6) for n in range(8)),
        *(answered(f"a{n}", right=True) for n in range(10)),
        unanswered("u1"),
        unanswered("u2"),
    ]
    figures = summarise(rows)
    recall, precision = figures["refused"], figures["refusal_precision"]
    assert (recall.mean, recall.n) == (6 / 8, 8)
    assert (precision.mean, precision.n) == (6 / 8, 8)  # six of the eight refused
    assert (precision.low, precision.high) == pytest.approx(share_interval(6, 8))
    assert figures["balanced_accuracy"].mean == pytest.approx((6 / 8 + 10 / 12) / 2)


def test_who_refuses_nothing_has_no_precision():
    figures = summarise([refused("i", right=False), answered("a", right=True)])
    assert figures["refused"].mean == 0 and "refusal_precision" not in figures


def test_impossible_questions_alone_say_nothing_of_refusals_or_of_order():
    """Whatever a system does, its refusals are right, and its answers wrong."""
    figures = summarise([refused("i1", right=True), refused("i2", right=False)])
    assert set(figures) == {"refused"}


def test_without_impossible_questions_no_refusal_is_judged():
    assert (
        not {"refused", "refusal_precision", "balanced_accuracy"}
        & summarise([answered("a", right=True), unanswered("u")]).keys()
    )


def test_over_all_questions_a_refused_impossible_one_counts_in_full():
    figures = summarise([answered("a", right=False), refused("i", right=True)])
    assert (figures["F1"].mean, figures["F1"].n) == (0.5, 1)
    assert (figures["F1_all"].mean, figures["F1_all"].n) == (0.75, 2)
    assert figures["EM_all"].mean == 0.5


def test_sureness_is_measured_over_all_that_was_judged():
    rows = [answered("a", True, 0.95), answered("b", False, 0.85), unanswered("u")]
    figures = summarise(rows)
    assert (figures["AURC"].mean, figures["AURC"].n) == (pytest.approx((0 + 1 / 2 + 2 / 3) / 3), 3)
    assert (figures["ECE"].mean, figures["ECE"].n) == (pytest.approx((0.05 + 0.85) / 2), 2)
    assert "ECE" not in summarise([answered("a", True)])


def test_searching_alone_has_the_measures_of_searching_alone():
    rows = [make_row("a", {"RR@10": 0.5}), make_row("b", impossible=True)]
    assert list(summarise(rows)) == ["RR@10"]
    assert summarise([]) == {} and latency(rows) is None


def test_figures_stand_in_the_order_of_their_names():
    names = list(summarise([answered("a", True, 0.9), refused("i", right=True)]))
    assert names == [name for name in NAMES if name in names]


right_and_sure = st.tuples(st.booleans(), st.floats(0, 1))


@given(st.lists(right_and_sure, min_size=1, max_size=20), st.randoms())
def test_the_order_of_the_questions_changes_nothing(given, shuffler):
    rows = [answered(str(n), right, sure) for n, (right, sure) in enumerate(given)]
    rows += [refused("i", right=True), unanswered("u")]
    before = summarise(rows)
    shuffler.shuffle(rows)
    assert summarise(rows) == before


def test_groups_are_summarised_on_their_own():
    rows = [make_row("a", {"RR@10": 1.0}, kind="who"), make_row("b", {"RR@10": 0.5}, kind="why")]
    found = grouped(rows, "kind")
    assert {kind: figures["RR@10"].mean for kind, figures in found.items()} == {
        "who": 1.0,
        "why": 0.5,
    }
    assert grouped(rows, "half") == {}


def test_the_time_of_replies_has_intervals():
    rows = [make_row(str(n), elapsed_ms=float(n)) for n in range(1, 101)]
    found = latency([*rows, make_row("not asked")])
    assert found is not None
    assert (found.p50_ms, found.p95_ms) == (50.5, pytest.approx(95.05))
    assert found.p50_interval == (40.0, 61.0)
    assert found.p95_interval == (90.0, 100.0)


def test_few_replies_do_not_bound_the_slowest():
    found = latency([make_row(str(n), elapsed_ms=float(n)) for n in range(30)])
    assert found is not None and found.p95_interval[1] is None
