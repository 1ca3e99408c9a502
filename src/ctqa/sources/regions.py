"""The filled cells of a sheet -> its tables, titles and notes: parted by blank rows and columns."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

from ctqa.sources.grid import Cell, heads_of, is_figure, write_grid
from ctqa.sources.manuscript import Manuscript

_TITLE_ROWS = 4  # lines over a table, at most, that are its title
_TITLE_CHARS = 200
_FILLED = 0.6  # of a table's rows have something in its first column
_PROSE_CHARS = 40  # a single column of cells this long on average is text, not a list


@dataclass(frozen=True, slots=True)
class SheetRow:
    """The filled cells of a row, by column; rows and columns count from 1."""

    number: int
    cells: Mapping[int, str]


@dataclass(frozen=True, slots=True)
class Span:
    """A merged range, with both ends in it."""

    left: int
    top: int
    right: int
    bottom: int


Region = Sequence[SheetRow]


def write_regions(manuscript: Manuscript, rows: Sequence[SheetRow], spans: Sequence[Span]) -> None:
    """Write all that a sheet holds: tables with the lines over them as captions, and other text."""
    title: list[str] = []
    for region in _regions(rows):
        lead, body, notes = _parted(region)
        for line in lead:
            manuscript.paragraph(line)
        title = lead or title
        if body:
            _write_table(manuscript, body, spans, caption=" ".join(title))
            title = []
        for line in notes:
            manuscript.paragraph(line)


def _regions(rows: Sequence[SheetRow]) -> Iterator[Region]:
    """Cut a sheet at its blank rows, then at blank columns between two tables side by side."""
    for band in _joined(list(_bands(rows))):
        yield from _side_by_side(band)


def _bands(rows: Sequence[SheetRow]) -> Iterator[list[SheetRow]]:
    numbered = groupby(enumerate(rows), key=lambda pair: pair[1].number - pair[0])
    for _, group in numbered:
        yield [row for _, row in group]


def _joined(bands: Sequence[list[SheetRow]]) -> Iterator[list[SheetRow]]:
    """Put a band to the one above where it goes on with that one's columns and has no heads."""
    open_band: list[SheetRow] = []
    for band in bands:
        if open_band and _goes_on(open_band, band):
            open_band = [*open_band, *band]
        else:
            if open_band:
                yield open_band
            open_band = band
    if open_band:
        yield open_band


def _goes_on(above: Region, band: Region) -> bool:
    if _ends(above) != _ends(band) or len(_columns(band)) < 2:
        return False
    first = band[0].cells
    return len(first) > 1 and any(is_figure(cell) for cell in first.values())


def _side_by_side(band: list[SheetRow]) -> Iterator[list[SheetRow]]:
    """Cut at the first blank column that parts two tables, each part at its own blank rows."""
    columns = _columns(band)
    for at in range(2, len(columns) - 1):
        if columns[at] == columns[at - 1] + 1:
            continue
        left = _between(band, columns[0], columns[at - 1])
        right = _between(band, columns[at], columns[-1])
        if _is_apart(left, right):
            yield from _bands(left)
            for part in _bands(right):
                yield from _side_by_side(part)
            return
    yield band


def _is_apart(left: Region, right: Region) -> bool:
    """Tell a table of its own from more columns of the one on its left.

    It begins in another row with names, or it has a name in each row and no name twice.
    """
    first = right[0].cells.values()
    column = _columns(right)[0]
    names = [row.cells[column] for row in right if column in row.cells]
    if right[0].number != left[0].number:
        is_filled = len(names) >= _FILLED * len(right)
        return is_filled and len(first) > 1 and not any(map(is_figure, first))
    labels = {name for name in names if not is_figure(name)}
    return len(right) > 2 and len(names) == len(right) and len(labels) >= len(right) - 1


def _between(band: Region, left: int, right: int) -> list[SheetRow]:
    cut = (
        SheetRow(row.number, {at: cell for at, cell in row.cells.items() if left <= at <= right})
        for row in band
    )
    return [row for row in cut if row.cells]


def _parted(region: Region) -> tuple[list[str], Region, list[str]]:
    """Part a region into the lines over its table, the table, and the lines under it."""
    if len(_columns(region)) == 1 and _is_prose(region):
        return [_only(row) for row in region], (), []
    single = [len(row.cells) == 1 for row in region]
    if all(single):
        is_title = len(region) <= _TITLE_ROWS and len(_columns(region)) == 1
        return ([_only(row) for row in region], (), []) if is_title else ([], region, [])
    first, last = single.index(False), len(single) - 1 - single[::-1].index(False)
    start = first if first <= _TITLE_ROWS else 0
    lead, notes = region[:start], region[last + 1 :]
    return [_only(row) for row in lead], region[start : last + 1], [_only(row) for row in notes]


def _is_prose(region: Region) -> bool:
    return sum(len(_only(row)) for row in region) > _PROSE_CHARS * len(region)


def _only(row: SheetRow) -> str:
    return next(iter(row.cells.values()))


def _write_table(
    manuscript: Manuscript, region: Region, spans: Sequence[Span], *, caption: str
) -> None:
    columns = _columns(region)
    numbers = {row.number: at for at, row in enumerate(region)}
    merged = [span for span in spans if _touches(span, region, columns)]
    caption = caption[:_TITLE_CHARS]
    if merged:
        write_grid(manuscript, _merged(region, columns, merged, numbers), caption=caption)
    else:
        table = [[row.cells.get(at, "") for at in columns] for row in region]
        manuscript.table(table, heads=heads_of(table), caption=caption)


def _touches(span: Span, region: Region, columns: Sequence[int]) -> bool:
    across = span.left <= columns[-1] and span.right >= columns[0]
    return across and span.top <= region[-1].number and span.bottom >= region[0].number


def _merged(
    region: Region, columns: Sequence[int], spans: Sequence[Span], numbers: Mapping[int, int]
) -> list[list[Cell]]:
    starts = {(span.top, span.left): span for span in spans}
    covered: set[tuple[int, int]] = set()
    grid: list[list[Cell]] = []
    for row in region:
        line: list[Cell] = []
        for column in columns:
            if (row.number, column) in covered:
                continue
            span = starts.get((row.number, column))
            held = [(row.number, column)]
            if span is not None:
                tops = [number for number in numbers if span.top <= number <= span.bottom]
                lefts = [at for at in columns if span.left <= at <= span.right]
                held = [(number, at) for number in tops for at in lefts]
                covered.update(held)
            across = len({at for _, at in held})
            text = row.cells.get(column, "")
            line.append(Cell(text=text, across=across, down=len(held) // across))
        grid.append(line)
    return grid


def _columns(region: Region) -> list[int]:
    return sorted({column for row in region for column in row.cells})


def _ends(region: Region) -> tuple[int, int]:
    columns = _columns(region)
    return columns[0], columns[-1]
