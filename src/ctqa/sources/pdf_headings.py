"""A PDF's headings by their type: larger or bolder than the text, short, on lines of their own."""

import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, pairwise

from ctqa.records import Section
from ctqa.sources.decode import tidy
from ctqa.sources.pdf_page import PageLine, PageText

_LARGER = 1.12  # times the type size of most of the text
_CHARS, _WORDS, _LINES = 120, 18, 3  # of a heading, at most
_CLOSE = 2.2  # times the type size, from one line of a heading to the next
_PAGE_HEIGHT = 792  # points, about: A4 and US letter
_MOST = 0.3  # of a document's lines: with more, its types tell nothing
_LABELLED_WORDS = 8  # of a heading with a number, at most, that may end in a full stop
_LEAST = 2  # headings: one alone is rather the title
_WORD = re.compile(r"[^\W\d_]{3}")
_ENDS = re.compile(r"[.,;:!…]$")
_LABEL = re.compile(
    r"(?:(?P<kind>part|chapter|section|appendix|annex|item|article|schedule|note)\s+"
    r"(?:\d+(?:\.\d+)*[A-Z]?|[A-Z]|[IVXLC]+)\b[.):–—-]?|\d{1,3}(?:\.\d+)*[.):]?|(?:[A-Z]|[IVXLC]+)[.):])"
    r"(?:\s+|$)(?![\W\d_])",
    re.IGNORECASE,
)
_CELLS = re.compile(r"\S {2,}\S|\.{4}|(?: \.){4}")  # or the dots of a table of contents
_NAMES = re.compile(r"(?:[^,]+,){2}|.*@")  # authors, below the title
_CAPTION = re.compile(r"(?:table|figure|fig\.|box|chart|exhibit|source)s?\b[\s:]", re.IGNORECASE)
_NUMBERED = re.compile(
    r"(?:(?:chapter|part|section|appendix|annex)\s+)?(\d+(?:\.\d+)*)\.?\s", re.IGNORECASE
)
_TITLE_CHARS, _TITLE_LINES = 200, 5
_TITLE_TOP = 0.75  # of the front page: a title stands above
_TITLE_SIZE = 1.15  # times the text's size, at least

_Level = tuple[int, int, int]  # rank of its type and of its kind, how many numbers it begins with
_PART, _LABELLED, _PLAIN = range(3)  # kinds: one holds the next, in the same type


@dataclass(frozen=True, slots=True)
class StyledLine:
    """A line in the document's text."""

    text: str
    start: int
    line: PageLine
    page: int  # position

    @property
    def style(self) -> tuple[float, bool]:
        """Its type."""
        return self.line.size, self.line.bold


def styled_lines(
    pages: Sequence[PageText], starts: Sequence[int], asides: Sequence[Sequence[PageLine]]
) -> list[StyledLine]:
    """List the lines whose type is known, heads and feet left out."""
    return [
        StyledLine(page.text[line.start : line.end], start + line.start, line, position)
        for position, (page, start, aside) in enumerate(zip(pages, starts, asides, strict=True))
        for line in page.lines
        if line.size and line not in aside
    ]


def headed(lines: Sequence[StyledLine], end: int, title: str) -> tuple[Section, ...]:
    """Make nested sections of the headings; () where the types do not tell them."""
    if not lines:
        return ()
    body = _body(lines)
    parts = chain.from_iterable(map(_parted, _runs(lines, _style)))
    standing_out = [run for run in parts if _is_heading(run, body)]
    styles = Counter(run[0].style for run in standing_out)
    runs = [run for run in standing_out if not _is_front_matter(run, lines[0].page, title, styles)]
    if not len(runs) >= _LEAST or sum(map(len, runs)) > _MOST * len(lines):
        return ()
    ranks = {style: rank for rank, style in enumerate(_styles(runs))}
    return tuple(_sections(runs, ranks, end))


def title_on_front(lines: Sequence[StyledLine]) -> str:
    """Give the largest type of the front page, "" where nothing there is larger than the text."""
    if not lines:
        return ""
    front = [line for line in lines if line.page == lines[0].page and line.line.at <= _TITLE_TOP]
    told = [run for run in _runs(front, _size) if _WORD.search(_words(run))]
    best = max(told, key=lambda run: run[0].line.size, default=None)
    if best is None or best[0].line.size < _TITLE_SIZE * _body(lines)[0]:
        return ""
    words = _words(best)
    return words if len(best) <= _TITLE_LINES and len(words) <= _TITLE_CHARS else ""


