"""Words with their places on a page -> lines in reading order: geometry alone.

A page is cut where a gutter runs down between two columns of prose: what stands above the gutter
is read first, then its left side, its right side, and what stands below; each part is cut again.
What is not parted by a gutter is read row by row, so that the cells of a table stay on the line of
their row, even where they run over several lines.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import islice

from ctqa.sources.layout_gutters import Stripe, gutter
from ctqa.sources.layout_rows import (
    Line,
    Row,
    Word,
    cells_of,
    pitch,
    rows_of,
    runs_right_to_left,
)
from ctqa.sources.layout_tables import table, table_lines

__all__ = ["Line", "Word", "lines_in_order"]

_DEEPEST = 40  # cuts within cuts
_APART = 1.35  # times the usual distance of two lines
_OTHER_SIZE = 1.12  # times the type size of the line before
_INDENT = (0.7, 4.0)  # ems


def lines_in_order(words: Sequence[Word], height: float) -> tuple[Line, ...]:
    """Put the words of a page of some height into lines, in the order in which they are read."""
    return tuple(_read(words, height, 0))


def _read(words: Sequence[Word], height: float, depth: int) -> Iterator[Line]:
    rows = rows_of(words)
    between = gutter(rows, height) if depth < _DEEPEST else None
    found = table(rows) if between is None else None
    if between is not None:
        for part in _parts(between, rows):
            yield from _read(part, height, depth + 1)
    elif found is not None:
        yield from _lines(rows[: found.first])
        yield from table_lines(rows[found.first : found.last + 1])
        yield from _lines(rows[found.last + 1 :])
    else:
        yield from _lines(rows)


def _parts(stripe: Stripe, rows: Sequence[Row]) -> Iterator[list[Word]]:
    """Part words at a gutter, in the order in which the parts are read."""
    inside = rows[stripe.first : stripe.last + 1]
    for part in (
        [word for row in rows[: stripe.first] for word in row],
        *_sides(stripe, inside),
        [word for row in rows[stripe.last + 1 :] for word in row],
    ):
        if part:
            yield part


def _sides(stripe: Stripe, rows: Sequence[Row]) -> Sequence[list[Word]]:
    """Part words at a gutter, those first that are read first."""
    middle = (stripe.x0 + stripe.x1) / 2
    left = [word for row in rows for word in row if word.x0 < middle]
    right = [word for row in rows for word in row if word.x0 >= middle]
    backwards = runs_right_to_left(left + right)
    return (right, left) if backwards else (left, right)


def _lines(rows: Sequence[Row]) -> Iterator[Line]:
    """Mark where a paragraph begins: below a gap, indented, or in another type size."""
    lines = [Line(cells=cells_of(row)) for row in rows]
    bases = [line.base for line in lines]
    usual = pitch(bases)
    for number, line in enumerate(lines):
        before = lines[number - 1] if number else None
        after = lines[number + 1] if number + 1 < len(lines) else None
        gap = before is not None and bases[number] - bases[number - 1] > _APART * usual
        apart = before is None or gap or _differs(before, line) or _is_indented(before, line, after)
        yield replace(line, apart=apart)


def _differs(before: Line, line: Line) -> bool:
    """Tell whether a heading and its text meet here."""
    one, two = sorted((before.size, line.size))
    return before.bold != line.bold or two > _OTHER_SIZE * one


def _is_indented(before: Line, line: Line, after: Line | None) -> bool:
    """Tell whether a line alone stands further right than the ones around it, but for an item's."""
    if after is None:
        return False
    least, most = _INDENT[0] * line.size, _INDENT[1] * line.size
    same = abs(before.x0 - after.x0) < least / 2
    hangs = any(abs(word.x0 - line.x0) < least / 2 for word in islice(before.words, 1, 3))
    return same and not hangs and least <= line.x0 - before.x0 <= most
