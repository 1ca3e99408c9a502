import json
from dataclasses import asdict, replace

import pytest
from evaluation.sides import make_row, make_rows, measured
from evaluation.test_evaluate import GOLD, QA
from evaluation.test_kept import ABOUT

from ctqa.errors import ConfigError
from ctqa.evaluation import evaluate
from ctqa.evaluation.comparing.compare import common, compare, compared, shared
from ctqa.evaluation.comparing.measured import settings_of
from ctqa.evaluation.comparing.telling import cautions, p_value, side, size, verdict
from ctqa.evaluation.outcome import Row
from ctqa.records import Calibrated


def said(before: list[float], after: list[float]) -> str:
    found = compare(
        measured(make_rows("nDCG@10", before)), measured(make_rows("nDCG@10", after), "B")
    )
    return " ".join(verdict(found.main))


# ---- what is compared


def test_questions_are_paired_by_id_and_words():
    a = [make_row("q1", {"R@10": 1}), make_row("q2", {"R@10": 1}), make_row("q3", {"R@10": 1})]
    b = [make_row("q4", {"R@10": 0}), make_row("q3", {"R@10": 0}), make_row("q1", {"R@10": 1})]
    b.append(make_row("q2", {"R@10": 0}, question="Another?"))
    found = compare(measured(a), measured(b))
    assert [change.id for change in found.changes] == ["q1", "q3"]
    assert [id for id, _ in found.only_a] == ["q2"]
    assert [id for id, _ in found.only_b] == ["q4", "q2"]
    assert (found.main.a, found.main.b, found.main.difference.n) == (1.0, 0.5, 2)


def test_gold_without_ids_is_paired_by_its_words():
    a = [make_row(f"q{n}", {"R@10": n % 2}, question=f"Why {n}?") for n in range(5)]
    b = [make_row(f"q{n - 1}", row.values, question=row.question) for n, row in enumerate(a) if n]
    twice = [make_row(f"q{n}", {"R@10": 1}, question="Why?") for n in (7, 8)]
    found = compare(measured([*a, *twice]), measured([*b, replace(twice[0], id="q9")]))
    assert [change.question for change in found.changes] == [f"Why {n}?" for n in range(1, 5)]
    assert found.count("same") == 4
    assert [id for id, _ in found.only_a] == ["q0", "q7", "q8"]
    assert [id for id, _ in found.only_b] == ["q9"]


def test_nothing_shared_is_refused():
    with pytest.raises(ConfigError, match="no question in common"):
        compare(measured([make_row("q1")]), measured([make_row("q2")]))


def test_no_measure_in_common_is_refused():
    rows = make_rows("R@10", [1.0]), make_rows("R@5", [1.0])
    with pytest.raises(ConfigError, match="no measure in common"):
        compare(*map(measured, rows))


def test_ranks_of_other_things_are_refused():
    rows = make_rows("R@10", [1.0])
    with pytest.raises(ConfigError, match="A ranks documents, B ranks passages"):
        compare(measured(rows, ranks="documents"), measured(rows, "B", ranks="passages"))


def test_a_question_counts_for_the_measures_that_both_have():
    a = [make_row("q1", {"R@10": 1, "F1": 0.5}), make_row("q2", {"R@10": 1})]
    b = [make_row("q1", {"R@10": 0}), make_row("q2", {"R@10": 1, "F1": 0.5})]
    assert common(shared(a, b)) == ["R@10"]


# ---- the measure that decides


def test_answers_decide_where_both_have_them():
    rows = make_rows("nDCG@10", [1.0])
    answered = [make_row("q0", {"nDCG@10": 1, "sentence_right": 1, "answered": 1}, answered=True)]
    assert compare(measured(answered), measured(answered)).main.measure == "sentence_right"
    assert compare(measured(rows), measured(answered)).main.measure == "nDCG@10"


def test_another_measure_decides_when_named():
    rows = [make_row("q0", {"nDCG@10": 1, "R@10": 1})]
    found = compare(measured(rows), measured(rows), "R@10")
    assert found.main.measure == "R@10" and found.main.adjusted_p is None
    assert [each.measure for each in found.others] == ["nDCG@10"]


def test_a_measure_that_is_not_there_is_refused():
    rows = make_rows("nDCG@10", [1.0])
    with pytest.raises(ConfigError, match=r"--measure nDCG10.*did you mean nDCG@10"):
        compare(measured(rows), measured(rows), "nDCG10")
    with pytest.raises(ConfigError, match=r"zzz: is no measure that both have\. Both have nDCG@10"):
        compare(measured(rows), measured(rows), "zzz")


