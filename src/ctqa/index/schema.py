"""The catalog's tables, and opening its file."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from functools import cache
from pathlib import Path
from urllib.parse import quote

from ctqa.errors import CtqaError, IndexLoadError, IndexWriteError

FILE_NAME = "catalog.db"
FORMAT = 4
MENDING = (
    "delete {folder} (but keep its judgments.jsonl, if there is one) and make it anew with "
    "`ctqa build PATH… --index {folder}`"
)
_WAIT_S = 30  # for a lock that SQLite holds, a moment each time
_CANNOT_WRITE = {sqlite3.SQLITE_FULL, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_IOERR}
_CANNOT_OPEN = {sqlite3.SQLITE_CANTOPEN, *_CANNOT_WRITE}  # as to read takes a file to share

# Columns that a query looks at without reading the whole row stand before the long ones.
SCHEMA = """
CREATE TABLE head (
    build INTEGER NOT NULL, next INTEGER NOT NULL, seal BLOB NOT NULL);
CREATE TABLE builds (
    number INTEGER PRIMARY KEY, created_at TEXT NOT NULL, roots TEXT NOT NULL, config TEXT NOT NULL,
    encoder TEXT NOT NULL, libraries TEXT NOT NULL, checksums TEXT NOT NULL, counts TEXT NOT NULL,
    seal BLOB NOT NULL);
CREATE TABLE files (
    key INTEGER PRIMARY KEY, id TEXT NOT NULL, path TEXT NOT NULL, sha256 TEXT NOT NULL,
    size INTEGER NOT NULL, state TEXT NOT NULL, reason TEXT NOT NULL, recipe TEXT NOT NULL,
    documents INTEGER NOT NULL, first_build INTEGER NOT NULL, last_build INTEGER,
    seal BLOB NOT NULL);
CREATE TABLE documents (
    key INTEGER PRIMARY KEY, file INTEGER NOT NULL REFERENCES files(key), id TEXT NOT NULL,
    layout TEXT NOT NULL, name TEXT NOT NULL, family TEXT NOT NULL, pages INTEGER NOT NULL,
    unread INTEGER NOT NULL, passages INTEGER NOT NULL, acronyms INTEGER NOT NULL,
    first_year INTEGER NOT NULL, last_year INTEGER NOT NULL, tags TEXT NOT NULL,
    first_build INTEGER NOT NULL, last_build INTEGER, facets_crc32 INTEGER NOT NULL,
    seal BLOB NOT NULL, body_seal BLOB NOT NULL,
    source TEXT NOT NULL, told TEXT NOT NULL, sections TEXT NOT NULL, asides TEXT NOT NULL,
    text TEXT NOT NULL);
CREATE TABLE pages (
    document INTEGER NOT NULL REFERENCES documents(key), number INTEGER NOT NULL,
    start INTEGER NOT NULL, "end" INTEGER NOT NULL, state TEXT NOT NULL, reason TEXT NOT NULL,
    label TEXT NOT NULL, extractor TEXT NOT NULL, seal BLOB NOT NULL,
    PRIMARY KEY (document, number)) WITHOUT ROWID;
CREATE TABLE passages (
    key INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL,
    document INTEGER NOT NULL REFERENCES documents(key),
    start INTEGER NOT NULL, "end" INTEGER NOT NULL, page INTEGER NOT NULL,
    first_build INTEGER NOT NULL, last_build INTEGER, search_sha256 BLOB NOT NULL,
    seal BLOB NOT NULL, section TEXT NOT NULL, sentences TEXT NOT NULL, search_text TEXT NOT NULL);
CREATE TABLE acronyms (
    document INTEGER NOT NULL REFERENCES documents(key), short TEXT NOT NULL, long TEXT NOT NULL,
    start INTEGER NOT NULL, "end" INTEGER NOT NULL, seal BLOB NOT NULL);
CREATE TABLE calibrations (
    models TEXT PRIMARY KEY, form TEXT NOT NULL, seal BLOB NOT NULL);
CREATE TABLE embeddings (
    encoder TEXT NOT NULL, search_sha256 BLOB NOT NULL, crc32 INTEGER NOT NULL,
    vector BLOB NOT NULL, UNIQUE (search_sha256, encoder));
CREATE INDEX files_by_build ON files(last_build, first_build);
CREATE INDEX documents_by_build ON documents(
    last_build, first_build, file, passages, pages, unread, acronyms, first_year, last_year, tags,
    facets_crc32);
