"""Gold as a sheet of a workbook: reading it, and writing it so that people can work in it."""

import re
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date, time
from io import BytesIO
from pathlib import Path
from typing import Any

import openpyxl
from openpyxl.styles import Alignment, Font
from openpyxl.utils.exceptions import InvalidFileException
from openpyxl.worksheet.datavalidation import DataValidation

from ctqa.errors import GoldError, SourceError
from ctqa.evaluation.gold.reading import read_bytes
from ctqa.evaluation.gold.sheet import LOOKED_AT
from ctqa.evaluation.gold.tabs import (
    MOST_BYTES,
    MOST_COLUMNS,
    MOST_ROWS,
    Row,
    Tab,
    chosen,
    filled,
    unreadable_told,
)
from ctqa.sources.archive import office_package

MOST_CHARS = 32_767  # of a cell, in Excel and LibreOffice
_HEAD_ROWS = 5 * LOOKED_AT  # in which a sheet's header is looked for; some may be empty
_LAST_LISTED = 5_000  # rows that offer yes and no
_ENCODED = re.compile(r"_x([0-9A-Fa-f]{4})_")
_TO_ENCODE = re.compile(r"[\x00-\x08\x0b\x0c\x0d\x0e-\x1f\ufffe\uffff]|_(?=x[0-9A-Fa-f]{4}_)")
_WIDTHS: Mapping[str, int] = {  # in characters; any other column has `_WIDTH`
    "question": 45,
    "document": 28,
    "quote": 70,
    "context": 40,
    "answers": 28,
    "from": 24,
}
_WIDTH = 12


def read_xlsx(path: Path, data: bytes | None = None) -> Tab:
    """Read the sheet that holds the questions; formulas are read by their saved results.

    `data` is the file's content where that is known.

    Raises:
        GoldError: the file cannot be read as a workbook.

    """
    with _told(path):
        package = _package(path, data)
        book = openpyxl.load_workbook(
            BytesIO(package), read_only=True, data_only=True, keep_links=False
        )
        heads = [
            Tab(title=sheet.title, rows=list(_rows(path, sheet, _HEAD_ROWS)))
            for sheet in book.worksheets
        ]
        if not heads:
            raise SourceError("it has no sheet of cells")
        at, notes = chosen(heads)
        rows = list(_rows(path, book.worksheets[at], MOST_ROWS + 1))
    return Tab(title=heads[at].title, rows=rows, notes=notes)


def _package(path: Path, data: bytes | None) -> bytes:
    return office_package(read_bytes(path) if data is None else data, (), MOST_BYTES)


@contextmanager
def _told(path: Path) -> Iterator[None]:
    """Say what is wrong with a workbook that openpyxl cannot read."""
    with unreadable_told(path, InvalidFileException), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of what is not kept when saving
        yield


def _rows(path: Path, sheet: Any, most: int) -> Iterator[Row]:
    sheet.reset_dimensions()  # as saved they may be a million rows, or one
    found = sheet.iter_rows(max_row=most, max_col=MOST_COLUMNS, values_only=True)
    return filled(
        path,
        (
            Row(number=number, cells=[_shown(value) for value in _trimmed(row)])
            for number, row in enumerate(found, start=1)
        ),
    )


def _trimmed(row: tuple[object, ...]) -> Sequence[object]:
    end = len(row)
    while end and row[end - 1] is None:
        end -= 1
    return row[:end]


def _shown(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, date | time):
        return value.isoformat()
    return _ENCODED.sub(lambda match: chr(int(match[1], 16)), str(value))


def new_workbook(
    columns: Sequence[str], rows: Sequence[Sequence[str]], yes_no: Sequence[str] = ("impossible",)
) -> Any:
    """Lay rows out under their header; columns in `yes_no` offer yes and no.

    Raises:
        GoldError: a cell is longer than a workbook can hold.

    """
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "Questions"
    for number, row in enumerate((columns, *rows), start=1):
        for at, value in enumerate(row, start=1):
            put_cell(sheet, number, at, value, bold=number == 1)
    sheet.freeze_panes = "A2"
    for at, name in enumerate(columns, start=1):
        letter = openpyxl.utils.get_column_letter(at)
        sheet.column_dimensions[letter].width = _WIDTHS.get(name, _WIDTH)
        if name in yes_no:
            offered = DataValidation(type="list", formula1='"yes,no"', allow_blank=True)
            offered.add(f"{letter}2:{letter}{max(_LAST_LISTED, len(rows) + 1)}")
            sheet.add_data_validation(offered)
    return book


def put_cell(sheet: Any, row: int, column: int, value: str, *, bold: bool = False) -> None:
    """Write a cell as text that is wrapped, whatever it looks like."""
    if len(value) > MOST_CHARS:
        raise GoldError(
            f"a cell would hold {len(value):,} characters, more than the {MOST_CHARS:,} of a "
            "workbook; write .csv or .jsonl instead"
        )
    cell = sheet.cell(row=row, column=column)
    if value:
        cell.value = _TO_ENCODE.sub(lambda match: f"_x{ord(match[0]):04X}_", value)
        cell.data_type = "s"  # and never a formula
    cell.alignment = Alignment(wrap_text=True, vertical="top")
    if bold:
        cell.font = Font(bold=True)


def saved(book: Any) -> bytes:
    """Give a workbook's file."""
    out = BytesIO()
    book.save(out)
    return out.getvalue()


def add_guide(book: Any, title: str, lines: Sequence[tuple[str, str]]) -> None:
    """Add a sheet that explains, a heading and a text a row."""
    sheet = book.create_sheet(title)
    sheet.column_dimensions["A"].width, sheet.column_dimensions["B"].width = 22, 95
    for number, (heading, text) in enumerate(lines, start=1):
        put_cell(sheet, number, 1, heading, bold=True)
        put_cell(sheet, number, 2, text)


def with_rows(path: Path, tab: Tab, added: Sequence[str], rows: Sequence[Sequence[str]]) -> bytes:
    """Put rows below the last one of the sheet that holds the questions.

    `added` are columns for its header, behind those that it has.

    Raises:
        GoldError: the file cannot be read as a workbook, or would lose something.

    """
    with _told(path):
        book = openpyxl.load_workbook(BytesIO(_package(path, None)))
        sheet = book[tab.title]
        for at, name in enumerate(added, start=len(tab.rows[0].cells) + 1):
            put_cell(sheet, tab.rows[0].number, at, name, bold=True)
        for number, row in enumerate(rows, start=tab.rows[-1].number + 1):
            for at, value in enumerate(row, start=1):
                put_cell(sheet, number, at, value)
        data = saved(book)
    _refuse_lost(path, tab, read_xlsx(path, data))
    return data


def _refuse_lost(path: Path, before: Tab, after: Tab) -> None:
    """Refuse where a row does not say any more what it said: the results of formulas are gone."""
    kept = {row.number: row.cells for row in after.rows}
    for row in before.rows[1:]:
        if kept.get(row.number) != row.cells:
            raise GoldError(
                f"{path}, row {row.number}: what a formula shows there, or merged cells hold, "
                "would be lost by adding to this file; put values in place of formulas (copy, then "
                "paste values only) and unmerge cells, or name another file"
            )
