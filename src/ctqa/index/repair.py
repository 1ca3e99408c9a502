"""Mending's side of the catalog: what is damaged is taken out, what SQLite derives is made anew."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any, Self

from ctqa.errors import CtqaError
from ctqa.index import rows
from ctqa.index.catalog import IN_BUILD
from ctqa.index.rows import Build
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

    def rebuild_indexes(self) -> bool:
        """Make SQLite's indexes anew; tell whether the catalog's structure is sound by that.

        Where it is not, nothing is changed.
        """
        try:
            with self._transaction() as run:
                run("REINDEX")
                _, pages, broken = self._faults()
                if broken:
                    raise _NotSoundError
            if pages:
                self._all("VACUUM")
        except (CtqaError, _NotSoundError):
            return False
        return not any(self._faults()[1:])

    def _faults(self) -> tuple[list[str], list[str], list[str]]:
        return sorted_faults([str(told) for (told,) in self._all("PRAGMA integrity_check")])

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
