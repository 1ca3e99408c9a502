"""The handlers without Gradio: what each question shows, and what a program gets."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
from ui.outline import outline
from ui.serving import HOSTILE_HEADING, NOWHERE, VISIT, VISIT_ANSWER, open_qa

from ctqa.answering.form import reply_form
from ctqa.answering.qa import QA
from ctqa.errors import ConfigError
from ctqa.ui import handlers, words


@pytest.fixture
def qa(index: Path) -> Iterator[QA]:
    found = open_qa(index)
    yield found
    found.close()


def test_the_last_results_go_while_a_question_is_asked(qa: QA) -> None:
    (status, results), _ = handlers.show_reply(qa, VISIT)
    assert (status, results) == (words.SEARCHING, "")


def test_an_answer_is_shown(qa: QA) -> None:
    _, (status, results) = handlers.show_reply(qa, VISIT)
    assert status == "1 answer found. 2 other passages below."
    assert outline(results).text("blockquote") == outline(results).text("mark") == VISIT_ANSWER


def test_no_answer_is_said_to_be_none(qa: QA) -> None:
    _, (status, results) = handlers.show_reply(qa, NOWHERE)
    assert status.startswith("Not in your sources.")
    assert outline(results).texts("blockquote") == []


@pytest.mark.parametrize("empty", ["", " \n\t", None])
def test_an_empty_question_is_refused_kindly(qa: QA, empty: str | None) -> None:
    _, (status, results) = handlers.show_reply(qa, empty)
    assert outline(status).text(".problem") == ("This could not be asked: the question is empty.")
    assert results == ""


def test_only_our_own_errors_are_caught(index: Path) -> None:
    closed = open_qa(index)
    closed.close()
    steps = handlers.show_reply(closed, VISIT)
    next(steps)
    with pytest.raises(sqlite3.ProgrammingError):
        next(steps)


def test_a_lone_surrogate_in_a_question_can_be_shown(qa: QA) -> None:
    _, (_, results) = handlers.show_reply(qa, "When may \ud83d relatives visit the ward?")
    assert outline(results).text("q") == "When may \ufffd relatives visit the ward?"
    results.encode()


def test_a_program_gets_the_one_json_form(qa: QA) -> None:
    found, expected = handlers.reply_json(qa, VISIT), reply_form(qa.ask(VISIT))
    del found["elapsed_ms"], expected["elapsed_ms"]
    assert found == expected


@pytest.mark.parametrize("question", [None, 5, ["a"], {"question": "a"}])
def test_a_program_that_sends_no_text_is_told_so(qa: QA, question: object) -> None:
    with pytest.raises(ConfigError, match="expected a text"):
        handlers.reply_json(qa, question)


def test_examples_are_headings_that_ask(qa: QA) -> None:
    assert handlers.example_questions(qa) == [
        HOSTILE_HEADING,
        "When may relatives visit the ward?",
    ]
