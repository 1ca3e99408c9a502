"""Results that are kept with the index they measured, each in a file of its own.

They lie in the index's folder under `evaluations/`, and belong to no build: none of CTQA's other
commands reads, checks, sends or removes them. A file is written beside, forced onto the disk and
then given its name, so that it is there whole or not at all. Its first line holds what a list
shows; each line below it holds a question.
"""

import hashlib
import json
import os
import re
import secrets
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

from ctqa.errors import ConfigError, IndexLoadError
from ctqa.evaluation.metrics import Figure
from ctqa.evaluation.outcome import Counts, Evaluation, GoldProblem, Row, Spot
from ctqa.evaluation.questions import Gold
from ctqa.index.files import make_names_durable
from ctqa.index.schema import cannot_write, refuse_link
from ctqa.records import Calibrated

FOLDER = "evaluations"
_VERSION = 1
_NAME = re.compile(r"\d{8}T\d{12}Z-[0-9a-f]{6}")  # when it was kept, and what tells it from others
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
    notes: tuple[str, ...]
    about: Circumstances


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """A kept result; its rows tell no ranked documents."""

    summary: Summary
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Unreadable:
    """A file that holds no result that can be believed; it is left as it is."""

    id: str
    why: str


class Results:
    """The results of one index; threads may share it, and so may processes."""

    def __init__(self, folder: Path) -> None:
        self._index = folder
        self._folder = folder / FOLDER

    def prepare(self) -> None:
        """See that results can be kept, before an evaluation is begun that takes long.

        Raises:
            IndexLoadError: the folder of the results is a link.
            IndexWriteError: nothing can be written.

        """
        refuse_link(self._folder)
        try:
            self._folder.mkdir(exist_ok=True)
            probe = self._folder / f"{secrets.token_hex(8)}.part"
            probe.touch()
            probe.unlink()
        except OSError as error:
            raise cannot_write(self._index, str(error.strerror)) from error

    def keep(self, evaluation: Evaluation, about: Circumstances) -> Summary:
        """Keep a result.

        Raises:
            IndexLoadError: the folder of the results is a link.
            IndexWriteError: nothing can be written.

        """
        now = datetime.now(UTC)
        summary = Summary(
            id=f"{now:%Y%m%dT%H%M%S%f}Z-{secrets.token_hex(3)}",
            at=now.isoformat(timespec="seconds"),
            gold=evaluation.gold,
            build=evaluation.build,
            depth=evaluation.depth,
            config=asdict(evaluation.config),
            counts=evaluation.counts,
            figures=evaluation.figures,
            notes=evaluation.notes,
            about=about,
        )
        refuse_link(self._folder)
        try:
            self._write(summary.id, _encoded(summary, evaluation.rows))
        except OSError as error:
            raise cannot_write(self._index, str(error.strerror)) from error
        return summary

    def listed(self, most: int | None = None) -> list[Summary | Unreadable]:
        """List what is kept, the newest first; only the first line of each file is read.

        Raises:
            IndexLoadError: the folder of the results is a link, or cannot be read.

        """
        return [self._listed(id) for id in self._ids()[:most]]

    def open(self, id: str) -> Result:
        """Read a result.

        Raises:
            ConfigError: there is none of that id.
            IndexLoadError: it cannot be believed.

        """
        path = self._path(id)
        try:
            head, _, rest = path.read_bytes().partition(b"\n")
        except OSError as error:
            raise _unreadable(path, str(error.strerror)) from error
        summary, sha256 = _decoded(path, lambda: _summary(id, json.loads(head)))
        if hashlib.sha256(rest).hexdigest() != sha256:
            raise _unreadable(path, "it is not as it was written")
        rows = _decoded(path, lambda: tuple(_row(json.loads(line)) for line in rest.splitlines()))
        return Result(summary=summary, rows=rows)

    def remove(self, id: str) -> None:
        """Remove a result for good.

        Raises:
            ConfigError: there is none of that id.
            IndexWriteError: it cannot be removed.

        """
        try:
            self._path(id).unlink()
        except OSError as error:
            raise cannot_write(self._index, str(error.strerror)) from error

    def _ids(self) -> list[str]:
        refuse_link(self._folder)
        try:
            names = [path.stem for path in self._folder.iterdir() if path.suffix == ".jsonl"]
        except FileNotFoundError:
            return []
        except OSError as error:
            raise _unreadable(self._folder, str(error.strerror)) from error
        return sorted((name for name in names if _NAME.fullmatch(name)), reverse=True)

    def _path(self, id: str) -> Path:
        """Give the file of a result, whatever its id says."""
        refuse_link(self._folder)
        path = self._folder / f"{id}.jsonl"
        if not _NAME.fullmatch(id) or not path.is_file():
            raise ConfigError("there is no such result any more; the list shows those there are")
        refuse_link(path)
        return path

    def _listed(self, id: str) -> Summary | Unreadable:
        try:
            path = self._path(id)
            with path.open("rb") as file:
                head = file.readline(_HEAD_BYTES)
            summary, _ = _decoded(path, lambda: _summary(id, json.loads(head)))
        except (ConfigError, IndexLoadError) as error:
            return Unreadable(id=id, why=str(error))
        except OSError as error:
            return Unreadable(id=id, why=f"it cannot be read ({error.strerror})")
        return summary

    def _write(self, id: str, data: bytes) -> None:
        self._folder.mkdir(exist_ok=True)
        beside = self._folder / f"{id}.part"
        try:
            with beside.open("xb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            beside.replace(self._folder / f"{id}.jsonl")
        except OSError:
            with suppress(OSError):
                beside.unlink()
            raise
        make_names_durable(self._folder)


def gold_sha256(gold: Gold) -> str:
    """Digest what a gold set asks and takes for right, so that a changed one is noticed."""
    told = json.dumps([asdict(question) for question in gold.questions], sort_keys=True)
    return hashlib.sha256(told.encode()).hexdigest()


# Lines ------------------------------------------------------------------------------------------


def _encoded(summary: Summary, rows: tuple[Row, ...]) -> bytes:
    lines = b"".join(_line(asdict(replace(row, documents={}))) for row in rows)
    head = {
        "result": _VERSION,
        **asdict(summary),
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
        raise _unreadable(path, "it is not as CTQA writes one") from error


def _unreadable(path: Path, why: str) -> IndexLoadError:
    return IndexLoadError(f"{FOLDER}/{path.name}: cannot be read as a result: {why}")


def _summary(id: str, form: dict[str, Any]) -> tuple[Summary, str]:
    """Take a summary from its line, with the digest of the lines below it."""
    expected = form.pop("sha256")
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
        notes=tuple(form["notes"]),
        about=Circumstances(
            **about | {"calibrated": None if calibrated is None else Calibrated(**calibrated)}
        ),
    )
    return summary, form["rows_sha256"]


def _row(form: dict[str, Any]) -> Row:
    spots: Iterator[tuple[str, Any]] = ((name, form[name]) for name in ("expected_at", "answer_at"))
    places = {name: None if spot is None else Spot(**spot) for name, spot in spots}
    problems = tuple(GoldProblem(**problem) for problem in form["problems"])
    return Row(**form | places | {"problems": problems})
