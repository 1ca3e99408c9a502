"""The two stores beside each other: whether they find the same, and what each costs.

    CTQA_DATA=… python -m bench.stores [--questions N] [--sizes N,N] [--shards N]

Starts a Qdrant server of its own on loopback (bin/need-qdrant). The same passages and vectors are
in both: an index is built once, in the folder, then moved; nothing is read or encoded twice.
"""

import argparse
import shutil
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

import ctqa
from bench.common import OUT, SEEDS, Table, all_of, collection, run
from bench.growth_corpus import write_corpus
from bench.growth_vectors import GrowthEncoder, question_vectors, questions
from bench.qdrant_nodes import Node, missing, nodes
from ctqa.answering.retrieve import retrieve
from ctqa.config import LOCAL
from ctqa.evaluation import Gold, load_gold
from ctqa.evaluation.gold.questions import GoldQuestion
from ctqa.index.build import build_index
from ctqa.index.local import LocalIndex, open_index
from ctqa.index.qdrant import where
from ctqa.index.qdrant.address import parse_address
from ctqa.index.qdrant.cluster import Cluster
from ctqa.index.qdrant.held import COLLECTION
from ctqa.index.qdrant.points import DENSE, TERMS, asked
from ctqa.models import Encoder, Vectors, load_encoder
from ctqa.records import Hit
from ctqa.sources import collect

FOLDER = OUT / "stores"
_AT_ONCE = 500  # questions
_CANDIDATES = ctqa.SearchConfig().candidates


def main() -> None:
    """Compare what is found, then what it costs."""
    if reason := missing():
        raise SystemExit(reason)
    parser = argparse.ArgumentParser(prog="python -m bench.stores")
    parser.add_argument("--questions", type=int, default=1 << 30)
    parser.add_argument("--sizes", default="20000,200000")
    parser.add_argument("--shards", type=int, default=1)
    options = parser.parse_args()
    sizes = [int(size) for size in options.sizes.split(",") if size]
    with nodes() as (node,):
        where_to = f"qdrant://{node.host}/{{name}}?shards={options.shards}"
        for name in ("samples", "squad11_dev"):
            _compare(name, where_to.format(name=name), options.questions)
        for count in sizes:
            _cost(count, where_to.format(name=f"growth{count}"), node)


# Do they find the same? --------------------------------------------------------------------------

SAME = Table(
    "stores-same",
    (
        *("collection", "questions", "same first", "same ten", "dense alike", "words alike"),
        *("ours right first", "in Qdrant", "server's RRF", "server's DBSF"),
    ),
)


@dataclass(slots=True)
class Tally:
    """What was counted over the questions."""

    counts: Counter[str] = field(default_factory=Counter)
    questions: int = 0

    def add(self, held: Mapping[str, bool]) -> None:
        """Count a question."""
        self.questions += 1
        self.counts.update(name for name, is_so in held.items() if is_so)

    def shares(self, *names: str) -> Iterator[str]:
        """Give the shares of the questions for which something held."""
        return (f"{self.counts[name] / self.questions:.4f}" for name in names)


def _compare(name: str, address: str, most: int) -> None:
    encoder = load_encoder(ctqa.IndexConfig().encoder)
    local, moved = _both(name, address, encoder)
    gold = load_gold(SEEDS / "gold.jsonl") if name == "samples" else all_of(name)
    tally = Tally()
    with closing(open_index(local)) as mine, closing(open_index(moved)) as other:
        for some in _parts(gold, most):
            texts = [question.question for question in some.questions]
            queries = encoder.encode_queries(texts)
            hits = [retrieve(index, texts, queries, ctqa.SearchConfig()) for index in (mine, other)]
            for question, query, *pair in zip(some.questions, queries, *hits, strict=True):
                tally.add(_held(mine, other, question, query, pair))
    SAME.add(
        name,
        tally.questions,
        *tally.shares("first", "ten", "dense", "words", "mine", "other", "rrf", "dbsf"),
    )


