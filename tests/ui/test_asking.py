"""What each question shows, without Gradio."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from ui.outline import outline
from ui.serving import MORNING, MORNING_MEANT, NOWHERE, NURSE, VISIT, VISIT_ANSWER, open_serving

from ctqa.answering.serving import Serving
from ctqa.records import Filter
from ctqa.ui import asking, words
from ctqa.ui.asking import Asked


@pytest.fixture
def serving(index: Path) -> Iterator[Serving]:
    found = open_serving(index)
    yield found
    found.close()


def test_an_answer_is_shown(serving: Serving) -> None:
    shown = asking.show_reply(serving, VISIT)
    assert shown.status == "1 answer found, with 2 other passages."
    found = outline(shown.results)
    assert found.text("blockquote") == found.text("mark") == VISIT_ANSWER
    assert shown.carried_over == ""
    assert shown.asked == Asked(question=VISIT, follows=None, meant=VISIT)


def test_no_answer_is_said_to_be_none(serving: Serving) -> None:
    shown = asking.show_reply(serving, NOWHERE)
    assert shown.status.startswith("Not in your sources.")
    assert outline(shown.results).texts("blockquote") == []


def test_a_part_of_the_documents_is_named_with_the_question(serving: Serving) -> None:
    where = Filter(documents=("wards.txt",))
    with serving.lend() as qa:
        title = qa.document("wards.txt").source.title
    named = f"“{title}”" if title else "wards.txt"
    for question in (VISIT, NOWHERE):
        shown = asking.show_reply(serving, question, where=where)
        assert f"Searched only in: document {named}." in outline(shown.results).texts(".meta")
    assert shown.status.startswith(words.NOT_IN_THOSE)
    assert 'data-do="right"' not in shown.results


def test_what_a_question_leaves_unsaid_comes_from_the_one_before(serving: Serving) -> None:
    shown = asking.show_reply(serving, MORNING, VISIT)
    assert shown.carried_over == MORNING_MEANT
    assert shown.status.endswith(words.TOGETHER)
    assert outline(shown.results).texts("q") == [MORNING]
    assert shown.asked == Asked(question=MORNING, follows=VISIT, meant=MORNING_MEANT)


def test_a_question_that_says_it_all_is_asked_alone(serving: Serving) -> None:
    shown = asking.show_reply(serving, NURSE, VISIT)
    assert shown.carried_over == ""
    assert words.TOGETHER not in shown.status
    assert shown.asked == Asked(question=NURSE, follows=VISIT, meant=NURSE)


def test_the_next_question_follows_what_was_meant(serving: Serving) -> None:
    shown = asking.show_reply(serving, MORNING, VISIT)
    assert asking.follows("and in the evening?", shown.asked) == MORNING_MEANT
    assert asking.follows(VISIT, None) is None


def test_the_same_question_once_more_follows_the_same_again(serving: Serving) -> None:
    shown = asking.show_reply(serving, MORNING, VISIT)
    assert asking.follows(MORNING, shown.asked) == VISIT
    alone = asking.show_reply(serving, MORNING)
    assert alone.carried_over == ""
    assert asking.follows(MORNING, alone.asked) is None


@pytest.mark.parametrize("empty", ["", " \n\t", None])
def test_an_empty_question_is_refused_kindly(serving: Serving, empty: str | None) -> None:
    shown = asking.show_reply(serving, empty, VISIT)
    assert outline(shown.status).text(".problem") == (
        "This could not be asked: the question is empty."
    )
    assert shown.results == shown.carried_over == ""
    assert shown.asked is None


def test_only_our_own_errors_are_caught(index: Path) -> None:
    closed = open_serving(index)
    closed.close()
    with pytest.raises(RuntimeError):
        asking.show_reply(closed, VISIT)


def test_a_lone_surrogate_in_a_question_can_be_shown(serving: Serving) -> None:
    shown = asking.show_reply(serving, "When may \ud83d relatives visit the ward?")
    assert outline(shown.results).text("q") == "When may \ufffd relatives visit the ward?"
    shown.results.encode()


def test_what_holds_no_word_is_not_searched(serving: Serving) -> None:
    shown = asking.show_reply(serving, "???!!!")
    assert words.NO_WORDS in shown.status
    assert (shown.reply, shown.results) == (None, "")
