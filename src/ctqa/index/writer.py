"""Writing the catalog: staging what a build will hold, and the commit that makes it visible."""

import json
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import fields, replace
from hashlib import sha256
from pathlib import Path
from typing import Any, Self

from ctqa.index import rows
from ctqa.index.catalog import IN_BUILD, LEXICAL_TEXT, Catalog
from ctqa.index.rows import Build, FileRow, Head
from ctqa.index.schema import FILE_NAME, FORMAT, SCHEMA, connect, translated
from ctqa.index.sealed import refuse_lost
from ctqa.index.seals import Value, check_sum
from ctqa.index.staged import SplitDocument, StagedRows
from ctqa.models import EncoderIdentity, Vectors
from ctqa.records import SourceFile
from ctqa.sources import FoundFile

Run = Callable[..., sqlite3.Cursor]
_NEW = "last_build IS NULL AND first_build = :build"  # what a build to come begins with
_PASSAGES_AT_ONCE = 256  # about what one transaction of staging writes
_FILE_FIELDS = tuple(field.name for field in fields(FileRow))
_OF_BUILD = ("files", "documents", "passages")  # tables whose rows come and go with builds


def _nothing() -> None:
    """Do nothing between two portions."""


class CatalogWriter(Catalog):
    """The one connection that writes; its owner holds the index's lock."""

    @classmethod
    def open(cls, folder: Path) -> Self:
        """Open for writing; makes the folder and an empty catalog where there is none.

        Raises:
            IndexWriteError: it cannot be written to.
            IndexLoadError: it is damaged, lost while builds remain, or of another format.

        """
        catalog = cls(connect(folder / FILE_NAME, write=True), folder)
        try:
            if catalog._is_empty():
                refuse_lost(folder)
                catalog._make()
            catalog.check_format()
        except BaseException:
            catalog.close()
            raise
        return catalog

    def _make(self) -> None:
        head = Head(build=0, next=1)
        seal = rows.seal_of_head(head).hex()
        with translated(self.folder):
            self._connection.executescript(
                f"PRAGMA journal_mode = WAL; BEGIN; {SCHEMA} PRAGMA user_version = {FORMAT}; "
                f"INSERT INTO head VALUES ({head.build}, {head.next}, x'{seal}'); COMMIT;"
            )

    def revive(self, build: int) -> None:
        """Let what was to end with the builds from `build` on go on: their end was not committed.

        What a stopped writer staged for the next build stays there, for that build to take over.
        """
        with self._transaction() as run:
            for table in _OF_BUILD:
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
            before = {each.encoder.key for each in self.builds()}
            run("DELETE FROM builds WHERE number < :build", build=build)
            unused = before - {each.encoder.key for each in self.builds()}
            _forget_vectors(run, build, unused)
            _delete(run, "last_build < :build", build=build)
            run("DELETE FROM files WHERE last_build < :build", build=build)

    def stage_file(
        self,
        build: int,
        found: FoundFile,
        read: SourceFile,
        recipe: str,
        documents: Iterable[SplitDocument],
        between: Callable[[], object] = _nothing,
    ) -> None:
        """Write a file of a build to come, with its documents and passages.

        They are written a few hundred passages at a time, and `between` is called after each. A
        file that is not yet whole has no recipe, so that no build ever takes it over.
        """
        row = FileRow(
            key=0,
            id=found.id,
            path=read.path,
            sha256=read.sha256,
            size=read.size,
            state=read.state,
            reason=read.reason,
            recipe="",
            documents=0,
            first_build=build,
        )
        for portion, is_last in _portions(documents):
            row = replace(row, documents=row.documents + len(portion))
            row = self._stage_portion(replace(row, recipe=recipe) if is_last else row, portion)
            between()

    def _stage_portion(self, row: FileRow, portion: Sequence[SplitDocument]) -> FileRow:
        """Write some of a file's documents, and its row as it then is; give that."""
        with self._transaction() as run:
            key = row.key or int(self._one("SELECT coalesce(max(key), 0) + 1 FROM files"))
            row = replace(row, key=key)
            values = tuple(getattr(row, name) for name in _FILE_FIELDS)
            _insert(run, "files", rows.FILE_COLUMNS, values, rows.seal_of_file)
            staged = StagedRows(
                build=row.first_build,
                file=key,
                document=int(self._one("SELECT coalesce(max(key), 0) + 1 FROM documents")),
                passage=self._next_passage_key(),
            )
            for split in portion:
                staged.add(split)
            for table, columns, stored in staged.tables():
                self._put(table, columns, stored)
        return row

    def _next_passage_key(self) -> int:
        """Give a key that no passage ever had: derived files may still hold those of the gone."""
        found = self._all("SELECT seq FROM sqlite_sequence WHERE name = 'passages'")
        return int(found[0][0]) + 1 if found else 1

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
            _insert(run, "builds", rows.BUILD_COLUMNS, build.values(), rows.seal_of_build)
            put_head(run, Head(build=build.number, next=build.number + 1))

    def roll_back(self, to: Build) -> None:
        """Make the build before the current one current again; what came with the latter is gone.

        What was encoded for it stays in the cache, what a stopped writer staged as it is.
        """
        with self._transaction() as run:
            gone = self.head().build
            _delete(run, "first_build = :gone", gone=gone)
            run("DELETE FROM files WHERE first_build = :gone", gone=gone)
            for table in _OF_BUILD:
                run(f"UPDATE {table} SET last_build = NULL WHERE last_build >= :n", n=to.number)
            run("DELETE FROM builds WHERE number > :n", n=to.number)
            put_head(run, Head(build=to.number, next=self.head().next))

    def unencoded(self, build: int, encoder: EncoderIdentity) -> list[int]:
        """List one passage key for each search text of a build that has no cached vector."""
        found = self._all(
            f"SELECT min(key) FROM passages WHERE {IN_BUILD} AND NOT EXISTS (SELECT 1 FROM "
            "embeddings e WHERE e.encoder = :encoder AND e.search_sha256 = passages.search_sha256) "
            "GROUP BY search_sha256 ORDER BY 1",
            build=build,
            encoder=encoder.key,
        )
        return [key for (key,) in found]

    def staged_texts(
        self, build: int, encoder: EncoderIdentity, after: int, most: int
    ) -> list[tuple[int, str | None]]:
        """List what is staged after a passage's key, by its key: keys and search texts.

        None: a vector of that text is in the cache.
        """
        return self._all(
            f"SELECT key, CASE WHEN EXISTS (SELECT 1 FROM embeddings e WHERE e.encoder = :encoder "
            "AND e.search_sha256 = passages.search_sha256) THEN NULL ELSE search_text END "
            f"FROM passages WHERE {_NEW} AND key > :after ORDER BY key LIMIT :most",
            build=build,
            encoder=encoder.key,
            after=after,
            most=most,
        )

    def count_staged(self, build: int) -> int:
        """Count the passages that a build to come is the first to hold."""
        return int(self._one(f"SELECT count(*) FROM passages WHERE {_NEW}", build=build))

    def search_texts(self, keys: Iterable[int]) -> list[str]:
        """Fetch the search texts of passages, in the order of their keys."""
        found = self._all(
            "SELECT search_text FROM passages WHERE key IN (SELECT value FROM json_each(:keys)) "
            "ORDER BY key",
            keys=json.dumps(list(keys)),
        )
        return [text for (text,) in found]

    def new_keys(self, build: int) -> list[int]:
        """List the keys of the passages that a build to come is the first to hold, rising."""
        found = self._all(f"SELECT key FROM passages WHERE {_NEW} ORDER BY key", build=build)
        return [key for (key,) in found]

    def ended_keys(self, build: int) -> list[int]:
        """List the keys of the passages that a build is the last to hold, rising."""
        found = self._all("SELECT key FROM passages WHERE last_build = :n ORDER BY key", n=build)
        return [key for (key,) in found]

    def terms(self, build: int, first: int) -> Iterator[tuple[int, str]]:
        """Go through the passages of a build to come that came with the builds from `first` on.

        By passage id: the key, and what is searched by its words, which is its search copy with
        what the file's name says where the document has no title of its own.
        """
        with translated(self.folder):
            yield from self._connection.execute(
                f"SELECT p.key, {LEXICAL_TEXT} FROM passages p CROSS JOIN documents d ON d.key = "
                "p.document "
                "WHERE p.last_build IS NULL AND p.first_build BETWEEN :first AND :build "
                "ORDER BY p.id",
                {"build": build, "first": first},
            )

    def cache_vectors(
        self, encoder: EncoderIdentity, texts: Sequence[str], vectors: Vectors
    ) -> None:
        """Keep vectors, (n, dimension) float32, under the hashes of the texts they stand for."""
        stored = []
        for text, vector in zip(texts, vectors, strict=True):
            blob = vector.astype("<f4").tobytes()
            stored.append((encoder.key, sha256(text.encode()).digest(), check_sum(blob), blob))
        with self._transaction():
            self._connection.executemany(
                "INSERT OR REPLACE INTO embeddings VALUES (?, ?, ?, ?)", stored
            )

    def keep_calibration(self, models: str, form: str) -> None:
        """Keep a calibration, as JSON, in place of the one made with the same models before."""
        with self._transaction() as run:
            run(
                "INSERT OR REPLACE INTO calibrations VALUES (:models, :form, :seal)",
                models=models,
                form=form,
                seal=rows.seal_of_calibration(models, form),
            )

    def _put(self, table: str, columns: str, stored: Sequence[Sequence[Value]]) -> None:
        marks = ", ".join("?" * (columns.count(",") + 1))
        self._connection.executemany(f"INSERT INTO {table} ({columns}) VALUES ({marks})", stored)

    @contextmanager
    def _transaction(self) -> Iterator[Run]:
        def run(sql: str, **values: Any) -> sqlite3.Cursor:
            return self._connection.execute(sql, values)

        with translated(self.folder):
            try:
                run("BEGIN IMMEDIATE")
                yield run
                run("COMMIT")
            except BaseException:
                if self._connection.in_transaction:
                    self._connection.rollback()
                raise


