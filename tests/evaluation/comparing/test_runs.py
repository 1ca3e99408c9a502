from pathlib import Path

import pytest
import pytrec_eval
from evaluation.test_evaluate import GOLD, LAW, NEWS, QA
from hypothesis import given
from hypothesis import strategies as st

from ctqa.errors import ConfigError
from ctqa.evaluation import Gold, GoldQuestion, Judgment, evaluate
from ctqa.evaluation.comparing.measured import Measured
from ctqa.evaluation.comparing.runs import load_run
from ctqa.evaluation.locate import Library
from ctqa.evaluation.outcome import Row

PATH = Path("a.trec")
DOCUMENTS = Gold(
    name="docs",
    questions=(
        GoldQuestion(
            id="1",
            question="One?",
            judgments=(
                Judgment(document="a"),
                Judgment(document="b", relevance=2),
                Judgment(document="z", relevance=0),
            ),
        ),
        GoldQuestion(id="2", question="Two?", judgments=(Judgment(document="c"),)),
        GoldQuestion(id="3", question="Never?", impossible=True),
    ),
)


def row(found: Measured, id: str) -> Row:
    return next(row for row in found.rows if row.id == id)


def lines(*found: str) -> str:
    return "".join(f"{line}\n" for line in found)


def test_a_run_is_held_against_judged_documents():
    found = load_run(
        PATH, lines("1 Q0 x 1 3.0 t", "1 Q0 a 2 2.0 t", "2\tQ0\tc\t1\t9\tt"), DOCUMENTS
    )
    first, second, never = found.rows
    assert (first.first_right, first.values["Success@1"], first.values["R@10"]) == (2, 0, 0.5)
    assert (second.first_right, second.values["nDCG@10"]) == (1, 1.0)
    assert first.wanted == {"a": 2, "b": None}
    assert never.impossible and never.values == {} and never.first_right is None
    assert (found.ranks, found.name, found.gold) == ("documents", "a.trec", "docs")
    assert found.notes == ("a.trec: 1 of the documents that are right are nowhere in it",)


def test_ranks_are_by_score_whatever_the_file_says():
    found = load_run(PATH, lines("1 Q0 x 1 1.0 t", "1 Q0 a 2 2.0 t"), DOCUMENTS)
    assert row(found, "1").first_right == 1


def test_ties_break_by_the_last_id_even_beyond_32_bits():
    tied = lines("1 Q0 a 1 0.5 t", "1 Q0 x 2 0.5 t")
    assert row(load_run(PATH, tied, DOCUMENTS), "1").first_right == 2
    near = lines("1 Q0 a 1 0.50000000001 t", "1 Q0 x 2 0.5 t")
    assert row(load_run(PATH, near, DOCUMENTS), "1").first_right == 2


@given(
    st.dictionaries(
        st.sampled_from("abcdefz"),
        st.sampled_from([-1.0, 0.0, 0.3, 0.30000000001, 1.0, 1e9, 1e40]),
        min_size=1,
    )
)
def test_figures_are_those_of_trec_eval_on_the_same_run(scores):
    content = lines(*(f"1 Q0 {d} 0 {score!r} t" for d, score in scores.items()))
    qrels = {"1": {"a": 1, "b": 2, "z": 0}}
    names = {"recip_rank": "RR@10", "ndcg_cut_10": "nDCG@10", "recall_5": "R@5"}
    judge = pytrec_eval.RelevanceEvaluator(qrels, {*names, "success_3"})
    expected = judge.evaluate({"1": scores})["1"]
    found = row(load_run(PATH, content, DOCUMENTS), "1").values
    for theirs, ours in (names | {"success_3": "Success@3"}).items():
        assert found[ours] == pytest.approx(expected[theirs], abs=1e-6)


def test_a_run_that_we_wrote_comes_back(tmp_path):
    gold = Gold(
        name="g",
        questions=(
            GoldQuestion(
                id="q 1", question="Who assesses?", judgments=(Judgment(document="law.pdf"),)
            ),
        ),
    )
    path = tmp_path / "run.trec"
    evaluation = evaluate(QA, gold)
    evaluation.write_run(path)
    content = path.read_text(encoding="utf-8")
    found = load_run(path, content, gold, Library(QA).find)  # its id is not its path, and a space
    assert found.notes == ()
    assert found.rows[0].values == evaluation.rows[0].values
    assert found.rows[0].first_right == evaluation.rows[0].first_right == 2
    unknown = load_run(path, content, gold)
    assert unknown.rows[0].first_right is None and "nowhere in it" in unknown.notes[0]


def test_quotes_stand_for_their_documents():
    content = lines("q%201 Q0 news 1 2 t", "q%201 Q0 law.pdf 2 1 t")
    found = load_run(PATH, content, GOLD)
    assert found.rows[0].first_right == 2
    assert {LAW.source.path, NEWS.source.id} >= {"law.pdf", "news"}


def test_what_the_run_lacks_and_what_is_too_much_is_told():
    found = load_run(PATH, lines("9 Q0 a 1 1 t", "1 Q0 a 1 1 t", "1 Q0 b 1 1 t"), DOCUMENTS)
    assert found.notes[:2] == (
        "a.trec: 1 of its queries are not in the gold and are left out",
        "a.trec: 1 questions of the gold are not in it and count as not found",
    )
    assert row(found, "2").values["nDCG@10"] == 0


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("1 Q0 a 1 0.5", "a.trec, line 1: found '1 Q0 a 1 0.5'; expected query Q0 document"),
        ("\n1 Q0 a 1 high t", "line 2: the score is 'high'; expected a number"),
        ("1 Q0 a 1 nan t", "line 1: the score is 'nan'"),
        ("1 Q0 a 1 2 t\n1 Q0 a 2 1 t", "line 2: 'a' was found for query '1' before"),
        ("7 Q0 a 1 2 t", "none of its 1 queries"),
        (" \n", "is empty"),
    ],
)
def test_what_is_no_run_of_this_gold_is_refused(content, message):
    with pytest.raises(ConfigError, match=message):
        load_run(PATH, content, DOCUMENTS)
