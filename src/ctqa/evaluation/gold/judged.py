"""One judgment as it is kept: what a person found of a question, and its line of JSON.

A judgment names a document, a page and a quote, never a passage: it outlives every build. Each line
carries a seal over all that it says, so that a line which was torn or altered is never believed.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any, Literal, get_args

from ctqa.errors import ConfigError
from ctqa.index.paging import page_at
from ctqa.index.seals import seal
from ctqa.records import Document
from ctqa.text import squeeze

Ruling = Literal["right", "wrong", "not in the sources"]

MAX_QUOTE_CHARS = 10_000
_RULINGS: tuple[Ruling, ...] = get_args(Ruling)
_VERSION = 1  # of the lines
_AROUND = 80  # characters of context on each side of a quote that stands more than once


@dataclass(frozen=True, slots=True, kw_only=True)
class Quoted:
    """A place in a document, in the document's own words, with no white space at its ends."""

    document: str  # its id
    page: int  # of the first character
    page_label: str = ""  # as printed on it; "": none is known
    quote: str
    context: str = ""  # the text around it, where the quote stands more than once; else ""
    start: int  # where it stood in the build that it was judged in


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """What was found of a question: a place that answers it or does not, or that nothing does."""

    id: str
    at: str  # ISO 8601, UTC
    question: str
    verdict: Ruling
    place: Quoted | None = None  # None: "not in the sources"
    build: int  # in which it was judged
    by: str = ""  # who has judged; "": nobody said

    @property
    def asked(self) -> str:
        """The question as it is compared: one however it is spaced and capitalised."""
        return squeeze(self.question).casefold()

    @property
    def key(self) -> tuple[str, ...]:
        """What was judged, whatever was found: equal for judgments of one thing."""
        if self.place is None:
            return (self.asked,)
        place = self.place
        page, quote = str(place.page), squeeze(place.quote)
        return self.asked, place.document, page, quote, squeeze(place.context)


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """A judgment taken back, or put back after that."""

    of: str  # the judgment's id
    at: str
    restores: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Damaged:
    """A line that cannot be believed; it stays in the file."""

    line: int  # counts from 1
    why: str
    text: str  # what stands there, for people


def cut(document: Document, start: int, end: int) -> Quoted:
    """Cut a quote out of a document, without the white space at its ends.

    Raises:
        ConfigError: there is no text at that place, or more than `MAX_QUOTE_CHARS`.

    """
    text = document.text
    quote = text[start:end].strip() if 0 <= start < end <= len(text) else ""
    if not quote:
        raise ConfigError(f"{document.id}: there is no text from {start} to {end}")
    if len(quote) > MAX_QUOTE_CHARS:
        raise ConfigError(
            f"the quote has {len(quote):,} characters, more than {MAX_QUOTE_CHARS:,}; choose the "
            "sentences that answer"
        )
    start = text.index(quote, start)
    page = page_at(document.pages, start)
    once = text.find(quote) == start and text.find(quote, start + 1) < 0
    return Quoted(
        document=document.id,
        page=page.number,
        page_label=page.label,
        quote=quote,
        context="" if once else _around(text, start, start + len(quote)),
        start=start,
    )


def where_now(document: Document, place: Quoted) -> int | None:
    """Find where a quote begins in its document as that now is, word for word.

    None: nowhere, or in several places of which none can be told to be the one.
    """
    text = document.text
    if text.startswith(place.quote, place.start):
        return place.start
    starts = [match.start() for match in re.finditer(re.escape(place.quote), text)]
    if len(starts) > 1:
        starts = [start for start in starts if page_at(document.pages, start).number == place.page]
    return starts[0] if len(starts) == 1 else None


def _around(text: str, start: int, end: int) -> str:
    """Give whole words around a quote."""
    before = text[max(0, start - _AROUND) : start]
    after = text[end : end + _AROUND]
    if start > _AROUND:
        before = before[len(before) - len(before.lstrip()) :].partition(" ")[2]
    if end + _AROUND < len(text):
        after = after.rstrip().rpartition(" ")[0]
    return (before + text[start:end] + after).strip()


# Lines ------------------------------------------------------------------------------------------


def to_line(entry: Judged | Change) -> bytes:
    """Write an entry as a line, with its line end."""
    form = asdict(entry)
    kind = "judgment" if isinstance(entry, Judged) else "change"
    return _dumped({kind: _VERSION, **form, "seal": _seal(kind, form)}).encode() + b"\n"


def from_line(number: int, raw: bytes) -> Judged | Change | Damaged:
    """Read a line, which may be anything."""
    shown = raw.decode("utf-8", "replace")
    try:
        form = json.loads(raw.decode())
    except (ValueError, RecursionError):
        return Damaged(line=number, why="is torn, or no JSON", text=shown)
    kind = "change" if isinstance(form, dict) and "change" in form else "judgment"
    if not isinstance(form, dict) or kind not in form:
        return Damaged(line=number, why="is no judgment", text=shown)
    if form.pop(kind) != _VERSION:
        return Damaged(line=number, why="was written by another version of CTQA", text=shown)
    if form.pop("seal", None) != _seal(kind, form):
        return Damaged(line=number, why="is not as it was written", text=shown)
    entry = _change(form) if kind == "change" else _judged(form)
    if entry is None:
        return Damaged(line=number, why="is not what a judgment is", text=shown)
    return entry


def _dumped(form: Mapping[str, Any], *, sort_keys: bool = False) -> str:
    return json.dumps(form, ensure_ascii=False, sort_keys=sort_keys)


def _seal(kind: str, form: Mapping[str, Any]) -> str:
    return seal(kind, _dumped(form, sort_keys=True)).hex()


def _change(form: Mapping[str, Any]) -> Change | None:
    return Change(**form) if _fits(Change, form) else None


def _judged(form: Mapping[str, Any]) -> Judged | None:
    if not _fits(Judged, form) or form["verdict"] not in _RULINGS:
        return None
    place = form["place"]
    if (place is None) != (form["verdict"] == _RULINGS[-1]):
        return None
    if place is None:
        return Judged(**form)
    return Judged(**{**form, "place": Quoted(**place)}) if _fits(Quoted, place) else None


def _fits(kind: type[Judged | Change | Quoted], form: Any) -> bool:
    """Tell whether values are named as a record's, and of its kinds."""
    if not isinstance(form, dict) or form.keys() != {field.name for field in fields(kind)}:
        return False
    whole = {"page", "start", "build"}
    return all(
        type(value) is int
        if name in whole
        else type(value) is bool
        if name == "restores"
        else name == "place" or isinstance(value, str)
        for name, value in form.items()
    )
