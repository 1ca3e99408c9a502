"""Measures of a result as markup."""

from collections.abc import Iterable, Iterator, Sequence

from ctqa.evaluation import Figure
from ctqa.evaluation.kept import Summary
from ctqa.evaluation.naming import ANSWERING, RETRIEVAL, SHOWN
from ctqa.ui import words
from ctqa.ui.markup import NOTHING, Html, element, joined

_OVER_ALL = ("EM_all", "F1_all")


def title(summary: Summary) -> Html:
    """Name a result by its gold, its size, its date and its build."""
    counts = summary.counts
    return joined(
        element(
            "strong",
            element("bdi", summary.gold),
            words.result_size(counts.questions, counts.impossible),
        ),
        " ",
        element(
            "span",
            words.result_about(summary.at, summary.build, summary.about.seconds),
            class_="meta",
        ),
    )


def measures(summary: Summary) -> Html:
    """Show the measures with their intervals: those that tell most, and the others folded."""
    found = list(_telling(summary))
    shown = [each for each in found if each[0] in SHOWN]
    rest = [each for each in found if each[0] not in SHOWN]
    return joined(
        _table(shown),
        element("details", element("summary", words.MORE_MEASURES), _table(rest))
        if rest
        else NOTHING,
    )


def named(name: str) -> Html:
    """Name a measure, with what it means below."""
    found = words.measure_named(name)
    return joined(
        element("span", found.label, class_="name"), element("span", found.meaning, class_="means")
    )


def table(
    heads: Sequence[str],
    lines: Iterable[tuple[Html | str, ...]],
    class_: str = "figures measures",
) -> Html:
    """Make a table whose lines are headed by their first cell."""
    body = (
        element(
            "tr",
            element("th", line[0], scope="row"),
            *(
                element("td", cell, data_head=head)  # what a narrow page shows of the heads
                for head, cell in zip(heads[1:], line[1:], strict=True)
            ),
        )
        for line in lines
    )
    return element(
        "table",
        element("thead", element("tr", *(element("th", head, scope="col") for head in heads))),
        element("tbody", *body),
        class_=class_,
    )


def _table(found: Sequence[tuple[str, Figure]]) -> Html:
    return table(
        (words.MEASURE, words.MEAN, words.INTERVAL, words.N),
        (
            (
                named(name),
                words.figure(each.mean),
                words.interval(each.low, each.high),
                f"{each.n:,}",
            )
            for name, each in found
        ),
    )


def _telling(summary: Summary) -> Iterator[tuple[str, Figure]]:
    """Give the measures that tell something, answers first.

    Where all questions can be answered, those over all tell nothing more.
    """
    for name in (*ANSWERING, *RETRIEVAL):
        if name in summary.figures and (summary.counts.impossible or name not in _OVER_ALL):
            yield name, summary.figures[name]
