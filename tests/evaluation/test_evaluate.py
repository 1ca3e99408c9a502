import json
import re
from dataclasses import replace

import ir_measures
import numpy as np
import pytest
from evaluation.listed import ListQA, make_answer, make_document, make_hits
from hypothesis import given
from hypothesis import strategies as st

from ctqa.config import SearchConfig
from ctqa.errors import ConfigError
from ctqa.evaluation import Evaluation, Gold, GoldQuestion, Judgment, evaluate, format_report
from ctqa.evaluation.failing import failures
from ctqa.evaluation.metrics import MEASURES
from ctqa.evaluation.naming import NAMES, STAGE_NAMES
from ctqa.evaluation.row_of import document_scores

LAW = make_document("law book", "The council must assess. ", "A carer may ask.", path="law.pdf")
NEWS = make_document("news", "Rain is coming. The council must listen.", path="a/news.txt")
QA = ListQA(
    held=[LAW, NEWS],
    hits={
        "Who assesses?": make_hits(
            (NEWS, "The council must listen."), (LAW, "The council must assess.")
        ),
        "Who asks?": make_hits((LAW, "A carer may ask.")),
    },
    answers={
        "Who assesses?": (
            make_answer(NEWS, "The council must listen."),
            make_answer(LAW, "The council must assess.", "The council"),
        ),
        "Who asks?": (make_answer(LAW, "A carer may ask.", "A carer", score=0.8),),
        "Why snow?": (make_answer(NEWS, "Rain is coming."),),
    },
    elapsed_ms={
        "Who assesses?": {"encode": 1.0, "total": 30.0},
        "Who asks?": {"total": 10.0},
        "Why snow?": {"encode": 15.0, "read": 5.0},
    },
    config=SearchConfig(passages=2),
)
GOLD = Gold(
    name="set",
    questions=(
        GoldQuestion(
            id="q 1",
            question="Who assesses?",
            judgments=(Judgment(document="law.pdf", quote="The council must assess."),),
            answers=("The council",),
            half="tune",
            kind="who",
        ),
        GoldQuestion(
            id="q2",
            question="Who asks?",
            judgments=(
                Judgment(document="law.pdf", quote="A carer may ask.", page=2),
                Judgment(document="gone.pdf", quote="Anyone may ask."),
            ),
            answers=("A carer",),
            half="test",
            kind="who",
        ),
        GoldQuestion(
            id="q3",
            question="Who knows?",
            judgments=(Judgment(document="news", quote="Nobody\x1b[31m knows."),),
            half="test",
        ),
        GoldQuestion(id="q4", question="Why snow?", impossible=True, half="tune"),
        GoldQuestion(id="q5", question="Why hail?", impossible=True, half="test"),
    ),
    left_out=3,
    notes=("“remark” is not used",),
)


def means(evaluation: Evaluation) -> dict[str, float]:
    return {name: round(found.mean, 4) for name, found in evaluation.figures.items()}


# ---- what it measures


def test_every_figure_of_a_small_set():
    assert means(evaluate(QA, GOLD)) == {
        "Success@1": 0.3333,
        "Success@3": 0.6667,
        "Success@5": 0.6667,
        "Success@10": 0.6667,
        "RR@10": 0.5,
        "nDCG@10": 0.4147,  # (0.6309 + 1/1.6309 + 0) / 3
        "AP": 0.3333,  # (1/2 + 1/2 + 0) / 3
        "R@5": 0.5,
        "R@10": 0.5,
        "R@100": 0.5,
        "Judged@10": 0.5,  # (1/2 + 1 + 0) / 3
        "sentence_right": 0.3333,
        "any_sentence_right": 0.6667,
        "document_right": 0.3333,
        "citation_right": 0.3333,
        "EM": 0.3333,
        "F1": 0.5,  # (0.5 + 1 + 0) / 3
        "EM_all": 0.4,
        "F1_all": 0.5,  # (0.5 + 1 + 0 + 0 + 1) / 5
        "answered": 0.6667,
        "refused": 0.5,
        "refusal_precision": 0.5,
        "balanced_accuracy": 0.5833,
        "AURC": 0.8433,  # (1 + 1 + 2/3 + 3/4 + 4/5) / 5
    }


def test_figures_are_over_the_questions_they_apply_to():
    figures = evaluate(QA, GOLD).figures
    ns = {name: figures[name].n for name in ("RR@10", "F1", "F1_all", "refused")}
    assert ns == {"RR@10": 3, "F1": 3, "F1_all": 5, "refused": 2}
    assert figures["balanced_accuracy"].n == 5


