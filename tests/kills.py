"""A process that ends itself by SIGKILL at a chosen step of writing, and what an index then says.

Every step that touches the disk is counted: SQLite's statements that write and what follows each
commit, files opened for writing, links, renames, removals, fsync, and each call of FAISS and
tantivy that writes. Files are read in the process itself, which saves a process for each.
"""

import hashlib
import json
import os
import re
import signal
import sqlite3
import sys
import traceback
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

from encoders import WordEncoder

from ctqa.answering.qa import QA
from ctqa.config import SearchConfig
from ctqa.errors import IndexLoadError
from ctqa.index import encoding, workers
from ctqa.index.local import open_index
from ctqa.models import Vectors
from ctqa.sources import isolated
from ctqa.sources.load import load_file

QUESTIONS = ("How deep is the deepest lake?", "Where are licences sold, boats, trains, tarns?")
COMMITTED = "sql after COMMIT"
_WRITES = re.compile(
    r"\s*(BEGIN|COMMIT|ROLLBACK|PRAGMA \w+ = |CREATE \w+|UPDATE \w+|DELETE FROM \w+|"
    r"INSERT (?:OR REPLACE )?INTO \w+)"
)
_KEPT = re.compile(
    r"INSERT OR REPLACE INTO embeddings VALUES \('\w+',\s*X?'([0-9a-f]{16})", re.IGNORECASE
)
_OPENED_TO_WRITE = os.O_WRONLY | os.O_RDWR | os.O_CREAT
_TANTIVY = ("delete_documents_by_query", "add_document", "commit", "wait_merging_threads")
# Audit events, and which of their arguments is the folder descriptor that names are relative to.
_AUDITED = {
    "os.mkdir": 2,
    "os.rmdir": 1,
    "os.remove": 1,
    "os.rename": 2,
    "os.link": 2,
    "os.truncate": -1,
    "shutil.rmtree": 1,
    "shutil.copyfile": -1,
}


class Steps:
    """Counts the steps of writing below a folder, logs each, and dies before the n-th."""

    def __init__(self, folder: Path, log: Path, die_at: int) -> None:
        self._folder = str(folder)
        self._log = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        self._die_at = die_at
        self.count = 0

    def note(self, what: str) -> None:
        os.write(self._log, f"{what}\n".encode())

    def __call__(self, what: str) -> None:
        self.count += 1
        self.note(what)
        if self.count == self._die_at:
            os.kill(os.getpid(), signal.SIGKILL)

    def holds(self, path: object) -> bool:
        return isinstance(path, str | os.PathLike) and os.fspath(path).startswith(self._folder)

    def name(self, path: object) -> str:
        """Give a path without what differs from run to run."""
        told = os.path.relpath(os.fspath(str(path)), self._folder)
        return re.sub(r"[0-9a-f]{16,}", "*", told)

    def audit(self, event: str, arguments: tuple[Any, ...]) -> None:
        if event == "open":
            path, _, flags = arguments
            if flags & _OPENED_TO_WRITE and self.holds(path):
                self(f"open {self.name(path)}")
        elif event in _AUDITED:
            place = _AUDITED[event]
            relative = place >= 0 and arguments[place] not in {-1, None}
            if relative:
                self(f"{event} below")
            elif self.holds(arguments[0]):
                self(f"{event} {self.name(arguments[0])}")

    def sql(self, statement: str) -> None:
        kept = _KEPT.match(statement)
        if kept is not None:
            self.note(f"kept {kept[1].lower()}")
        found = _WRITES.match(statement)
        if found is not None:
            self(f"sql {found[1]}")


def instrument(steps: Steps) -> None:
    """Have every step of this process counted, for the rest of its life."""
    sys.addaudithook(steps.audit)
    os.fsync = _around(os.fsync, "fsync", steps)  # type: ignore[assignment]
    _instrument_sqlite(steps)
    _instrument_writers(steps)


def _around(function: Callable[..., Any], name: str, steps: Steps) -> Callable[..., Any]:
    def call(*arguments: Any, **named: Any) -> Any:
        steps(f"{name} begins")
        found = function(*arguments, **named)
        steps(f"{name} ends")
        return found

    return call


def _instrument_sqlite(steps: Steps) -> None:
    class Told(sqlite3.Connection):
        def execute(self, sql: str, *values: Any) -> sqlite3.Cursor:
            found = super().execute(sql, *values)
            if sql == "COMMIT":
                steps(COMMITTED)
            return found

        def executescript(self, sql: str) -> sqlite3.Cursor:
            found = super().executescript(sql)
            steps("sql after a script")
            return found

    plain = sqlite3.connect

    def connect(name: str, **options: Any) -> sqlite3.Connection:
        if not steps.holds(name):
            return plain(name, **options)
        connection = plain(name, factory=Told, **options)
        connection.set_trace_callback(steps.sql)
        return connection

    sqlite3.connect = connect  # type: ignore[assignment]


