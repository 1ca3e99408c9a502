"""Opening a document at a place: plain functions, without Gradio."""

from collections.abc import Iterator, Mapping
from dataclasses import replace

from ctqa.citing import STYLES, Style
from ctqa.errors import ConfigError, CtqaError, SourceError
from ctqa.records import Document, Page
from ctqa.text import digest
from ctqa.ui import render_source, words, zoom
from ctqa.ui.copying import page_cited, quoted
from ctqa.ui.excerpts import excerpt_of
from ctqa.ui.markup import Html
from ctqa.ui.originals import Original, Originals
from ctqa.ui.render_source import Sheet, Shown
from ctqa.ui.wanted import Mark, Wanted, wanted_from

_DEFAULT_STYLE: Style = "harvard"


def view(originals: Originals, data: Mapping[str, str], style: str = _DEFAULT_STYLE) -> Html:
    """Show what a pressed button asks for, or why it cannot be shown."""
    try:
        return render_source.pane(shown(originals, wanted_from(data), style))
    except CtqaError as error:
        return render_source.problem(str(error))


def shown(originals: Originals, wanted: Wanted, style: str = _DEFAULT_STYLE) -> Shown:
    """Make out what the pane shows.

    Raises:
        CtqaError: there is no such document, page, place or style.

    """
    document = originals.document(wanted.document)
    notices: list[str] = []
    if wanted.mark is not None and not _stands(document, wanted.mark):
        notices.append(words.NO_MORE_THERE)
        wanted = replace(wanted, mark=None, marks=())
    page = _page_of(document, wanted)
    spans = tuple(_spans(document, wanted, page))
    notices += _about_mark(wanted, page)
    original, why = _original(originals, document)
    is_pdf = original is not None and original.is_pdf
    sheet = None
    if original is not None and is_pdf and not wanted.as_text:
        sheet, why = _sheet(originals, original, document, wanted, page)
    return Shown(
        wanted=wanted,
        source=document.source,
        page=page,
        pages=len(document.pages),
        section=_section(document, page.start if wanted.mark is None else wanted.mark.start),
        content=excerpt_of(document, page, spans, wanted.since) if sheet is None else sheet,
        is_drawable=sheet is not None or (wanted.as_text and is_pdf),
        notices=(*notices, *filter(None, [why])),
        copied=_copied(document, wanted.mark, style),
        original=None if original is None else _link(original, page),
    )


def _stands(document: Document, mark: Mark) -> bool:
    """Tell whether a mark's words stand where it says; where they are not known, its place."""
    if not 0 <= mark.start < mark.end <= len(document.text):
        return False
    return mark.quote_sha256 in {"", digest(document.text[mark.start : mark.end])}


def _page_of(document: Document, wanted: Wanted) -> Page:
    pages = document.pages
    if wanted.page is not None:
        if not 1 <= wanted.page <= len(pages):
            raise ConfigError(f"this document has {len(pages)} pages, none of them {wanted.page}")
        return pages[wanted.page - 1]
    if wanted.mark is None:
        return pages[0]
    start = wanted.mark.start
    return next((page for page in reversed(pages) if page.start <= start), pages[0])


def _spans(document: Document, wanted: Wanted, page: Page) -> Iterator[tuple[int, int, bool]]:
    """Give the parts of marks that stand on a page, that of the mark that is meant first."""
    others = (mark for mark in wanted.marks if mark != wanted.mark)
    for mark in (*([wanted.mark] if wanted.mark is not None else []), *others):
        if mark.document == document.id and _stands(document, mark):
            start, end = max(mark.start, page.start), min(mark.end, page.end)
            if start < end:
                yield start, end, mark == wanted.mark


def _about_mark(wanted: Wanted, page: Page) -> list[str]:
    mark = wanted.mark
    if mark is None or (page.start <= mark.start and mark.end <= page.end):
        return []
    is_elsewhere = mark.end <= page.start or page.end <= mark.start
    return [words.MARK_ELSEWHERE if is_elsewhere else words.MARK_GOES_ON]


def _original(originals: Originals, document: Document) -> tuple[Original | None, str]:
    """Give the file of a document, or why there is none to be shown."""
    try:
        return originals.original(document), ""
    except SourceError as error:
        return None, str(error)


def _sheet(
    originals: Originals, original: Original, document: Document, wanted: Wanted, page: Page
) -> tuple[Sheet | None, str]:
    """Have a page drawn with its marks; and say what of that cannot be done."""
    spans = tuple(_spans(document, wanted, page))
    within = [(start - page.start, end - page.start) for start, end, _ in spans]
    text = document.text[page.start : page.end]
    try:
        placed = originals.places(original, page.number, text, within)
    except SourceError as error:
        return None, words.not_drawn(str(error))
    found = [(boxes, meant) for (*_, meant), boxes in zip(spans, placed.boxes, strict=True)]
    marked = [(box, meant) for boxes, meant in found if boxes for box in boxes]
    is_lost = any(meant and not boxes for boxes, meant in found)
    sheet = Sheet(
        url=f"page/{original.id}/{page.number}/{zoom.DPIS[wanted.zoom]}.png",
        width=placed.width,
        height=placed.height,
        marked=tuple(marked),
    )
    why = words.READ_FROM_PICTURE if page.state == "ocr" else words.NOT_ON_PICTURE
    return sheet, why if is_lost else ""


def _section(document: Document, offset: int) -> tuple[str, ...]:
    """Give the headings over a place, the outermost first."""
    held = (each.path for each in reversed(document.sections) if each.start <= offset < each.end)
    return next(held, ())


def _copied(document: Document, mark: Mark | None, style: str) -> str:
    """Give a quote with its citation."""
    known = next((each for each in STYLES if each == style), None)
    if known is None:
        raise ConfigError(f"there is no style of citation {style!r}")
    if mark is None:
        return ""
    page = next((page for page in document.pages if mark.start < page.end), document.pages[-1])
    cited = page_cited(document.source, page.number, page.label)
    return quoted(document.text[mark.start : mark.end], document.source, known, cited)


def _link(original: Original, page: Page) -> tuple[str, str]:
    if original.is_pdf:
        return f"source/{original.id}#page={page.number}", words.OPEN_ORIGINAL
    return f"source/{original.id}", words.SAVE_ORIGINAL
