"""Markup: the one place where characters become HTML."""

import html
import re
from dataclasses import dataclass

_NOT_IN_HTML = re.compile("[\0\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Html:
    """A piece of markup. It is no `str`: text cannot be taken for it, nor it for text."""

    markup: str


NOTHING = Html("")


def text(characters: str) -> Html:
    """Escape text so that a browser shows exactly these characters.

    HTML holds neither NUL nor a lone surrogate: U+FFFD stands in their place.
    """
    kept = _NOT_IN_HTML.sub("\ufffd", characters)
    return Html(html.escape(kept).replace("\r", "&#13;"))  # a bare CR would be read as LF


def element(name: str, *children: Html | str, **attributes: str) -> Html:
    """Make an element; the strings among its children, and its attributes' values, are escaped.

    Underscores in an attribute's name stand for dashes; one at its end is dropped (`class_`).
    """
    pairs = ((key.rstrip("_").replace("_", "-"), value) for key, value in attributes.items())
    given = "".join(f' {key}="{text(value).markup}"' for key, value in pairs)
    return Html(f"<{name}{given}>{joined(*children).markup}</{name}>")


def joined(*children: Html | str) -> Html:
    """Put pieces one after the other; strings are escaped."""
    return Html("".join(_markup(child) for child in children))


def _markup(child: Html | str) -> str:
    return child.markup if isinstance(child, Html) else text(child).markup
