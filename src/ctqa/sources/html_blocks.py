"""An HTML tree -> the blocks that a browser shows, in document order."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from lxml import etree

from ctqa.sources.grid import Cell, write_grid
from ctqa.sources.manuscript import Manuscript
from ctqa.text import squeeze

HtmlKind = Literal["heading", "paragraph", "item", "table"]
Place = Literal["", "menu", "margin"]  # "margin": page heads and feet, notices, related links

_NOT_SHOWN = (
    frozenset(
        ("head", "script", "style", "template", "noscript", "title", "iframe", "object", "embed")
    )
    | frozenset(
        ("video", "audio", "canvas", "svg", "map", "datalist", "select", "textarea", "input", "rp")
    )
    | frozenset(("rt", "annotation", "annotation-xml", "meta", "link", "base"))
)
_BLOCKS = (
    frozenset(
        ("address", "article", "aside", "blockquote", "body", "caption", "center", "dd", "details")
    )
    | frozenset(
        (
            "dialog",
            "div",
            "dl",
            "dt",
            "fieldset",
            "figcaption",
            "figure",
            "footer",
            "form",
            "header",
        )
    )
    | frozenset(
        (
            "h1",
            "h2",
            "h3",
            "h4",
            "h5",
            "h6",
            "hgroup",
            "hr",
            "html",
            "legend",
            "li",
            "listing",
            "main",
        )
    )
    | frozenset(
        ("menu", "nav", "ol", "optgroup", "p", "plaintext", "pre", "search", "section", "summary")
    )
    | frozenset(("table", "tbody", "td", "tfoot", "th", "thead", "tr", "ul", "xmp"))
)
_APART = frozenset(("button", "img", "label", "option", "output", "meter"))  # not glued to others
_HEADING = re.compile(r"h([1-6])")
_SPACES = re.compile(r"[ \t\r\n\f]+")
_INVISIBLE = re.compile(r"(?:display\s*:\s*none|visibility\s*:\s*hidden)", re.IGNORECASE)
_CAPTION = re.compile(r"(?i:table|box|exhibit)\s+(?:[A-Z]?\d|[IVXLC]+\b)")
_MENUS = frozenset({"navigation", "menu", "menubar", "search"})
_MARGINS = frozenset({"banner", "contentinfo", "complementary", "dialog", "alertdialog"})
_MARGIN_NAME = re.compile(
    r"(?<![a-z])(?:cookies?|consent|gdpr|breadcrumbs?|skip(?:-?link)?|shar(?:e|ing)|social"
    r"|sidebar|navbar|nav|menu|footer|related|newsletter|advert\w*|promo|subscribe)(?![a-z])"
)
_LETTERS = {"a": "abcdefghijklmnopqrstuvwxyz", "A": "ABCDEFGHIJKLMNOPQRSTUVWXYZ"}
_MOST_SPANNED = 1_000


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
    """Walks a tree without recursion: saved pages nest deeper than Python's stack."""

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
        if _is_hidden(element):
            return True
        if element.tag == "table" and _is_data(element):
            self._end_block()
            self._table(element)
            return True
        return False

    def _open(self, element: Any) -> None:
        tag = element.tag
        if tag in _BLOCKS:
            self._end_block()
        if tag in _APART:
            self._parts.append(" ")
        place = _place_of(element)
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
        if tag in _BLOCKS:
            self._end_block(int(heading[1]) if heading is not None else 0)
        if tag in _APART:
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
        number = _whole(item.get("value"), listed.next)
        listed.next = number + 1
        letters = _LETTERS.get(listed.style, "")
        return f"{letters[number - 1]}." if 0 < number <= len(letters) else f"{number}."

    def _table(self, table: Any) -> None:
        caption = table.find("caption")
        name = "" if caption is None else squeeze(_text(caption))
        if name:
            self._found.append(HtmlBlock(kind="paragraph", text=name, place=self._place))
        elif self._found and _CAPTION.match(self._found[-1].text):
            name = self._found[-1].text
        rows = tuple(tuple(_cells(row)) for row in _rows(table))
        lines = [" ".join(cell.text for cell in row) for row in rows]
        text = "\n".join(line for line in lines if line.strip())
        if text:
            self._found.append(
                HtmlBlock(kind="table", text=text, rows=rows, caption=name, place=self._place)
            )


def _rows(table: Any) -> Iterator[Any]:
    """Give the rows of a table, its heads first and its feet last, without those of inner ones."""
    own = [row for row in table.iter("tr") if next(row.iterancestors("table")) is table]
    yield from sorted(own, key=lambda row: _ROW_ORDER.get(row.getparent().tag, 1))


_ROW_ORDER = {"thead": 0, "tbody": 1, "tfoot": 2}


def _cells(row: Any) -> Iterator[Cell]:
    in_head = row.getparent().tag == "thead"
    for cell in row.iterchildren("td", "th"):
        yield Cell(
            text="" if _is_hidden(cell) else _text(cell),
            across=min(max(_whole(cell.get("colspan"), 1), 1), _MOST_SPANNED),
            down=min(max(_whole(cell.get("rowspan"), 1), 1), _MOST_SPANNED),
            is_head=in_head or cell.tag == "th",
        )


def _text(element: Any) -> str:
    return "\n".join(block.text for block in html_blocks(element))


def _is_data(table: Any) -> bool:
    """Tell a table from one that only lays out a page."""
    if table.get("role") in {"presentation", "none"}:
        return False
    rows = [list(row.iterchildren("td", "th")) for row in _rows(table)]
    if len(rows) < 2 or max(map(len, rows)) < 2:
        return False
    has_heads = any(cell.tag == "th" for row in rows for cell in row)

    inner = [e for e in table.iter("table", "h1", "h2", "form", "article") if e is not table]
    return has_heads or table.find("caption") is not None or not inner


def _is_hidden(element: Any) -> bool:
    """Tell whether a browser does not show an element, by its own marks and no style sheet."""
    tag = element.tag
    if not isinstance(tag, str) or tag in _NOT_SHOWN:
        return True
    if tag == "dialog" and element.get("open") is None:
        return True
    if element.get("hidden") is not None and element.get("hidden") != "until-found":
        return True
    return _INVISIBLE.search(element.get("style", "")) is not None


def _place_of(element: Any) -> Place:
    """Tell whether an element holds what stands beside the text of a page."""
    tag, role = element.tag, element.get("role", "")
    if tag in {"nav", "menu"} or role in _MENUS:
        return "menu"
    if tag in {"aside", "dialog"} or role in _MARGINS:
        return "margin"
    if tag in {"header", "footer"} and not _is_within_article(element):
        return "margin"
    if tag in {"html", "body", "main", "article", "p", "a", "h1"}:
        return ""
    names = f"{element.get('class', '')} {element.get('id', '')}".lower()
    return "margin" if len(names) > 1 and _MARGIN_NAME.search(names) is not None else ""


def _is_within_article(element: Any) -> bool:
    return next(element.iterancestors("article", "main"), None) is not None


def _list_of(element: Any) -> _List:
    if element.tag != "ol":
        return _List("")
    return _List(element.get("type", "1")[:1] or "1", _whole(element.get("start"), 1))


def _whole(text: str | None, absent: int) -> int:
    told = "" if text is None else text.strip()
    return int(told) if re.fullmatch(r"-?[0-9]{1,6}", told) is not None else absent


def words_of(blocks: Sequence[HtmlBlock]) -> int:
    """Count the words of blocks."""
    return sum(len(block.text.split()) for block in blocks)
