"""A PDF's pages as pypdfium2 sees them: words with their places, and pictures."""

import ctypes
import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import TypeVar

import numpy as np
import pypdfium2
import pypdfium2.raw as pdfium
from numpy.typing import NDArray

from ctqa.sources.layout import Line, Word, lines_in_order

T = TypeVar("T")

# What comes out of pypdfium2 5.15 over broken files.
FAILURES = (
    pypdfium2.PdfiumError,
    ctypes.ArgumentError,
    AssertionError,
    MemoryError,
    OSError,
    TypeError,
    ValueError,
)

_HYPHEN = 0x02  # what pdfium gives for a hyphen at the end of a line
_JUMP = 0.5  # ems between two signs, from where on they are of two words
_BOLD = 600  # font weights from here on
_MOST_PIXELS = 25_000_000
_ASKEW = math.radians(10)  # off the page's edges


@dataclass(frozen=True, slots=True)
class Turn:
    """The words that run in one direction: 0, 90, 180 or 270 degrees; -1 for others."""

    degrees: int
    words: tuple[Word, ...]
    height: float  # of the page, as seen with these words upright


@dataclass(slots=True)
class _Run:
    """A word while its signs are gathered."""

    quadrant: int  # -1: askew
    first: int  # index of its first sign
    size: float
    base: float
    x0: float
    x1: float
    signs: list[str] = field(default_factory=list)


class Glyphs:
    """The signs of one page; close it before its page is left."""

    def __init__(self, page: pypdfium2.PdfPage) -> None:
        self._text = page.get_textpage()
        self._raw = self._text.raw
        self._box = page.get_bbox()

    def close(self) -> None:
        """Give the page's text back to pdfium."""
        self._text.close()

    def turns(self) -> tuple[Turn, ...]:
        """Give the page's words by direction, the commonest first."""
        left, bottom, right, top = self._box
        found: dict[int, list[Word]] = {}
        for run in self._runs():
            found.setdefault(run.quadrant, []).append(self._word(run))
        heights = {0: top - bottom, 1: right - left, 2: top - bottom, 3: right - left, -1: 0.0}
        turns = [
            Turn(quadrant * 90 if quadrant >= 0 else -1, tuple(words), heights[quadrant])
            for quadrant, words in found.items()
        ]
        return tuple(sorted(turns, key=lambda turn: -sum(len(w.text) for w in turn.words)))

    def _runs(self) -> Iterator[_Run]:
        run: _Run | None = None
        box, loose = pdfium.FS_RECTF(), pdfium.FPDFText_GetLooseCharBox
        unicode_of, raw = pdfium.FPDFText_GetUnicode, self._raw
        for index in range(self._text.count_chars()):
            code = unicode_of(raw, index)
            sign = "-" if code == _HYPHEN else chr(code)
            if sign.isspace() or not loose(raw, index, box) or not self._holds(box):
                if run is not None:
                    yield run
                run = None
                continue
            if run is not None and not self._goes_on(run, box):
                yield run
                run = None
            if run is None:
                run = self._begun(index, box)
            run.signs.append(sign)
            run.x1 = self._along(run.quadrant, box)[1]
        if run is not None:
            yield run

    def _holds(self, box: pdfium.FS_RECTF) -> bool:
        """Whether the middle of a sign lies on the page."""
        left, bottom, right, top = self._box
        x, y = (box.left + box.right) / 2, (box.top + box.bottom) / 2
        return bool(left <= x <= right and bottom <= y <= top)

    def _begun(self, index: int, box: pdfium.FS_RECTF) -> _Run:
        angle = pdfium.FPDFText_GetCharAngle(self._raw, index)
        quarters = round(angle / (math.pi / 2))
        askew = abs(angle - quarters * math.pi / 2) > _ASKEW
        quadrant = -1 if askew else -quarters % 4  # pdfium counts clockwise
        x, y = ctypes.c_double(), ctypes.c_double()
        pdfium.FPDFText_GetCharOrigin(self._raw, index, x, y)
        left, bottom, right, top = self._box
        bases = {0: top - y.value, 1: x.value - left, 2: y.value - bottom, 3: right - x.value}
        along = self._along(quadrant, box)
        return _Run(quadrant, index, self._size(index, box), bases.get(quadrant, 0.0), *along)

    def _size(self, index: int, box: pdfium.FS_RECTF) -> float:
        matrix = pdfium.FS_MATRIX()
        size: float = pdfium.FPDFText_GetFontSize(self._raw, index)
        if pdfium.FPDFText_GetMatrix(self._raw, index, matrix):
            size *= math.hypot(matrix.c, matrix.d)
        fallback: float = max(abs(box.top - box.bottom), 1.0)  # where a font tells nonsense
        return round(size, 1) if 0.1 < size < 2_000 else round(fallback, 1)

    def _along(self, quadrant: int, box: pdfium.FS_RECTF) -> tuple[float, float]:
        """Give where a sign begins and ends in the direction of its line."""
        left, bottom, right, top = self._box
        if quadrant == 1:
            return float(box.bottom - bottom), float(box.top - bottom)
        if quadrant == 2:
            return right - box.right, right - box.left
        if quadrant == 3:
            return top - box.top, top - box.bottom
        return box.left - left, box.right - left

    def _goes_on(self, run: _Run, box: pdfium.FS_RECTF) -> bool:
        if run.quadrant < 0:
            return True
        x0, x1 = self._along(run.quadrant, box)
        return x0 - run.x1 < _JUMP * run.size and x1 > run.x0 - _JUMP * run.size

    def _word(self, run: _Run) -> Word:
        return Word(
            text="".join(run.signs),
            x0=min(run.x0, run.x1),
            x1=max(run.x0, run.x1),
            base=run.base,
            size=run.size,
            bold=pdfium.FPDFText_GetFontWeight(self._raw, run.first) >= _BOLD
            or self._font_is_bold(run.first),
        )

    def _font_is_bold(self, index: int) -> bool:
        name = ctypes.create_string_buffer(128)
        pdfium.FPDFText_GetFontInfo(self._raw, index, name, 128, None)
        return any(sign in name.value.lower() for sign in (b"bold", b"black", b"heavy", b"-bd"))


