"""Words with their places, and the rows they stand in.

Coordinates are points; y grows downwards.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain, groupby, pairwise
from statistics import median

_RIGHT_TO_LEFT = re.compile(r"[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufeff]")

_BETWEEN_CELLS = "   "
_ROW = 0.5  # of the smaller type size: how far apart the baselines of one row lie
_RAISED = 0.6  # of the larger one, for signs set high or low in smaller type
_SMALLER = 0.85  # such signs are no larger, beside the row's type
_TOUCH = 0.3  # ems by which their boxes reach into their neighbours'
_CELLS = 1.5  # ems between two words: from here on they are cells of a table


@dataclass(frozen=True, slots=True, kw_only=True)
class Word:
    """A word and where it stands."""

    text: str
    x0: float
    x1: float
    base: float  # of the baseline
    size: float  # of the type, in points
    bold: bool = False
    first: int = field(
        default=-1, compare=False
    )  # of its signs, as pdfium counts them; -1: unknown


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A line of text as it is read, or a row of a table."""

    cells: tuple[tuple[Word, ...], ...]  # one where it is no row
    apart: bool = False  # a paragraph, a heading or a column begins here

    @property
    def text(self) -> str:
        """The words, with more than one space between cells."""
        return _BETWEEN_CELLS.join(" ".join(word.text for word in cell) for cell in self.cells)

    @property
    def words(self) -> Iterator[Word]:
        """The words in order."""
        return chain.from_iterable(self.cells)

    @property
    def x0(self) -> float:
        """Its left end."""
        return min(word.x0 for word in self.words)

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


Row = list[Word]  # from left to right
Span = tuple[float, float]


def rows_of(words: Sequence[Word]) -> list[Row]:
    """Put words into rows from the top down, signs set high or low with their words."""
    rows: list[Row] = []
    for word in sorted(words, key=lambda word: (word.base, word.x0)):
        if rows and _on_row(word, rows[-1]):
            rows[-1].append(word)
        else:
            rows.append([word])
    joined: list[Row] = []
    for row in rows:
        if joined and _is_raised(joined[-1], row):
            joined[-1] += row
        else:
            joined.append(row)
    return [sorted(row, key=lambda word: word.x0) for row in joined]


def _on_row(word: Word, row: Row) -> bool:
    first = row[0]
    return word.base - first.base <= _ROW * min(word.size, first.size)


def _is_raised(above: Row, row: Row) -> bool:
    """Tell whether two rows are one, of which a part is set high or low in smaller type."""
    one, two = max(word.size for word in above), max(word.size for word in row)
    near = min(w.base for w in row) - min(w.base for w in above) <= _RAISED * max(one, two)
    if not near or min(one, two) > _SMALLER * max(one, two):
        return False
    touch = _TOUCH * max(one, two)
    return not any(a.x0 < b.x1 - touch and b.x0 < a.x1 - touch for a in above for b in row)


def runs_of(row: Row, ems: float = _CELLS) -> list[Row]:
    """Part a row where so much white parts cells."""
    runs = [[row[0]]]
    for one, two in pairwise(row):
        if two.x0 - one.x1 > ems * min(one.size, two.size):
            runs.append([])
        runs[-1].append(two)
    return runs


def pitch(bases: Sequence[float]) -> float:
    """Give the usual distance of two lines."""
    steps = [two - one for one, two in pairwise(bases) if two > one]
    return median(steps) if steps else 0.0


def cells_of(row: Row) -> tuple[tuple[Word, ...], ...]:
    """Part a row into cells, each in reading order; prose is one cell."""
    runs = runs_of(row)
    if not runs_right_to_left(row):
        return tuple(map(tuple, runs))
    return tuple(tuple(_turned(run)) for run in reversed(runs))


def _turned(row: Row) -> Iterator[Word]:
    """Turn words of Arabic, Hebrew or the like round, but for the runs of other words in them."""
    for is_backwards, run in groupby(reversed(row), key=_is_right_to_left):
        words = list(run)
        yield from words if is_backwards else reversed(words)


def runs_right_to_left(words: Sequence[Word]) -> bool:
    """Tell whether most of the words are Arabic, Hebrew or the like."""
    backwards = sum(map(_is_right_to_left, words))
    return 2 * backwards > sum(any(map(str.isalpha, word.text)) for word in words)


def _is_right_to_left(word: Word) -> bool:
    return _RIGHT_TO_LEFT.search(word.text) is not None