def _both(name: str, address: str, encoder: Encoder) -> tuple[Path, Path]:
    """Build an index in its folder, and the same in the cluster."""
    source = SEEDS if name == "samples" else collection(name) / "corpus.jsonl"
    local, moved = FOLDER / name / "local", FOLDER / name / "qdrant"
    ctqa.build([source], local)
    _moved([source], local, moved, address, encoder, ctqa.IndexConfig())
    return local, moved


def _moved(
    source: Sequence[Path],
    local: Path,
    moved: Path,
    address: str,
    encoder: Encoder,
    config: ctqa.IndexConfig,
) -> float:
    """Copy an index and move the copy; give the seconds that sending took."""
    shutil.rmtree(moved, ignore_errors=True)
    shutil.copytree(local, moved)
    times: list[float] = []

    def note(stage: str, *_: int) -> None:
        if stage == "write":
            times.append(time.monotonic())

    report = build_index(
        collect(source, without=moved),
        moved,
        encoder=encoder,
        config=ctqa.IndexConfig(**_values(config) | {"store": address}),
        progress=note,
    )
    assert report.encoded == 0, "nothing is encoded again"
    return times[-1] - times[0]


def _values(config: ctqa.IndexConfig) -> dict[str, object]:
    return {name: getattr(config, name) for name in config.__slots__}


def _parts(gold: Gold, most: int) -> Iterator[Gold]:
    chosen = gold.questions[:most]
    for start in range(0, len(chosen), _AT_ONCE):
        yield Gold(name=gold.name, questions=chosen[start : start + _AT_ONCE])


def _held(
    mine: LocalIndex,
    other: LocalIndex,
    question: GoldQuestion,
    query: Vectors,
    pair: Sequence[Sequence[Hit]],
) -> dict[str, bool]:
    """Tell what holds for a question, of which both indexes have found `pair`."""
    text, right = question.question, {each.document for each in question.judgments}
    ids = [[hit.passage.id for hit in hits] for hits in pair]
    first = [{hit.source.id for hit in hits[:1]} for hits in pair]
    return {
        "first": ids[0][:1] == ids[1][:1],
        "ten": ids[0] == ids[1],
        "dense": mine.dense(query[None], _CANDIDATES) == other.dense(query[None], _CANDIDATES),
        "words": _keys(mine.lexical(text, 10)) == _keys(other.lexical(text, 10)),
        "mine": bool(first[0] & right),
        "other": bool(first[1] & right),
        "rrf": _fused_there(other, text, query, "rrf") in right,
        "dbsf": _fused_there(other, text, query, "dbsf") in right,
    }


def _keys(found: Iterable[tuple[int, float]]) -> list[int]:
    return [key for key, _ in found]


def _fused_there(index: LocalIndex, text: str, query: Vectors, how: str) -> str:
    """Give the document of the passage that the server's own fusion puts first."""
    from qdrant_client import models  # noqa: PLC0415 -- few benches need it

    opened = index._opened
    counts = Counter(index.terms(text))
    sparse = asked(
        {term: n * index.rarity(term) for term, n in counts.items() if index.holding(term)}
    )
    chosen = where.in_build(index.build.number)
    kinds = {"rrf": models.Fusion.RRF, "dbsf": models.Fusion.DBSF}
    words = models.SparseVector(indices=sparse.indices, values=sparse.values)
    prefetch = [
        models.Prefetch(query=vector, using=name, limit=_CANDIDATES, filter=chosen)
        for name, vector in ((DENSE, query.tolist()), (TERMS, words))
    ]
    with closing(Cluster(parse_address(index.build.config["store"]))) as cluster:
        answer = cluster.read(
            lambda client: client.query_points(
                opened.collection,
                prefetch=prefetch,
                query=models.FusionQuery(fusion=kinds[how]),
                limit=1,
                with_payload=["document"],
            )
        )
    return str(answer.points[0].payload["document"]) if answer.points else ""


# What does it cost? ------------------------------------------------------------------------------

