"""Holding a build in a cluster against the catalog: every passage, and that all replicas agree."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from ctqa.index.lexical import term_maker
from ctqa.index.qdrant import where
from ctqa.index.qdrant.cluster import Cluster, batches, scrolled
from ctqa.index.qdrant.points import (
    ALIVE,
    DENSE,
    TERMS,
    Payload,
    id_of,
    payloads,
    seal_of,
    weights,
)
from ctqa.index.rows import Build
from ctqa.index.store import Count
from ctqa.index.verify_catalog import Examination
from ctqa.index.verify_findings import Finding, Kind, fix, listed
from ctqa.index.verify_vectors import SAMPLE, spread

if TYPE_CHECKING:
    from qdrant_client import models

_AT_ONCE = 256
_ROUNDING = 1e-5  # of numbers that were float64, and are float32


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """What the cluster should hold for a passage."""

    passage: str  # its id
    seal: str
    last: int


class Checking:
    """Checks one build in one collection."""

    def __init__(
        self, cluster: Cluster, collection: str, mean: float, exam: Examination, build: Build
    ) -> None:
        self._cluster = cluster
        self._collection = collection
        self._mean = mean
        self._exam = exam
        self._build = build
        self._head = exam.head().build
        self._terms = term_maker()

    def findings(self, count: Count, *, cached: bool) -> Iterator[Finding]:
        """Find passages that are missing, are not as they were written, or are none of the build's.

        With `cached` a sample of the vectors is held against the cached ones.
        """
        dead = list(self._dead_replicas())
        yield from dead
        left = self._expected()
        unlike: list[str] = []
        strange: list[str] = []
        for point in self._points(None if dead else "all"):
            expected = left.pop(str(point.id), None)
            payload = point.payload or {}
            if expected is None:
                strange.append(str(payload.get("passage", point.id)))
            elif not self._is_as_written(payload, expected):
                unlike.append(expected.passage)
            count("cluster entries", 1)
        disagreeing = self._on_some(left)
        missing = [each.passage for id_, each in left.items() if id_ not in disagreeing]
        split = [left[id_].passage for id_ in disagreeing]
        for names, what in (
            (unlike, "are not as they were written"),
            (strange, "are not of the build"),
            (missing, "are missing"),
            (split, "are not the same on all replicas"),
        ):
            if names:
                yield self._finding(f"{len(names)} passages {what}: {listed(names)}")
        if cached and not missing and not split:
            yield from self._vectors()

    def _expected(self) -> dict[str, Expected]:
        found = {}
        for keys in batches(self._exam.keys_of(self._build), _AT_ONCE):
            for life, payload in payloads(self._exam, self._exam.lives(keys), self._terms):
                found[id_of(life)] = Expected(
                    passage=payload["passage"],
                    seal=payload["sha256"],
                    last=self._known_end(payload["last"]),
                )
        return found

    def _known_end(self, last: int) -> int:
        """Give the last build of a passage; what is to end with the current one has not yet."""
        return last if last < self._head else ALIVE

    def _is_as_written(self, payload: Payload, expected: Expected) -> bool:
        last = payload.get("last")
        return (
            type(last) is int
            and self._known_end(last) == expected.last
            and payload.get("sha256") == expected.seal == seal_of(payload)
        )

    def _points(self, consistency: str | None) -> "Iterator[models.Record]":
        """Go through the passages; "all": those that are alike on all replicas."""
        return scrolled(
            self._cluster,
            self._collection,
            where.in_build(self._build.number),
            with_payload=True,
            with_vectors=False,
            consistency=consistency,
        )

    def _on_some(self, left: dict[str, Expected]) -> set[str]:
        """Give the ids of those passages that some replica has all the same."""
        found: set[str] = set()
        for ids in batches(sorted(left), _AT_ONCE):
            for _ in range(_TRIES * len(self._cluster.address.hosts)):
                self._cluster.turn()
                found.update(str(point.id) for point in self._fetched(ids))
        return found

    def _fetched(self, ids: Sequence[str], **options: Any) -> "list[models.Record]":
        return self._cluster.read(
            lambda client: client.retrieve(
                self._collection, list(ids), **({"with_payload": ["key"]} | options)
            )
        )

    def _vectors(self) -> Iterator[Finding]:
        """Find vectors in the cluster that are not the cached ones, in a sample."""
        keys = spread(self._exam.keys_of(self._build), SAMPLE)
        if not keys:
            return
        lives = self._exam.lives(keys)
        there = {
            str(p.id): p.vector for p in self._fetched([*map(id_of, lives)], with_vectors=True)
        }
        cached = self._exam.vectors_of(self._build.encoder, [life.key for life in lives])  # (n, d)
        texts = self._exam.lexical_texts(keys)
        unlike = 0
        for life, vector in zip(lives, cached, strict=True):
            terms = weights(self._terms(texts[life.key]), self._mean)
            found: Any = there.get(id_of(life)) or {}
            unlike += not (
                _alike(found.get(DENSE), vector.tolist())
                and found.get(TERMS) is not None
                and found[TERMS].indices == terms.indices
                and _alike(found[TERMS].values, terms.values)
            )
        if unlike:
            yield self._finding(f"{unlike} of {len(lives)} vectors are not those of the catalog")

    def _dead_replicas(self) -> Iterator[Finding]:
        info = self._cluster.read(lambda c: c.collection_cluster_info(self._collection))
        copies: list[Any] = [*info.local_shards, *info.remote_shards]
        dead = [
            f"shard {copy.shard_id} on {getattr(copy, 'peer_id', 'the host asked')} is "
            f"{copy.state.value}"
            for copy in copies
            if copy.state.value != "Active"
        ]
        if dead:
            yield self._finding(
                f"{len(dead)} of {len(copies)} replicas are not active: {listed(dead)}; the "
                "cluster makes them whole when their hosts are there",
                kind="replica",
                mend="",
            )

    def _finding(self, what: str, *, kind: Kind = "entries", mend: str | None = None) -> Finding:
        return Finding(
            kind=kind,
            what=f"{self._cluster.address.text}: {self._collection}: build "
            f"{self._build.number}: {what}",
            mend=fix(self._exam.folder) if mend is None else mend,
            build=self._build.number if kind == "entries" else 0,
        )


_TRIES = 4  # of each host: which replica of another host is asked, is chance


def _alike(found: Any, expected: Sequence[float]) -> bool:
    return (
        isinstance(found, list)
        and len(found) == len(expected)
        and bool(np.allclose(found, expected, rtol=0, atol=_ROUNDING))
    )
