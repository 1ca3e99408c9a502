"""What a loader makes of a file's bytes, and what loaders of text have in common."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice

from ctqa.records import Block, FileState, Layout, Page, Section, Span
from ctqa.sources.decode import tidy

_MOST_PAGES = 20_000
_TOP_LINES = 5  # a heading among so many lines is the title
_LINE = re.compile(r"\S[^\n\f]*")
_YEAR = re.compile(r"(?<!\d)(?:1[5-9]|20)\d\d(?!\d)")
_CAPTION = re.compile(r"(?:table|figure|fig\.|box|chart|exhibit)\s", re.IGNORECASE)
_WORD = re.compile(r"[^\W\d_]{3}")
_NO_TITLES = frozenset(
    {"abstract", "background", "contents", "executive summary", "foreword", "introduction"}
    | {"overview", "preface", "summary", "table of contents"}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadOptions:
    """What a user allows and knows beyond the files themselves."""

    passwords: tuple[str, ...] = ()  # tried on every encrypted file; never stored
    ocr: bool = False  # read pages that have no usable text from their picture
    without: frozenset[int] = frozenset()  # pages, from 1, on which the reader died before


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """A document as its file tells it; "" where the file does not say."""

    text: str
    pages: tuple[Page, ...]
    sections: tuple[Section, ...] = ()
    layout: Layout = "prose"
    blocks: tuple[Block, ...] = ()  # as the file marks them; (): they are found in the text
    asides: tuple[Span, ...] = ()  # what is left out of search: running heads, menus
    part: int = 0  # counts the lines or rows of a corpus from 1; 0: the document is the whole file
    id: str = ""  # of a part
    sha256: str = ""  # of a part
    title: str = ""
    author: str = ""
    year: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Loaded:
    """What became of a file's bytes; `contents` is empty unless `state` is "read"."""

    contents: Sequence[Content] = ()
    state: FileState = "read"
    reason: str = ""  # why it is not "read", or which parts of it were left out


def paged(text: str) -> tuple[Page, ...]:
    """Cut a text into pages at its form feeds, which belong to no page; one page without any.

    A form feed at the very end closes the last page and begins none.
    """
    body = text.removesuffix("\f")
    pages: list[Page] = []
    start = 0
    for piece in body.split("\f", _MOST_PAGES - 1):
        pages.append(page_of(len(pages) + 1, start, piece))
        start += len(piece) + 1
    return tuple(pages)


def page_of(number: int, start: int, text: str) -> Page:
    """Make the record of a page whose text begins at `start`."""
    end = start + len(text)
    if text.strip():
        return Page(number=number, start=start, end=end)
    return Page(number=number, start=start, end=end, state="empty", reason="no text")


def title_within(text: str, sections: Sequence[Section]) -> str:
    """Give the first heading where it stands in the first few lines and tells what this is."""
    top = [line.start() for line in islice(_LINE.finditer(text), _TOP_LINES)]
    if not sections or not top or sections[0].start > top[-1]:
        return ""
    title = tidy(sections[0].path[0].lstrip("#"))
    says_nothing = title.lower().strip(" .:") in _NO_TITLES or _WORD.search(title) is None
    return "" if says_nothing or _CAPTION.match(title) else title


def year_within(text: str) -> str:
    """Give the first year that a date names, "" where it names none."""
    match = _YEAR.search(text)
    return "" if match is None else match.group()
