"""Laying out words for people on a terminal."""

import re
import textwrap

_WIDTH = 96
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")


def filled(text: str) -> str:
    """Break lines to the width of a page, without what could steer the terminal."""
    lines = (harmless(line) for line in text.splitlines())
    return "\n".join(textwrap.fill(line, width=_WIDTH) for line in lines)


def harmless(text: str) -> str:
    """Leave out control characters, which could steer the terminal."""
    return _CONTROL.sub("", text)


def count(number: int, noun: str) -> str:
    """Tell how many there are of something."""
    return f"{number} {noun}{'s' * (number != 1)}"


def indent(text: str) -> str:
    """Break lines to the width of a page, and put them in a little."""
    return textwrap.fill(
        harmless(text), width=_WIDTH, initial_indent="   ", subsequent_indent="   "
    )
