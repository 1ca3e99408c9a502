"""Words with their places on a page -> lines in reading order: geometry alone.

A page is cut where a gutter runs down between two stretches of prose: what stands above the
gutter is read first, then its left side, its right side, and what stands below; each part is cut
again. What is not parted by a gutter is read line by line, so that the cells of a table stay on
the line of their row. Coordinates are points; y grows downwards.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from statistics import median

_ROW = 0.5  # of the smaller type size: how far apart the baselines of one line lie
_RAISED = 0.6  # of the larger one, for signs set high or low in smaller type
_SMALLER = 0.85  # such signs are no larger, beside the line's type
_GUTTER = (0.6, 0.9)  # ems: width of a gutter over many rows, and over few
_FEW_ROWS, _MANY_ROWS = 4, 8
_CELLS = 1.5  # ems between two words: from here on they are cells of a table
_AS_LONG = 0.9  # of the rows along the longest gutter
_PROSE_WIDTH = 8.0  # ems of an unbroken line, at least, in a column of prose
_PROSE_ROWS = 0.5  # of the rows a column runs over that have text in it
_FIGURES = 0.4  # of a column's words, at most, are numbers
_MARGIN = 0.09  # of the page's height: where heads and feet stand
_APART = 1.35  # times the usual distance of two lines
_OTHER_SIZE = 1.12  # times the type size of the line before
_INDENT = (0.7, 4.0)  # ems


@dataclass(frozen=True, slots=True, kw_only=True)
class Word:
    """A word and where it stands."""

    text: str
    x0: float
    x1: float
    base: float  # of the baseline
    size: float  # of the type, in points
    bold: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A line of text as it is read."""

    words: tuple[Word, ...]
    apart: bool = False  # a paragraph, a heading or a column begins here

    @property
    def text(self) -> str:
        """The words, with two spaces and more between cells."""
        parts = [self.words[0].text]
        for one, two in pairwise(self.words):
            parts += ["   " if two.x0 - one.x1 > _CELLS * min(one.size, two.size) else " "]
            parts += [two.text]
        return "".join(parts)

    @property
    def x0(self) -> float:
        """Where it begins."""
        return self.words[0].x0

    @property
    def x1(self) -> float:
        """Where it ends."""
        return self.words[-1].x1

    @property
    def base(self) -> float:
        """Its baseline: that of its largest type."""
        return max(self.words, key=lambda word: word.size).base

    @property
    def size(self) -> float:
        """The type size of most of its characters."""
        sizes: dict[float, int] = {}
        for word in self.words:
            sizes[word.size] = sizes.get(word.size, 0) + len(word.text)
        return max(sizes, key=lambda size: (sizes[size], size))

    @property
    def bold(self) -> bool:
        """Whether all of it is bold."""
        return all(word.bold for word in self.words)


_Row = list[Word]  # from left to right


@dataclass(frozen=True, slots=True)
class _Stripe:
    """White from `x0` to `x1` over the rows from `first` to `last`."""

    x0: float
    x1: float
    first: int
    last: int


def lines_in_order(words: Sequence[Word], height: float) -> tuple[Line, ...]:
    """Put the words of a page of some height into lines, in the order in which they are read."""
    return tuple(_read(words, height, 0))


def _read(words: Sequence[Word], height: float, depth: int) -> Iterator[Line]:
    rows = _rows(words)
    stripe = _gutter(rows, height) if depth < 40 else None
    if stripe is None:
        yield from _lines(rows)
        return
    inside = [word for row in rows[stripe.first : stripe.last + 1] for word in row]
    middle = (stripe.x0 + stripe.x1) / 2
    parts = (
        [word for row in rows[: stripe.first] for word in row],
        [word for word in inside if word.x0 < middle],
        [word for word in inside if word.x0 >= middle],
        [word for row in rows[stripe.last + 1 :] for word in row],
    )
    for part in parts:
        if part:
            yield from _read(part, height, depth + 1)


def _rows(words: Sequence[Word]) -> list[_Row]:
    rows: list[_Row] = []
    for word in sorted(words, key=lambda word: (word.base, word.x0)):
        if rows and _on_row(word, rows[-1]):
            rows[-1].append(word)
        else:
            rows.append([word])
    joined: list[_Row] = []
    for row in rows:
        if joined and _is_raised(joined[-1], row):
            joined[-1] += row
        else:
            joined.append(row)
    return [sorted(row, key=lambda word: word.x0) for row in joined]


def _on_row(word: Word, row: _Row) -> bool:
    first = row[0]
    return word.base - first.base <= _ROW * min(word.size, first.size)


def _is_raised(above: _Row, row: _Row) -> bool:
    """Tell whether two rows are one, of which a part is set high or low in smaller type."""
    one, two = max(word.size for word in above), max(word.size for word in row)
    near = min(w.base for w in row) - min(w.base for w in above) <= _RAISED * max(one, two)
    if not near or min(one, two) > _SMALLER * max(one, two):
        return False
    return not any(a.x0 < b.x1 and b.x0 < a.x1 for a in above for b in row)


def _gutter(rows: Sequence[_Row], height: float) -> _Stripe | None:
    """Find the gutter that most rows have on both sides text along; None without any."""
    if len(rows) < _FEW_ROWS:
        return None
    em = median(word.size for row in rows for word in row)
    found = (_trimmed(stripe, rows, height) for stripe in _stripes(rows, _GUTTER[0] * em))
    counted = [(_rows_with_both(stripe, rows), stripe) for stripe in found]
    fit = [(both, stripe) for both, stripe in counted if _is_gutter(stripe, rows, both, em)]
    most = max((both for both, _ in fit), default=0)
    # A number before a column of text goes with what is right of it: hence the leftmost.
    longest = [stripe for both, stripe in fit if both >= _AS_LONG * most]
    return min(longest, key=lambda stripe: stripe.x0, default=None)


