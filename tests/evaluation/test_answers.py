import re
import string
from collections import Counter

import pytest
from evaluation.listed import ListQA, make_answer, make_document
from hypothesis import given
from hypothesis import strategies as st

from ctqa.evaluation.answers import exact_match, f1, normalise, score_reply
from ctqa.evaluation.gold.load import GoldQuestion, Judgment
from ctqa.evaluation.locate import Library, locate
from ctqa.records import Answer, Reply

LAW = make_document(
    "law",
    "The council must assess any adult. It pays 10 pounds.\n",
    "A carer may ask. It pays 10 pounds.",
)
NEWS = make_document("news", "Note that the council must assess ANY adult! It pays 10 pounds.")


# ---- words


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("  The  Cat, a dog; an owl. ", "cat dog owl"),
        ("Theatre and another", "theatre and another"),
        ("the-end", "theend"),  # punctuation goes before articles
        ("a.n. other", "other"),  # likewise: "an" is what is left
        ("“Ça va” – 5 %", "“ça va” – 5"),  # ASCII punctuation alone goes, as in the official script
        ("the", ""),
        ("", ""),
    ],
)
def test_normalising_follows_the_official_script(text, expected):
    assert normalise(text) == expected


@pytest.mark.parametrize(
    ("answer", "gold", "em", "overlap"),
    [
        ("The Denver Broncos.", ["Denver Broncos"], 1, 1),
        ("Denver", ["Denver Broncos"], 0, 0.6667),
        ("Denver Broncos won in Denver", ["Denver Broncos"], 0, 0.5714),
        ("Denver Denver", ["Denver"], 0, 0.6667),  # a word counts as often as both have it
        ("Boston", ["Denver Broncos", "Boston Reds", "Boston"], 1, 1),  # the best of them
        ("Boston", ["Denver"], 0, 0),
        ("", ["Denver"], 0, 0),
        ("the", ["Denver"], 0, 0),
        ("", [], 1, 1),
        ("", [""], 1, 1),
        ("the", ["a"], 1, 1),  # SQuAD 2.0 leaves out gold that is only articles, so gold is empty
        ("Denver", ["the"], 0, 0),
        ("Denver", ["the", "Denver"], 1, 1),
        ("", ["the", "Denver"], 0, 0),
        ("“Denver”", ["Denver"], 0, 0),  # typographic quotes are no ASCII punctuation
        ("İ", ["i̇"], 1, 1),
        ("an apple a day", ["apple day"], 1, 1),  # articles go anywhere
        ("U.S.A.", ["USA"], 1, 1),
        ("well-being", ["well being"], 0, 0),  # the hyphen joins: one word against two
        ("£1,000", ["£1000"], 1, 1),
        ("£1,000", ["1000"], 0, 0),  # the pound sign is no ASCII punctuation
        ("CAFÉ", ["café"], 1, 1),
        ("café", ["cafe\u0301"], 0, 0),  # nor are accents composed
        ("ten\u00a0pounds", ["ten pounds"], 1, 1),  # any white space parts words
        ("council must assess", ["must assess any adult"], 0, 0.5714),  # of 2/3 and 2/4
        ("to be or not to be", ["to be"], 0, 0.5),  # 2/6 and 2/2: each word only as often
        ("?!", ["Denver"], 0, 0),
        ("?!", ["..."], 1, 1),
    ],
)
def test_em_and_f1_as_the_official_script_has_them(answer, gold, em, overlap):
    assert exact_match(answer, gold) == em
    assert round(f1(answer, gold), 4) == overlap


def by_the_definition(answer: str, gold: str) -> tuple[float, float]:
    """Score as Rajpurkar et al. define it: precision and recall over bags of normalised words."""

    def bag(text: str) -> list[str]:
        text = "".join(c for c in text.lower() if c not in set(string.punctuation))
        return re.sub(r"\b(a|an|the)\b", " ", text).split()

    found, wanted = bag(answer), bag(gold)
    if not found or not wanted:
        return (float(found == wanted),) * 2
    same = sum((Counter(found) & Counter(wanted)).values())
    if not same:
        return 0.0, 0.0
    precision, recall = same / len(found), same / len(wanted)
    return float(found == wanted), 2 * precision * recall / (precision + recall)


