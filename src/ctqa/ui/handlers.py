"""What happens when a question is asked: plain functions, without Gradio."""

from collections.abc import Iterator
from typing import Any

from ctqa.answering.form import reply_form
from ctqa.answering.qa import QA
from ctqa.errors import ConfigError, CtqaError
from ctqa.text import squeeze
from ctqa.ui import render, words
from ctqa.ui.markup import joined

Shown = tuple[str, str]  # the status line and the results, as HTML

_EXAMPLES = 3
_DOCUMENTS_LOOKED_AT = 100  # for examples, when the page is made
_EXAMPLE_CHARS = 120


def show_reply(qa: QA, question: str | None) -> Iterator[Shown]:
    """Ask; first say that it is being done, which takes the last question's results away."""
    yield joined(words.SEARCHING).markup, ""
    try:
        reply = qa.ask("" if question is None else question)
    except CtqaError as error:
        yield render.problem(str(error)).markup, ""
    else:
        yield render.outcome(reply).markup, render.reply(reply).markup


def show_failure() -> Shown:
    """Say that CTQA itself failed; the log says how."""
    return joined(words.FAILED).markup, ""


def reply_json(qa: QA, question: Any) -> dict[str, Any]:
    """Ask, for a program.

    Raises:
        CtqaError: the question is no text, or cannot be asked.

    """
    if not isinstance(question, str):
        raise ConfigError(f"question: expected a text, found {type(question).__name__}")
    return reply_form(qa.ask(question))


def example_questions(qa: QA) -> list[str]:
    """Take questions from the documents' headings; [] where no heading is a question."""
    found: dict[str, None] = {}
    for heading in _asking_headings(qa):
        found[heading] = None
        if len(found) == _EXAMPLES:
            break
    return list(found)


def _asking_headings(qa: QA) -> Iterator[str]:
    for source in qa.documents()[:_DOCUMENTS_LOOKED_AT]:
        for section in qa.document(source.id).sections:
            heading = squeeze(section.path[-1])
            if heading.endswith("?") and len(heading) <= _EXAMPLE_CHARS:
                yield heading