def test_p_values_of_the_others_are_adjusted():
    up, down = {"nDCG@10": 1, "R@10": 1, "R@5": 1}, {"nDCG@10": 0, "R@10": 0, "R@5": 1}
    a, b = ([make_row(f"q{n}", values) for n in range(6)] for values in (down, up))
    found = compare(measured(a), measured(b))
    assert found.main.difference.p == pytest.approx(2 / 64) and found.main.shown
    adjusted = {each.measure: each.adjusted_p for each in found.others}
    assert adjusted == {"R@5": 1.0, "R@10": pytest.approx(4 / 64)}
    assert not any(each.shown for each in found.others)


# ---- measures over both kinds of questions


def both_kinds(answered: list[int], refused: list[int]) -> list[Row]:
    possible = [
        make_row(f"p{n}", {"answered": v, "EM": v, "F1": v}, answered=bool(v))
        for n, v in enumerate(answered)
    ]
    impossible = [
        make_row(f"i{n}", {"refused": v}, impossible=True, answered=not v)
        for n, v in enumerate(refused)
    ]
    return possible + impossible


def test_balanced_accuracy_counts_both_kinds_half():
    pairs = shared(both_kinds([1, 1, 0, 0], [1, 0]), both_kinds([1, 1, 1, 0], [0, 0]))
    found = compared("balanced_accuracy", pairs)
    assert (found.a, found.b) == (0.5, 0.375)
    assert found.difference.mean == pytest.approx(-0.125)
    assert (found.difference.n, found.difference.p) == (6, 1.0)


def test_exact_words_over_all_questions_count_refusals():
    pairs = shared(both_kinds([1, 0], [1]), both_kinds([1, 1], [0]))
    found = compared("EM_all", pairs)
    assert (found.a, found.b, found.difference.n) == (pytest.approx(2 / 3), pytest.approx(2 / 3), 3)
    assert (found.difference.higher, found.difference.lower) == (1, 1)


def test_what_another_measure_tells_already_is_left_out():
    pairs = shared(both_kinds([1], []), both_kinds([1], []))
    assert common(pairs) == ["EM", "F1", "answered"]


# ---- question by question


def test_each_question_is_won_lost_moved_or_the_same():
    a = [
        make_row("won", {"nDCG@10": 0.5}, first_right=3),
        make_row("lost", {"nDCG@10": 1}, first_right=1),
        make_row("moved", {"nDCG@10": 0}, first_right=50),
        make_row("same", {"nDCG@10": 1}, first_right=1),
    ]
    b = [
        make_row("won", {"nDCG@10": 1}, first_right=1),
        make_row("lost", {"nDCG@10": 0.6}, first_right=2),
        make_row("moved", {"nDCG@10": 0}),
        make_row("same", {"nDCG@10": 1}, first_right=1),
    ]
    found = compare(measured(a), measured(b))
    assert [(each.id, each.verdict) for each in found.changes] == [
        (id, id) for id in ("won", "lost", "moved", "same")
    ]
    assert found.changes[1].ranks == (1, 2) and found.changes[2].ranks == (50, None)
    assert [found.count(each) for each in ("won", "lost", "moved", "same")] == [1, 1, 1, 1]


def test_an_impossible_question_is_won_by_refusing_it():
    a = [*make_rows("sentence_right", [1.0]), *both_kinds([], [0, 1])]
    b = [*make_rows("sentence_right", [1.0]), *both_kinds([], [1, 1])]
    changes = compare(measured(a), measured(b)).changes
    assert [(each.verdict, each.measure) for each in changes] == [
        ("same", "sentence_right"),
        ("won", "refused"),
        ("same", "refused"),
    ]


def test_real_results_are_the_same_as_themselves():
    rows = evaluate(QA, GOLD).rows
    found = compare(measured(rows), measured(rows))
    assert found.count("same") == len(rows)
    every = [found.main, *found.others]
    assert {each.difference.mean for each in every} == {0.0}
    assert all(each.difference.p == 1 and not each.shown for each in every)
    assert {"balanced_accuracy", "refusal_precision", "AURC"} <= {each.measure for each in every}
    form = json.loads(json.dumps(found.to_json(), allow_nan=False))
    assert form["main"]["measure"] == "sentence_right" and form["same"] == 5
    assert form["main"]["low"] < 0 < form["main"]["high"] and form["questions"] == []


# ---- in words


def test_a_difference_is_never_told_without_its_surety():
    words = said([0] * 12 + [1] * 28, [1] * 12 + [1] * 28)
    assert "A 0.700, B 1.000, over 40 questions that both have" in words
    assert "B is 0.300 higher (95 % interval +0.1" in words
    assert "p < 0.001" in words and "beyond chance" in words and "4 times out of 5" in words
    assert "better" not in words


