"""A Word table -> rows of cells, and whether it is a table at all or only lays out a page."""

from collections.abc import Iterator
from typing import Any

from ctqa.sources.grid import Cell
from ctqa.sources.word_text import W, children, is_on

_LAID_OUT = 2  # paragraphs in a cell, from which on a table of one row or column is no table


def table_rows(table: Any) -> list[Any]:
    """List the w:tr of a table, those in content controls too, without those deleted."""
    return [row for row in _below(table, W + "tr") if row.find(f"{W}trPr/{W}del") is None]


def row_cells(row: Any) -> list[Any]:
    """List the w:tc of a row, those in content controls too."""
    return list(_below(row, W + "tc"))


def is_layout(table: Any) -> bool:
    """Tell whether a table only holds text in place: one cell, or one row or column of prose."""
    rows = [row_cells(row) for row in table_rows(table)]
    widest = max(map(len, rows), default=0)
    if len(rows) * widest <= 1 or widest == 1:
        return True
    return len(rows) == 1 and any(_is_prose(cell) for cell in rows[0])


def heads_marked(rows: list[Any], *, sets_apart: bool) -> int | None:
    """Count the first rows that Word repeats on each page; None: none is marked.

    Without such a mark, the first row is a head where the table's style sets it apart.
    """
    count = 0
    while count < len(rows) and is_on(rows[count].find(W + "trPr"), "tblHeader"):
        count += 1
    if count == 0 and sets_apart:
        return 1
    return count if 0 < count < len(rows) else None


def merged(elements: list[Any], rows: list[list[tuple[Any, str, bool]]]) -> list[list[Cell]]:
    """Make cells of each w:tr and its w:tc with their text and whether it is bold, as merged."""
    written: list[list[Cell]] = []
    opened: dict[int, tuple[int, int]] = {}  # column -> row and place of the cell that reaches down
    bold_head = _is_bold_head(rows)
    for number, row in enumerate(rows):
        column = _left_free(elements[number])
        line = [Cell(text="", across=column)] if column else []
        for cell, text, _ in row:
            across = _across(cell)
            goes_on = _goes_on(cell)
            if goes_on and column in opened:
                top, place = opened[column]
                above = written[top][place]
                written[top][place] = _longer(above, text)
            else:
                opened[column] = (number, len(line))
                is_head = bold_head and number == 0
                line.append(Cell(text=text, across=across, is_head=is_head))
            column += across
        written.append(line)
    return written


def _longer(cell: Cell, text: str) -> Cell:
    joined = cell.text if not text.strip() else f"{cell.text}\n{text}"
    return Cell(text=joined, across=cell.across, down=cell.down + 1, is_head=cell.is_head)


def _is_bold_head(rows: list[list[tuple[Any, str, bool]]]) -> bool:
    """Tell whether the first row is bold and the next is not."""
    if len(rows) < 2:
        return False
    first, second = ([bold for _, text, bold in row if text.strip()] for row in rows[:2])
    return len(first) > 1 and all(first) and not all(second)


def _across(cell: Any) -> int:
    return max(1, _columns(cell.find(f"{W}tcPr/{W}gridSpan")))


def _left_free(row: Any) -> int:
    return _columns(row.find(f"{W}trPr/{W}gridBefore"))


def _columns(element: Any) -> int:
    told = "" if element is None else element.get(W + "val", "")
    return int(told) if told.isdecimal() and len(told) < 4 else 0


def _goes_on(cell: Any) -> bool:
    """Tell whether a cell is the lower part of a merged one."""
    merge = cell.find(f"{W}tcPr/{W}vMerge")
    return merge is not None and merge.get(W + "val", "continue") != "restart"


def _is_prose(cell: Any) -> bool:
    held = list(children(cell))
    filled = [p for p in held if any(text.strip() for text in p.itertext(W + "t"))]
    return len(filled) > _LAID_OUT or any(child.tag == W + "tbl" for child in held)


def _below(container: Any, tag: str) -> Iterator[Any]:
    """Give the rows or cells of a table, through content controls but not into other tables."""
    for child in container.iterchildren(tag="*"):
        if child.tag == tag:
            yield child
        elif child.tag not in {W + "tr", W + "tc", W + "p", W + "tbl"}:
            yield from _below(child, tag)
