"""Earlier questions of a conversation, as markup; every word of theirs came from a browser."""

import json
from collections.abc import Sequence

from ctqa.answering.wording import in_words, rests_on
from ctqa.text import digest, squeeze
from ctqa.ui import words
from ctqa.ui.history import Quoted, Turn
from ctqa.ui.history_near import Dispute, Near
from ctqa.ui.markup import Html, element, joined
from ctqa.ui.pack import file_of

_NOTHING = Html("")


def earlier(turns: Sequence[Turn], build: int) -> Html:
    """Show earlier turns folded, the oldest first; `build` is the present one."""
    if not turns:
        return _NOTHING
    return joined(
        element("h2", words.EARLIER),
        *(_turn(turn, build) for turn in turns),
        element("p", words.KEPT_HERE, class_="meta"),
    )


def _turn(turn: Turn, build: int) -> Html:
    outcome = words.earlier_outcome(len(turn.answers))
    summary = joined(
        element("q", turn.question, dir="auto"), " ", element("span", outcome, class_="meta")
    )
    return element(
        "details",
        element("summary", summary),
        _about(turn, build),
        _answers(turn) if turn.answered else _no_answer(turn),
        element("p", _ask(turn), " ", _forget(turn), class_="doings"),
        class_="turn",
    )


def _about(turn: Turn, build: int) -> Html:
    """Say when it was asked, and whatever made its answers other than they would be now."""
    told = [element("p", words.asked_on(turn.asked_at, turn.build), class_="meta")]
    if turn.searched:
        told.append(
            element(
                "p", f"{words.SEARCHED} ", element("q", turn.searched, dir="auto"), class_="meta"
            )
        )
    if turn.where is not None:
        told.append(element("p", words.only_in(turn.where), class_="meta"))
    if turn.build != build:
        told.append(element("p", words.from_build(turn.build), class_="other-build"))
    return joined(*told)


def _answers(turn: Turn) -> Html:
    marks = [
        [one.source.id, one.claims.start, one.claims.end, one.claims.quote_sha256]
        for one in turn.answers
    ]
    of = len(turn.answers)
    return joined(
        element("p", rests_on(turn.calibration), class_="meta"),
        *(
            _answer(answer, number, of, json.dumps(marks))
            for number, answer in enumerate(turn.answers, start=1)
        ),
        *(_dispute(found) for found in turn.disputes),
    )


def _answer(answer: Quoted, number: int, of: int, marks: str) -> Html:
    quote = answer.claims
    return element(
        "div",
        element("blockquote", quote.text, dir="auto"),
        _quoted(words.IN, answer.sentence),
        _quoted(words.UNDER, answer.under),
        element("p", _place(answer), class_="where"),
        element("p", words.newer_edition(answer.newer), class_="newer")
        if answer.newer
        else _NOTHING,
        element("p", _sure(answer.confidence), class_="meta"),
        element(
            "p",
            _read(
                words.read_answer(number, of),
                answer.source.id,
                quote.start,
                quote.end,
                data_quote=quote.quote_sha256,
                data_marks=marks,
            ),
            class_="doings",
        ),
        class_="earlier-answer",
    )


def _dispute(found: Dispute) -> Html:
    """Show what another document says, which possibly contradicts an answer."""
    title, page = (
        found.source.title or file_of(found.source),
        words.page(found.page, found.page_label),
    )
    return element(
        "div",
        element("p", element("strong", words.DISPUTED)),
        element("p", words.disputed(found.kind, found.newer)),
        element("blockquote", found.text, dir="auto"),
        element(
            "p",
            element("cite", title, dir="auto"),
            " · ",
            element("bdi", page),
            " ",
            _read(
                f"{words.READ_THERE}: {title}, {page}",
                found.source.id,
                found.start,
                found.end,
                data_quote=digest(found.text),
            ),
            class_="where",
        ),
        class_="earlier-answer",
    )


def _read(label: str, document: str, start: int, end: int, **more: str) -> Html:
    """Make a button that opens a place in its document."""
    return element(
        "button",
        words.READ_THERE,
        type="button",
        aria_label=label,
        data_do="read",
        data_document=document,
        data_start=str(start),
        data_end=str(end),
        **more,
    )


def _quoted(what: str, told: str) -> Html:
    if not told:
        return _NOTHING
    return element("p", f"{what} ", element("q", told, dir="auto"), class_="meta")


def _place(answer: Quoted) -> Html:
    """Cite a document and the place in it; no part of it can turn the line around."""
    source, quote = answer.source, answer.claims
    author = words.author_and_year(source.author, source.year)
    page = words.page(quote.page, quote.page_label or "")
    where = words.section([squeeze(heading) for heading in quote.section])
    return joined(
        joined(element("bdi", author), ", ") if author else _NOTHING,
        element("cite", source.title or file_of(source), dir="auto"),
        f" · {words.FILE} ",
        element("bdi", file_of(source)),
        " · ",
        element("bdi", page),
        joined(f" · {words.SECTION} ", element("bdi", where)) if where else _NOTHING,
    )


def _sure(confidence: float | None) -> str:
    if confidence is None:
        return words.UNSURE
    return f"{words.sure(confidence)}: {in_words(confidence)}."


def _no_answer(turn: Turn) -> Html:
    unread = turn.pages_unread
    return joined(
        element("p", element("strong", words.NOT_THERE)),
        element("p", words.unread_matters(unread)) if unread else _NOTHING,
        _closest(turn.closest),
    )


def _closest(found: Sequence[Near]) -> Html:
    if not found:
        return _NOTHING
    return joined(
        element("p", words.CLOSEST_MEANING, class_="meta"),
        element("ul", *(element("li", _near(near)) for near in found)),
    )


def _near(near: Near) -> Html:
    page = words.page(near.page, near.page_label)
    label = f"{words.READ_THERE}: {words.near(near.title, page, near.section)}"
    return joined(
        element("cite", near.title, dir="auto"),
        " · ",
        element("bdi", page),
        joined(f" · {words.SECTION} ", element("bdi", near.section)) if near.section else _NOTHING,
        " ",
        _read(label, near.document, near.start, near.end, data_quote=near.quote),
    )


def _ask(turn: Turn) -> Html:
    return element(
        "button",
        words.ASK_AGAIN,
        type="button",
        aria_label=f"{words.ASK_AGAIN}: {turn.question}",
        data_do="ask",
        data_question=turn.question,
    )


def _forget(turn: Turn) -> Html:
    return element(
        "button",
        words.FORGET_ONE,
        type="button",
        aria_label=f"{words.FORGET_ONE}: {turn.question}",
        data_do="forget",
        data_turn=turn.id,
    )
