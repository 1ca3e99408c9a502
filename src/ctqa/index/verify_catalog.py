"""Checking what holds a catalog together: its file, its tables, the rows that name its builds."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Self

from ctqa.errors import IndexLoadError
from ctqa.index import rows
from ctqa.index.catalog import IN_BUILD, Catalog
from ctqa.index.rows import Build, Head
from ctqa.index.schema import FILE_NAME, FORMAT, connect, translated
from ctqa.index.verify_findings import Finding, Kind, anew, fix, roll_back_to

MOST_AHEAD = 1 << 30  # of the last key before the largest one; a bit a key is 128 MB of memory


class Examination(Catalog):
    """A catalog that is read in whatever state it is; bytes that are no text come as surrogates."""

    @classmethod
    def begin(cls, folder: Path) -> Self:
        """Open for reading, of the moment.

        Raises:
            IndexLoadError: there is no index, or it cannot be opened.

        """
        if not (folder / FILE_NAME).is_file():
            return cls.open(folder)  # says so
        connection = connect(folder / FILE_NAME)
        connection.text_factory = as_text
        exam = cls(connection, folder)
        try:
            exam._all("BEGIN")
            exam._one("SELECT count(*) FROM sqlite_master")  # what is read first is read ever after
        except BaseException:
            exam.close()
            raise
        return exam

    def refuse_other_formats(self) -> None:
        """Refuse a catalog of another format.

        Raises:
            IndexLoadError: it is of one, or nothing was ever written to it.

        """
        if self._one("PRAGMA user_version") != FORMAT:
            self.check_format()

    def each(self, sql: str, **values: Any) -> Iterator[tuple[Any, ...]]:
        """Go through what a statement finds, a row in memory at a time."""
        with translated(self.folder):
            yield from self._connection.execute(sql, _bindable(values))

    def all(self, sql: str, **values: Any) -> list[tuple[Any, ...]]:
        """Fetch all that a statement finds."""
        return list(self.each(sql, **values))

    def one(self, sql: str, **values: Any) -> Any:
        """Fetch the one value that a statement finds."""
        return self.all(sql, **values)[0][0]

    def keys_of(self, build: Build) -> list[int]:
        """List the keys of the passages that a build holds now, rising."""
        found = self.each(
            f"SELECT key FROM passages WHERE {IN_BUILD} ORDER BY key", build=build.number
        )
        return [key for (key,) in found]


def check_builds(exam: Examination) -> tuple[Head | None, list[Build], list[Finding]]:
    """Read which builds there are, oldest first, as far as they can be believed."""
    try:
        head = exam.head()
    except IndexLoadError:
        what = f"{exam.folder / FILE_NAME}: what names the current build is not as it was written"
        return None, [], [broken(exam, what, "head")]
    whole, damaged = _sealed_builds(exam)
    current = [build for build in whole if build.number == head.build]
    later = [build.number for build in whole if build.number > head.build]
    if head.build and not current:
        return head, whole, [_lost(exam, head, whole)]
    if later:
        what = f"{exam.folder / FILE_NAME}: build {later[0]} stands there, {head.build} is current"
        return head, whole, [broken(exam, what, "head")]
    return head, whole, [_unsealed(exam, number) for number in damaged]


def _sealed_builds(exam: Examination) -> tuple[list[Build], list[int]]:
    """Give the builds that are as they were written, and the numbers of those that are not."""
    whole: list[Build] = []
    damaged: list[int] = []
    for *values, seal in exam.all(f"SELECT {rows.BUILD_COLUMNS}, seal FROM builds ORDER BY number"):
        if seal == rows.seal_of_build(values):
            whole.append(rows.build_from(values))
        else:
            damaged.append(values[0])
    return whole, damaged


def _lost(exam: Examination, head: Head, whole: list[Build]) -> Finding:
    """Tell that the current build's row is lost; the build before may still be whole."""
    before = [build for build in whole if build.number < head.build]
    what = f"{exam.folder / FILE_NAME}: the row of build {head.build} is not as it was written"
    if before and not _differs(exam.folder, before[-1]):
        back = f"{roll_back_to(exam.folder)} (build {before[-1].number} is whole)"
        return Finding(kind="head", what=what, mend=back)
    return broken(exam, what, "head")


def _differs(folder: Path, build: Build) -> bool:
    from ctqa.index.store import store_of  # noqa: PLC0415 -- which looks into catalogs itself

    return bool(store_of(folder, build).differences(build))


def _unsealed(exam: Examination, number: int) -> Finding:
    what = (
        f"{exam.folder / FILE_NAME}: the row of build {number}, kept to roll back to, is not as it "
        "was written"
    )
    return Finding(kind="count", what=what, mend=fix(exam.folder), build=number)


def check_beside(exam: Examination) -> Iterator[Finding]:
    """Find what is wrong with the calibrations, the last key, and rows without their parents."""
    path, mend = exam.folder / FILE_NAME, fix(exam.folder)
    for models, form, seal in exam.each("SELECT models, form, seal FROM calibrations"):
        if seal != rows.seal_of_calibration(models, form):
            what = f"{path}: a calibration is not as it was written; mending removes it"
            yield Finding(kind="calibration", what=what, mend=f"{mend}, then `ctqa calibrate`")
    last, largest = last_key(exam), exam.one("SELECT coalesce(max(key), 0) FROM passages")
    if type(last) is not int or not largest <= last <= largest + MOST_AHEAD:
        what = f"{path}: the last key of a passage is noted as {last!r}, the largest is {largest}"
        yield Finding(kind="sequence", what=what, mend=mend)
    missing: dict[tuple[str, str], int] = {}
    for table, _, parent, _ in exam.each("PRAGMA foreign_key_check"):
        missing[table, parent] = missing.get((table, parent), 0) + 1
    for (table, parent), count in sorted(missing.items()):
        what = f"{path}: {count} rows of {table} belong to no row of {parent}"
        yield Finding(kind="orphan", what=what, mend=mend)


def last_key(exam: Examination) -> Any:
    """Give the largest key that a passage ever had, as SQLite has noted it."""
    found = exam.all("SELECT seq FROM sqlite_sequence WHERE name = 'passages'")
    return found[0][0] if len(found) == 1 else None if found else 0


def roots(exam: Examination) -> tuple[str, ...]:
    """Give what the last build was made of, where that can be read; () where not."""
    try:
        found = exam.all(f"SELECT {rows.BUILD_COLUMNS}, seal FROM builds ORDER BY number DESC")
    except IndexLoadError:
        return ()
    for *values, seal in found:
        if seal == rows.seal_of_build(values):
            return rows.build_from(values).roots
    return ()


def broken(exam: Examination, what: str, kind: Kind = "catalog") -> Finding:
    """Tell that a catalog cannot be relied on, and that CTQA does not mend it."""
    return Finding(kind=kind, what=what, mend=anew(exam.folder, roots(exam)))


def as_text(raw: bytes) -> str:
    """Give what SQLite holds as text; bytes that are none come as surrogates."""
    return raw.decode("utf-8", "surrogateescape")


def _bindable(values: dict[str, Any]) -> dict[str, Any]:
    """Give values that SQLite takes: bytes that are no text, as such."""
    return {name: _as_bytes(value) for name, value in values.items()}


def _as_bytes(value: Any) -> Any:
    if not isinstance(value, str) or value.isascii():
        return value
    raw = value.encode("utf-8", "surrogateescape")
    return value if raw.decode("utf-8", "replace") == value else raw
