"""What a conversation says when it is taken away: an evidence pack, whatever kind of file holds it.

Its quotes are the documents' own characters. How a kind of file keeps them so is its writer's care.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ctqa.answering.wording import in_words, rests_on
from ctqa.citing import Style, as_text, cite_sources
from ctqa.citing.lists import in_text
from ctqa.citing.reference import plain, reference
from ctqa.index.receipt_claims import Claims
from ctqa.index.receipts import Checked, verify_receipts
from ctqa.records import Source
from ctqa.ui import words
from ctqa.ui.history import Quoted, Turn
from ctqa.ui.history_near import Dispute, Near
from ctqa.ui.lines import file_of

_READ_BY_PEOPLE: tuple[Style, ...] = ("harvard", "vancouver")


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """A quote, and what is to be known of it."""

    title: str
    quote: str  # the document's own characters
    citation: str  # as in running text
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A question, with its quotes or why there are none."""

    title: str
    lines: tuple[str, ...]
    items: tuple[Item, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Pack:
    """All of it, in its order."""

    made_at: str  # ISO 8601
    lines: tuple[str, ...]
    parts: tuple[Part, ...]
    references: tuple[str, ...]  # one a paragraph; () where they are for a program
    references_file: str  # for a program, as it is; "" where they are for people
    checking: tuple[str, ...]


def as_receipts(turns: Sequence[Turn]) -> list[dict[str, Any]]:
    """Give the receipts of all answers, in their order, as `ctqa verify` reads them."""
    return [dict(answer.receipt) for turn in turns for answer in turn.answers]


def check(folder: Path, turns: Sequence[Turn]) -> tuple[Checked, ...]:
    """Check the receipts of all answers against an index, in their order.

    Raises:
        IndexLoadError: there is no index, or it is damaged.

    """
    receipts = as_receipts(turns)
    return tuple(verify_receipts(folder, json.dumps(receipts))) if receipts else ()


def pack(
    turns: Sequence[Turn],
    style: Style,
    *,
    made_at: str,
    receipts_name: str,
    checked: Sequence[Checked] = (),
    not_checked: str = "",
) -> Pack:
    """Put a conversation together.

    `checked` has one for each answer or, where they could not be checked, none; `not_checked`
    says why.

    Raises:
        ConfigError: there is no such style.

    """
    sources = list(dict.fromkeys(one.source for turn in turns for one in _quoted(turn)))
    cited = cite_sources(sources, style)
    listed, by_people = as_text(cited, style), style in _READ_BY_PEOPLE
    places = {text: n for n, text in enumerate(dict.fromkeys(one.citation for one in cited), 1)}
    numbers = {source: places[one.citation] for source, one in zip(sources, cited, strict=True)}
    verdicts = iter(checked)
    parts = tuple(
        _part(turn, number, verdicts, numbers if style == "vancouver" else {})
        for number, turn in enumerate(turns, 1)
    )
    return Pack(
        made_at=made_at,
        lines=(
            words.pack_made(made_at, len(turns), sorted({turn.build for turn in turns})),
            words.PACK_PROMISE,
            *_outcome(checked, not_checked),
        ),
        parts=parts,
        references=tuple(listed.split("\n")) if by_people and listed else (),
        references_file="" if by_people else listed,
        checking=(words.pack_checking(receipts_name),) if sources else (),
    )


def _quoted(turn: Turn) -> tuple[Quoted | Dispute, ...]:
    return (*turn.answers, *turn.disputes)


def _outcome(checked: Sequence[Checked], not_checked: str) -> Iterator[str]:
    if checked:
        verified = sum(one.verdict == "verified" for one in checked)
        yield words.pack_checked(verified, len(checked))
    elif not_checked:
        yield words.pack_not_checked(plain(not_checked))


def _part(turn: Turn, number: int, verdicts: Iterator[Checked], numbers: dict[Source, int]) -> Part:
    of = len(turn.answers)
    answers = (
        _item(answer, words.answer_title(n, of), next(verdicts, None), numbers)
        for n, answer in enumerate(turn.answers, 1)
    )
    disputes = (_dispute(found, numbers) for found in turn.disputes)
    lines = (
        words.asked_on(turn.asked_at, turn.build),
        f"{words.SEARCHED} {plain(turn.searched)}" if turn.searched else "",
        "" if turn.where is None else plain(words.only_in(turn.where)),
        *((rests_on(turn.calibration),) if turn.answered else _refusal(turn)),
    )
    return Part(
        title=words.pack_question(number, plain(turn.question)),
        lines=tuple(filter(None, lines)),
        items=(*answers, *disputes),
    )


def _refusal(turn: Turn) -> Iterator[str]:
    yield f"{words.NOT_THERE}. {words.PACK_NOT_THERE}"
    if turn.pages_unread:
        yield words.unread_matters(turn.pages_unread)
    if turn.closest:
        near = "; ".join(dict.fromkeys(map(_near, turn.closest)))
        yield f"{words.CLOSEST}: {near}. {words.CLOSEST_MEANING}"


def _near(near: Near) -> str:
    return words.near(
        plain(near.title), words.page(near.page, near.page_label), plain(near.section)
    )


def _item(answer: Quoted, title: str, verdict: Checked | None, numbers: dict[Source, int]) -> Item:
    return Item(
        title=title,
        quote=answer.claims.text,
        citation=_citation(answer.source, _page(answer.claims), numbers),
        lines=tuple(filter(None, _facts(answer, verdict))),
    )


def _dispute(found: Dispute, numbers: dict[Source, int]) -> Item:
    page = words.page(found.page, plain(found.page_label))
    return Item(
        title=words.DISPUTED,
        quote=found.text,
        citation=_citation(found.source, _page(found), numbers),
        lines=(
            words.disputed(found.kind, found.newer),
            f"{words.DISPUTED_ANSWER} {plain(found.answer)}",
            words.pack_stands(plain(file_of(found.source)), page, "", found.start, found.end),
        ),
    )


def _page(found: Claims | Dispute) -> str:
    label = found.page_label
    return str(found.page) if label is None or label == "" else label


def _citation(source: Source, page: str, numbers: dict[Source, int]) -> str:
    number = numbers.get(source)
    return in_text(reference(source), page) if number is None else f"[{number}]"


def _facts(answer: Quoted, verdict: Checked | None) -> Iterator[str]:
    quote, sure = answer.claims, answer.confidence
    if answer.sentence:
        yield f"{words.IN.capitalize()}: {plain(answer.sentence)}"
    if answer.under:
        yield f"{words.UNDER}: {plain(answer.under)}"
    yield words.pack_stands(
        plain(file_of(answer.source)),
        words.page(quote.page, "" if quote.page_label is None else plain(quote.page_label)),
        plain(words.section(quote.section)),
        quote.start,
        quote.end,
    )
    yield words.UNSURE if sure is None else f"{words.sure(sure)}: {in_words(sure)}."
    yield words.newer_edition(plain(answer.newer)) if answer.newer else ""
    receipt = words.pack_receipt(str(answer.receipt["seal"]))
    checked = "" if verdict is None else words.pack_verdict(verdict.verdict, verdict.on_disk)
    yield f"{receipt} {checked}".rstrip()
