"""PDF -> content, page by page, with whatever goes wrong kept to its page.

`load_pdf` takes bytes and returns plain records, so that it can run in a process of its own.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from io import BytesIO
from itertools import pairwise
from typing import Any

from pypdf import Configuration, PageObject, PasswordType, PdfReader, apply_configuration
from pypdf.generic import Destination

from ctqa.errors import SourceError
from ctqa.records import Page, PageState, Section
from ctqa.sources.content import Content, Loaded, title_within
from ctqa.sources.decode import clean, tidy
from ctqa.sources.pdf_trouble import FAILURES, plain_failure, quietly
from ctqa.text import outline, squeeze

_MOST_PAGES = 20_000
_MOST_PAGE_CHARS = 1_000_000  # a dense page has some 10,000
_MOST_CHARS = 100_000_000
_MOST_BOOKMARKS = 5_000

_NO_TITLE = re.compile(
    r"(?:untitled|file:|https?:|microsoft (?:word|powerpoint|excel)\b).*"
    r"|(?:powerpoint|word) (?:presentation|document)|slide \d+|document\d*|title"
    r"|\(?(?:anonymous|unspecified|unknown|none|null)\)?"
    r"|\S+\.(?:docx?|xlsx?|pptx?|pdf|rtf|txt|odt|tex|dvi|e?ps|indd|qxd|wpd|html?|p65|fm|cdr)"
    r"|\S*_\S*"
    r"|[\W\d_]*",
    re.IGNORECASE,
)
_NO_AUTHOR = re.compile(
    r"(?:admin(?:istrator)?|user|owner|author|\(?(?:anonymous|unspecified|unknown|none|null)\)?"
    r"|[\W\d_]*)",
    re.IGNORECASE,
)
_INLINE_IMAGE = re.compile(rb"(?s)\bBI\s.{1,1000}?\sID\s")
_CREATED = re.compile(r"(?:D:)?\s*((?:199|20\d)\d)")
_NO_BOOKMARK = re.compile(r"(?:page|slide|blank page)?[\s\d_.:-]*", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class _PageText:
    text: str
    state: PageState = "text"
    reason: str = ""


@dataclass(frozen=True, slots=True)
class _Bookmark:
    path: tuple[str, ...]
    page: int  # position in the ledger


def load_pdf(data: bytes) -> Loaded:
    """Read a PDF's text layer, its bookmarks as sections, and what its metadata tell.

    Page texts are joined by line ends that belong to no page. A page that cannot be read is
    accounted for with the reason; so is a part of a page that is missing from its text.

    Raises:
        SourceError: the file is encrypted, or too damaged for its pages to be found.

    """
    limits = Configuration(outline_maximum_entries=_MOST_BOOKMARKS, jbig2dec_binary=None)
    with quietly() as losses, apply_configuration(limits):
        reader = _opened(data)
        text, pages = _joined(_page_texts(reader.pages, losses))
        bookmarks = _bookmarks(reader)
        title, author, year = _metadata(reader)
    found = _bookmarked(bookmarks, text, pages)
    sections = found if len(found) > 1 else outline(text)
    content = Content(
        text=text,
        pages=pages,
        sections=sections,
        title=title_within(text, sections) if title == "" else title,
        author=author,
        year=year,
    )
    return Loaded(contents=(content,))


def _opened(data: bytes) -> PdfReader:
    try:
        reader = PdfReader(BytesIO(data))
        if reader.is_encrypted and reader.decrypt("") == PasswordType.NOT_DECRYPTED:
            raise SourceError("encrypted; open it with its password and save a copy without one")
        count = len(reader.pages)  # walks the page tree
    except FAILURES as exc:
        raise SourceError(f"not a readable PDF: {plain_failure(exc)}") from exc
    if count == 0:
        raise SourceError("not a readable PDF: it has no pages")
    return reader


def _page_texts(pages: Sequence[PageObject], losses: list[str]) -> Iterator[_PageText]:
    room = _MOST_CHARS
    for number, page in enumerate(pages, 1):
        if number > _MOST_PAGES:
            yield _PageText("", "skipped", f"only the first {_MOST_PAGES:,} pages are read")
        elif room <= 0:
            yield _PageText("", "skipped", f"the pages before hold {_MOST_CHARS:,} characters")
        else:
            losses.clear()
            read = _read_page(page, losses)
            room -= len(read.text)
            yield read


def _read_page(page: PageObject, losses: Sequence[str]) -> _PageText:
    try:
        text = clean(page.extract_text())
    except FAILURES as exc:
        return _PageText("", "unreadable", plain_failure(exc))
    if len(text) > _MOST_PAGE_CHARS:
        reason = f"{len(text):,} characters on one page; at most {_MOST_PAGE_CHARS:,} are read"
        return _PageText("", "skipped", reason)
    missing = "; ".join(dict.fromkeys(losses))
    if text.strip():
        return _PageText(text, "text", missing)
    if missing:
        return _PageText("", "unreadable", missing)
    return _PageText("", "empty", "no text layer (a scan?)" if _has_images(page) else "no text")


def _has_images(page: PageObject) -> bool:
    try:
        contents = page.get_contents()
        inline = contents is not None and _INLINE_IMAGE.search(contents.get_data()) is not None
        return inline or _holds_image(page, 3)
    except FAILURES:
        return False  # it changes a word in the ledger and nothing else


def _holds_image(holder: Any, depth: int) -> bool:
    """Look for pictures among what a page or form draws, `depth` forms deep."""
    drawn = _within(_within(holder, "/Resources"), "/XObject")
    for name in drawn:
        kind = drawn[name].get("/Subtype")
        if kind == "/Image" or (kind == "/Form" and depth and _holds_image(drawn[name], depth - 1)):
            return True
    return False


def _within(holder: Any, key: str) -> Any:
    return holder[key] if key in holder else ()  # noqa: SIM401 -- get() would not follow references


def _joined(pages: Iterator[_PageText]) -> tuple[str, tuple[Page, ...]]:
    texts: list[str] = []
    ledger: list[Page] = []
    start = 0
    for number, page in enumerate(pages, 1):
        end = start + len(page.text)
        ledger.append(
            Page(number=number, start=start, end=end, state=page.state, reason=page.reason)
        )
        texts.append(page.text)
        start = end + 1
    return "\n".join(texts), tuple(ledger)


def _bookmarks(reader: PdfReader) -> list[_Bookmark]:
    try:
        return list(_flat(reader, reader.outline, ()))
    except FAILURES:
        return []  # the text's own headings are taken


def _flat(reader: PdfReader, outline: Any, above: tuple[str, ...]) -> Iterator[_Bookmark]:
    path = above
    for item in outline:
        if isinstance(item, list):
            yield from _flat(reader, item, path)
        elif isinstance(item, Destination):
            title = tidy(str(item.title))
            path = above if _NO_BOOKMARK.fullmatch(title) else (*above, title)
            page = _page_index(reader, item)
            if page is not None and path != above:
                yield _Bookmark(path, page)


def _page_index(reader: PdfReader, item: Destination) -> int | None:
    try:
        return reader.get_destination_page_number(item)
    except FAILURES:
        return None  # it leads nowhere


def _bookmarked(
    bookmarks: Sequence[_Bookmark], text: str, pages: Sequence[Page]
) -> tuple[Section, ...]:
    """Make a section of each bookmark; of several at one place the last, innermost one."""
    starts: dict[int, tuple[str, ...]] = {}
    before = -1
    for bookmark in bookmarks:
        start = _heading_start(bookmark, text, pages[bookmark.page], before)
        if start is not None:
            starts[start] = bookmark.path
            before = start
    places = pairwise((*sorted(starts), len(text)))
    return tuple(
        Section(path=starts[start], start=start, end=end) for start, end in places if start < end
    )


def _heading_start(bookmark: _Bookmark, text: str, page: Page, before: int) -> int | None:
    """Find a bookmark's heading on its page, below the heading before.

    Without one it is the page's start, unless the heading before stands further down the page.
    """
    words = r"\s+".join(re.escape(word) for word in bookmark.path[-1].split())
    heading = re.compile(rf"(?im)^[ \t]*((?:[\dA-Z][\d.]*[.):]?[ \t]+)?{words})(?!\w)")
    begin = before + 1 if page.start <= before < page.end else page.start
    match = heading.search(text, begin, page.end)
    if match is not None:
        return match.start(1)
    return None if page.start < before < page.end else page.start


def _metadata(reader: PdfReader) -> tuple[str, str, str]:
    """Give title, author and year where they tell something, else ""."""
    try:
        found = reader.metadata
        if found is None:
            return "", "", ""
        title, author, created = found.title, found.author, found.creation_date_raw
    except FAILURES:
        return "", "", ""
    year = _CREATED.match(str(created))
    return (
        _sensible(title, _NO_TITLE),
        _sensible(author, _NO_AUTHOR),
        "" if year is None else year.group(1),
    )


def _sensible(value: object, placeholder: re.Pattern[str]) -> str:
    line = squeeze(clean(value)) if isinstance(value, str) else ""
    is_garbled = not line.isprintable() or "\ufffd" in line
    return "" if is_garbled or placeholder.fullmatch(line) else tidy(line)
