"""The questions of a result: those that went wrong first, each with what was expected and shown."""

import json
from collections.abc import Iterator, Sequence

from ctqa.evaluation.failing import failures, most_to_be_won, surest_first
from ctqa.evaluation.kept import Result
from ctqa.evaluation.naming import STAGE_NAMES, Stage
from ctqa.evaluation.outcome import GoldProblem, Row, Spot
from ctqa.text import digest
from ctqa.ui import words
from ctqa.ui.lines import short
from ctqa.ui.markup import NOTHING, Html, element, joined
from ctqa.ui.render_buttons import button
from ctqa.ui.render_measures import table

_UNFOLDED = 3  # questions of a kind; whoever wants more of it unfolds them
_LISTED = 100  # questions of a kind; more make a page that no browser likes
_CHARS = 600  # of a quote


def why_failed(result: Result) -> Html:
    """Show why questions failed, how many, and what to do; nothing where all went right."""
    counts = _by_frequency(result.rows)
    chance = most_to_be_won(result.rows)
    if chance is None:
        return NOTHING
    return joined(
        element("h4", words.WHY_FAILED),
        element("p", chance.told),
        table(
            (words.WHY, words.N, words.WHAT_TO_DO),
            (
                (_stage(stage), f"{count:,}", _with_code(STAGE_NAMES[stage].remedy))
                for stage, count in counts
            ),
            class_="figures measures why",
        ),
        element("p", _with_code(words.FAILING_BELOW), class_="meta"),
    )


def questions(result: Result) -> Html:
    """Show the questions, those that failed by why they did, and the right ones folded."""
    right = [row for row in result.rows if row.failed_at == ""]
    failing = [element("p", words.FAILING_MEANING, class_="meta"), *_groups(result.rows)]
    return joined(
        element("h3", words.FAILING),
        *(failing if len(right) < len(result.rows) else [element("p", words.NONE_FAILING)]),
        _right(right),
        _to_mend([problem for row in result.rows for problem in row.problems]),
    )


def _by_frequency(rows: Sequence[Row]) -> list[tuple[Stage, int]]:
    return sorted(failures(rows).items(), key=lambda each: -each[1])


def _stage(stage: Stage) -> Html:
    told = STAGE_NAMES[stage]
    return joined(
        element("a", told.label, href=f"#{_place(stage)}", class_="name"),
        element("span", told.meaning, class_="means"),
    )


def _place(stage: Stage) -> str:
    """Give the id of the place where the questions of a stage stand."""
    return f"failed-{stage.replace(' ', '-')}"


def _with_code(told: str) -> Html:
    """Show what stands between backticks as what is typed."""
    return joined(
        *(
            element("code", part) if at % 2 else joined(part)
            for at, part in enumerate(told.split("`"))
        )
    )


def _groups(rows: Sequence[Row]) -> Iterator[Html]:
    for stage, count in _by_frequency(rows):
        found = sorted((row for row in rows if row.failed_at == stage), key=surest_first)
        yield joined(
            element("h4", words.failing(STAGE_NAMES[stage].label, count), id=_place(stage)),
            element("p", STAGE_NAMES[stage].meaning, class_="meta"),
            first_questions([_item(row) for row in found[:_LISTED]], count),
        )


def _right(rows: Sequence[Row]) -> Html:
    if not rows:
        return NOTHING
    found = [_item(row) for row in rows[:_LISTED]]
    summary = element("summary", words.went_right(len(rows)))
    return element("details", summary, _list(found, len(rows)))


def first_questions(items: Sequence[Html], of: int) -> Html:
    """List questions, all but the first ones folded; `of` is how many there are in all."""
    if of <= _UNFOLDED:
        return _list(items, of)
    folded = element(
        "details",
        element("summary", words.other_questions(of - _UNFOLDED)),
        _list(items[_UNFOLDED:], of - _UNFOLDED),
    )
    return joined(_list(items[:_UNFOLDED], _UNFOLDED), folded)


def _list(items: Sequence[Html], of: int) -> Html:
    left = of - len(items)
    return joined(
        element("ol", *(element("li", each) for each in items), class_="questions"),
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
        return _held(row)
    sure = "" if row.confidence is None else f" {words.sure(row.confidence)}."
    return joined(_quoted(row.answer_at), sure)


def _held(row: Row) -> Html:
    """Say that nothing was shown, and what was held back."""
    if row.held is None:
        return joined(words.NOTHING_SHOWN, ".")
    return joined(f"{words.NOTHING_SHOWN}; {words.HELD_BACK} ", _quoted(row.held.at))


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