def _body(lines: Sequence[StyledLine]) -> tuple[float, bool]:
    """Give the type of most characters."""
    counts: Counter[tuple[float, bool]] = Counter()
    for line in lines:
        counts[line.style] += len(line.text)
    return max(counts, key=lambda style: (counts[style], style))


def _style(line: StyledLine) -> tuple[float, bool]:
    return line.style


def _size(line: StyledLine) -> float:
    return line.line.size


def _runs(
    lines: Sequence[StyledLine], key: Callable[[StyledLine], object]
) -> list[list[StyledLine]]:
    """Put lines of one type together that stand below each other on one page."""
    runs = [[lines[0]]] if lines else []
    for one, two in pairwise(lines):
        if (one.page, key(one)) != (two.page, key(two)) or not _is_close(one, two):
            runs.append([])
        runs[-1].append(two)
    return runs


def _parted(run: Sequence[StyledLine]) -> Iterator[list[StyledLine]]:
    """Part headings that stand directly below each other, each with its number."""
    starts = [at for at, line in enumerate(run) if at == 0 or _begins(line.text)]
    for start, end in pairwise([*starts, len(run)]):
        yield list(run[start:end])


def _begins(text: str) -> bool:
    label = _LABEL.match(text)
    return label is not None and not text[label.end() :][:1].islower()


def _is_close(one: StyledLine, two: StyledLine) -> bool:
    return 0 <= two.line.at - one.line.at <= _CLOSE * one.line.size / _PAGE_HEIGHT


def _is_heading(run: Sequence[StyledLine], body: tuple[float, bool]) -> bool:
    (size, bold), words = run[0].style, _words(run)
    stands_out = size >= _LARGER * body[0] or (bold and not body[1] and size >= 0.95 * body[0])
    short = len(run) <= _LINES and len(words) <= _CHARS and len(words.split()) <= _WORDS
    if not stands_out or not short or _has_cells(run):
        return False
    says_something = _WORD.search(words) is not None and not words[0].islower()
    return says_something and not _ENDS.search(_unended(words)) and not _CAPTION.match(words)


def _has_cells(run: Sequence[StyledLine]) -> bool:
    """Tell a row of a table from a heading, whose number may stand far before its words."""
    first, *others = (line.text for line in run)
    label = _LABEL.match(first)
    return any(map(_CELLS.search, (first if label is None else first[label.end() :], *others)))


def _unended(words: str) -> str:
    """Leave out the full stop that ends a short heading with a number: "Item 1. Business."."""
    is_short = _LABEL.match(words) is not None and len(words.split()) <= _LABELLED_WORDS
    return words.removesuffix(".") if is_short else words


def _is_front_matter(
    run: Sequence[StyledLine], front: int, title: str, styles: Counter[tuple[float, bool]]
) -> bool:
    """Tell the title, in types of its own, and the authors from headings."""
    words = _words(run)
    is_title = words.casefold() in title.casefold() and styles[run[0].style] == 1
    return run[0].page == front and (is_title or _NAMES.match(words) is not None)


def _words(run: Sequence[StyledLine]) -> str:
    return tidy(" ".join(line.text for line in run))


def _styles(runs: Sequence[Sequence[StyledLine]]) -> list[tuple[float, bool]]:
    return sorted({run[0].style for run in runs}, reverse=True)


def _sections(
    runs: Sequence[Sequence[StyledLine]], ranks: dict[tuple[float, bool], int], end: int
) -> Iterator[Section]:
    """Let each heading's section run to the next one, below those of higher rank before it."""
    above: list[tuple[_Level, str]] = []
    ends = [run[0].start for run in runs[1:]] + [end]
    for run, section_end in zip(runs, ends, strict=True):
        words = _words(run)
        level = (ranks[run[0].style], _kind(words), _depth(words))
        above = [other for other in above if _is_above(other[0], level)] + [(level, words)]
        path = tuple(title for _, title in above)
        yield Section(path=path, start=run[0].start, end=section_end)


def _is_above(one: _Level, two: _Level) -> bool:
    """Tell which headings hold others: by their type, then their kind, then their numbers."""
    return one[:2] < two[:2] or (one[:2] == two[:2] and 0 < one[2] < two[2])


def _kind(words: str) -> int:
    label = _LABEL.match(words)
    if label is None or label["kind"] is None:
        return _PLAIN
    return _PART if label["kind"].lower() == "part" else _LABELLED


def _depth(words: str) -> int:
    """Count the numbers that a heading begins with: 2 in "1.2 Origins"."""
    numbered = _NUMBERED.match(words)
    return 0 if numbered is None else numbered[1].count(".") + 1
