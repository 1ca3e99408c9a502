"""Writing the catalog: staging what a build will hold, and the commit that makes it visible."""

import hashlib
import json
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Self

import numpy as np

from ctqa.index.acronyms import mine
from ctqa.index.catalog import FILE_NAME, FORMAT, IN_BUILD, Catalog, connect
from ctqa.index.rows import Build
from ctqa.models import EncoderIdentity, Vectors
from ctqa.records import Document, Passage, Sentence, SourceFile
from ctqa.sources import FoundFile

Run = Callable[..., sqlite3.Cursor]
_SCHEMA = """
CREATE TABLE builds (
    number INTEGER PRIMARY KEY, created_at TEXT NOT NULL, roots TEXT NOT NULL, config TEXT NOT NULL,
    encoder TEXT NOT NULL, libraries TEXT NOT NULL, checksums TEXT NOT NULL);
CREATE TABLE files (
    key INTEGER PRIMARY KEY, id TEXT NOT NULL, path TEXT NOT NULL, sha256 TEXT NOT NULL,
    size INTEGER NOT NULL, state TEXT NOT NULL, reason TEXT NOT NULL, recipe TEXT NOT NULL,
    first_build INTEGER NOT NULL, last_build INTEGER);
CREATE TABLE documents (
    key INTEGER PRIMARY KEY, file INTEGER NOT NULL REFERENCES files(key), id TEXT NOT NULL,
    source TEXT NOT NULL, layout TEXT NOT NULL, text TEXT NOT NULL, sections TEXT NOT NULL,
    asides TEXT NOT NULL, first_build INTEGER NOT NULL, last_build INTEGER);
CREATE TABLE pages (
    document INTEGER NOT NULL REFERENCES documents(key), number INTEGER NOT NULL,
    start INTEGER NOT NULL, "end" INTEGER NOT NULL, state TEXT NOT NULL, reason TEXT NOT NULL,
    label TEXT NOT NULL, extractor TEXT NOT NULL, PRIMARY KEY (document, number)) WITHOUT ROWID;
CREATE TABLE passages (
    key INTEGER PRIMARY KEY, id TEXT NOT NULL, document INTEGER NOT NULL REFERENCES documents(key),
    start INTEGER NOT NULL, "end" INTEGER NOT NULL, page INTEGER NOT NULL, section TEXT NOT NULL,
    sentences TEXT NOT NULL, search_text TEXT NOT NULL, search_sha256 BLOB NOT NULL,
    first_build INTEGER NOT NULL, last_build INTEGER);
CREATE TABLE acronyms (
    document INTEGER NOT NULL REFERENCES documents(key), short TEXT NOT NULL, long TEXT NOT NULL,
    start INTEGER NOT NULL, "end" INTEGER NOT NULL);
CREATE TABLE calibrations (
    models TEXT PRIMARY KEY, form TEXT NOT NULL);
CREATE TABLE embeddings (
    encoder TEXT NOT NULL, search_sha256 BLOB NOT NULL, vector BLOB NOT NULL,
    UNIQUE (encoder, search_sha256));
CREATE INDEX documents_by_file ON documents(file);
CREATE INDEX documents_by_id ON documents(id);
CREATE INDEX passages_by_document ON passages(document);
CREATE INDEX acronyms_by_document ON acronyms(document);
CREATE INDEX passages_by_search ON passages(search_sha256);
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class SplitDocument:
    """A document with its passages, their search copies made."""

    document: Document
    passages: tuple[Passage, ...]


class CatalogWriter(Catalog):
    """The one connection that writes; its owner holds the index's lock."""

    @classmethod
    def open(cls, folder: Path) -> Self:
        """Open for writing; makes the folder and an empty catalog where there is none."""
        folder.mkdir(parents=True, exist_ok=True)
        catalog = cls(connect(folder / FILE_NAME), folder)
        if not catalog._one("SELECT count(*) FROM sqlite_master"):
            catalog._connection.executescript(
                f"PRAGMA journal_mode = WAL; BEGIN; {_SCHEMA} "
                f"PRAGMA user_version = {FORMAT}; COMMIT;"
            )
        catalog.check_format()
        return catalog

    def revive(self, build: int) -> None:
        """Let what was to end with the builds from `build` on go on: their end was not committed.

        What a stopped writer staged for the next build stays there, for that build to take over.
        """
        with self._transaction() as run:
            for table in ("files", "documents", "passages"):
                run(f"UPDATE {table} SET last_build = NULL WHERE last_build >= :n", n=build)

    def unstage(self, build: int, keys: Iterable[int]) -> None:
        """Remove files that were staged for a build, with all they hold."""
        with self._transaction() as run:
            for key in keys:
                _delete(run, "first_build = :build AND file = :file", build=build, file=key)
                run(
                    "DELETE FROM files WHERE key = :file AND first_build = :build",
                    build=build,
                    file=key,
                )

    def forget_before(self, build: int) -> None:
        """Remove builds before `build` and the rows that belong to none that is left."""
        with self._transaction() as run:
            run("DELETE FROM builds WHERE number < :build", build=build)
            _delete(run, "last_build < :build", build=build)
            run("DELETE FROM files WHERE last_build < :build", build=build)

    def stage_file(
        self,
        build: int,
        found: FoundFile,
        read: SourceFile,
        recipe: str,
        documents: Iterable[SplitDocument],
    ) -> None:
        """Write a file of a build to come, with its documents and passages."""
        with self._transaction() as run:
            key = run(
                "INSERT INTO files (id, path, sha256, size, state, reason, recipe, first_build) "
                "VALUES (:id, :path, :sha256, :size, :state, :reason, :recipe, :build)",
                id=found.id,
                path=read.path,
                sha256=read.sha256,
                size=read.size,
                state=read.state,
                reason=read.reason,
                recipe=recipe,
                build=build,
            ).lastrowid
            for split in documents:
                self._stage_document(build, key, split)

    def _stage_document(self, build: int, file_key: int | None, split: SplitDocument) -> None:
        document = split.document
        key = self._connection.execute(
            "INSERT INTO documents (file, id, source, layout, text, sections, asides, first_build) "
            "VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            (
                file_key,
                document.id,
                json.dumps(asdict(document.source)),
                document.layout,
                document.text,
                json.dumps([[s.path, s.start, s.end] for s in document.sections]),
                json.dumps([[s.start, s.end] for s in document.asides]),
                build,
            ),
        ).lastrowid
        self._connection.executemany(
            "INSERT INTO pages VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            [
                (key, p.number, p.start, p.end, p.state, p.reason, p.label, p.extractor)
                for p in document.pages
            ],
        )
        self._connection.executemany(
            "INSERT INTO acronyms VALUES (?, ?, ?, ?, ?)",
            [(key, a.short, a.long, a.start, a.end) for a in mine(document.text)],
        )
        self._connection.executemany(
            'INSERT INTO passages (id, document, start, "end", page, section, sentences, '
            "search_text, search_sha256, first_build) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            [
                (
                    passage.id,
                    key,
                    passage.start,
                    passage.end,
                    passage.page,
                    json.dumps(passage.section),
                    json.dumps(
                        [
                            [s.start, s.end, s.kind, s.page, s.lead, s.mended]
                            for s in passage.sentences
                        ]
                    ),
                    passage.search_text,
                    hashlib.sha256(passage.search_text.encode()).digest(),
                    build,
                )
                for passage in split.passages
            ],
        )

    def end_files(self, build: int, keys: Iterable[int]) -> None:
        """Let files, with all they hold, end with a build; readers of that build still see them."""
        with self._transaction() as run:
            for key in keys:
                run("UPDATE files SET last_build = :n WHERE key = :key", n=build, key=key)
                run("UPDATE documents SET last_build = :n WHERE file = :key", n=build, key=key)
                run(
                    "UPDATE passages SET last_build = :n WHERE document IN "
                    "(SELECT key FROM documents WHERE file = :key)",
                    n=build,
                    key=key,
                )

    def commit(self, build: Build) -> None:
        """Make a build the current one: the commit point."""
        with self._transaction() as run:
            run(
                "INSERT INTO builds "
                "VALUES (:n, :at, :roots, :config, :encoder, :libraries, :checksums)",
                n=build.number,
                at=build.created_at,
                roots=json.dumps(build.roots),
                config=json.dumps(build.config),
                encoder=json.dumps(asdict(build.encoder)),
                libraries=json.dumps(build.libraries),
                checksums=json.dumps(build.checksums, sort_keys=True),
            )

    def unencoded(self, build: int, encoder: EncoderIdentity) -> list[int]:
        """List one passage key for each search text of a build that has no cached vector."""
        rows = self._all(
            f"SELECT min(key) FROM passages WHERE {IN_BUILD} AND NOT EXISTS (SELECT 1 FROM "
            "embeddings e WHERE e.encoder = :encoder AND e.search_sha256 = passages.search_sha256) "
            "GROUP BY search_sha256 ORDER BY 1",
            build=build,
            encoder=encoder.key,
        )
        return [key for (key,) in rows]

    def search_texts(self, keys: Iterable[int]) -> list[str]:
        """Fetch the search texts of passages, in the order of their keys."""
        rows = self._all(
            "SELECT search_text FROM passages WHERE key IN (SELECT value FROM json_each(:keys)) "
            "ORDER BY key",
            keys=json.dumps(list(keys)),
        )
        return [text for (text,) in rows]

    def terms(self, build: int) -> Iterator[tuple[int, str]]:
        """Go through a build's passage keys and search texts, in the order of the passages' ids."""
        yield from self._connection.execute(
            f"SELECT key, search_text FROM passages WHERE {IN_BUILD} ORDER BY id",
            {"build": build},
        )

    def cache_vectors(
        self, encoder: EncoderIdentity, texts: Sequence[str], vectors: Vectors
    ) -> None:
        """Keep vectors, (n, dimension) float32, under the hashes of the texts they stand for."""
        with self._transaction():
            self._connection.executemany(
                "INSERT OR REPLACE INTO embeddings VALUES (?, ?, ?)",
                [
                    (
                        encoder.key,
                        hashlib.sha256(text.encode()).digest(),
                        vector.astype("<f4").tobytes(),
                    )
                    for text, vector in zip(texts, vectors, strict=True)
                ],
            )

    def vectors(
        self, build: int, encoder: EncoderIdentity, size: int = 4096
    ) -> Iterator[tuple[list[int], Vectors]]:
        """Go through a build's passage keys and vectors, in the order of the passages' ids."""
        cursor = self._connection.execute(
            "SELECT key, vector FROM passages JOIN embeddings USING (search_sha256) "
            f"WHERE encoder = :encoder AND {IN_BUILD} ORDER BY id",
            {"build": build, "encoder": encoder.key},
        )
        while rows := cursor.fetchmany(size):
            flat = np.frombuffer(b"".join(vector for _, vector in rows), dtype="<f4")
            yield [key for key, _ in rows], flat.reshape(len(rows), encoder.dimension)

    def keep_calibration(self, models: str, form: str) -> None:
        """Keep a calibration, as JSON, in place of the one made with the same models before."""
        with self._transaction() as run:
            run(
                "INSERT OR REPLACE INTO calibrations VALUES (:models, :form)",
                models=models,
                form=form,
            )

    @contextmanager
    def _transaction(self) -> Iterator[Run]:
        def run(sql: str, **values: Any) -> sqlite3.Cursor:
            return self._connection.execute(sql, values)

        run("BEGIN IMMEDIATE")
        try:
            yield run
        except BaseException:
            run("ROLLBACK")
            raise
        run("COMMIT")


def _stored(sentence: Sentence) -> tuple[int, int, str, int, str, str]:
    s = sentence
    return s.start, s.end, s.kind, s.page, s.lead, s.mended


def _delete(run: Run, condition: str, **values: int) -> None:
    """Remove the documents of a condition, with their pages, acronyms and passages."""
    chosen = f"SELECT key FROM documents WHERE {condition}"
    for table in ("pages", "acronyms", "passages"):
        run(f"DELETE FROM {table} WHERE document IN ({chosen})", **values)
    run(f"DELETE FROM documents WHERE {condition}", **values)
