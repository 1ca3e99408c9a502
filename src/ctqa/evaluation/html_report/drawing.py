"""Figures for plotly.js, made and checked by plotly; no text of a document or of gold is in them.

Plotly takes some of its texts for markup: none but our own words may reach it.
"""

from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from typing import Any

import plotly.graph_objects as go
from plotly.offline import get_plotlyjs

# Each has a contrast of 3 or more to the ground, in light and dark; what they mean, labels say too.
RIGHT, WRONG, OTHER = "#1b8a80", "#c9591a", "#7a8796"
_PER_BAR, _AROUND_BARS, _PLANE = 34, 84, 340  # pixels
_FONT = {"family": "system-ui, -apple-system, Segoe UI, Roboto, Noto Sans, sans-serif", "size": 13}
_SET_OFF = {"ticks": "outside", "ticklen": 6, "tickcolor": "rgba(0,0,0,0)"}  # labels from bars
_FEW = 6
_ROOM = 1.3  # of the longest bar, for what stands after it

Bar = tuple[str, int, str, str]  # label, length, what stands after it, colour
Form = dict[str, Any]


def library() -> str:
    """Give the source of plotly.js."""
    return str(get_plotlyjs())


def bars(found: Sequence[Bar], unit: str) -> tuple[Form, int]:
    """Draw bars from left to right, the first on top; give the figure and its height in pixels."""
    labels, lengths, told, colours = zip(*found, strict=True)
    most = max(1, *lengths)
    whole = {"dtick": 1} if most < _FEW else {}  # else half a question would be marked
    trace = go.Bar(
        x=lengths,
        y=labels,
        text=told,
        orientation="h",
        textposition="outside",
        cliponaxis=False,
        marker={"color": colours},
        hovertemplate="%{y}: %{text}<extra></extra>",
    )
    height = _AROUND_BARS + _PER_BAR * len(found)
    return (
        _form(
            [trace],
            x={"title": unit, "range": [0, _ROOM * most], "tickformat": ",d", **whole},
            y={"autorange": "reversed", "type": "category", "showgrid": False, **_SET_OFF},
            height=height,
            bargap=0.28,
        ),
        height,
    )


def histogram(
    edges: Sequence[float], counts: Sequence[int], told: Sequence[str], marks: Mapping[str, float]
) -> tuple[Form, int]:
    """Draw how many lie between the edges, one more than the counts; `marks` are lines across."""
    middles = [(low + high) / 2 for low, high in pairwise(edges)]
    widths = [high - low for low, high in pairwise(edges)]
    trace = go.Bar(
        x=middles,
        y=counts,
        width=widths,
        text=told,
        textposition="none",
        marker={"color": RIGHT, "line": {"width": 0}},
        hovertemplate="%{text}: %{y}<extra></extra>",
    )
    return (
        _form(
            [trace],
            x={"title": "Time for a reply, in seconds", "rangemode": "tozero"},
            y={"title": "Questions"},
            height=_PLANE,
            bargap=0,
            shapes=[_upright(at) for at in marks.values()],
            annotations=[
                _written(text, at, 1.0 + 0.09 * level)
                for level, (text, at) in enumerate(marks.items())
            ],
            margin_t=60,
        ),
        _PLANE,
    )


def plane(traces: Iterable[go.Scatter], x: str, y: str, highest: float = 1.0) -> tuple[Form, int]:
    """Draw in a plane of shares, from 0 to 1 along x and up to `highest` along y."""
    share = {"tickformat": ".0%", "zeroline": False}
    return (
        _form(
            traces,
            x={"title": x, "range": [-0.03, 1.03], **share},
            y={"title": y, "range": [-0.03 * highest, 1.06 * highest], **share},
            height=_PLANE,
        ),
        _PLANE,
    )


def curve(points: Sequence[tuple[float, float]], told: Sequence[str], *, given: bool) -> go.Scatter:
    """Draw a line through points; dashed where it stands for answers that were not given."""
    return go.Scatter(
        x=[x for x, _ in points],
        y=[y for _, y in points],
        text=told,
        mode="lines",
        line={
            "color": RIGHT if given else OTHER,
            "width": 2.5,
            "dash": "solid" if given else "dot",
        },
        hovertemplate="%{text}<extra></extra>",
    )


def dots(
    points: Sequence[tuple[float, float]],
    told: Sequence[str],
    intervals: Sequence[tuple[float, float]] = (),
    *,
    symbol: str = "circle",
) -> go.Scatter:
    """Draw points, each with its interval."""
    up = [high - y for (_, y), (_, high) in zip(points, intervals, strict=False)]
    down = [y - low for (_, y), (low, _) in zip(points, intervals, strict=False)]
    spread = {"error_y": {"array": up, "arrayminus": down, "color": RIGHT, "thickness": 1.5}}
    return go.Scatter(
        x=[x for x, _ in points],
        y=[y for _, y in points],
        text=told,
        mode="markers",
        marker={"color": WRONG if symbol == "diamond" else RIGHT, "size": 11, "symbol": symbol},
        hovertemplate="%{text}<extra></extra>",
        **(spread if intervals else {}),
    )


def diagonal() -> go.Scatter:
    """Draw the line where both shares are the same."""
    line = {"color": OTHER, "width": 1.5, "dash": "dash"}
    return go.Scatter(x=[0, 1], y=[0, 1], mode="lines", line=line, hoverinfo="skip")


def _form(traces: Iterable[Any], *, x: Form, y: Form, height: int, **layout: Any) -> Form:
    margin = {"l": 8, "r": 12, "t": layout.pop("margin_t", 12), "b": 8}
    fixed = {"fixedrange": True, "automargin": True}
    made = go.Figure(
        list(traces),
        {
            "height": height,
            "margin": margin,
            "font": _FONT,
            "paper_bgcolor": "rgba(0,0,0,0)",
            "plot_bgcolor": "rgba(0,0,0,0)",
            "showlegend": False,
            "dragmode": False,
            "hovermode": "closest",
            "hoverlabel": {"bgcolor": "#1b2430", "font": {"color": "#ffffff"}},
            "xaxis": {**fixed, **_titled(x)},
            "yaxis": {**fixed, **_titled(y)},
            **layout,
        },
    ).to_plotly_json()
    made["layout"].pop("template", None)  # plotly's own colours, which none of these needs
    return dict(made)


def _titled(axis: Form) -> Form:
    title = axis.pop("title", None)
    return {**axis, **({} if title is None else {"title": {"text": title, "standoff": 12}})}


def _upright(at: float) -> Form:
    line = {"color": WRONG, "width": 2, "dash": "dash"}
    return {"type": "line", "x0": at, "x1": at, "y0": 0, "y1": 1, "yref": "paper", "line": line}


def _written(text: str, at: float, height: float) -> Form:
    return {
        "text": text,
        "x": at,
        "y": height,
        "yref": "paper",
        "yanchor": "bottom",
        "xanchor": "auto",
        "showarrow": False,
    }
