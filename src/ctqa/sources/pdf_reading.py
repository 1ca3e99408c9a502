"""A PDF page by page: which text of a page is taken, and what became of it."""

from collections.abc import Iterator
from dataclasses import replace

from pypdf import PdfReader

from ctqa.errors import SourceError
from ctqa.sources import progress
from ctqa.sources.content import ReadOptions
from ctqa.sources.decode import clean
from ctqa.sources.pdf_choice import (
    AGREED,
    agreement,
    reads_better,
    runs_right_to_left,
    what_is_poor,
)
from ctqa.sources.pdf_glyphs import Laid, Second
from ctqa.sources.pdf_page import PageText, plain_lines, written
from ctqa.sources.pdf_trouble import FAILURES, plain_failure
from ctqa.text import squeeze

_MOST_PAGES = 20_000
_MOST_PAGE_CHARS = 1_000_000  # a dense page has some 10,000
_MOST_CHARS = 100_000_000

_SCAN = "a scan: it has no text layer; read it with --ocr"
_PICTURED = "most of it is a picture, which is not read; read it with --ocr"
_LITTLE = 100  # characters: beside a picture that fills the page, hardly any text
_FILLS = 0.6  # of the page
_SPECK = 0.03  # of the page: a picture no larger holds no text
_STROKES = 300  # parts of lines and curves, from where on they may be drawn letters
_DPI = 250


class Reading:
    """One file while it is read."""

    def __init__(
        self, reader: PdfReader | None, second: Second, losses: list[str], options: ReadOptions
    ) -> None:
        self._pages = None if reader is None else reader.pages
        self._second = second
        self._losses = losses
        self._options = options

    def pages(self) -> Iterator[PageText]:
        """Read page by page, within the limits."""
        room = _MOST_CHARS
        for position in range(self._second.count if self._pages is None else len(self._pages)):
            if position >= _MOST_PAGES:
                yield _skipped(f"only the first {_MOST_PAGES:,} pages are read")
            elif room <= 0:
                yield _skipped(f"the pages before hold {_MOST_CHARS:,} characters")
            elif position + 1 in self._options.without:
                yield PageText(text="", state="failed", reason="the reader crashed on this page")
            else:
                progress.begun(position + 1)
                read = self._read(position)
                room -= len(read.text)
                yield read

    def _read(self, position: int) -> PageText:
        self._losses.clear()
        text, failure = self._by_pypdf(position)
        if len(text) > _MOST_PAGE_CHARS:
            return _skipped(
                f"{len(text):,} characters on one page; at most {_MOST_PAGE_CHARS:,} are read"
            )
        page = _better(text, self._second.laid(position), failure)
        page = self._judged(page, position)
        return self._by_ocr(page, position) if self._options.ocr else page

    def _by_pypdf(self, position: int) -> tuple[str, str]:
        """Give pypdf's text of a page, and what it says to be wrong with it."""
        if self._pages is None:
            return "", ""
        try:
            page = self._pages[position]
            text = clean(page.extract_text())
        except FAILURES as exc:
            return "", plain_failure(exc)
        return text, "; ".join(dict.fromkeys(self._losses))

    def _judged(self, page: PageText, position: int) -> PageText:
        """Say what is not right with a page, by its text and by what is drawn on it."""
        signs = sum(map(len, page.text.split()))
        if signs:
            poor = what_is_poor(page.text)
            if poor:
                return replace(page, state="poor", reason=poor)
        if signs >= _LITTLE or page.reason:
            return page
        drawn = self._second.drawn(position)
        if signs:
            pictured = drawn is not None and drawn.pictures >= _FILLS
            return replace(page, reason=_PICTURED) if pictured else page
        if drawn is not None and (drawn.pictures >= _SPECK or drawn.strokes >= _STROKES):
            return replace(page, state="unreadable", reason=_SCAN)
        return replace(page, state="empty", reason="no text")

    def _by_ocr(self, page: PageText, position: int) -> PageText:
        """Read a page from its picture where its text is no use."""
        if page.state not in {"unreadable", "poor"} and page.reason != _PICTURED:
            return page
        from ctqa.sources import ocr  # noqa: PLC0415 -- heavy, and few pages need it

        missing = ocr.missing()
        if missing:
            return replace(page, reason=f"{page.reason}; {missing}")
        picture = self._second.picture(position, _DPI)
        try:
            read = None if picture is None else ocr.read_picture(picture)
        except SourceError as exc:
            return replace(page, reason=f"{page.reason}; {exc}")
        text = "" if read is None else clean(read.text)
        if len(text.split()) <= (len(page.text.split()) if page.state != "poor" else 0):
            return page
        if read is not None and not read.is_legible:
            return replace(page, reason=f"{page.reason}; {ocr.ENGINE} cannot make it out")
        return PageText(text=text, lines=plain_lines(text), state="ocr", extractor=ocr.ENGINE)


def _skipped(reason: str) -> PageText:
    return PageText(text="", state="skipped", reason=reason)


def _better(text: str, laid: Laid, wrong: str) -> PageText:
    """Choose between pypdf's text of a page and the words as pypdfium2 places them.

    Where the two hold the same words, these are taken in the order of their places
    ("pypdf+pypdfium2" where that differs); where they do not, the better text is taken. Text from
    right to left stays as pypdf orders it, unless it is clearly worse.
    """
    placed, lines = written(laid.lines)
    as_it_comes = PageText(
        text=text, lines=plain_lines(text), reason=wrong, extractor="pypdf" if text.strip() else ""
    )
    if not placed:
        return replace(as_it_comes, state="failed") if wrong and not text.strip() else as_it_comes
    everything = f"{placed} {laid.outside}"  # what lies outside the page is not missing from it
    if runs_right_to_left(text) and not reads_better(everything, text):
        return as_it_comes
    if agreement(text, everything) >= AGREED:
        same = squeeze(text) == squeeze(placed)
        by = "pypdf" if same else "pypdf+pypdfium2"
        return PageText(text=placed, lines=lines, reason=wrong, extractor=by)
    if reads_better(text, everything):
        return as_it_comes
    return PageText(text=placed, lines=lines, extractor="pypdfium2")
