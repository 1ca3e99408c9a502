"""One build in a catalog of its own, which stands alone: what an archive of an index holds."""

from collections.abc import Iterable, Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

from ctqa.config import LOCAL
from ctqa.index.catalog import IN_BUILD, Catalog
from ctqa.index.rows import Build, DocumentRow, Head
from ctqa.index.schema import damaged, never_completed, translated
from ctqa.index.writer import CatalogWriter, put_head

_DOCUMENTS = f"document IN (SELECT key FROM documents WHERE {IN_BUILD})"
# What of each table belongs to a build, in the order in which it is written.
_OF_BUILD = {
    "files": f"{IN_BUILD} ORDER BY key",
    "documents": f"{IN_BUILD} ORDER BY key",
    "pages": f"{_DOCUMENTS} ORDER BY document, number",
    "passages": f"{IN_BUILD} ORDER BY key",
    "acronyms": f"{_DOCUMENTS} ORDER BY document, rowid",
    "calibrations": "true ORDER BY models",
    "embeddings": "encoder = :encoder AND search_sha256 IN "
    f"(SELECT search_sha256 FROM passages WHERE {IN_BUILD}) ORDER BY search_sha256",
}
_BATCH = 500  # documents


def copy_build(folder: Path, target: Path) -> Build:
    """Copy the current build of an index, as it is at this moment, into a catalog in `target`.

    What is staged, older, or of another encoder stays behind, and so does where the documents lay.

    Raises:
        IndexLoadError: there is no index, or it is damaged.
        IndexWriteError: the copy cannot be written.

    """
    with closing(_Source.open(folder)) as source:
        builds = source.builds()
        if not builds:
            raise never_completed(folder)
        alone = builds[-1].config | {"store": LOCAL}
        build = replace(builds[-1], roots=(), checksums={}, config=alone)
        with closing(_Copy.open(target)) as copy:
            copy.stand_alone()
            for table in _OF_BUILD:
                columns = source.columns(table)
                copy.take(table, columns, source.rows(table, columns, build))
            copy.commit(build)
    return build


def adopted(folder: Path) -> CatalogWriter:
    """Open a catalog that holds one build and was checked, so that this build is committed anew."""
    catalog = _Copy.open(folder)
    try:
        catalog.uncommit()
    except BaseException:
        catalog.close()
        raise
    return catalog


class _Source(Catalog):
    """A catalog that a build is copied from."""

    def columns(self, table: str) -> list[str]:
        """Name the columns of a table in order."""
        return [name for (name,) in self._all("SELECT name FROM pragma_table_info(:t)", t=table)]

    def rows(self, table: str, columns: Iterable[str], build: Build) -> Iterator[tuple[Any, ...]]:
        """Go through what a build has in a table; no row ends with any build."""
        chosen = ", ".join("NULL" if name == "last_build" else f'"{name}"' for name in columns)
        values = {"build": build.number, "encoder": build.encoder.key}
        with translated(self.folder):
            yield from self._connection.execute(
                f"SELECT {chosen} FROM {table} WHERE {_OF_BUILD[table]}", values
            )


class _Copy(CatalogWriter):
    """A catalog that holds one build."""

    def stand_alone(self) -> None:
        """Keep all in the one file, with none beside it."""
        self._all("PRAGMA journal_mode = DELETE")

    def take(self, table: str, columns: Iterable[str], stored: Iterable[tuple[Any, ...]]) -> None:
        """Put rows as they were stored elsewhere."""
        names = [f'"{name}"' for name in columns]
        marks = ", ".join("?" * len(names))
        with self._transaction():
            self._connection.executemany(
                f"INSERT INTO {table} ({', '.join(names)}) VALUES ({marks})", stored
            )

    def uncommit(self) -> None:
        """Let the one build be the one to be committed next, from now on as any index has it."""
        head = Head(build=0, next=self.head().build)
        self._all("PRAGMA journal_mode = WAL")
        with self._transaction() as run:
            run("DELETE FROM builds")
            put_head(run, head)


class StrangersCatalog(Catalog):
    """A catalog of which nothing is known; what is wrong with it is told by name."""

    def check_pages(self) -> None:
        """Refuse a file that SQLite itself finds damaged.

        Raises:
            IndexLoadError: it is.

        """
        if self._one("PRAGMA integrity_check(1)") != "ok":
            raise damaged(self.folder, "its pages do not fit together")
        if self._one("PRAGMA encoding") != "UTF-8":
            raise damaged(self.folder, "its texts are not UTF-8")
        if self._all("PRAGMA foreign_key_check"):
            raise damaged(self.folder, "some of its rows belong to rows that are not there")

    def check_one_build(self, build: Build) -> None:
        """Refuse rows of any build but this one.

        Raises:
            IndexLoadError: there are some.

        """
        values = {"build": build.number, "encoder": build.encoder.key}
        for condition, what in _misfits():
            if self._one(f"SELECT EXISTS ({condition})", **values):
                raise damaged(self.folder, what)

    def check_types(self) -> None:
        """Refuse values of other types than their columns are declared to have.

        Raises:
            IndexLoadError: one was found.

        """
        for table in ("head", "builds", *_OF_BUILD):
            declared = self._all(
                "SELECT name, lower(type) FROM pragma_table_info(:t) WHERE name != 'last_build'",
                t=table,
            )
            wrong = " OR ".join(f"typeof(\"{name}\") != '{kind}'" for name, kind in declared)
            if self._one(f"SELECT count(*) FROM {table} WHERE {wrong}"):
                raise damaged(self.folder, f"values in {table} are not of their types")

    def all_document_rows(self) -> Iterator[DocumentRow]:
        """Go through the documents in the order of their keys."""
        after = -1
        while found := self._document_rows(
            "key > :after ORDER BY key LIMIT :most", after=after, most=_BATCH
        ):
            yield from found
            after = found[-1].key

    def calibrations(self) -> list[str]:
        """List the calibrations, as JSON."""
        found = self._all("SELECT models FROM calibrations ORDER BY models")
        return [form for (models,) in found if (form := self.calibration(models)) is not None]


def _misfits() -> Iterator[tuple[str, str]]:
    """Give queries for what a catalog of one build does not hold, and say what each finds."""
    for table in ("files", "documents", "passages"):
        yield (
            f"SELECT 1 FROM {table} WHERE key < 1 OR last_build IS NOT NULL OR NOT "
            "first_build BETWEEN 1 AND :build",
            f"some of its {table} are of another build",
        )
    for table in ("documents", "passages"):
        yield (
            f"SELECT 1 FROM {table} GROUP BY id HAVING count(*) > 1",
            f"two of its {table} have the same id",
        )
    yield (
        "SELECT 1 FROM embeddings WHERE encoder != :encoder OR search_sha256 NOT IN "
        "(SELECT search_sha256 FROM passages)",
        "some of its vectors are of no passage",
    )
