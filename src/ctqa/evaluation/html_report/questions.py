"""The questions of a report: those that failed by the stage at which they did, the right ones last.

Lists end where a browser would suffer; what is left out is said.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from ctqa.evaluation.failing import surest_first
from ctqa.evaluation.gold.wording import many
from ctqa.evaluation.html_report.counted import Wanted, documents
from ctqa.evaluation.html_report.parts import Table, short
from ctqa.evaluation.kept import Result
from ctqa.evaluation.naming import STAGE_NAMES, STAGES
from ctqa.evaluation.outcome import Row, Spot
from ctqa.evaluation.percents import percent

LISTED = 200  # of each kind
_FIRST = 20  # documents that need not be folded
_CHARS = 600  # of a quote
_OPEN = 10  # questions that failed, up to which none need be folded


@dataclass(frozen=True, slots=True, kw_only=True)
class Quote:
    """Words of a document or of gold, and where they stand."""

    text: str
    document: str = ""
    page: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What became of one question, as it is shown."""

    id: str
    question: str
    group: str  # its kind and half
    expected: Quote | None  # None: nothing
    shown: Quote | None
    instead: str  # what is said where nothing is shown
    held: Quote | None
    told: tuple[str, ...]  # rank, confidence


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Questions with which the same thing went wrong, or nothing did."""

    id: str
    label: str
    meaning: str
    remedy: str
    asked: tuple[Asked, ...]
    total: int
    left: str  # what is said of those that are not listed
    is_open: bool = False


def failed(result: Result) -> Iterator[Group]:
    """Give the questions that failed, the surest wrong answer of each stage first."""
    is_open = sum(row.failed_at != "" for row in result.rows) <= _OPEN
    for number, stage in enumerate(STAGES, start=1):
        found = [row for row in result.rows if row.failed_at == stage]
        named = STAGE_NAMES[stage]
        if found:
            group = _group(f"stage-{number}", named.label, found, (named.meaning, named.remedy))
            yield replace(group, is_open=is_open)


def right(result: Result) -> Group | None:
    """Give the questions that did not fail; None: there is none."""
    found = [row for row in result.rows if row.failed_at == "" and _is_judged(row)]
    if not found:
        return None
    meaning = "What was shown or found first is right, or an impossible question was refused."
    return _group("right", "Nothing went wrong", found, (meaning, ""))


def wanted(result: Result) -> Iterator[Table]:
    """Tell what became of each document that questions want, in a first table and the rest."""
    found = documents(result.rows)
    caption = (
        "At which place a document was found for how many questions; those never found stand first"
    )
    if found:
        yield _wanted(found[:_FIRST], caption, "")
    if len(found) > _FIRST:
        rest = found[_FIRST:LISTED]
        yield _wanted(rest, f"The next {len(rest):,} documents", _left(len(found), "document"))


def _wanted(found: Sequence[Wanted], caption: str, left: str) -> Table:
    return Table(
        caption=caption,
        heads=("Document", "Wanted by", "First", "2 to 10", "After 10", "Not found"),
        names=True,
        lines=tuple(
            (
                each.document,
                *(f"{n:,}" for n in (each.questions, each.first, each.near, each.far, each.never)),
            )
            for each in found
        ),
        left=left,
    )


def wanted_in_short(result: Result) -> str:
    """Say in a line how many documents were never found."""
    found = documents(result.rows)
    if not found:
        return "The gold does not say in which documents the answers stand."
    missing = sum(each.is_missing for each in found)
    never = f"{missing:,} of them were" if missing != 1 else "1 of them was"
    if missing == 0:
        never = "each of them was found for at least one of its questions"
        return f"{many(len(found), 'document')} hold what the questions want; {never}."
    return (
        f"{many(len(found), 'document')} hold what the questions want; {never} not found for any "
        f"question, among the first {result.summary.depth:,}."
    )


def to_mend(result: Result) -> Table | None:
    """List the judgments that could not be taken as they stand; None: all could."""
    problems = [problem for row in result.rows for problem in row.problems]
    if not problems:
        return None
    return Table(
        caption="Judgments that could not be taken as they stand",
        heads=("Question", "Document", "What is wrong", "Quote"),
        names=True,
        prose=(1, 2, 3),
        lines=tuple(
            (
                each.question_id,
                each.document,
                each.problem,
                "–" if each.quote is None else short(each.quote, _CHARS),
            )
            for each in problems[:LISTED]
        ),
        left=_left(len(problems), "judgment"),
    )


def _group(id: str, label: str, rows: Sequence[Row], about: tuple[str, str]) -> Group:
    meaning, remedy = about
    ordered = sorted(rows, key=surest_first)
    return Group(
        id=id,
        label=label,
        meaning=meaning,
        remedy=remedy,
        asked=tuple(_asked(row) for row in ordered[:LISTED]),
        total=len(rows),
        left=_left(len(rows), "question"),
    )


def _is_judged(row: Row) -> bool:
    """Tell whether a question could fail: an impossible one only where answers were asked for."""
    return not row.impossible or row.answered is not None


def _asked(row: Row) -> Asked:
    return Asked(
        id=row.id,
        question=short(row.question, _CHARS),
        group=", ".join(name for name in (row.kind, row.half) if name),
        expected=_expected(row),
        shown=None if row.answer_at is None else _quote(row.answer_at),
        instead="only searched, no answer was asked for"
        if row.answered is None
        else "no answer was given",
        held=None if row.held is None else _quote(row.held.at),
        told=tuple(_told(row)),
    )


def _expected(row: Row) -> Quote | None:
    if row.impossible:
        return None
    if row.expected_at is None:
        return Quote(text=short(row.expected, _CHARS))
    return _quote(row.expected_at)


def _quote(spot: Spot) -> Quote:
    page = "" if spot.page is None else f"page {spot.page}"
    return Quote(text=short(spot.text, _CHARS), document=spot.document, page=page)


def _told(row: Row) -> Iterator[str]:
    if row.first_right is not None:
        yield f"First right passage: number {row.first_right:,}"
    elif not row.impossible:
        yield "No right passage found"
    if row.confidence is not None:
        yield f"Confidence: {percent(row.confidence)}"
    if row.held is not None and row.held.confidence is not None:
        yield f"Confidence of what was held back: {percent(row.held.confidence)}"


def _left(total: int, one: str) -> str:
    left = total - LISTED
    if left <= 0:
        return ""
    more = many(left, f"more {one}")
    return f"… and {more}; this list ends after {LISTED}. `ctqa eval --json` gives them all."
