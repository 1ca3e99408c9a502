"""What an evaluation found: a row for each question, the means, and what could not be judged."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from ctqa.config import SearchConfig
from ctqa.evaluation.intervals import Figure
from ctqa.evaluation.naming import ANSWERING, RETRIEVAL
from ctqa.writing import replace_file


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
class Held:
    """The best candidate of a question that was not answered: what would have been shown."""

    score: float
    confidence: float | None  # None: not calibrated
    right: bool | None  # None: the gold does not tell
    at: Spot


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
    held: Held | None = None  # None: something was answered, or there was no candidate at all
    wanted: Mapping[str, int | None] = field(default_factory=dict)  # a right document -> the rank
    # of its first right hit; None: none was found
    failed_at: str = ""  # one of `failing.STAGES`; "": it did not fail

    @property
    def unmatched(self) -> int:
        """The number of judgments that were not found in the index."""
        return sum(problem.missed for problem in self.problems)


@dataclass(frozen=True, slots=True, kw_only=True)
class Latency:
    """How long replies took: half of them no longer than `p50_ms`, 95 of 100 than `p95_ms`."""

    p50_ms: float
    p95_ms: float
    p50_interval: tuple[float | None, float | None] = (None, None)  # 95 %; None: too few replies
    p95_interval: tuple[float | None, float | None] = (None, None)  # likewise


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
        lines = (line for row in self.rows for line in _run_lines(row, tag))
        replace_file(path, "".join(lines).encode())


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
    """Give a row without its ranked documents and its problems, which are listed once for all."""
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
        "judgments": row.judgments,
        "unmatched_judgments": row.unmatched,
        "values": dict(row.values),
        "failed_at": row.failed_at or None,
        "wanted": dict(row.wanted),
        "expected_at": None if row.expected_at is None else asdict(row.expected_at),
        "answer_at": None if row.answer_at is None else asdict(row.answer_at),
        "held": None if row.held is None else asdict(row.held),
    }


def _run_lines(row: Row, tag: str) -> Iterable[str]:
    query, tag = one_word(row.id), one_word(tag)
    for rank, (document, score) in enumerate(row.documents.items(), start=1):
        # Nine digits tell any two 32-bit floats apart.
        yield f"{query} Q0 {one_word(document)} {rank} {score:.9g} {tag}\n"


def one_word(text: str) -> str:
    """Percent-encode the white space of an id, for forms that part words by it."""
    encoded = ("".join(f"%{byte:02X}" for byte in c.encode()) if c.isspace() else c for c in text)
    return "".join(encoded)
