"""How costs grow with the number of passages, out of this run and what `bench.growth` kept."""

import json
from statistics import median
from typing import Any

from bench.common import OUT
from bench.peers.figures import Figures
from bench.peers.systems import SYSTEMS

Curve = dict[int, float]  # passages -> what it costs

_KEPT = OUT / "growth"


def queries(figures: Figures) -> dict[str, Curve]:
    """Give the CPU milliseconds of a question whose vector is at hand, by the store's name."""
    found = {"CTQA, both retrievers": own_queries(figures)}
    for system in (system for system in SYSTEMS if system.store):
        record = figures.get(f"grow-{system.key}")
        sizes = {} if record is None else record["said"]
        found[system.store] = {int(n): median(each["cpu_ms"]) for n, each in sizes.items()}
    return {name: curve for name, curve in found.items() if curve}


def own_queries(figures: Figures) -> Curve:
    """Give those of CTQA: dense and lexical, fused, the passages fetched."""
    here = {n: median(each["cpu_ms"]) for n, each in figures.by_count("grow-ctqa").items()}
    kept = {n: found["both"]["cpu"] for n, found in _kept("search").items()} if here else {}
    return dict(sorted((kept | here).items()))


def builds(figures: Figures) -> dict[str, Curve]:
    """Give the CPU seconds of a build by CTQA."""
    here = figures.by_count("grow-ctqa")
    parts = {
        "all but encoding": own_builds(figures),
        "all but encoding, as bench.growth found it": {
            n: each["cpu"] for n, each in _kept("build").items()
        },
        "encoding and all": {
            n: each["build_cpu"] for n, each in figures.by_count("grow-encoded").items()
        },
    }
    return {name: curve for name, curve in parts.items() if curve and here}


def own_builds(figures: Figures) -> Curve:
    """Give those of a build whose encoding costs nothing, as measured in this run."""
    return {n: each["build_cpu"] for n, each in figures.by_count("grow-ctqa").items()}


def _kept(name: str) -> dict[int, Any]:
    """Read what `python -m bench.growth` measured last, from a hundred thousand on."""
    found = {
        int(path.parent.name): json.loads(path.read_text(encoding="utf-8"))
        for path in _KEPT.glob(f"*/{name}.json")
    }
    return {count: record for count, record in found.items() if count >= 100_000}
