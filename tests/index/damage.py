"""A small index of two builds, ways to damage it, and all that can be read from it."""

import os
import shutil
import signal
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

from encoders import WordEncoder
from library import LAKES, TRAINS, build, write_texts

from ctqa.index import rows
from ctqa.index.build import keep_calibration
from ctqa.index.catalog import Catalog
from ctqa.index.doctor import mend
from ctqa.index.local import LocalIndex, open_index
from ctqa.index.repair import Repairer
from ctqa.index.rows import Build
from ctqa.index.seals import check_sum
from ctqa.models import Vectors

QUESTIONS = ("How deep is the lake?", "When does the night train leave?", "trust")
TRUST = "Boats\n\nThe primary care trust (PCT) lends boats. Nobody rows at night.\n"


def make_index(folder: Path) -> Path:
    """Build twice, a document being changed, one added and one removed between; keep a calibration.

    The documents lie in `folder`/documents, the index is `folder`/index.
    """
    documents = write_texts(folder / "documents", {"lakes.txt": LAKES, "old.txt": "It was so."})
    index = folder / "index"
    build(documents, index)
    (documents / "old.txt").unlink()
    (documents / "empty.txt").write_text("")
    write_texts(documents, {"trains.txt": TRAINS, "lakes.txt": LAKES + TRUST})
    build(documents, index)
    keep_calibration(index, "models", '{"slope": 1.0}')
    return index


def with_small_pages(index: Path) -> Path:
    """Lay a catalog out in pages of 512 bytes, so that fewer of its bytes are unused."""
    pragmas = "PRAGMA journal_mode = DELETE; PRAGMA page_size = 512; VACUUM"
    change(index, f"{pragmas}; PRAGMA journal_mode = WAL")
    return index


def copy_of(index: Path, to: Path) -> Path:
    """Copy an index, hard links and all, in place of a copy that was made before."""
    shutil.rmtree(to, ignore_errors=True)
    shutil.copytree(index, to)
    return to


def change(index: Path, sql: str) -> None:
    """Change a catalog behind CTQA's back."""
    with closing(sqlite3.connect(index / "catalog.db", isolation_level=None)) as connection:
        connection.execute("PRAGMA foreign_keys = OFF")
        connection.executescript(sql)


def change_sealed(index: Path, table: str, **values: Any) -> None:
    """Write other values into the first row of pages, passages or documents' texts, and seal it."""
    columns, name = _SEALED[table]
    with closing(sqlite3.connect(index / "catalog.db", isolation_level=None)) as connection:
        chosen = f"SELECT rowid, {columns} FROM {name} WHERE last_build IS NULL"
        if table == "pages":
            chosen = f"SELECT document, {columns} FROM pages WHERE document = 3"
        key, *row = connection.execute(chosen).fetchone()
        named = dict(zip((each.strip('" ') for each in columns.split(",")), row, strict=True))
        row = list((named | values).values())
        text = connection.execute(
            "SELECT text FROM documents WHERE key = ?", (named.get("document"),)
        ).fetchone()
        seal = {
            "pages": lambda: rows.seal_of_page(key, row),
            "bodies": lambda: rows.seal_of_body(row),
            "passages": lambda: rows.seal_of_passage(row, text[0][row[3] : row[4]]),
        }[table]()
        sets = ", ".join(f'"{column}" = :{column}' for column in values)
        where = "document = 3" if table == "pages" else f"rowid = {key}"
        column = "body_seal" if table == "bodies" else "seal"
        connection.execute(
            f"UPDATE {name} SET {sets}, {column} = :seal WHERE {where}", values | {"seal": seal}
        )


_SEALED = {
    "pages": (rows.PAGE_COLUMNS, "pages"),
    "bodies": (rows.BODY_COLUMNS, "documents"),
    "passages": (rows.PASSAGE_COLUMNS, "passages"),
}


def cache_sealed(index: Path, rowid: int, vector: Vectors) -> None:
    """Cache another vector, with its checksum."""
    blob = vector.astype("<f4").tobytes()
    with closing(sqlite3.connect(index / "catalog.db", isolation_level=None)) as connection:
        connection.execute(
            "UPDATE embeddings SET vector = ?, crc32 = ? WHERE rowid = ?",
            (blob, check_sum(blob), rowid),
        )


def derived(index: Path, build_number: int) -> list[Path]:
    """List the derived files of a build."""
    folder = index / "builds" / str(build_number)
    found = [path for path in folder.rglob("*") if path.is_file()]
    return sorted(path for path in found if not path.name.startswith(".tantivy"))


def readable(index: Path) -> list[Any]:
    """Give all that can be read from an index, of the current build and of the one before."""
    opened = open_index(index)
    try:
        found = list(_of_index(opened))
    finally:
        opened.close()
    with closing(Catalog.open(index)) as catalog:
        for each in catalog.builds():
            found += _of_build(catalog, each)
    return found


def _of_index(index: LocalIndex) -> Iterator[Any]:
    yield index.build, index.sources(), index.status(), index.ledger(), index.calibration("models")
    for question in QUESTIONS:
        yield index.lexical(question, 9), index.acronyms.of_short("PCT"), index.holding(question)
        yield index.dense(WordEncoder().encode_queries([question]), 9)
    for source in index.sources():
        yield index.document(source.id), index.newer_edition(source.id)
        yield index.passages(index.keys_of([source.id])), index.page_at(source.id, 9)


def _of_build(catalog: Catalog, build: Build) -> Iterator[Any]:
    keys = catalog.keys(build.number)
    yield build, keys, catalog.passages(keys), catalog.vectors_of(build.encoder, keys).tolist()
    yield catalog.files(build.number), catalog.ledger(build.number), catalog.acronyms(build.number)
    yield catalog.facets(build.number), catalog.counts(build.number)
    yield [catalog.document(build.number, name) for name in catalog.document_ids(build.number)]


def mend_and_die(step: str, index: Path) -> None:
    """Mend, and die without a word at a step; for a child process."""

    def die(*_: object, **__: object) -> None:
        os.kill(os.getpid(), signal.SIGKILL)

    setattr(Repairer, step, die)
    mend(index, load_encoder=lambda *_, **__: WordEncoder())
