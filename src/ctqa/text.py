"""Where sentences, headings, rows and list items begin and end in plain text: pure functions.

Plain text carries its structure in its line ends, and extraction blurs even those: papers come
double-spaced, tables as runs of short lines, headings as lines of their own. Nothing here changes
the text; every result is a range of it.
"""

import hashlib
import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import groupby

from ctqa.records import Block, Passage, Section, Sentence, SentenceKind, Span
from ctqa.tables import FILLED, HEADING_CHARS, Line, table_lines, table_rows

_LINE = re.compile(r"\S[^\n\f]*")  # from its first word on
_CAPTION = re.compile(r"(?:Table|Figure|Fig\.|Box|Chart|Exhibit)\s+(?:\d+(?:\.\d+)*|[IVXLC]+)\b")
_MARKDOWN_HEADING = re.compile(r"#{1,6}\s+\S")
_NOT_A_HEADING = re.compile(r"(?:[.,;:!…]\W*|;\s+(?:and|or))$")
_SEMICOLON = re.compile(r";(?:\s+(?:and|or))?$")
_WHITESPACE = re.compile(r"\s")

_HEADING_WORDS = 18
_ITEM_CHARS = 400  # a longer list item is read sentence by sentence


def digest(text: str) -> str:
    """Give the sha256, in hexadecimal, by which a quote is known again."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def squeeze(text: str) -> str:
    """Put one space for every run of white space; for search copies, never for what is shown."""
    return " ".join(text.split())


def body(text: str, asides: Sequence[Span]) -> str:
    """Give a copy in which asides are blank, character for character: offsets stay as they are.

    The white space before an aside goes with it, so that prose goes on over a running head.
    """
    parts: list[str] = []
    end = 0
    for aside in asides:
        kept = text[end : aside.start].rstrip()
        parts.append(kept + " " * (aside.end - end - len(kept)))
        end = aside.end
    return "".join([*parts, text[end:]])


def plain_copy(passage: Passage, sentence: Sentence) -> str:
    """Give a sentence's words as they are searched: mended where that could be done."""
    start, end = sentence.start - passage.start, sentence.end - passage.start
    return squeeze(passage.text[start:end]) if sentence.mended == "" else sentence.mended


def named_cells(sentence: Sentence) -> str:
    """Give a row with its cells under their heads, "area: Bexley; year: 2003"; "" if not known."""
    return sentence.mended if sentence.kind == "row" and ": " in sentence.mended else ""


def sentence_copy(passage: Passage, sentence: Sentence) -> str:
    """Give what is read for one sentence of a passage: its lead, and its words mended."""
    words = plain_copy(passage, sentence)
    return words if sentence.lead == "" else f"{squeeze(sentence.lead).rstrip(':')}: {words}"


def blocks(text: str) -> tuple[Block, ...]:
    """Cut a text into paragraphs ("sentence"), headings, table rows and list items, in order."""
    lines = _lines(text)
    if not lines:
        return ()
    width = _usual_width(lines)
    tabular = table_lines(lines, width)
    groups = list(_joined(lines, tabular, width))
    found = [
        Block(
            start=lines[first].start,
            end=lines[last - 1].end,
            kind=_kind(lines, first, last, tabular[first]),
        )
        for first, last in groups
    ]
    return tuple(_with_items(text, found))


def sentences(text: str, marked: Sequence[Block] = ()) -> tuple[Sentence, ...]:
    """Cut a text into the smallest things that are shown, in order and without overlap.

    Blocks that the file itself marks are taken as they are, those left blank passed over; without
    any they are found in the text.
    """
    return tuple(
        sentence
        for block in marked or blocks(text)
        if text[block.start : block.end].strip()
        for sentence in _sentences_of(text, block)
    )


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


