"""Sources, and the answers of replies, -> citations in the style that is asked for."""

import json
import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any, Literal, get_args

from ctqa.citing.exchange import bibtex, csl_json, ris
from ctqa.citing.lists import harvard, in_text, vancouver
from ctqa.citing.reference import Reference, reference
from ctqa.errors import ConfigError
from ctqa.records import Source

Style = Literal["harvard", "vancouver", "bibtex", "ris", "csl-json"]
STYLES: tuple[Style, ...] = get_args(Style)
"""The styles that a citation can be written in."""

_WRITERS: dict[Style, Callable[[Reference, str], str]] = {
    "harvard": harvard,
    "vancouver": vancouver,
    "bibtex": bibtex,
    "ris": ris,
    "csl-json": csl_json,
}
_NO_LETTERS = re.compile(r"[\W_]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Cited:
    """A document, or an answer's page of it, as it is cited."""

    id: str  # of the document
    citation: str
    in_text: str  # for running text, author and year in brackets
    page: str = ""  # as printed on it where that is known; "": the whole document
    reply: str | None = None  # the id of the reply whose answer this is; None: it has none
    text: str = ""  # the answer; "": no answer is cited, but a document


def cite(source: Source, style: Style, page: str = "") -> str:
    """Cite a document, or a page of it, in one of the `STYLES`.

    Raises:
        ConfigError: there is no such style.

    """
    if style not in _WRITERS:
        raise ConfigError(f'no style "{style}"; there are: {", ".join(STYLES)}')
    return _WRITERS[style](reference(source), page)


def bibliography(sources: Iterable[Source], style: Style) -> str:
    """Cite documents in one text, each once, as a reference list or a file of that style.

    Raises:
        ConfigError: there is no such style.

    """
    return as_text(cite_sources(sources, style), style)


def cite_sources(sources: Iterable[Source], style: Style) -> list[Cited]:
    """Cite whole documents, in their own order."""
    return [_cited(source, style) for source in sources]


def cite_replies(lines: Iterable[str], style: Style) -> list[Cited]:
    """Cite the answers of replies, which are lines as `ctqa ask --json` prints them.

    Raises:
        ConfigError: a line is no such reply.

    """
    found = []
    for number, line in enumerate(lines, start=1):
        if line.strip():
            found += list(_of_reply(_reply(line, number), style, number))
    return found


def as_text(found: Sequence[Cited], style: Style) -> str:
    """Put citations together, each once, as the style wants its list or its file."""
    once = list(dict.fromkeys(cited.citation for cited in found))
    if style == "harvard":
        return "\n".join(sorted(once, key=_filed_under))
    if style == "vancouver":
        return "\n".join(f"{number}. {text}" for number, text in enumerate(once, start=1))
    if style == "csl-json":
        return "[" + ",\n ".join(once) + "]"
    return ("\r\n" if style == "ris" else "\n\n").join(once)


def _cited(source: Source, style: Style, page: str = "") -> Cited:
    return Cited(
        id=source.id,
        citation=cite(source, style, page),
        in_text=in_text(reference(source), page),
        page=page,
    )


def _filed_under(citation: str) -> str:
    """Order a list as people look through it: by letters and digits, whatever their accents."""
    letters = unicodedata.normalize("NFKD", citation.casefold())
    bare = "".join(letter for letter in letters if not unicodedata.combining(letter))
    return _NO_LETTERS.sub(" ", bare).strip()


def _reply(line: str, number: int) -> Mapping[str, Any]:
    try:
        reply = json.loads(line)
    except ValueError as exc:
        raise _no_reply(number, f"no JSON ({exc})") from exc
    if not isinstance(reply, dict) or not isinstance(reply.get("answers"), list):
        raise _no_reply(number, "no answers in it")
    return reply


def _of_reply(reply: Mapping[str, Any], style: Style, number: int) -> Iterator[Cited]:
    for answer in reply["answers"]:
        if not isinstance(answer, dict) or not isinstance(answer.get("document"), dict):
            raise _no_reply(number, "an answer without its document")
        cited = _cited(_source(answer["document"], number), style, _page(answer))
        id = reply.get("id")
        yield Cited(
            id=cited.id,
            citation=cited.citation,
            in_text=cited.in_text,
            page=cited.page,
            reply=None if id is None else str(id),
            text=str(answer.get("text", "")),
        )


def _source(document: Mapping[str, Any], number: int) -> Source:
    told = {each.name: document.get(each.name, "") for each in fields(Source)}
    if not all(isinstance(value, str) for value in told.values()) or not told["id"]:
        raise _no_reply(number, "a document that is not described as CTQA does")
    return Source(**told)


def _page(answer: Mapping[str, Any]) -> str:
    """Take the page as it is printed where that is known, else as it lies in the file."""
    label, page = answer.get("page_label"), answer.get("page")
    if isinstance(label, str) and label:
        return label
    return "" if page is None else str(page)


def _no_reply(number: int, what: str) -> ConfigError:
    return ConfigError(
        f"line {number} of the replies: {what}; expected what `ctqa ask QUESTION --json` prints"
    )
