"""Tables with merged cells -> rows of text: said once, their heads found, searched in full."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from ctqa.sources.manuscript import Manuscript
from ctqa.text import squeeze

_MOST_ACROSS = 1_000  # columns; what lies beyond is put into the last one
_MOST_DOWN = 10_000
_HEAD_CHARS = 80
_MOST_HEADS = 4  # rows that are found to be heads without being marked
_FIGURE = re.compile(r"[^\w]*\d[\d.,\s%()+/:–-]*[^\W\d_]{0,3}[^\w]*|[-–—.]|n/?a", re.IGNORECASE)
_YEAR = re.compile(r"(?:19|20)\d\d(?:\s*[-–/]\s*\d{2,4})?")


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """A cell, with how many columns and rows it spans."""

    text: str
    across: int = 1
    down: int = 1
    is_head: bool = False  # marked as one in the file


@dataclass(frozen=True, slots=True)
class _Slot:
    """A place in the grid, and how it lies in the cell that fills it."""

    cell: Cell
    is_first_row: bool
    is_first_column: bool


_EMPTY = _Slot(Cell(text=""), True, True)


def write_grid(
    manuscript: Manuscript,
    rows: Sequence[Sequence[Cell]],
    *,
    heads: int | None = None,
    caption: str = "",
    pages_before: Sequence[int] = (),
) -> None:
    """Add a table; `heads` counts the rows that name the columns, None: they are to be found.

    A merged cell is said once, but a row is searched with what stands over and beside it: a head
    that spans columns names each of them, a label that spans rows belongs to each.
    """
    grid = _laid_out(rows)
    shown = [[_shown(slot) for slot in row] for row in grid]
    found = (_marked(rows) or _with_lower_heads(grid, heads_of(shown))) if heads is None else heads
    count = 0 if found >= len(grid) else found
    copies = [
        [_in_head(slot) if number < count else _in_body(slot) for slot in row]
        for number, row in enumerate(grid)
    ]
    manuscript.table(shown, heads=count, caption=caption, copies=copies, pages_before=pages_before)


def heads_of(rows: Sequence[Sequence[str]]) -> int:
    """Count the first rows that look like the names of the columns; 0 where none does.

    Names are short, hardly ever figures (but for years) and differ; below them stand figures, or
    there are at least three columns.
    """
    filled = [row for row in rows[: _MOST_HEADS + 40] if any(cell.strip() for cell in row)]
    if len(filled) < 2 or len(filled) != len(rows[: _MOST_HEADS + 40]):
        return 0
    for count in range(1, min(_MOST_HEADS, len(filled) - 1) + 1):
        names = filled[count - 1]
        if not _are_names(names):
            return 0
        if _fills_most(names, filled):
            return count if _differs(names, filled[count:]) else 0
    return 0


def is_figure(text: str) -> bool:
    """Tell whether a cell holds a number, a share, a date, or the mark of a missing one."""
    return _FIGURE.fullmatch(squeeze(text)) is not None


def _laid_out(rows: Sequence[Sequence[Cell]]) -> list[list[_Slot]]:
    """Put each cell where its row and the cells that reach down from above leave room."""
    grid: list[list[_Slot]] = []
    reaching: dict[int, tuple[Cell, int, bool]] = {}  # column -> cell, rows left, its first column
    for row in rows:
        line: dict[int, _Slot] = {
            column: _Slot(cell, False, first) for column, (cell, _, first) in reaching.items()
        }
        reaching = {
            column: (cell, left - 1, first)
            for column, (cell, left, first) in reaching.items()
            if left > 1
        }
        column = 0
        for cell in row:
            while column in line:
                column += 1
            for offset in range(max(1, min(cell.across, _MOST_ACROSS - column))):
                line.setdefault(column + offset, _Slot(cell, True, offset == 0))
                if cell.down > 1:
                    down = min(cell.down, _MOST_DOWN) - 1
                    reaching[column + offset] = (cell, down, offset == 0)
            column += max(1, min(cell.across, _MOST_ACROSS - column))
        width = max(line, default=-1) + 1
        grid.append([line.get(at, _EMPTY) for at in range(width)])
    return grid


def _with_lower_heads(grid: Sequence[Sequence[_Slot]], count: int) -> int:
    """Take the next row for heads too where it names just the columns that one head spans."""
    while 0 < count < len(grid) - 1:
        over = {at for at, slot in enumerate(grid[count - 1]) if slot.cell.across > 1}
        below = {at: _shown(slot) for at, slot in enumerate(grid[count]) if _shown(slot).strip()}
        if not over or set(below) != over or not _are_names(list(below.values())):
            break
        count += 1
    return count


def _shown(slot: _Slot) -> str:
    return slot.cell.text if slot.is_first_row and slot.is_first_column else ""


def _in_head(slot: _Slot) -> str:
    return slot.cell.text


def _in_body(slot: _Slot) -> str:
    return slot.cell.text if slot.is_first_column else ""


def _marked(rows: Sequence[Sequence[Cell]]) -> int:
    """Count the first rows that are marked as heads but perhaps for the corner."""
    count = 0
    for row in rows:
        filled = [cell for cell in row if cell.text.strip()]
        if not filled or not all(cell.is_head for cell in (*row[1:], *filled)):
            break
        count += 1
    return count


def _are_names(row: Sequence[str]) -> bool:
    names = [squeeze(cell) for cell in row if cell.strip()]
    return all(
        len(name) <= _HEAD_CHARS and (not is_figure(name) or _YEAR.fullmatch(name) is not None)
        for name in names
    )


def _fills_most(row: Sequence[str], rows: Sequence[Sequence[str]]) -> bool:
    """Tell whether a row names each column, but perhaps the first, that the table has."""
    width = max(len(other) for other in rows)
    filled = sum(bool(cell.strip()) for cell in row)
    return filled >= 2 and filled >= width - 1 - width // 5


def _differs(names: Sequence[str], body: Sequence[Sequence[str]]) -> bool:
    """Tell whether what stands below is of another kind than the names."""
    said = [squeeze(name) for name in names if name.strip()]
    if len(set(said)) < len(said):
        return False
    columns = ([row[at] for row in body if at < len(row)] for at in range(len(names)))
    return len(names) >= 3 or any(_is_column_of_figures(column) for column in columns)


def _is_column_of_figures(cells: Sequence[str]) -> bool:
    filled = [cell for cell in cells if cell.strip()]
    return bool(filled) and sum(map(is_figure, filled)) > len(filled) / 2
