"""Suggested questions: good English, answered by their quotes, and no gold until accepted."""

from dataclasses import replace
from pathlib import Path

import pytest
from evaluation.listed import ListQA, make_document
from library import build, write_texts

from ctqa.errors import ConfigError, GoldError
from ctqa.evaluation.gold.defining import defined_in, is_a
from ctqa.evaluation.gold.load import load_gold
from ctqa.evaluation.gold.opened import is_index, opened_documents
from ctqa.evaluation.gold.suggest import Suggestion, suggest
from ctqa.evaluation.gold.suggestions_out import COLUMNS, write_suggestions
from ctqa.records import Document
from ctqa.text import outline, squeeze

WARDS = (
    "When may relatives visit the ward?\n\n"
    "Relatives may visit the ward between two and four in the afternoon. They ring the bell.\n\n"
    "Did the ward keep its promise to all of them?\n\n"
    "Opinions differ about whether the ward kept any of its promises at all.\n\n"
    "Discharge planning\n\n"
    "Discharge planning begins on the day of admission. The nurse is in charge of discharge "
    "planning for each frail patient.\n\n"
    "A keyworker is defined as the member of staff whom a patient may always call.\n\n"
    "The Community Health Council (CHC) hears complaints about the ward from anyone.\n\n"
    "Table 2: Number of beds on each ward\n\nWard  Beds\nNorth  12\nSouth  9\n\n"
    "This means that nobody is turned away from the ward at night.\n"
)


def document(id: str, text: str) -> Document:
    return replace(make_document(id, text), sections=outline(text))


def of(*texts: str, most: int = 50) -> dict[str, Suggestion]:
    held = [document(f"d{number}", text) for number, text in enumerate(texts)]
    return {one.question: one for one in suggest(ListQA(held=held), most)}


def test_headings_definitions_captions_and_acronyms_become_questions() -> None:
    found = of(WARDS)
    told = {
        question: (one.origin, squeeze(one.quote), one.answer) for question, one in found.items()
    }
    assert told == {
        "When may relatives visit the ward?": (
            "heading",
            "Relatives may visit the ward between two and four in the afternoon. They ring the "
            "bell.",
            "",
        ),
        "What is a keyworker?": (
            "definition",
            "A keyworker is defined as the member of staff whom a patient may always call.",
            "",
        ),
        "Which table shows the number of beds on each ward?": (
            "caption",
            "Table 2: Number of beds on each ward",
            "Table 2",
        ),
        "What is said about discharge planning?": (
            "heading",
            "Discharge planning begins on the day of admission. The nurse is in charge of "
            "discharge planning for each frail patient.",
            "",
        ),
        "What does CHC stand for?": (
            "acronym",
            "The Community Health Council (CHC) hears complaints about the ward from anyone.",
            "Community Health Council",
        ),
    }


def test_each_quote_is_a_slice_of_its_document() -> None:
    text = f"\n\n{WARDS}"
    for one in of(text).values():
        assert text[one.start : one.end] == one.quote


def test_suggestions_are_spread_over_the_documents_and_none_comes_twice() -> None:
    other = WARDS.replace("ward", "clinic").replace("CHC", "CHK").replace("Council", "Kouncil")
    found = list(of(WARDS, WARDS, other, most=4).values())
    assert [one.document for one in found[:2]] == ["d0", "d2"]
    assert len(found) == 4
    assert len({one.question for one in of(WARDS, WARDS).values()}) == len(of(WARDS))


def test_nothing_comes_of_nothing() -> None:
    assert of("") == {} and of("Just a line of text.") == {}
    assert suggest(ListQA(held=[])) == ()


@pytest.mark.parametrize(
    ("sentence", "question"),
    [
        ("A care trust is defined as a body that pools budgets.", "What is a care trust?"),
        ("Pooled budgets are defined as money held in common.", "What are pooled budgets?"),
        ("The term “bed blocking” refers to delayed discharge.", "What does “bed blocking” mean?"),
        ("Prognosis means the expected outcome of a disease.", "What does “prognosis” mean?"),
        ("By “pilgrims” we mean those who set out early.", "What is meant by “pilgrims”?"),
        ("DNACPR is defined as a decision not to restart a heart.", "What is DNACPR?"),
    ],
)
def test_a_definition_gives_the_question_that_it_answers(sentence: str, question: str) -> None:
    assert list(defined_in(sentence, "of care trusts, pooled budgets, a prognosis")) == [question]


@pytest.mark.parametrize(
    "sentence",
    [
        "This means that care is free.",
        "It is defined as a body.",
        "What this means is another matter.",
        "Please refer to your browser's help to learn more.",
        "The study is defined as a pilot.",
        "Table 3 refers to the wards.",
        "Care is provided by means of a budget.",
        "Which means nothing at all.",
    ],
)
def test_what_only_looks_like_a_definition_is_passed_over(sentence: str) -> None:
    assert list(defined_in(sentence, sentence)) == []


def test_what_is_spoken_of_again_and_again_may_be_told_by_what_it_is() -> None:
    text = "the care trust, a care trust and every care trust; a dog"
    said = "A care trust is a body that pools budgets."
    assert list(is_a(said, text)) == ["What is a care trust?"]
    assert list(is_a("A dog is an animal that barks.", text)) == []
    named = "The Care Quality Commission (CQC) is a regulator of care."
    assert list(is_a(named, named)) == ["What is the Care Quality Commission?"]
    assert list(is_a("A care trust is a difficult thing.", text)) == []


@pytest.mark.parametrize("name", ["s.csv", "s.xlsx", "s.jsonl"])
def test_a_file_of_suggestions_is_no_gold_until_someone_accepts(tmp_path: Path, name: str) -> None:
    found = list(of(WARDS).values())
    path = tmp_path / name
    write_suggestions(path, found)
    with pytest.raises(GoldError, match="none of its 5 suggestions was accepted"):
        load_gold(path)
    with pytest.raises(GoldError, match="is there already"):
        write_suggestions(path, found)
    accept_all(path)
    questions = load_gold(path).questions
    assert [(q.id, q.question, q.judgments[0].quote) for q in questions] == [
        (one.id, one.question, squeeze(one.quote)) for one in found
    ]
    assert [q.answers for q in questions] == [(one.answer,) if one.answer else () for one in found]


def accept_all(path: Path) -> None:
    if path.suffix == ".jsonl":
        path.write_text(path.read_text().replace('"accept": ""', '"accept": "yes"'))
    elif path.suffix == ".csv":
        lines = path.read_text("utf-8-sig").split("\n")
        path.write_text("\n".join(f"yes{line}" if line[:1] == "," else line for line in lines))
    else:
        import openpyxl  # noqa: PLC0415

        book = openpyxl.load_workbook(path)
        for row in book.active.iter_rows(min_row=2):
            row[COLUMNS.index("accept")].value = "yes"
        book.save(path)


def test_suggestions_go_into_a_spreadsheet(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="end it so"):
        write_suggestions(tmp_path / "s.txt", [])


def test_an_index_opens_without_a_model(tmp_path: Path) -> None:
    index = tmp_path / "index"
    build(write_texts(tmp_path / "documents"), index)
    assert is_index(index) and not is_index(index.parent)
    with opened_documents(index) as documents:
        ids = [source.id for source in documents.documents()]
        assert ids and all(documents.document(id).text for id in ids)
