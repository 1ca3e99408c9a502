"""What happens when a question is asked: plain functions, without Gradio."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from ctqa.answering.follow import carry_over
from ctqa.answering.form import reply_form
from ctqa.answering.qa import QA
from ctqa.answering.serving import Serving
from ctqa.errors import ConfigError, CtqaError
from ctqa.index.local import IndexStatus
from ctqa.text import squeeze
from ctqa.ui import render, words
from ctqa.ui.markup import joined

EXAMPLES = 3  # questions that the page offers, at most
_DOCUMENTS_LOOKED_AT = 100  # for examples, when the page is made
_EXAMPLE_CHARS = 120


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What was asked last in a browser."""

    question: str
    follows: str | None  # the question before it; None: it was asked on its own
    meant: str  # with what was carried over; the next question follows this


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """What the page shows, as HTML, and what it offers to be edited, as text."""

    status: str
    results: str = ""
    carried_over: str = ""  # what was searched, where a part came from the question before
    asked: Asked | None = None  # None: nothing was


def follows(question: str | None, last: Asked | None) -> str | None:
    """Give the question that this one may follow; asked once more, it follows the same again."""
    if last is None:
        return None
    return last.follows if question == last.question else last.meant


@dataclass(frozen=True, slots=True, kw_only=True)
class Front:
    """What the page shows of an index before anything is asked."""

    status: IndexStatus
    examples: tuple[str, ...]


def front(qa: QA) -> Front:
    """Look an index over, to show what it holds and what might be asked."""
    return Front(status=qa.status(), examples=tuple(example_questions(qa)))


def show_reply(
    serving: Serving, question: str | None, follows: str | None = None
) -> Iterator[Shown]:
    """Ask; first say that it is being done, which takes the last question's results away."""
    yield Shown(status=joined(words.SEARCHING).markup)
    asked = "" if question is None else question
    with serving.lend() as qa:
        shown = _reply(qa, asked, follows)
    yield shown


def _reply(qa: QA, asked: str, follows: str | None) -> Shown:
    try:
        reply = qa.ask(asked, follows=follows)
        if follows is not None and not reply.answered:
            alone = qa.ask(asked)
            if alone.answered:  # it says enough by itself
                reply, follows = alone, None
    except CtqaError as error:
        return Shown(status=render.problem(str(error)).markup)
    meant = asked if follows is None else carry_over(asked, follows)
    carried = reply.searched if meant != asked else ""
    return Shown(
        status=render.outcome(reply, carried_over=bool(carried)).markup,
        results=render.reply(reply, carried_over=bool(carried)).markup,
        carried_over=carried,
        asked=Asked(question=asked, follows=follows, meant=meant),
    )


def show_failure() -> Shown:
    """Say that CTQA itself failed; the log says how."""
    return Shown(status=joined(words.FAILED).markup)


def reply_json(serving: Serving, question: Any) -> dict[str, Any]:
    """Ask, for a program.

    Raises:
        CtqaError: the question is no text, or cannot be asked.

    """
    if not isinstance(question, str):
        raise ConfigError(f"question: expected a text, found {type(question).__name__}")
    with serving.lend() as qa:
        return reply_form(qa.ask(question))


def example_questions(qa: QA) -> list[str]:
    """Take questions from the documents' headings; [] where no heading is a question."""
    found: dict[str, None] = {}
    for heading in _asking_headings(qa):
        found[heading] = None
        if len(found) == EXAMPLES:
            break
    return list(found)


def _asking_headings(qa: QA) -> Iterator[str]:
    for source in qa.documents()[:_DOCUMENTS_LOOKED_AT]:
        for section in qa.document(source.id).sections:
            heading = squeeze(section.path[-1])
            if heading.endswith("?") and len(heading) <= _EXAMPLE_CHARS:
                yield heading
