"""Running heads, feet and page numbers, known by their repetition from page to page."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, pairwise

from ctqa.sources.pdf_page import PageLine, PageText
from ctqa.text import squeeze

_BAND = 0.14  # of the page's height, at its top and its foot
_MOST_LINES = 4  # of a page's head, and of its foot
_LEVEL = 0.015  # of the page's height: lines this near stand at the same place
_PAGES = 3  # at least, that repeat a line
_REACH = 8  # pages within which they stand
_LARGER = 1.12  # times the text's type size, or bold: a heading, unless nearly all pages repeat it
_NEARLY = 0.7  # of the pages around
_FEW_WORDS = 6
_HEAD_WORDS = 10  # at most, of a head that counts pages and changes with the chapter
_GAP = 2.5  # times its type size between two lines of one head
_PAGE_HEIGHT = 792  # points, about: A4 and US letter
_NUMBER = re.compile(r"\d+|\b[ivxlc]+\b", re.IGNORECASE)
_COUNTED = re.compile(
    r"(?:table|figure|fig|box|chart|exhibit|annex|appendix|chapter|section|part|item|schedule)"
    r"\.?\s*[\d.ivxlc]*[a-z]?[.:]?",
    re.IGNORECASE,
)
_ROMAN = re.compile(
    r"(?=[ivxlc])(?:xc|xl|l?x{0,3})(?:ix|iv|v?i{0,3})|c(?:xc|xl|l?x{0,3})(?:ix|iv|v?i{0,3})"
)
_YEAR = re.compile(r"19\d\d|20\d\d")  # tables by year, a page each, count on too
_LETTERED = re.compile(r"([A-Z])[-–.](\d{1,3})")
_PAGE_WORDS = {"page", "p.", "pg", "pg."}
_ROMAN_VALUES = {"i": 1, "v": 5, "x": 10, "l": 50, "c": 100}

_Style = tuple[float, bool]  # size, and whether bold
_Step = tuple[str, int]  # the kind of a number; by how much it is ahead of its page


@dataclass(frozen=True, slots=True, kw_only=True)
class _Candidate:
    """A line at the edge of a page."""

    page: int  # position
    line: PageLine
    text: str
    words: str  # the same with its numbers masked
    top: bool
    steps: frozenset[_Step]

    @property
    def in_band(self) -> bool:
        """Whether it stands where heads and feet usually do."""
        return (self.line.at if self.top else 1 - self.line.at) <= _BAND

    @property
    def is_short(self) -> bool:
        """Whether it is no line of prose."""
        return len(self.words.split()) <= _HEAD_WORDS


def furniture(pages: Sequence[PageText]) -> list[list[PageLine]]:
    """Give the lines of each page that are no part of its text: heads, feet, page numbers.

    Nothing stands between such a line and the edge of its page, and pages near by have it too:
    the same at the same height, or with a number that counts the pages. A page that would be left
    without any text keeps all.
    """
    body = _body_style(pages)
    edges = [list(_edges(position, page)) for position, page in enumerate(pages)]
    return [
        _taken(
            edge,
            list(chain.from_iterable(edges[max(0, at - _REACH) : at + _REACH + 1])),
            page,
            body,
        )
        for at, (edge, page) in enumerate(zip(edges, pages, strict=True))
    ]


def inferred_labels(
    pages: Sequence[PageText], asides: Sequence[Sequence[PageLine]]
) -> tuple[str, ...]:
    """Read the printed page numbers off heads and feet; "" where none counts on with others."""
    numbers = [
        [found for line in lines for found in _numbers(page.text[line.start : line.end])]
        for page, lines in zip(pages, asides, strict=True)
    ]
    steps = [
        frozenset((kind, value - position) for _, kind, value in found)
        for position, found in enumerate(numbers)
    ]
    return tuple(_label(found, position, steps) for position, found in enumerate(numbers))


def _body_style(pages: Sequence[PageText]) -> _Style:
    """Give the type of most of the text."""
    styles: Counter[_Style] = Counter()
    for line in chain.from_iterable(page.lines for page in pages):
        styles[line.size, line.bold] += line.end - line.start
    return max(styles, key=lambda style: (styles[style], style), default=(0.0, False))


def _edges(position: int, page: PageText) -> Iterator[_Candidate]:
    """List the lines of a page's head from the top, and of its foot from the bottom."""
    placed = [line for line in page.lines if line.at > 0 and line.size > 0]
    downwards = sorted(placed, key=lambda line: line.at)
    for top, lines in ((True, downwards), (False, downwards[::-1])):
        for line in lines[:_MOST_LINES]:
            text = squeeze(page.text[line.start : line.end])
            steps = frozenset((kind, value - position) for _, kind, value in _numbers(text))
            words = _NUMBER.sub("#", text.lower())
            yield _Candidate(page=position, line=line, text=text, words=words, top=top, steps=steps)


