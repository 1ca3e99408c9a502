"""All results as markup: those of each gold set together, over time and as a list."""

from collections.abc import Sequence
from itertools import pairwise

from ctqa.evaluation.kept import Summary, Unreadable
from ctqa.ui import words
from ctqa.ui.between import differing
from ctqa.ui.markup import NOTHING, Html, element, joined
from ctqa.ui.render_buttons import button
from ctqa.ui.render_measures import title
from ctqa.ui.render_trend import drawn, trend

_NEWEST = 3  # results of a gold set; the others are folded


def results(listed: Sequence[Summary | Unreadable], shown: str) -> Html:
    """List the results by their gold sets, the one measured last first."""
    sets: dict[str, list[Summary]] = {}
    for each in listed:
        if isinstance(each, Summary):
            sets.setdefault(each.gold, []).append(each)
    unreadable = [each for each in listed if isinstance(each, Unreadable)]
    return joined(
        element("h3", words.EARLIER_RESULTS),
        NOTHING if listed else element("p", words.NO_RESULTS),
        *(
            _set(found, shown, number, is_open=_is_open(found, shown, number))
            for number, found in enumerate(sets.values())
        ),
        _unreadable(unreadable),
    )


def _is_open(found: Sequence[Summary], shown: str, number: int) -> bool:
    return number == 0 or any(each.id == shown for each in found)


def _set(found: Sequence[Summary], shown: str, number: int, *, is_open: bool) -> Html:
    """Show the results of one gold set, given the newest first."""
    since = {after.id: differing(before, after) for after, before in pairwise(found)}
    lines = [_line(each, shown, since.get(each.id)) for each in found]
    older = element(
        "details",
        element("summary", words.older_results(len(lines) - _NEWEST)),
        element("ul", *lines[_NEWEST:], class_="shelf"),
    )
    return element(
        "details",
        element(
            "summary",
            element("bdi", found[0].gold, class_="name"),
            words.results_of(len(found), found[0].at),
        ),
        trend(found[::-1], shown, f"trend-{number}"),
        element("ul", *lines[:_NEWEST], class_="shelf"),
        older if len(lines) > _NEWEST else NOTHING,
        class_="of-gold",
        **({"open": ""} if is_open else {}),
    )


def _line(summary: Summary, shown: str, since: Sequence[str] | None) -> Html:
    is_shown = summary.id == shown
    figures = (
        f"{words.measure_named(name).label} {words.share(summary.figures[name].mean)}"
        for name in drawn([summary])
    )
    return element(
        "li",
        element(
            "div",
            element("p", title(summary)),
            element("p", ", ".join(figures), class_="meta"),
            NOTHING if since is None else element("p", words.since_before(since), class_="meta"),
        ),
        _doings(summary, can_compare=bool(shown) and not is_shown),
        **({"aria_current": "true"} if is_shown else {}),
    )


def _doings(summary: Summary, *, can_compare: bool) -> Html:
    compare = _button(words.COMPARE_RESULT, "compare-result", summary)
    return element(
        "div",
        _button(words.SHOW_RESULT, "show-result", summary),
        compare if can_compare else NOTHING,
        element(
            "details",
            element("summary", words.REMOVE_RESULT),
            _button(words.REMOVE_FOR_GOOD, "remove-result", summary),
        ),
        class_="do",
    )


def _button(label: str, do: str, summary: Summary) -> Html:
    named = words.named(label, f"{summary.gold}, {summary.at}")
    return button(label, do, name=named, result=summary.id)


def _unreadable(found: Sequence[Unreadable]) -> Html:
    if not found:
        return NOTHING
    lines = (element("li", element("bdi", each.why), class_="meta") for each in found)
    return element(
        "details",
        element("summary", words.results_unreadable(len(found))),
        element("ul", *lines, class_="to-mend"),
    )
