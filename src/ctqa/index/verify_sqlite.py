"""Checking a catalog as SQLite's file: its header, its tables, its pages and its indexes."""

import re
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing
from functools import cache
from pathlib import Path

from ctqa.errors import IndexLoadError
from ctqa.index.schema import FILE_NAME, SCHEMA
from ctqa.index.verify_catalog import Examination, broken, roots
from ctqa.index.verify_findings import Finding, anew, fix, listed

_HEADER_BYTES = 100  # of a SQLite file; byte 18 is the version that may write it
_WAL_VERSION = 2
_MADE_BY_SQLITE = re.compile(
    r"row \d+ missing from index|wrong # of entries in index|non-unique entry in index|"
    r"(Main )?[Ff]reelist|Page \d+ is never used|Page \d+: never used|"
    r"(Page \d+: )?free space corruption|Fragmentation of "
)
_ABOUT_A_VALUE = re.compile(r"\S+ value in |CHECK constraint failed in ")
_TABLES = "SELECT type, name, tbl_name, sql FROM sqlite_master ORDER BY name, type"


def check_file(exam: Examination) -> Iterator[Finding]:
    """Find what is wrong with a catalog's file, its tables and SQLite's own structures."""
    path = exam.folder / FILE_NAME
    with path.open("rb") as file:
        header = file.read(_HEADER_BYTES)
    if header[18] > _WAL_VERSION:
        what = f"{path}: byte 18 is {header[18]}, expected {_WAL_VERSION}: nothing could be written"
        yield broken(exam, what)
    if exam.all(_TABLES) != _expected():
        yield broken(exam, f"{path}: its tables are not those of an index")
    yield from _integrity(exam, path)


def _integrity(exam: Examination, path: Path) -> Iterator[Finding]:
    told = [str(message) for (message,) in exam.each("PRAGMA integrity_check")]
    values, made, rest = sorted_faults(told)
    if values:
        what = f"{path}: {listed(values)}"
        yield Finding(kind="row", what=what, mend=fix(exam.folder))
    if made:
        what = f"{path}: what SQLite derives from the tables is damaged: {listed(made)}"
        yield Finding(kind="sqlite", what=what, mend=fix(exam.folder))
    if rest:
        what = f"{path}: its structure is damaged: {listed(rest)}"
        tried = f"{fix(exam.folder)}; where that does not help, {anew(exam.folder, roots(exam))}"
        yield Finding(kind="catalog", what=what, mend=tried)
    if not rest:
        yield from _index_faults(exam, path)


def _index_faults(exam: Examination, path: Path) -> Iterator[Finding]:
    """Find indexes that do not say what their tables say; SQLite's own check reads them less."""
    for table, index in _indexes():
        try:
            unlike = exam.one(_unlike(table, index))
        except IndexLoadError:
            unlike = 1
        if unlike:
            what = f"{path}: the index {index} does not say what {table} says"
            yield Finding(kind="sqlite", what=what, mend=fix(exam.folder))


@cache
def _indexes() -> tuple[tuple[str, str], ...]:
    """List the indexes of a catalog with their tables, but for those that are the table itself."""
    with closing(_made()) as connection:
        found = connection.execute(
            "SELECT t.name, i.name FROM sqlite_master t, pragma_index_list(t.name) i WHERE "
            "t.type = 'table' AND t.name != 'pages' ORDER BY 1, 2"
        )
        return tuple(found.fetchall())


@cache
def _unlike(table: str, index: str) -> str:
    """Give the statement that counts the entries of an index that are not their rows'."""
    with closing(_made()) as connection:
        found = connection.execute("SELECT name FROM pragma_index_info(?)", (index,)).fetchall()
    other = " OR ".join(f't."{name}" IS NOT i."{name}"' for (name,) in found)
    only = "i.family != '' AND " if index == "documents_by_family" else ""
    return (
        f"SELECT count(*) FROM {table} i INDEXED BY {index} LEFT JOIN {table} t NOT INDEXED "
        f"ON t.rowid = i.rowid WHERE {only}({other})"
    )


def sorted_faults(told: Iterable[str]) -> tuple[list[str], list[str], list[str]]:
    """Sort what SQLite tells of a catalog: about values, about what it makes itself, the rest."""
    lines = [line.strip() for message in told for line in message.split("\n")]
    faults = [line for line in lines if line != "ok" and not line.startswith("***")]
    values = [fault for fault in faults if _ABOUT_A_VALUE.match(fault)]
    made = [fault for fault in faults if _MADE_BY_SQLITE.match(fault)]
    return values, made, [fault for fault in faults if fault not in values and fault not in made]


@cache
def _expected() -> list[tuple[str, str, str, str]]:
    with closing(_made()) as connection:
        return connection.execute(_TABLES).fetchall()


def _made() -> sqlite3.Connection:
    """Make an empty catalog in memory."""
    connection = sqlite3.connect(":memory:")
    connection.executescript(SCHEMA)
    return connection
