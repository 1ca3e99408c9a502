"""The words of a PDF's page with their places, put together from pdfium's signs."""

import ctypes
import math
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import starmap

import pypdfium2
import pypdfium2.raw as pdfium

from ctqa.sources.layout_rows import Word

_NEW_LINE = 0x0A
_HYPHEN = 0x02  # what pdfium gives for a hyphen at the end of a line
_JUMP = 0.5  # ems between two signs, from where on they are of two words
_BOLD = 600  # font weights from here on
_BOLD_NAMES = re.compile(rb"bold|black|heavy|-bd|-demi|bx\d|-medi(?:ital)?$", re.IGNORECASE)
_PLAIN_NAMES = re.compile(rb"roman|regular|italic|rm\d", re.IGNORECASE)  # whatever the weight
_NAME_BYTES = 128
_LARGEST = 2_000  # points; a size beyond it is nonsense
_ASKEW = math.radians(2)  # off the page's edges

_Extent = tuple[float, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """The words of a page that run in one direction."""

    quarters: int  # counter-clockwise
    words: tuple[Word, ...]
    height: float  # of the page, as seen with these words upright


@dataclass(frozen=True, slots=True, kw_only=True)
class Glyphs:
    """What stands on a page, the commonest direction first, and the words beside it."""

    turns: tuple[Turn, ...]
    askew: tuple[tuple[Word, ...], ...]  # line by line, as pdfium parts them
    outside: tuple[str, ...]  # outside the page's box: never seen


@dataclass(slots=True)
class _Run:
    """A word while its signs are gathered."""

    quarters: int  # -1: askew
    line: int  # as pdfium counts them
    first: int  # index of its first sign
    size: float
    base: float
    x0: float
    x1: float
    inside: bool
    signs: list[str] = field(default_factory=list)


def glyphs_of(page: pypdfium2.PdfPage) -> Glyphs:
    """Read the words of a page."""
    text = page.get_textpage()
    try:
        return _Reader(text, page.get_bbox()).glyphs()
    finally:
        text.close()


class _Reader:
    """Reads the signs of one page, a call to pdfium for each."""

    def __init__(self, text: pypdfium2.PdfTextPage, box: tuple[float, float, float, float]) -> None:
        self._raw = text.raw
        self._count = text.count_chars()
        self._left, self._bottom, self._right, self._top = box
        self._bold: dict[bytes, bool] = {}

    def glyphs(self) -> Glyphs:
        """Sort the words by direction, those askew and outside the page apart."""
        runs = list(self._runs())
        inside = [run for run in runs if run.inside]
        turns: dict[int, list[Word]] = {}
        askew: dict[int, list[Word]] = {}
        for run in inside:
            words = (
                askew.setdefault(run.line, [])
                if run.quarters < 0
                else turns.setdefault(run.quarters, [])
            )
            words.append(self._word(run))
        return Glyphs(
            turns=tuple(sorted(starmap(self._turn, turns.items()), key=_signs, reverse=True)),
            askew=tuple(map(tuple, askew.values())),
            outside=tuple("".join(run.signs) for run in runs if not run.inside),
        )

    def _turn(self, quarters: int, words: list[Word]) -> Turn:
        sideways = quarters % 2 == 1
        height = self._right - self._left if sideways else self._top - self._bottom
        return Turn(quarters=quarters, words=tuple(words), height=height)

    def _runs(self) -> Iterator[_Run]:
        """Part the signs at white space, and where they jump."""
        run: _Run | None = None
        line = 0
        box = pdfium.FS_RECTF()
        unicode_of, box_of, raw = (
            pdfium.FPDFText_GetUnicode,
            pdfium.FPDFText_GetLooseCharBox,
            self._raw,
        )
        for index in range(self._count):
            sign = _SIGNS[code] if (code := unicode_of(raw, index)) < 256 else chr(code)
            line += code == _NEW_LINE
            if sign.isspace() or not box_of(raw, index, box):
                if run is not None:
                    yield run
                    run = None
                continue
            if run is not None:
                x0, x1 = self._along(run.quarters, box)
                if _goes_on(run, x0, x1):
                    run.signs.append(sign)
                    run.x0, run.x1 = min(run.x0, x0), max(run.x1, x1)  # either way
                    continue
                yield run
            run = self._begun(index, line, box)
            run.signs.append(sign)
        if run is not None:
            yield run

    def _begun(self, index: int, line: int, box: pdfium.FS_RECTF) -> _Run:
        quarters = self._quarters(index)
        x, y = ctypes.c_double(), ctypes.c_double()
        pdfium.FPDFText_GetCharOrigin(self._raw, index, x, y)
        x0, x1 = self._along(quarters, box)
        return _Run(
            quarters=quarters,
            line=line,
            first=index,
            size=self._size(index, box),
            base=self._down(quarters, x.value, y.value),
            x0=x0,
            x1=x1,
            inside=self._holds(box),
        )

    def _quarters(self, index: int) -> int:
        angle = pdfium.FPDFText_GetCharAngle(self._raw, index)  # clockwise
        quarters = round(angle / (math.pi / 2))
        return -1 if abs(angle - quarters * math.pi / 2) > _ASKEW else -quarters % 4

    def _holds(self, box: pdfium.FS_RECTF) -> bool:
        """Tell whether the middle of a sign lies on the page."""
        x, y = (box.left + box.right) / 2, (box.top + box.bottom) / 2
        return bool(self._left <= x <= self._right and self._bottom <= y <= self._top)

    def _size(self, index: int, box: pdfium.FS_RECTF) -> float:
        matrix = pdfium.FS_MATRIX()
        size: float = pdfium.FPDFText_GetFontSize(self._raw, index)
        if pdfium.FPDFText_GetMatrix(self._raw, index, matrix):
            size *= math.hypot(matrix.c, matrix.d)
        known = 0.1 < size < _LARGEST
        return round(size if known else max(abs(box.top - box.bottom), 1.0), 1)

    def _down(self, quarters: int, x: float, y: float) -> float:
        """Give how far below the top of the page a sign stands, seen upright."""
        if quarters == 1:
            return x - self._left
        if quarters == 2:
            return y - self._bottom
        return self._right - x if quarters == 3 else self._top - y

    def _along(self, quarters: int, box: pdfium.FS_RECTF) -> _Extent:
        """Give where a sign begins and ends on its line."""
        if quarters <= 0:
            return box.left - self._left, box.right - self._left
        if quarters == 1:
            return box.bottom - self._bottom, box.top - self._bottom
        if quarters == 2:
            return self._right - box.right, self._right - box.left
        return self._top - box.top, self._top - box.bottom

    def _word(self, run: _Run) -> Word:
        return Word(
            text="".join(run.signs),
            x0=run.x0,
            x1=run.x1,
            base=run.base,
            size=run.size,
            bold=self._is_bold(run.first),
            first=run.first,
        )

    def _is_bold(self, index: int) -> bool:
        """Go by the name of the font, which is surer, then by the weight it claims."""
        buffer = ctypes.create_string_buffer(_NAME_BYTES)
        pdfium.FPDFText_GetFontInfo(self._raw, index, buffer, _NAME_BYTES, None)
        name = buffer.value
        if name not in self._bold:
            heavy = pdfium.FPDFText_GetFontWeight(self._raw, index) >= _BOLD
            plain = _PLAIN_NAMES.search(name) is not None
            self._bold[name] = _BOLD_NAMES.search(name) is not None or (heavy and not plain)
        return self._bold[name]


def _signs(turn: Turn) -> int:
    return sum(len(word.text) for word in turn.words)


def _goes_on(run: _Run, x0: float, x1: float) -> bool:
    jump = _JUMP * run.size
    return run.quarters < 0 or (x0 - run.x1 < jump and x1 > run.x0 - jump)


_SIGNS = tuple("-" if code == _HYPHEN else chr(code) for code in range(256))
