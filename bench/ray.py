"""Encoding by the workers of a Ray cluster: one against two, and one of two killed midway.

    python -m bench.ray [PASSAGES]

Of the first passages of squad11_dev, 2,000 unless said otherwise, with the default encoder. Each
worker has one core, and the cluster runs on this machine, in a network of its own, so that whoever
builds and Ray's own processes take their share of the same cores. Every build is held against one
that was made without Ray, row by row. At last, what a passage costs whoever builds: by that, one
machine that reads and stages keeps so many cores of a cluster busy.
"""

import json
import shutil
import sqlite3
import sys
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import ctqa
from bench.building import Placed
from bench.common import OUT, Table, collection, run
from bench.growth import apart
from bench.growth_measures import clock
from bench.ray_clusters import LONG_S, Cluster, cluster, why_not
from ctqa import IndexConfig
from ctqa.index.build import build_index
from ctqa.sources import collect

FOLDER = OUT / "ray"
_PASSAGES = 2_000
_TABLES = ("files", "documents", "pages", "acronyms", "passages", "embeddings")

_DRIVER = """
import json, sys, time
import ctqa
from bench.growth_measures import clock
start, encoded = clock(), [0.0, 0.0]
def told(stage, done, total):
    if stage == "encode" and done:
        encoded[:] = encoded[0] or time.perf_counter(), time.perf_counter()
report = ctqa.build(sys.argv[1:2], sys.argv[2], ray="auto", progress=told)
wall, cpu = (now - then for now, then in zip(clock(), start))
print(json.dumps({"passages": report.passages, "encoded": report.encoded, "wall": wall, "cpu": cpu,
                  "encoding": encoded[1] - start[0]}))
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Built:
    """What a build took, in seconds."""

    passages: int
    encoded: int
    wall: float
    cpu: float  # of whoever built, without the workers
    encoding: float  # from the beginning until the last vector was kept


def main() -> None:
    """Build without Ray, with one worker, with two, and with one of two killed."""
    if why_not():
        raise SystemExit(f"bench.ray: {why_not()}")
    count = int(sys.argv[1]) if len(sys.argv) > 1 else _PASSAGES
    documents = _documents(count)
    expected, own = apart(_without_ray, documents), apart(_own_work, documents)
    columns = ("workers", "passages", "encoded after, s", "passages a second", "whole build, s")
    table = Table("ray", (*columns, "CPU of whoever builds, ms a passage", "as without Ray"))
    one = _measured(1, documents, expected)
    two = _measured(2, documents, expected)
    killed = _measured(2, documents, expected, midway=_kill)
    for name, built in (("1", one), ("2", two), ("2, one killed midway", killed)):
        rate = built.encoded / built.encoding
        cpu = 1000 * built.cpu / built.passages
        table.add(name, built.passages, built.encoding, rate, built.wall, cpu, "yes")
    print(f"two workers against one: {one.encoding / two.encoding:.2f} times as fast")
    print(f"all but encoding on one machine, without Ray: {1000 * own:.2f} ms of CPU a passage")


def _documents(count: int) -> Path:
    folder = FOLDER / f"documents-{count}"
    folder.mkdir(parents=True, exist_ok=True)
    with (collection("squad11_dev") / "corpus.jsonl").open(encoding="utf-8") as corpus:
        (folder / "corpus.jsonl").write_text("".join(islice(corpus, count)), encoding="utf-8")
    return folder


def _without_ray(documents: Path) -> dict[str, list[str]]:
    """Build on this machine; give what comes of it."""
    index = _empty("here")
    ctqa.build([documents], index)
    return _rows(index)


def _own_work(documents: Path) -> float:
    """Give the CPU seconds a passage that reading, splitting and staging cost on this machine."""
    _, start = clock()
    report = build_index(
        collect([documents]),
        _empty("placed"),
        encoder=Placed(),
        config=IndexConfig(),
        progress=lambda *_: None,
    )
    return (clock()[1] - start) / report.passages


def _measured(
    cores: int,
    documents: Path,
    expected: dict[str, list[str]],
    midway: "Callable[[Cluster, Path, int], None] | None" = None,
) -> Built:
    index = _empty("there")
    with cluster(cores) as started:
        command = (sys.executable, "-c", _DRIVER, str(documents), str(index))
        with started.popen(*command) as process:
            if midway is not None:
                midway(started, index, len(expected["embeddings"]))
            out, err = process.communicate(timeout=100 * LONG_S)
    assert process.returncode == 0, err
    assert _rows(index) == expected
    return Built(**json.loads(out))


def _kill(started: Cluster, index: Path, texts: int) -> None:
    """Kill a worker that encodes, when half is done."""
    while _encoded(index) < texts / 2:
        time.sleep(0.1)
    started.kill(started.at_work("encode"))


def _empty(name: str) -> Path:
    folder = FOLDER / f"index-{name}"
    shutil.rmtree(folder, ignore_errors=True)
    return folder


def _rows(index: Path) -> dict[str, list[str]]:
    with closing(sqlite3.connect(index / "catalog.db")) as catalog:
        return {
            table: sorted(map(repr, catalog.execute(f"SELECT * FROM {table}")))  # noqa: S608
            for table in _TABLES
        }


def _encoded(index: Path) -> int:
    try:
        with closing(sqlite3.connect(index / "catalog.db")) as catalog:
            found: int = catalog.execute("SELECT count(*) FROM embeddings").fetchone()[0]
    except sqlite3.Error:
        return 0  # it is being made
    return found


run(main, __name__)
