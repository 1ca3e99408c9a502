"""The body of a Word document -> a manuscript, block by block."""

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from docx.opc.constants import RELATIONSHIP_TYPE as RT

from ctqa.sources.grid import write_grid
from ctqa.sources.manuscript import Manuscript
from ctqa.sources.word_parts import Parts, breaks_after
from ctqa.sources.word_styles import Styles, read_lists, read_styles
from ctqa.sources.word_tables import heads_marked, is_layout, merged, row_cells, table_rows
from ctqa.sources.word_text import Event, Inline, InlineReader, W, children
from ctqa.text import squeeze

_CAPTION = re.compile(
    r"(?i:table|figure|fig\.|box|chart|exhibit)\s+(?:[A-Z]?\d|[IVXLC]+\b|[A-Z]\b)"
)
_HEADING_CHARS = 120
_NO_HEADING = re.compile(r"[.,;:!?…][\"'”’)]*$")
_BOLD_LEVEL = 6  # below whatever may stand above a line that is a heading by its looks alone
_LISTED = ("toc ", "table of figures", "index ")  # styles of lines that point to other lines
_TITLES = frozenset({"title"})


@dataclass(slots=True)
class _Turns:
    """Counts page breaks: Word's mark right after a break set by hand is that very break."""

    _by_hand: bool = False

    def of(self, events: Sequence[Event]) -> tuple[int, int]:
        """Count the breaks before the first text and those after it."""
        counts = [0, 0]
        has_text = False
        for event in events:
            is_same = event == "rendered" and self._by_hand
            has_text = has_text or event == "text"
            counts[has_text] += event != "text" and not is_same
            self._by_hand = event == "hard"
        return counts[0], counts[1]


@dataclass(frozen=True, slots=True, kw_only=True)
class _CellText:
    """What a cell of a table holds."""

    element: Any
    text: str
    is_bold: bool
    inlines: Sequence[Inline]
    tables: Sequence[Any]  # within it

    @property
    def as_read(self) -> tuple[Any, str, bool]:
        return self.element, self.text, self.is_bold

    @property
    def events(self) -> tuple[Event, ...]:
        return tuple(event for inline in self.inlines for event in inline.events)


