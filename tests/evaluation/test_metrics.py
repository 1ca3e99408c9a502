import random
from math import log2

import pytest
from evaluation.listed import ListQA, make_document, make_hits
from hypothesis import given
from hypothesis import strategies as st

from ctqa.evaluation.gold.load import GoldQuestion, Judgment
from ctqa.evaluation.locate import Library, Target, locate
from ctqa.evaluation.metrics import MEASURES, Ranking, measure, rank
from ctqa.records import Document, Hit

DOCUMENTS = {name: make_document(name, f"Text of {name}. One. Two. Three.") for name in "ABCDE"}
STORY = make_document("S", "One is here. Two is there. Three is far.", "Four is near. Five is not.")


def found(*names: str) -> tuple[Hit, ...]:
    return make_hits(*((DOCUMENTS[name], f"Text of {name}.") for name in names))


def targets(*judgments: Judgment) -> tuple[Target, ...]:
    question = GoldQuestion(id="q", question="?", judgments=judgments)
    held: list[Document] = [*DOCUMENTS.values(), STORY]
    return locate(question, Library(ListQA(held=held)))


def values(hits: tuple[Hit, ...], *judgments: Judgment) -> dict[str, float]:
    measured = measure({"q": rank(hits, targets(*judgments))}, 100)["q"]
    return {name: round(value, 4) for name, value in measured.items()}


def test_the_measures_have_the_names_of_the_field():
    assert list(map(str, MEASURES)) == [
        "Success@1",
        "Success@3",
        "Success@5",
        "Success@10",
        "RR@10",
        "nDCG@10",
        "AP",
        "R@5",
        "R@10",
        "R@100",
        "Judged@10",
    ]


# ---- whole documents


def test_documents_are_ranked_by_their_best_passage():
    hits = found("C", "A", "A", "D", "B")  # so the documents stand at 1: C, 2: A, 3: D, 4: B
    assert values(hits, Judgment(document="A"), Judgment(document="B")) == {
        "Success@1": 0,
        "Success@3": 1,
        "Success@5": 1,
        "Success@10": 1,
        "RR@10": 0.5,
        "nDCG@10": 0.6509,  # (1/log2 3 + 1/log2 5) / (1 + 1/log2 3)
        "AP": 0.5,  # (1/2 + 2/4) / 2
        "R@5": 1,
        "R@10": 1,
        "R@100": 1,
        "Judged@10": 0.5,
    }


def test_grades_weigh_in_ndcg_and_a_grade_of_zero_is_not_relevant():
    judgments = (
        Judgment(document="A", relevance=1),
        Judgment(document="B", relevance=2),
        Judgment(document="C", relevance=0),
        Judgment(document="D", relevance=-1),
    )
    measured = values(found("C", "A", "D", "B"), *judgments)
    assert measured["nDCG@10"] == 0.5672  # (1/log2 3 + 2/log2 5) / (2 + 1/log2 3)
    assert (measured["Success@1"], measured["RR@10"], measured["R@10"]) == (0, 0.5, 1)


def test_a_document_that_is_not_in_the_index_counts_as_missed():
    measured = values(found("A"), Judgment(document="A"), Judgment(document="Z"))
    assert (measured["Success@1"], measured["R@100"], measured["nDCG@10"]) == (1, 0.5, 0.6131)


def test_a_question_that_brings_nothing_counts_nothing():
    assert set(values((), Judgment(document="A")).values()) == {0.0}
    assert set(values(found("B", "C"), Judgment(document="A")).values()) == {0.0}


def test_a_question_without_any_judgment_has_no_values():
    assert values(found("A")) == {}


def test_a_document_judged_twice_has_its_higher_grade():
    judgments = (Judgment(document="A", relevance=1), Judgment(document="A", relevance=0))
    assert values(found("A"), *judgments)["Success@1"] == 1


def test_a_document_judged_only_irrelevant_counts_nothing():
    measured = values(found("A", "B"), Judgment(document="A", relevance=0))
    assert measured.pop("Judged@10") == 0.5
    assert set(measured.values()) == {0.0}


@pytest.mark.parametrize("relevance", [1, 0, -1])
def test_what_the_gold_calls_wrong_is_judged_too(relevance):
    # Only the first ten count, and those behind the last relevant one among them.
    hits = found("A", "B", "C", "D", "E")
    judgments = (Judgment(document="A"), Judgment(document="E", relevance=relevance))
    assert values(hits, *judgments)["Judged@10"] == 0.4


# ---- quotes


def quoted(*quotes: str) -> tuple[Judgment, ...]:
    return tuple(Judgment(document="S", quote=quote) for quote in quotes)


def story(*texts: str) -> tuple[Hit, ...]:
    return make_hits(*((STORY, text) for text in texts))


