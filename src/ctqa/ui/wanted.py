"""What of the sources is to be shown, as the buttons carry it to the browser and back."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ctqa.errors import ConfigError
from ctqa.ui import words, zoom

_MOST_MARKS = 100
_MOST_CHARS = 100_000  # of all marks as they are written
_MOST_DIGITS = 9
_SURROGATE = re.compile("[\ud800-\udfff]")  # JavaScript may send half a character


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """A place in a document: that of an answer, or of anything else quoted."""

    document: str
    start: int
    end: int
    quote_sha256: str = ""  # of what stood there; "": that is not known


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What is to be shown; every button of the pane carries one."""

    document: str
    mark: Mark | None = None  # None: no place is meant, but the document
    marks: tuple[Mark, ...] = ()  # among which to go to and fro
    page: int | None = None  # None: the one with the mark
    since: int | None = None  # from where on the text of a long page is shown; None: by the mark
    zoom: int = zoom.PLAIN
    as_text: bool = False


def data_of(wanted: Wanted) -> dict[str, str]:
    """Give the attributes of a button that asks for something to be shown."""
    mark, marks = wanted.mark, [_written(mark) for mark in wanted.marks]
    told: dict[str, object] = {
        "document": wanted.document,
        "start": None if mark is None else mark.start,
        "end": None if mark is None else mark.end,
        "quote": None if mark is None else mark.quote_sha256,
        "marks": json.dumps(marks) if marks else None,
        "page": wanted.page,
        "from": wanted.since,
        "zoom": wanted.zoom,
        "as": "text" if wanted.as_text else "page",
    }
    return {f"data_{name}": str(value) for name, value in told.items() if value is not None}


def wanted_from(data: Mapping[str, str]) -> Wanted:
    """Tell what a pressed button asks for; a range that is empty means the whole document.

    Raises:
        ConfigError: it is nothing that a button of ours asks for.

    """
    document = data.get("document", "")
    start, end = _number(data.get("start")), _number(data.get("end"))
    size = _number(data.get("zoom"))
    if not document or _SURROGATE.search(document) or (start is None) != (end is None):
        raise ConfigError(words.NO_PLACE)
    if size is not None and size not in zoom.DPIS:
        raise ConfigError(words.NO_PLACE)
    mark = None
    if start is not None and end is not None and (start, end) != (0, 0):
        mark = _mark([document, start, end, data.get("quote", "")])
    marks = _marks(data.get("marks"))
    if mark is not None:
        mark = max([mark, *(each for each in marks if _is_same_place(mark, each))], key=_told)
        marks = tuple(mark if _is_same_place(mark, each) else each for each in marks)
    if mark not in marks:
        marks = () if mark is None else (mark,)
    return Wanted(
        document=document,
        mark=mark,
        marks=marks,
        page=_number(data.get("page")),
        since=_number(data.get("from")),
        zoom=zoom.PLAIN if size is None else size,
        as_text=data.get("as") == "text",
    )


def _number(written: str | None) -> int | None:
    if not written:
        return None
    if not (written.isascii() and written.isdigit() and len(written) <= _MOST_DIGITS):
        raise ConfigError(words.NO_PLACE)
    return int(written)


def _marks(written: str | None) -> tuple[Mark, ...]:
    if not written:
        return ()
    try:
        listed = json.loads(written) if len(written) <= _MOST_CHARS else None
    except (ValueError, RecursionError) as error:
        raise ConfigError(words.NO_PLACE) from error
    if not isinstance(listed, list) or len(listed) > _MOST_MARKS:
        raise ConfigError(words.NO_PLACE)
    return tuple(dict.fromkeys(map(_mark, listed)))


def _mark(listed: Any) -> Mark:
    """Check a mark from a browser: [document, start, end] and perhaps the sha256 of its quote."""
    if not isinstance(listed, list) or not 3 <= len(listed) <= 4:
        raise ConfigError(words.NO_PLACE)
    document, start, end, *quote = listed
    texts = (document, *quote)
    if not all(isinstance(text, str) for text in texts) or not (type(start) is type(end) is int):
        raise ConfigError(words.NO_PLACE)
    if not 0 <= start < end < 10**_MOST_DIGITS:
        raise ConfigError(words.NO_PLACE)
    return Mark(document=document, start=start, end=end, quote_sha256="".join(quote))


def _written(mark: Mark) -> list[str | int]:
    quote = [mark.quote_sha256] if mark.quote_sha256 else []
    return [mark.document, mark.start, mark.end, *quote]


def _is_same_place(mark: Mark, other: Mark) -> bool:
    return (mark.document, mark.start, mark.end) == (other.document, other.start, other.end)


def _told(mark: Mark) -> bool:
    """Tell whether it is known what stood there."""
    return mark.quote_sha256 != ""
