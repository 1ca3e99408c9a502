"""What is made of one page of a PDF: its text, with its lines' places and types."""

from collections.abc import Iterable
from dataclasses import dataclass

from ctqa.records import PageState
from ctqa.sources.decode import clean
from ctqa.sources.pdf_glyphs import PlacedLine


@dataclass(frozen=True, slots=True, kw_only=True)
class PageLine:
    """A line of a page's text; what is not known of it is 0."""

    start: int  # in the page's text
    end: int
    at: float = 0.0  # where its baseline is: 0 at the top of the page, 1 at its foot
    size: float = 0.0  # of its type, in points
    bold: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class PageText:
    """A page as it was read."""

    text: str
    lines: tuple[PageLine, ...] = ()
    state: PageState = "text"
    reason: str = ""
    extractor: str = ""


def written(placed: Iterable[PlacedLine]) -> tuple[str, tuple[PageLine, ...]]:
    """Write lines below each other, an empty line before what stands apart."""
    pieces: list[str] = []
    lines: list[PageLine] = []
    length = 0
    for each in placed:
        line, height = each.line, each.height
        gap = "" if not lines else "\n\n" if line.apart else "\n"
        text = clean(line.text)
        start = length + len(gap)
        length = start + len(text)
        pieces += [gap, text]
        at = line.base / height if height else 0.0
        size = line.size if height else 0.0
        lines.append(PageLine(start=start, end=length, at=at, size=size, bold=line.bold))
    return "".join(pieces), tuple(lines)


def plain_lines(text: str) -> tuple[PageLine, ...]:
    """Find the lines of a text of which no places are known."""
    lines, start = [], 0
    for piece in text.split("\n"):
        if piece.strip():
            lines.append(PageLine(start=start, end=start + len(piece)))
        start += len(piece) + 1
    return tuple(lines)
