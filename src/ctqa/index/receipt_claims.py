"""Reading receipts, and answers of `ctqa ask --json`: what each claims of its source, strictly."""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from ctqa.errors import ConfigError

VERSION = 1  # of receipts
_EXPECTED = (
    "expected a receipt, or a reply that `ctqa ask --json` printed, as JSON: one, a list, or one a "
    "line"
)
_SOURCE = ("id", "path", "title", "sha256")
_CITED = ("author", "publication", "year", "url")  # always in a receipt
_RECEIPT = (
    *("receipt", "document", "page", "page_label", "section", "start", "end", "text"),
    *("quote_sha256", "build"),
)
_ANSWER = ("document", "page", "section", "start", "end", "text", "quote_sha256")
_IN_ANSWERS = (
    *("page_label", "sentence", "passage", "newer_edition", "places"),
    *("confidence", "score", "signals"),  # which claim nothing of the source
)
_NO_TEXT = re.compile("[\ud800-\udfff]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Slice:
    """A stretch of a document as it is claimed to stand there; `id` is a passage's."""

    start: int
    end: int
    text: str
    id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Elsewhere:
    """Another document that an answer names; `start` is None where no place in it is named."""

    source: Mapping[str, str]
    start: int | None = None
    end: int = 0
    page: int = 0
    page_label: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Claims:
    """All that a receipt, or an answer, claims of its source; None: it does not say."""

    place: str  # where it stands in what was given
    source: Mapping[str, str]  # id, sha256, path, title …
    start: int
    end: int
    text: str
    quote_sha256: str
    page: int
    page_label: str | None
    section: tuple[str, ...]
    build: int
    sentence: Slice | None = None
    passage: Slice | None = None
    elsewhere: tuple[Elsewhere, ...] = ()
    seal: str | None = None
    expected_seal: str = ""


def seal_of(form: Mapping[str, Any]) -> str:
    """Seal a receipt: the sha256 of the canonical JSON of all but its seal."""
    rest = {name: value for name, value in form.items() if name != "seal"}
    canonical = json.dumps(rest, sort_keys=True, separators=(",", ":"))
    return sha256(canonical.encode("ascii")).hexdigest()


def read_claims(text: str) -> list[Claims]:
    """Read receipts or replies: one, a list of them, or one a line.

    Raises:
        ConfigError: it is neither, or a field is missing, unknown or of another type.

    """
    return [claims for place, value in _values(text) for claims in _claims(place, value)]


def _values(text: str) -> Iterator[tuple[str, Any]]:
    """Give each receipt or reply with its place: "" where there is but one."""
    try:
        whole = _parsed(text)
    except ValueError:
        yield from _lines(text)
        return
    if isinstance(whole, list):
        yield from ((f"item {number}", value) for number, value in enumerate(whole, 1))
    else:
        yield "", whole


def _lines(text: str) -> Iterator[tuple[str, Any]]:
    lines = [(number, line) for number, line in enumerate(text.split("\n"), 1) if line.strip()]
    if not lines:
        raise ConfigError(f"no receipt: found nothing, {_EXPECTED}")
    for number, line in lines:
        try:
            yield f"line {number}", _parsed(line)
        except ValueError as error:
            raise ConfigError(
                f"no receipt: line {number} is no JSON ({error}), {_EXPECTED}"
            ) from error


def _parsed(text: str) -> Any:
    try:
        return json.loads(text, object_pairs_hook=_object)
    except RecursionError as error:
        raise ValueError("it is nested too deeply") from error


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Make an object of which no field is told twice."""
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise ConfigError(f"no receipt: {twice!r:.60} is told twice in one object, expected once")
    return found


def _claims(place: str, value: Any) -> Iterator[Claims]:
    if isinstance(value, dict) and "receipt" in value:
        yield _receipt(_Fields(value, place))
    elif isinstance(value, dict) and "answers" in value:
        reply = _Fields(value, place)
        build = reply.number("build")
        for number, answer in enumerate(reply.items("answers"), 1):
            yield _answer(answer.at(f"answer {number}"), build)
    else:
        raise ConfigError(f"{_at(place)}found {_short(value)}, {_EXPECTED}")


def _receipt(fields: "_Fields") -> Claims:
    fields.only(_RECEIPT, ("seal",))
    version = fields.number("receipt")
    if version != VERSION:
        raise fields.error("receipt", version, f"{VERSION}, the version that this CTQA reads")
    return Claims(
        **_slice_and_page(fields),
        source=_source(fields.object("document"), (*_SOURCE, *_CITED)),
        build=fields.number("build"),
        seal=fields.string("seal") if "seal" in fields else None,
        expected_seal=seal_of(fields.value),
    )


def _answer(fields: "_Fields", build: int) -> Claims:
    fields.only(_ANSWER, _IN_ANSWERS)
    return Claims(
        **_slice_and_page(fields),
        source=_source(fields.object("document"), _SOURCE),
        build=build,
        sentence=_slice(fields, "sentence"),
        passage=_slice(fields, "passage", "id"),
        elsewhere=tuple(_elsewhere(fields)),
    )


def _slice_and_page(fields: "_Fields") -> dict[str, Any]:
    return {
        "place": fields.place,
        "start": fields.number("start"),
        "end": fields.number("end"),
        "text": fields.string("text"),
        "quote_sha256": fields.string("quote_sha256"),
        "page": fields.number("page"),
        "page_label": fields.string("page_label") if "page_label" in fields else None,
        "section": fields.strings("section"),
    }


def _source(fields: "_Fields", needed: tuple[str, ...]) -> dict[str, str]:
    fields.only(needed, (*_CITED, "tags"))
    return {name: fields.string(name) for name in fields.value}


def _slice(answer: "_Fields", name: str, *more: str) -> Slice | None:
    if name not in answer:
        return None
    fields = answer.object(name)
    fields.only(("start", "end", "text", *more))
    return Slice(
        start=fields.number("start"),
        end=fields.number("end"),
        text=fields.string("text"),
        **{each: fields.string(each) for each in more},
    )


def _elsewhere(answer: "_Fields") -> Iterator[Elsewhere]:
    if answer.value.get("newer_edition") is not None:
        yield Elsewhere(source=_source(answer.object("newer_edition"), _SOURCE))
    for number, found in enumerate(answer.items("places") if "places" in answer else (), 1):
        fields = found.at(f"place {number}")
        fields.only(("document", "page", "start", "end"), ("page_label",))
        yield Elsewhere(
            source=_source(fields.object("document"), _SOURCE),
            start=fields.number("start"),
            end=fields.number("end"),
            page=fields.number("page"),
            page_label=fields.string("page_label") if "page_label" in fields else None,
        )


class _Fields:
    """A JSON object whose fields have to be there, and of the type that is asked for."""

    def __init__(self, value: Any, place: str) -> None:
        if not isinstance(value, dict):
            raise ConfigError(f"{_at(place)}found {_short(value)}, expected an object")
        self.value: dict[str, Any] = value
        self.place = place

    def __contains__(self, name: str) -> bool:
        return name in self.value

    def at(self, place: str) -> "_Fields":
        return _Fields(self.value, f"{self.place}, {place}" if self.place else place)

    def error(self, name: str, found: Any, expected: str) -> ConfigError:
        return ConfigError(f"{_at(self.place)}{name}: found {_short(found)}, expected {expected}")

    def only(self, needed: tuple[str, ...], allowed: tuple[str, ...] = ()) -> None:
        missing = [name for name in needed if name not in self.value]
        if missing:
            raise ConfigError(f"{_at(self.place)}no {missing[0]!r}, expected {', '.join(needed)}")
        unknown = [name for name in self.value if name not in needed and name not in allowed]
        if unknown:
            raise ConfigError(
                f"{_at(self.place)}{unknown[0]!r:.60} cannot be checked, expected "
                f"{', '.join((*needed, *allowed))}"
            )

    def number(self, name: str) -> int:
        found: int = self._of(name, lambda value: type(value) is int, "a whole number")
        return found

    def string(self, name: str) -> str:
        found: str = self._of(name, _is_text, "text")
        return found

    def strings(self, name: str) -> tuple[str, ...]:
        found = self._of(name, lambda value: isinstance(value, list), "a list of texts")
        if not all(map(_is_text, found)):
            raise self.error(name, found, "a list of texts")
        return tuple(found)

    def object(self, name: str) -> "_Fields":
        return _Fields(self._of(name, lambda _: True, "an object"), f"{_at(self.place)}{name}")

    def items(self, name: str) -> list["_Fields"]:
        found = self._of(name, lambda value: isinstance(value, list), "a list")
        return [_Fields(value, self.place) for value in found]

    def _of(self, name: str, fits: Callable[[Any], bool], expected: str) -> Any:
        if name not in self.value:
            raise ConfigError(f"{_at(self.place)}no {name!r}, expected {expected}")
        found = self.value[name]
        if not fits(found):
            raise self.error(name, found, expected)
        return found


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and not _NO_TEXT.search(value)


def _at(place: str) -> str:
    return f"{place}: " if place else ""


def _short(value: Any) -> str:
    try:
        return f"{value!r:.80}".encode("utf-8", "replace").decode()
    except RecursionError:
        return "something nested deeply"
