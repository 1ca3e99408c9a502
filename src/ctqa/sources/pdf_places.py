"""Where stretches of a page's text stand on the page, exactly or not at all.

A page's text was put into reading order, or comes from pypdf; pdfium counts the signs as they are
drawn. The two are held against each other sign by sign, without white space.
"""

import ctypes
import math
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain

import pypdfium2
import pypdfium2.raw as pdfium

from ctqa.sources.decode import clean
from ctqa.sources.layout import lines_in_order
from ctqa.sources.pdf_signs import glyphs_of

_Extent = tuple[float, float]
Box = tuple[float, float, float, float]  # left, top, right, bottom: per cent of the page as drawn

_CONTEXT = (0, 2, 4, 8, 16, 32, 64, 128, 256)  # signs beside a stretch that tell it from its like
_GAP = 1.5  # ems between two signs, from where on what lies between is not marked with them
_OVERLAP = 0.5  # of the lower one's height: the signs of one line
_ASKEW = math.radians(2)  # off the page's edges
_UP, _DOWN = 0.95, 0.25  # ems that a line reaches above and below its baseline
_TALL = 1.5  # times that: what a font claims beyond it would cover the lines around
_FINE = 1_000_000  # steps in which pdfium is asked for places on a page
_SAME = str.maketrans(
    {
        **dict.fromkeys("\u2018\u2019\u201a\u201b\u2032\u0060\u00b4", "'"),
        **dict.fromkeys("\u201c\u201d\u201e\u201f\u2033", '"'),
        **dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2212\u0002", "-"),
        **dict.fromkeys("\u00ad\u200b\u200c\u200d\u2060\ufeff"),
    }
)


@dataclass(frozen=True, slots=True)
class _Signs:
    """Signs in some order, folded so that two readings of them compare, and where each is from."""

    folded: str
    origins: tuple[int, ...]  # of each folded sign


def places_of(
    page: pypdfium2.PdfPage, text: str, spans: Sequence[tuple[int, int]]
) -> list[list[Box] | None]:
    """Give the boxes over each span of a page's text, one a line; None where it is not found."""
    if not spans:
        return []
    wanted = _folded(enumerate(text))
    reader = page.get_textpage()
    try:
        orders = [_in_reading_order(page), _as_drawn(page, reader)]
        found = [_glyphs_of(wanted, span, orders) for span in spans]
        return [None if each is None else _boxes(page, reader, each) for each in found]
    finally:
        reader.close()


# Which signs ------------------------------------------------------------------------------------


def _folded(signs: "Iterator[tuple[int, str]] | enumerate[str]") -> _Signs:
    pieces, origins = [], []
    for origin, sign in signs:
        for each in unicodedata.normalize("NFKC", sign).translate(_SAME):
            if not each.isspace():
                pieces.append(each)
                origins.append(origin)
    return _Signs("".join(pieces), tuple(origins))


def _in_reading_order(page: pypdfium2.PdfPage) -> _Signs:
    """Give the signs as the page's text has them where it was written from their places."""
    glyphs = glyphs_of(page)
    lines = chain(
        (
            word
            for turn in glyphs.turns
            for line in lines_in_order(turn.words, turn.height)
            for word in line.words
        ),
        chain.from_iterable(glyphs.askew),
    )
    return _folded(
        (word.first + number, sign)
        for word in lines
        for number, sign in enumerate(clean(word.text))
    )


def _as_drawn(page: pypdfium2.PdfPage, reader: pypdfium2.PdfTextPage) -> _Signs:
    """Give the signs as pdfium counts them, but for those that lie outside the page."""
    left, bottom, right, top = page.get_bbox()
    box = pdfium.FS_RECTF()

    def inside() -> Iterator[tuple[int, str]]:
        for index in range(reader.count_chars()):
            if pdfium.FPDFText_GetLooseCharBox(reader.raw, index, box):
                x, y = (box.left + box.right) / 2, (box.top + box.bottom) / 2
                if left <= x <= right and bottom <= y <= top:
                    yield index, clean(chr(pdfium.FPDFText_GetUnicode(reader.raw, index)))

    return _folded(inside())


def _glyphs_of(
    text: _Signs, span: tuple[int, int], orders: Sequence[_Signs]
) -> tuple[int, ...] | None:
    """Find the signs of a span of the text; None where they cannot be told for certain."""
    held = [at for at, origin in enumerate(text.origins) if span[0] <= origin < span[1]]
    if not held:
        return None
    first, end = held[0], held[-1] + 1
    for order in orders:
        at = _found(text.folded, first, end, order.folded)
        if at is not None:
            glyphs = order.origins[at : at + end - first]
            beside = {*order.origins[max(at - 1, 0) : at], *order.origins[at + end - first :][:1]}
            return None if beside & set(glyphs) else tuple(dict.fromkeys(glyphs))
    return None


