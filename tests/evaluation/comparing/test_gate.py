from dataclasses import replace

import pytest
from evaluation.sides import make_row, make_rows, measured
from evaluation.test_evaluate import GOLD, QA
from evaluation.test_kept import ABOUT
from hypothesis import given
from hypothesis import strategies as st

from ctqa.errors import ConfigError
from ctqa.evaluation import Evaluation, Gold, GoldQuestion, Judgment, evaluate
from ctqa.evaluation.comparing.gate import (
    Gates,
    Judged,
    _both_ways,
    check,
    judge,
    put_together,
)
from ctqa.evaluation.comparing.gate_bars import at_bar, ceiling, floor
from ctqa.evaluation.comparing.measured import of_evaluation
from ctqa.evaluation.figures import summarise
from ctqa.evaluation.intervals import Figure
from ctqa.evaluation.metrics import MEASURES
from ctqa.evaluation.outcome import Row, count

BOTH_KINDS = GOLD
POSSIBLE = replace(GOLD, questions=GOLD.questions[:3])
IMPOSSIBLE = replace(GOLD, questions=GOLD.questions[3:])
NO_QUOTES = replace(
    GOLD,
    questions=(
        GoldQuestion(id="1", question="?", judgments=(Judgment(document="a"),)),
        *GOLD.questions[3:],
    ),
)
DOCUMENTS = Gold(
    name="docs",
    questions=(GoldQuestion(id="1", question="?", judgments=(Judgment(document="a"),)),),
)


def evaluated(rows: list[Row]) -> Evaluation:
    """Make an evaluation of rows made by hand."""
    return replace(
        evaluate(QA, GOLD),
        rows=tuple(rows),
        figures=summarise(rows),
        counts=count(rows, 0),
        latency=None,
    )


def system(*, answers: int, refuses: int) -> Evaluation:
    """Make one that answers so many of 20 possible questions, and refuses so many of 20 others."""
    possible = [
        make_row(
            f"p{n}", {"answered": float(n < answers), "sentence_right": 0}, answered=n < answers
        )
        for n in range(20)
    ]
    impossible = [
        make_row(f"i{n}", {"refused": float(n < refuses)}, impossible=True, answered=n >= refuses)
        for n in range(20)
    ]
    return evaluated([*possible, *impossible])


def judged(found: Evaluation, gates: Gates) -> Judged:
    return judge(found, gates, of_evaluation(found, "now", ABOUT))


def at(*floors: str, over: tuple[str, ...] = ()) -> Gates:
    return put_together(floors, over, ())


# ---- bars as they are typed


@pytest.mark.parametrize("value", [".9", "0.9", "90%", " 0.90 "])
def test_values_are_shares_or_percentages(value):
    assert floor(f"Success@5={value}").value == pytest.approx(0.9)


def test_times_are_milliseconds():
    assert ceiling("p95_ms=3000").value == 3000


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("Success@5", "expected MEASURE=VALUE, as in 'Success@5=.9'"),
        ("=.9", "expected MEASURE=VALUE"),
        ("Sucess@5=.9", r"Sucess@5: is no measure; did you mean Success@5\? Known are Success@1,"),
        ("Found=.5", r"Found: is no measure; did you mean Success@1\? Known are"),
        ("zzz=.5", r"zzz: is no measure\. Known are"),
        ("Success@5=high", "'high' is no number"),
        ("Success@5=90", "expected 0 to 1"),
        ("Success@5=-1", "expected 0 to 1"),
        ("Success@5=nan", "expected 0 to 1"),
        ("AURC=.1", "AURC is better low; use --fail-over"),
        ("p95_ms=10", "p95_ms is better low; use --fail-over"),
    ],
)
def test_a_floor_that_cannot_be_used_is_refused(text, message):
    with pytest.raises(ConfigError, match=f"--fail-under.*{message}"):
        floor(text)


def test_a_ceiling_for_what_is_better_high_is_refused():
    with pytest.raises(ConfigError, match="Success@5 is better high; use --fail-under"):
        ceiling("Success@5=.9")


@pytest.mark.parametrize("measure", [*map(str, MEASURES), "sentence_right", "balanced_accuracy"])
def test_every_measure_can_be_a_bar(measure):
    assert floor(f"{measure}=1").measure == measure


# ---- what can be known before


