"""An evidence pack as Markdown (CommonMark): no character of a document can become markup."""

import re
from collections.abc import Iterator

from ctqa.ui import words
from ctqa.ui.pack import Item, Pack, Part

_NOT_IN_MARKDOWN = re.compile("[\0\ud800-\udfff]")
# Signs of CommonMark anywhere, and of what GitHub adds: ~ $ | and addresses that become links.
_SIGN = re.compile(r"[\\`*_\[\]<>&~$|#]|:(?=//)|(?<=www)\.", re.IGNORECASE)
_AT_START = re.compile(r"(?<![^\n])(?:[-+=]|:(?=-)|(\d{1,9})(?=[.)]))")
# Both ends of a line and of the text; a carriage return would be taken for a line's end.
_EDGES = re.compile(r"\A\s+|\s+\Z|(?<=\n)[^\S\n]+|[^\S\n]+(?=\n)|\r")
_FENCE = re.compile("`+")


def as_markdown(pack: Pack) -> str:
    """Write a pack; a reader of Markdown shows its quotes character for character."""
    return "\n".join(_lines(pack))


def _lines(pack: Pack) -> Iterator[str]:
    yield f"# {_one_line(words.PACK_TITLE)}\n"
    yield from map(_paragraph, pack.lines)
    for part in pack.parts:
        yield from _part(part)
    yield f"## {words.PACK_REFERENCES}\n"
    if pack.references:
        yield from map(_paragraph, pack.references)
    elif pack.references_file:
        yield _fenced(pack.references_file)
    else:
        yield _paragraph(words.PACK_NONE)
    if pack.checking:
        yield f"## {words.PACK_CHECKING}\n"
        yield from map(_paragraph, pack.checking)


def _part(part: Part) -> Iterator[str]:
    yield f"## {_one_line(part.title)}\n"
    yield from map(_paragraph, part.lines)
    for item in part.items:
        yield from _item(item)


def _item(item: Item) -> Iterator[str]:
    yield f"### {_one_line(item.title)}\n"
    yield quoted(item.quote) + "\n"
    facts = (item.citation, *item.lines)
    lost = len(_NOT_IN_MARKDOWN.findall(item.quote))
    if lost:
        facts += (words.pack_replaced(lost),)
    yield "\n".join(f"- {_one_line(fact)}" for fact in facts) + "\n"


def _paragraph(text: str) -> str:
    return f"{_one_line(text)}\n"


def _one_line(text: str) -> str:
    return escaped(" ".join(text.split()))


def quoted(text: str) -> str:
    """Write a block quote of which every line break and every space stays."""
    return "> " + escaped(text).replace("\n", "\\\n> ")


def escaped(text: str) -> str:
    """Write text so that Markdown shows exactly these characters; a line break stays one.

    White space where Markdown would drop it, at the ends of a line, is written as its number.
    """
    kept = _SIGN.sub(r"\\\g<0>", _NOT_IN_MARKDOWN.sub("\ufffd", text))
    kept = _AT_START.sub(_start_escaped, kept)
    return _EDGES.sub(_numbered, kept)


def _start_escaped(match: re.Match[str]) -> str:
    return f"\\{match[0]}" if match[1] is None else f"{match[1]}\\"


def _numbered(match: re.Match[str]) -> str:
    return "".join(f"&#{ord(sign)};" for sign in match[0])


def _fenced(text: str) -> str:
    fence = "`" * max(3, 1 + max(map(len, _FENCE.findall(text)), default=0))
    return f"{fence}\n{text}\n{fence}\n"
