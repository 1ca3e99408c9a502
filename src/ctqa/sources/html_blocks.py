"""An HTML tree -> the blocks that a browser shows, in document order."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from lxml import etree

from ctqa.sources.grid import Cell, write_grid
from ctqa.sources.html_elements import (
    APART,
    BLOCKS,
    Place,
    is_data,
    is_hidden,
    place_of,
    rows_of,
    whole_number,
)
from ctqa.sources.manuscript import Manuscript
from ctqa.text import squeeze

HtmlKind = Literal["heading", "paragraph", "item", "table"]
_HEADING = re.compile(r"h([1-6])")
_SPACES = re.compile(r"[ \t\r\n\f]+")
_CAPTION = re.compile(r"(?i:table|box|exhibit)\s+(?:[A-Z]?\d|[IVXLC]+\b)")
_LETTERS = {"a": "abcdefghijklmnopqrstuvwxyz", "A": "ABCDEFGHIJKLMNOPQRSTUVWXYZ"}
_MOST_SPANNED = 1_000
_DEEPEST_TABLE = 10  # tables further within tables are read as text, for Python's stack is finite


@dataclass(frozen=True, slots=True, kw_only=True)
class HtmlBlock:
    """A block of a page; a table's text is that of its cells, a row a line."""

    kind: HtmlKind
    text: str
    level: int = 0  # of a heading
    rows: tuple[tuple[Cell, ...], ...] = ()
    caption: str = ""
    place: Place = ""
    linked: float = 0.0  # share of its characters that stand in links, 0..1


def html_blocks(root: Any) -> tuple[HtmlBlock, ...]:
    """List the blocks under an element; what a browser does not show is left out."""
    return tuple(_Walker().walked(root))


def write_html(manuscript: Manuscript, root: Any) -> None:
    """Add all that is shown under an element; what stands in its menus becomes asides."""
    for block in html_blocks(root):
        write_block(manuscript, block, aside=block.place == "menu")


def write_block(manuscript: Manuscript, block: HtmlBlock, *, aside: bool) -> None:
    """Add a block."""
    with manuscript.aside(aside):
        if block.kind == "heading":
            manuscript.heading(block.text, block.level)
        elif block.kind == "item":
            manuscript.item(block.text)
        elif block.kind == "table":
            write_grid(manuscript, block.rows, caption=block.caption)
        else:
            manuscript.paragraph(block.text)


@dataclass(slots=True)
class _List:
    """An open list: what its next item is marked with."""

    style: str  # "" for bullets, else the `type` of its numbers
    next: int = 1