@pytest.mark.parametrize(
    ("text", "gold", "answers", "message"),
    [
        ("refused=.5", BOTH_KINDS, False, "leave out --retrieval-only"),
        ("sentence_right=.5", DOCUMENTS, True, "with gold that tells answers"),
        ("refused=.5", POSSIBLE, True, "set has no impossible question"),
        ("Success@5=.5", IMPOSSIBLE, True, "every question of set is impossible"),
        ("answered=.5", IMPOSSIBLE, True, "every question of set is impossible"),
        ("refusal_precision=.5", IMPOSSIBLE, True, "every question of set is impossible"),
        ("F1=.5", NO_QUOTES, True, "no question of set tells its answer or a quote"),
        ("sentence_right=.5", IMPOSSIBLE, True, "no question of set tells its answer or a quote"),
    ],
)
def test_what_will_not_be_measured_is_refused_beforehand(text, gold, answers, message):
    with pytest.raises(ConfigError, match=message):
        check(at(text), gold, answers=answers)


def test_what_will_be_measured_is_taken():
    check(at("refused=.5", "Success@5=.5", over=("p95_ms=1",)), BOTH_KINDS, answers=True)
    check(at("Success@5=.5"), DOCUMENTS, answers=True)


def test_dropped_questions_are_refused_beforehand():
    before = measured(evaluate(QA, BOTH_KINDS).rows, "base.json")
    check(Gates(before=(before,)), BOTH_KINDS, answers=True)
    with pytest.raises(ConfigError, match=r"2 of its 5 questions are not in set, .*\(q4, q5\)"):
        check(Gates(before=(before,)), POSSIBLE, answers=True)
    words = replace(GOLD.questions[0], question="Who assesses it?")
    changed = replace(GOLD, questions=(words, *GOLD.questions[1:]))
    with pytest.raises(ConfigError, match=r"1 of its 5 .*\(q 1\)"):
        check(Gates(before=(before,)), changed, answers=True)


def test_answers_before_and_none_now_are_refused():
    before = measured(evaluate(QA, BOTH_KINDS).rows, "base.json")
    with pytest.raises(ConfigError, match="leave out --retrieval-only"):
        check(Gates(before=(before,)), BOTH_KINDS, answers=False)


# ---- bars


def test_a_bar_that_is_met_and_one_that_is_missed():
    found = evaluated(list(make_rows("Success@5", [1.0] * 8 + [0.0] * 2)))
    assert judged(found, at("Success@5=80%")).passed
    (reason,) = judged(found, at("Success@5=.9")).reasons
    assert reason.startswith("Success@5 is 0.800 (95 % interval 0.4")
    assert reason.endswith("10 questions), 0.100 below the 0.900 that --fail-under asks for")


def test_every_missed_bar_is_told():
    found = evaluated([make_row("q", {"Success@5": 0, "RR@10": 0})])
    assert len(judged(found, at("Success@5=.1", "RR@10=.1")).reasons) == 2


def test_a_slow_reply_is_told_in_milliseconds():
    found = evaluate(QA, POSSIBLE)
    assert judged(found, at(over=("p95_ms=100",))).passed
    (reason,) = judged(found, at(over=("p95_ms=25",))).reasons
    assert (
        reason.startswith("p95_ms is 29 ms") and "4 ms above the 25 ms that --fail-over" in reason
    )


def test_what_was_not_measured_after_all_does_not_pass():
    (reason,) = judged(evaluate(QA, POSSIBLE), at(over=("ECE=.1",))).reasons
    assert reason == (
        "ECE was not measured, and --fail-over asks for it: no answer came with a confidence; run "
        "`ctqa calibrate` first"
    )


def test_who_answers_all_does_not_escape_the_bar_of_refusals():
    found = judged(system(answers=20, refuses=0), at("refusal_precision=.9"))
    assert "refusal_precision was not measured" in found.reasons[0] and len(found.reasons) == 2
    assert found.reasons[0].endswith("no question was refused")


def test_a_mean_that_misses_by_rounding_alone_does_not_miss():
    bar = floor("refusal_precision=1.1%")
    assert bar.value > 0.011 and bar.missed_by(0.011) > 0
    figures = {"refusal_precision": Figure(mean=0.011, low=0.0, high=0.1, n=1000)}
    assert not list(at_bar(bar, replace(evaluate(QA, POSSIBLE), figures=figures)))


