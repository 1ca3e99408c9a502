"""Gutters: the white that runs down between two columns of prose."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from heapq import nlargest
from statistics import median

from ctqa.sources.layout_rows import Row, Span, runs_of

GUTTER = (0.6, 0.9)  # ems: width of a gutter along many rows, and along few
_FEW_ROWS, _MANY_ROWS = 3, 8  # with text on both sides
_STRIPES = 200  # the tallest that are looked at
_CROWDED = 60  # gaps in a row, which is then part of a drawing or a wide table
_AS_LONG = 0.9  # of the rows along the longest gutter
_MARGIN = 0.09  # of the page's height: where heads and feet stand
_HEAD_GAP = 2.2  # times the type size, between a head or foot and the text
_LONE, _LONE_GAP = 2, 4.0  # rows on one side, at most, that are far from the columns; type sizes

# What tells a column of prose from cells of a table, measured on two-column papers and reports
# beside filings that are full of tables.
_SHORTEST, _SHORT = 6, 10  # lines of a column: at least, and up to which it must look the part
_SHORT_FULL, _LONG_FULL = 0.6, 0.35  # of its lines reach its right edge
_RAGGED = 0.15  # of its width: so near its edge a line reaches it
_PROSE_WIDTH = 8.0  # ems of an unbroken line, at least
_FLOWING = 0.5  # of its words stand in such lines
_FIGURES = 0.3  # of its lines and cells, at most, are numbers
_DENSE = 0.35  # of its height is filled, at least; notes in a margin fill less


@dataclass(frozen=True, slots=True)
class Stripe:
    """White from `x0` to `x1` over the rows from `first` to `last`."""

    x0: float
    x1: float
    first: int
    last: int


def gutter(rows: Sequence[Row], height: float) -> Stripe | None:
    """Find the gutter that most rows have on both sides text along; None without any."""
    if len(rows) < _FEW_ROWS:
        return None
    em = median(word.size for row in rows for word in row)
    found = (_trimmed(stripe, rows, height) for stripe in tallest(rows, GUTTER[0] * em))
    counted = [(rows_with_both(stripe, rows), stripe) for stripe in found]
    fit = [(both, stripe) for both, stripe in counted if _is_gutter(stripe, rows, both, em)]
    most = max((both for both, _ in fit), default=0)
    # A number before a column of text goes with what is right of it: hence the leftmost.
    leftmost = min((stripe.x1 for both, stripe in fit if both >= _AS_LONG * most), default=0.0)
    there = [(both, stripe) for both, stripe in fit if stripe.x0 < leftmost <= stripe.x1]
    return max(there, key=lambda pair: (pair[0], -pair[1].x0))[1] if there else None


def tallest(rows: Sequence[Row], width: float) -> list[Stripe]:
    """Give the white stripes of some width that run along the most rows."""
    return nlargest(_STRIPES, _stripes(rows, width), key=lambda stripe: stripe.last - stripe.first)


def _stripes(rows: Sequence[Row], width: float) -> Iterator[Stripe]:
    """Give every white stripe that cannot be made taller without making it narrower."""
    left, right = min(row[0].x0 for row in rows), max(word.x1 for row in rows for word in row)
    open_: dict[Span, int] = {}
    for number, row in enumerate(rows):
        gaps = _gaps(row, left, right, width)
        if len(gaps) > _CROWDED:
            gaps = []
        going: dict[Span, int] = dict.fromkeys(gaps, number)
        for (x0, x1), first in open_.items():
            whole = False
            for a, b in gaps:
                shared = max(x0, a), min(x1, b)
                if shared[1] - shared[0] >= width:
                    going[shared] = min(first, going.get(shared, first))
                    whole = whole or shared == (x0, x1)
            if not whole:
                yield Stripe(x0, x1, first, number - 1)
        open_ = going
    yield from (Stripe(x0, x1, first, len(rows) - 1) for (x0, x1), first in open_.items())


def _gaps(row: Row, left: float, right: float, width: float) -> list[Span]:
    gaps, end = [], left - width
    for word in row:
        if word.x0 - end >= width:
            gaps.append((end, word.x0))
        end = max(end, word.x1)
    return [*gaps, (end, right + width)] if right + width - end >= width else gaps


def _trimmed(stripe: Stripe, rows: Sequence[Row], height: float) -> Stripe:
    """Leave out a head and a foot: far from the columns, and at the page's edge or on one side."""
    first, last = stripe.first, stripe.last
    beside = [at for at in range(first, last + 1) if _is_beside(stripe, rows[at])]
    if not beside:
        return stripe
    for at in range(first, last):
        apart = _distance(rows, at)
        lone_above = at < min(beside[0], first + _LONE) and apart > _LONE_GAP
        lone_below = at >= max(beside[-1], stripe.last - _LONE) and apart > _LONE_GAP
        if lone_above or (rows[at][0].base < _MARGIN * height and apart > _HEAD_GAP):
            first = at + 1
        elif lone_below or (rows[at + 1][0].base > (1 - _MARGIN) * height and apart > _HEAD_GAP):
            last = at
            break
    return replace(stripe, first=first, last=last)


