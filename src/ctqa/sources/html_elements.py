"""What an HTML element is to a reader: hidden, a block of its own, beside the text, a table."""

import re
from collections.abc import Iterator
from typing import Any, Literal

from lxml import etree

Place = Literal["", "menu", "margin"]  # "margin": page heads and feet, notices, related links

_NOT_SHOWN = frozenset(
    {
        *("head", "script", "style", "template", "noscript", "title", "iframe", "object"),
        *("embed", "video", "audio", "canvas", "svg", "map", "datalist", "select", "textarea"),
        *("input", "rp", "rt", "annotation", "annotation-xml", "meta", "link", "base"),
    }
)
BLOCKS = frozenset(
    {
        *("address", "article", "aside", "blockquote", "body", "caption", "center", "dd"),
        *("details", "dialog", "div", "dl", "dt", "fieldset", "figcaption", "figure", "footer"),
        *("form", "header", "h1", "h2", "h3", "h4", "h5", "h6", "hgroup", "hr", "html", "legend"),
        *("li", "listing", "main", "menu", "nav", "ol", "optgroup", "p", "plaintext", "pre"),
        *("search", "section", "summary", "table", "tbody", "td", "tfoot", "th", "thead", "tr"),
        *("ul", "xmp"),
    }
)
"""The tags that begin and end a block."""
APART = frozenset({"button", "img", "label", "option", "output", "meter"})
"""The tags whose text is not glued to what stands beside them."""
_INVISIBLE = re.compile(r"(?:display\s*:\s*none|visibility\s*:\s*hidden)", re.IGNORECASE)
_MENUS = frozenset({"navigation", "menu", "menubar", "search"})
_MARGINS = frozenset({"banner", "contentinfo", "complementary", "dialog", "alertdialog"})
_MARGIN_NAME = re.compile(
    r"(?<![a-z])(?:cookies?|consent|gdpr|breadcrumbs?|skip(?:-?link)?|shar(?:e|ing)|social"
    r"|sidebar|navbar|nav|menu|footer|related|newsletter|advert\w*|promo|subscribe)(?![a-z])"
)
_ROW_ORDER = {"thead": 0, "tbody": 1, "tfoot": 2}


def is_hidden(element: Any) -> bool:
    """Tell whether a browser does not show an element, by its own marks and no style sheet."""
    tag = element.tag
    if not isinstance(tag, str) or tag in _NOT_SHOWN:
        return True
    if tag == "dialog" and element.get("open") is None:
        return True
    if element.get("hidden") is not None and element.get("hidden") != "until-found":
        return True
    return _INVISIBLE.search(element.get("style", "")) is not None


def place_of(element: Any) -> Place:
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


def rows_of(table: Any) -> Iterator[Any]:
    """Give the rows of a table, its heads first and its feet last, without those of inner ones."""
    yield from sorted(_own_rows(table), key=lambda row: _ROW_ORDER.get(row.getparent().tag, 1))


def _own_rows(table: Any) -> Iterator[Any]:
    walk = etree.iterwalk(table, events=("start",), tag=("tr", "table"))
    for _, element in walk:
        if element.tag == "tr":
            yield element
        elif element is not table:
            walk.skip_subtree()


def is_data(table: Any) -> bool:
    """Tell a table from one that only lays out a page."""
    if table.get("role") in {"presentation", "none"}:
        return False
    rows = [list(row.iterchildren("td", "th")) for row in rows_of(table)]
    if len(rows) < 2 or max(map(len, rows)) < 2:
        return False
    has_heads = any(cell.tag == "th" for row in rows for cell in row)
    inner = (e for e in table.iter("table", "h1", "h2", "form", "article") if e is not table)
    return has_heads or table.find("caption") is not None or next(inner, None) is None


def whole_number(text: str | None, absent: int) -> int:
    """Read an attribute that counts something, `absent` where it does not."""
    told = "" if text is None else text.strip()
    return int(told) if re.fullmatch(r"-?[0-9]{1,6}", told) is not None else absent
