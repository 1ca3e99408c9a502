"""Spreadsheets (XLSX) -> content, a page a sheet, numbers as the sheet shows them."""

import re
import warnings
from collections.abc import Iterator
from dataclasses import dataclass, replace
from io import BytesIO
from typing import Any

import openpyxl
from openpyxl.chartsheet import Chartsheet
from openpyxl.utils.cell import range_boundaries
from openpyxl.utils.exceptions import InvalidFileException

from ctqa.sources.archive import (
    ENCRYPTED,
    Archive,
    Encrypted,
    damage_told,
    office_package,
    open_archive,
)
from ctqa.sources.content import Loaded, ReadOptions
from ctqa.sources.corpus import is_gold
from ctqa.sources.manuscript import Manuscript
from ctqa.sources.number_format import shown
from ctqa.sources.office import author_of, counted, title_of, year_of
from ctqa.sources.regions import SheetRow, Span, write_regions

_MOST_ROWS = 200_000  # of a workbook
_MOST_CELLS = 3_000_000
_MOST_SPANS = 20_000
_MERGED = re.compile(
    rb"""<(?:\w+:)?mergeCell\s[^>]*?ref=["']([A-Z]{1,3}\d{1,7}:[A-Z]{1,3}\d{1,7})"""
)
_NO_RESULT = re.compile(
    rb"<(?:\w+:)?f\b(?:[^>]*/>|[^>]*>[^<]*</(?:\w+:)?f>)\s*"
    rb"(?:<(?:\w+:)?v\s*/>|<v></v>)?\s*</(?:\w+:)?c>"
)
_COMMENTS_PART = re.compile(r"/(?:c|threadedC)omments?\d*\.xml$")
_CHART_PART = re.compile(r"/charts/chart\d*\.xml$")
_DRAWING = re.compile(rb"<(?:\w+:)?(?:drawing|legacyDrawing|picture)\s")
_COMMENT = re.compile(rb"<(?:\w+:)?(?:comment|threadedComment)\s")


@dataclass(slots=True)
class _Room:
    """How much more is read."""

    rows: int
    cells: int


def load_sheets(data: bytes, options: ReadOptions = ReadOptions()) -> Loaded:
    """Read a workbook: each sheet a page under its name, each table with its heads and title.

    Formulas are read by the results saved with them. Hidden sheets are read and told; comments
    and charts are left out and told.

    Raises:
        SourceError: the file is damaged, of the old format, or larger than is reasonable.

    """
    try:
        package = office_package(data, options.passwords)
    except Encrypted:
        return ENCRYPTED
    archive = open_archive(package)
    manuscript, room = Manuscript(), _Room(rows=_MOST_ROWS, cells=_MOST_CELLS)
    with damage_told(InvalidFileException), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # openpyxl warns of what it does not keep when saving
        workbook = openpyxl.load_workbook(
            BytesIO(package), read_only=True, data_only=True, keep_links=False
        )
        if _is_gold_set(workbook):
            return Loaded(state="ignored", reason="gold questions, not a document")
        reasons = [
            _write_sheet(manuscript, sheet, archive, room)
            for sheet in workbook._sheets  # the public lists part the sheets from the charts
        ]
        core = workbook.properties
        title, author, year = title_of(core), author_of(core), year_of(core)
    left_out = "; ".join([*_left_out(archive), *dict.fromkeys(filter(None, reasons))])
    content = manuscript.content(title=title, author=author, year=year)
    if not content.text.strip():
        return Loaded(state="empty", reason=left_out or "no text")
    # A sheet's name is no title of the workbook.
    return Loaded(contents=(replace(content, title=title),), reason=left_out)


def _is_gold_set(workbook: Any) -> bool:
    for sheet in workbook.worksheets[:1]:
        for row in sheet.iter_rows(max_row=1, values_only=True):
            return is_gold(tuple(str(value).strip().lower() for value in row))
    return False


def _write_sheet(manuscript: Manuscript, sheet: Any, archive: Archive, room: _Room) -> str:
    """Write a sheet as a page, and tell what was left out of it."""
    if isinstance(sheet, Chartsheet):
        manuscript.page(sheet.title, state="unreadable", reason="a chart")
        return "chart sheets are not read"
    sheet.reset_dimensions()  # as saved they may be a million rows, or one
    part = archive.read(sheet._worksheet_path)
    rows = list(_rows(sheet, room))
    reason = "; ".join(_reasons(sheet, part, room))
    if not rows and _DRAWING.search(part) is not None:
        manuscript.page(sheet.title, state="unreadable", reason="only a chart or a picture")
    else:
        manuscript.page(sheet.title, reason=reason)
    if rows:
        manuscript.heading(sheet.title, 1)
        write_regions(manuscript, rows, list(_spans(part)))
    return reason


def _reasons(sheet: Any, part: bytes, room: _Room) -> Iterator[str]:
    if sheet.sheet_state != "visible":
        yield "a hidden sheet"
    if room.rows < 0 or room.cells < 0:
        yield f"only the first {_MOST_ROWS:,} rows are read"
    unsaved = len(_NO_RESULT.findall(part))
    if unsaved:
        yield f"{unsaved:,} formulas were saved without a result"


def _rows(sheet: Any, room: _Room) -> Iterator[SheetRow]:
    for number, row in enumerate(sheet.iter_rows(), 1):
        cells = {
            at: text
            for at, cell in enumerate(row, 1)
            if cell.value is not None
            and (text := shown(cell.value, cell.number_format or "General").strip())
        }
        if cells:
            room.rows -= 1
            room.cells -= len(cells)
            if room.rows < 0 or room.cells < 0:
                return
            yield SheetRow(number, cells)


def _spans(part: bytes) -> Iterator[Span]:
    for number, match in enumerate(_MERGED.finditer(part)):
        if number < _MOST_SPANS:
            left, top, right, bottom = range_boundaries(match[1].decode())
            yield Span(left, top, right, bottom)


def _left_out(archive: Archive) -> Iterator[str]:
    names = archive.names
    noted = [name for name in names if _COMMENTS_PART.search(name)]
    threads = [name for name in noted if "threaded" in name]
    notes = sum(len(_COMMENT.findall(archive.read(name))) for name in threads or noted)
    yield from counted(notes, "comment")
    yield from counted(sum(_CHART_PART.search(name) is not None for name in names), "chart")
    yield from counted(sum(name.endswith("vbaProject.bin") for name in names), "macro project")