COST = Table(
    "stores-cost",
    (
        *("passages", "store", "filled per s", "dense p50 ms", "p95", "words p50 ms", "p95"),
        *("both p50 ms", "p95", "recall@10", "server MB", "on disk MB"),
    ),
)
_CONFIG = ctqa.IndexConfig(passage_tokens=400)


def _cost(count: int, address: str, node: Node) -> None:
    corpus, encoder = FOLDER / f"{count}" / "corpus", GrowthEncoder()
    write_corpus(corpus, count)
    local, moved = FOLDER / f"{count}" / "local", FOLDER / f"{count}" / "qdrant"
    shutil.rmtree(local, ignore_errors=True)
    times: list[float] = []

    def note(stage: str, *_: int) -> None:
        if stage == "write":
            times.append(time.monotonic())

    build_index(collect([corpus]), local, encoder=encoder, config=_CONFIG, progress=note)
    seconds = {LOCAL: times[-1] - times[0]}
    seconds["qdrant"] = _moved([corpus], local, moved, address, encoder, _CONFIG)
    with closing(open_index(local)) as mine, closing(open_index(moved)) as other:
        _settle(other)
        every = mine.keys_of(_ids(mine))  # a search within what is named is exact
        exact = [_keys(mine.dense(v[None], 10, every)[0]) for v in _some(50)]
        for name, index in ((LOCAL, mine), ("qdrant", other)):
            found = [_keys(index.dense(v[None], 10)[0]) for v in _some(50)]
            recall = np.mean([len({*a} & {*b}) / 10 for a, b in zip(exact, found, strict=True)])
            COST.add(
                *(count, name, f"{count / seconds[name]:.0f}", *_speeds(index)),
                float(recall),
                *(_sizes(node, moved) if name == "qdrant" else ("", _disk(local / "builds"))),
            )


def _ids(index: LocalIndex) -> list[str]:
    return [source.id for source in index.sources()]


def _some(most: int) -> Vectors:
    vectors: Vectors = question_vectors()[:most]
    return vectors


def _settle(index: LocalIndex) -> None:
    """Wait until the server has indexed what was sent."""
    until = time.monotonic() + 1_800
    while not index.status().store.endswith("green"):
        assert time.monotonic() < until, "the server does not come to rest"
        time.sleep(1)


def _speeds(index: LocalIndex) -> Iterator[str]:
    """Time each way of searching, one question at a time, terms known from a first round."""
    ways: dict[str, Callable[[str, Vectors], object]] = {
        "dense": lambda _, vector: index.dense(vector, _CANDIDATES),
        "words": lambda text, _: index.lexical(text, _CANDIDATES),
        "both": lambda text, vector: retrieve(index, [text], vector, ctqa.SearchConfig()),
    }
    asked_for = list(zip(questions(), question_vectors(), strict=True))
    for way in ways.values():
        for _ in range(2):  # terms are counted in the first round
            times = []
            for text, vector in asked_for:
                start = time.perf_counter()
                way(text, vector[None])
                times.append(1_000 * (time.perf_counter() - start))
        yield from (f"{np.percentile(times, p):.1f}" for p in (50, 95))


def _sizes(node: Node, index: Path) -> tuple[str, str]:
    """Give the memory that a server holds, and what the last collection takes on its disk."""
    assert node.process is not None
    status = Path(f"/proc/{node.process.pid}/status").read_text(encoding="ascii")
    resident = next(line.split()[1] for line in status.splitlines() if "VmRSS" in line)
    with closing(open_index(index)) as opened:
        collection = opened.build.checksums[COLLECTION]
    place = node.folder / "storage" / "collections" / collection
    return f"{int(resident) / 1_000:.0f}", _disk(place)


def _disk(folder: Path) -> str:
    """Give the megabytes that files below a folder really take."""
    sizes = (path.stat().st_blocks * 512 for path in folder.rglob("*") if path.is_file())
    return f"{sum(sizes) / 1e6:.0f}"


run(main, __name__)
