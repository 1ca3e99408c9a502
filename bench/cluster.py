"""A three-node Qdrant cluster that loses a node: whether anything is lost, or answered wrong.

    CTQA_DATA=… python -m bench.cluster [--passages N] [--questions N]

Starts three servers on loopback (bin/need-qdrant), for two replicas. A node is killed with SIGKILL
while a build is written and while questions are asked, comes back, and is killed again before
another build. What is found by meaning is held against the local store, what is found by words
against the whole cluster; verifying compares every passage on all replicas with the catalog.
"""

import argparse
import shutil
import time
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

import ctqa
from bench.common import OUT, Table, run
from bench.growth_corpus import line_of
from bench.growth_vectors import GrowthEncoder, question_vectors, questions
from bench.qdrant_nodes import Node, missing, nodes
from ctqa.config import LOCAL
from ctqa.errors import CtqaError
from ctqa.index.build import build_index
from ctqa.index.local import open_index
from ctqa.index.qdrant.address import parse_address
from ctqa.index.qdrant.cluster import Cluster
from ctqa.index.report import BuildReport
from ctqa.index.verify import verify_index
from ctqa.models import Vectors
from ctqa.sources import collect

FOLDER = OUT / "cluster"
TABLE = Table(
    "cluster",
    (
        *("what", "questions", "lost", "wrong", "p50 ms", "p95 ms", "worst ms"),
        *("seconds", "sent", "found by verify"),
    ),
)
_K = 20
_REST_S = 600


@dataclass(slots=True, kw_only=True)
class Asked:
    """What became of questions."""

    what: str
    lost: int = 0
    wrong: int = 0
    times: list[float] = field(default_factory=list)
    words: dict[int, list[tuple[int, float]]] = field(default_factory=dict)  # found, by question

    def cells(self) -> list[str]:
        """Give them as cells of the table."""
        figures = [*np.percentile(self.times, (50, 95)), max(self.times)]
        counts = [len(self.times) + self.lost, self.lost, self.wrong]
        return [*map(str, counts), *(f"{1_000 * figure:.1f}" for figure in figures)]


def main() -> None:
    """Lose a node again and again."""
    if reason := missing():
        raise SystemExit(reason)
    parser = argparse.ArgumentParser(prog="python -m bench.cluster")
    parser.add_argument("--passages", type=int, default=10_000)
    parser.add_argument("--questions", type=int, default=1_000)
    options = parser.parse_args()
    shutil.rmtree(FOLDER, ignore_errors=True)
    with nodes(3) as started:
        Trial(started, options.passages, options.questions).run()


class Trial:
    """One cluster, one index in it, and its twin in a folder."""

    def __init__(self, started: Sequence[Node], passages: int, asked: int) -> None:
        self._nodes = started
        self._passages = passages
        self._asked = asked
        hosts = ",".join(node.host for node in started)
        self._store = f"qdrant://{hosts}/trial?shards=6&replicas=2"
        self._documents = FOLDER / "documents"
        self._index, self._twin = FOLDER / "index", FOLDER / "twin"
        self._open: list[Asked] = []  # of which is not yet known what is right

    def run(self) -> None:
        """Go through it all."""
        third = self._passages // 3
        first, second, third_node = self._nodes
        self._write("a", 0, third)
        self._build("built on three nodes")
        self._ask("asked on three nodes", {})
        self._tell()
        self._write("b", third, 2 * third)
        self._build("a node killed during a build", at_half=third_node.kill)
        self._ask("asked on the two that are left", {})
        third_node.start()
        self._verify("it has rejoined")
        moments = {0.3: first.kill, 0.6: first.start}
        self._ask("a node killed, and back, during the questions", moments)
        self._verify("it has rejoined")
        second.kill()
        self._write("c", 2 * third, self._passages)
        self._build("built with a node down")
        self._ask("asked with it down", {})
        second.start()
        self._verify("it has rejoined")

    def _write(self, name: str, start: int, end: int) -> None:
        self._documents.mkdir(parents=True, exist_ok=True)
        lines = (line_of(number) for number in range(start, end))
        (self._documents / f"{name}.jsonl").write_text("".join(lines), encoding="utf-8")

    def _build(self, what: str, at_half: Callable[[], None] | None = None) -> None:
        pending = [] if at_half is None else [at_half]

        def note(stage: str, done: int, total: int) -> None:
            if stage == "write" and done * 2 >= total > 3 and pending:
                pending.pop()()

        start = time.monotonic()
        report = self._built(self._index, self._store, note)
        seconds = time.monotonic() - start
        assert not pending, "nothing was killed"
        self._built(self._twin, LOCAL, lambda *_: None)
        cells = (f"{seconds:.1f}", report.encoded, self._findings())
        TABLE.add(what, *[""] * 6, *cells)

    def _built(self, index: Path, store: str, progress: Callable[..., None]) -> BuildReport:
        return build_index(
            collect([self._documents]),
            index,
            encoder=GrowthEncoder(),
            config=ctqa.IndexConfig(passage_tokens=400, store=store),
            progress=progress,
        )

    def _findings(self) -> str:
        found = verify_index(self._index, encoder=None).findings
        kinds = [f"{each.kind}: {each.what.partition(': build ')[2]}" for each in found]
        return "; ".join(kinds) if kinds else "nothing"

    def _verify(self, what: str) -> None:
        self._settle()
        self._tell()
        TABLE.add(what, *[""] * 8, self._findings())

    def _ask(self, what: str, moments: dict[float, Callable[[], Any]]) -> None:
        """Ask questions over and over; at some shares of them something happens."""
        asked = Asked(what=what)
        due = {round(share * self._asked): action for share, action in moments.items()}
        with closing(open_index(self._index)) as index, closing(open_index(self._twin)) as twin:
            near = [twin.dense(vector[None], _K) for _, vector in _questions()]
            for number in range(self._asked):
                due.get(number, _nothing)()
                place = number % len(near)
                text, vector = _questions()[place]
                start = time.perf_counter()
                try:
                    found, words = index.dense(vector[None], _K), index.lexical(text, _K)
                except CtqaError as error:
                    print(f"lost: {error}")
                    asked.lost += 1
                    continue
                asked.times.append(time.perf_counter() - start)
                asked.wrong += found != near[place] or asked.words.setdefault(place, words) != words
        self._open.append(asked)

    def _tell(self) -> None:
        """Hold what was found by words against what the whole cluster finds, and tell of it all."""
        with closing(open_index(self._index)) as index:
            for asked in self._open:
                for place, words in asked.words.items():
                    asked.wrong += words != index.lexical(_questions()[place][0], _K)
                TABLE.add(asked.what, *asked.cells(), "", "", "")
        self._open = []

    def _settle(self) -> None:
        """Wait until every replica of every shard is active."""
        until = time.monotonic() + _REST_S
        with closing(Cluster(parse_address(self._store))) as cluster:
            while not _is_whole(cluster):
                assert time.monotonic() < until, "the cluster does not come to rest"
                time.sleep(0.5)


def _questions() -> list[tuple[str, Vectors]]:
    return list(zip(questions(), question_vectors(), strict=True))


def _is_whole(cluster: Cluster) -> bool:
    name = f"{cluster.address.name}-1"
    info = cluster.read(lambda client: client.collection_cluster_info(name))
    copies: list[Any] = [*info.local_shards, *info.remote_shards]
    return len(copies) == 12 and all(copy.state.value == "Active" for copy in copies)


def _nothing() -> None:
    """Let nothing happen."""


run(main, __name__)