def test_rows_tell_what_became_of_each_question():
    first, second, third, snow, hail = evaluate(QA, GOLD).rows
    assert (first.first_right, first.answered, first.answer) == (
        2,
        True,
        "The council must listen.",
    )
    assert (first.expected, first.score, first.elapsed_ms) == ("The council", 0.9, 30.0)
    assert (second.first_right, second.answer, second.unmatched) == (1, "A carer", 1)
    assert (third.first_right, third.answered, third.answer) == (None, False, None)
    assert third.expected == "Nobody\x1b[31m knows."
    assert (snow.values, snow.answered, snow.elapsed_ms) == ({"refused": 0.0}, True, 20.0)
    assert (hail.values, hail.answered, hail.elapsed_ms) == ({"refused": 1.0}, False, None)


def test_counts_problems_and_settings_travel_along():
    found = evaluate(QA, GOLD)
    assert found.counts.questions == 5 and found.counts.impossible == 2
    assert (found.counts.judgments, found.counts.unmatched_judgments) == (4, 2)
    assert (found.counts.unmatched_questions, found.counts.left_out) == (1, 3)
    assert [(p.question_id, p.problem, p.missed) for p in found.problems] == [
        ("q2", "document “gone.pdf” is not in the index", True),
        ("q3", "the quote is not in the document", True),
    ]
    assert (found.gold, found.build, found.depth, found.config) == ("set", 7, 100, QA.config)
    assert found.notes == GOLD.notes
    assert found.latency is not None
    assert (found.latency.p50_ms, found.latency.p95_ms) == (20.0, 29.0)


def test_halves_and_kinds_are_measured_apart():
    found = evaluate(QA, GOLD)
    assert list(found.by_half) == ["test", "tune"]
    assert found.by_half["tune"]["RR@10"].mean == 0.5
    assert found.by_half["test"]["RR@10"].mean == 0.5
    assert found.by_half["test"]["refused"].mean == 1.0
    assert {kind: figures["RR@10"].n for kind, figures in found.by_kind.items()} == {
        "": 1,
        "who": 2,
    }


def test_without_halves_or_impossible_questions_there_is_nothing_of_them():
    gold = Gold(name="g", questions=(GoldQuestion(id="1", question="Who asks?"),))
    found = evaluate(QA, gold)
    assert (found.by_half, found.by_kind) == ({}, {})
    assert not {"refused", "balanced_accuracy"} & found.figures.keys()
    assert found.to_json()["figures"]["balanced_accuracy"] is None


def test_impossible_questions_alone_leave_only_refusals():
    found = evaluate(QA, Gold(name="g", questions=GOLD.questions[3:]))
    assert means(found) == {"refused": 0.5}
    assert f"\n{NAMES['refused'].label} " in format_report(found)


# ---- how it asks


def test_it_searches_deep_and_asks_with_the_settings_of_the_qa():
    qa = ListQA(held=[LAW, NEWS], config=SearchConfig(passages=2))
    evaluate(qa, GOLD, depth=50)
    possible = [question.question for question in GOLD.questions if not question.impossible]
    assert [text for text, depth in qa.searched if depth == 50] == possible
    every = 2 * qa.config.candidates  # where something right was not found though it is there
    assert [text for text, depth in qa.searched if depth == every] == possible[:2]
    assert {depth for _, depth in qa.searched} == {2, 50, every}
    assert qa.asked == [(question.id, question.question) for question in GOLD.questions]


def test_retrieval_alone_asks_nothing():
    qa = ListQA(held=QA.held, hits=QA.hits)
    found = evaluate(qa, GOLD, answers=False)
    assert qa.asked == [] and found.latency is None
    assert list(found.figures) == list(map(str, MEASURES))
    assert {row.answered for row in found.rows} == {None}
    assert NAMES["sentence_right"].label not in format_report(found)


def test_progress_counts_every_question():
    seen: list[tuple[int, int]] = []
    evaluate(QA, GOLD, progress=lambda done, total: seen.append((done, total)))
    assert seen == [(n, 5) for n in range(1, 6)]


def test_many_questions_are_all_measured_in_order():
    questions = tuple(
        GoldQuestion(id=str(n), question="Who asks?", judgments=(Judgment(document="law.pdf"),))
        for n in range(1000)
    )
    found = evaluate(QA, Gold(name="g", questions=questions), answers=False)
    assert [row.id for row in found.rows] == [str(n) for n in range(1000)]
    assert found.figures["Success@1"].mean == 1.0


def test_a_depth_of_nothing_is_refused():
    with pytest.raises(ConfigError, match="depth = 0: expected 1 or more"):
        evaluate(QA, GOLD, depth=0)


def test_measures_deeper_than_the_search_are_left_out():
    found = evaluate(QA, GOLD, depth=3, answers=False)
    assert list(found.figures) == ["Success@1", "Success@3", "AP"]