def _instrument_writers(steps: Steps) -> None:
    import faiss  # noqa: PLC0415
    import tantivy  # noqa: PLC0415

    faiss.write_index = _around(faiss.write_index, "faiss write", steps)
    plain = tantivy.Index

    class Writer:
        def __init__(self, writer: Any) -> None:
            for name in _TANTIVY:
                setattr(self, name, _around(getattr(writer, name), f"tantivy {name}", steps))

    class Index:
        open = staticmethod(plain.open)

        def __init__(self, *arguments: Any, **named: Any) -> None:
            self._index = _around(plain, "tantivy open", steps)(*arguments, **named)

        def __getattr__(self, name: str) -> Any:
            return getattr(self._index, name)

        def writer(self, **named: Any) -> Writer:
            return Writer(_around(self._index.writer, "tantivy writer", steps)(**named))

    tantivy.Index = Index  # type: ignore[assignment, misc]


class LoggedEncoder(WordEncoder):
    """Notes every text before it is encoded."""

    def __init__(self, steps: Steps, *, name: str = "words") -> None:
        super().__init__(name=name)
        self._steps = steps

    def encode_passages(self, texts: Sequence[str]) -> Vectors:
        for text in texts:
            self._steps.note(f"encoded {digest(text)}")
        return super().encode_passages(texts)


class AtOnce(ThreadPoolExecutor):
    """Does what it is given at once: a process that is started again takes the same steps."""

    def submit(self, function: Any, /, *given: Any, **named: Any) -> Future[Any]:
        done: Future[Any] = Future()
        done.set_result(function(*given, **named))
        return done


def digest(text: str) -> str:
    """Give a short name for a text."""
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def prepare() -> None:
    """Make ready what a process needs that can read no more: libraries, and no child processes."""
    import faiss  # noqa: F401, PLC0415
    import tantivy  # noqa: F401, PLC0415

    encoding._FIRST = encoding._LEAST = encoding._MOST = 4  # several commits of the cache
    assert workers.ThreadPoolExecutor is ThreadPoolExecutor  # it is there to be replaced
    workers.ThreadPoolExecutor = AtOnce  # type: ignore[misc]
    isolated.Readers._once = (  # type: ignore[method-assign]
        lambda _, found, options: load_file(found.path, options)
    )


def told(index: Path) -> dict[str, Any]:
    """Give all that an index says: its documents, pages, passages and replies, but for times."""
    opened = open_index(index)
    try:
        keys = opened.keys_of([source.id for source in opened.sources()])
        encoder = WordEncoder(name=opened.build.encoder.name)
        asking = QA(opened, encoder, None, SearchConfig(rerank=0))
        first = next(source.id for source in opened.sources())
        return {
            "build": opened.build.number,
            "encoder": opened.build.encoder.name,
            "passages": sorted(repr(found) for found in opened.passages(keys).values()),
            "documents": [repr(opened.document(source.id)) for source in opened.sources()],
            "files": [(f.id, f.sha256, f.state, f.reason) for f in opened.status().files],
            "pages": sorted(repr(pages) for pages in opened.ledger().values()),
            "replies": [
                repr(replace(asking.ask(question, documents=within), elapsed_ms={}, build=0))
                for question, within in ((QUESTIONS[0], None), (QUESTIONS[1], [first]))
            ],
        }
    finally:
        opened.close()


def told_or_refused(index: Path) -> dict[str, Any]:
    """Give all that an index says, or why it cannot be opened."""
    try:
        return told(index)
    except IndexLoadError as error:
        return {"refused": str(error)}


def start(work: Callable[[], object]) -> tuple[int, int]:
    """Begin something in a forked process; give the process, and a pipe to what it gives."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        code = 1
        try:
            with os.fdopen(writing, "w") as pipe:
                json.dump(work(), pipe)
            code = 0
        except BaseException:  # noqa: BLE001 -- whatever it was, this process ends here
            traceback.print_exc()
        finally:
            os._exit(code)
    os.close(writing)
    return child, reading


def finish(started: tuple[int, int]) -> tuple[int, Any]:
    """Wait for a process; give how it ended, and what it gave, by way of JSON."""
    child, reading = started
    with os.fdopen(reading) as pipe:
        said = pipe.read()
    _, status = os.waitpid(child, 0)
    code = os.waitstatus_to_exitcode(status)
    return code, json.loads(said) if code == 0 else None


def in_child(work: Callable[[], object]) -> tuple[int, Any]:
    """Do something in a forked process; give how it ended, and what it gave."""
    return finish(start(work))


def log_of(path: Path) -> list[str]:
    """Read the log of a process, its last line too if it was cut off."""
    return path.read_text().splitlines() if path.exists() else []


def known_in(log: Sequence[str]) -> set[str]:
    """Name the texts whose vectors were committed to the cache."""
    return {text for group in _committed(log) for text in group}


def heads_in(log: Sequence[str]) -> int:
    """Count the transactions that were committed and name the current build."""
    return sum("sql UPDATE head" in group for group in _transactions(log))


def _transactions(log: Sequence[str]) -> Iterator[list[str]]:
    """Cut a log behind each commit; what was not committed is left out."""
    group: list[str] = []
    for line in log:
        group.append(line)
        if line == COMMITTED:
            yield group
            group = []


def _committed(log: Sequence[str]) -> Iterator[list[str]]:
    for group in _transactions(log):
        yield [line.split()[1] for line in group if line.startswith("kept ")]
