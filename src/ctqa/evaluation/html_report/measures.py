"""The measures of a report: each with its interval, over all questions, by half and by kind."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from ctqa.evaluation.figures import grouped
from ctqa.evaluation.html_report.parts import Table, figure
from ctqa.evaluation.intervals import Figure
from ctqa.evaluation.kept import Result
from ctqa.evaluation.naming import NAMES, SHOWN, Named

# What stands in the tables by half and by kind.
_MAIN = ("sentence_right", "answered", "refused", "Success@1", "Success@5", "nDCG@10")


_EDGE = 0.6  # percent of the bar: half as wide as the mark of the mean, which stays within it


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """A measure with its interval, as a line of the table and as a bar from 0 to 1."""

    label: str
    meaning: str
    mean: str
    interval: str
    n: str
    at: float  # percent of the bar
    low: float
    high: float


def shown(result: Result) -> list[Measure]:
    """Give what a reader needs first."""
    figures = result.summary.figures
    return [_measure(name, figures[name]) for name in SHOWN if name in figures]


def others(result: Result) -> list[Measure]:
    """Give what else was measured."""
    figures = result.summary.figures
    names = (*NAMES, *(name for name in figures if name not in NAMES))
    rest = [name for name in names if name in figures and name not in SHOWN]
    if not result.summary.counts.impossible:
        rest = [name for name in rest if name not in ("EM_all", "F1_all")]
    return [_measure(name, figures[name]) for name in rest]


def groups(result: Result) -> Iterator[Table]:
    """Give the main measures by half and by kind, where the gold names any."""
    for name, title in (("half", "By half of the gold set"), ("kind", "By kind of question")):
        found = grouped(result.rows, name)
        if found:
            yield _by_group(title, name.capitalize(), found)


def _by_group(title: str, head: str, groups: Mapping[str, Mapping[str, Figure]]) -> Table:
    names = [name for name in _MAIN if any(name in figures for figures in groups.values())]
    return Table(
        caption=title,
        heads=(head, *(NAMES[name].label for name in names)),
        names=True,
        lines=tuple(
            (group or "(none)", *(_cell(figures.get(name)) for name in names))
            for group, figures in groups.items()
        ),
    )


def _measure(name: str, found: Figure) -> Measure:
    named = NAMES.get(name, Named(label=name, meaning=""))
    lower = " Lower is better." if named.lower_is_better else ""
    low, high, at = (100 * min(1.0, max(0.0, x)) for x in (found.low, found.high, found.mean))
    return Measure(
        label=named.label,
        meaning=f"{named.meaning}{lower}",
        mean=figure(found.mean),
        interval=f"{figure(found.low)} to {figure(found.high)}",
        n=f"{found.n:,}",
        at=round(min(max(at, _EDGE), 100 - _EDGE), 2),
        low=round(low, 2),
        high=round(high, 2),
    )


def _cell(found: Figure | None) -> str:
    if found is None:
        return "–"
    return f"{figure(found.mean)}\n{found.low:.2f} to {found.high:.2f}\nn = {found.n:,}"
