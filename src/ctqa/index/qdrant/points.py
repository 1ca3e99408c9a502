"""A passage as the cluster holds it: its id, its vectors, what is stored with it."""

import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any
from uuid import UUID, uuid5

import numpy as np

from ctqa.index.catalog import Catalog
from ctqa.index.lexical import K1, B
from ctqa.index.rows import Life
from ctqa.models import Vectors
from ctqa.records import Passage, Source

DENSE, TERMS = "dense", "terms"  # the names of its vectors
ALIVE = 1 << 53  # the last build of what has no last one
MARKER = str(UUID(int=0))  # the id of the point that tells of the builds
_NAMESPACE = UUID("7c9f1c7e-0d3b-5c9e-9d0f-2f6f2a1c8d11")
_EXACT, _FREE_BITS = 24, 3  # of tantivy's lengths: exact to 24 + 15, then three bits and a shift

Terms = Callable[[str], list[str]]
Payload = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sparse:
    """A vector of few numbers, their places rising."""

    indices: list[int]
    values: list[float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A passage that is to be in the cluster."""

    id: str
    payload: Payload
    dense: list[float]
    terms: Sparse


def id_of(life: Life) -> str:
    """Give the id of a passage: the same for the same document, range, search text and build."""
    parts = (life.document_id, life.start, life.end, life.search_sha256, life.first)
    return str(uuid5(_NAMESPACE, "\0".join(map(str, parts))))


def place_of(term: str) -> int:
    """Give a term's place in a sparse vector, 32 bits; of 100,000 terms, one pair shares one."""
    return int.from_bytes(sha256(term.encode()).digest()[:4], "big")


def rounded(length: int) -> int:
    """Give a length in terms as BM25 in tantivy and Lucene knows it: to three significant bits."""
    rest = length - _EXACT
    shift = max(0, rest.bit_length() - _FREE_BITS - 1)
    return length if rest < 0 else _EXACT + (rest >> shift << shift)


def weights(terms: Sequence[str], mean: float) -> Sparse:
    """Give a passage's share in BM25: all but the inverse document frequencies.

    `mean` is the mean number of terms of a passage.
    """
    return _placed(term_weights(terms, mean))


def term_weights(terms: Sequence[str], mean: float) -> dict[str, float]:
    """Give the same by the terms themselves."""
    norm = K1 * (1 - B + B * rounded(len(terms)) / mean)
    return {term: (K1 + 1) * times / (times + norm) for term, times in Counter(terms).items()}


def asked(shares: Mapping[str, float]) -> Sparse:
    """Give a question's share in BM25 by its terms: rarity times how often it stands there."""
    return _placed(shares)


def _placed(values: Mapping[str, float]) -> Sparse:
    found: dict[int, float] = {}
    for term, value in values.items():
        place = place_of(term)
        found[place] = found.get(place, 0.0) + value
    places = sorted(found)
    return Sparse(indices=places, values=[found[place] for place in places])


def payload_of(life: Life, passage: Passage, source: Source, terms: Sequence[str]) -> Payload:
    """Give what is stored with a passage, and its hash."""
    stored: Payload = {
        "key": life.key,
        "row": life.document,
        "first": life.first,
        "last": ALIVE if life.last is None else life.last,
        "document": passage.document_id,
        "title": source.title,
        "passage": passage.id,
        "page": passage.page,
        "section": list(passage.section),
        "start": passage.start,
        "end": passage.end,
        "text": passage.text,
        "terms": " ".join(terms),
    }
    return stored | {"sha256": seal_of(stored)}


def seal_of(payload: Mapping[str, Any]) -> str:
    """Hash what is stored with a passage, but for the build it ends with."""
    told = {name: value for name, value in payload.items() if name not in ("last", "sha256")}
    return sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()


def entries(
    catalog: Catalog,
    lives: Sequence[Life],
    terms: Terms,
    mean: float,
    vectors_of: Callable[[Sequence[int]], Vectors],
) -> Iterator[Entry]:
    """Make the entries of passages, of which there are a few hundred."""
    keys = [life.key for life in lives]
    vectors = vectors_of(keys)  # (n, d)
    for (life, payload), vector in zip(
        payloads(catalog, lives, terms), vectors.tolist(), strict=True
    ):
        yield Entry(
            id=id_of(life),
            payload=payload,
            dense=vector,
            terms=weights(payload["terms"].split(), mean),
        )


def payloads(
    catalog: Catalog, lives: Sequence[Life], terms: Terms
) -> Iterator[tuple[Life, Payload]]:
    """Give what is to be stored with passages, of which there are a few hundred."""
    keys = [life.key for life in lives]
    passages = catalog.passages(keys)
    texts = catalog.lexical_texts(keys)
    for life in lives:
        yield life, payload_of(life, *passages[life.key], terms(texts[life.key]))


def mean_length(catalog: Catalog, keys: Sequence[int], terms: Terms, most: int) -> float:
    """Give the mean number of terms of passages; of many, of some that are spread evenly."""
    places = np.unique(np.linspace(0, len(keys) - 1, min(most, len(keys))).round().astype(int))
    chosen = [keys[place] for place in places]
    lengths = [
        len(terms(text))
        for start in range(0, len(chosen), 1_000)
        for text in catalog.lexical_texts(chosen[start : start + 1_000]).values()
    ]
    return max(1.0, float(np.mean(lengths)))
