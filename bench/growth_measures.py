"""What is measured of an index of one size: each in a process of its own, from the outside."""

import json
import os
import shutil
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bench.growth_corpus import SHARES, largest_file, line_of, write_corpus
from bench.growth_vectors import FOLDER, GrowthEncoder, question_vectors, questions
from ctqa import IndexConfig, SearchConfig
from ctqa.answering.retrieve import retrieve
from ctqa.index.build import build_index
from ctqa.index.catalog import Catalog
from ctqa.index.local import LocalIndex, open_index
from ctqa.models import Vectors
from ctqa.records import Filter
from ctqa.sources import collect

Record = dict[str, Any]
Times = tuple[float, float]  # wall and CPU
Way = Callable[[LocalIndex, str, Vectors, Sequence[int] | None], object]

_STAGES = ("read", "encode", "dense", "lexical", "commit")
_ROUNDS = 3  # of which a question's fastest counts: others use the machine as well
_FILTERED = 100  # questions that are asked within a filter
_CANDIDATES = SearchConfig().candidates
_BATCH = 8192
_EQUAL = 1e-5  # cosines that differ by less are taken to be equal


def clock() -> tuple[float, float]:
    """Give the wall and CPU seconds; child processes' CPU counts once they have ended."""
    children = os.times()
    ended = children.children_user + children.children_system
    return time.perf_counter(), time.process_time() + ended


@dataclass(slots=True)
class Stages:
    """The wall and CPU seconds that a build spends between its reports of progress."""

    wall: dict[str, float] = field(default_factory=lambda: dict.fromkeys(_STAGES, 0.0))
    cpu: dict[str, float] = field(default_factory=lambda: dict.fromkeys(_STAGES, 0.0))
    _now: str = "read"
    _since: tuple[float, float] = field(default_factory=clock)

    def __call__(self, stage: str, done: int, of: int) -> None:
        """Take a report of progress; what is encoded while files are read is told of nothing."""
        if stage == "encode" and not of:
            return
        wall, cpu = clock()
        self.wall[self._now] += wall - self._since[0]
        self.cpu[self._now] += cpu - self._since[1]
        self._since = wall, cpu
        writing = _STAGES[2:]
        named = {"page": "read", "write": writing[min(done, len(writing) - 1)]}
        self._now = named.get(stage, stage)


def documents_of(count: int) -> Path:
    """Give the folder of a corpus."""
    return FOLDER / f"{count}" / "documents"


def index_of(count: int) -> Path:
    """Give the folder of an index."""
    return FOLDER / f"{count}" / "index"


def built(count: int) -> Record:
    """Build the index of a corpus; say how long each stage took and how large each part is."""
    encoder = GrowthEncoder()  # finds its vectors before the clock starts
    stages = Stages()
    start = clock()
    report = build_index(
        collect([documents_of(count)]),
        index_of(count),
        encoder=encoder,
        config=IndexConfig(),
        progress=stages,
    )
    stages("commit", 0, 0)
    wall, cpu = (now - then for now, then in zip(clock(), start, strict=True))
    return {
        "seconds": wall,
        "cpu": cpu,
        "stages": {"wall": stages.wall, "cpu": stages.cpu},
        "passages": report.passages,
        "encoded": report.encoded,
        "committed": report.committed,
        "bytes": sizes(count),
        "peak_mb": status_mb()["VmHWM"],
    }


def sizes(count: int) -> dict[str, int]:
    """Give the bytes of each part of an index."""
    newest = max((index_of(count) / "builds").iterdir(), key=lambda path: int(path.name))
    return {
        "catalog": sum(path.stat().st_size for path in index_of(count).glob("catalog.db*")),
        "vectors": _bytes_below(newest / "vectors"),
        "lexical": _bytes_below(newest / "lexical"),
    }


