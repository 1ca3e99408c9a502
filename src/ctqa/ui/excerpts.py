"""Which part of a page's text is shown: all of it, or as much of a long one as is read at once."""

from collections.abc import Iterator, Sequence

from ctqa.records import Document, Page
from ctqa.text import squeeze
from ctqa.ui.render_source import Excerpt

_MOST_CHARS = 6_000
_BEFORE = 2_000  # characters before a mark: what leads up to it
_NEAR = 1_000  # within so many a line's end is looked for to part a text at

_Span = tuple[int, int, bool]  # start, end, and whether it is the mark that is meant


def excerpt_of(
    document: Document, page: Page, spans: Sequence[_Span], since: int | None
) -> Excerpt:
    """Take the text of a page around its first mark, or from an offset on."""
    start, end = page.start, page.end
    if end - start > _MOST_CHARS:
        begun = max(spans[0][0] - _BEFORE, page.start) if since is None and spans else since
        begun = page.start if begun is None or not page.start <= begun < page.end else begun
        start = _line_start(document.text, begun, page)
        end = _line_end(document.text, start + _MOST_CHARS, page)
    return Excerpt(
        text=document.text[start:end],
        start=start,
        marked=tuple(_apart(spans)),
        headings=tuple(_headings(document, start, end)),
        before=max(start - _MOST_CHARS + _NEAR, page.start) if start > page.start else None,
        after=end if end < page.end else None,
    )


def _line_start(text: str, offset: int, page: Page) -> int:
    """Go back to where a line begins, or a word, where one is near."""
    if offset == page.start:
        return offset
    least = max(offset - _NEAR, page.start)
    if least == page.start:
        return least
    at = max(text.rfind("\n", least, offset), 0) or max(text.rfind(" ", least, offset), 0)
    return at + 1 if at else offset


def _line_end(text: str, offset: int, page: Page) -> int:
    """Go on to where a line ends, or a word, where one is near."""
    most = min(offset + _NEAR, page.end)
    if most == page.end:
        return most
    at = text.find("\n", offset, most)
    if at < 0:
        at = text.find(" ", offset, most)
    return most if at < 0 else at + 1


def _apart(spans: Sequence[_Span]) -> list[_Span]:
    """Put marks in order, leaving out those that reach into one that came before."""
    kept: list[_Span] = []
    for start, end, is_meant in spans:
        if all(end <= other or stop <= start for other, stop, _ in kept):
            kept.append((start, end, is_meant))
    return sorted(kept)


def _headings(document: Document, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Give the lines that are the headings of sections."""
    for section in document.sections:
        if start <= section.start < end and section.path:
            line = document.text[section.start : end].split("\n", 1)[0]
            if squeeze(line) == squeeze(section.path[-1]):
                yield section.start, section.start + len(line)
