"""What share of the answers would be wrong were only the surest given."""

from collections.abc import Sequence
from typing import Any

from ctqa.evaluation.curves import RiskCoverage, RiskPoint, risk_coverage, thinned
from ctqa.evaluation.gold.wording import many
from ctqa.evaluation.html_report import drawing
from ctqa.evaluation.html_report.parts import Plot, Table, few, figure
from ctqa.evaluation.intervals import share_interval
from ctqa.evaluation.kept import Result
from ctqa.evaluation.percents import between, percent

_DRAWN = 300  # points of a curve; no eye tells more apart
_LINES = 14  # of its table
_TITLE = "Risk and coverage"
_MEANING = (
    "If only the surest answers were given, from left to right ever more of them: the share of "
    "those that would be wrong. Where the curve is low on the left and rises to the right, CTQA "
    "knows which of its answers to doubt. The diamond is where it stopped: what follows on the "
    "dotted line was held back."
)


def risk(result: Result) -> Plot:
    """Draw risk against coverage, and where CTQA really stopped."""
    found = risk_coverage(result.rows)
    if found is None:
        said = "There is nothing to draw: nothing was or could have been shown that can be judged."
        return Plot(id="risk", title=_TITLE, meaning=_MEANING, said=said)
    stop = found.stop
    shown = 0.0 if stop is None else stop.coverage
    given = [each for each in found.points if each.coverage <= shown]
    held = [*given[-1:], *(each for each in found.points if each.coverage > shown)]
    curves = [_curve(given, given=True), _curve(held, given=False)]
    marked = [] if stop is None else [stop]
    diamond = drawing.dots(
        _pairs(marked), _told(marked), [_interval(each) for each in marked], symbol="diamond"
    )
    highest = max(0.1, *(each.risk for each in found.points), *(_interval(e)[1] for e in marked))
    drawn, height = drawing.plane(
        [*curves, diamond], "Questions answered", "Wrong among the answers", highest=highest
    )
    return Plot(
        id="risk",
        title=_TITLE,
        meaning=_MEANING,
        said=_said(found),
        figure=drawn,
        height=height,
        table=_table(found),
        notes=_notes(found),
    )


def _curve(points: Sequence[RiskPoint], *, given: bool) -> Any:
    chosen = thinned(points, _DRAWN)
    return drawing.curve(_pairs(chosen), _told(chosen), given=given)


def _said(found: RiskCoverage) -> str:
    stop, aurc = found.stop, found.aurc
    where = (
        "CTQA answered none of the questions."
        if stop is None
        else f"CTQA answered {percent(stop.coverage)} of {many(found.questions, 'question')}, "
        f"impossible ones among them; {stop.wrong:,} of {many(stop.answers, 'answer')} are wrong: "
        f"{percent(stop.risk)} ({between(*_interval(stop))})."
    )
    return (
        f"{where} The area under the curve (AURC) is {figure(aurc.mean)} ({figure(aurc.low)} to "
        f"{figure(aurc.high)}); {figure(found.floor)} would be the least with as many right "
        "answers, were each of them surer than every wrong one."
    )


def _notes(found: RiskCoverage) -> tuple[str, ...]:
    unsure = "The answers are in the order of their scores: no confidence is calibrated."
    return (*([unsure] if found.basis == "score" else []), *few(found.questions))


def _table(found: RiskCoverage) -> Table:
    """Give some of the points, and where CTQA stopped among them."""
    stop = found.stop
    chosen = {each.answers: each for each in thinned(found.points, _LINES)}
    if stop is not None:
        chosen[stop.answers] = stop
    return Table(
        caption=_TITLE,
        heads=("Questions answered", "Answers", "Wrong", "Share wrong", "95 % interval"),
        lines=tuple(
            (
                percent(each.coverage) + ("\nhere CTQA stopped" if each is stop else ""),
                f"{each.answers:,}",
                f"{each.wrong:,}",
                percent(each.risk),
                between(*_interval(each)),
            )
            for _, each in sorted(chosen.items())
        ),
    )


def _interval(point: RiskPoint) -> tuple[float, float]:
    return share_interval(point.wrong, point.answers)


def _pairs(points: Sequence[RiskPoint]) -> list[tuple[float, float]]:
    return [(each.coverage, each.risk) for each in points]


def _told(points: Sequence[RiskPoint]) -> list[str]:
    return [
        f"{percent(each.coverage)} answered: {each.wrong:,} of {each.answers:,} wrong "
        f"({percent(each.risk)})"
        for each in points
    ]