# ---- the run file


def test_the_run_lists_documents_by_their_best_hit(tmp_path):
    qa = ListQA(
        held=[LAW, NEWS],
        hits={
            "Who asks?": make_hits(
                (LAW, "A carer may ask."),
                (LAW, "A carer"),
                (NEWS, "Rain is coming."),
                scores=[0.7, 0.7, 0.7],
            )
        },
    )
    questions = (
        GoldQuestion(id="q\t1", question="Who asks?", judgments=(Judgment(document="news"),)),
        GoldQuestion(id="q2", question="Who asks?", impossible=True),
    )
    evaluation = evaluate(qa, Gold(name="g", questions=questions), answers=False)
    evaluation.write_run(tmp_path / "run.trec", tag="my run")
    assert (tmp_path / "run.trec").read_text(encoding="utf-8") == (
        "q%091 Q0 law%20book 1 0.699999988 my%20run\nq%091 Q0 news 2 0.699999928 my%20run\n"
    )


def test_measured_again_from_its_run_every_mean_is_the_same(tmp_path):
    held = [make_document(f"d{n}", "Text.") for n in range(30)]
    draw = np.random.default_rng(3)
    hits, questions = {}, []
    for n in range(40):
        order = draw.permutation(30)[: draw.integers(0, 30)]
        scores = np.sort(np.round(draw.random(len(order)), 1))[::-1]  # full of ties
        text = f"Question {n}?"
        hits[text] = make_hits(*((held[i], "Text.") for i in order), scores=scores.tolist())
        judged = {int(i): int(draw.integers(0, 3)) for i in draw.permutation(30)[:4]}
        judgments = tuple(Judgment(document=f"d{i}", relevance=r) for i, r in judged.items())
        questions.append(GoldQuestion(id=f"q{n}", question=text, judgments=judgments))
    evaluation = evaluate(
        ListQA(held=held, hits=hits), Gold(name="g", questions=tuple(questions)), answers=False
    )
    evaluation.write_run(tmp_path / "run.trec")
    qrels = [
        ir_measures.Qrel(question.id, judgment.document, judgment.relevance)
        for question in questions
        for judgment in question.judgments
    ]
    run = list(ir_measures.read_trec_run(str(tmp_path / "run.trec")))
    for measure, mean in ir_measures.calc_aggregate(MEASURES, qrels, run).items():
        assert evaluation.figures[str(measure)].mean == pytest.approx(mean)


@given(st.lists(st.floats(-1e6, 1e6), max_size=50))
def test_scores_of_a_run_fall_even_as_32_bit_floats(scores):
    held = [make_document(f"d{n}", "x") for n in range(len(scores))]
    hits = make_hits(*((document, "x") for document in held), scores=scores)
    found = document_scores(hits)
    assert list(found) == [document.id for document in held]
    written = np.array([float(f"{score:.9g}") for score in found.values()], dtype=np.float32)
    assert (np.diff(written) < 0).all()


def test_scores_that_fall_already_are_kept():
    hits = make_hits((LAW, "A carer"), (NEWS, "Rain"), scores=[0.75, 0.25])
    assert document_scores(hits) == {"law book": 0.75, "news": 0.25}


def test_a_run_that_cannot_be_written_is_told(tmp_path):
    with pytest.raises(ConfigError, match="cannot be written"):
        evaluate(QA, GOLD).write_run(tmp_path / "no" / "run.trec")


# ---- JSON and text


def test_json_holds_every_figure_and_question():
    form = json.loads(json.dumps(evaluate(QA, GOLD).to_json(), allow_nan=False))
    figure = form["figures"]["RR@10"]
    assert (figure["mean"], figure["n"]) == (0.5, 3)
    assert 0 < figure["low"] < 0.5 < figure["high"] < 1
    assert [question["id"] for question in form["questions"]] == ["q 1", "q2", "q3", "q4", "q5"]
    assert form["questions"][0]["values"]["nDCG@10"] == pytest.approx(0.6309, abs=1e-4)
    assert (form["config"]["passages"], form["counts"]["impossible"]) == (2, 2)
    assert len(form["problems"]) == 2


