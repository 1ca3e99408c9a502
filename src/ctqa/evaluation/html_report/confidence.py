"""Confidence held against what was right."""

from collections.abc import Sequence

from ctqa.evaluation.curves import Bin, calibration_bins, calibration_error
from ctqa.evaluation.gold.wording import many
from ctqa.evaluation.html_report import drawing
from ctqa.evaluation.html_report.parts import Plot, Table, few
from ctqa.evaluation.kept import Result
from ctqa.evaluation.percents import between, percent, points

_TITLE = "Confidence and truth"
_MEANING = (
    "Of answers with about the same confidence, the share that was right, with its 95 % "
    "interval. Where that lies on the dashed line, confidence means what it says; below it, "
    "answers are less often right than they claim."
)


def calibration(result: Result) -> Plot:
    """Hold confidence against the share of answers that was right."""
    bins = calibration_bins(result.rows)
    rests = result.summary.about.calibrated
    if not bins:
        return Plot(
            id="calibration",
            title=_TITLE,
            meaning=_MEANING,
            said="Confidence is not calibrated for these models, so there is none to hold against "
            "the truth: `ctqa calibrate GOLD` learns it from questions of your own."
            if rests is None
            else "No answer was given whose confidence could be held against the gold.",
        )
    dots = drawing.dots(
        [(each.confidence, each.share) for each in bins],
        [_told(each) for each in bins],
        [each.interval for each in bins],
    )
    drawn, height = drawing.plane([drawing.diagonal(), dots], "Confidence shown", "Share right")
    answers = sum(each.answers for each in bins)
    return Plot(
        id="calibration",
        title=_TITLE,
        meaning=_MEANING,
        said=_gap(result, bins, answers),
        figure=drawn,
        height=height,
        table=_table(bins),
        notes=few(answers),
    )


def _told(each: Bin) -> str:
    return (
        f"confidence {percent(each.confidence)}: {each.right} of {many(each.answers, 'answer')} "
        f"right, {percent(each.share)} ({between(*each.interval)})"
    )


def _gap(result: Result, bins: Sequence[Bin], answers: int) -> str:
    found = result.summary.figures.get("ECE")
    error = calibration_error(bins) if found is None else found.mean
    interval = "" if found is None else f"; 95 % interval {points(found.low, found.high)}"
    return (
        f"On average, confidence and the share right lie {points(error)} points in 100 apart "
        f"(expected calibration error, over {many(answers, 'answer')}{interval})."
    )


def _table(bins: Sequence[Bin]) -> Table:
    return Table(
        caption=_TITLE,
        heads=("Confidence", "Answers", "Mean confidence", "Right", "Share right", "95 % interval"),
        lines=tuple(
            (
                f"{100 * each.low:.0f} to {100 * each.high:.0f} %",
                f"{each.answers:,}",
                percent(each.confidence),
                f"{each.right:,}",
                percent(each.share),
                between(*each.interval),
            )
            for each in bins
        ),
    )
