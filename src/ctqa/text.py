"""Where sentences, headings, rows and list items begin and end in plain text: pure functions.

Plain text carries its structure in its line ends, and extraction blurs even those: papers come
double-spaced, tables as runs of short lines, headings as lines of their own. Nothing here changes
the text; every result is a range of it.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from statistics import quantiles

from ctqa.records import Section, Sentence, SentenceKind

_LINE = re.compile(r"\S[^\n\f]*")  # from its first word on
_TERMINAL = re.compile(r"[.!?:;…][\"'”’»)\]]*$")
_BULLET = re.compile(r"(?:[-–—•*·▪‣◦]|\(?(?:\d{1,3}|[a-z]|[ivx]{1,4})[.)])\s+\S")
_CAPTION = re.compile(r"(?:Table|Figure|Fig\.|Box|Chart|Exhibit)\s+(?:\d+(?:\.\d+)*|[IVXLC]+)\b")
_MARKDOWN_HEADING = re.compile(r"#{1,6}\s+\S")
_MARKDOWN_ROW = re.compile(r"\|.*\|$")
_DANGLING = re.compile(r"(?:\b(?:and|or|of|to|the|for|in|with|by)|[,&–-])$", re.IGNORECASE)
_NOT_A_HEADING = re.compile(r"[.,;:!…]\W*$")
_WHITESPACE = re.compile(r"\s")

_FILLED = 0.75  # of the usual line width: a line this long was broken because it was full
_HEADING_CHARS = 110
_HEADING_WORDS = 18
_ITEM_CHARS = 400  # a longer list item is read sentence by sentence


@dataclass(frozen=True, slots=True)
class _Line:
    start: int
    end: int
    text: str  # without the white space around it
    apart: bool  # a blank line, a page break or an indent stands before it

    @property
    def terminal(self) -> bool:
        """Whether it ends as a sentence ends."""
        return _TERMINAL.search(self.text) is not None

    @property
    def lower(self) -> bool:
        """Whether it goes on in the middle of a sentence."""
        return self.text[0].islower()


@dataclass(frozen=True, slots=True)
class Block:
    """Lines that belong together: a paragraph, a heading, a table row or a list item."""

    start: int
    end: int
    kind: SentenceKind


def squeeze(text: str) -> str:
    """Put one space for every run of white space; for search copies, never for what is shown."""
    return " ".join(text.split())


def blocks(text: str) -> tuple[Block, ...]:
    """Cut a text into paragraphs ("sentence"), headings, table rows and list items, in order."""
    lines = _lines(text)
    if not lines:
        return ()
    width = _usual_width(lines)
    tabular = _table_lines(lines, width)
    groups = list(_joined(lines, tabular, width))
    return tuple(
        Block(lines[first].start, lines[last - 1].end, _kind(lines, first, last, tabular[first]))
        for first, last in groups
    )


def sentences(text: str) -> tuple[Sentence, ...]:
    """Cut a text into the smallest things that are shown, in order and without overlap."""
    return tuple(sentence for block in blocks(text) for sentence in _sentences_of(text, block))


def rows(text: str) -> tuple[Sentence, ...]:
    """Cut a table's text into its lines; a line end inside a quoted cell does not end the row."""
    found: list[Sentence] = []
    start = 0
    for line_end in re.finditer(r"\n|$", text):
        end = line_end.start()
        if end < len(text) and text.count('"', start, end) % 2:
            continue
        found += _trimmed(text, start, end, "row")
        start = end + 1
    return tuple(found)


def outline(text: str) -> tuple[Section, ...]:
    """Find the headings of a plain text; table captions stand one level below the heading.

    Each section runs from its heading to the next one; a caption's section ends with its table.
    """
    sections: list[Section] = []
    heading, caption = "", ""
    start, seen_rows = 0, False
    for block in (*blocks(text), None):
        title = squeeze(text[block.start : block.end]) if block is not None else ""
        is_caption = block is not None and _CAPTION.match(title) is not None
        is_heading = block is not None and block.kind == "heading"
        table_ends = bool(caption) and seen_rows and block is not None and block.kind == "sentence"
        if block is None or is_heading or is_caption or table_ends:
            end = len(text) if block is None else block.start
            path = tuple(part for part in (heading, caption) if part)
            if path and end > start:
                sections.append(Section(path=path, start=start, end=end))
            start, seen_rows = end, False
            if is_heading and not is_caption:
                heading, caption = title, ""
            else:
                caption = title if is_caption else ""
        seen_rows = seen_rows or (block is not None and block.kind == "row")
    return tuple(sections)


def _lines(text: str) -> list[_Line]:
    found: list[_Line] = []
    last = 0
    for match in _LINE.finditer(text):
        line, start = match.group().rstrip(), match.start()
        between = text[last:start]
        indented = start > last and text[start - 1] not in "\n\f"
        apart = not found or indented or between.count("\n") > 1 or "\f" in between
        end = start + len(line)
        found.append(_Line(start, end, line, apart))
        last = end
    return found


def _usual_width(lines: list[_Line]) -> float:
    """Give the width, in characters, that nine of ten lines keep to."""
    lengths = [len(line.text) for line in lines]
    return quantiles(lengths, n=10, method="inclusive")[-1] if len(lengths) > 1 else lengths[0]


