"""The results of one gold set over time as curves: a point opens its result."""

from collections.abc import Iterator, Sequence

from ctqa.evaluation import Figure
from ctqa.evaluation.kept import Summary
from ctqa.ui import words
from ctqa.ui.between import differing, other_gold
from ctqa.ui.markup import NOTHING, Html, element, joined
from ctqa.ui.render_plane import Described, Plane, Point

# What stands in the curves, the first ones of these that were measured.
MAIN = (
    "sentence_right",
    "answered",
    "refused",
    "Success@5",
    "Success@1",
    "nDCG@10",
    "R@100",
)
_DRAWN = 4
_TICKS = (0.0, 0.5, 1.0)
_LABELS = 8  # below a curve; more would run into each other
_PLANE = Plane(width=280, height=176, left=44, right=274, top=26, bottom=130)


def drawn(results: Sequence[Summary]) -> tuple[str, ...]:
    """Name the measures that are drawn."""
    measured = (name for name in MAIN if any(name in each.figures for each in results))
    return tuple(measured)[:_DRAWN]


def trend(results: Sequence[Summary], shown: str, id: str) -> Html:
    """Draw the results, given the oldest first; `id` tells these drawings from others."""
    if len(results) < 2:
        return NOTHING
    names = drawn(results)
    curves = (_curve(name, results, shown, f"{id}-{at}") for at, name in enumerate(names))
    changed = words.GOLD_CHANGED_MARK if any(_breaks(results)) else ""
    return joined(
        element("p", f"{words.TREND_MEANING} {changed}".strip(), class_="meta"),
        element("div", *curves, class_="trends"),
        _table(names, results),
    )


def _curve(name: str, results: Sequence[Summary], shown: str, id: str) -> Html:
    label = words.measure_named(name).label
    measured = [(each, each.figures[name]) for each in results if name in each.figures]
    told = words.trend_told(len(measured), measured[0][1].mean, measured[-1][1].mean)
    return element(
        "div",
        _PLANE.drawing(
            Described(id=id, title=label, told=told),
            *_PLANE.rows(_TICKS),
            *_builds(results),
            *_PLANE.axes(words.BUILD_AXIS, label),
            *(_mark(at, len(results)) for at in _breaks(results)),
            *_lines(name, results),
            *_points(name, results, shown),
        ),
        *(_button(name, at, results) for at in range(len(results))),
        class_="trend",
    )


def _at(number: int, of: int) -> float:
    return (number + 0.5) / of


def _builds(results: Sequence[Summary]) -> Iterator[Html]:
    step = -(-len(results) // _LABELS)
    for at in range(0, len(results), step):
        yield _PLANE.below(_at(at, len(results)), str(results[at].build))


def _breaks(results: Sequence[Summary]) -> Iterator[int]:
    """Give the results whose gold is not as it was for the one before."""
    for at in range(1, len(results)):
        if other_gold(results[at - 1], results[at]):
            yield at


def _mark(at: int, of: int) -> Html:
    """Draw where the gold changed: between two results."""
    x = _PLANE.x(at / of)
    return element("line", x1=x, x2=x, y1=str(_PLANE.top), y2=str(_PLANE.bottom), class_="diagonal")


def _lines(name: str, results: Sequence[Summary]) -> Iterator[Html]:
    """Join what may be compared: the results between two changes of the gold."""
    run: list[Point] = []
    breaks = {*_breaks(results), len(results)}
    for at, each in enumerate(results):
        if name in each.figures:
            run.append((_at(at, len(results)), each.figures[name].mean))
        if at + 1 in breaks:
            if len(run) > 1:
                yield element("polyline", points=_PLANE.pairs(run), class_="curve")
            run = []


def _points(name: str, results: Sequence[Summary], shown: str) -> Iterator[Html]:
    for at, each in enumerate(results):
        found = each.figures.get(name)
        if found is not None:
            x = _at(at, len(results))
            yield _PLANE.interval(x, found.low, found.high)
            yield _PLANE.dot(x, found.mean, 5.5 if each.id == shown else 3.5)


def _button(name: str, at: int, results: Sequence[Summary]) -> Html:
    """Lay a button over a point; whoever has no pointer finds the same in the list below."""
    each, width = results[at], (_PLANE.right - _PLANE.left) / len(results)
    left = 100 * (_PLANE.left + at * width) / _PLANE.width
    told = words.trend_point(each.at, each.build, _figure(each.figures.get(name)))
    return element(
        "button",
        type="button",
        title=told,
        tabindex="-1",
        aria_hidden="true",
        style=f"left:{left:.2f}%;width:{100 * width / _PLANE.width:.2f}%",
        data_do="show-result",
        data_result=each.id,
    )


def _figure(found: Figure | None) -> str:
    if found is None:
        return words.NOT_MEASURED
    return f"{words.share(found.mean)} ({words.share_between(found.low, found.high)})"


def _table(names: Sequence[str], results: Sequence[Summary]) -> Html:
    heads = (words.WHEN, *(words.measure_named(name).label for name in names), words.SINCE_BEFORE)
    lines = [
        (
            words.at_build(each.at, each.build),
            *(_figure(each.figures.get(name)) for name in names),
            "; ".join(differing(results[at - 1], each)) if at else "",
        )
        for at, each in enumerate(results)
    ]
    return element(
        "details",
        element("summary", words.AS_TABLE),
        element(
            "div",
            element(
                "table",
                element(
                    "thead", element("tr", *(element("th", head, scope="col") for head in heads))
                ),
                element("tbody", *(_line(heads, line) for line in reversed(lines))),
                class_="figures measures over-time",
            ),
            class_="wide",
            tabindex="0",
            role="region",
            aria_label=words.AS_TABLE,
        ),
    )


def _line(heads: Sequence[str], cells: Sequence[str]) -> Html:
    return element(
        "tr",
        element("th", cells[0], scope="row"),
        *(
            element("td", cell, data_head=head)
            for head, cell in zip(heads[1:], cells[1:], strict=True)
        ),
    )
