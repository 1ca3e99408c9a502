"""The catalog, SQLite in WAL mode: the one source of truth about an index.

Rows of files, documents and passages carry the first and the last build they belong to; a build is
committed by the one row in `builds` that names it. Rows of a build that was never committed are
invisible; the next one takes over what of them it can use and clears the rest away.
"""

import json
import sqlite3
from collections.abc import Iterable
from pathlib import Path
from threading import Lock
from typing import Any, Self

from ctqa.errors import IndexLoadError
from ctqa.index.acronyms import Acronym, Definition
from ctqa.index.rows import (
    PAGE_COLUMNS,
    Build,
    FileRow,
    LedgerPage,
    document_from,
    page_from,
    passage_from,
)
from ctqa.models import EncoderIdentity
from ctqa.records import UNREAD_FILES, UNREAD_PAGES, Document, PageState, Passage, Source

FILE_NAME = "catalog.db"
FORMAT = 3
_MENDING = "delete {folder} and make it anew with `ctqa build PATH… --index {folder}`"
IN_BUILD = "first_build <= :build AND (last_build IS NULL OR last_build >= :build)"
_PASSAGE_COLUMNS = (
    'SELECT key, id, document, start, "end", page, section, sentences, search_text FROM passages'
)


class Catalog:
    """A connection to an index's catalog; safe to share between threads."""

    def __init__(self, connection: sqlite3.Connection, folder: Path) -> None:
        self._connection = connection
        self._lock = Lock()
        self.folder = folder

    @classmethod
    def open(cls, folder: Path) -> Self:
        """Open for reading.

        Raises:
            IndexLoadError: there is no index in the folder, or it cannot be read as one.

        """
        if not (folder / FILE_NAME).is_file():
            raise IndexLoadError(
                f"{folder}: there is no index here; make one with "
                f"`ctqa build PATH… --index {folder}`"
            )
        catalog = cls(connect(folder / FILE_NAME), folder)
        catalog.check_format()
        return catalog

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()

    def check_format(self) -> None:
        """Refuse a catalog of another format, closing it."""
        found = self._one("PRAGMA user_version")
        if found != FORMAT:
            self.close()
            raise IndexLoadError(
                f"{self.folder}: index format {found}, this CTQA reads {FORMAT}; "
                + _MENDING.format(folder=self.folder)
            )

    def builds(self) -> list[Build]:
        """List the committed builds that are still there, oldest first."""
        return [
            Build(
                number=row[0],
                created_at=row[1],
                roots=tuple(json.loads(row[2])),
                config=json.loads(row[3]),
                encoder=EncoderIdentity(**json.loads(row[4])),
                libraries=json.loads(row[5]),
                checksums=json.loads(row[6]),
            )
            for row in self._all("SELECT * FROM builds ORDER BY number")
        ]

    def files(self, build: int) -> list[FileRow]:
        """List the files of a build in the order of their ids."""
        return [
            FileRow(
                key=row[0],
                id=row[1],
                path=row[2],
                sha256=row[3],
                size=row[4],
                state=row[5],
                reason=row[6],
                recipe=row[7],
                first_build=row[8],
            )
            for row in self._all(
                "SELECT key, id, path, sha256, size, state, reason, recipe, first_build FROM files "
                f"WHERE {IN_BUILD} ORDER BY id",
                build=build,
            )
        ]

    def ledger(self, build: int) -> dict[int, list[LedgerPage]]:
        """Give the pages of each file of a build, by the file's key, in the order they lie."""
        found: dict[int, list[LedgerPage]] = {}
        rows = self._all(
            f"SELECT file, id, {PAGE_COLUMNS} FROM pages JOIN documents ON key = document "
            f"WHERE {IN_BUILD} ORDER BY file, documents.key, number",
            build=build,
        )
        for file, document_id, *page in rows:
            found.setdefault(file, []).append(
                LedgerPage(document_id=document_id, page=page_from(page))
            )
        return found

    def files_with_pages(self, build: int, states: Iterable[PageState]) -> set[int]:
        """Give the keys of the files that have a page in one of these states."""
        rows = self._all(
            "SELECT DISTINCT file FROM pages JOIN documents ON key = document "
            f"WHERE {IN_BUILD} AND state IN (SELECT value FROM json_each(:states))",
            build=build,
            states=json.dumps(list(states)),
        )
        return {file for (file,) in rows}

    def page_states(self, build: int) -> dict[str, int]:
        """Count the pages of a build by their state."""
        rows = self._all(
            "SELECT state, count(*) FROM pages JOIN documents ON key = document "
            f"WHERE {IN_BUILD} GROUP BY state ORDER BY state",
            build=build,
        )
        return dict(rows)

    def page_at(self, build: int, document_id: str, offset: int) -> tuple[int, str]:
        """Give the number and the label of the page that holds an offset of a document.

        What parts two pages belongs to the first. The label is "" where none is known.
        """
        rows = self._all(
            "SELECT number, label FROM pages WHERE start <= :offset AND document = (SELECT key "
            f"FROM documents WHERE id = :id AND {IN_BUILD}) ORDER BY number DESC LIMIT 1",
            build=build,
            id=document_id,
            offset=offset,
        )
        number, label = rows[0]
        return int(number), str(label)

    def sources(self, build: int) -> list[Source]:
        """List the documents of a build in the order of their ids."""
        rows = self._all(f"SELECT source FROM documents WHERE {IN_BUILD} ORDER BY id", build=build)
        return [Source(**json.loads(source)) for (source,) in rows]

    def document_ids(self, build: int) -> set[str]:
        """Give the ids of a build's documents."""
        rows = self._all(f"SELECT id FROM documents WHERE {IN_BUILD}", build=build)
        return {document_id for (document_id,) in rows}

    def document(self, build: int, document_id: str) -> Document | None:
        """Fetch a document with its text; None when the build has none of that id."""
        rows = self._all(
            "SELECT key, source, layout, text, sections, asides FROM documents "
            f"WHERE id = :id AND {IN_BUILD}",
            build=build,
            id=document_id,
        )
        return document_from(rows[0], self._pages(rows[0][0])) if rows else None

    def acronyms(self, build: int) -> list[Definition]:
        """List what the documents of a build define, by document and place."""
        rows = self._all(
            'SELECT id, short, long, start, "end" FROM acronyms JOIN documents ON key = document '
            f"WHERE {IN_BUILD} ORDER BY id, start",
            build=build,
        )
        return [
            Definition(
                document_id=document_id,
                acronym=Acronym(short=short, long=long, start=start, end=end),
            )
            for document_id, short, long, start, end in rows
        ]

    def passages(self, keys: Iterable[int]) -> dict[int, tuple[Passage, Source]]:
        """Fetch passages with their sources by key; keys of no passage are left out."""
        wanted = json.dumps(list(keys))
        rows = self._all(
            f"{_PASSAGE_COLUMNS} WHERE key IN (SELECT value FROM json_each(:keys))", keys=wanted
        )
        texts = {
            key: (Source(**json.loads(source)), text)
            for key, source, text in self._all(
                "SELECT key, source, text FROM documents WHERE key IN (SELECT document FROM "
                "passages WHERE key IN (SELECT value FROM json_each(:keys)))",
                keys=wanted,
            )
        }
        return {
            row[0]: (passage_from(row, texts[row[2]][0].id, texts[row[2]][1]), texts[row[2]][0])
            for row in rows
        }

    def passage_keys(self, build: int, document_ids: Iterable[str]) -> list[int]:
        """List the keys of the passages that documents have in a build."""
        rows = self._all(
            f"SELECT key FROM passages WHERE {IN_BUILD} AND document IN (SELECT key FROM documents "
            "WHERE id IN (SELECT value FROM json_each(:ids)))",
            build=build,
            ids=json.dumps(list(document_ids)),
        )
        return [key for (key,) in rows]

    def calibration(self, models: str) -> str | None:
        """Fetch the calibration that was made with these models, as JSON; None without one."""
        rows = self._all("SELECT form FROM calibrations WHERE models = :models", models=models)
        return str(rows[0][0]) if rows else None

    def counts(self, build: int) -> dict[str, int]:
        """Count what a build holds and what of it could not be read."""
        pages = f"FROM pages JOIN documents ON key = document WHERE {IN_BUILD}"
        files = f"FROM files WHERE {IN_BUILD}"
        documents = f"FROM documents WHERE {IN_BUILD}"
        # A file none of whose pages is known counts as one.
        pageless = f"AND key NOT IN (SELECT file {documents})"
        queries = {
            "files": files,
            "documents": f"{documents} AND key IN (SELECT document FROM passages)",
            "pages": pages,
            "passages": f"FROM passages WHERE {IN_BUILD}",
            "pages_unread": f"{pages} AND state IN {UNREAD_PAGES}",
            "files_unread": f"{files} AND state IN {UNREAD_FILES} {pageless}",
        }
        return {
            name: self._one(f"SELECT count(*) {query}", build=build)
            for name, query in queries.items()
        }

    def _pages(self, document_key: int) -> list[Any]:
        return self._all(
            f"SELECT {PAGE_COLUMNS} FROM pages WHERE document = :key ORDER BY number",
            key=document_key,
        )

    def _all(self, sql: str, **values: Any) -> list[Any]:
        with self._lock:
            return self._connection.execute(sql, values).fetchall()

    def _one(self, sql: str, **values: Any) -> Any:
        return self._all(sql, **values)[0][0]


def connect(path: Path) -> sqlite3.Connection:
    """Open a SQLite file that threads may share, in autocommit mode, durable at each commit."""
    connection = sqlite3.connect(path, check_same_thread=False, isolation_level=None, timeout=30)
    try:
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
    except sqlite3.DatabaseError as error:
        connection.close()
        raise IndexLoadError(
            f"{path}: is damaged or no catalog ({error}); " + _MENDING.format(folder=path.parent)
        ) from error
    return connection
