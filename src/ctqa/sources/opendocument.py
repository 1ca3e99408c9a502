"""OpenDocument text (ODT) -> content, with the pages as they were last laid out.

The XML is walked with lxml: what a library for the format would add is the writing of files. A
paragraph that lies on two pages stays whole and belongs to the first.
"""

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from ctqa.sources.archive import Archive, Encrypted, check_xml, damage_told, open_archive, parse_xml
from ctqa.sources.content import Loaded, year_within
from ctqa.sources.decode import tidy
from ctqa.sources.grid import Cell, heads_of, write_grid
from ctqa.sources.manuscript import Manuscript
from ctqa.sources.office import counted

_NS = {
    name: f"urn:oasis:names:tc:opendocument:xmlns:{path}"
    for name, path in (
        ("office", "office:1.0"),
        ("text", "text:1.0"),
        ("table", "table:1.0"),
        ("style", "style:1.0"),
        ("draw", "drawing:1.0"),
        ("meta", "meta:1.0"),
        ("fo", "xsl-fo-compatible:1.0"),
        ("manifest", "manifest:1.0"),
    )
} | {"dc": "http://purl.org/dc/elements/1.1/"}
_TEXT, _TABLE, _DRAW = (f"{{{_NS[name]}}}" for name in ("text", "table", "draw"))
_NOT_TEXT = frozenset(
    {_TEXT + name for name in ("tracked-changes", "sequence-decls", "variable-decls")}
    | {f"{{{_NS['office']}}}{name}" for name in ("annotation", "forms")}
)
_SAID = {_TEXT + "tab": "\t", _TEXT + "line-break": "\n"}
_MOST_SPACES = 1_000
_MOST_REPEATED = 100  # cells and rows that are said once and stand for several
_MOST_DEPTH = 60  # sections, lists and tables within each other
_CAPTION = re.compile(r"(?i:table)\s+(?:[A-Z]?\d|[IVXLC]+\b)")


def load_opendocument(data: bytes) -> Loaded:
    """Read an ODT: headings, lists, tables, notes after their paragraph; comments are left out.

    Raises:
        SourceError: the file is damaged, has a DTD, or is larger than is reasonable.

    """
    archive = open_archive(data)
    try:
        if is_encrypted(archive):
            raise Encrypted
        with damage_told():
            root, styles = _part(archive, "content.xml"), _styles(archive)
            body = root.find("office:body/office:text", _NS)
            if body is None:
                return Loaded(state="failed", reason="not a text document: its body is missing")
            writer = _Writer(styles | _styles_in(root), _numbered(archive, root))
            writer.write(body)
            told = _metadata(archive)
    except Encrypted:
        reason = "encrypted; open it with its password and save a copy without one"
        return Loaded(state="encrypted", reason=reason)
    comments = sum(1 for _ in root.iter(f"{{{_NS['office']}}}annotation"))
    left_out = "; ".join(counted(comments, "comment"))
    content = writer.manuscript.content(title=told[0], author=told[1], year=told[2])
    if not content.text.strip():
        return Loaded(state="empty", reason=left_out or "no text")
    return Loaded(contents=(content,), reason=left_out)


@dataclass(frozen=True, slots=True)
class _Style:
    """What a paragraph style says, and the one it is based on."""

    parent: str = ""
    name: str = ""  # as a person sees it
    breaks: bool = False  # a page begins before the paragraph


@dataclass(slots=True)
class _Writer:
    styles: Mapping[str, _Style]
    numbered: Collection[tuple[str, int]]  # the list styles that number a level, from 1
    manuscript: Manuscript = field(default_factory=Manuscript)
    _caption: str = ""

    def write(self, parent: Any, depth: int = 0) -> None:
        """Write the blocks under an element, in order."""
        for child in parent.iterchildren(tag="*"):
            if child.tag in _NOT_TEXT or depth > _MOST_DEPTH:
                continue
            match child.tag.rpartition("}")[2]:
                case "h" | "p":
                    self._paragraph(child)
                case "list":
                    self._list(child, depth, "", 1)
                case "table":
                    self._table(child)
                case "soft-page-break":
                    self.manuscript.page()
                case _:
                    self.write(child, depth + 1)

    def _paragraph(self, element: Any, mark: str = "") -> None:
        style = self.styles.get(element.get(_TEXT + "style-name", ""), _Style())
        if style.breaks and self.manuscript.length:
            self.manuscript.page()
        text, notes, boxes = Inline().read(element)
        level = element.get(_TEXT + "outline-level", "1")
        if element.tag == _TEXT + "h" and level.isdecimal():
            self.manuscript.heading(text, int(level))
        elif self._is_title(element.get(_TEXT + "style-name", "")):
            self.manuscript.heading(text, 1)
        elif mark:
            self.manuscript.item(f"{mark} {text.strip()}" if text.strip() else "")
        else:
            self.manuscript.paragraph(text)
        self._caption = text if _CAPTION.match(text.strip()) else ""
        for note in notes:
            self.write(note)
        for box in boxes:
            self.write(box)
        for _ in element.iter(_TEXT + "soft-page-break"):
            self.manuscript.page()

    def _is_title(self, name: str) -> bool:
        for _ in range(20):
            style = self.styles.get(name)
            if style is None:
                return False
            if style.name == "Title":
                return True
            name = style.parent
        return False

    def _list(self, element: Any, depth: int, above: str, level: int) -> None:
        """Write a list; its items are numbered where its style does so, else marked by a bullet."""
        style = element.get(_TEXT + "style-name", above)
        items = element.iterchildren(_TEXT + "list-item", _TEXT + "list-header")
        for at, item in enumerate(items, 1):
            mark = f"{at}." if (style, level) in self.numbered else "•"
            for child in item.iterchildren(tag="*"):
                if child.tag == _TEXT + "list" and depth < _MOST_DEPTH:
                    self._list(child, depth + 1, style, level + 1)
                elif child.tag in {_TEXT + "p", _TEXT + "h"}:
                    self._paragraph(child, child.findtext("text:number", mark, _NS) if mark else "")
                    mark = ""

    def _table(self, table: Any) -> None:
        rows = [row for row in table.iter(_TABLE + "table-row") if _holder(row) is table]
        marked = sum(row.getparent().tag == _TABLE + "table-header-rows" for row in rows)
        cells = [list(_cells(row)) for row in rows]
        if len(cells) == 1 and len(cells[0]) == 1:  # it frames a text
            self.write(rows[0])
            return
        said = [[cell.text for cell in row] for row in cells]
        write_grid(
            self.manuscript,
            cells,
            heads=marked if 0 < marked < len(cells) else heads_of(said),
            caption=self._caption,
        )
        for _ in table.iter(_TEXT + "soft-page-break"):
            self.manuscript.page()