def test_quotes_are_ranked_by_the_first_hit_that_holds_each():
    hits = story("Two is there.", "Five is not.", "One is here. Two is there.", "Four is near.")
    measured = values(hits, *quoted("Two is there.", "Four is near.", "Three is far."))
    # Ranks 1 and 4; rank 3 only holds what rank 1 did, and nothing holds the third.
    assert measured == {
        "Success@1": 1,
        "Success@3": 1,
        "Success@5": 1,
        "Success@10": 1,
        "RR@10": 1,
        "nDCG@10": 0.6714,  # (1 + 1/log2 5) / (1 + 1/log2 3 + 1/log2 4)
        "AP": 0.5,  # (1 + 2/4) / 3
        "R@5": 0.6667,
        "R@10": 0.6667,
        "R@100": 0.6667,
        "Judged@10": 0.75,  # all but the second
    }


def test_a_hit_that_holds_two_judgments_credits_both_at_its_rank():
    hits = story("Five is not.", "One is here. Two is there.", "One is here.", "Three is far.")
    ranking = rank(hits, targets(*quoted("One is here.", "Two is there.", "Three is far.")))
    assert ranking.first_right == 2
    measured = values(hits, *quoted("One is here.", "Two is there.", "Three is far."))
    assert measured["R@10"] == 1
    assert measured["nDCG@10"] == 0.6509  # ranks 2 and 4 of two items


def test_the_rank_is_the_rank_shown():
    for position in range(12):
        texts = ["Five is not."] * position + ["One is here. Two is there."] + ["Five is not."] * 3
        hits = story(*texts)
        judged = targets(*quoted("One is here.", "Two is there."))
        assert rank(hits, judged).first_right == position + 1
        expected = round(1 / (position + 1), 4) if position < 10 else 0
        assert values(hits, *quoted("One is here.", "Two is there."))["RR@10"] == expected


def test_nested_quotes_are_credited_by_the_hit_that_holds_them():
    measured = values(story("One is here."), *quoted("One is here.", "One", "is here"))
    assert (measured["R@10"], measured["nDCG@10"]) == (1, 1)


def test_a_quote_without_a_place_counts_as_missed():
    measured = values(story("One is here."), *quoted("One is here.", "Six is gone."))
    assert (measured["Success@1"], measured["R@10"]) == (1, 0.5)


def test_a_page_and_a_quote_may_judge_one_question():
    judgments = (*quoted("One is here."), Judgment(document="S", page=2))
    measured = values(story("Five is not.", "Four is near.", "One is here."), *judgments)
    assert (measured["R@10"], measured["nDCG@10"]) == (1, 0.9197)  # ranks 1 and 3


# ---- against formulas written out here


def by_hand(relevance: dict[str, int], items: tuple[str, ...]) -> dict[str, float]:
    gains = [max(0, relevance.get(item, 0)) for item in items]
    ideal = sorted((max(0, grade) for grade in relevance.values()), reverse=True)
    relevant = sum(gain > 0 for gain in ideal)
    first = next((n for n, gain in enumerate(gains, 1) if gain > 0), 0)
    dcg, best = (
        sum(gain / log2(n + 1) for n, gain in enumerate(x[:10], 1)) for x in (gains, ideal)
    )
    return {
        **{f"Success@{k}": float(0 < first <= k) for k in (1, 3, 5, 10)},
        "RR@10": 1 / first if 0 < first <= 10 else 0.0,
        "AP": sum(sum(g > 0 for g in gains[:n]) / n for n, gain in enumerate(gains, 1) if gain > 0)
        / max(relevant, 1),
        "Judged@10": sum(item in relevance for item in items[:10]) / max(len(items[:10]), 1),
        "nDCG@10": dcg / best if best else 0.0,
        **{
            f"R@{k}": sum(gain > 0 for gain in gains[:k]) / relevant if relevant else 0.0
            for k in (5, 10, 100)
        },
    }


def test_every_measure_equals_its_formula_on_random_runs():
    draw = random.Random(1)  # noqa: S311 -- a repeatable test, no secret
    names = [f"d{n}" for n in range(150)]
    rankings = {
        f"q{n}": Ranking(
            relevance={name: draw.randint(0, 3) for name in draw.sample(names, draw.randint(1, 9))},
            items=tuple(draw.sample(names, draw.randint(0, 120))),
        )
        for n in range(200)
    }
    measured = measure(rankings, 100)
    assert measured.keys() == rankings.keys()
    for key, ranking in rankings.items():
        expected = by_hand(dict(ranking.relevance), ranking.items)
        assert measured[key] == pytest.approx(expected, abs=1e-9)


@given(st.lists(st.sampled_from("ABCDE"), max_size=30), st.sets(st.sampled_from("ABCDE")))
def test_every_document_found_is_ranked_once(names, relevant):
    ranking = rank(found(*names), targets(*(Judgment(document=name) for name in relevant)))
    assert ranking.items == tuple(dict.fromkeys(names))
    expected = by_hand(dict.fromkeys(relevant, 1), ranking.items) if relevant else {}
    assert measure({"q": ranking}, 100)["q"] == pytest.approx(expected)


def test_measures_that_look_deeper_than_the_run_are_left_out():
    ranking = Ranking(relevance={"A": 1}, items=("A",))
    assert list(measure({"q": ranking}, 5)["q"]) == [
        "Success@1",
        "Success@3",
        "Success@5",
        "AP",  # over whatever was taken
        "R@5",
    ]
    assert measure({}, 100) == {}
