"""Archives of indexes for tests: taken apart, and put together again as a stranger might."""

import json
import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from library import TEXTS, build, write_texts

from ctqa.index import rows
from ctqa.index.archive import export_index
from ctqa.index.schema import FILE_NAME

TABLES = (*("files", "documents", "pages", "passages", "acronyms", "calibrations", "embeddings"),)
BOATS = "\nBoats\n\nBoats may not land. The primary care trust (PCT) owns the island.\n"
Change = Callable[[sqlite3.Connection], object]


@dataclass(frozen=True)
class Parts:
    """What an archive is made of."""

    manifest: dict[str, Any]
    catalog: bytes

    @classmethod
    def of(cls, path: Path) -> "Parts":
        with ZipFile(path) as opened:
            return cls(json.loads(opened.read("manifest.json")), opened.read(FILE_NAME))

    def with_catalog(self, catalog: bytes) -> "Parts":
        """Put another catalog in, and say the right things of it."""
        member = {"size": len(catalog), "sha256": sha256(catalog).hexdigest()}
        return Parts(self.manifest | {"members": {FILE_NAME: member}}, catalog)

    def changed(self, folder: Path, change: str | Change) -> "Parts":
        """Change the catalog by SQL or by a function of the connection."""
        path = folder / "changed.db"
        path.write_bytes(self.catalog)
        with closing(sqlite3.connect(path, isolation_level=None)) as connection:
            if isinstance(change, str):
                connection.executescript(change)
            else:
                change(connection)
        return self.with_catalog(path.read_bytes())

    def write(self, path: Path) -> Path:
        """Write them as an archive."""
        return write_zip(
            path, ("manifest.json", json.dumps(self.manifest)), (FILE_NAME, self.catalog)
        )


def make_archive(folder: Path) -> Path:
    """Export a small index, which lies in "index" beside its archive."""
    texts = {"lakes.txt": TEXTS["lakes.txt"] + BOATS, "trains.txt": TEXTS["sub/trains.txt"]}
    build(write_texts(folder / "documents", texts), folder / "index")
    export_index(folder / "index", folder / "good.zip")
    return folder / "good.zip"


def write_zip(path: Path, *members: tuple[str | ZipInfo, bytes | str]) -> Path:
    """Write a ZIP of these members."""
    data = BytesIO()
    with ZipFile(data, "w", ZIP_DEFLATED) as packed:
        for name, content in members:
            packed.writestr(name, content)
    path.write_bytes(data.getvalue())
    return path


def reseal(connection: sqlite3.Connection, table: str, columns: str) -> None:
    """Seal all rows of a table anew, as whoever knows CTQA can."""
    seals = {
        "builds": rows.seal_of_build,
        "files": rows.seal_of_file,
        "documents": rows.seal_of_document,
        "acronyms": rows.seal_of_acronym,
    }
    for key, *values in connection.execute(f"SELECT rowid, {columns} FROM {table}").fetchall():
        connection.execute(
            f"UPDATE {table} SET seal = ? WHERE rowid = ?", (seals[table](values), key)
        )


def reseal_bodies(connection: sqlite3.Connection) -> None:
    """Seal the texts of all documents anew."""
    for values in connection.execute(f"SELECT {rows.BODY_COLUMNS} FROM documents").fetchall():
        connection.execute(
            "UPDATE documents SET body_seal = ? WHERE key = ?",
            (rows.seal_of_body(values), values[0]),
        )


def reseal_pages(connection: sqlite3.Connection) -> None:
    """Seal all pages anew."""
    listed = f"SELECT document, {rows.PAGE_COLUMNS} FROM pages"
    for document, *values in connection.execute(listed).fetchall():
        connection.execute(
            "UPDATE pages SET seal = ? WHERE document = ? AND number IS ?",
            (rows.seal_of_page(document, values), document, values[0]),
        )


def reseal_passages(connection: sqlite3.Connection) -> None:
    """Seal all passages anew."""
    texts = dict(connection.execute("SELECT key, text FROM documents"))
    for values in connection.execute(f"SELECT {rows.PASSAGE_COLUMNS} FROM passages").fetchall():
        ranged = type(values[3]) is type(values[4]) is int
        text = texts.get(values[2], "")[values[3] : values[4]] if ranged else ""
        connection.execute(
            "UPDATE passages SET seal = ? WHERE key = ?",
            (rows.seal_of_passage(values, text), values[0]),
        )


def content(index: Path) -> dict[str, list[Any]]:
    """Give all that an index's catalog holds of documents."""
    with closing(sqlite3.connect(index / FILE_NAME)) as connection:
        found = {
            table: sorted(connection.execute(f"SELECT * FROM {table}").fetchall())
            for table in TABLES
        }
        builds = "SELECT number, created_at, roots, config, encoder, counts FROM builds"
        return found | {"builds": connection.execute(builds).fetchall()}
