"""What an evaluation found: a row for each question, the means, and what could not be judged."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from ctqa.config import SearchConfig
from ctqa.errors import ConfigError
from ctqa.evaluation.metrics import MEASURES, Figure, balanced, figure

RETRIEVAL = tuple(map(str, MEASURES))
# EM and F1 are over possible questions, EM_all and F1_all over all, where refusing an impossible
# one scores 1. answered is the share of possible questions answered, refused the share of
# impossible ones refused, balanced_accuracy the mean of both.
ANSWERING = (
    "sentence_right",  # the first answer's sentence; the next, that of any answer given
    "any_sentence_right",
    "citation_right",
    "answered_right",
    "EM",
    "F1",
    "EM_all",
    "F1_all",
    "answered",
    "refused",
    "balanced_accuracy",
)

# What may have gone wrong with a question, the gravest thing first.
TROUBLES = (
    "Answered, though impossible",
    "Not found",
    "Found, but not answered",
    "Wrong sentence first",
    "Found late",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Spot:
    """A place in a document of the index, and what stands there."""

    document: str  # its id
    page: int | None  # of its first character; None: that is on no page
    start: int
    end: int
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class GoldProblem:
    """A judgment that could not be taken as it stands; `missed`: no hit can be right by it."""

    question_id: str
    document: str
    quote: str | None
    problem: str
    missed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """What became of one question; None where no answer was asked for."""

    id: str
    question: str
    kind: str
    half: str
    impossible: bool
    expected: str  # the first short answer, quote or document; "" where impossible
    judgments: int
    problems: tuple[GoldProblem, ...]
    values: Mapping[str, float]  # by the measure's name; those that do not apply are left out
    first_right: int | None  # rank of the first right hit, or document where these are judged
    documents: Mapping[str, float]  # found documents in order, scores strictly decreasing
    answered: bool | None = None
    answer: str | None = None
    score: float | None = None  # of the first answer
    confidence: float | None = None  # of the first answer; None where not calibrated
    elapsed_ms: float | None = None
    expected_at: Spot | None = None  # the first quote of the gold that stands in the index
    answer_at: Spot | None = None  # the first answer

    @property
    def trouble(self) -> str:
        """Name what went wrong, one of TROUBLES; "" if nothing did."""
        if self.impossible:
            return "Answered, though impossible" if self.answered else ""
        right = self.values.get("sentence_right")
        if self.first_right is None and right != 1:
            return "Not found"
        if self.answered is None:
            return "Found late" if self.first_right != 1 else ""
        if not self.answered:
            return "Found, but not answered"
        return "Wrong sentence first" if right == 0 else ""

    @property
    def unmatched(self) -> int:
        """The number of judgments that were not found in the index."""
        return sum(problem.missed for problem in self.problems)


@dataclass(frozen=True, slots=True, kw_only=True)
class Latency:
    """How long replies took: half of them no longer than `p50_ms`, 95 of 100 than `p95_ms`."""

    p50_ms: float
    p95_ms: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """What was evaluated."""

    questions: int
    impossible: int
    judgments: int
    unmatched_judgments: int  # no place in the index: counted as missed
    unmatched_questions: int  # without any judgment that has a place
    left_out: int  # queries of the gold set that nobody judged


@dataclass(frozen=True, slots=True, kw_only=True)
class Evaluation:
    """All that holding an index against a gold set brought.

    `figures` maps the names of RETRIEVAL and ANSWERING to means; what could not be measured is
    left out of it.
    """

    gold: str
    rows: tuple[Row, ...]
    figures: Mapping[str, Figure]
    by_half: Mapping[str, Mapping[str, Figure]]  # empty where the gold names no halves
    by_kind: Mapping[str, Mapping[str, Figure]]
    latency: Latency | None
    counts: Counts
    notes: tuple[str, ...]
    config: SearchConfig
    depth: int  # hits taken for each question
    build: int

    @property
    def problems(self) -> tuple[GoldProblem, ...]:
        """All judgments that could not be taken as they stand."""
        return tuple(problem for row in self.rows for problem in row.problems)

    def to_json(self) -> dict[str, Any]:
        """Give everything but the ranked documents in JSON's types; null: not measured."""
        return {
            "gold": self.gold,
            "build": self.build,
            "depth": self.depth,
            "config": asdict(self.config),
            "counts": asdict(self.counts),
            "notes": list(self.notes),
            "figures": _figures_json(self.figures),
            "by_half": {half: _figures_json(found) for half, found in self.by_half.items()},
            "by_kind": {kind: _figures_json(found) for kind, found in self.by_kind.items()},
            "latency": None if self.latency is None else asdict(self.latency),
            "problems": [asdict(problem) for problem in self.problems],
            "questions": [_row_json(row) for row in self.rows],
        }

    def write_run(self, path: Path, tag: str = "ctqa") -> None:
        """Write the documents found as a TREC run: query, Q0, document, rank, score, tag.

        White space within an id is percent-encoded. Impossible questions are not in it.

        Raises:
            ConfigError: the file cannot be written.

        """
        try:
            with path.open("w", encoding="utf-8", newline="\n") as file:
                file.writelines(line for row in self.rows for line in _run_lines(row, tag))
        except OSError as error:
            raise ConfigError(f"{path}: cannot be written ({error.strerror})") from error


