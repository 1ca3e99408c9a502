"""Curves as SVG, each with its numbers as a table below it; colours come from the theme."""

from collections.abc import Iterable, Sequence

from ctqa.evaluation.curves import (
    Bin,
    RiskCoverage,
    RiskPoint,
    calibration_bins,
    calibration_error,
    risk_coverage,
)
from ctqa.evaluation.kept import Result
from ctqa.ui import words
from ctqa.ui.markup import NOTHING, Html, element, joined

_WIDTH, _HEIGHT = 372, 262
_LEFT, _RIGHT, _TOP, _BOTTOM = 48, 348, 30, 214  # of the plane, in the drawing's own units
_TICKS = (0.0, 0.25, 0.5, 0.75, 1.0)
_FEW = 30  # answers, below which a share's 95 % interval is more than a third wide
_ROWS = 12  # of the table of a curve

Point = tuple[float, float]


def risk(result: Result) -> Html:
    """Show what share of the answers is wrong, the surest ones first."""
    found = risk_coverage(result.rows)
    heading = element("h4", words.RISK_TITLE)
    if found is None:
        return joined(heading, element("p", words.NO_RISK))
    last = found.points[-1]
    end = words.risk_at_the_end(last.coverage, last.risk, last.answers, last.wrong)
    return joined(
        heading,
        element("p", words.RISK_MEANING, class_="meta"),
        element("p", end),
        element("p", words.BY_SCORE, class_="meta") if found.basis == "score" else NOTHING,
        _few(last.answers),
        _drawing(
            ("risk", words.RISK_TITLE, end),
            (words.COVERAGE_AXIS, words.RISK_AXIS),
            element("polyline", points=_pairs(_steps(found)), class_="curve"),
        ),
        _table(
            (words.COVERAGE_AXIS, words.ANSWERS, words.RISK_AXIS),
            (
                (words.share(each.coverage), f"{each.answers:,}", words.share(each.risk))
                for each in _thinned(found.points)
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
    gap = words.calibration_gap(calibration_error(bins), answers)
    basis = words.rests_on_gold(rests.gold, rests.own, rests.questions, rests.created_at[:10])
    return joined(
        heading,
        element("p", words.CALIBRATION_MEANING, class_="meta"),
        element("p", gap),
        element("p", basis, class_="meta"),
        _few(answers),
        _drawing(
            ("calibration", words.CALIBRATION_TITLE, gap),
            (words.CONFIDENCE_AXIS, words.RIGHT_AXIS),
            element("polyline", points=_pairs([(0, 0), (1, 1)]), class_="diagonal"),
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
    return element("p", words.few_answers(answers)) if answers < _FEW else NOTHING


def _steps(found: RiskCoverage) -> list[Point]:
    """Give the corners; between two points nothing was measured, so the line goes straight."""
    return [(each.coverage, each.risk) for each in found.points]


def _thinned(points: Sequence[RiskPoint]) -> list[RiskPoint]:
    """Take evenly many points, the last one among them."""
    step = max(1, len(points) // _ROWS)
    return [each for at, each in enumerate(points) if at % step == 0 or at == len(points) - 1]


def _bar(each: Bin) -> Html:
    """Draw the share right at the mean confidence, with its interval."""
    low, high = each.interval
    at = _x(each.confidence)
    return joined(
        element("line", x1=at, x2=at, y1=_y(low), y2=_y(high), class_="interval"),
        element("circle", cx=at, cy=_y(each.share), r="4", class_="dot"),
    )


def _drawing(about: tuple[str, str, str], axes: tuple[str, str], *children: Html) -> Html:
    """Draw in a plane from 0 to 1; `about` is its id, its title and what it shows in words."""
    id, title, described = about
    return element(
        "svg",
        element("title", title, id=f"{id}-title"),
        element("desc", described, id=f"{id}-desc"),
        *_ticks(),
        *children,
        element("text", axes[0], x=_x(0.5), y=str(_HEIGHT - 8), class_="axis middle"),
        element("text", axes[1], x="0", y="14", class_="axis"),
        viewBox=f"0 0 {_WIDTH} {_HEIGHT}",
        role="img",
        aria_labelledby=f"{id}-title {id}-desc",
        class_="chart",
    )


def _ticks() -> Iterable[Html]:
    for tick in _TICKS:
        x, y, told = _x(tick), _y(tick), words.share(tick)
        yield element("line", x1=x, x2=x, y1=str(_TOP), y2=str(_BOTTOM), class_="grid")
        yield element("line", x1=str(_LEFT), x2=str(_RIGHT), y1=y, y2=y, class_="grid")
        yield element("text", told, x=x, y=str(_BOTTOM + 16), class_="tick middle")
        yield element("text", told, x=str(_LEFT - 6), y=f"{float(y) + 4:.1f}", class_="tick end")


def _pairs(points: Sequence[Point]) -> str:
    if len(points) == 1:  # a line needs two
        points = [*points, *points]
    return " ".join(f"{_x(x)},{_y(y)}" for x, y in points)


def _x(share: float) -> str:
    return f"{_LEFT + share * (_RIGHT - _LEFT):.1f}"


def _y(share: float) -> str:
    return f"{_BOTTOM - share * (_BOTTOM - _TOP):.1f}"


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
