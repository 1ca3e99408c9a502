"""Which passage a person means: by its id, or by words quoted from a document."""

import re
from collections.abc import Iterator, Sequence

from ctqa.errors import ConfigError
from ctqa.index.local import LocalIndex
from ctqa.records import Passage
from ctqa.text import squeeze

_ID = re.compile(r"(.+):\d+-\d+", re.DOTALL)
_PLACES_LISTED = 3  # of words that stand in several
_QUOTED_CHARS = 80
_Place = tuple[str, int, int]  # a document's id, start, end


def passages_named(index: LocalIndex, named: str) -> dict[int, Passage]:
    """Find the passage of an id, or all that hold the quoted words, by key.

    White space counts for nothing. Passages overlap, so that words in one place may stand in
    several passages. Words that no passage holds whole are in those that hold part of them.

    Raises:
        ConfigError: it is no passage's id, and the words stand in no document or in several places.

    """
    given = named.strip()
    form = _ID.fullmatch(given)
    for key, passage in _passages_of(index, form.group(1) if form else "").items():
        if passage.id == given:
            return {key: passage}
    return _holding(index, given)


def _holding(index: LocalIndex, words: str) -> dict[int, Passage]:
    places = list(_places(index, words.split()))
    documents = {document for document, _, _ in places}
    if len(documents) == 1:
        found = _passages_of(index, places[0][0])
        start, end = places[0][1], places[-1][2]  # words may stand twice in the same passage
        whole = {key: p for key, p in found.items() if p.start <= start and end <= p.end}
        if whole:
            return whole
        if len(places) == 1:
            return {key: p for key, p in found.items() if p.start < end and start < p.end}
    raise ConfigError(_not_one(words, places))


def _passages_of(index: LocalIndex, document_id: str) -> dict[int, Passage]:
    found = index.passages(index.keys_of([document_id]))
    return {key: passage for key, (passage, _) in found.items()}


def _places(index: LocalIndex, words: Sequence[str]) -> Iterator[_Place]:
    if not words:
        return
    pattern = re.compile(r"\s+".join(map(re.escape, words)))
    for source in index.sources():
        document = index.document(source.id)
        for match in pattern.finditer("" if document is None else document.text):
            yield source.id, match.start(), match.end()


def _not_one(words: str, places: Sequence[_Place]) -> str:
    quoted = squeeze(words)
    shown = f"“{quoted[:_QUOTED_CHARS]}{'…' * (len(quoted) > _QUOTED_CHARS)}”"
    if not places:
        return (
            f"{shown}: is the id of no passage, and stands so in no document; `ctqa search "
            "QUESTION --json` prints passages with their ids"
        )
    listed = [f"{document}, character {start}" for document, start, _ in places[:_PLACES_LISTED]]
    more = ["…"] * (len(places) > _PLACES_LISTED)
    return (
        f"{shown}: stands in {len(places)} places ({'; '.join([*listed, *more])}); quote more of "
        "the one that you mean, or give a passage's id"
    )
