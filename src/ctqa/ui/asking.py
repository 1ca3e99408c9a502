"""What happens when a question is asked: plain functions, without Gradio."""

from dataclasses import dataclass

from ctqa.answering.follow import carry_over
from ctqa.answering.qa import QA
from ctqa.answering.serving import Serving
from ctqa.errors import CtqaError
from ctqa.records import Filter, Reply
from ctqa.ui import render, words
from ctqa.ui.markup import joined

_TITLED = 20  # documents of a filter that are named by their titles; fetching more takes too long


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
    reply: Reply | None = None


def follows(question: str | None, last: Asked | None) -> str | None:
    """Give the question that this one may follow; asked once more, it follows the same again."""
    if last is None:
        return None
    return last.follows if question == last.question else last.meant


def show_reply(
    serving: Serving,
    question: str | None,
    follows: str | None = None,
    where: Filter | None = None,
) -> Shown:
    """Ask, and show what came back or why nothing could."""
    asked = "" if question is None else question
    if asked.strip() and not any(map(str.isalnum, asked)):
        return Shown(status=render.problem(words.NO_WORDS).markup)
    try:
        with serving.lend_to_ask() as qa:
            return _reply(qa, asked, follows, where)
    except CtqaError as error:
        return Shown(status=render.problem(str(error)).markup)


def _reply(qa: QA, asked: str, follows: str | None, where: Filter | None) -> Shown:
    reply = qa.ask(asked, follows=follows, where=where)
    if follows is not None and not reply.answered:
        alone = qa.ask(asked, where=where)
        if alone.answered:  # it says enough by itself
            reply, follows = alone, None
    meant = asked if follows is None else carry_over(asked, follows)
    carried = reply.searched if meant != asked else ""
    return Shown(
        status=render.outcome(reply, carried_over=bool(carried), narrowed=where is not None).markup,
        results=render.reply(
            reply, carried_over=bool(carried), meant=meant, only_in=_only_in(qa, where)
        ).markup,
        carried_over=carried,
        asked=Asked(question=asked, follows=follows, meant=meant),
        reply=reply,
    )


def _only_in(qa: QA, where: Filter | None) -> str:
    """Say which documents were searched, by their titles; "": all."""
    if where is None:
        return ""
    ids = () if where.documents is None else where.documents[:_TITLED]
    titles = {id: qa.document(id).source.title for id in ids}
    return words.only_in(where, {id: title for id, title in titles.items() if title})


def show_failure() -> Shown:
    """Say that CTQA itself failed; the log says how."""
    return Shown(status=joined(words.FAILED).markup)