def _portions(
    documents: Iterable[SplitDocument],
) -> Iterator[tuple[Sequence[SplitDocument], bool]]:
    """Give documents a portion at a time, each with whether it is the last; one without any."""
    portion: list[SplitDocument] = []
    held = 0  # passages
    for split in documents:
        if held >= _PASSAGES_AT_ONCE:
            yield portion, False
            portion, held = [], 0
        portion.append(split)
        held += len(split.passages)
    yield portion, True


def _insert(
    run: Run,
    table: str,
    columns: str,
    values: Sequence[Value],
    seal: Callable[[Iterable[Value]], bytes],
) -> None:
    """Put one sealed row, in place of one of the same key."""
    named = {f"v{place}": value for place, value in enumerate((*values, seal(values)))}
    marks = ", ".join(f":{name}" for name in named)
    run(f"INSERT OR REPLACE INTO {table} ({columns}, seal) VALUES ({marks})", **named)


def put_head(run: Run, head: Head) -> None:
    """Note which build is the current one, within a transaction."""
    run(
        "UPDATE head SET build = :build, next = :next, seal = :seal",
        build=head.build,
        next=head.next,
        seal=rows.seal_of_head(head),
    )


def _forget_vectors(run: Run, build: int, encoders: Iterable[str]) -> None:
    """Remove the vectors of passages that end before a build, and of encoders that none has."""
    run(
        "DELETE FROM embeddings WHERE search_sha256 IN (SELECT gone.search_sha256 FROM passages "
        "gone WHERE gone.last_build < :build AND NOT EXISTS (SELECT 1 FROM passages p WHERE "
        "p.search_sha256 = gone.search_sha256 AND (p.last_build IS NULL OR p.last_build >= :build)"
        "))",
        build=build,
    )
    for encoder in encoders:
        run("DELETE FROM embeddings WHERE encoder = :encoder", encoder=encoder)


def _delete(run: Run, condition: str, **values: int) -> None:
    """Remove the documents of a condition, with their pages, acronyms and passages."""
    chosen = f"SELECT key FROM documents WHERE {condition}"
    for table in ("pages", "acronyms", "passages"):
        run(f"DELETE FROM {table} WHERE document IN ({chosen})", **values)
    run(f"DELETE FROM documents WHERE {condition}", **values)
