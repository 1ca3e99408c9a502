"""The questions of a result: those that went wrong first, each with what was expected and shown."""

import json
from collections import Counter
from collections.abc import Iterator, Sequence

from ctqa.evaluation.kept import Result
from ctqa.evaluation.outcome import TROUBLES, GoldProblem, Row, Spot
from ctqa.text import digest
from ctqa.ui import words
from ctqa.ui.lines import short
from ctqa.ui.markup import NOTHING, Html, element, joined
from ctqa.ui.render_buttons import button

_LISTED = 100  # questions of a kind; more make a page that no browser likes
_CHARS = 600  # of a quote


def in_short(result: Result) -> Html:
    """Say in a line what went wrong, and how often; nothing where all went right."""
    counts = Counter(row.trouble for row in result.rows)
    found = [words.failing(trouble, counts[trouble]) for trouble in TROUBLES if counts[trouble]]
    return element("p", words.went_wrong(found)) if found else NOTHING


def questions(result: Result) -> Html:
    """Show the questions, those that went wrong by what went wrong, and the right ones folded."""
    right = [row for row in result.rows if row.trouble == ""]
    failing = [element("p", words.FAILING_MEANING, class_="meta"), *_groups(result.rows)]
    return joined(
        element("h3", words.FAILING),
        *(failing if len(right) < len(result.rows) else [element("p", words.NONE_FAILING)]),
        _right(right),
        _to_mend([problem for row in result.rows for problem in row.problems]),
    )


def _groups(rows: Sequence[Row]) -> Iterator[Html]:
    for trouble in TROUBLES:
        found = [row for row in rows if row.trouble == trouble]
        if found:
            found.sort(key=_surest_first)
            yield joined(
                element("h4", words.failing(trouble, len(found))),
                element("p", words.trouble_meaning(trouble), class_="meta"),
                _list(found),
            )


def _surest_first(row: Row) -> tuple[float, str]:
    """Order what went wrong: a wrong answer misleads the more, the surer it was."""
    return (0.0 if row.confidence is None else -row.confidence, row.id)


def _right(rows: Sequence[Row]) -> Html:
    if not rows:
        return NOTHING
    return element("details", element("summary", words.went_right(len(rows))), _list(rows))


def _list(rows: Sequence[Row]) -> Html:
    left = len(rows) - _LISTED
    return joined(
        element("ol", *(element("li", _item(row)) for row in rows[:_LISTED]), class_="questions"),
        element("p", words.more_questions(left), class_="meta") if left > 0 else NOTHING,
    )


def _item(row: Row) -> Html:
    rank = row.first_right
    return element(
        "div",
        element("p", row.question, dir="auto", class_="question"),
        element("p", f"{words.EXPECTED} ", _expected(row)),
        element("p", f"{words.SHOWN_INSTEAD} ", _shown(row)),
        element("p", words.found_at(rank), class_="meta") if rank is not None else NOTHING,
        element("div", *_buttons(row), class_="do"),
        class_="outcome",
    )


def _expected(row: Row) -> Html:
    if row.impossible:
        return joined(words.NOTHING_EXPECTED)
    if row.expected_at is None:
        return element("q", short(row.expected, _CHARS), dir="auto")
    return _quoted(row.expected_at)


def _shown(row: Row) -> Html:
    if row.answered is None:
        return joined(words.NOT_ASKED)
    if row.answer_at is None:
        return joined(words.NOTHING_SHOWN)
    sure = "" if row.confidence is None else f" {words.sure(row.confidence)}."
    return joined(_quoted(row.answer_at), sure)


def _quoted(spot: Spot) -> Html:
    page = "" if spot.page is None else f", {words.page(spot.page, '')}"
    where = element("span", " ", element("bdi", spot.document), page, ".", class_="place")
    return joined(element("q", short(spot.text, _CHARS), dir="auto"), where)


def _buttons(row: Row) -> Iterator[Html]:
    question = short(row.question, _CHARS)
    named = words.named(words.OPEN_IN_ASK, question)
    yield button(words.OPEN_IN_ASK, "ask", name=named, question=row.question)
    marks = [
        [spot.document, spot.start, spot.end, digest(spot.text)]
        for spot in (row.expected_at, row.answer_at)
        if spot is not None
    ]
    for label, spot in (
        (words.SEE_EXPECTED, row.expected_at),
        (words.SEE_SHOWN, row.answer_at),
    ):
        if spot is not None:
            yield button(
                label,
                "read",
                name=words.named(label, question),
                document=spot.document,
                start=str(spot.start),
                end=str(spot.end),
                quote=digest(spot.text),
                marks=json.dumps(marks),
            )


def _to_mend(problems: Sequence[GoldProblem]) -> Html:
    if not problems:
        return NOTHING
    left = len(problems) - _LISTED
    lines = (
        element(
            "li",
            element("bdi", each.question_id),
            ": ",
            element("bdi", each.problem),
            joined(" ", element("q", short(each.quote, _CHARS), dir="auto"))
            if each.quote
            else NOTHING,
        )
        for each in problems[:_LISTED]
    )
    return joined(
        element("h3", words.GOLD_TO_MEND),
        element("p", words.GOLD_TO_MEND_MEANING, class_="meta"),
        element("ul", *lines, class_="to-mend"),
        element("p", words.more_questions(left), class_="meta") if left > 0 else NOTHING,
    )
