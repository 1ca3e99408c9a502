"""Vectors of passages by their keys: what a build adds and removes, and the exact cosine search.

FAISS finds candidates; every cosine that is given out is worked out here from the vectors
themselves, one after the other, so that the same pair always has the same cosine.
"""

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Self

import numpy as np
from numpy.typing import ArrayLike

from ctqa.index.dense_segment import OpenSegment, Reach, placed, write_segment
from ctqa.index.dense_training import VectorsOf, over_fetched
from ctqa.index.files import link
from ctqa.index.segments import (
    Fresh,
    Keys,
    Recall,
    Row,
    Segment,
    StoredSegment,
    grouped,
    read_segments,
    write_list,
)
from ctqa.models import Vectors

__all__ = ["FOLDER_NAME", "DenseIndex", "Recall", "Segment", "write_vectors"]

FOLDER_NAME = "vectors"
_AT_ONCE = 64  # queries, of as many candidates as fit:
_MOST_CANDIDATES = 1 << 15  # vectors in memory at once
Hits = list[tuple[int, float]]


def write_vectors(  # noqa: PLR0913  # what a build differs by, and where vectors come from
    folder: Path,
    dimension: int,
    *,
    before: Path | None,
    added: ArrayLike,
    removed: ArrayLike,
    vectors_of: VectorsOf,
    queries: Callable[[int], Vectors],
) -> None:
    """Write the vectors of a build into a new folder, linking what the build before has of them.

    `before` is that build's folder, already verified; None writes everything anew. `added` and
    `removed` are passage keys, from 1 up, that are never used again. `vectors_of` gives the unit
    vectors, (n, d), of keys; it is called for a few thousand at a time. `queries` gives up to so
    many vectors, (n, d), of real questions, or none; approximate search is tuned by them.

    Raises:
        IndexLoadError: the build before cannot be read.
        OSError: a file cannot be written, for one because the disk is full.

    """
    gone = _as_keys(removed)
    stored = [] if before is None else read_segments(before, dimension)
    kept: list[StoredSegment] = []
    rows: list[Row] = []
    folder.mkdir()
    for group in grouped([*(s.without(gone) for s in stored), Fresh(live=_as_keys(added))]):
        first = group[0]
        if len(group) == 1 and isinstance(first, StoredSegment) and not first.is_worn:
            _link(first, folder)
            kept.append(first)
            rows.append(first.row)
        else:
            keys = np.sort(np.concatenate([part.live for part in group]))
            rows.append(write_segment(folder, keys, dimension, vectors_of, queries))
    write_list(folder, dimension, rows, _dead(kept))


