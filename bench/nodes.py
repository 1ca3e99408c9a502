"""The same passages on one, two and three Qdrant nodes: what a question costs on each.

    CTQA_DATA=… python -m bench.nodes [--passages N] [--threads N]

All nodes, and who asks, share this machine's cores: what is seen is what it costs to ask several
nodes, not what more cores bring.
"""

import argparse
import shutil
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing

import numpy as np

import ctqa
from bench.common import OUT, Table, run
from bench.growth_corpus import write_corpus
from bench.growth_vectors import GrowthEncoder, question_vectors, questions
from bench.qdrant_nodes import Node, missing, nodes
from ctqa.answering.retrieve import retrieve
from ctqa.index.build import build_index
from ctqa.index.local import LocalIndex, open_index
from ctqa.sources import collect

FOLDER = OUT / "nodes"
SHARDS = 6
TABLE = Table(
    "nodes",
    ("nodes", "threads", "questions", "p50 ms", "p95 ms", "questions per s", "first alike"),
)


def main() -> None:
    """Ask one node, two and three."""
    if reason := missing():
        raise SystemExit(reason)
    parser = argparse.ArgumentParser(prog="python -m bench.nodes")
    parser.add_argument("--passages", type=int, default=20_000)
    parser.add_argument("--threads", type=int, default=4)
    options = parser.parse_args()
    write_corpus(FOLDER / f"corpus{options.passages}", options.passages)
    expected: list[str] = []
    for count in (1, 2, 3):
        with nodes(count) as started:
            expected = _measure(started, options.passages, options.threads, expected)


def _measure(
    started: Sequence[Node], passages: int, threads: int, expected: list[str]
) -> list[str]:
    """Build on some nodes, and ask; give the first passage of each question."""
    index = FOLDER / "index"
    shutil.rmtree(index, ignore_errors=True)
    hosts = ",".join(node.host for node in started)
    store = f"qdrant://{hosts}/nodes?shards={SHARDS}"
    build_index(
        collect([FOLDER / f"corpus{passages}"]),
        index,
        encoder=GrowthEncoder(),
        config=ctqa.IndexConfig(passage_tokens=400, store=store),
        progress=lambda *_: None,
    )
    with closing(open_index(index)) as opened:
        first = _asked(opened, 1)[0]
        for some in (1, threads):
            found, times, seconds = _asked(opened, some)
            assert found == first, "the same question was answered otherwise"
            same = np.mean([a == b for a, b in zip(found, expected or found, strict=True)])
            TABLE.add(
                *(len(started), some, len(times)),
                *(f"{np.percentile(times, share):.1f}" for share in (50, 95)),
                *(f"{len(times) / seconds:.1f}", float(same)),
            )
    return expected or first


def _asked(opened: LocalIndex, threads: int) -> tuple[list[str], list[float], float]:
    """Ask all questions; give the first passages, milliseconds each, and seconds in all."""
    begun = time.perf_counter()
    with ThreadPoolExecutor(threads) as pool:
        done = list(pool.map(lambda place: _ask(opened, place), range(len(questions()))))
    seconds = time.perf_counter() - begun
    return [first for first, _ in done], [ms for _, ms in done], seconds


def _ask(opened: LocalIndex, place: int) -> tuple[str, float]:
    start = time.perf_counter()
    text, vector = questions()[place], question_vectors()[place]
    (hits,) = retrieve(opened, [text], vector[None], ctqa.SearchConfig())
    return hits[0].passage.id, 1_000 * (time.perf_counter() - start)


run(main, __name__)
