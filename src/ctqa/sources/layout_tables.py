"""Tables whose cells run over lines: each row on one line."""

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import pairwise
from statistics import median, quantiles

from ctqa.sources.layout_gutters import GUTTER, Stripe, is_figure, rows_with_both, split, tallest
from ctqa.sources.layout_rows import Line, Row, Span, Word, cells_of, runs_of

_BANDS, _LEVEL = 3, 0.75  # rows of a table, at least, and the share that begin level
_BROKEN = 1.5  # lines in a row of a table, on average: with fewer it reads well line by line
_FURTHER_FIGURES = 0.25  # of the lines that go on with cells, at most, hold a number alone
_CELL_WIDTH = 4.0  # ems of the widest cell, at least: marks and numbers of items are narrower
_ONE_SIZE = 0.8  # of a table's words are set in one size; side by side in displays they are not
_BAND_STEP = 1.3  # times the usual distance of two lines, between the rows of a table
_FAR_STEP = 1.6  # ems, between lines that are rows of their own
_HEADS = 0.8  # ems between the heads of two columns, which stand closer than cells
_LINE_STEP = 0.8  # ems, at least, between two lines


def table(rows: Sequence[Row]) -> Stripe | None:
    """Find the rows of a table whose cells run over lines; None without any."""
    if len(rows) < 2 * _BANDS:
        return None
    em = median(word.size for row in rows for word in row)
    found = tallest(rows, GUTTER[1] * em)
    return next((stripe for stripe in found if _is_table(stripe, rows, em)), None)


def _is_table(stripe: Stripe, rows: Sequence[Row], em: float) -> bool:
    """Tell a table by the white between its rows, below which both its sides begin anew."""
    inside = rows[stripe.first : stripe.last + 1]
    if rows_with_both(stripe, rows) < _BANDS or not _is_of_one_size(inside):
        return False
    bands = _bands(inside)
    level = sum(band[0][0].x1 <= stripe.x0 and band[0][-1].x0 >= stripe.x1 for band in bands)
    return (
        len(bands) >= _BANDS
        and _is_broken(bands)
        and level >= _LEVEL * len(bands)
        and _is_text_broken(bands)
        and all(_widest(side) >= _CELL_WIDTH * em for side in split(stripe, inside))
    )


def _is_broken(bands: Sequence[Sequence[Row]]) -> bool:
    """Tell whether cells run over lines in more than one place: heads do so above plain rows."""
    lengths = sorted(map(len, bands))[:-1]
    return sum(lengths) >= _BROKEN * len(lengths)


def _is_text_broken(bands: Sequence[Sequence[Row]]) -> bool:
    """Tell whether lines go on with the text of cells: rows of figures, set close, do not."""
    further = [row for band in bands for row in band[1:]]
    figures = sum(any(map(is_figure, runs_of(row))) for row in further)
    return figures <= _FURTHER_FIGURES * len(further)


def _widest(rows: Sequence[Row]) -> float:
    return max((row[-1].x1 - row[0].x0 for row in rows if row), default=0.0)


def _is_of_one_size(rows: Sequence[Row]) -> bool:
    sizes = Counter(word.size for row in rows for word in row)
    return sizes.most_common(1)[0][1] >= _ONE_SIZE * sizes.total()


def _bands(rows: Sequence[Row]) -> list[list[Row]]:
    """Part rows at white that runs through from side to side."""
    em = median(word.size for row in rows for word in row)
    steps = [two[0].base - one[0].base for one, two in pairwise(rows)]
    whole = [step for step in steps if step > _LINE_STEP * em]
    usual = quantiles(whole, n=4, method="inclusive")[0] if len(whole) > 1 else _FAR_STEP * em
    most = min(_BAND_STEP * usual, _FAR_STEP * em)
    bands = [[rows[0]]]
    for step, row in zip(steps, rows[1:], strict=True):
        if step > most:
            bands.append([])
        bands[-1].append(row)
    return bands


def table_lines(rows: Sequence[Row]) -> Iterator[Line]:
    """Write each row of a table on one line, cell by cell."""
    bands = _bands(rows)
    columns = _columns([row for band in bands[1:] for row in band])  # heads may span several
    for band in bands:
        yield Line(cells=_cells(band, columns), apart=len(band) > 1 or band is bands[0])


def _cells(band: Sequence[Row], columns: Sequence[Span]) -> tuple[tuple[Word, ...], ...]:
    if len(band) == 1:
        return cells_of(band[0])
    cells: list[list[Word]] = [[] for _ in columns]
    for row in band:
        for run in runs_of(row, _HEADS):
            middle = (run[0].x0 + run[-1].x1) / 2
            at = next(at for at, (_, x1) in enumerate(columns) if middle < x1)
            cells[at] += run
    return tuple(tuple(cell) for cell in cells if cell)


def _columns(rows: Sequence[Row]) -> list[Span]:
    """Find the columns of a table, parted in the middle of what is white all the way down."""
    words = sorted((word for row in rows for word in row), key=lambda word: word.x0)
    gap = GUTTER[0] * median(word.size for word in words)
    bounds, end = [float("-inf")], words[0].x1
    for word in words:
        if word.x0 - end >= gap:
            bounds.append((end + word.x0) / 2)
        end = max(end, word.x1)
    return list(pairwise([*bounds, float("inf")]))
