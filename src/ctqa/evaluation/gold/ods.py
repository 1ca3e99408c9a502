"""Gold as an OpenDocument spreadsheet, which LibreOffice saves unless told otherwise."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from ctqa.errors import GoldError
from ctqa.evaluation.gold.reading import read_bytes
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
from ctqa.sources.archive import Encrypted, open_archive
from ctqa.sources.opendocument import Inline, is_encrypted

_NAMES = "urn:oasis:names:tc:opendocument:xmlns"
_OFFICE, _TABLE, _TEXT = (f"{{{_NAMES}:{name}:1.0}}" for name in ("office", "table", "text"))


def read_ods(path: Path) -> Tab:
    """Read the sheet that holds the questions; formulas are read by their saved results.

    Raises:
        GoldError: the file cannot be read as a workbook.

    """
    tabs = [
        Tab(title=table.get(f"{_TABLE}name", ""), rows=list(filled(path, _rows(table))))
        for table in _root(path).iter(f"{_TABLE}table")
    ]
    if not tabs:
        raise GoldError(f"{path}: holds no sheet; save it again as .ods, .xlsx or .csv")
    at, notes = chosen(tabs)
    return replace(tabs[at], notes=notes)


def _root(path: Path) -> Any:
    with unreadable_told(path):
        archive = open_archive(read_bytes(path), MOST_BYTES)
        if is_encrypted(archive):
            raise Encrypted
        return archive.xml("content.xml")


def _rows(table: Any) -> Iterator[Row]:
    number = 1
    for element in table.iter(f"{_TABLE}table-row"):
        cells = _cells(element)
        again = _times(element, "rows")
        if any(cells):
            # One more than is read tells that they go on.
            for at in range(number, min(number + again, MOST_ROWS + 2)):
                yield Row(number=at, cells=cells)
        number += again


def _cells(row: Any) -> list[str]:
    cells: list[str] = []
    for cell in row.iterchildren(f"{_TABLE}table-cell", f"{_TABLE}covered-table-cell"):
        cells += [_shown(cell)] * min(_times(cell, "columns"), MOST_COLUMNS - len(cells))
    return cells


def _shown(cell: Any) -> str:
    match cell.get(f"{_OFFICE}value-type"):
        case "boolean":
            return "yes" if cell.get(f"{_OFFICE}boolean-value") == "true" else "no"
        case "date":
            return str(cell.get(f"{_OFFICE}date-value", ""))
        case "float" | "percentage" | "currency":
            return str(cell.get(f"{_OFFICE}value", ""))
        case _:
            lines = (Inline().read(line)[0] for line in cell.iterchildren(f"{_TEXT}p"))
            return "\n".join(lines)


def _times(element: Any, what: str) -> int:
    said = element.get(f"{_TABLE}number-{what}-repeated", "1")
    return int(said) if said.isdecimal() and len(said) < 10 else 1
