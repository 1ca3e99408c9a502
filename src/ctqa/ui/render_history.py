"""Earlier questions of a conversation, as markup; every word of theirs came from a browser."""

import json
from collections.abc import Iterator, Sequence

from ctqa.answering.wording import in_words, rests_on
from ctqa.text import digest
from ctqa.ui import words
from ctqa.ui.history import Quoted, Turn
from ctqa.ui.history_near import Dispute, Near
from ctqa.ui.lines import title_of
from ctqa.ui.markup import NOTHING, Html, element, joined
from ctqa.ui.render_buttons import button
from ctqa.ui.render_places import citation, place, read_button, title


def earlier(turns: Sequence[Turn], build: int) -> Html:
    """Show earlier turns folded, the oldest first; `build` is the present one."""
    if not turns:
        return NOTHING
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
        element("p", *_buttons(turn), class_="doings"),
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
        element("p", _where(answer), class_="where"),
        element("p", words.newer_edition(answer.newer), class_="newer")
        if answer.newer
        else NOTHING,
        element("p", _sure(answer.confidence), class_="meta"),
        element(
            "p",
            read_button(
                words.of_answer(words.READ_THERE, number, of),
                answer.source.id,
                quote.start,
                quote.end,
                quote=quote.quote_sha256,
                marks=marks,
            ),
            class_="doings",
        ),
        class_="earlier-answer",
    )


def _dispute(found: Dispute) -> Html:
    """Show what another document says, which possibly contradicts an answer."""
    page = words.page(found.page, found.page_label)
    return element(
        "div",
        element("p", element("strong", words.DISPUTED)),
        element("p", words.disputed(found.kind, found.newer)),
        element("blockquote", found.text, dir="auto"),
        element(
            "p",
            title(found.source),
            " · ",
            element("bdi", page),
            " ",
            read_button(
                f"{words.READ_THERE}: {title_of(found.source)}, {page}",
                found.source.id,
                found.start,
                found.end,
                quote=digest(found.text),
            ),
            class_="where",
        ),
        class_="earlier-answer",
    )


def _quoted(what: str, told: str) -> Html:
    if not told:
        return NOTHING
    return element("p", f"{what} ", element("q", told, dir="auto"), class_="meta")


def _where(answer: Quoted) -> Html:
    source, quote = answer.source, answer.claims
    page = words.page(quote.page, "" if quote.page_label is None else quote.page_label)
    return joined(citation(source), " · ", place(source, page, quote.section))


def _sure(confidence: float | None) -> str:
    if confidence is None:
        return words.UNSURE
    return f"{words.sure(confidence)}: {in_words(confidence)}."


def _no_answer(turn: Turn) -> Html:
    unread = turn.pages_unread
    return joined(
        element("p", element("strong", words.NOT_THERE)),
        element("p", words.unread_matters(unread)) if unread else NOTHING,
        _closest(turn.closest),
    )


def _closest(found: Sequence[Near]) -> Html:
    if not found:
        return NOTHING
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
        joined(f" · {words.SECTION} ", element("bdi", near.section)) if near.section else NOTHING,
        " ",
        read_button(label, near.document, near.start, near.end, quote=near.quote),
    )


def _buttons(turn: Turn) -> Iterator[Html | str]:
    asked = words.named(words.ASK_AGAIN, turn.question)
    yield button(words.ASK_AGAIN, "ask", name=asked, question=turn.question)
    yield " "
    forgotten = words.named(words.FORGET_ONE, turn.question)
    yield button(words.FORGET_ONE, "forget", name=forgotten, turn=turn.id)