def _is_beside(stripe: Stripe, row: Row) -> bool:
    return row[0].x1 <= stripe.x0 and row[-1].x0 >= stripe.x1


def _distance(rows: Sequence[Row], position: int) -> float:
    """Give how far a row is from the next one, in its type size or the next one's."""
    row, below = rows[position], rows[position + 1]
    return (below[0].base - row[0].base) / max(row[0].size, below[0].size)


def rows_with_both(stripe: Stripe, rows: Sequence[Row]) -> int:
    """Count the rows with text on both sides of a stripe."""
    return sum(_is_beside(stripe, row) for row in rows[stripe.first : stripe.last + 1])


def _is_gutter(stripe: Stripe, rows: Sequence[Row], both: int, em: float) -> bool:
    """Tell a gutter between columns of prose from the white between the cells of a table."""
    wide = stripe.x1 - stripe.x0 >= GUTTER[1] * em
    if both < (_FEW_ROWS if wide else _MANY_ROWS):
        return False
    return all(map(_is_prose, split(stripe, rows[stripe.first : stripe.last + 1])))


def split(stripe: Stripe, rows: Sequence[Row]) -> tuple[list[Row], list[Row]]:
    """Part rows at a stripe; a row may be empty on one side."""
    left = [[word for word in row if word.x1 <= stripe.x0] for row in rows]
    right = [[word for word in row if word.x0 >= stripe.x1] for row in rows]
    return left, right


def _is_prose(rows: Sequence[Row]) -> bool:
    filled = [row for row in rows if row]
    runs = [run for row in filled for run in runs_of(row)]
    em = median(word.size for row in filled for word in row)
    flowing = sum(len(run) for run in runs if run[-1].x1 - run[0].x0 >= _PROSE_WIDTH * em)
    full = _SHORT_FULL if len(filled) < _SHORT else _LONG_FULL
    return (
        len(filled) >= _SHORTEST
        and _fullness(filled) >= full
        and flowing >= _FLOWING * sum(map(len, runs))
        and sum(map(is_figure, runs)) <= _FIGURES * len(runs)
        and _density(filled, em) >= _DENSE
    )


def is_figure(run: Row) -> bool:
    """Tell whether a run of words is a number."""
    text = "".join(word.text for word in run)
    return any(map(str.isdigit, text)) and not any(map(str.isalpha, text))


def _fullness(rows: Sequence[Row]) -> float:
    """Give the share of a column's lines that reach its right edge, as most lines of prose do."""
    left, ends = min(row[0].x0 for row in rows), sorted(row[-1].x1 for row in rows)
    edge = ends[int(0.9 * (len(ends) - 1))]
    return sum(end >= edge - _RAGGED * (edge - left) for end in ends) / len(ends)


def _density(rows: Sequence[Row], em: float) -> float:
    """Give how much of a column's height its lines fill, each taken to be 1.5 ems high."""
    bases = [row[0].base for row in rows]
    return 1.5 * em * len(bases) / (bases[-1] - bases[0] + 1.5 * em)
