"""The file of a kept result: a line that a list shows, and a line for each question below it."""

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, TypeVar

from ctqa.errors import IndexLoadError
from ctqa.evaluation.intervals import Figure
from ctqa.evaluation.outcome import Counts, GoldProblem, Held, Latency, Row, Spot
from ctqa.records import Calibrated

FOLDER = "evaluations"
_VERSION = 2
_HEAD_BYTES = 2**20  # of the first line, at most

Read = TypeVar("Read")


@dataclass(frozen=True, slots=True, kw_only=True)
class Circumstances:
    """What an evaluation does not tell itself."""

    gold_sha256: str  # of the questions with all that is known of their answers
    models: str
    calibrated: Calibrated | None  # what confidences rested on; None: on nothing
    answers: bool  # whether answers were asked for
    seconds: float
    index: Mapping[str, Any]  # IndexConfig's values for the build, as they were called then
    documents: int  # in the build
    passages: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """A kept result without its questions."""

    id: str
    at: str  # ISO 8601, UTC
    gold: str
    build: int
    depth: int
    config: Mapping[str, Any]  # SearchConfig's values as they were called then
    counts: Counts
    figures: Mapping[str, Figure]
    latency: Latency | None  # None: no replies were asked for
    notes: tuple[str, ...]
    about: Circumstances


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """A kept result; its rows tell no ranked documents."""

    summary: Summary
    rows: tuple[Row, ...]


def read_result(path: Path, id: str | None = None) -> Result:
    """Read the file of a result; None for one that was renamed, whose own id is then taken.

    Raises:
        IndexLoadError: it cannot be believed.

    """
    try:
        head, _, rest = path.read_bytes().partition(b"\n")
    except OSError as error:
        raise unreadable(path, str(error.strerror)) from error
    summary, sha256 = _decoded(path, lambda: _summary(id, json.loads(head)))
    if hashlib.sha256(rest).hexdigest() != sha256:
        raise unreadable(path, "it is not as it was written")
    rows = _decoded(path, lambda: tuple(_row(json.loads(line)) for line in rest.splitlines()))
    return Result(summary=summary, rows=rows)


def read_summary(path: Path, id: str) -> Summary:
    """Read the first line alone: what stands below it may be damaged all the same.

    Raises:
        IndexLoadError: it cannot be believed.

    """
    try:
        with path.open("rb") as file:
            head = file.readline(_HEAD_BYTES)
    except OSError as error:
        raise unreadable(path, str(error.strerror)) from error
    return _decoded(path, lambda: _summary(id, json.loads(head)))[0]


def encoded(result: Result) -> bytes:
    """Give the content of a result's file."""
    lines = b"".join(_line(asdict(row)) for row in result.rows)
    head = {
        "result": _VERSION,
        **asdict(result.summary),
        "rows_sha256": hashlib.sha256(lines).hexdigest(),
    }
    return _line(head | {"sha256": _digest(head)}) + lines


def _line(form: Mapping[str, Any]) -> bytes:
    return json.dumps(form).encode() + b"\n"  # ASCII: a gold file may hold lone surrogates


def _digest(head: Mapping[str, Any]) -> str:
    return hashlib.sha256(json.dumps(head, sort_keys=True).encode()).hexdigest()


def _decoded(path: Path, read: Callable[[], Read]) -> Read:
    try:
        return read()
    except (LookupError, RecursionError, TypeError, ValueError) as error:
        raise unreadable(path, "it is not as CTQA writes one") from error


def unreadable(path: Path, why: str) -> IndexLoadError:
    """Say that there is no result to be read."""
    return IndexLoadError(f"{FOLDER}/{path.name}: cannot be read as a result: {why}")


def _summary(id: str | None, form: dict[str, Any]) -> tuple[Summary, str]:
    """Take a summary from its line, with the digest of the lines below it."""
    expected = form.pop("sha256")
    id = form["id"] if id is None else id
    if form["result"] < _VERSION:
        raise IndexLoadError(
            f"{FOLDER}/{id}.jsonl: an earlier version of CTQA wrote this result; evaluate again to "
            "have one that can be compared"
        )
    if form["result"] != _VERSION or expected != _digest(form) or form["id"] != id:
        raise ValueError(id)
    about = form["about"]
    calibrated = about["calibrated"]
    summary = Summary(
        id=id,
        at=form["at"],
        gold=form["gold"],
        build=form["build"],
        depth=form["depth"],
        config=form["config"],
        counts=Counts(**form["counts"]),
        figures={name: Figure(**figure) for name, figure in form["figures"].items()},
        latency=_latency(form["latency"]),
        notes=tuple(form["notes"]),
        about=Circumstances(
            **about | {"calibrated": None if calibrated is None else Calibrated(**calibrated)}
        ),
    )
    return summary, form["rows_sha256"]


def _latency(form: Mapping[str, Any] | None) -> Latency | None:
    if form is None:
        return None
    values: dict[str, Any] = {n: tuple(v) if isinstance(v, list) else v for n, v in form.items()}
    return Latency(**values)


def _row(form: dict[str, Any]) -> Row:
    spots = {name: form[name] for name in ("expected_at", "answer_at")}
    places = {name: None if spot is None else Spot(**spot) for name, spot in spots.items()}
    problems = tuple(GoldProblem(**problem) for problem in form["problems"])
    held = form["held"]
    found = None if held is None else Held(**held | {"at": Spot(**held["at"])})
    return Row(**form | places | {"problems": problems, "held": found})
