"""Delimited text (CSV, TSV and what spreadsheets make of them) -> rows under their headings."""

import csv
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

_DELIMITERS = ",;\t|"
_NO_DELIMITER = "\x1f"  # for a table of one column, where a comma is part of the cell
_LINES = re.compile(r"[^\n]*\n|[^\n]+")
_LONGEST_CELL = 2**31 - 1  # characters; the csv module's own limit is 131,072


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A row by its column names, or what is wrong with it."""

    line: int  # of the file, where the row begins
    cells: Mapping[str, str]  # empty where there is a problem
    problem: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A delimited text whose first row names the columns, in lower case."""

    text: str
    delimiter: str
    columns: tuple[str, ...]
    line: int  # of the heading

    def rows(self) -> Iterator[Row]:
        """Give the rows below the heading, without blank ones, in order.

        A row that cannot be read is given with its problem, and reading goes on at the next line.
        """
        with _any_cell_length():
            for line, cells, problem in _parsed(self.text, self.delimiter):
                if problem:
                    yield Row(line=line, cells={}, problem=problem)
                elif line > self.line and any(cells):
                    yield self._row(line, cells)

    def _row(self, line: int, cells: list[str]) -> Row:
        if any(cells[len(self.columns) :]):
            problem = (
                f"{len(cells)} cells under {len(self.columns)} headings; "
                f'a cell that holds "{self.delimiter}" needs quotes round it'
            )
            return Row(line=line, cells={}, problem=problem)
        return Row(line=line, cells=dict(zip(self.columns, cells, strict=False)))


def table_with(text: str, *columns: str) -> Table | None:
    """See a text as a table that has all these columns; None where it is none under any delimiter.

    The delimiter is the one that brings the columns out: comma, semicolon, tab or bar.
    """
    for delimiter in _DELIMITERS:
        table = _headed(text, delimiter)
        if table is not None and set(columns) <= set(table.columns):
            return table
    return None


def _headed(text: str, delimiter: str) -> Table | None:
    with _any_cell_length():
        for line, cells, _ in _parsed(text, delimiter):
            if any(cells):
                columns = tuple(cell.strip().lower() for cell in cells)
                used = delimiter if len(columns) > 1 else _NO_DELIMITER
                return Table(text=text, delimiter=used, columns=columns, line=line)
    return None


def _parsed(text: str, delimiter: str) -> Iterator[tuple[int, list[str], str]]:
    """Give each row's first line, its cells, and the problem where it has one."""
    lines = (match.group() for match in _LINES.finditer(text))
    reader = csv.reader(lines, delimiter=delimiter, strict=True)
    while True:
        line = reader.line_num + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as exc:
            yield line, [], str(exc)
        else:
            yield line, cells, ""


@contextmanager
def _any_cell_length() -> Iterator[None]:
    before = csv.field_size_limit(_LONGEST_CELL)
    try:
        yield
    finally:
        csv.field_size_limit(before)