class BodyWriter:
    """Writes the body of a document into `manuscript`; `title` is its line in the style Title."""

    def __init__(self, parts: Parts) -> None:
        self.manuscript = Manuscript()
        self.reader = InlineReader()
        self.title = ""
        self._parts = parts
        self._styles: Styles = read_styles(parts.root(RT.STYLES))
        self._lists = read_lists(parts.root(RT.NUMBERING))
        self._notes = parts.notes()
        self._turns = _Turns()
        self._inside = 0  # boxes, notes and cells, whose breaks do not count
        self._finds_headings = False
        self._breaks_after: set[Any] = set()
        self._said: set[str] = set()  # running heads and feet

    def write(self, body: Any) -> None:
        """Write a w:body, between its page heads and feet."""
        self._finds_headings = not any(self._is_styled_heading(p) for p in body.iter(W + "p"))
        self._breaks_after = breaks_after(body)
        self._running(body, "header")
        self._blocks(body)
        self._running(body, "footer")

    def _running(self, body: Any, name: str) -> None:
        with self.manuscript.aside(), self._within():
            for root in self._parts.running(body, name):
                words = squeeze("".join(root.itertext(W + "t")))
                if words and words not in self._said:
                    self._said.add(words)
                    self._blocks(root)

    def _blocks(self, container: Any) -> None:
        held = list(children(container))
        for position, block in enumerate(held):
            if block.tag == W + "p":
                self._paragraph(block)
            elif is_layout(block):
                for cell in (cell for row in table_rows(block) for cell in row_cells(row)):
                    self._blocks(cell)
            else:
                self._table(block, _caption(held, position, self._styles))

    def _paragraph(self, paragraph: Any) -> None:
        inline = self.reader.read(paragraph)
        before, after = (0, 0) if self._inside else self._breaks(paragraph, inline.events)
        self._turn(before)
        with self.manuscript.aside(self._styles.name(paragraph).startswith(_LISTED)):
            self._text(paragraph, inline)
        self._attached(inline)
        self._turn(after)

    def _breaks(self, paragraph: Any, events: Sequence[Event]) -> tuple[int, int]:
        """Count the pages that begin before and after a paragraph."""
        begins = self._styles.begins_page(paragraph) and self.manuscript.length > 0
        before, after = self._turns.of(("hard", *events) if begins else events)
        if paragraph.find(f"{W}pPr/{W}sectPr") in self._breaks_after:
            after += sum(self._turns.of(("hard",)))
        return before, after

    def _turn(self, pages: int) -> None:
        for _ in range(pages):
            self.manuscript.page()

    def _text(self, paragraph: Any, inline: Inline) -> None:
        text = inline.text
        if not text.strip():
            return
        mark = self._mark(paragraph)
        marked = f"{mark} {text}" if mark else text
        level = None if self._inside else self._level(paragraph, inline)
        if level is not None:
            self.manuscript.heading(marked, level)
            if not self.title and self._styles.name(paragraph) in _TITLES:
                self.title = squeeze(text)
        elif mark:
            self.manuscript.item(marked)
        else:
            self.manuscript.paragraph(text)

    def _mark(self, paragraph: Any) -> str:
        name, level, style = self._styles.numbering(paragraph)
        return self._lists.mark(name, level, style) if name not in {"", "0"} else ""

    def _level(self, paragraph: Any, inline: Inline) -> int | None:
        level = self._styles.level(paragraph)
        if level is not None or not self._finds_headings:
            return level
        line = inline.text.strip()
        is_heading = (
            inline.is_bold
            and len(line) <= _HEADING_CHARS
            and "\n" not in line
            and _NO_HEADING.search(line) is None
            and _CAPTION.match(line) is None
        )
        return _BOLD_LEVEL if is_heading else None

    def _is_styled_heading(self, paragraph: Any) -> bool:
        if self._styles.level(paragraph) is None or self._styles.name(paragraph) in _TITLES:
            return False
        return any(text.strip() for text in paragraph.itertext(W + "t"))

    def _attached(self, inline: Inline) -> None:
        """Write the text boxes anchored in a paragraph and the notes it refers to."""
        with self._within():
            for box in inline.boxes:
                self._blocks(box)
            for note in inline.notes:
                if note in self._notes:
                    self._blocks(self._notes.pop(note))

    def _table(self, table: Any, caption: str) -> None:
        rows = table_rows(table)
        read = [[self._cell(cell) for cell in row_cells(row)] for row in rows]
        begun = list(self._pages_before(read))
        write_grid(
            self.manuscript,
            merged(
                rows, [[(cell.element, cell.text, cell.is_bold) for cell in row] for row in read]
            ),
            heads=heads_marked(rows, sets_apart=self._styles.sets_head_apart(table)),
            caption=caption,
            pages_before=begun,
        )
        for cell in (cell for row in read for cell in row):
            for inline in cell.inlines:
                self._attached(inline)
            for inner in cell.tables:
                self._table(inner, "")
        self._turn(begun.count(len(rows)))

    def _cell(self, element: Any) -> _CellText:
        held = list(children(element))
        paragraphs = [block for block in held if block.tag == W + "p"]
        inlines = [self.reader.read(paragraph) for paragraph in paragraphs]
        marks = [
            self._mark(p) if i.text.strip() else ""
            for p, i in zip(paragraphs, inlines, strict=True)
        ]
        lines = [f"{mark} {inline.text}" for mark, inline in zip(marks, inlines, strict=True)]
        filled = [inline for inline in inlines if inline.text.strip()]
        return _CellText(
            element=element,
            text="\n".join(lines),
            is_bold=all(inline.is_bold for inline in filled),
            inlines=inlines,
            tables=[block for block in held if block.tag == W + "tbl"],
        )

    def _pages_before(self, rows: Sequence[Sequence[_CellText]]) -> Iterator[int]:
        """Give the rows before which a page begins, one time a page; a torn row comes before it."""
        for number, row in enumerate(rows if not self._inside else ()):
            torn = [_after_text(cell.events) for cell in row[1:]]
            before, after = self._turns.of(row[0].events if row else ())
            yield from [number] * before
            yield from [number + 1] * max(after, *torn, 0)

    @contextmanager
    def _within(self) -> Iterator[None]:
        self._inside += 1
        try:
            yield
        finally:
            self._inside -= 1


def _after_text(events: Sequence[Event]) -> int:
    """Count the breaks after the first text."""
    return _Turns().of(events)[1]


def _caption(held: Sequence[Any], position: int, styles: Styles) -> str:
    """Give the caption of a table: the paragraph over it, or one in the style Caption under it."""
    above = next((b for b in reversed(held[:position]) if _words(b)), None)
    if above is not None and above.tag == W + "p":
        words = _words(above)
        if styles.name(above) == "caption" or _CAPTION.match(words):
            return words
    below = next((b for b in held[position + 1 :] if _words(b)), None)
    is_caption = below is not None and below.tag == W + "p" and styles.name(below) == "caption"
    return _words(below) if is_caption else ""


def _words(block: Any) -> str:
    return squeeze("".join(block.itertext(W + "t")))
