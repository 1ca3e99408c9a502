"""Curves as SVG, each with its numbers as a table below it; colours come from the theme."""

from collections.abc import Iterable, Sequence

from ctqa.evaluation.curves import (
    FEW,
    Bin,
    RiskCoverage,
    calibration_bins,
    calibration_figure,
    risk_coverage,
    thinned,
)
from ctqa.evaluation.kept import Result
from ctqa.ui import words
from ctqa.ui.markup import NOTHING, Html, element, joined
from ctqa.ui.render_plane import Described, Plane, Point

_PLANE = Plane(width=372, height=262, left=48, right=348, top=30, bottom=214)
_TICKS = (0.0, 0.25, 0.5, 0.75, 1.0)
_ROWS = 12  # of the table of a curve


def risk(result: Result) -> Html:
    """Show what share of the answers is wrong, the surest ones first."""
    found = risk_coverage(result.rows)
    heading = element("h4", words.RISK_TITLE)
    if found is None:
        return joined(heading, element("p", words.NO_RISK))
    stop = found.stop
    told = (
        words.NOTHING_ANSWERED
        if stop is None
        else words.risk_at_the_end(stop.coverage, stop.risk, stop.answers, stop.wrong)
    )
    return joined(
        heading,
        element("p", words.RISK_MEANING, class_="meta"),
        element("p", told),
        element("p", words.area(found.aurc, found.floor), class_="meta"),
        element("p", words.BY_SCORE, class_="meta") if found.basis == "score" else NOTHING,
        _few(found.questions),
        _drawing(
            Described(id="risk", title=words.RISK_TITLE, told=told),
            (words.COVERAGE_AXIS, words.RISK_AXIS),
            element("polyline", points=_PLANE.pairs(_steps(found)), class_="curve"),
            NOTHING if stop is None else _PLANE.dot(stop.coverage, stop.risk, 6),
        ),
        _table(
            (words.COVERAGE_AXIS, words.ANSWERS, words.RISK_AXIS),
            (
                (words.share(each.coverage), f"{each.answers:,}", words.share(each.risk))
                for each in thinned(found.points, _ROWS)
            ),
        ),
    )


def calibration(result: Result) -> Html:
    """Show confidence against the share of answers that was right."""
    heading = element("h4", words.CALIBRATION_TITLE)
    bins = calibration_bins(result.rows)
    rests = result.summary.about.calibrated
    if rests is None or not bins:
        none = words.NOT_CALIBRATED_HERE if rests is None else words.NO_CALIBRATION
        return joined(heading, element("p", none))
    answers = sum(each.answers for each in bins)
    gap = words.calibration_gap(calibration_figure(bins), answers)
    basis = words.rests_on_gold(rests.gold, rests.own, rests.questions, rests.created_at[:10])
    return joined(
        heading,
        element("p", words.CALIBRATION_MEANING, class_="meta"),
        element("p", gap),
        element("p", basis, class_="meta"),
        _few(answers),
        _drawing(
            Described(id="calibration", title=words.CALIBRATION_TITLE, told=gap),
            (words.CONFIDENCE_AXIS, words.RIGHT_AXIS),
            element("polyline", points=_PLANE.pairs([(0, 0), (1, 1)]), class_="diagonal"),
            *(_bar(each) for each in bins),
        ),
        _table(
            (words.CONFIDENCE_AXIS, words.ANSWERS, words.RIGHT_AXIS, words.INTERVAL),
            (_bin_cells(each) for each in bins),
            unfolded=True,
        ),
    )


def _bin_cells(each: Bin) -> tuple[str, ...]:
    low, high = each.interval
    return (
        words.bin_named(each.low, each.high),
        f"{each.answers:,}",
        words.share(each.share),
        words.share_between(low, high),
    )


def _few(answers: int) -> Html:
    return element("p", words.few_answers(answers)) if answers < FEW else NOTHING


def _steps(found: RiskCoverage) -> list[Point]:
    """Give the corners; between two points nothing was measured, so the line goes straight."""
    return [(each.coverage, each.risk) for each in found.points]


def _bar(each: Bin) -> Html:
    """Draw the share right at the mean confidence, with its interval."""
    low, high = each.interval
    return joined(
        _PLANE.interval(each.confidence, low, high), _PLANE.dot(each.confidence, each.share)
    )


def _drawing(about: Described, axes: tuple[str, str], *children: Html) -> Html:
    """Draw in a plane from 0 to 1."""
    return _PLANE.drawing(
        about, *_PLANE.columns(_TICKS), *_PLANE.rows(_TICKS), *children, *_PLANE.axes(*axes)
    )


def _table(heads: Sequence[str], lines: Iterable[Sequence[str]], *, unfolded: bool = False) -> Html:
    table = element(
        "table",
        element("thead", element("tr", *(element("th", head, scope="col") for head in heads))),
        element(
            "tbody",
            *(element("tr", *(element("td", cell) for cell in line)) for line in lines),
        ),
        class_="figures",
    )
    return element(
        "details",
        element("summary", words.AS_TABLE),
        table,
        **({"open": ""} if unfolded else {}),
    )