def _lines(text: str) -> list[Line]:
    found: list[Line] = []
    last = 0
    for match in _LINE.finditer(text):
        line, start = match.group().rstrip(), match.start()
        between = text[last:start]
        indented = start > last and text[start - 1] not in "\n\f"
        apart = not found or indented or between.count("\n") > 1 or "\f" in between
        end = start + len(line)
        found.append(Line(start, end, line, apart))
        last = end
    return found


def _usual_width(lines: Sequence[Line]) -> float:
    """Give the width, in characters, that nine of ten lines keep to."""
    from statistics import quantiles  # noqa: PLC0415 -- 5 ms that asking need not spend

    lengths = [len(line.text) for line in lines]
    return quantiles(lengths, n=10, method="inclusive")[-1] if len(lengths) > 1 else lengths[0]


def _joined(
    lines: Sequence[Line], tabular: Sequence[bool], width: float
) -> Iterator[tuple[int, int]]:
    """Put the lines of one paragraph, heading, row or item together, as ranges of `lines`."""
    for is_table, group in groupby(range(len(lines)), key=lambda position: tabular[position]):
        positions = list(group)
        first, last = positions[0], positions[-1] + 1
        if is_table:
            captioned = first > 0 and lines[first - 1].is_caption
            ranges = table_rows(lines[first:last], captioned=captioned)
            yield from ((first + start, first + end) for start, end in ranges)
        else:
            yield from _paragraphs(lines, first, last, width)


def _paragraphs(
    lines: Sequence[Line], first: int, last: int, width: float
) -> Iterator[tuple[int, int]]:
    for position in range(first + 1, last):
        before, line = lines[position - 1], lines[position]
        if _own_line(before) or _own_line(line) or not _prose_goes_on(before, line, width):
            yield first, position
            first = position
    yield first, last


def _own_line(line: Line) -> bool:
    return line.is_markdown_row or line.is_caption or _MARKDOWN_HEADING.match(line.text) is not None


def _prose_goes_on(before: Line, line: Line, width: float) -> bool:
    if line.is_item:
        return False
    if not line.apart:
        return True
    full = before.apart and len(before.text) >= FILLED * width
    return not before.terminal and (line.lower or full)  # over the blank lines of double spacing


def _kind(lines: Sequence[Line], first: int, last: int, tabular: bool) -> SentenceKind:
    text = lines[first].text
    if _MARKDOWN_HEADING.match(text):
        return "heading"
    if tabular or lines[first].is_markdown_row:
        return "row"
    if lines[first].is_item:
        return "item"
    return "heading" if _is_heading(lines, first, last) else "sentence"


def _with_items(text: str, found: Sequence[Block]) -> Iterator[Block]:
    """Take paragraphs after a colon for list items while they end in semicolons, and the next."""
    before, listed = "", False
    for block in found:
        ending = text[block.start : block.end]
        opens = before.endswith(":") and _SEMICOLON.search(ending) is not None
        listed = block.kind == "sentence" and (
            opens or (listed and _SEMICOLON.search(before) is not None)
        )
        yield replace(block, kind="item") if listed else block
        before = ending


def _is_heading(lines: Sequence[Line], first: int, last: int) -> bool:
    text = " ".join(line.text for line in lines[first:last])
    if last == len(lines) or len(text) > HEADING_CHARS or len(text.split()) > _HEADING_WORDS:
        return False
    if not (text[0].isupper() or text[0].isdigit()) or _NOT_A_HEADING.search(text):
        return False
    before, after = lines[first - 1] if first else None, lines[last]
    begins = before is None or (
        lines[first].apart and (before.terminal or len(before.text) < HEADING_CHARS / 2)
    )
    return begins and not after.lower


def _sentences_of(text: str, block: Block) -> Iterator[Sentence]:
    whole = block.kind != "sentence" and block.end - block.start <= _ITEM_CHARS
    if whole or block.copy:
        start, end = block.start, block.end
        yield Sentence(start=start, end=end, kind=block.kind, lead=block.lead, mended=block.copy)
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
