"""A page as it is cited: "p. 12", "pp. 14–16", or a sheet by its name."""

import re

from ctqa.citing.reference import plain

_NUMBER = r"(?:[A-Za-z]{0,3}[-.]?\d+[A-Za-z]?|[ivxlcdm]+|[IVXLCDM]+)"
_RANGE = re.compile(rf"({_NUMBER})\s*[-–—]\s*({_NUMBER})")
_ONE = re.compile(_NUMBER)
_MARK = re.compile(r"(?:pages?|pp?\.)\s*", re.IGNORECASE)


def bare(page: str) -> str:
    """Give a page without the "p." before it, on one line."""
    return _MARK.sub("", plain(page), count=1) if _MARK.match(plain(page)) else plain(page)


def is_number(page: str) -> bool:
    """Tell a page's number, or a range of them, from the name of a sheet."""
    return _ONE.fullmatch(page) is not None or ends(page) is not None


def ends(page: str) -> tuple[str, str] | None:
    """Give the first and the last page of a range; None for one page.

    "A-3" is one page: its letters stand in front of its number.
    """
    if _ONE.fullmatch(page):
        return None
    match = _RANGE.fullmatch(page)
    return None if match is None else (match[1], match[2])


def written(page: str) -> str:
    """Write a page as reference lists have it; "" for none."""
    found = bare(page)
    both = ends(found)
    if both is not None:
        return f"pp. {both[0]}–{both[1]}"
    return f"p. {found}" if is_number(found) else found
