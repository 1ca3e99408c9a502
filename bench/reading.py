"""How many passages and sentences the reranker should read: quality beside what it costs.

Everything is read first, then passages until a better one has at most a chance, then of their
sentences those that are not overtaken, then to its end only what promises halfway to come within so
many logits of the best. The samples' gold, and questions of squad11_dev's tuning
half; `CTQA_QUESTIONS` of each (default 150). What is right is judged as `ctqa eval` does.
"""

import os
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from math import inf
from pathlib import Path
from types import ModuleType

import ctqa
from bench.common import SEEDS, Table, half_of, index_of, index_of_samples, run
from ctqa.answering import lines, read, rerank
from ctqa.evaluation import Gold, evaluate, load_gold

QUESTIONS = int(os.environ.get("CTQA_QUESTIONS", "150"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """How far the reranker reads."""

    name: str
    unlikely: float
    overtaken: float
    lines: int = 1_000_000
    passage_doubt: float = inf
    line_doubt: float = inf


WAYS = (
    Way(name="all", unlikely=0.0, overtaken=inf),
    *(Way(name=f"chance {c}", unlikely=c, overtaken=inf) for c in (0.02, 0.06, 0.12)),
    *(
        Way(name=f"chance .06, {n:.0f} logits", unlikely=0.06, overtaken=n, lines=24)
        for n in (3.0, 6.0, 9.0)
    ),
    *(
        Way(
            name=f"chance .06, 6 logits, halfway within {passage} and {line}",
            unlikely=0.06,
            overtaken=6.0,
            lines=24,
            passage_doubt=passage,
            line_doubt=line,
        )
        for passage, line in ((3.5, 3.5), (5.0, 3.5), (5.0, 5.0))
    ),
)


def main() -> None:
    """Ask in every way."""
    columns = ("collection", "way", "questions", "Success@1", "first answer", "any of three")
    table = Table("reading", (*columns, "CPU ms a question"))
    for name, index, gold in _sets():
        for way in WAYS:
            with _reading(way):
                qa = ctqa.load(index)
                began = time.process_time()
                found = evaluate(qa, gold).figures
                spent = 1000 * (time.process_time() - began) / len(gold.questions)
                qa.close()
            right = [
                found[key].mean if key in found else "–"
                for key in ("Success@1", "sentence_right", "any_sentence_right")
            ]
            table.add(name, way.name, len(gold.questions), *right, round(spent))


def _sets() -> Iterator[tuple[str, Path, Gold]]:
    samples = load_gold(SEEDS / "gold.jsonl")
    yield "samples", index_of_samples(), _first(samples)
    yield (
        "squad11_dev",
        index_of("squad11_dev", ctqa.IndexConfig()),
        _first(half_of("squad11_dev", "tune")),
    )


def _first(gold: Gold) -> Gold:
    return replace(gold, questions=gold.questions[:QUESTIONS])


@contextmanager
def _reading(way: Way) -> Iterator[None]:
    """Let the reranker read so far, within the context."""
    settings: list[tuple[ModuleType, str, float]] = [
        (rerank, "UNLIKELY", way.unlikely),
        (rerank, "PASSAGE_DOUBT", way.passage_doubt),
        (lines, "OVERTAKEN", way.overtaken),
        (lines, "LINES_READ", way.lines),
        (lines, "LINE_DOUBT", way.line_doubt),
        (read, "LINE_DOUBT", way.line_doubt),
    ]
    before = [(module, name, getattr(module, name)) for module, name, _ in settings]
    _set(settings)
    try:
        yield
    finally:
        _set(before)


def _set(settings: Sequence[tuple[ModuleType, str, float]]) -> None:
    for module, name, value in settings:
        setattr(module, name, value)


run(main, __name__)
