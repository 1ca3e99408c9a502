"""The pictures of docs/speed.md."""

from pathlib import Path
from typing import Any

from bench.peers import growing
from bench.peers.figures import Figures
from bench.peers.systems import SYSTEMS, System

_OURS, _THEIRS = "C0", "0.6"
_SIZE = (13, 4.4)


def draw(figures: Figures, folder: Path) -> None:
    """Draw the comparison, then growth."""
    _drawn((_building, _starting, _asking), figures, folder / "speed.png")
    _drawn((_growing_questions, _growing_builds), figures, folder / "speed-growth.png")


def _drawn(panels: Any, figures: Figures, path: Path) -> None:
    from matplotlib.figure import Figure  # noqa: PLC0415  # not while something is measured

    figure = Figure(figsize=_SIZE, layout="constrained")
    for place, panel in zip(figure.subplots(1, len(panels)), panels, strict=True):
        panel(place, figures)
        place.grid(alpha=0.3)
    figure.savefig(path, dpi=100, metadata={"Software": None})


def _building(place: Any, figures: Figures) -> None:
    place.set(title="Building", xlabel="passages per CPU second")
    _bars(place, {each.name: figures.rate(f"{each.key}-build") for each in SYSTEMS})


def _starting(place: Any, figures: Figures) -> None:
    place.set(title="A new process, to its first hit", xlabel="seconds")
    found: dict[str, float | None] = {}
    for system in SYSTEMS:
        reranked = figures.middle(f"{system.key}-first-ask", "first")
        plain = figures.middle(f"{system.key}-first-{_plain(system)}", "first")
        found |= {f"{system.name}, reranked": reranked} if system.ours else {}
        found[system.name] = plain
    _bars(place, found)


def _plain(system: System) -> str:
    return "ask, not reranked" if system.ours else "search"


def _asking(place: Any, figures: Figures) -> None:
    place.set(title="A warm question", xlabel="CPU milliseconds", xscale="log")
    found: dict[str, float | None] = {}
    for system in SYSTEMS:
        if system.ours:
            found[f"{system.name}, reranked"] = figures.per_question(system.key, "reranked")
        way = "fused" if system.ours else system.ways[0]
        found[system.name] = figures.per_question(system.key, way)
    _bars(place, found)


def _bars(place: Any, found: dict[str, float | None]) -> None:
    """Draw a bar a row, the first on top; what was not measured is left out."""
    bars = {name: value for name, value in reversed(found.items()) if value is not None}
    colors = [_OURS if name.startswith("CTQA") else _THEIRS for name in bars]
    place.bar_label(
        place.barh(list(bars), list(bars.values()), color=colors), fmt="%.3g", padding=3
    )
    place.margins(x=0.25)
    place.tick_params(axis="y", labelsize="small")


def _growing_questions(place: Any, figures: Figures) -> None:
    place.set(title="A question, its vector at hand", ylabel="CPU milliseconds")
    _curves(place, growing.queries(figures))


def _growing_builds(place: Any, figures: Figures) -> None:
    place.set(title="A build by CTQA", ylabel="CPU seconds")
    curves = growing.builds(figures)
    _curves(place, curves)
    curve = curves.get("all but encoding", {})
    if curve:
        last = max(curve)
        linear = [curve[last] * count / last for count in curve]
        place.plot(list(curve), linear, "--", color="grey", label="linear")
        place.legend(fontsize="small")


def _curves(place: Any, curves: dict[str, growing.Curve]) -> None:
    place.set(xscale="log", yscale="log", xlabel="passages")
    for name, curve in curves.items():
        own = name.startswith("CTQA")
        place.plot(list(curve), list(curve.values()), "o-", label=name, linewidth=3 if own else 1)
    if curves:
        place.legend(fontsize="small")
