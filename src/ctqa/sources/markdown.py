"""Markdown -> content; the text is the source itself, so that offsets are the file's."""

import re
from dataclasses import dataclass
from itertools import pairwise

from markdown_it import MarkdownIt
from markdown_it.token import Token

from ctqa.records import Section
from ctqa.sources.content import Content, Loaded, paged, title_within, year_within
from ctqa.sources.decode import decode, tidy

_FRONT_MATTER = re.compile(r"(?ms)---[ \t]*\n(?P<body>.*?)^(?:---|\.\.\.)[ \t]*$")
_FIELD = re.compile(r"(?m)^(?P<key>[A-Za-z]+)[ \t]*:[ \t]*(?P<value>\S.*)$")
_BLOCK_SIGNS = frozenset("|>&*!{")  # what follows is no plain value


@dataclass(frozen=True, slots=True)
class _Heading:
    level: int
    start: int
    title: str


def load_markdown(data: bytes) -> Loaded:
    """Read Markdown: its headings make nested sections, its front matter tells title and author.

    Raises:
        SourceError: the bytes are no text.

    """
    text = decode(data)
    front = _FRONT_MATTER.match(text)
    fields = {} if front is None else _fields(front["body"])
    sections = _sections(_headings(text, 0 if front is None else front.end()), len(text))
    content = Content(
        text=text,
        pages=paged(text),
        sections=sections,
        title=tidy(fields["title"]) if "title" in fields else title_within(text, sections),
        author=tidy(fields.get("author", fields.get("authors", ""))),
        year=year_within(fields.get("date", fields.get("year", ""))),
    )
    return Loaded(contents=(content,))


def _fields(body: str) -> dict[str, str]:
    """Read the plain `key: value` lines of a front matter; nested ones are left alone."""
    found: dict[str, str] = {}
    for match in _FIELD.finditer(body):
        value = match["value"].strip()
        if value[0] not in _BLOCK_SIGNS:
            found.setdefault(match["key"].lower(), _unquoted(value))
    return found


def _unquoted(value: str) -> str:
    if value[0] == "[" and value[-1] == "]":
        return ", ".join(_unquoted(part) for part in map(str.strip, value[1:-1].split(",")) if part)
    is_quoted = len(value) > 1 and value[0] == value[-1] and value[0] in "\"'"
    return value[1:-1] if is_quoted else value


def _headings(text: str, body_start: int) -> list[_Heading]:
    """Find the headings outside lists, quotes, code and front matter, without those left empty."""
    inline_parser, block_parser = MarkdownIt("commonmark"), MarkdownIt("commonmark")
    block_parser.core.ruler.enableOnly(["normalize", "block"])
    blanked = "\n" * text.count("\n", 0, body_start) + text[body_start:]
    starts = _line_starts(text)
    tokens = block_parser.parse(blanked)
    found = []
    for token, inline in pairwise(tokens):
        if token.type == "heading_open" and token.level == 0 and token.map is not None:
            title = tidy(_plain_words(inline_parser.parseInline(inline.content)))
            if title:
                found.append(_Heading(int(token.tag[1:]), starts[token.map[0]], title))
    return found


def _line_starts(text: str) -> list[int]:
    return [0, *(match.end() for match in re.finditer("\n", text))]


def _plain_words(tokens: list[Token]) -> str:
    """Give the words of a heading without the marks round them."""
    parts = []
    for token in tokens:
        children = token.children
        parts.append(token.content if not children else _plain_words(children))
        if token.type in {"softbreak", "hardbreak"}:
            parts.append(" ")
    return "".join(parts)


def _sections(headings: list[_Heading], end: int) -> tuple[Section, ...]:
    """Let each heading's section run to the next heading, under those of lower levels above it."""
    sections: list[Section] = []
    above: list[_Heading] = []
    for number, heading in enumerate(headings, 1):
        above = [other for other in above if other.level < heading.level] + [heading]
        path = tuple(other.title for other in above)
        section_end = headings[number].start if number < len(headings) else end
        sections.append(Section(path=path, start=heading.start, end=section_end))
    return tuple(sections)
