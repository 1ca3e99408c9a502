"""Possible disagreements, over a real index of documents that do and do not contradict."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from library import build, open_qa, write_texts

from ctqa import show
from ctqa.answering.form import reply_form
from ctqa.answering.qa import QA
from ctqa.config import IndexConfig, SearchConfig
from ctqa.records import Disagreement, Reply

CONFIG = SearchConfig(min_score=0.3, rerank=0)
QUESTION = "How many days of annual leave do ward staff get?"
LEAVE = "Annual leave\n\nWard staff get 28 days of annual leave. The canteen is open on Sundays.\n"
OURS = "Our ward staff get 30"
OTHER = "Leave of staff\n\nAll ward staff get thirty days of annual leave in every year.\n"

Ask = Callable[..., Reply]


@pytest.fixture
def ask(tmp_path: Path) -> Iterator[Ask]:
    opened: list[QA] = []

    def ask_(question: str = QUESTION, **texts: str) -> Reply:
        folder = write_texts(tmp_path / "documents", {f"{n}.txt": t for n, t in texts.items()})
        build(folder, tmp_path / "index", config=IndexConfig(encoder="words"))
        opened.append(open_qa(tmp_path / "index", config=CONFIG))
        reply = opened[-1].ask(question)
        assert reply.answered
        for each in reply.disagreements:
            for quote in (each.first, each.second):
                text = opened[-1].text_of(quote.source.id)
                assert text[quote.start : quote.end] == quote.text
                assert quote.differs in quote.text
        return reply

    yield ask_
    for qa in opened:
        qa.close()


def only(reply: Reply) -> Disagreement:
    (found,) = reply.disagreements
    return found


def test_two_documents_that_give_another_number_possibly_disagree(ask: Ask) -> None:
    found = only(ask(one=LEAVE, two=OTHER))
    assert found.kind == "number"
    assert {found.first.differs, found.second.differs} == {"28 days", "thirty days"}
    assert {found.first.source.id, found.second.source.id} == {"one.txt", "two.txt"}
    assert found.newer is None


def test_nearly_the_same_words_with_another_number_are_not_said_to_be_the_same(ask: Ask) -> None:
    reply = ask(one=LEAVE, two=LEAVE.replace("28", "30"))
    assert {answer.source.id for answer in reply.answers} == {"one.txt", "two.txt"}
    assert all(answer.places == () for answer in reply.answers)
    assert only(reply).kind == "number"


def test_a_denial_of_the_same_is_one(ask: Ask) -> None:
    reply = ask(
        "May visitors use mobile phones on the ward?",
        one="Phones\n\nVisitors may use mobile phones on the ward. The canteen is open.\n",
        two="Rules\n\nVisitors may not use mobile phones on the ward. Dogs are welcome.\n",
    )
    found = only(reply)
    assert found.kind == "negation"
    assert {found.first.differs, found.second.differs} == {"", "not"}


@pytest.mark.parametrize(
    "other",
    [
        OTHER.replace("thirty", "twenty-eight"),  # the same number
        "Leave\n\nThe kitchen got thirty days of quiet.\n",  # about something else
        "Leave\n\nBexley ward staff get thirty days of annual leave.\n",  # of another place
        "Leave\n\nOur ward staff get thirty days of annual leave.\n",  # whose, is not known
        "Leave\n\nWard staff get annual leave.\n",  # no number at all
        "Leave\n\nWard staff of 28 or 30 days of service get annual leave.\n",
    ],
)
def test_no_disagreement_where_both_may_be_true(ask: Ask, other: str) -> None:
    assert ask(one=LEAVE, two=other).disagreements == ()


def test_within_one_document_nothing_is_compared(ask: Ask) -> None:
    assert (
        ask(one=LEAVE + "\n" + OTHER, two="Trains\n\nThe night train runs.\n").disagreements == ()
    )


def test_years_that_were_not_asked_for_keep_numbers_apart(ask: Ask) -> None:
    one = LEAVE.replace("leave.", "leave in 2004.")
    two = OTHER.replace("every year", "2005")
    assert ask(one=one, two=two).disagreements == ()


def test_the_newer_of_two_editions_is_named(ask: Ask) -> None:
    old = "Leave policy of the northern trust 2019\n\n" + LEAVE
    new = "Leave policy of the northern trust 2023\n\n" + LEAVE.replace("Ward staff get 28", OURS)
    reply = ask(leave_2019=old, leave_2023=new)
    newer = only(reply).newer
    assert newer is not None
    assert newer.id == "leave_2023.txt"
    by_id = {answer.source.id: answer for answer in reply.answers}
    assert by_id["leave_2023.txt"].newest
    assert not by_id["leave_2019.txt"].newest
    assert "the newest edition in your sources" in show.reply(reply)


def test_the_json_form_and_the_command_line_tell_of_it(ask: Ask) -> None:
    reply = ask(one=LEAVE, two=OTHER)
    (form,) = reply_form(reply)["disagreements"]
    assert form["kind"] == "number"
    assert form["newer"] is None
    assert [set(quote) for quote in form["quotes"]] == [
        {"document", "page", "page_label", "start", "end", "text", "differs"}
    ] * 2
    said = show.reply(reply)
    assert "Possible disagreement" in said
    assert "“All ward staff get thirty days of annual leave in every year.”" in said


def test_many_documents_that_disagree_are_told_of_three_times_at_most(ask: Ask) -> None:
    others = {f"n{days}": LEAVE.replace("28", str(days)) for days in range(30, 40)}
    assert len(ask(one=LEAVE, **others).disagreements) == 3