@dataclass(frozen=True, slots=True)
class Drawn:
    """What a page holds beside text."""

    pictures: float  # share of the page they cover, 0..1
    strokes: int  # parts of the lines and curves drawn


class Second:
    """The same file as pypdfium2 reads it; every page may fail without a word."""

    def __init__(self, data: bytes, password: str) -> None:
        try:
            self._document: pypdfium2.PdfDocument | None = pypdfium2.PdfDocument(
                data, password=password or None
            )
        except FAILURES:
            self._document = None

    @property
    def count(self) -> int:
        """Count the pages; 0 where the file cannot be opened."""
        return 0 if self._document is None else len(self._document)

    def close(self) -> None:
        """Give the file back to pdfium."""
        if self._document is not None:
            self._document.close()

    def lines(self, position: int) -> tuple[tuple[Line, float], ...]:
        """Give a page's lines in reading order, each with the height of its page."""
        found = self._of_page(position, _placed)
        return () if found is None else found

    def drawn(self, position: int) -> Drawn | None:
        """Tell what a page holds beside text; None where it cannot be told."""
        return self._of_page(position, _drawn)

    def picture(self, position: int, dpi: int) -> NDArray[np.uint8] | None:
        """Render a page in red, green and blue, smaller where it would be huge."""
        return self._of_page(position, lambda page: _rendered(page, dpi))

    def _of_page(self, position: int, what: Callable[[pypdfium2.PdfPage], T]) -> T | None:
        if self._document is None:
            return None
        try:
            page = self._document[position]
            try:
                return what(page)
            finally:
                page.close()
        except FAILURES:
            return None


def _placed(page: pypdfium2.PdfPage) -> tuple[tuple[Line, float], ...]:
    glyphs = Glyphs(page)
    try:
        turns = glyphs.turns()
    finally:
        glyphs.close()
    return tuple(
        (line, turn.height)
        for turn in turns
        for line in (
            lines_in_order(turn.words, turn.height)
            if turn.degrees >= 0
            else (Line(words=turn.words, apart=True),)
        )
    )


def _drawn(page: pypdfium2.PdfPage) -> Drawn:
    left, bottom, right, top = page.get_bbox()
    pictures, strokes = 0.0, 0
    for thing in page.get_objects():
        if thing.type == pdfium.FPDF_PAGEOBJ_IMAGE:
            x0, y0, x1, y1 = thing.get_bounds()
            width, height = min(x1, right) - max(x0, left), min(y1, top) - max(y0, bottom)
            pictures += max(width, 0) * max(height, 0)
        elif thing.type == pdfium.FPDF_PAGEOBJ_PATH:
            strokes += pdfium.FPDFPath_CountSegments(thing.raw)
    return Drawn(min(pictures / max((right - left) * (top - bottom), 1), 1.0), strokes)


def _rendered(page: pypdfium2.PdfPage, dpi: int) -> NDArray[np.uint8]:
    width, height = page.get_size()
    scale = min(dpi / 72, math.sqrt(_MOST_PIXELS / max(width * height, 1)))
    bitmap = page.render(scale=scale, rev_byteorder=True)
    try:
        picture: NDArray[np.uint8] = bitmap.to_numpy()[..., :3].copy()  # (height, width, 3)
        return picture
    finally:
        bitmap.close()