# ---- both ways


def test_a_system_that_answers_all_or_nothing_cannot_pass():
    for found in (system(answers=20, refuses=0), system(answers=0, refuses=20)):
        (reason,) = judged(found, at("answered=0")).reasons
        assert "does not tell the questions that the sources answer from those" in reason
        assert "a balanced accuracy of 0.500" in reason
    assert judged(system(answers=18, refuses=17), at("answered=0")).passed


def test_too_few_questions_to_tell_are_told_as_such():
    rows = system(answers=20, refuses=20).rows
    (reason,) = judged(evaluated([*rows[:2], *rows[20:21]]), at("answered=0")).reasons
    assert reason.startswith("2 questions that the sources answer and 1 that they do not are too")
    assert "100% of the first are answered and 100% of the others refused" in reason
    assert judged(evaluated([*rows[:3], *rows[20:22]]), at("answered=0")).passed


@given(answers=st.booleans(), possible=st.integers(1, 60), impossible=st.integers(1, 60))
def test_who_answers_all_or_nothing_passes_on_no_gold_of_both_kinds(answers, possible, impossible):
    rows = [
        *(
            make_row(f"p{n}", {"answered": float(answers)}, answered=answers)
            for n in range(possible)
        ),
        *(
            make_row(f"i{n}", {"refused": float(not answers)}, impossible=True, answered=answers)
            for n in range(impossible)
        ),
    ]
    assert list(_both_ways(evaluated(rows)))


def test_telling_them_apart_by_chance_alone_is_not_enough():
    assert not judged(system(answers=11, refuses=11), at("answered=0")).passed


def test_gold_of_one_kind_says_who_would_pass():
    (note,) = judged(evaluate(QA, POSSIBLE), at("answered=0")).notes
    assert "set has no impossible question: a system that answers everything would pass" in note
    (note,) = judged(evaluate(QA, IMPOSSIBLE), at("refused=0")).notes
    assert "a system that answers nothing would pass" in note
    (note,) = judged(evaluate(QA, BOTH_KINDS, answers=False), at("Success@5=0")).notes
    assert "looked only at what was found" in note


# ---- worse than before


def against(before: Evaluation, now: Evaluation) -> Judged:
    return judged(now, Gates(before=(of_evaluation(before, "base.json", ABOUT),)))


def test_a_loss_beyond_chance_fails():
    before = evaluated(list(make_rows("nDCG@10", [1.0] * 20)))
    now = evaluated(list(make_rows("nDCG@10", [1.0] * 14 + [0.0] * 6)))
    (reason,) = against(before, now).reasons
    assert "was 1.000 in base.json and is 0.700: −0.300 (95 % interval −0." in reason
    assert "p = 0.031, 20 questions), worse beyond chance" in reason
    assert against(now, before).passed


def test_a_loss_that_may_be_chance_is_told_and_passes():
    before = evaluated(list(make_rows("nDCG@10", [1.0] * 20)))
    now = evaluated(list(make_rows("nDCG@10", [1.0] * 15 + [0.0] * 5)))
    found = against(before, now)
    assert found.passed
    assert "p = 0.062, 20 questions); a loss of 0.395 is noticed" in " ".join(found.notes)


def test_answering_or_refusing_less_fails_though_the_rest_is_the_same():
    good = system(answers=20, refuses=20)
    (reason,) = against(good, system(answers=14, refuses=20)).reasons
    assert reason.startswith("Answered was 1.000")
    (reason,) = against(good, system(answers=20, refuses=14)).reasons
    assert reason.startswith("Refused was 1.000")


def test_new_questions_and_changed_gold_are_told():
    before = evaluated(list(make_rows("nDCG@10", [1.0] * 3)))
    now = evaluated(list(make_rows("nDCG@10", [1.0] * 5)))
    older = of_evaluation(before, "base.json", replace(ABOUT, gold_sha256="older"))
    notes = " ".join(judged(now, Gates(before=(older,))).notes)
    assert "2 questions are not in base.json" in notes and "the gold set is not as it was" in notes


def test_gates_are_there_or_not():
    assert not at() and at("R@10=.5") and Gates(before=(measured([make_row("q")]),))
    form = Judged(reasons=("r",), notes=()).to_json()
    assert form == {"passed": False, "reasons": ["r"], "notes": []}