def _found(text: str, first: int, end: int, order: str) -> int | None:
    """Find where a stretch of one text begins in another one that may be ordered otherwise.

    Where it stands more than once, what stands beside it has to tell which one is meant.
    """
    if text == order:
        return first
    for more in _CONTEXT:
        for before, after in ((more, more), (more, 0), (0, more)):
            since = max(first - before, 0)
            stretch = text[since : end + after]
            at = order.find(stretch)
            if at >= 0 and _is_only(stretch, order, at) and _is_only(stretch, text, since):
                return at + first - since
    return None


def _is_only(stretch: str, text: str, at: int) -> bool:
    return text.find(stretch) == at and text.find(stretch, at + 1) < 0


# Where they stand -------------------------------------------------------------------------------


@dataclass(slots=True)
class _Stripe:
    """Signs of one line that stand together, along the line and across it."""

    quarters: int | None  # by which the line is turned; None: it stands askew
    along: tuple[float, float]
    across: tuple[float, float]

    def takes(self, other: "_Stripe") -> bool:
        """Tell whether a sign goes on these."""
        height = min(self.across[1] - self.across[0], other.across[1] - other.across[0])
        shared = min(self.across[1], other.across[1]) - max(self.across[0], other.across[0])
        gap = max(self.along[0], other.along[0]) - min(self.along[1], other.along[1])
        return (
            self.quarters is not None
            and self.quarters == other.quarters
            and shared >= _OVERLAP * height
            and gap <= _GAP * max(height, 1.0)
        )

    def add(self, other: "_Stripe") -> None:
        """Take a sign in."""
        self.along = min(self.along[0], other.along[0]), max(self.along[1], other.along[1])
        self.across = min(self.across[0], other.across[0]), max(self.across[1], other.across[1])


def _boxes(
    page: pypdfium2.PdfPage, reader: pypdfium2.PdfTextPage, glyphs: Sequence[int]
) -> list[Box] | None:
    """Give boxes over signs, those of a line in one; None where one of them has no place."""
    stripes: list[_Stripe] = []
    for glyph in glyphs:
        stripe = _stripe_of(reader, glyph)
        if stripe is None:
            return None
        if stripes and stripes[-1].takes(stripe):
            stripes[-1].add(stripe)
        else:
            stripes.append(stripe)
    return [_on_page(page, stripe) for stripe in stripes]


def _stripe_of(reader: pypdfium2.PdfTextPage, glyph: int) -> _Stripe | None:
    box = pdfium.FS_RECTF()
    if not pdfium.FPDFText_GetLooseCharBox(reader.raw, glyph, box):
        return None
    angle = pdfium.FPDFText_GetCharAngle(reader.raw, glyph)  # clockwise
    nearest = round(angle / (math.pi / 2))
    wide, high = (box.left, box.right), (box.bottom, box.top)
    if abs(angle - nearest * math.pi / 2) > _ASKEW:
        return _Stripe(None, wide, high)
    quarters = nearest % 4
    along, across = (high, wide) if quarters % 2 else (wide, high)
    line = _line_around(reader, glyph, quarters)
    is_tall = line is not None and across[1] - across[0] > _TALL * (line[1] - line[0])
    return _Stripe(quarters, along, line if line is not None and is_tall else across)


def _line_around(reader: pypdfium2.PdfTextPage, glyph: int, quarters: int) -> _Extent | None:
    """Give how far a line of a sign's type reaches up and down, whatever its font claims."""
    matrix, x, y = pdfium.FS_MATRIX(), ctypes.c_double(), ctypes.c_double()
    if not (
        pdfium.FPDFText_GetMatrix(reader.raw, glyph, matrix)
        and pdfium.FPDFText_GetCharOrigin(reader.raw, glyph, x, y)
    ):
        return None
    size = pdfium.FPDFText_GetFontSize(reader.raw, glyph) * math.hypot(matrix.c, matrix.d)
    base, up = (x if quarters % 2 else y).value, 1 if quarters < 2 else -1
    foot, head = base - up * _DOWN * size, base + up * _UP * size
    return min(foot, head), max(foot, head)


def _on_page(page: pypdfium2.PdfPage, stripe: _Stripe) -> Box:
    """Turn a place on the page into one on its picture, which may be turned or cropped."""
    is_turned = stripe.quarters in {1, 3}
    wide, high = (stripe.across, stripe.along) if is_turned else (stripe.along, stripe.across)
    corners = [_drawn_at(page, x, y) for x in wide for y in high]
    across, down = sorted(x for x, _ in corners), sorted(y for _, y in corners)
    left, right = max(across[0], 0.0), min(across[-1], 100.0)
    return left, max(down[0], 0.0), right, min(down[-1], 100.0)


def _drawn_at(page: pypdfium2.PdfPage, x: float, y: float) -> tuple[float, float]:
    across, down = ctypes.c_int(), ctypes.c_int()
    pdfium.FPDF_PageToDevice(page.raw, 0, 0, _FINE, _FINE, 0, x, y, across, down)
    return 100 * across.value / _FINE, 100 * down.value / _FINE
