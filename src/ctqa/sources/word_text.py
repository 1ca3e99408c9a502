"""A Word paragraph -> its text as Word shows it, with the page breaks and notes met on the way."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Literal

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_MATH = "{http://schemas.openxmlformats.org/officeDocument/2006/math}"
_EQUATION = _MATH + "oMath"
_MC = "{http://schemas.openxmlformats.org/markup-compatibility/2006}"
_OFF = frozenset({"0", "false", "off"})
_NO_TEXT = frozenset(
    W + name
    for name in ("pPr", "rPr", "sdtPr", "del", "moveFrom", "delText", "instrText", "rt", "tblPr")
)
_SAID = {W + "tab": "\t", W + "ptab": "\t", W + "cr": "\n", W + "noBreakHyphen": "-"}
_SYMBOLS = {  # of the fonts Symbol and Wingdings, by their place in them
    "F0B7": "•",
    "F0A7": "▪",
    "F0D8": "➢",
    "F0E0": "→",
    "F0FC": "✓",
    "F0FB": "✗",
    "F0A8": "☐",
    "F06F": "☐",
    "F0FE": "☑",
    "F078": "☒",
}

Event = Literal["text", "hard", "rendered"]  # a break set by the author, or where Word last broke


@dataclass(frozen=True, slots=True, kw_only=True)
class Inline:
    """What a paragraph holds."""

    text: str
    events: tuple[Event, ...]  # in order; texts without a break between them are one
    notes: tuple[tuple[str, str], ...]  # "footnote" or "endnote", id
    boxes: tuple[Any, ...]  # the w:txbxContent of text boxes anchored in it
    is_bold: bool  # every word of it


@dataclass(slots=True)
class InlineReader:
    """Reads paragraphs one after the other: a field may begin in one and end in another."""

    hidden: int = 0  # runs of hidden text that were left out
    _fields: list[bool] = field(default_factory=list)  # innermost last: is its result being read?
    _parts: list[str] = field(default_factory=list)
    _events: list[Event] = field(default_factory=list)
    _notes: list[tuple[str, str]] = field(default_factory=list)
    _boxes: list[Any] = field(default_factory=list)
    _is_bold: bool = True

    def read(self, paragraph: Any) -> Inline:
        """Read a w:p: insertions but no deletions, fields' results but not their codes."""
        self._parts, self._events, self._notes, self._boxes = [], [], [], []
        self._is_bold = True
        self._walk(paragraph)
        text = "".join(self._parts)
        return Inline(
            text=text,
            events=tuple(self._events),
            notes=tuple(self._notes),
            boxes=tuple(self._boxes),
            is_bold=self._is_bold and bool(text.strip()),
        )

    def _walk(self, node: Any, bold: bool = False) -> None:
        for child in node.iterchildren(tag="*"):
            if child.tag not in _NO_TEXT:
                self._element(child, bold)

    def _element(self, element: Any, bold: bool) -> None:
        tag = element.tag
        if tag in {W + "t", _MATH + "t"}:
            self._say(element.text or "", bold)
        elif tag in _SAID:
            self._say(_SAID[tag], bold)
        elif tag == W + "r":
            self._run(element)
        elif tag == _MC + "AlternateContent":
            self._walk(chosen(element), bold)
        elif tag == W + "txbxContent":
            self._boxes.append(element)
        elif not self._leaf(element, bold):
            self._walk(element, bold)

    def _leaf(self, element: Any, bold: bool) -> bool:
        """Take what stands for itself within a run; False: it is something that holds others."""
        match element.tag.removeprefix(W):
            case name if name == _EQUATION:
                self._walk(element, bold)
                if element.getnext() is not None and element.getnext().tag == element.tag:
                    self._say(" ", bold)  # equations side by side
            case "br":
                self._break(element, bold)
            case "lastRenderedPageBreak":
                self._events.append("rendered")
            case "fldChar":
                self._field(element.get(W + "fldCharType", ""))
            case "sym":
                self._say(_SYMBOLS.get(element.get(W + "char", "").upper(), ""), bold)
            case "footnoteReference" | "endnoteReference" as name:
                kind = name.removesuffix("Reference")
                self._notes.append((kind, element.get(W + "id", "")))
            case _:
                return False
        return True

    def _run(self, run: Any) -> None:
        properties = run.find(W + "rPr")
        if is_on(properties, "vanish"):
            self.hidden += bool("".join(run.itertext(W + "t")).strip())
        else:
            self._walk(run, is_on(properties, "b"))

    def _break(self, element: Any, bold: bool) -> None:
        if element.get(W + "type") == "page":
            self._events.append("hard")
        self._say("\n", bold)

    def _field(self, kind: str) -> None:
        if kind == "begin":
            self._fields.append(False)
        elif self._fields and kind == "separate":
            self._fields[-1] = True
        elif self._fields and kind == "end":
            self._fields.pop()

    def _say(self, text: str, bold: bool) -> None:
        if not all(self._fields):
            return
        self._parts.append(text)
        if text.strip():
            self._is_bold = self._is_bold and bold
            if self._events[-1:] != ["text"]:
                self._events.append("text")


def is_on(properties: Any, name: str) -> bool:
    """Tell whether a property is there and not switched off."""
    found = None if properties is None else properties.find(W + name)
    return found is not None and found.get(W + "val", "1").lower() not in _OFF


def chosen(alternatives: Any) -> Any:
    """Give the one of an mc:AlternateContent that is shown: the first choice that holds a text."""
    options = list(alternatives.iterchildren(_MC + "Choice", _MC + "Fallback"))
    with_text = (option for option in options if next(option.iter(W + "t"), None) is not None)
    return next(with_text, options[0] if options else alternatives)


def children(container: Any) -> Iterator[Any]:
    """Give the paragraphs and tables of a container, those in content controls too, in order."""
    for child in container.iterchildren(tag="*"):
        if child.tag in {W + "p", W + "tbl"}:
            yield child
        elif child.tag == _MC + "AlternateContent":
            yield from children(chosen(child))
        elif child.tag not in _NO_TEXT:
            yield from children(child)
