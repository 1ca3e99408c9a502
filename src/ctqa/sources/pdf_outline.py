"""A PDF's bookmarks -> sections."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from pypdf import PdfReader
from pypdf.generic import Destination

from ctqa.records import Page, Section
from ctqa.sources.decode import tidy
from ctqa.sources.pdf_trouble import FAILURES

_NO_BOOKMARK = re.compile(r"(?:page|slide|blank page)?[\s\d_.:-]*", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Bookmark:
    """A bookmark's title below the ones above it, and where it leads."""

    path: tuple[str, ...]
    page: int  # position in the ledger


def bookmarks_of(reader: PdfReader | None) -> list[Bookmark]:
    """List the bookmarks that lead to a page; none where they cannot be read."""
    if reader is None:
        return []
    try:
        return list(_flat(reader, reader.outline, ()))
    except FAILURES:
        return []  # the text's own headings are taken


def bookmarked(
    bookmarks: Sequence[Bookmark], text: str, pages: Sequence[Page]
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


def _flat(reader: PdfReader, outline: Any, above: tuple[str, ...]) -> Iterator[Bookmark]:
    path = above
    for item in outline:
        if isinstance(item, list):
            yield from _flat(reader, item, path)
        elif isinstance(item, Destination):
            title = tidy(str(item.title))
            path = above if _NO_BOOKMARK.fullmatch(title) else (*above, title)
            page = _page_index(reader, item)
            if page is not None and path != above:
                yield Bookmark(path, page)


def _page_index(reader: PdfReader, item: Destination) -> int | None:
    try:
        return reader.get_destination_page_number(item)
    except FAILURES:
        return None  # it leads nowhere


def _heading_start(bookmark: Bookmark, text: str, page: Page, before: int) -> int | None:
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
