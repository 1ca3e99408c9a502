"""A PDF as pypdfium2 reads it, beside pypdf: lines in reading order, what is drawn, pictures."""

import ctypes
import math
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
import pypdfium2
import pypdfium2.raw as pdfium
from numpy.typing import NDArray

from ctqa.sources.layout import Line, lines_in_order
from ctqa.sources.pdf_signs import Glyphs, glyphs_of

T = TypeVar("T")
Picture = NDArray[np.uint8]

# What comes out of pypdfium2 5.15 over broken files.
_FAILURES = (
    pypdfium2.PdfiumError,
    ctypes.ArgumentError,
    AssertionError,
    MemoryError,
    OSError,
    TypeError,
    ValueError,
)
_MOST_PIXELS = 25_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class PlacedLine:
    """A line with the height of its page, 0 where its place tells nothing."""

    line: Line
    height: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Laid:
    """The text of a page in reading order, and the words outside its box, which are left out."""

    lines: tuple[PlacedLine, ...] = ()
    outside: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawn:
    """What a page holds beside text."""

    pictures: float  # share of the page they cover, 0..1
    strokes: int  # parts of the lines and curves


class Second:
    """A file opened a second time. Whatever fails gives nothing: the text of pypdf stands."""

    def __init__(self, data: bytes, password: str) -> None:
        self._document: pypdfium2.PdfDocument | None = None
        with suppress(*_FAILURES):
            self._document = pypdfium2.PdfDocument(data, password=password or None)

    @property
    def count(self) -> int:
        """Count the pages; 0 where the file cannot be opened."""
        return 0 if self._document is None else len(self._document)

    def close(self) -> None:
        """Give the file back to pdfium."""
        if self._document is not None:
            self._document.close()

    def laid(self, position: int) -> Laid:
        """Read a page."""
        found = self._of_page(position, _laid)
        return Laid() if found is None else found

    def drawn(self, position: int) -> Drawn | None:
        """Tell what a page holds beside text; None where it cannot be told."""
        return self._of_page(position, _drawn)

    def picture(self, position: int, dpi: int) -> Picture | None:
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
        except (*_FAILURES, IndexError):
            return None


def _laid(page: pypdfium2.PdfPage) -> Laid:
    glyphs = glyphs_of(page)
    return Laid(lines=tuple(_lines(glyphs)), outside=" ".join(glyphs.outside))


def _lines(glyphs: Glyphs) -> Iterator[PlacedLine]:
    for number, turn in enumerate(glyphs.turns):
        height = turn.height if number == 0 else 0.0  # a stamp up the margin is no heading
        for line in lines_in_order(turn.words, turn.height):
            yield PlacedLine(line=line, height=height)
    for words in glyphs.askew:
        yield PlacedLine(line=Line(cells=(words,)), height=0.0)


def _drawn(page: pypdfium2.PdfPage) -> Drawn:
    left, bottom, right, top = page.get_bbox()
    pictures, strokes = 0.0, 0
    for thing in page.get_objects():
        if thing.type == pdfium.FPDF_PAGEOBJ_IMAGE:
            x0, y0, x1, y1 = thing.get_bounds()
            width, height = min(x1, right) - max(x0, left), min(y1, top) - max(y0, bottom)
            pictures += max(width, 0.0) * max(height, 0.0)
        elif thing.type == pdfium.FPDF_PAGEOBJ_PATH:
            strokes += pdfium.FPDFPath_CountSegments(thing.raw)
    return Drawn(pictures=min(pictures / ((right - left) * (top - bottom)), 1.0), strokes=strokes)


def _rendered(page: pypdfium2.PdfPage, dpi: int) -> Picture:
    width, height = page.get_size()
    scale = min(dpi / 72, math.sqrt(_MOST_PIXELS / (width * height)))
    bitmap = page.render(scale=scale, rev_byteorder=True)
    try:
        picture: Picture = bitmap.to_numpy()[..., :3].copy()  # (height, width, 3)
        return picture
    finally:
        bitmap.close()
