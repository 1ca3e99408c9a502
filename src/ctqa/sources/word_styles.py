"""What Word's styles and numbering say of a paragraph: heading level, list mark."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ctqa.sources.word_text import W, is_on

_HEADING = re.compile(r"heading\s*([1-9])\b")
# How style ids begin where a program localises them and gives no outline level.
_HEADING_ID = re.compile(
    r"(?:heading|[üu]?berschrift|titre|kop|titolo|t[íi]tulo|rubrik|overskrift|otsikko|nag[łl]wek"
    r"|nadpis|c[íi]msor)[\s_]*([1-9])$",
    re.IGNORECASE,
)
_MOST_BASES = 20  # styles based on styles; more are a loop
_FIRST_ROW = re.compile(r"[0-9A-Fa-f]{2}[2367abefABEF][0-9A-Fa-f]")  # the bit 0x0020 is set
_BULLETS = "•◦▪–—-*✓➢→"
_PLACE = re.compile(r"%([1-9])")
_ROMAN = (
    *((1000, "m"), (900, "cm"), (500, "d"), (400, "cd"), (100, "c"), (90, "xc"), (50, "l")),
    *((40, "xl"), (10, "x"), (9, "ix"), (5, "v"), (4, "iv"), (1, "i")),
)


@dataclass(frozen=True, slots=True)
class _Style:
    id: str
    name: str
    based_on: str
    properties: Any  # its w:pPr or None


@dataclass(frozen=True, slots=True)
class Styles:
    """The paragraph styles of a document."""

    _styles: Mapping[str, _Style]
    _usual: str  # the id of the style of paragraphs that name none
    _tables: frozenset[str]  # ids of the table styles that give a first row a look of its own

    def level(self, paragraph: Any) -> int | None:
        """Give the level of a heading, from 1; None for any other paragraph."""
        own = _number(paragraph.find(f"{W}pPr/{W}outlineLvl"), 99)
        if own <= 9:
            return own + 1 if own < 9 else None
        for style in self._chain(paragraph):
            outline = _number(_found(style.properties, "outlineLvl"), 99)
            named = _HEADING.match(style.name) or _HEADING_ID.match(style.id)
            if outline <= 9:
                return outline + 1 if outline < 9 else None
            if named is not None or style.name == "title":
                return 1 if named is None else int(named[1])
        return None

    def name(self, paragraph: Any) -> str:
        """Give the name of a paragraph's style, in lower case."""
        style = next(iter(self._chain(paragraph)), None)
        return "" if style is None else style.name

    def begins_page(self, paragraph: Any) -> bool:
        """Tell whether a paragraph always stands at the top of a page."""
        own = paragraph.find(W + "pPr")
        if own is not None and own.find(W + "pageBreakBefore") is not None:
            return is_on(own, "pageBreakBefore")
        return any(is_on(style.properties, "pageBreakBefore") for style in self._chain(paragraph))

    def numbering(self, paragraph: Any) -> tuple[str, int | None, str]:
        """Give the list of a paragraph, its level where told, and the style that tells it.

        The list is "" for a paragraph in none.
        """
        found = _numbering(paragraph.find(W + "pPr"))
        if found[0]:
            return *found, ""
        for style in self._chain(paragraph):
            told, level = _numbering(style.properties)
            if told:
                return told, level if found[1] is None else found[1], style.id
        return "", None, ""

    def sets_head_apart(self, table: Any) -> bool:
        """Tell whether a table is made to look as if its first row named the columns."""
        look = table.find(f"{W}tblPr/{W}tblLook")
        is_asked = look is not None and (
            look.get(W + "firstRow") in {"1", "true"}
            or _FIRST_ROW.fullmatch(look.get(W + "val", "")) is not None
        )
        return is_asked and _val(table.find(f"{W}tblPr/{W}tblStyle")) in self._tables

    def _chain(self, paragraph: Any) -> list[_Style]:
        """List a paragraph's style and those it is based on."""
        named = paragraph.find(f"{W}pPr/{W}pStyle")
        name = self._usual if named is None else named.get(W + "val", "")
        chain: list[_Style] = []
        while name in self._styles and len(chain) < _MOST_BASES:
            chain.append(self._styles[name])
            name = chain[-1].based_on
        return chain


def read_styles(root: Any) -> Styles:
    """Read the styles part; None: the document has none."""
    found: dict[str, _Style] = {}
    usual = ""
    tables: set[str] = set()
    for style in () if root is None else root.iterchildren(W + "style"):
        looks = [part.get(W + "type") for part in style.iterchildren(W + "tblStylePr")]
        if "firstRow" in looks:
            tables.add(style.get(W + "styleId", ""))
        if style.get(W + "type") == "paragraph":
            name = style.get(W + "styleId", "")
            based_on = _val(style.find(W + "basedOn"))
            said = _val(style.find(W + "name")).lower()
            found[name] = _Style(name, said, based_on, style.find(W + "pPr"))
            usual = name if style.get(W + "default") in {"1", "true"} else usual
    return Styles(found, usual, frozenset(tables))


@dataclass(frozen=True, slots=True)
class _Level:
    format: str
    text: str
    start: int
    is_legal: bool  # numbers of the levels above are shown as 1, 2, 3 whatever their format


