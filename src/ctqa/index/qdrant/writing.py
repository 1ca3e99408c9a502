"""Writing a build into a generation, where no reader sees it until the catalog commits it."""

import time
from collections.abc import Iterable, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from ctqa.errors import IndexWriteError
from ctqa.index.qdrant import where
from ctqa.index.qdrant.cluster import Cluster, batches, scrolled
from ctqa.index.qdrant.marker import Marker
from ctqa.index.qdrant.points import ALIVE, DENSE, TERMS, Entry, Terms, entries, id_of
from ctqa.index.rows import Build
from ctqa.index.store import Step
from ctqa.index.writer import CatalogWriter

if TYPE_CHECKING:
    from qdrant_client import models

_AT_ONCE = 256  # passages of one request, some 2 MB
_IDS_AT_ONCE = 1_000
_LOOKS, _LOOK_S = 6, 1.0  # at how many there are: a replica may be a moment behind


class Writing:
    """Writes one build to come; the same again after a kill goes on with what is missing."""

    def __init__(
        self, cluster: Cluster, collection: str, catalog: CatalogWriter, build: Build, terms: Terms
    ) -> None:
        self._cluster = cluster
        self._collection = collection
        self._catalog = catalog
        self._build = build
        self._terms = terms

    def go_on(self, marker: Marker, before: Build, step: Step) -> None:
        """Write what differs from the build before, which is in the same generation."""
        number = self._build.number
        self._send(self._catalog.new_keys(number), marker, where.first_in(number), step)
        self._end(self._catalog.ended_keys(before.number), before.number)
        self._check()

    def write_all(self, marker: Marker, step: Step) -> None:
        """Write every passage of the build."""
        self._send(self._catalog.keys(self._build.number), marker, where.passages(), step)
        self._check()

    def _send(
        self, keys: Sequence[int], marker: Marker, of_build: "models.Filter", step: Step
    ) -> None:
        """Send the passages of keys that are not there; what else the build would hold goes."""
        there = self._there(of_build)
        vectors_of = partial(self._catalog.vectors_of, self._build.encoder)
        for done, some in enumerate(batches(keys, _AT_ONCE)):
            step(done * _AT_ONCE, len(keys))
            lives = [
                life
                for life in self._catalog.lives(some)
                if there.pop(id_of(life), None) != life.key
            ]
            if lives:
                made = entries(self._catalog, lives, self._terms, marker.mean, vectors_of)
                self._put([_point(entry) for entry in made])
        self._remove(list(there))

    def _there(self, of_build: "models.Filter") -> dict[str, int]:
        """Give the keys of passages that a stopped build has sent, by their ids."""
        found = scrolled(
            self._cluster, self._collection, of_build, with_payload=["key"], with_vectors=False
        )
        return {str(point.id): (point.payload or {}).get("key", 0) for point in found}

    def _put(self, points: "list[models.PointStruct]") -> None:
        self._cluster.change(lambda client: client.upsert(self._collection, points, wait=True))

    def _remove(self, ids: Sequence[str]) -> None:
        for some in batches(ids, _IDS_AT_ONCE):
            self._cluster.change(
                lambda client, some=some: client.delete(  # type: ignore[misc]
                    self._collection, list(some), wait=True
                )
            )

    def _end(self, keys: Sequence[int], last: int) -> None:
        """Let passages end with a build, and no others: a stopped build may have ended more."""
        ending: set[str] = set()
        for some in batches(keys, _IDS_AT_ONCE):
            ending.update(map(id_of, self._catalog.lives(some)))
        found = scrolled(
            self._cluster,
            self._collection,
            where.ended_from(last),
            with_payload=False,
            with_vectors=False,
        )
        ended = {str(point.id) for point in found}
        self._set_last(ended - ending, ALIVE)
        self._set_last(ending - ended, last)

    def _set_last(self, ids: Iterable[str], last: int) -> None:
        for some in batches(sorted(ids), _IDS_AT_ONCE):
            self._cluster.change(
                lambda client, some=some: client.set_payload(  # type: ignore[misc]
                    self._collection, {"last": last}, points=list(some), wait=True
                )
            )

    def _check(self) -> None:
        """Count what the build holds now.

        Raises:
            IndexWriteError: it is more or less than it should be.

        """
        wanted = self._build.counts["passages"]
        for _ in range(_LOOKS):
            found = count(self._cluster, self._collection, self._build.number)
            if found == wanted:
                return
            time.sleep(_LOOK_S)
        raise IndexWriteError(
            f"{self._cluster.address.text}: {found} of {wanted} passages of build "
            f"{self._build.number} are in {self._collection}; see that all its shards are active, "
            "then build again: only what is missing is sent"
        )


def count(cluster: Cluster, collection: str, number: int) -> int:
    """Count the passages of a build, one by one."""
    return cluster.read(
        lambda client: client.count(collection, count_filter=where.in_build(number), exact=True)
    ).count


def _point(entry: Entry) -> "models.PointStruct":
    from qdrant_client import models  # noqa: PLC0415 -- heavy

    terms = models.SparseVector(indices=entry.terms.indices, values=entry.terms.values)
    vectors: dict[str, Any] = {DENSE: entry.dense, TERMS: terms}
    return models.PointStruct(id=entry.id, vector=vectors, payload=entry.payload)
