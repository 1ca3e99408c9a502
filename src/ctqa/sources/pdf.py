"""PDF -> content, page by page, with whatever goes wrong kept to its page.

pypdf reads the file; pypdfium2 tells where the words stand, and lends its own where pypdf's are
worse. `load_pdf` takes bytes and returns plain records, so that it can run in a process of its
own.
"""

from collections.abc import Iterator, Sequence
from contextlib import closing
from io import BytesIO

from pypdf import Configuration, PasswordType, PdfReader, apply_configuration

from ctqa.errors import SourceError
from ctqa.records import Page, Section, Span
from ctqa.sources.content import Content, Loaded, ReadOptions, title_within
from ctqa.sources.decode import tidy
from ctqa.sources.pdf_about import metadata_of, year_on
from ctqa.sources.pdf_furniture import furniture, inferred_labels
from ctqa.sources.pdf_glyphs import Second
from ctqa.sources.pdf_headings import StyledLine, headed, styled_lines, title_on_front
from ctqa.sources.pdf_outline import Bookmark, bookmarked, bookmarks_of
from ctqa.sources.pdf_page import PageText
from ctqa.sources.pdf_reading import Reading
from ctqa.sources.pdf_trouble import FAILURES, plain_failure, quietly
from ctqa.text import body, outline

_MOST_BOOKMARKS = 5_000
_CLOSED = "encrypted; give its password with: ctqa build --password"


def load_pdf(data: bytes, options: ReadOptions = ReadOptions()) -> Loaded:
    """Read a PDF's text, its headings as sections, and what it tells about itself.

    Page texts are joined by line ends that belong to no page. A page that cannot be read is
    accounted for with the reason; so is a part of a page that is missing from its text.

    Raises:
        SourceError: the file is too damaged for its pages to be found.

    """
    limits = Configuration(outline_maximum_entries=_MOST_BOOKMARKS, jbig2dec_binary=None)
    with quietly() as losses, apply_configuration(limits):
        try:
            reader, password = _opened(data, options.passwords)
        except SourceError as exc:
            if isinstance(exc.__cause__, NotImplementedError):  # of pypdf's encryption alone
                reason = (
                    f"encrypted in a way that is not read ({exc.__cause__}); save a copy without"
                )
                return Loaded(state="encrypted", reason=tidy(reason))
            return _rescued(data, options, exc)
        if password is None:
            return Loaded(state="encrypted", reason=_CLOSED)
        with closing(Second(data, password)) as second:
            pages = list(Reading(reader, second, losses, options).pages())
        return Loaded(contents=(_content(pages, reader),))


def _rescued(data: bytes, options: ReadOptions, wrong: SourceError) -> Loaded:
    """Read a file that pypdf cannot open with pypdfium2 alone, where that one can."""
    for password in ("", *options.passwords):
        with closing(Second(data, password)) as second:
            if second.count:
                pages = list(Reading(None, second, [], options).pages())
                reason = f"read by pypdfium2 alone, without its bookmarks: {wrong}"
                return Loaded(contents=(_content(pages, None),), reason=reason)
    raise wrong


def _opened(data: bytes, passwords: Sequence[str]) -> tuple[PdfReader, str | None]:
    """Open a file, with the password that fits; None where none does."""
    try:
        reader = PdfReader(BytesIO(data))
        password = _fitting(reader, passwords) if reader.is_encrypted else ""
        if password is None:
            return reader, None
        count = len(reader.pages)  # walks the page tree
    except FAILURES as exc:
        raise SourceError(f"not a readable PDF: {plain_failure(exc)}") from exc
    if count == 0:
        raise SourceError("not a readable PDF: it has no pages")
    return reader, password


def _fitting(reader: PdfReader, passwords: Sequence[str]) -> str | None:
    for password in ("", *passwords):
        if reader.decrypt(password) != PasswordType.NOT_DECRYPTED:
            return password
    return None


def _content(pages: Sequence[PageText], reader: PdfReader | None) -> Content:
    text, starts = _joined(pages)
    asides = furniture(pages)
    labels = _labels(reader, len(pages))
    if not any(labels):
        labels = inferred_labels(pages, asides)
    ledger = tuple(_ledger(pages, starts, labels))
    lines = styled_lines(pages, starts, asides)
    told, author, made = metadata_of(reader)
    front = title_on_front(lines)
    spans = tuple(
        Span(start=start + line.start, end=start + line.end)
        for start, aside in zip(starts, asides, strict=True)
        for line in aside
    )
    plain = body(text, spans)
    sections = _sections(bookmarks_of(reader), lines, plain, ledger, front)
    return Content(
        text=text,
        pages=ledger,
        sections=sections,
        asides=spans,
        title=told or front or title_within(plain, sections),
        author=author,
        year=_year(year_on(pages[0].text), made),
    )


def _joined(pages: Sequence[PageText]) -> tuple[str, list[int]]:
    starts, start = [], 0
    for page in pages:
        starts.append(start)
        start += len(page.text) + 1
    return "\n".join(page.text for page in pages), starts


def _ledger(
    pages: Sequence[PageText], starts: Sequence[int], labels: Sequence[str]
) -> Iterator[Page]:
    for position, (page, start) in enumerate(zip(pages, starts, strict=True)):
        yield Page(
            number=position + 1,
            start=start,
            end=start + len(page.text),
            state=page.state,
            reason=page.reason,
            label=labels[position],
            extractor=page.extractor,
        )


def _labels(reader: PdfReader | None, count: int) -> tuple[str, ...]:
    """Give the labels of the file itself; all "" where it has none."""
    try:
        if reader is not None and "/PageLabels" in reader.root_object:
            labels = [tidy(label) for label in reader.page_labels[:count]]
            return tuple(labels + [""] * (count - len(labels)))
    except FAILURES:
        pass  # the printed numbers are taken
    return ("",) * count


def _sections(
    bookmarks: Sequence[Bookmark],
    lines: Sequence[StyledLine],
    text: str,
    pages: Sequence[Page],
    title: str,
) -> tuple[Section, ...]:
    """Take the bookmarks; without any the headings that stand out; else those the text tells."""
    found = bookmarked(bookmarks, text, pages)
    if len(found) > 1:
        return found
    found = headed(lines, len(text), title)
    return found or outline(text)


def _year(printed: str, made: str) -> str:
    """Take the printed year, unless it lies ahead of the file's making."""
    return printed if printed and (not made or printed <= made) else made
