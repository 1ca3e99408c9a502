"""What people have found of questions and answers, kept in the index's folder.

`judgments.jsonl` is appended to, a line a judgment, each forced onto the disk before anyone is told
that it is kept. Any number of threads and processes may write; who is killed leaves at most a torn
line. A torn or altered line is named and passed over, and stays in the file. A judgment taken back
is a line too, so that it can be put back; only `purge` removes any. No build touches the file: it
belongs to none, and neither `ctqa export` nor anything else sends it elsewhere.
"""

import os
import secrets
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from filelock import FileLock, Timeout

from ctqa.answering.question import MAX_QUESTION_CHARS
from ctqa.errors import ConfigError, IndexLoadError, IndexWriteError
from ctqa.evaluation.gold.judged import (
    Change,
    Damaged,
    Judged,
    Quoted,
    Ruling,
    cut,
    from_line,
    to_line,
)
from ctqa.index.files import make_names_durable
from ctqa.index.schema import cannot_write, refuse_link

__all__ = ["FILE_NAME", "Damaged", "Judged", "Judgments", "Kept", "Quoted", "Ruling", "cut"]

FILE_NAME = "judgments.jsonl"
_LOCK_NAME = "judgments.lock"  # not the index's: a build would keep people waiting
_WAIT_S = 10.0  # for whoever writes a line at the moment


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """What the file holds, the oldest first."""

    judged: tuple[Judged, ...] = ()
    withdrawn: tuple[Judged, ...] = ()
    damaged: tuple[Damaged, ...] = ()

    def find(self, id: str) -> Judged | None:
        """Give the judgment of an id, withdrawn or not."""
        return next((one for one in (*self.judged, *self.withdrawn) if one.id == id), None)