@dataclass(slots=True)
class Lists:
    """The lists of a document, with how far each has counted."""

    _levels: Mapping[str, Mapping[int, _Level]]  # by list and level
    _families: Mapping[str, str]  # lists of one family count on
    _by_style: Mapping[tuple[str, str], int]  # family and style -> level
    _restarts: set[tuple[str, int]]  # lists that begin again at a level
    _counts: dict[str, dict[int, int]] = field(default_factory=dict)

    def mark(self, name: str, level: int | None, style: str) -> str:
        """Count on and give the mark that Word puts before the next paragraph of a list."""
        family = self._families.get(name, name)
        at = self._by_style.get((family, style), 0) if level is None else level
        levels = self._levels.get(name, {})
        if at not in levels:
            return "•" if not levels else ""
        self._count(name, family, at)
        return self._shown(levels, at, self._counts[family])

    def _count(self, name: str, family: str, at: int) -> None:
        counts = self._counts.setdefault(family, {})
        again = (name, at) in self._restarts
        self._restarts.discard((name, at))
        start = self._levels[name][at].start
        counts[at] = counts[at] + 1 if at in counts and not again else start
        for deeper in [other for other in counts if other > at]:
            del counts[deeper]

    def _shown(self, levels: Mapping[int, _Level], at: int, counts: Mapping[int, int]) -> str:
        level = levels[at]
        if level.format == "bullet":
            return level.text if level.text in _BULLETS else "•"
        if level.format == "none":
            return _PLACE.sub("", level.text).strip()

        def place(match: re.Match[str]) -> str:
            other = int(match[1]) - 1
            told = levels.get(other, level)
            count = counts.get(other, told.start)
            return _counted(count, "decimal" if level.is_legal else told.format)

        return _PLACE.sub(place, level.text).strip()


def read_lists(root: Any) -> Lists:
    """Read the numbering part; None: the document has none."""
    abstract: dict[str, Any] = {}
    lists = Lists({}, {}, {}, set())
    if root is None:
        return lists
    for element in root.iterchildren(W + "abstractNum"):
        abstract[element.get(W + "abstractNumId", "")] = element
    linked = {_val(e.find(W + "styleLink")): e for e in abstract.values()}
    levels: dict[str, dict[int, _Level]] = {}
    families: dict[str, str] = {}
    by_style: dict[tuple[str, str], int] = {}
    for number in root.iterchildren(W + "num"):
        name, family = number.get(W + "numId", ""), _val(number.find(W + "abstractNumId"))
        element = abstract.get(family)
        link = "" if element is None else _val(element.find(W + "numStyleLink"))
        element = linked.get(link, element) if link else element
        families[name] = family
        levels[name] = {} if element is None else _levels(element, by_style, family)
        _override(number, levels[name], lists._restarts)
    return Lists(levels, families, by_style, lists._restarts)


def _levels(abstract: Any, by_style: dict[tuple[str, str], int], family: str) -> dict[int, _Level]:
    found: dict[int, _Level] = {}
    for element in abstract.iterchildren(W + "lvl"):
        at = _number_of(element.get(W + "ilvl"), 0)
        found[at] = _level(element)
        style = _val(element.find(W + "pStyle"))
        if style:
            by_style.setdefault((family, style), at)
    return found


def _level(element: Any) -> _Level:
    return _Level(
        format=_val(element.find(W + "numFmt"), "decimal"),
        text=_val(element.find(W + "lvlText")),
        start=_number(element.find(W + "start"), 1),
        is_legal=is_on(element, "isLgl"),
    )


def _override(number: Any, levels: dict[int, _Level], restarts: set[tuple[str, int]]) -> None:
    for override in number.iterchildren(W + "lvlOverride"):
        at = _number_of(override.get(W + "ilvl"), 0)
        own = override.find(W + "lvl")
        if own is not None:
            levels[at] = _level(own)
        start = override.find(W + "startOverride")
        if start is not None and at in levels:
            restarts.add((number.get(W + "numId", ""), at))
            old = levels[at]
            levels[at] = _Level(old.format, old.text, _number(start, 1), old.is_legal)


def _counted(count: int, style: str) -> str:
    if style in {"lowerLetter", "upperLetter"} and count > 0:
        letter = chr(ord("a") + (count - 1) % 26) * min(1 + (count - 1) // 26, 20)
        return letter if style == "lowerLetter" else letter.upper()
    if style in {"lowerRoman", "upperRoman"} and 0 < count < 4_000:
        roman = _roman(count)
        return roman if style == "lowerRoman" else roman.upper()
    return f"{count:02d}" if style == "decimalZero" else str(count)


def _roman(count: int) -> str:
    written = ""
    for value, letters in _ROMAN:
        written += letters * (count // value)
        count %= value
    return written


def _numbering(properties: Any) -> tuple[str, int | None]:
    found = _found(properties, "numPr")
    if found is None:
        return "", None
    level = found.find(W + "ilvl")
    return _val(found.find(W + "numId")), None if level is None else _number(level, 0)


def _found(properties: Any, name: str) -> Any:
    return None if properties is None else properties.find(W + name)


def _val(element: Any, absent: str = "") -> str:
    return absent if element is None else str(element.get(W + "val", absent))


def _number(element: Any, absent: int) -> int:
    return absent if element is None else _number_of(element.get(W + "val"), absent)


def _number_of(text: str | None, absent: int) -> int:
    is_number = text is not None and re.fullmatch(r"-?\d{1,9}", text) is not None
    return int(text) if is_number and text is not None else absent