def _table_lines(lines: list[_Line], width: float) -> list[bool]:
    """Mark the lines of tables: those after a caption, and runs of unfilled, unfinished lines."""
    marks = [mark for run in _runs(lines) for mark in [_is_table(run, width)] * len(run)]
    within = False
    for position in range(len(lines)):
        if _is_caption(lines, position, width):
            within = True
        elif within and _prose_starts(lines[position : position + 4], width):
            within = False
        else:
            marks[position] = within or marks[position]
            continue
        marks[position] = False
    return marks


def _runs(lines: list[_Line]) -> Iterator[list[_Line]]:
    """Give the stretches of lines without a blank line between them."""
    run = [lines[0]]
    for line in lines[1:]:
        if line.apart:
            yield run
            run = []
        run.append(line)
    yield run


def _is_table(run: list[_Line], width: float) -> bool:
    body = run[:-1]
    if len(body) < 2 or sum(len(line.text) for line in body) >= _FILLED * width * len(body):
        return False
    finished = sum(line.terminal for line in run)
    bullets = sum(_BULLET.match(line.text) is not None for line in run)
    return max(finished, bullets) <= 0.4 * len(run)


def _is_caption(lines: list[_Line], position: int, width: float) -> bool:
    text = lines[position].text
    if not _CAPTION.match(text) or len(text) > _HEADING_CHARS:
        return False
    runs_on = position + 1 < len(lines) and lines[position + 1].lower
    return not (runs_on and len(text) >= _FILLED * width)


def _prose_starts(ahead: list[_Line], width: float) -> bool:
    """Tell whether a table has ended: full lines follow that run on in lower case."""
    full = [line for line in ahead[:3] if len(line.text) >= _FILLED * width]
    alone = len(ahead) == 1 and ahead[0].terminal
    return alone or (len(full) > 1 and full[0] is ahead[0] and any(x.lower for x in ahead[1:]))


def _joined(lines: list[_Line], tabular: list[bool], width: float) -> Iterator[tuple[int, int]]:
    """Put the lines of one paragraph, heading, row or item together, as ranges of `lines`."""
    first = 0
    for position in range(1, len(lines)):
        before, line = lines[position - 1], lines[position]
        if tabular[position - 1] != tabular[position] or _own_line(before) or _own_line(line):
            goes_on = False
        elif tabular[position]:
            goes_on = _row_goes_on(before, line)
        else:
            goes_on = _prose_goes_on(before, line, width)
        if not goes_on:
            yield first, position
            first = position
    yield first, len(lines)


def _own_line(line: _Line) -> bool:
    return any(p.match(line.text) for p in (_MARKDOWN_HEADING, _MARKDOWN_ROW, _CAPTION))


def _row_goes_on(before: _Line, line: _Line) -> bool:
    return not before.terminal and (
        line.lower or line.text.startswith("(") or _DANGLING.search(before.text) is not None
    )


def _prose_goes_on(before: _Line, line: _Line, width: float) -> bool:
    if _BULLET.match(line.text):
        return False
    if not line.apart:
        return True
    full = before.apart and len(before.text) >= _FILLED * width
    return not before.terminal and (line.lower or full)  # over the blank lines of double spacing


def _kind(lines: list[_Line], first: int, last: int, tabular: bool) -> SentenceKind:
    text = lines[first].text
    if _MARKDOWN_HEADING.match(text):
        return "heading"
    if tabular or _MARKDOWN_ROW.match(text):
        return "row"
    if _BULLET.match(text):
        return "item"
    return "heading" if _is_heading(lines, first, last) else "sentence"


def _is_heading(lines: list[_Line], first: int, last: int) -> bool:
    text = " ".join(line.text for line in lines[first:last])
    if last == len(lines) or len(text) > _HEADING_CHARS or len(text.split()) > _HEADING_WORDS:
        return False
    if not (text[0].isupper() or text[0].isdigit()) or _NOT_A_HEADING.search(text):
        return False
    before, after = lines[first - 1] if first else None, lines[last]
    begins = before is None or (
        lines[first].apart and (before.terminal or len(before.text) < _HEADING_CHARS / 2)
    )
    return begins and not after.lower


def _sentences_of(text: str, block: Block) -> Iterator[Sentence]:
    whole = block.kind != "sentence" and block.end - block.start <= _ITEM_CHARS
    if whole:
        yield Sentence(start=block.start, end=block.end, kind=block.kind)
        return
    from sentencex import segment  # noqa: PLC0415 -- 30 ms that `ctqa --help` need not spend

    # Every white space becomes one space, so that a line end is not taken for a sentence end.
    copy = _WHITESPACE.sub(" ", text[block.start : block.end])
    offset = block.start
    for piece in segment("en", copy):
        yield from _trimmed(text, offset, offset + len(piece), block.kind)
        offset += len(piece)


def _trimmed(text: str, start: int, end: int, kind: SentenceKind) -> Iterator[Sentence]:
    piece = text[start:end]
    if piece.strip():
        begin = start + len(piece) - len(piece.lstrip())
        yield Sentence(start=begin, end=start + len(piece.rstrip()), kind=kind)
