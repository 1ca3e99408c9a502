"""The evaluation tab as markup: gold sets, progress, and a result."""

from collections.abc import Sequence

from ctqa.evaluation.failing import most_to_be_won
from ctqa.evaluation.kept import Result, Summary
from ctqa.ui import render_curves, sheets, words
from ctqa.ui.evaluating import Running
from ctqa.ui.gold_sets import GoldSet
from ctqa.ui.markup import NOTHING, Html, element, joined
from ctqa.ui.render_buttons import button
from ctqa.ui.render_failing import questions, why_failed
from ctqa.ui.render_measures import measures, title
from ctqa.ui.reports import address

RESULT_PLACE = "evaluation-result"
"""The id of the place that a result is shown in."""


def heading() -> Html:
    """Show what the tab is for."""
    return joined(
        element("h2", words.TAB_EVALUATE), element("p", words.EVALUATE_MEANING, class_="meta")
    )


def gold_sets(found: Sequence[GoldSet], *, is_running: bool) -> Html:
    """Show which gold sets can be run, and how to make one."""
    return joined(
        element("h3", words.GOLD_SETS),
        element("ul", *(_gold_set(each, is_running) for each in found), class_="shelf")
        if found
        else element("p", words.NO_GOLD),
        _to_make(is_open=not found),
    )


def _gold_set(each: GoldSet, is_running: bool) -> Html:
    busy = {"disabled": ""} if is_running else {}
    return element(
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
            button(
                words.CHECK, "check-gold", name=words.named(words.CHECK, each.name), gold=each.key
            ),
            class_="do",
        ),
    )


def _to_make(*, is_open: bool) -> Html:
    """Offer a spreadsheet to fill in, and questions to begin with."""
    return element(
        "details",
        element("summary", words.MAKE_GOLD),
        element("p", words.MAKE_GOLD_MEANING, class_="meta"),
        element(
            "div",
            element("a", words.GOLD_TEMPLATE, href=sheets.TEMPLATE, download=""),
            button(words.SUGGEST, "suggest-gold"),
            class_="do",
        ),
        **({"open": ""} if is_open else {}),
    )


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
    """Say why something could not be done."""
    return element("span", words.could_not(message), class_="problem")


def result(found: Result) -> Html:
    """Show a result: measures, curves, and the questions with which something went wrong."""
    summary = found.summary
    return element(
        "article",
        element("h3", words.RESULT),
        _head(summary, found),
        _report(summary),
        why_failed(found),
        element("h4", words.MEASURES_TITLE),
        element("p", words.MEASURES_MEANING, class_="meta"),
        measures(summary),
        _curves(found),
        questions(found),
        class_="result",
    )


def _report(summary: Summary) -> Html:
    """Offer the whole result as a page of its own, to be read or sent on."""
    url = address(summary.id)
    return element(
        "div",
        element("a", words.OPEN_REPORT, href=url, target="_blank", rel="noopener"),
        element("a", words.SAVE_REPORT, href=url, download=f"evaluation-{summary.id}.html"),
        class_="do",
    )


def _curves(found: Result) -> Html:
    if not found.summary.about.answers:
        return NOTHING
    curves = (render_curves.risk(found), render_curves.calibration(found))
    return element("div", *(element("div", each) for each in curves), class_="curves")


def _head(summary: Summary, found: Result) -> Html:
    from ctqa.evaluation.html_report.head import (  # noqa: PLC0415 -- plotly is slow to be imported
        cautions,
        in_short,
    )

    won = most_to_be_won(found.rows)
    told = (each for each in in_short(found) if won is None or each != won.told)
    return joined(
        element("p", title(summary)),
        element("ul", *(element("li", each) for each in told), class_="in-short"),
        *(element("p", each, class_="meta") for each in cautions(found)),
    )