def _taken(
    edge: Sequence[_Candidate], around: Sequence[_Candidate], page: PageText, body: _Style
) -> list[PageLine]:
    taken: list[PageLine] = []
    for top in (True, False):
        group = [other for other in around if other.top is top]
        before: PageLine | None = None
        for candidate in edge:
            if candidate.top is not top:
                continue
            apart = before is not None and _is_far(before, candidate.line)
            if apart or not _repeats(candidate, group, body):
                break
            before = candidate.line
            taken.append(candidate.line)
    whole = {line for line in page.lines if line not in taken}
    return sorted(taken, key=lambda line: line.start) if whole else []


def _is_far(before: PageLine, line: PageLine) -> bool:
    return abs(line.at - before.at) > _GAP * max(before.size, line.size) / _PAGE_HEIGHT


def _repeats(candidate: _Candidate, group: Sequence[_Candidate], body: _Style) -> bool:
    """Tell whether enough of the pages around have a line too."""
    if _COUNTED.fullmatch(candidate.text):
        return False
    larger = candidate.line.size >= _LARGER * body[0] or (candidate.line.bold and not body[1])
    counting = {other.page for other in group if _counts_on(candidate, other, strict=larger)}
    same = {other.page for other in group if _is_same(candidate, other)}
    return len(counting) >= _PAGES or (len(same) >= _PAGES and (not larger or _fills(same)))


def _counts_on(one: _Candidate, two: _Candidate, *, strict: bool) -> bool:
    """Tell whether two lines hold numbers as far apart as their pages, and are of one kind.

    A heading's number counts on too where every page begins with one: it must have the same words.
    """
    short = one.is_short and two.is_short and not strict
    alike = one.words == two.words or (short and _is_level(one, two))
    return alike and not one.steps.isdisjoint(two.steps)


def _is_level(one: _Candidate, two: _Candidate) -> bool:
    return abs(one.line.at - two.line.at) <= _LEVEL


def _is_same(one: _Candidate, two: _Candidate) -> bool:
    return one.text == two.text and _is_level(one, two) and one.in_band


def _fills(pages: set[int]) -> bool:
    """Tell whether nearly every page is there, or every other one."""
    reach = max(pages) - min(pages) + 1
    parity = len({page % 2 for page in pages}) == 1
    return len(pages) >= 2 * _PAGES and len(pages) >= _NEARLY * (reach / 2 if parity else reach)


def _numbers(text: str) -> Iterator[tuple[str, str, int]]:
    """Give the numbers that may be a page's, with their kind: "", "roman", or a letter before.

    They are all those of a short line; of a long one the outer ones and what "page" stands before.
    """
    words = text.split()
    named = [two for one, two in pairwise(words) if one.lower() in _PAGE_WORDS]
    outer = words if len(words) <= _FEW_WORDS else [words[0], *named, words[-1]]
    for word in dict.fromkeys(outer):
        bare = word.strip("-–—.|[]()")
        lettered = _LETTERED.fullmatch(bare)
        if bare.isdecimal() and len(bare) < 5 and not _YEAR.fullmatch(bare):
            yield bare, "", int(bare)
        elif lettered is not None:
            yield bare, lettered[1], int(lettered[2])
        elif _ROMAN.fullmatch(bare.lower()) and bare:
            yield bare, "roman", _roman(bare.lower())


def _roman(word: str) -> int:
    values = [_ROMAN_VALUES[letter] for letter in word]
    return values[-1] + sum(one if one >= two else -one for one, two in pairwise(values))


def _label(
    found: Sequence[tuple[str, str, int]], position: int, steps: Sequence[frozenset[_Step]]
) -> str:
    """Take the number that counts on with those of the most pages around."""
    around = Counter(chain.from_iterable(steps[max(0, position - _REACH) : position + _REACH + 1]))
    counts = {label: around[kind, value - position] for label, kind, value in found}
    best = max(counts, key=lambda label: counts[label], default="")
    return best if counts.get(best, 0) >= _PAGES else ""
