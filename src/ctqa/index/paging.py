"""Which page of a document holds an offset."""

from bisect import bisect_right
from collections.abc import Sequence

from ctqa.records import Page


def page_at(pages: Sequence[Page], offset: int) -> Page:
    """Give the page that holds an offset; what parts two pages belongs to the first."""
    return pages[max(bisect_right(pages, offset, key=lambda page: page.start) - 1, 0)]
