"""Lines of a picture with their boxes -> text in reading order: geometry alone.

Columns of prose are read one after the other; what else stands side by side is read as rows.
`layout` does this for words of a text layer, whose baselines and type sizes are exact; the boxes
of whole lines that are found in a picture are not.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median, median_low

# In heights of a line where nothing else is said.
_CELL_GAP = 0.5  # boxes are drawn a little wider than the ink
_PARAGRAPH_GAP = 0.5  # beyond the usual gap between two rows
_SAME_ROW = 0.5  # of the lower line's height that two lines of a row have in common
_SLACK = 0.5  # by which a line may reach over a gutter, or over its neighbour in a row
_PROSE_LINES = 3
_PROSE_WIDTH = 8.0  # median of a column's lines; cells of tables are narrower
_STAMP = 2.0  # height by width from which a line runs up or down a margin


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A printed line, or a cell, and its box in pixels from the top left corner."""

    left: float
    top: float
    right: float
    bottom: float
    text: str = ""

    @property
    def height(self) -> float:
        """Measure how high it is."""
        return self.bottom - self.top

    @property
    def width(self) -> float:
        """Measure how wide it is."""
        return self.right - self.left


def in_order(lines: Iterable[Line]) -> str:
    """Join lines as they are read: cells by two spaces, paragraphs by an empty line."""
    placed = _from_the_top(lines)
    stamps = [line for line in placed if _is_stamp(line)]
    blocks = _blocks([line for line in placed if not _is_stamp(line)])
    texts = [*(_text(block) for block in blocks if block), *(line.text for line in stamps)]
    return "\n\n".join(texts)


def gutters(lines: Iterable[Line]) -> list[float]:
    """Give where gutters between columns of prose run down, as distances from the left."""
    return _gutters(_from_the_top(line for line in lines if not _is_stamp(line)))


def reaches_over(line: Line, gutter: float) -> bool:
    """Tell whether a line stands on both sides of a gutter."""
    slack = _SLACK * line.height
    return line.left < gutter - slack and line.right > gutter + slack


def _from_the_top(lines: Iterable[Line]) -> list[Line]:
    return sorted(lines, key=lambda line: (line.top, line.left))


def _is_stamp(line: Line) -> bool:
    return len(line.text) > 2 and line.height > _STAMP * line.width


def _gutters(lines: Sequence[Line]) -> list[float]:
    gutter = _gutter(lines)
    if gutter is None:
        return []
    parted = [line for line in lines if not reaches_over(line, gutter)]
    left, right = _sides(parted, gutter)
    return [gutter, *_gutters(left), *_gutters(right)]


def _blocks(lines: Sequence[Line]) -> list[Sequence[Line]]:
    """Part lines into blocks that are read from top to bottom, in reading order."""
    gutter = _gutter(lines)
    if gutter is None:
        return [lines]
    blocks: list[Sequence[Line]] = []
    rest: list[Line] = []
    for band in _bands(lines, gutter):
        left, right = _sides(band, gutter)
        if _are_columns(left, right):
            blocks += [*_blocks(rest), *_blocks(left), *_blocks(right)]
            rest = []
        else:
            rest += band
    return [*blocks, *_blocks(rest)]


def _gutter(lines: Sequence[Line]) -> float | None:
    """Find where most lines stand in columns side by side; None: nowhere."""
    gains = {x: _gain(lines, x) for x in sorted({round(line.left) for line in lines})}
    best = max(gains, key=gains.__getitem__, default=0)
    return best if gains.get(best, 0) else None


def _gain(lines: Sequence[Line], gutter: float) -> int:
    """Count the lines that a gutter parts."""
    sides = [_sides(band, gutter) for band in _bands(lines, gutter)]
    return sum(min(len(left), len(right)) for left, right in sides if _are_columns(left, right))


def _bands(lines: Sequence[Line], gutter: float) -> Iterator[list[Line]]:
    """Part a page, from top to bottom, where lines reach over the gutter."""
    band: list[Line] = []
    for line in lines:
        if reaches_over(line, gutter):
            yield band
            yield [line]
            band = []
        else:
            band.append(line)
    yield band


def _sides(band: Sequence[Line], gutter: float) -> tuple[list[Line], list[Line]]:
    left = [line for line in band if line.left + line.right < 2 * gutter]
    return left, [line for line in band if line.left + line.right >= 2 * gutter]


def _are_columns(left: Sequence[Line], right: Sequence[Line]) -> bool:
    return _is_prose(left) and _is_prose(right)


def _is_prose(side: Sequence[Line]) -> bool:
    if len(side) < _PROSE_LINES:
        return False
    return median(line.width / max(line.height, 1.0) for line in side) >= _PROSE_WIDTH


def _text(block: Sequence[Line]) -> str:
    rows = _rows(block)
    gaps = [_top(after) - _bottom(before) for before, after in pairwise(rows)]
    usual = median_low(gaps) if gaps else 0.0
    wide = usual + _PARAGRAPH_GAP * median(line.height for line in block)
    parts = [_joined(rows[0])]
    for gap, row in zip(gaps, rows[1:], strict=True):
        parts += ["\n\n" if gap > wide else "\n", _joined(row)]
    return "".join(parts)


def _rows(block: Sequence[Line]) -> list[list[Line]]:
    rows: list[list[Line]] = []
    for line in sorted(block, key=lambda line: (line.top + line.bottom, line.left)):
        if rows and _belongs(line, rows[-1]):
            rows[-1].append(line)
        else:
            rows.append([line])
    return rows


def _belongs(line: Line, row: Sequence[Line]) -> bool:
    last = row[-1]
    common = min(line.bottom, last.bottom) - max(line.top, last.top)
    return common >= _SAME_ROW * min(line.height, last.height) and not any(
        _stands_over(line, other) for other in row
    )


def _stands_over(line: Line, other: Line) -> bool:
    shared = min(line.right, other.right) - max(line.left, other.left)
    return shared >= _SLACK * line.height


def _joined(row: Sequence[Line]) -> str:
    line, *others = sorted(row, key=lambda line: line.left)
    parts = [line.text]
    for other in others:
        is_cell = other.left - line.right > _CELL_GAP * line.height
        parts += ["  " if is_cell else " ", other.text]
        line = other
    return "".join(parts)


def _top(row: Sequence[Line]) -> float:
    return min(line.top for line in row)


def _bottom(row: Sequence[Line]) -> float:
    return max(line.bottom for line in row)
