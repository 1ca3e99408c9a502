"""The evaluation tab as markup: gold sets, progress, results, and two of them side by side."""

from collections.abc import Sequence

from ctqa.evaluation.kept import Result, Summary, Unreadable
from ctqa.ui import render_curves, words
from ctqa.ui.evaluating import Running
from ctqa.ui.gold_sets import GoldSet
from ctqa.ui.markup import NOTHING, Html, element, joined
from ctqa.ui.render_buttons import button
from ctqa.ui.render_failing import in_short, questions
from ctqa.ui.render_measures import comparison, measures, title

_FEW = 100  # questions, below which one of them moves a share by more than a point in 100
_NEWEST = 3  # results; the others are folded
# What stands in the list of results.
_MAIN = ("sentence_right", "answered", "refused", "Success@1", "Success@5")


def heading() -> Html:
    """Show what the tab is for."""
    return joined(
        element("h2", words.TAB_EVALUATE), element("p", words.EVALUATE_MEANING, class_="meta")
    )


def gold_sets(found: Sequence[GoldSet], *, is_running: bool) -> Html:
    """Show which gold sets can be run."""
    if not found:
        return joined(element("h3", words.GOLD_SETS), element("p", words.NO_GOLD))
    busy = {"disabled": ""} if is_running else {}
    lines = (
        element(
            "li",
            element(
                "div",
                element("p", element("bdi", each.name), class_="name"),
                element("p", f"{each.origin}. {each.notes}", class_="meta"),
            ),
            element(
                "div",
                element(
                    "button",
                    words.RUN,
                    type="button",
                    aria_label=words.named(words.RUN, each.name),
                    data_do="evaluate",
                    data_gold=each.key,
                    **busy,
                ),
                class_="do",
            ),
        )
        for each in found
    )
    return joined(element("h3", words.GOLD_SETS), element("ul", *lines, class_="shelf"))


def progress(running: Running | None) -> Html:
    """Show how far an evaluation is."""
    if running is None:
        return NOTHING
    far = {"value": str(running.done), "max": str(running.total)} if running.total else {}
    named = words.named(words.STOP, running.gold)
    stop = (
        element("p", words.STOPPING)
        if running.is_stopping
        else element("div", button(words.STOP, "stop-evaluation", name=named), class_="do")
    )
    return element(
        "div",
        element("p", words.running(running.gold, running.done, running.total), class_="far"),
        element("progress", aria_label=words.RUN_PROGRESS, **far),
        stop,
        class_="running",
    )


def problem(message: str) -> Html:
    """Say why something about an evaluation could not be done."""
    return element("span", words.problem_evaluating(message), class_="problem")


def result(found: Result) -> Html:
    """Show a result: measures, curves, and the questions with which something went wrong."""
    summary = found.summary
    return element(
        "article",
        element("h3", words.RESULT),
        _head(summary, found),
        in_short(found),
        element("h4", words.MEASURES_TITLE),
        element("p", words.MEASURES_MEANING, class_="meta"),
        measures(summary),
        *((render_curves.risk(found), render_curves.calibration(found)) if _asked(found) else ()),
        questions(found),
        class_="result",
    )


def earlier(listed: Sequence[Summary | Unreadable], shown: str) -> Html:
    """List the results, the newest first."""
    if not listed:
        return joined(element("h3", words.EARLIER_RESULTS), element("p", words.NO_RESULTS))
    lines = [
        element("li", element("p", words.result_unreadable(each.id, each.why), class_="meta"))
        if isinstance(each, Unreadable)
        else _line(each, shown)
        for each in listed
    ]
    older = element(
        "details",
        element("summary", words.OLDER_RESULTS),
        element("ul", *lines[_NEWEST:], class_="shelf"),
    )
    return joined(
        element("h3", words.EARLIER_RESULTS),
        element("ul", *lines[:_NEWEST], class_="shelf"),
        older if len(lines) > _NEWEST else NOTHING,
    )


def side_by_side(a: Result, b: Result) -> Html:
    """Show two results, and how to be shown only one again."""
    named = words.named(words.END_COMPARISON, b.summary.gold)
    back = button(words.END_COMPARISON, "end-comparison", name=named)
    return element(
        "article",
        element("h3", words.SIDE_BY_SIDE),
        comparison(a, b),
        element("div", back, class_="do"),
        class_="result",
    )


def _asked(found: Result) -> bool:
    return found.summary.about.answers


def _head(summary: Summary, found: Result) -> Html:
    counts = summary.counts
    answered = sum(row.answered is True for row in found.rows)
    refused = sum(row.answered is False for row in found.rows)
    told = [
        words.unmatched(counts.unmatched_judgments) if counts.unmatched_judgments else "",
        words.left_out(counts.left_out) if counts.left_out else "",
        words.weight_of_one(counts.questions) if counts.questions < _FEW else "",
        *(f"{note[:1].upper()}{note[1:]}." for note in summary.notes),
    ]
    return joined(
        element("p", title(summary)),
        element("p", words.outcome_counts(answered, refused)) if _asked(found) else NOTHING,
        *(element("p", each) for each in told if each),
    )


def _line(summary: Summary, shown: str) -> Html:
    figures = (
        f"{words.measure_named(name)[0]} {words.figure(summary.figures[name].mean)}"
        for name in _MAIN
        if name in summary.figures
    )
    is_shown = summary.id == shown
    compare = _result_button(words.COMPARE_RESULT, "compare-result", summary)
    return element(
        "li",
        element(
            "div",
            element("p", title(summary)),
            element("p", ", ".join(figures), class_="meta"),
        ),
        element(
            "div",
            _result_button(words.SHOW_RESULT, "show-result", summary),
            compare if shown and not is_shown else NOTHING,
            element(
                "details",
                element("summary", words.REMOVE_RESULT),
                _result_button(words.REMOVE_FOR_GOOD, "remove-result", summary),
            ),
            class_="do",
        ),
        **({"aria_current": "true"} if is_shown else {}),
    )


def _result_button(label: str, do: str, summary: Summary) -> Html:
    named = words.named(label, f"{summary.gold}, {summary.at}")
    return button(label, do, name=named, result=summary.id)