@given(st.text("abtheThe .,“é-\u00a0", max_size=20), st.text("abtheThe .,“é-", max_size=20))
def test_em_and_f1_equal_their_definition(answer, gold):
    expected = by_the_definition(answer, gold)
    assert (exact_match(answer, [gold]), f1(answer, [gold])) == pytest.approx(expected)


words = st.text("abtheThe .,“é", max_size=20)


@given(words, words)
def test_f1_is_symmetric_bounded_and_full_for_equals(first, second):
    both = f1(first, [second]), f1(second, [first])
    assert both[0] == both[1]
    assert exact_match(first, [second]) <= both[0] <= 1
    assert (both[0] == 1) == (sorted(normalise(first).split()) == sorted(normalise(second).split()))


@given(words, st.lists(words, min_size=1, max_size=4), words)
def test_more_gold_answers_never_lower_a_score(answer, gold, another):
    if normalise(gold[0]):  # gold of articles alone is no gold
        assert f1(answer, [*gold, another]) >= f1(answer, gold)


# ---- places


def scores(question: GoldQuestion, *answers: Answer) -> dict[str, float]:
    targets = locate(question, Library(ListQA(held=[LAW, NEWS])))
    reply = Reply(question="?", answers=answers, hits=(), pages_unread=0, build=1)
    return score_reply(reply, question, targets)


def asks(*judgments: Judgment, answers: tuple[str, ...] = ()) -> GoldQuestion:
    return GoldQuestion(id="q", question="?", judgments=judgments, answers=answers)


DUTY = Judgment(document="law", quote="The council must assess any adult.")
PAYMENT = Judgment(document="law", quote="It pays 10 pounds.", page=2)


def test_a_right_answer_scores_everywhere():
    found = scores(asks(DUTY), make_answer(LAW, "The council must assess any adult."))
    assert found == {
        "answered": 1,
        "EM": 1,
        "F1": 1,
        "document_right": 1,
        "citation_right": 1,
        "sentence_right": 1,
        "any_sentence_right": 1,
    }


def test_an_abstention_is_wrong_where_the_sources_answer():
    assert set(scores(asks(DUTY)).values()) == {0.0}


def test_the_first_answer_is_the_one_that_counts():
    wrong = make_answer(LAW, "A carer may ask.")
    right = make_answer(LAW, "The council must assess any adult.")
    found = scores(asks(DUTY), wrong, right)
    assert found["sentence_right"] == 0
    assert (found["any_sentence_right"], found["answered"], found["EM"]) == (1, 1, 0)


@pytest.mark.parametrize(
    ("sentence", "right"),
    [("must assess any adult.", 1), ("assess any adult", 0), ("The council must", 0)],
)
def test_without_short_answers_half_the_quote_must_be_shown(sentence, right):
    assert scores(asks(DUTY), make_answer(LAW, sentence))["sentence_right"] == right


@pytest.mark.parametrize(
    ("sentence", "right"),
    [("It pays 10 pounds.", 1), ("10 pound", 0), ("10 pounds", 1), ("It pays", 0)],
)
def test_a_short_answer_must_be_shown_whole(sentence, right):
    question = asks(Judgment(document="law", quote=LAW.text), answers=("10 pounds",))
    assert scores(question, make_answer(LAW, sentence))["sentence_right"] == right


def test_short_answers_that_the_quote_does_not_hold_leave_the_quote():
    question = asks(DUTY, answers=("assessment of adults",))
    found = scores(question, make_answer(LAW, "The council must assess any adult."))
    assert (found["sentence_right"], found["EM"]) == (1, 0)


def test_a_short_answer_is_looked_for_in_a_whole_document_or_page():
    shown = make_answer(LAW, "It pays 10 pounds.")  # the first such, on page 1
    for judgment, right in (
        (Judgment(document="law"), 1),
        (Judgment(document="law", page=1), 1),
        (Judgment(document="law", page=2), 0),
        (Judgment(document="news"), 0),
    ):
        found = scores(asks(judgment, answers=("10",)), shown)
        assert (found["sentence_right"], found["citation_right"]) == (right, right)


