"""Running heads, feet and page numbers, known by their repetition from page to page."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from ctqa.sources.pdf_page import PageLine, PageText
from ctqa.text import squeeze

_BAND = 0.14  # of the page's height, at its top and its foot
_MOST_LINES = 4  # of a page's head, and of its foot
_LEVEL = 0.015  # of the page's height: lines this near stand at the same place
_PAGES = 3  # at least, that repeat a line
_REACH = 8  # pages within which they stand
_GAP = 2.5  # times its type size between two lines of one head
_NUMBER = re.compile(r"\d+|\b[ivxlc]+\b", re.IGNORECASE)
_ROMAN = re.compile(
    r"(?=[ivxlc])(?:xc|xl|l?x{0,3})(?:ix|iv|v?i{0,3})|c(?:xc|xl|l?x{0,3})(?:ix|iv|v?i{0,3})"
)
_ROMAN_VALUES = {"i": 1, "v": 5, "x": 10, "l": 50, "c": 100}
_LABEL_SHARE = 0.5  # of the numbered pages count on from one another, at least


@dataclass(frozen=True, slots=True)
class _Candidate:
    """A line at the edge of a page, with its numbers masked."""

    page: int  # position
    line: PageLine
    key: tuple[bool, str]  # whether it is at the top, and its words
    rank: int  # from the edge


def furniture(pages: Sequence[PageText]) -> list[list[PageLine]]:
    """Give the lines of each page that are no part of its text: heads, feet, page numbers.

    A line counts when it stands at the same place of three near pages, digits and Roman numerals
    aside, and nothing else stands between it and the edge of its page. A page that would be left
    without any text keeps all.
    """
    edges = [list(_edges(position, page)) for position, page in enumerate(pages)]
    groups: dict[tuple[bool, str], list[_Candidate]] = defaultdict(list)
    for edge in edges:
        for candidate in edge:
            groups[candidate.key].append(candidate)
    return [_taken(edge, groups, pages[at]) for at, edge in enumerate(edges)]


def inferred_labels(
    pages: Sequence[PageText], asides: Sequence[Sequence[PageLine]]
) -> tuple[str, ...]:
    """Read the printed page numbers off heads and feet; "" where none counts on with others."""
    numbers = [
        [found for line in lines for found in _numbers(page.text[line.start : line.end])]
        for page, lines in zip(pages, asides, strict=True)
    ]
    steps = Counter(
        (roman, value - position)
        for position, found in enumerate(numbers)
        for roman, value in {(roman, value) for _, roman, value in found}
    )
    numbered = sum(bool(found) for found in numbers)
    usual = {
        step
        for step, count in steps.items()
        if count >= _PAGES and (step[0] or count >= _LABEL_SHARE * numbered)
    }
    return tuple(_label(found, position, usual) for position, found in enumerate(numbers))


def _edges(position: int, page: PageText) -> Iterator[_Candidate]:
    """List the lines of a page's head from the top, and of its foot from the bottom."""
    placed = [line for line in page.lines if line.at > 0 and line.size > 0]
    downwards = sorted(placed, key=lambda line: line.at)
    for top, lines in ((True, downwards), (False, downwards[::-1])):
        edge = [line for line in lines if (line.at if top else 1 - line.at) <= _BAND]
        for rank, line in enumerate(edge[:_MOST_LINES]):
            words = _NUMBER.sub("#", squeeze(page.text[line.start : line.end]).lower())
            yield _Candidate(position, line, (top, words), rank)


def _taken(
    edge: Sequence[_Candidate],
    groups: dict[tuple[bool, str], list[_Candidate]],
    page: PageText,
) -> list[PageLine]:
    taken: list[PageLine] = []
    for top in (True, False):
        before: PageLine | None = None
        for candidate in edge:
            if candidate.key[0] is not top:
                continue
            apart = before is not None and _is_far(before, candidate.line)
            if apart or not _repeats(candidate, groups[candidate.key]):
                break
            before = candidate.line
            taken.append(candidate.line)
    whole = {line for line in page.lines if line not in taken}
    return sorted(taken, key=lambda line: line.start) if whole else []


def _is_far(before: PageLine, line: PageLine) -> bool:
    return abs(line.at - before.at) > _GAP * max(before.size, line.size) / 792  # points of a page


def _repeats(candidate: _Candidate, group: Sequence[_Candidate]) -> bool:
    """Tell whether a line stands at its place on enough of the pages around."""
    near = {
        other.page
        for other in group
        if abs(other.page - candidate.page) <= _REACH
        and abs(other.line.at - candidate.line.at) <= _LEVEL
    }
    return len(near) >= _PAGES


def _numbers(text: str) -> Iterator[tuple[str, bool, int]]:
    """Give the numbers that begin or end a line, or are told to be a page's."""
    words = text.split()
    for word in dict.fromkeys((words[0], words[-1])) if words else ():
        bare = word.strip("-–—.|[]()")
        if bare.isdecimal() and len(bare) < 5:
            yield bare, False, int(bare)
        elif _ROMAN.fullmatch(bare.lower()) and bare:
            yield bare, True, _roman(bare.lower())


def _roman(word: str) -> int:
    values = [_ROMAN_VALUES[letter] for letter in word]
    return values[-1] + sum(one if one >= two else -one for one, two in pairwise(values))


def _label(
    found: Sequence[tuple[str, bool, int]], position: int, usual: set[tuple[bool, int]]
) -> str:
    for label, roman, value in found:
        if (roman, value - position) in usual:
            return label
    return ""
