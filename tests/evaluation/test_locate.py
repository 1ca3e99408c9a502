import pytest
from evaluation.listed import ListQA, make_document, make_passage
from hypothesis import given
from hypothesis import strategies as st

from ctqa.evaluation.gold.folding import fold
from ctqa.evaluation.gold.load import GoldQuestion, Judgment
from ctqa.evaluation.locate import Library, Span, Target, locate, places
from ctqa.records import Document

CARE = make_document(
    "care",
    "Care is free. It was 10 pounds in 2010.\n",
    "Care is free.  The local\nauthority pays 10 pounds.",
    "",
    path="/home/u/docs/care.pdf",
    title="Care for all",
)


def target(judgment: Judgment, *answers: str, held: tuple[Document, ...] = (CARE,)) -> Target:
    question = GoldQuestion(id="q", question="?", judgments=(judgment,), answers=answers)
    return locate(question, Library(ListQA(held=held)))[0]


def texts(found: Target, spans: tuple[Span, ...]) -> list[str]:
    return [CARE.text[start:end] for start, end in spans]


# ---- finding documents by name


@pytest.mark.parametrize(
    "name",
    [
        "care",
        "/home/u/docs/care.pdf",
        "docs/care.pdf",
        "docs\\care.pdf",
        "care.pdf",
        "Care for all",
    ],
)
def test_a_document_is_found_by_id_path_file_name_or_title(name):
    other = make_document("x", "", path="/home/u/docs/notcare.pdf", title="Other")
    assert Library(ListQA(held=[other, CARE])).find(name) == ("care",)


def test_an_id_goes_before_a_file_name_and_that_before_a_title():
    held = [
        make_document("1", "", path="a/b.txt", title="b.txt"),
        make_document("b.txt", "", path="z.pdf"),
        make_document("3", "", path="y.txt", title="a"),
    ]
    library = Library(ListQA(held=held))
    assert library.find("b.txt") == ("b.txt",)
    assert library.find("a") == ("3",)
    assert library.find("b") == ("1",)


def test_accents_compare_as_they_look():
    composed, decomposed = "caf\u00e9.pdf", "cafe\u0301.pdf"
    assert Library(ListQA(held=[make_document("1", "", path=decomposed)])).find(composed) == ("1",)


@pytest.mark.parametrize(
    ("name", "problem"),
    [
        ("car.pdf", "document “car.pdf” is not in the index"),
        ("care.pdf", "document “care.pdf” could be any of 2 documents"),
    ],
)
def test_a_document_that_is_not_there_or_not_one_is_a_miss(name, problem):
    held = (CARE, make_document("2", "", path="old/care.pdf"))
    found = target(Judgment(document=name, quote="Care is free."), held=held)
    assert (found.document, found.missed, found.problem) == (None, True, problem)


# ---- finding quotes


def test_a_quote_counts_wherever_it_stands():
    found = target(Judgment(document="care", quote="Care is free."))
    assert found.spans == (Span(0, 13), Span(40, 53))
    assert found.pages == {1, 2} and not found.problem


def test_a_page_narrows_to_the_places_on_it():
    found = target(Judgment(document="care", quote="Care is free.", page=2))
    assert (found.spans, found.pages) == ((Span(40, 53),), {2})


def test_a_wrong_page_is_told_and_the_quote_still_counts():
    found = target(Judgment(document="care", quote="Care is free.", page=9))
    assert (found.spans, found.missed) == ((Span(0, 13), Span(40, 53)), False)
    assert found.problem == "the quote is not on page 9; taken was where it stands, page 1, 2"


def test_a_quote_may_differ_in_white_space_alone():
    found = target(Judgment(document="care", quote=" The local authority\tpays"))
    assert texts(found, found.spans) == ["The local\nauthority pays"]
    for quote in ("the local authority pays", "The local authority  pay s"):
        missed = target(Judgment(document="care", quote=quote))
        assert (missed.missed, missed.problem) == (True, "the quote is not in the document")