def _bytes_below(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def status_mb() -> dict[str, float]:
    """Give what Linux counts of this process's memory, in MB."""
    lines = Path("/proc/self/status").read_text(encoding="utf-8").splitlines()
    fields = (line.split() for line in lines if line.startswith(("Vm", "Rss")))
    return {name.rstrip(":"): int(kilobytes) / 1024 for name, kilobytes, _ in fields}


def opened(count: int) -> Record:
    """Open an index and ask all questions; say how long it took and what memory it takes."""
    texts, vectors = questions(), question_vectors()
    before = status_mb()
    start = clock()
    index = open_index(index_of(count))
    seconds = clock()[0] - start[0]
    open_mb = status_mb()
    for text, vector in zip(texts, vectors, strict=True):
        both(index, text, vector, None)
    after = status_mb()
    index.close()
    return {"seconds": seconds, "before_mb": before, "open_mb": open_mb, "asked_mb": after}


def dense(index: LocalIndex, _: str, vector: Vectors, within: Sequence[int] | None) -> object:
    """Ask by meaning."""
    return index.dense(vector[None], _CANDIDATES, within)


def lexical(index: LocalIndex, text: str, _: Vectors, within: Sequence[int] | None) -> object:
    """Ask by words."""
    return index.lexical(text, _CANDIDATES, within)


def both(index: LocalIndex, text: str, vector: Vectors, within: Sequence[int] | None) -> object:
    """Ask by both, and fetch the passages."""
    return retrieve(index, [text], vector[None], SearchConfig(), within)


WAYS: dict[str, Way] = {"dense": dense, "lexical": lexical, "both": both}


def searched(count: int) -> Record:
    """Time the questions, over all passages and within some, and hold dense against exact."""
    rounds = [_timed_round(count) for _ in range(_ROUNDS)]
    found: Record = {name: _percentiles([each[name] for each in rounds]) for name in WAYS}
    chosen = _filters(count)
    found["filters"] = {name: _within(count, keys) for name, keys in chosen.items()}
    for name, recall in _recalls(count, {"all": None} | chosen).items():
        (found if name == "all" else found["filters"][name])["recall"] = recall
    return found


def _timed_round(count: int) -> dict[str, list[Times]]:
    """Time every question in each way over an index opened afresh: nothing is at hand."""
    index = open_index(index_of(count))
    asked = list(zip(questions(), question_vectors(), strict=True))
    for text, vector in asked[-20:]:
        both(index, text, vector, None)
    times = {
        name: [_ms(way, index, *each, None) for each in asked[:-20]] for name, way in WAYS.items()
    }
    index.close()
    return times


def _ms(way: Way, *given: Any) -> Times:
    start = clock()
    way(*given)
    wall, cpu = (1000 * (now - then) for now, then in zip(clock(), start, strict=True))
    return wall, cpu


def _percentiles(rounds: Sequence[Sequence[Times]]) -> Record:
    wall, cpu = np.min(np.array(rounds), axis=0).T
    return {
        "p50": float(np.percentile(wall, 50)),
        "p95": float(np.percentile(wall, 95)),
        "cpu": float(np.percentile(cpu, 50)),
    }


def _filters(count: int) -> dict[str, list[int]]:
    """Choose the documents of a folder, and as many that lie anywhere."""
    index = open_index(index_of(count))
    every = index.keys_where(Filter(folders=("half", "rest")))
    chosen: dict[str, list[int]] = {}
    for share, folder in SHARES.items():
        found = index.keys_where(Filter(folders=(folder,)))
        scattered = sorted(Random(share).sample(every, len(found)))  # noqa: S311
        chosen |= {f"{share:.1%} folder": found, f"{share:.1%} scattered": scattered}
    index.close()
    return chosen


def _within(count: int, keys: list[int]) -> Record:
    index = open_index(index_of(count))
    asked = list(zip(questions(), question_vectors(), strict=True))[:_FILTERED]
    times = {
        name: _percentiles([[_ms(way, index, *each, keys) for each in asked]])
        for name, way in WAYS.items()
    }
    index.close()
    return times | {"passages": len(keys)}


def _recalls(count: int, chosen: dict[str, list[int] | None]) -> dict[str, float]:
    """Give the share of the exact ten nearest that the dense index finds, for each choice."""
    vectors = question_vectors()
    index = open_index(index_of(count))
    tenth = _tenth_cosines(count, chosen, vectors)
    found = {}
    for name, within in chosen.items():
        hits = index.dense(vectors, _CANDIDATES, within)
        right = [
            sum(score >= least - _EQUAL for _, score in some[:10])
            for some, least in zip(hits, tenth[name], strict=True)
        ]
        found[name] = float(np.mean(right)) / 10
    index.close()
    return found


def _tenth_cosines(
    count: int, chosen: dict[str, list[int] | None], queries: Vectors
) -> dict[str, NDArray[np.float32]]:
    """Give the exact tenth best cosine of each query within each choice, all compared."""
    catalog = Catalog.open(index_of(count))
    build = catalog.builds()[-1]
    keys = np.array(catalog.keys(build.number))
    best = {name: np.full((len(queries), 10), -1, np.float32) for name in chosen}
    for start in range(0, len(keys), _BATCH):
        some = keys[start : start + _BATCH]
        cosines = queries @ catalog.vectors_of(build.encoder, some.tolist()).T  # (q, n)
        for name, within in chosen.items():
            among = slice(None) if within is None else np.isin(some, within)
            joined = np.concatenate([best[name], cosines[:, among]], axis=1)
            best[name] = -np.sort(-joined, axis=1)[:, :10]
    catalog.close()
    return {name: cosines[:, -1] for name, cosines in best.items()}


def restored(count: int) -> Record:
    """Put a corpus and its index back to what they were before they were changed."""
    shutil.rmtree(documents_of(count))
    return corpus(count) | built(count)


def changed(count: int, change: str) -> Record:
    """Make a change to the corpus and build again."""
    added, renamed = (documents_of(count) / name for name in ("added.jsonl", "renamed.jsonl"))
    match change:
        case "add a document":
            added.write_text(line_of(count, edition=time.time_ns()), encoding="utf-8")
        case "change it":
            _amend(added)
        case "remove it":
            added.unlink()
        case "rename the largest file":
            largest_file(documents_of(count)).rename(renamed)
        case "change a document in it":
            _amend(renamed)
    return built(count)


CHANGES = (
    "add a document",
    "change it",
    "remove it",
    "rename the largest file",
    "change a document in it",
    "nothing",
)


def _amend(path: Path) -> None:
    """Change the text of a file's first document."""
    first, *others = path.read_text(encoding="utf-8").splitlines(keepends=True)
    amended = json.loads(first)
    amended["text"] += f" Amended {time.time_ns()}."  # in no cache of an earlier run
    path.write_text(json.dumps(amended) + "\n" + "".join(others), encoding="utf-8")


def corpus(count: int) -> Record:
    """Write a corpus."""
    start = clock()
    write_corpus(documents_of(count), count)
    return {"corpus_seconds": clock()[0] - start[0]}