def test_an_interval_and_a_p_that_disagree_are_told():
    near = said([0] * 14 + [1] * 5 + [1] * 81, [1] * 14 + [0] * 5 + [1] * 81)
    assert "interval +0." in near and "p = 0.064" in near
    assert "disagree here, as they may where it is a near thing: the p-value decides" in near
    assert "disagree" not in said([0] * 12 + [1] * 28, [1] * 12 + [1] * 28)


def test_where_nothing_is_shown_it_is_told_what_could_have_been():
    words = said([0] * 5 + [1] * 95, [1] * 5 + [1] * 95)
    assert "No difference was shown" in words and "6.2 of 100 cases" in words
    assert "a difference of 0.079 is shown 4 times out of 5" in words
    assert "To show one of 0.050 as surely would take some 250 questions" in words


def test_identical_results_are_told_as_such():
    words = said([1] * 100, [1] * 100)
    assert "No difference at all was seen (95 % interval −0.0" in words
    assert "has to change some 8 of as many questions, all of them the same way: 0.079" in words
    assert "vary as these do" not in words


def test_a_difference_that_any_chance_brings_is_told_in_whole_cases():
    assert "would come about in 100 of 100 cases" in said([0] * 9 + [1], [1] + [0] * 8 + [1])


def test_few_questions_hardly_show_anything():
    assert "So few questions can hardly show any difference" in said([0] * 5, [1] * 5)


def test_what_else_differs_is_told():
    rows = make_rows("R@10", [1.0] * 7)
    a = measured(rows, settings={"rerank": 20, "depth": 100}, build=1)
    b = measured(
        rows[6:],
        "B",
        settings={"rerank": 0, "depth": 100},
        build=2,
        gold_sha256="1",
        notes=("“x” is not used",),
    )
    told = list(cautions(compare(a, b)))
    assert "The gold set is not the same" in told[0]
    assert told[1] == "6 questions only in A, and not compared: q0, q1, q2, q3, q4 and 1 more."
    assert told[2] == "Measured differently, A → B: build 1 → 2; rerank 20 → 0."
    assert told[3] == "“x” is not used"
    unknown = compare(a, measured(rows, gold_sha256=None))
    assert "is not known" in next(iter(cautions(unknown)))


def test_a_new_calibration_is_told_since_it_moves_what_is_answered():
    rows, about = make_rows("R@10", [1.0]), replace(ABOUT, calibrated=None)
    calibrated = Calibrated(gold="own", own=True, questions=120, ece=0.03, created_at="2026-10-02")
    sides = [
        measured(rows, settings=settings_of({}, 100, asdict(each)))
        for each in (about, replace(about, calibrated=calibrated))
    ]
    told = " ".join(cautions(compare(*sides)))
    assert "calibration none → own of 2026-10-02" in told


def test_settings_are_told_in_words_that_people_read():
    def settings(models: str, minute: int, *, answers: bool) -> dict[str, object]:
        at = f"own of 2026-10-02T14:{minute:02}:00.25+00:00"
        return {"models": models, "calibration": at, "answers asked for": answers, "tag": None}

    a = settings("sentences/reranked/12", 5, answers=True)
    b = settings("sentences/plain/b9", 6, answers=False) | {"tag": "x"}
    rows = make_rows("R@10", [1.0])

    def told(b: dict[str, object]) -> str:
        return " ".join(cautions(compare(measured(rows, settings=a), measured(rows, settings=b))))

    assert told(b) == (
        "Measured differently, A → B: answers asked for: yes → no; "
        "calibration own of 2026-10-02 14:05 → own of 2026-10-02 14:06; "
        "models: reader sentences, with reranker → reader sentences, without reranker; "
        "tag nothing → x."
    )
    assert told(a | {"models": "sentences/reranked/13"}).endswith("A → B: other models.")
    assert told(a | {"models": "odd"}).endswith("A → B: other models.")
    assert "reader a/b, with" in told(a | {"models": "a/b/reranked/12"})


def test_answers_on_one_side_alone_are_told():
    plain = make_rows("R@10", [1.0])
    asked = make_rows("R@10", [1.0], answered=True)
    assert "asked for in B, not in A" in " ".join(
        cautions(compare(measured(plain), measured(asked)))
    )


def test_sides_and_numbers_in_words():
    rows = make_rows("R@10", [1.0])
    named = side(measured(rows, build=3, at="2026-01-02T03:04:05+00:00"))
    assert named == "A, g (1 question), build 3, 2026-01-02 03:04"
    assert [p_value(p) for p in (0.0002, 0.04, 0.456)] == ["p < 0.001", "p = 0.040", "p = 0.46"]
    assert [size(-0.05, sign=True), size(0.00012), size(0)] == ["−0.050", "0.00012", "0.000"]