class DenseIndex:
    """Vectors by passage key; any number of threads may search it."""

    def __init__(
        self, segments: Iterable[OpenSegment], dimension: int, vectors_of: VectorsOf
    ) -> None:
        self._segments = tuple(segments)
        self._dimension = dimension
        self._vectors_of = vectors_of

    @classmethod
    def load(cls, folder: Path, dimension: int, vectors_of: VectorsOf) -> Self:
        """Open a build's folder whose files' checksums have been verified.

        `vectors_of` gives the unit vectors, (n, d), of keys, in their order, from any thread.

        Raises:
            IndexLoadError: it holds anything else than segments.json says, or another dimension.

        """
        import faiss  # noqa: PLC0415

        # Sums in the same order for one question as for many: the same candidates for both.
        faiss.cvar.distance_compute_blas_threshold = np.iinfo(np.int32).max
        stored = read_segments(folder, dimension)
        opened = [OpenSegment.load(segment, dimension) for segment in stored]
        return cls(opened, dimension, vectors_of)

    def __len__(self) -> int:
        return sum(len(segment.live) for segment in self._segments)

    @property
    def segments(self) -> tuple[Segment, ...]:
        """Describe the segments, smallest first."""
        return tuple(segment.described() for segment in self._segments)

    def keys(self) -> Keys:
        """Give the keys of all vectors, rising."""
        return np.sort(np.concatenate([_NONE, *(segment.live for segment in self._segments)]))

    def search(self, queries: Vectors, k: int, within: Sequence[int] | None = None) -> list[Hits]:
        """Find the `k` nearest passages to each query, (n, d), as (key, cosine), best first.

        Equal cosines are in the order of their keys. `within` names the keys to search, of which
        none is missed; None searches all, and large segments approximately.
        """
        wanted = None if within is None else _as_keys(within)
        reaches = [(segment, segment.reach(k, wanted)) for segment in self._segments]
        k = min(k, sum(len(reach.keys) for _, reach in reaches))
        if k < 1:
            return [[] for _ in queries]
        queries = np.ascontiguousarray(queries, dtype=np.float32)
        size = min(_AT_ONCE, 1 + _MOST_CANDIDATES // over_fetched(k))
        return [
            hits
            for start in range(0, len(queries), size)
            for hits in self._search(queries[start : start + size], k, reaches)
        ]

    def scores(self, query: Vectors, keys: Sequence[int]) -> list[float]:
        """Give the cosine of one query, (d,), to each passage.

        Raises:
            KeyError: one of the keys is of no passage.

        """
        asked = np.asarray(keys, dtype=np.int64)
        known = np.zeros(len(asked), dtype=bool)
        for segment in self._segments:
            known |= placed(asked, segment.live)[0]
        if not known.all():
            unknown = np.unique(asked[~known])
            raise KeyError(f"{len(unknown)} of {len(np.unique(asked))} keys are of no passage")
        found: list[float] = cosines(self._vectors(asked), query).tolist()
        return found

    def _search(
        self, queries: Vectors, k: int, reaches: Sequence[tuple[OpenSegment, Reach]]
    ) -> list[Hits]:
        by_segment = [segment.candidates(queries, k, reach) for segment, reach in reaches]
        candidates = [np.sort(np.concatenate(some)) for some in zip(*by_segment, strict=True)]
        keys = np.unique(np.concatenate(candidates)) if len(candidates) > 1 else candidates[0]
        vectors = self._vectors(keys)  # (m, d)
        return [
            best(some, cosines(vectors[np.searchsorted(keys, some)], query), k)
            for some, query in zip(candidates, queries, strict=True)
        ]

    def _vectors(self, keys: Keys) -> Vectors:
        """Give the vectors, (n, d), of keys in their order: from memory where they are."""
        vectors = np.empty((len(keys), self._dimension), dtype=np.float32)  # (n, d)
        left = np.ones(len(keys), dtype=bool)
        for segment in self._segments:
            if segment.is_exact:
                here, places = placed(keys, segment.keys)
                vectors[here] = segment.vectors(places[here])
                left &= ~here
        if left.any():
            vectors[left] = self._vectors_of(keys[left].tolist())
        return vectors


_NONE = np.empty(0, dtype=np.int64)


def _as_keys(keys: ArrayLike) -> Keys:
    """Give keys rising, each once."""
    array = np.asarray(keys, dtype=np.int64)
    return array if (np.diff(array) > 0).all() else np.unique(array)


def _link(stored: StoredSegment, folder: Path) -> None:
    for name in (stored.row.vectors_name, stored.row.keys_name):
        link(stored.folder / name, folder / name)


def _dead(segments: Iterable[StoredSegment]) -> Keys:
    dead = [np.setdiff1d(some.keys, some.live, assume_unique=True) for some in segments]
    return np.sort(np.concatenate([_NONE, *dead]))


def cosines(vectors: Vectors, query: Vectors) -> Vectors:
    """Give the cosine of each unit vector, (n, d), whatever stands beside it, to a query, (d,)."""
    found: Vectors = np.vecdot(vectors, query)  # unlike `@`, each row by itself
    return found


def best(keys: Keys, scores: Vectors, k: int) -> Hits:
    """Give the `k` best, best first; keys rise, so that equal scores keep their order."""
    order = np.argsort(-scores, kind="stable")[:k]
    return list(zip(keys[order].tolist(), scores[order].tolist(), strict=True))