def test_the_report_names_what_is_worst_and_what_to_mend():
    report = format_report(evaluate(QA, GOLD), kept="20260101T-abc")
    assert report.startswith("set: 5 questions, 2 of them impossible\nbuild 7, 100 hits a question")
    for line in (
        "2 of 4 judgments have no place in this index and count as missed",
        "3 queries left out: nobody judged them",
        "“remark” is not used",
        "half of the replies took at most 20 ms",
        "95 of 100 replies took at most 29 ms",
        "Why questions failed (3 of 5)\n  Gold without a place  ",
        "Most is to be won by mending the gold: 1 of 3 failures.",
        "  q4  Why snow?\n      answered: Rain is coming. (news, page 1)",
        "  q3  Who knows?\n      expected: Nobody [31m knows.",
        "  q 1  Who assesses?\n      found at rank 2\n      answered: The council must listen.",
        "      expected: The council (law book, page 1)\n",
        "that answer\n  gone.pdf  wanted by 1 question\n  news  wanted by 1 question\n",
        "Gold to mend\n  q2  gone.pdf: document “gone.pdf” is not in the index\n",
        "Kept with the index as 20260101T-abc.",
    ):
        assert line in report
    assert "q5" not in report


def test_every_stage_has_its_count_and_its_questions():
    found = evaluate(QA, GOLD)
    report = format_report(found)
    for stage, count in failures(found.rows).items():
        label = STAGE_NAMES[stage].label
        assert re.search(rf"^  {label} +{count}$", report, re.MULTILINE)
        assert re.search(rf"^{label}$", report, re.MULTILINE)


def test_groups_are_told_with_their_numbers_of_questions():
    report = format_report(evaluate(QA, GOLD))
    (tune,) = (line for line in report.splitlines() if line.startswith("tune (2) "))
    assert tune.split()[2:] == ["0.000", "0.000", "1.000", "0.000"]
    (who,) = (line for line in report.splitlines() if line.startswith("who (2) "))
    assert who.split()[-1] == "–"


def test_the_report_fits_the_terminal_and_holds_no_escapes():
    long = "x" * 300 + "\x1b]0;title\x07"
    gold = Gold(
        name=long,
        questions=tuple(
            GoldQuestion(
                id=f"{n}{long}",
                question=f"{long}?",
                judgments=(Judgment(document=f"{n}{long}", quote=long),),
                kind=f"{long}{n % 3}",
            )
            for n in range(20)
        ),
        notes=("word " * 50,),
    )
    report = format_report(evaluate(QA, gold), kept="20260101T000000000000Z-abcdef")
    assert "Document not read (5 of 20)" in report and "Gold to mend (5 of 20)" in report
    assert "20 of 20 documents that answer (5 of 20)" in " ".join(report.split())
    assert all(len(line) <= 80 and line.isprintable() for line in report.splitlines())


@pytest.mark.parametrize(
    ("interval", "told"),
    [
        ((10.0, 1200.0), "ms (95 %: 10–1,200)\n"),
        ((10.0, None), "ms (95 %: 10 or more)\n"),
        ((None, 30.0), "ms (95 %: up to 30)\n"),
        ((None, None), "29 ms\n"),
    ],
)
def test_the_times_of_replies_are_told_with_what_is_known_of_their_interval(interval, told):
    found = evaluate(QA, GOLD)
    assert found.latency is not None
    taken = replace(found.latency, p50_interval=interval, p95_interval=interval)
    assert told in format_report(replace(found, latency=taken))


def test_places_give_way_to_neither_text_nor_width():
    deep = make_document("folder/" * 20 + "law.pdf", "The council must assess.")
    answer = make_answer(deep, "The council must assess.")
    qa = ListQA(held=[deep], answers={"Why snow?": (answer,)})
    report = format_report(evaluate(qa, Gold(name="g", questions=GOLD.questions[3:4])))
    (line,) = (line for line in report.splitlines() if "answered:" in line)
    assert len(line) <= 80 and line.startswith("      answered: The council must assess. (folder/")


def test_the_report_on_retrieval_alone_lists_what_was_found_late():
    report = format_report(evaluate(QA, GOLD, answers=False))
    assert re.search(r"^Found too far down\n(  .*\n)+  q 1  Who assesses\?\n", report, re.MULTILINE)
    assert "Answered, though impossible" not in report and "answered:" not in report


def test_the_report_tells_what_was_held_back():
    held = ListQA(held=QA.held, hits=QA.hits, unsure={"Who asks?": QA.answers["Who asks?"]})
    report = format_report(evaluate(held, GOLD))
    assert "Held back, though right" in report
    assert "  q2  Who asks?\n      held back: A carer (law book, page 2)\n" in report


def test_nothing_wrong_leaves_no_blocks_of_it():
    report = format_report(evaluate(QA, Gold(name="g", questions=GOLD.questions[4:])))
    assert "Why questions failed" not in report and "won by" not in report


def test_gold_that_judges_documents_alone_asks_for_no_answers() -> None:
    question = GoldQuestion(id="q", question="Who?", judgments=(Judgment(document="d"),))
    found = evaluate(QA, Gold(name="g", questions=(question,)))
    assert found.rows[0].answered is None
    assert "answers were not asked for" in found.notes[0]