def _stripes(rows: Sequence[_Row], width: float) -> Iterator[_Stripe]:
    """Give every white stripe that cannot be made taller without making it narrower."""
    left, right = min(row[0].x0 for row in rows), max(word.x1 for row in rows for word in row)
    open_: dict[tuple[float, float], int] = {}
    for number, row in enumerate(rows):
        gaps = _gaps(row, left, right, width)
        going: dict[tuple[float, float], int] = dict.fromkeys(gaps, number)
        for (x0, x1), first in open_.items():
            whole = False
            for a, b in gaps:
                shared = max(x0, a), min(x1, b)
                if shared[1] - shared[0] >= width:
                    going[shared] = min(first, going.get(shared, first))
                    whole = whole or shared == (x0, x1)
            if not whole:
                yield _Stripe(x0, x1, first, number - 1)
        open_ = going
    yield from (_Stripe(x0, x1, first, len(rows) - 1) for (x0, x1), first in open_.items())


def _gaps(row: _Row, left: float, right: float, width: float) -> list[tuple[float, float]]:
    gaps, end = [], left - width
    for word in row:
        if word.x0 - end >= width:
            gaps.append((end, word.x0))
        end = max(end, word.x1)
    return [*gaps, (end, right + width)] if right + width - end >= width else gaps


def _trimmed(stripe: _Stripe, rows: Sequence[_Row], height: float) -> _Stripe:
    """Leave out a head at the very top of the page, and a foot at its very bottom."""
    first, last = stripe.first, stripe.last
    pitch = _pitch([row[0].base for row in rows[first : last + 1]])
    while first < last and rows[first][0].base < _MARGIN * height and _far(rows, first, pitch):
        first += 1
    while (
        last > first and rows[last][0].base > (1 - _MARGIN) * height and _far(rows, last - 1, pitch)
    ):
        last -= 1
    return replace(stripe, first=first, last=last)


def _far(rows: Sequence[_Row], position: int, pitch: float) -> bool:
    return rows[position + 1][0].base - rows[position][0].base > _APART * pitch


def _pitch(bases: Sequence[float]) -> float:
    """Give the usual distance of two lines."""
    steps = [two - one for one, two in pairwise(bases) if two > one]
    return median(steps) if steps else 0.0


def _rows_with_both(stripe: _Stripe, rows: Sequence[_Row]) -> int:
    inside = rows[stripe.first : stripe.last + 1]
    return sum(row[0].x1 <= stripe.x0 and row[-1].x0 >= stripe.x1 for row in inside)


def _is_gutter(stripe: _Stripe, rows: Sequence[_Row], both: int, em: float) -> bool:
    """Tell a gutter between columns of prose from the white between the cells of a table."""
    wide = stripe.x1 - stripe.x0 >= _GUTTER[1] * em
    if both < (3 if wide else _MANY_ROWS) or stripe.last - stripe.first + 1 < _FEW_ROWS:
        return False
    inside = rows[stripe.first : stripe.last + 1]
    left = [[word for word in row if word.x1 <= stripe.x0] for row in inside]
    right = [[word for word in row if word.x0 >= stripe.x1] for row in inside]
    return _is_prose(left) and _is_prose(right)


def _is_prose(rows: Sequence[_Row]) -> bool:
    filled = [number for number, row in enumerate(rows) if row]
    if len(filled) < _PROSE_ROWS * (filled[-1] - filled[0] + 1):
        return False
    words = [word for row in rows for word in row]
    figures = sum(not any(map(str.isalpha, word.text)) for word in words)
    em = median(word.size for word in words)
    runs = [run for row in rows if row for run in _runs(row)]
    widths = [run[-1].x1 - run[0].x0 for run in runs]
    return figures <= _FIGURES * len(words) and median(widths) >= _PROSE_WIDTH * em


def _runs(row: _Row) -> list[_Row]:
    """Part a row where cells would be parted."""
    runs = [[row[0]]]
    for one, two in pairwise(row):
        if two.x0 - one.x1 > _CELLS * min(one.size, two.size):
            runs.append([])
        runs[-1].append(two)
    return runs


def _lines(rows: Sequence[_Row]) -> Iterator[Line]:
    """Mark where a paragraph begins: below a gap, indented, or in another type size."""
    lines = [Line(words=tuple(row)) for row in rows]
    bases = [line.base for line in lines]
    pitch = _pitch(bases)
    for number, line in enumerate(lines):
        before = lines[number - 1] if number else None
        after = lines[number + 1] if number + 1 < len(lines) else None
        gap = before is not None and bases[number] - bases[number - 1] > _APART * pitch
        apart = before is None or gap or _differs(before, line) or _is_indented(before, line, after)
        yield replace(line, apart=apart)


def _differs(before: Line, line: Line) -> bool:
    """Tell whether a heading and its text meet here."""
    one, two = sorted((before.size, line.size))
    return before.bold != line.bold or two > _OTHER_SIZE * one


def _is_indented(before: Line, line: Line, after: Line | None) -> bool:
    """Tell whether a line alone stands further right than the ones around it."""
    if after is None:
        return False
    least, most = _INDENT[0] * line.size, _INDENT[1] * line.size
    same = abs(before.x0 - after.x0) < least / 2
    return same and least <= line.x0 - before.x0 <= most