@dataclass(slots=True)
class Inline:
    """Reads what stands within a paragraph."""

    _parts: list[str] = field(default_factory=list)
    _notes: list[Any] = field(default_factory=list)
    _boxes: list[Any] = field(default_factory=list)

    def read(self, element: Any) -> tuple[str, list[Any], list[Any]]:
        """Give the text, the bodies of the notes, and the text boxes, which are read after it."""
        self._parts.append(element.text or "")
        for child in element.iterchildren(tag="*"):
            self._element(child)
            self._parts.append(child.tail or "")
        return "".join(self._parts), self._notes, self._boxes

    def _element(self, child: Any) -> None:
        tag = child.tag
        if tag in _SAID:
            self._parts.append(_SAID[tag])
        elif tag == _TEXT + "s":
            count = child.get(_TEXT + "c", "1")
            self._parts.append(" " * (min(int(count), _MOST_SPACES) if count.isdecimal() else 1))
        elif tag == _TEXT + "note":
            self._notes += child.iterchildren(_TEXT + "note-body")
        elif tag == _DRAW + "text-box":
            self._boxes.append(child)
        elif tag not in _NOT_TEXT and tag != _TEXT + "number":
            self.read(child)


def _holder(row: Any) -> Any:
    """Give the table that a row belongs to: tables stand in tables."""
    return next(row.iterancestors(_TABLE + "table"), None)


def _cells(row: Any) -> Iterator[Cell]:
    for cell in row.iterchildren(_TABLE + "table-cell"):
        paragraphs = cell.iter(_TEXT + "p", _TEXT + "h")
        text = "\n".join(Inline().read(paragraph)[0] for paragraph in paragraphs)
        repeated = min(_count(cell, "number-columns-repeated"), _MOST_REPEATED)
        for _ in range(repeated):
            yield Cell(
                text=text,
                across=_count(cell, "number-columns-spanned"),
                down=_count(cell, "number-rows-spanned"),
            )


def _count(cell: Any, name: str) -> int:
    value = cell.get(_TABLE + name, "1")
    return int(value) if value.isdecimal() and 0 < int(value) < 10_000 else 1


def _part(archive: Archive, name: str) -> Any:
    data = archive.read(name)
    check_xml(data, name)
    return parse_xml(data)


def is_encrypted(archive: Archive) -> bool:
    """Tell whether an OpenDocument file needs a password."""
    name = "META-INF/manifest.xml"
    if name not in archive.names:
        return False
    root = parse_xml(archive.read(name))  # some programs name a DTD here, which is not loaded
    return root.find(".//manifest:encryption-data", _NS) is not None


def _styles(archive: Archive) -> dict[str, _Style]:
    return _styles_in(_part(archive, "styles.xml")) if "styles.xml" in archive.names else {}


def _styles_in(root: Any) -> dict[str, _Style]:
    style = f"{{{_NS['style']}}}"
    found = {}
    for element in root.iter(style + "style"):
        properties = element.find("style:paragraph-properties", _NS)
        before = "" if properties is None else properties.get(f"{{{_NS['fo']}}}break-before", "")
        name = element.get(style + "name", "")
        found[name] = _Style(
            parent=element.get(style + "parent-style-name", ""),
            name=element.get(style + "display-name", name),
            breaks=before == "page",
        )
    return found


def _numbered(archive: Archive, root: Any) -> set[tuple[str, int]]:
    """Give the levels that list styles number, by the style's name."""
    roots = [root]
    if "styles.xml" in archive.names:
        roots.append(_part(archive, "styles.xml"))
    levels = (level for each in roots for level in each.iter(_TEXT + "list-level-style-number"))
    name = f"{{{_NS['style']}}}name"
    return {
        (level.getparent().get(name, ""), int(level.get(_TEXT + "level", "1")))
        for level in levels
        if level.get(_TEXT + "level", "1").isdecimal()
    }


def _metadata(archive: Archive) -> tuple[str, str, str]:
    """Give title, author and year of the last change, "" where they are not told."""
    if "meta.xml" not in archive.names:
        return "", "", ""
    meta = _part(archive, "meta.xml")

    def told(*paths: str) -> str:
        found = (tidy(meta.findtext(f".//{path}", "", _NS)) for path in paths)
        return next(filter(None, found), "")

    author = told("meta:initial-creator", "dc:creator")
    return told("dc:title"), author, year_within(told("dc:date", "meta:creation-date"))
