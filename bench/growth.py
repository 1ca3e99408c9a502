"""How CTQA grows from ten thousand passages to a million: time, memory, size, speed, recall.

    python -m bench.growth [PASSAGES…]

Goes through the real build and the real index with an encoder that costs nothing. Whatever was
measured before is kept in bench/out/growth and not measured again.
"""

import json
import sys
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from typing import Any

from bench.common import Table, run
from bench.growth_measures import (
    CHANGES,
    WAYS,
    Record,
    built,
    changed,
    corpus,
    opened,
    restored,
    searched,
)
from bench.growth_picture import draw
from bench.growth_vectors import FOLDER

SIZES = (10_000, 30_000, 100_000, 300_000, 1_000_000)


def main() -> None:
    """Measure each size, and draw what was found."""
    sizes = [int(size) for size in sys.argv[1:]] or SIZES
    tables = Tables()
    for count in sizes:
        apart(corpus, count)
        tables.add_build(count, once(count, "build", built))
        tables.add_memory(count, once(count, "opening", opened))
        tables.add_search(count, once(count, "search", searched))
        tables.add_changes(count, once(count, "changes", all_changes))
    draw({count: records(count) for count in sizes})


def apart(measure: Callable[..., Record], *given: Any) -> Record:
    """Measure in a process of its own, begun afresh."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        return pool.submit(measure, *given).result()


def once(count: int, name: str, measure: Callable[[int], Record]) -> Record:
    """Measure, or take what was measured before."""
    path = FOLDER / f"{count}" / f"{name}.json"
    if not path.is_file():
        found = measure(count) if measure is all_changes else apart(measure, count)
        path.write_text(json.dumps(found, indent=1), encoding="utf-8")
    return records(count)[name]


def records(count: int) -> dict[str, Record]:
    """Give what was measured of a size."""
    paths = sorted((FOLDER / f"{count}").glob("*.json"))
    return {path.stem: json.loads(path.read_text(encoding="utf-8")) for path in paths}


def all_changes(count: int) -> Record:
    """Make one change after the other, then take all back."""
    apart(restored, count)
    found = {change: apart(changed, count, change) for change in CHANGES}
    apart(restored, count)
    return found


class Tables:
    """The tables in bench/out."""

    def __init__(self) -> None:
        stages = ("read", "encode", "dense", "lexical", "commit")
        self._build = Table(
            "growth-build",
            (
                *("passages", "seconds", "CPU seconds", *(f"{stage} CPU" for stage in stages)),
                *("peak MB", "catalog MB", "vectors MB", "lexical MB"),
            ),
        )
        self._memory = Table(
            "growth-memory",
            ("passages", "opening s", "before MB", "open MB", "asked MB", "peak MB"),
        )
        self._search = Table(
            "growth-search",
            (
                "passages",
                "within",
                "recall@10",
                *(f"{way} {figure} ms" for way in WAYS for figure in ("p50", "p95", "CPU")),
            ),
        )
        self._changes = Table(
            "growth-changes",
            ("passages", "change", "seconds", "CPU seconds", "of the full build's CPU", "encoded"),
        )

    def add_build(self, count: int, found: Record) -> None:
        """Add how a size was built."""
        stages = found["stages"]["cpu"].values()
        megabytes = (bytes_ / 1e6 for bytes_ in found["bytes"].values())
        numbers = (found["seconds"], found["cpu"], *stages, found["peak_mb"], *megabytes)
        self._build.add(count, *(f"{number:.1f}" for number in numbers))

    def add_memory(self, count: int, found: Record) -> None:
        """Add what an open index takes."""
        resident = (found[when]["VmRSS"] for when in ("before_mb", "open_mb", "asked_mb"))
        numbers = (*resident, found["asked_mb"]["VmHWM"])
        self._memory.add(count, found["seconds"], *(f"{number:.0f}" for number in numbers))

    def add_search(self, count: int, found: Record) -> None:
        """Add how fast and how well a size is searched."""
        for within, figures in ({"all": found} | found["filters"]).items():
            times = (figures[way][name] for way in WAYS for name in ("p50", "p95", "cpu"))
            self._search.add(count, within, figures["recall"], *(f"{ms:.1f}" for ms in times))

    def add_changes(self, count: int, found: Record) -> None:
        """Add what changes cost."""
        full = records(count)["build"]["cpu"]
        for change, figures in found.items():
            share = f"{figures['cpu'] / full:.2%}"
            self._changes.add(
                *(count, change, figures["seconds"], figures["cpu"], share, figures["encoded"])
            )


run(main, __name__)