class Judgments:
    """The judgments of one index; threads may share it, and so may processes."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.path = folder / FILE_NAME
        self._last = (b"", Kept())  # what the file held last, and what that says

    def read(self) -> Kept:
        """Read all that is kept.

        Raises:
            IndexLoadError: the file cannot be read.

        """
        data = self._data()
        if data and not data.endswith(b"\n"):  # torn, or being written at this moment
            with suppress(IndexWriteError), self._locked():
                data = self._data()
        return self._kept(data)

    def add(
        self,
        question: str,
        verdict: Ruling,
        place: Quoted | None = None,
        *,
        build: int,
        by: str = "",
    ) -> Judged:
        """Keep a judgment; one that is kept already is given back, and nothing is written.

        `place` is None where the verdict is "not in the sources", and only there.

        Raises:
            ConfigError: the question cannot be one.
            IndexWriteError: nothing can be written.

        """
        if (place is None) != (verdict == "not in the sources"):
            raise ConfigError(f"a verdict of {verdict!r} and a place do not fit together")
        made = Judged(
            id=secrets.token_hex(8),
            at=_now(),
            question=_checked(question),
            verdict=verdict,
            place=place,
            build=build,
            by=by,
        )
        with self._locked():
            data = self._data()
            same = (made.key, verdict)
            for one in self._kept(data).judged:
                if (one.key, one.verdict) == same:
                    return one
            self._append(data, made)
        return made

    def withdraw(self, id: str) -> Judged:
        """Take a judgment back.

        Raises:
            ConfigError: there is none of that id.
            IndexWriteError: nothing can be written.

        """
        return self._change(id, restores=False)

    def restore(self, id: str) -> Judged:
        """Put a withdrawn judgment back; the same errors."""
        return self._change(id, restores=True)

    def purge(self, ids: Sequence[str]) -> int:
        """Remove withdrawn judgments from the file for good; give how many those were.

        Those among `ids` that are not withdrawn stay. Damaged lines stay as they are.

        Raises:
            IndexWriteError: nothing can be written; the file is as it was.

        """
        with self._locked():
            data = self._data()
            gone = {one.id for one in self._kept(data).withdrawn} & set(ids)
            if gone:
                lines = [raw for number, raw in _lines(data) if _is_about(number, raw) not in gone]
                self._replace(b"".join(raw + b"\n" for raw in lines))
        return len(gone)

    def _change(self, id: str, *, restores: bool) -> Judged:
        with self._locked():
            data = self._data()
            kept = self._kept(data)
            found = kept.find(id)
            if found is None:
                raise ConfigError(f"there is no judgment {id!r}; it may have been removed")
            if (found in kept.withdrawn) == restores:
                self._append(data, Change(of=id, at=_now(), restores=restores))
        return found

    def _data(self) -> bytes:
        refuse_link(self.path)
        try:
            return self.path.read_bytes()
        except FileNotFoundError:
            return b""
        except OSError as error:
            raise IndexLoadError(f"{self.path}: cannot be read ({error.strerror})") from error

    def _kept(self, data: bytes) -> Kept:
        last = self._last
        if last[0] != data:
            self._last = last = (data, _kept(data))
        return last[1]

    def _append(self, data: bytes, entry: Judged | Change) -> None:
        """Write a line behind what is there; where that fails, nothing of it stays."""
        torn = bool(data) and not data.endswith(b"\n")
        line = (b"\n" if torn else b"") + to_line(entry)
        with self.path.open("ab", buffering=0) as file:
            try:
                _write(file.fileno(), line)
            except OSError:
                with suppress(OSError):
                    file.truncate(len(data))
                raise
        if not data:
            make_names_durable(self._folder)

    def _replace(self, data: bytes) -> None:
        beside = self.path.with_suffix(".new")
        refuse_link(beside)
        with beside.open("wb", buffering=0) as file:
            _write(file.fileno(), data)
        beside.replace(self.path)
        make_names_durable(self._folder)

    @contextmanager
    def _locked(self) -> Iterator[None]:
        """Hold the right to write, a moment long.

        Raises:
            IndexWriteError: another process holds it, or what is done in it cannot be written.

        """
        lock = FileLock(self._folder / _LOCK_NAME)  # released when its holder is killed
        refuse_link(self._folder / _LOCK_NAME)
        try:
            with lock.acquire(timeout=_WAIT_S):
                yield
        except Timeout as error:
            raise IndexWriteError(
                f"{self.path}: another process has held it for {_WAIT_S:.0f} seconds; try again"
            ) from error
        except OSError as error:
            raise cannot_write(self._folder, str(error.strerror)) from error


def _checked(question: str) -> str:
    asked = question.strip()
    if not asked or len(asked) > MAX_QUESTION_CHARS:
        raise ConfigError(
            f"the question is empty, or longer than {MAX_QUESTION_CHARS:,} characters"
        )
    if not _is_text(asked):
        raise ConfigError("the question holds half a character, which is no text")
    return asked


def _is_text(characters: str) -> bool:
    return not any("\ud800" <= character <= "\udfff" for character in characters)


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")


def _lines(data: bytes) -> Iterator[tuple[int, bytes]]:
    for number, raw in enumerate(data.split(b"\n"), start=1):
        if raw.strip():
            yield number, raw


def _kept(data: bytes) -> Kept:
    judged: dict[str, Judged] = {}
    withdrawn: set[str] = set()
    damaged: list[Damaged] = []
    for number, raw in _lines(data):
        entry = from_line(number, raw)
        if isinstance(entry, Damaged):
            damaged.append(entry)
        elif isinstance(entry, Judged):
            judged.setdefault(entry.id, entry)
        elif entry.restores:
            withdrawn.discard(entry.of)
        else:
            withdrawn.add(entry.of)
    return Kept(
        judged=tuple(one for one in judged.values() if one.id not in withdrawn),
        withdrawn=tuple(one for one in judged.values() if one.id in withdrawn),
        damaged=tuple(damaged),
    )


def _is_about(number: int, raw: bytes) -> str | None:
    """Give the id of the judgment that a line is, or changes; None: it cannot be told."""
    entry = from_line(number, raw)
    if isinstance(entry, Damaged):
        return None
    return entry.id if isinstance(entry, Judged) else entry.of


def _write(descriptor: int, data: bytes) -> None:
    """Write all of it, and force it onto the disk."""
    rest = memoryview(data)
    while rest:
        rest = rest[os.write(descriptor, rest) :]
    os.fsync(descriptor)