def summarise(rows: Iterable[Row]) -> dict[str, Figure]:
    """Average every measure over the questions that have it."""
    values: dict[str, list[float]] = {}
    for row in rows:
        for name, value in row.values.items():
            values.setdefault(name, []).append(value)
    answered, refused = values.get("answered", []), values.get("refused", [])
    values |= {f"{name}_all": values[name] + refused for name in ("EM", "F1") if name in values}
    figures = {name: figure(found) for name, found in values.items()}
    if answered and refused:
        figures["balanced_accuracy"] = balanced(answered, refused)
    return {name: figures[name] for name in RETRIEVAL + ANSWERING if name in figures}


def grouped(rows: Sequence[Row], name: str) -> dict[str, dict[str, Figure]]:
    """Average within each value of "half" or "kind"; nothing where no row has one."""
    groups: dict[str, list[Row]] = {}
    for row in rows:
        groups.setdefault(getattr(row, name), []).append(row)
    if set(groups) <= {""}:
        return {}
    return {value: summarise(groups[value]) for value in sorted(groups)}


def latency(rows: Iterable[Row]) -> Latency | None:
    """Give the usual and the slow reply; None where no reply was asked for."""
    elapsed = [row.elapsed_ms for row in rows if row.elapsed_ms is not None]
    if not elapsed:
        return None
    p50, p95 = np.percentile(elapsed, [50, 95])
    return Latency(p50_ms=float(p50), p95_ms=float(p95))


def count(rows: Sequence[Row], left_out: int) -> Counts:
    """Count what was evaluated and what could not be judged."""
    return Counts(
        questions=len(rows),
        impossible=sum(row.impossible for row in rows),
        judgments=sum(row.judgments for row in rows),
        unmatched_judgments=sum(row.unmatched for row in rows),
        unmatched_questions=sum(0 < row.judgments == row.unmatched for row in rows),
        left_out=left_out,
    )


def _figures_json(figures: Mapping[str, Figure]) -> dict[str, Any]:
    return {
        name: asdict(figures[name]) if name in figures else None for name in RETRIEVAL + ANSWERING
    }


def _row_json(row: Row) -> dict[str, Any]:
    return {
        "id": row.id,
        "question": row.question,
        "kind": row.kind,
        "half": row.half,
        "impossible": row.impossible,
        "expected": row.expected,
        "first_right": row.first_right,
        "answered": row.answered,
        "answer": row.answer,
        "score": row.score,
        "confidence": row.confidence,
        "elapsed_ms": row.elapsed_ms,
        "unmatched_judgments": row.unmatched,
        "values": dict(row.values),
    }


def _run_lines(row: Row, tag: str) -> Iterable[str]:
    query, tag = _one_word(row.id), _one_word(tag)
    for rank, (document, score) in enumerate(row.documents.items(), start=1):
        # Nine digits tell any two 32-bit floats apart.
        yield f"{query} Q0 {_one_word(document)} {rank} {score:.9g} {tag}\n"


def _one_word(text: str) -> str:
    encoded = ("".join(f"%{byte:02X}" for byte in c.encode()) if c.isspace() else c for c in text)
    return "".join(encoded)
