"""A connection to an index's catalog, through which nothing is believed that is not as written.

A reader holds the state of the moment at which it opened the catalog, whatever is written since.
Every row is read with its seal, every list with the count that is sealed elsewhere.
"""

import sqlite3
from contextlib import closing
from pathlib import Path
from threading import RLock
from typing import Any, Self

from ctqa.errors import IndexLoadError
from ctqa.index import rows
from ctqa.index.files import has_builds
from ctqa.index.rows import Build, Head
from ctqa.index.schema import (
    FILE_NAME,
    FORMAT,
    MENDING,
    connect,
    damaged,
    expected_tables,
    never_completed,
    tables,
    translated,
)


class SealedCatalog:
    """A connection, and the builds that it knows of; safe to share between threads."""

    def __init__(self, connection: sqlite3.Connection, folder: Path) -> None:
        self._connection = connection
        self._lock = RLock()
        self.folder = folder

    @classmethod
    def open(cls, folder: Path) -> Self:
        """Open for reading.

        Raises:
            IndexLoadError: there is no index in the folder, or it cannot be read as one.

        """
        if not (folder / FILE_NAME).is_file():
            refuse_lost(folder)
            raise IndexLoadError(
                f"{folder}: there is no index here; make one with "
                f"`ctqa build PATH… --index {folder}`"
            )
        catalog = cls(connect(folder / FILE_NAME), folder)
        try:
            catalog._all("BEGIN")  # what is read first is what is read ever after
            catalog.check_format()
        except BaseException:
            catalog.close()
            raise
        return catalog

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()

    def renew(self) -> None:
        """Hold the same state through a connection of now, where it is still the current one.

        The log of a catalog grows until no reader needs what is in it: who reads for long, one
        build after the other, lets it be used again by this.
        """
        with translated(self.folder), closing(connect(self.folder / FILE_NAME)) as connection:
            connection.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchone()
        fresh = type(self).open(self.folder)
        if fresh.state() == self.state():
            with self._lock:
                fresh._connection, self._connection = self._connection, fresh._connection
        fresh.close()

    def check_format(self) -> None:
        """Refuse a catalog of another format, or of other tables."""
        found = self._one("PRAGMA user_version")
        if not found and self._is_empty():
            refuse_lost(self.folder)
            raise never_completed(self.folder)  # a build was stopped before it had made a table
        if found != FORMAT:
            raise IndexLoadError(
                f"{self.folder}: index format {found}, this CTQA reads {FORMAT}; "
                + MENDING.format(folder=self.folder)
            )
        with translated(self.folder), self._lock:
            made_of = tables(self._connection)
        if made_of != expected_tables():
            raise self._damaged("its tables are not those of an index")

    def _is_empty(self) -> bool:
        return not self._one("SELECT count(*) FROM sqlite_master")

    def head(self) -> Head:
        """Tell which build is the current one."""
        found = self._all("SELECT build, next, seal FROM head")
        if len(found) != 1:
            raise self._damaged(f"{len(found)} rows tell which build is the current one")
        build, following, seal = found[0]
        head = Head(build=build, next=following)
        self._believe(seal, rows.seal_of_head(head), "which build is the current one")
        return head

    def builds(self) -> list[Build]:
        """List the committed builds that are still there, oldest first; the last is current."""
        found = []
        for *values, seal in self._all(
            f"SELECT {rows.BUILD_COLUMNS}, seal FROM builds ORDER BY number"
        ):
            self._believe(seal, rows.seal_of_build(values), f"build {values[0]}")
            found.append(rows.build_from(values))
        current = self.head().build
        if current != (found[-1].number if found else 0):
            raise self._damaged(f"build {current} is missing")
        return found

    def build(self, number: int) -> Build | None:
        """Give a committed build; None when it is not committed, or not there any more."""
        return next((build for build in self.builds() if build.number == number), None)

    def state(self) -> tuple[int, str]:
        """Give what changes whenever another build or calibration becomes the current one."""
        seals = self._all("SELECT hex(seal) FROM calibrations ORDER BY models")
        return self.head().build, ",".join(seal for (seal,) in seals)

    def _expect(self, build: int, **counts: int) -> None:
        """Hold counts against what a build, once committed, says of itself."""
        committed = self.build(build)
        if committed is not None:
            for name, found in counts.items():
                self._counted(committed.counts.get(name), found, f"{name} of build {build}")

    def _counted(self, expected: int | None, found: int, what: str) -> None:
        if found != expected:
            raise self._damaged(f"{found} {what} instead of {expected}")

    def _believe(self, seal: object, expected: bytes, what: str) -> None:
        if seal != expected:
            raise self._damaged(f"{what} is not as it was written")

    def _damaged(self, what: str) -> IndexLoadError:
        return damaged(self.folder, what)

    def _all(self, sql: str, **values: Any) -> list[Any]:
        with translated(self.folder), self._lock:
            return self._connection.execute(sql, values).fetchall()

    def _one(self, sql: str, **values: Any) -> Any:
        return self._all(sql, **values)[0][0]


def refuse_lost(folder: Path) -> None:
    """Refuse to take a catalog that is missing or empty for one that was never filled.

    Raises:
        IndexLoadError: builds lie beside it.

    """
    if has_builds(folder):
        raise IndexLoadError(
            f"{folder / FILE_NAME}: is missing or empty, although builds lie beside it: put it "
            "back from a copy, or " + MENDING.format(folder=folder)
        )
