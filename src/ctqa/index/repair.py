"""Mending's side of the catalog: what is damaged is taken out, what SQLite derives is made anew."""

import shutil
import sqlite3
from collections.abc import Iterable
from contextlib import closing
from pathlib import Path
from typing import Any, Self

from ctqa.errors import CtqaError, IndexLoadError
from ctqa.index import rows
from ctqa.index.catalog import IN_BUILD, Catalog
from ctqa.index.rows import Build
from ctqa.index.schema import FILE_NAME, FORMAT, SCHEMA, cannot_write, translated
from ctqa.index.verify_catalog import as_text
from ctqa.index.verify_findings import shown
from ctqa.index.verify_sqlite import sorted_faults
from ctqa.index.writer import CatalogWriter

_PARENTS = (  # tables whose rows belong to rows of another, the outer first
    ("documents", "file", "files"),
    ("pages", "document", "documents"),
    ("acronyms", "document", "documents"),
    ("passages", "document", "documents"),
)


_BESIDE = "mending"  # the folder that a catalog is written anew in
_TABLES = "SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name = 'sqlite_sequence'"
_PLAIN = "NOT INDEXED WHERE true"  # row by row: SQLite would copy whole indexes with a table


class _NotSoundError(Exception):
    """What was tried does not make the catalog's structure sound."""


class Repairer(CatalogWriter):
    """A catalog's writer that removes what cannot be believed; its owner holds the index's lock."""

    @classmethod
    def open(cls, folder: Path) -> Self:
        """Open for mending; what is no text can be read as well.

        Raises:
            IndexWriteError: it cannot be written to.
            IndexLoadError: its structure is damaged, or it is of another format.

        """
        catalog = super().open(folder)
        catalog._connection.text_factory = as_text
        return catalog

    def reindex(self) -> bool:
        """Make SQLite's indexes anew; tell whether the catalog's structure is sound with them.

        Where it is not, nothing is changed.
        """
        try:
            with self._transaction() as run:
                run("REINDEX")
                if any(self._faults()):
                    raise _NotSoundError
        except (CtqaError, _NotSoundError):
            return False
        return True

    def _faults(self) -> list[str]:
        told = [str(told) for (told,) in self._all("PRAGMA integrity_check")]
        _, made, rest = sorted_faults(told)
        return made + rest

    def write_anew(self) -> bool:
        """Write all rows anew, as a new file's; tell whether that is sound and no row is lost.

        Where it is not, nothing is changed. Readers go on: the pages are exchanged by one commit.
        """
        beside = self.folder / _BESIDE
        shutil.rmtree(beside, ignore_errors=True)
        try:
            beside.mkdir()
            with translated(self.folder), closing(self._copied(beside / FILE_NAME)) as copy:
                whole = _is_whole(copy, beside)
                if whole:
                    copy.backup(self._connection)
                return whole
        except OSError as error:
            raise cannot_write(self.folder, str(error)) from error
        except IndexLoadError:
            return False  # a row cannot be read
        finally:
            shutil.rmtree(beside, ignore_errors=True)

    def _copied(self, path: Path) -> sqlite3.Connection:
        """Copy all rows that SQLite can reach without an index into a new catalog."""
        copy = sqlite3.connect(path, isolation_level=None)
        copy.executescript(
            f"PRAGMA page_size = {self._one('PRAGMA page_size')}; PRAGMA journal_mode = OFF; "
            f"{SCHEMA} PRAGMA user_version = {FORMAT};"
        )
        tables = [name for (name,) in copy.execute(_TABLES)]
        self._all("ATTACH :path AS copy", path=str(path))
        try:
            for table in tables:
                self._all(f"DELETE FROM copy.{table}")
                self._all(f"INSERT OR IGNORE INTO copy.{table} SELECT * FROM main.{table} {_PLAIN}")
        except BaseException:
            copy.close()
            raise
        finally:
            self._all("DETACH copy")
        return copy

    def note_last_key(self, key: int) -> None:
        """Note the largest key that a passage ever had."""
        with self._transaction() as run:
            run("DELETE FROM sqlite_sequence WHERE name = 'passages'")
            run("INSERT INTO sqlite_sequence VALUES ('passages', :key)", key=key)

    def remove_calibrations(self) -> int:
        """Remove the calibrations that are not as they were written; give how many."""
        stored = self._all("SELECT rowid, models, form, seal FROM calibrations")
        wrong = [r for r, *values, seal in stored if seal != rows.seal_of_calibration(*values)]
        with self._transaction() as run:
            for rowid in wrong:
                run("DELETE FROM calibrations WHERE rowid = :rowid", rowid=rowid)
        return len(wrong)

    def remove_orphans(self) -> int:
        """Remove rows whose file or document is not there; give how many."""
        removed = 0
        with self._transaction() as run:
            for table, column, parent in _PARENTS:
                removed += run(
                    f"DELETE FROM {table} WHERE {column} IS NULL OR {column} NOT IN (SELECT key "
                    f"FROM {parent})"
                ).rowcount
        return removed

    def remove_unused_vectors(self) -> int:
        """Remove the cached vectors that are no passage's; give how many."""
        with self._transaction() as run:
            return run(
                "DELETE FROM embeddings WHERE NOT EXISTS (SELECT 1 FROM passages p WHERE "
                "p.search_sha256 = embeddings.search_sha256)"
            ).rowcount

    def remove_vectors(self, rowids: Iterable[int]) -> None:
        """Remove cached vectors."""
        with self._transaction() as run:
            for rowid in rowids:
                run("DELETE FROM embeddings WHERE rowid = :rowid", rowid=rowid)

    def sealed_builds(self) -> list[Build]:
        """List the builds whose rows are as they were written, oldest first."""
        return [rows.build_from(values) for values, whole in self._build_rows() if whole]

    def drop_unsealed_builds(self) -> int:
        """Remove the rows of builds that are not as they were written; give how many."""
        wrong = [values[0] for values, whole in self._build_rows() if not whole]
        with self._transaction() as run:
            for number in wrong:
                run("DELETE FROM builds WHERE number = :number", number=number)
        return len(wrong)

    def _build_rows(self) -> list[tuple[list[Any], bool]]:
        stored = self._all(f"SELECT {rows.BUILD_COLUMNS}, seal FROM builds ORDER BY number")
        return [(values, seal == rows.seal_of_build(values)) for *values, seal in stored]

    def largest_key(self) -> int:
        """Give the largest key of a passage that is there."""
        return int(self._one("SELECT coalesce(max(key), 0) FROM passages"))

    def staged_files(self, build: int) -> list[int]:
        """List the keys of the files that a stopped writer staged for a build to come."""
        return [
            key for (key,) in self._all("SELECT key FROM files WHERE first_build = :n", n=build)
        ]

    def held_files(self, build: int, keys: Iterable[int]) -> list[int]:
        """Give those of the files that are in a build."""
        held = {key for (key,) in self._all(f"SELECT key FROM files WHERE {IN_BUILD}", build=build)}
        return sorted(held & set(keys))

    def paths(self, keys: Iterable[int]) -> list[str]:
        """Give the paths of files, as they stand there."""
        wanted = set(keys)
        found = self._all("SELECT key, path FROM files ORDER BY path")
        return [shown(str(path)) for key, path in found if key in wanted]


def _is_whole(copy: sqlite3.Connection, beside: Path) -> bool:
    """Tell whether a catalog that was written anew holds all that its builds say."""
    catalog = Catalog(copy, beside)
    builds = catalog.builds()
    return bool(builds) and all(catalog.counts(b.number) == b.counts for b in builds)