def test_the_same_words_elsewhere_are_right_but_not_the_citation():
    found = scores(asks(DUTY), make_answer(NEWS, NEWS.text))
    assert (found["sentence_right"], found["citation_right"]) == (1, 0)


def test_a_few_words_elsewhere_prove_nothing():
    found = scores(asks(PAYMENT), make_answer(NEWS, "It pays 10 pounds."))
    assert found["sentence_right"] == 0


def test_a_part_of_the_quote_elsewhere_proves_nothing():
    found = scores(asks(DUTY), make_answer(NEWS, "council must assess ANY adult"))
    assert found["sentence_right"] == 1  # the whole quote but for its article
    found = scores(asks(DUTY), make_answer(NEWS, "council must assess ANY"))
    assert found["sentence_right"] == 0


def test_the_page_of_the_place_must_be_cited():
    shown = make_answer(LAW, "It pays 10 pounds.")
    found = scores(asks(PAYMENT), shown)
    assert (found["citation_right"], found["sentence_right"]) == (0, 0)
    unpaged = Judgment(document="law", quote="It pays 10 pounds.")
    assert scores(asks(unpaged), shown)["citation_right"] == 1
    elsewhere = scores(asks(unpaged), make_answer(LAW, "A carer may ask."))
    assert elsewhere["citation_right"] == 1  # page 2 holds it too
    assert scores(asks(DUTY), make_answer(LAW, "A carer may ask."))["citation_right"] == 0


def test_any_one_judgment_is_enough():
    shown = make_answer(LAW, "A carer may ask.")
    question = asks(DUTY, Judgment(document="law", quote="A carer may ask."))
    found = scores(question, shown)
    assert (found["sentence_right"], found["citation_right"], found["EM"]) == (1, 1, 1)


def test_what_the_gold_does_not_say_is_not_scored():
    shown = make_answer(LAW, "A carer may ask.")
    found = scores(asks(Judgment(document="law")), shown)
    assert found == {"answered": 1, "document_right": 1, "citation_right": 1}


def test_the_document_may_be_right_and_the_page_not():
    found = scores(asks(PAYMENT), make_answer(LAW, "It pays 10 pounds."))  # the first, on page 1
    assert (found["document_right"], found["citation_right"]) == (1, 0)
    other = scores(asks(PAYMENT), make_answer(NEWS, "It pays 10 pounds."))
    assert other["document_right"] == 0


def test_the_document_may_be_right_though_the_quote_is_not_in_it():
    lost = Judgment(document="law", quote="It pays 20 pounds.")
    found = scores(asks(lost), make_answer(LAW, "It pays 10 pounds."))
    assert (found["document_right"], found["citation_right"]) == (1, 0)


def test_what_the_gold_judges_irrelevant_makes_nothing_right():
    shown = make_answer(LAW, "The council must assess any adult.")
    wrong = Judgment(document="law", quote="The council must assess any adult.", relevance=0)
    right = Judgment(document="news", quote="It pays 10 pounds.")
    found = scores(asks(wrong, right), shown)
    assert found == {"answered": 1, **dict.fromkeys(found.keys() - {"answered"}, 0)}


def test_a_judgment_without_a_place_is_wrong():
    gone = Judgment(document="gone", quote="It pays 10 pounds.")
    found = scores(asks(gone), make_answer(LAW, "It pays 10 pounds."))
    assert (found["sentence_right"], found["citation_right"], found["EM"]) == (0, 0, 1)
    lost = Judgment(document="law", quote="It pays 20 pounds.")
    assert scores(asks(lost), make_answer(LAW, "It pays 10 pounds."))["citation_right"] == 0


def test_an_impossible_question_is_only_refused_or_not():
    question = GoldQuestion(id="q", question="?", impossible=True)
    assert scores(question) == {"refused": 1}
    assert scores(question, make_answer(LAW, "A carer may ask.")) == {"refused": 0}
