"""Questions asked one after the other, each timed, with the rank of the passage that answers."""

import json
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

Search = Callable[[str], Iterable[str]]  # a question -> ids of documents, best first

DEPTH = 10  # hits that are asked for
_WARM = 20  # questions at most before the clock runs, a tenth of those that are timed


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """A question and the one passage that answers it."""

    text: str
    passage: str


def read_passages(corpus: Path) -> dict[str, str]:
    """Read a corpus in BEIR form: id -> title and text, as CTQA encodes them."""
    lines = corpus.read_text(encoding="utf-8").splitlines()
    rows = (json.loads(line) for line in lines)
    return {row["_id"]: f"{row['title']}\n{row['text']}".strip() for row in rows}


def read_questions(path: Path) -> list[Question]:
    """Read questions, a line each."""
    lines = path.read_text(encoding="utf-8").splitlines()
    return [Question(**json.loads(line)) for line in lines]


def timed(search: Search, questions: Sequence[Question], count: int) -> dict[str, Any]:
    """Ask `count` questions in turn; the last of all questions warm up."""
    warm = max(1, min(_WARM, count // 10))
    for question in questions[-warm:]:
        search(question.text)
    asked = [_timed(search, question) for question in questions[:count]]
    cpu, wall, ranks = zip(*asked, strict=True)
    return {"cpu_ms": cpu, "wall_ms": wall, "ranks": ranks}


def rank(found: Iterable[str], wanted: str) -> int | None:
    """Give the rank of a document, each counted once; None beyond the tenth."""
    first = list(dict.fromkeys(found))[:DEPTH]
    return first.index(wanted) + 1 if wanted in first else None


def _timed(search: Search, question: Question) -> tuple[float, float, int | None]:
    wall, cpu = time.perf_counter(), time.process_time()
    found = search(question.text)
    cpu, wall = time.process_time() - cpu, time.perf_counter() - wall
    return 1000 * cpu, 1000 * wall, rank(found, question.passage)