@dataclass(slots=True)
class _Walker:
    """Walks a tree without recursion but for tables: pages nest deeper than Python's stack."""

    _within: int = 0  # tables of data around what is walked
    _found: list[HtmlBlock] = field(default_factory=list)
    _parts: list[str] = field(default_factory=list)
    _linked: int = 0  # characters of the open block that stand in links
    _lists: list[_List] = field(default_factory=list)
    _places: list[tuple[Any, Place]] = field(default_factory=list)
    _mark: str = ""
    _links: int = 0  # open
    _pres: int = 0  # open

    def walked(self, root: Any) -> list[HtmlBlock]:
        walk = etree.iterwalk(root, events=("start", "end", "comment", "pi"))
        skipped = None
        for event, element in walk:
            if event == "start" and self._skips(element):
                walk.skip_subtree()
                skipped = element
            elif event == "start":
                self._open(element)
            else:
                if event == "end" and element is not skipped:
                    self._close(element)
                if element is not root:
                    self._say(element.tail)
        self._end_block()
        return self._found

    def _skips(self, element: Any) -> bool:
        """Take what is not walked into: what is not shown, and tables of data."""
        if is_hidden(element):
            return True
        if element.tag == "table" and self._within < _DEEPEST_TABLE and is_data(element):
            self._end_block()
            self._table(element)
            return True
        return False

    def _open(self, element: Any) -> None:
        tag = element.tag
        if tag in BLOCKS:
            self._end_block()
        if tag in APART:
            self._parts.append(" ")
        place = place_of(element)
        if place:
            self._places.append((element, place))
        self._links += tag == "a"
        self._pres += tag in {"pre", "listing", "xmp", "plaintext"}
        if tag in {"ul", "ol", "menu", "dir"}:
            self._lists.append(_list_of(element))
        elif tag == "li":
            self._mark = self._next_mark(element)
        elif tag == "br":
            self._parts.append("\n")
        self._say(element.text)

    def _close(self, element: Any) -> None:
        tag = element.tag
        heading = _HEADING.fullmatch(tag)
        if tag in BLOCKS:
            self._end_block(int(heading[1]) if heading is not None else 0)
        if tag in APART:
            self._parts.append(" ")
        if self._places and self._places[-1][0] is element:
            self._places.pop()
        self._links -= tag == "a"
        self._pres -= tag in {"pre", "listing", "xmp", "plaintext"}
        if tag in {"ul", "ol", "menu", "dir"}:
            self._lists.pop()
        elif tag == "li":
            self._mark = ""

    def _say(self, text: str | None) -> None:
        if text:
            said = text if self._pres else _SPACES.sub(" ", text)
            self._parts.append(said)
            self._linked += len(said.strip()) if self._links else 0

    def _end_block(self, level: int = 0) -> None:
        text = "".join(self._parts).strip()
        linked, self._linked = self._linked, 0
        self._parts.clear()
        if not text:
            return
        mark, self._mark = self._mark, ""
        kind: HtmlKind = "heading" if level else "item" if mark else "paragraph"
        whole = f"{mark} {text}" if kind == "item" else text
        share = min(1.0, linked / len(text))
        place = self._place
        self._found.append(HtmlBlock(kind=kind, text=whole, level=level, place=place, linked=share))

    @property
    def _place(self) -> Place:
        places = {place for _, place in self._places}
        return "menu" if "menu" in places else "margin" if places else ""

    def _next_mark(self, item: Any) -> str:
        if not self._lists or not self._lists[-1].style:
            return "•"
        listed = self._lists[-1]
        number = whole_number(item.get("value"), listed.next)
        listed.next = number + 1
        letters = _LETTERS.get(listed.style, "")
        return f"{letters[number - 1]}." if 0 < number <= len(letters) else f"{number}."

    def _table(self, table: Any) -> None:
        caption = table.find("caption")
        name = "" if caption is None else squeeze(_text(caption, self._within + 1))
        if name:
            self._found.append(HtmlBlock(kind="paragraph", text=name, place=self._place))
        elif self._found and _CAPTION.match(self._found[-1].text):
            name = self._found[-1].text
        rows = tuple(tuple(_cells(row, self._within + 1)) for row in rows_of(table))
        lines = [" ".join(cell.text for cell in row) for row in rows]
        text = "\n".join(line for line in lines if line.strip())
        if text:
            self._found.append(
                HtmlBlock(kind="table", text=text, rows=rows, caption=name, place=self._place)
            )


def _cells(row: Any, within: int) -> Iterator[Cell]:
    in_head = row.getparent().tag == "thead"
    for cell in row.iterchildren("td", "th"):
        yield Cell(
            text="" if is_hidden(cell) else _text(cell, within),
            across=min(max(whole_number(cell.get("colspan"), 1), 1), _MOST_SPANNED),
            down=min(max(whole_number(cell.get("rowspan"), 1), 1), _MOST_SPANNED),
            is_head=in_head or cell.tag == "th",
        )


def _text(element: Any, within: int) -> str:
    return "\n".join(block.text for block in _Walker(_within=within).walked(element))


def _list_of(element: Any) -> _List:
    if element.tag != "ol":
        return _List("")
    return _List(element.get("type", "1")[:1] or "1", whole_number(element.get("start"), 1))


def words_of(blocks: Sequence[HtmlBlock]) -> int:
    """Count the words of blocks."""
    return sum(len(block.text.split()) for block in blocks)
