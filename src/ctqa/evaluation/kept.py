"""Results that are kept with the index they measured, each in a file of its own.

They lie in the index's folder under `evaluations/`, and belong to no build: none of CTQA's other
commands reads, checks, sends or removes them. A file is written beside, forced onto the disk and
then given its name, so that it is there whole or not at all.
"""

import hashlib
import json
import os
import re
import secrets
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from ctqa.answering.qa import QA
from ctqa.errors import ConfigError, IndexLoadError
from ctqa.evaluation.gold.questions import Gold
from ctqa.evaluation.kept_lines import (
    FOLDER,
    Circumstances,
    Result,
    Summary,
    encoded,
    read_result,
    read_summary,
    unreadable,
)
from ctqa.evaluation.outcome import Evaluation
from ctqa.index.files import make_names_durable
from ctqa.index.schema import cannot_write, refuse_link

__all__ = [
    "FOLDER",
    "Circumstances",
    "Result",
    "Results",
    "Summary",
    "Unreadable",
    "circumstances",
    "gold_sha256",
    "read_result",
    "result_of",
]

_NAME = re.compile(r"\d{8}T\d{12}Z-[0-9a-f]{6}")  # when it was kept, and what tells it from others


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
        result = result_of(evaluation, about)
        refuse_link(self._folder)
        try:
            self._write(result.summary.id, encoded(result))
        except OSError as error:
            raise cannot_write(self._index, str(error.strerror)) from error
        return result.summary

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
        return read_result(self._path(id), id)

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
            raise unreadable(self._folder, str(error.strerror)) from error
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
            return read_summary(self._path(id), id)
        except (ConfigError, IndexLoadError) as error:
            return Unreadable(id=id, why=str(error))

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


def result_of(evaluation: Evaluation, about: Circumstances) -> Result:
    """Make of an evaluation what is kept of it, as of now."""
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
        latency=evaluation.latency,
        notes=evaluation.notes,
        about=about,
    )
    rows = tuple(replace(row, documents={}) for row in evaluation.rows)
    return Result(summary=summary, rows=rows)


def circumstances(qa: QA, gold: Gold, found: Evaluation, seconds: float) -> Circumstances:
    """Tell of an evaluation what it does not tell itself."""
    calibration, status = qa.calibration(), qa.status()
    return Circumstances(
        gold_sha256=gold_sha256(gold),
        models=qa.models,
        calibrated=None if calibration is None else calibration.told(),
        answers=any(row.answered is not None for row in found.rows),
        seconds=seconds,
        index=qa.index_settings,
        documents=status.documents,
        passages=status.passages,
    )


def gold_sha256(gold: Gold) -> str:
    """Digest what a gold set asks and takes for right, so that a changed one is noticed."""
    told = json.dumps([asdict(question) for question in gold.questions], sort_keys=True)
    return hashlib.sha256(told.encode()).hexdigest()