CREATE INDEX documents_by_file ON documents(file);
CREATE INDEX documents_by_id ON documents(id);
CREATE INDEX documents_by_family ON documents(family) WHERE family != '';
CREATE INDEX passages_by_build ON passages(last_build, first_build);
CREATE INDEX passages_by_document ON passages(document, first_build, last_build);
CREATE INDEX passages_by_search ON passages(search_sha256);
CREATE INDEX acronyms_by_document ON acronyms(document);
"""


def connect(path: Path, *, write: bool = False) -> sqlite3.Connection:
    """Open a catalog's file in autocommit mode, durable at each commit; threads may share it.

    A reader where nothing can be written, or there is no room, reads the file as it lies there.

    Raises:
        IndexLoadError: it is damaged, a link, or no catalog.
        IndexWriteError: it was to be written and cannot be.

    """
    for ending in ("", "-wal", "-shm", "-journal"):  # SQLite would write through them
        refuse_link(path.with_name(path.name + ending))
    try:
        return _opened(str(path), write=write)
    except sqlite3.DatabaseError as error:
        if write or _code(error) not in _CANNOT_OPEN or _has_unfinished(path):
            raise told(error, path.parent) from error
    try:
        return _opened(f"file:{quote(str(path.absolute()))}?mode=ro&immutable=1", write=False)
    except sqlite3.DatabaseError as error:
        raise told(error, path.parent) from error


def _opened(name: str, *, write: bool) -> sqlite3.Connection:
    connection = sqlite3.connect(
        name,
        check_same_thread=False,
        isolation_level=None,
        timeout=_WAIT_S,
        uri=name.startswith("file:"),
    )
    try:
        connection.execute("PRAGMA trusted_schema = OFF")
        connection.execute("PRAGMA cell_size_check = ON")
        connection.execute("PRAGMA synchronous = FULL")
        if not write:
            connection.execute("PRAGMA query_only = ON")
        connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
    except UnicodeDecodeError as error:  # SQLite's own message holds what is damaged
        connection.close()
        raise sqlite3.DatabaseError("its tables cannot be read") from error
    except BaseException:
        connection.close()
        raise
    return connection


def refuse_link(path: Path) -> None:
    """Refuse a part of an index that lies elsewhere: it may be anything of the user's.

    Raises:
        IndexLoadError: it is a link.

    """
    if path.is_symlink():
        raise IndexLoadError(
            f"{path}: is a link; an index is read only where it lies itself: put what the link "
            "leads to in its place"
        )


def _has_unfinished(path: Path) -> bool:
    """Tell whether a writer has left something beside the file that belongs to it."""
    beside = path.with_name(f"{path.name}-wal")
    return beside.exists() and beside.stat().st_size > 0


def tables(connection: sqlite3.Connection) -> list[tuple[str, str]]:
    """List what a catalog is made of, by name."""
    return [
        (str(name), str(sql))
        for name, sql in connection.execute(
            "SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL ORDER BY name"
        )
    ]


@cache
def expected_tables() -> list[tuple[str, str]]:
    """List what a catalog of this format is made of, by name."""
    with closing(sqlite3.connect(":memory:")) as connection:
        connection.executescript(SCHEMA)
        return tables(connection)


@contextmanager
def translated(folder: Path) -> Iterator[None]:
    """Let what SQLite finds wrong be told as ours; what we do wrong stays as it is."""
    try:
        yield
    except sqlite3.ProgrammingError:
        raise
    except sqlite3.DatabaseError as error:
        raise told(error, folder) from error


def told(error: sqlite3.DatabaseError, folder: Path) -> CtqaError:
    """Say what SQLite found, and what mends it."""
    path = folder / FILE_NAME
    code = _code(error)
    if code in _CANNOT_WRITE:
        return cannot_write(folder, str(error))
    if code == sqlite3.SQLITE_BUSY:
        return IndexWriteError(f"{path}: another process holds it ({error}); try again")
    if code == sqlite3.SQLITE_CANTOPEN:
        return IndexLoadError(
            f"{path}: cannot be opened ({error}); if a build was stopped here, let CTQA write to "
            f"{folder} once, with `ctqa doctor --index {folder}`"
        )
    if code == sqlite3.SQLITE_NOTADB:
        return IndexLoadError(
            f"{path}: is damaged or no catalog ({error}); " + MENDING.format(folder=folder)
        )
    return damaged(folder, str(error))


def never_completed(folder: Path) -> IndexLoadError:
    """Say that nothing was ever built in an index folder."""
    return IndexLoadError(
        f"{folder}: no build was ever completed; run `ctqa build PATH… --index {folder}`"
    )


def damaged(folder: Path, what: str) -> IndexLoadError:
    """Say that a catalog cannot be believed."""
    return IndexLoadError(
        f"{folder / FILE_NAME}: is damaged: {what}; `ctqa doctor --index {folder}` tells how to "
        "mend it"
    )


def cannot_write(folder: Path, what: str) -> IndexWriteError:
    """Say that an index cannot be written to."""
    return IndexWriteError(
        f"{folder}: cannot be written to ({what}); what was committed before is as it was: make "
        "room there, or let CTQA write there, and run the same command again"
    )


def _code(error: sqlite3.DatabaseError) -> int:
    """Give SQLite's primary result code; 0 where Python found the fault."""
    return getattr(error, "sqlite_errorcode", 0) & 0xFF