def test_a_context_and_an_offset_choose_the_place():
    context = "The local authority pays 10 pounds."
    assert target(Judgment(document="care", quote="10", context=context)).spans == (Span(80, 82),)
    here = Judgment(document="care", quote="Care is free.", context=CARE.text, offset=40)
    assert target(here).spans == (Span(40, 53),)
    elsewhere = Judgment(document="care", quote="Care is free.", context=CARE.text, offset=39)
    assert target(elsewhere).spans == (Span(0, 13), Span(40, 53))
    lost = target(Judgment(document="care", quote="Care is free.", context="Care is dear."))
    assert (lost.missed, lost.problem) == (True, "the context is not in the document")


def test_places_are_whole_words_where_there_are_any():
    text = "10 in 2010, 10%"
    assert places("10", text, Span(0, len(text))) == (Span(0, 2), Span(12, 14))
    assert places("10", "in2010", Span(0, 6)) == (Span(4, 6),)
    assert places("10", text, Span(3, 11)) == (Span(8, 10),)
    assert places(" \n", text, Span(0, len(text))) == ()


@given(st.text(max_size=20), st.text(min_size=1, max_size=20), st.text(max_size=20))
def test_what_stands_there_is_found_and_what_is_found_stands_there(before, needle, after):
    text = before + needle + after
    found = places(needle, text, Span(0, len(text)))
    assert bool(found) == bool(fold(needle))
    assert all(fold(needle) in fold(text[start:end]) for start, end in found)


# ---- pages and whole documents


@pytest.mark.parametrize(
    ("page", "problem"),
    [(3, "page 3 holds no text"), (4, "there is no page 4: the document has 3")],
)
def test_a_page_that_holds_nothing_is_a_miss(page, problem):
    found = target(Judgment(document="care", page=page))
    assert (found.missed, found.problem) == (True, problem)


def test_short_answers_are_found_within_the_quote_page_or_document():
    quote = "The local authority pays 10 pounds."
    assert target(Judgment(document="care", quote=quote), "10").answers == (Span(80, 82),)
    assert target(Judgment(document="care", page=1), "10").answers == (Span(21, 23),)
    whole = target(Judgment(document="care"), "10", "free", "10")
    assert whole.answers == (Span(21, 23), Span(80, 82), Span(8, 12), Span(48, 52))


def test_answers_that_stand_nowhere_are_told_unless_a_quote_says_where():
    loose = target(Judgment(document="care"), "ten pounds")
    assert loose.problem == "none of the answers stands in it word for word"
    assert not loose.missed
    assert target(Judgment(document="care", quote="Care is free."), "ten pounds").problem == ""


# ---- which passage holds what


@pytest.mark.parametrize(
    ("judgment", "text", "held"),
    [
        (Judgment(document="care"), "Care", True),
        (Judgment(document="care", quote="pays 10"), "local\nauthority pays", True),
        (Judgment(document="care", quote="pays 10"), "authority pay", False),
        (Judgment(document="care", quote="free"), "Care is fr", True),
        (Judgment(document="care", quote="free"), "Care is f", False),
        (Judgment(document="care", quote="Care is free."), "free.  The", False),
        (Judgment(document="care", page=1), "It was 10 pounds in 2010.\nCare is free.", True),
        (Judgment(document="care", page=2), "It was 10 pounds in 2010.\nCare is free.", False),
        (Judgment(document="care", quote="not there"), "Care", False),
        (Judgment(document="other"), "Care", False),
    ],
)
def test_a_passage_holds_half_a_quote_or_stands_half_on_a_page(judgment, text, held):
    assert target(judgment).held_by(make_passage(CARE, text)) is held


def test_a_passage_of_another_document_holds_nothing():
    twin = make_document("twin", CARE.text)
    assert not target(Judgment(document="care")).held_by(make_passage(twin, "Care"))
