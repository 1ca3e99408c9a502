"""A committed build that is searched in a cluster."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from math import fsum, log
from typing import TYPE_CHECKING

import numpy as np

from ctqa.index import dense
from ctqa.index.catalog import Catalog
from ctqa.index.dense_segment import APPROXIMATE_FROM
from ctqa.index.dense_training import MEASURED_AT, over_fetched
from ctqa.index.lexical import MOST_TERMS, TIED, term_maker
from ctqa.index.qdrant import where
from ctqa.index.qdrant.cluster import Cluster
from ctqa.index.qdrant.generation import Generation
from ctqa.index.qdrant.points import DENSE, TERMS, Sparse, asked, term_weights
from ctqa.index.rows import Build
from ctqa.index.segments import Keys, Recall, Segment
from ctqa.index.store import Ranked
from ctqa.models import Vectors

if TYPE_CHECKING:
    from qdrant_client import models

_ROUNDING = 1e-5  # of the cluster's sums, which are float32 and in no certain order
_KEPT_PASSAGES = 20_000  # whose terms are at hand
_EF = 512  # where it was not measured: Qdrant's own 100 find too few (docs/scale.md)
_MOST_NAMED = 2_000  # passages in a filter; of more, the documents are named
_AT_ONCE = 64  # queries
_MOST_COMPARED = 4_000_000  # vectors, at once, where each is looked at: some tenths of a second
_MOST_TIED = 1 << 14  # candidates, at most, that are fetched for the sake of a tie
_KEPT_FILTERS, _KEPT_COUNTS = 16, 50_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Served:
    """How HNSW is asked, and what that finds, as measured at so many passages."""

    ef: int  # candidates that it holds while it searches for the 100 nearest
    recall: Recall
    passages: int


class ClusterBuild:
    """One build in a collection; the cluster finds, what is found is scored here."""

    def __init__(
        self,
        cluster: Cluster,
        generation: Generation,
        catalog: Catalog,
        build: Build,
        served: Served | None = None,
    ) -> None:
        self._cluster = cluster
        self._served = served
        self.collection = generation.collection
        self._mean = generation.marker.mean
        self._catalog = catalog
        self._number = build.number
        self._passages = build.counts["passages"]
        self._vectors_of = partial(catalog.vectors_of, build.encoder)
        self._filters: dict[tuple[int, ...], models.FieldCondition] = {}
        self._counts: dict[tuple[str, ...], int] = {}
        self._weights: dict[int, dict[str, float]] = {}
        self.terms = term_maker()

    def __len__(self) -> int:
        """Count the passages."""
        return self._passages

    def close(self) -> None:
        """Let go of the connections."""
        self._cluster.close()

    @property
    def segments(self) -> tuple[Segment, ...]:
        """Describe how the vectors are searched: one by one, or many of them by HNSW."""
        count = self._passages
        if not count:
            return ()
        if count <= APPROXIMATE_FROM:
            return (Segment(kind="flat", vectors=count, live=count, recall=None),)
        return (
            Segment(
                kind="hnsw",
                vectors=count,
                live=count,
                recall=None if self._served is None else self._served.recall,
            ),
        )

    @property
    def described(self) -> str:
        """Tell where the passages are, and how many copies of them can be searched."""
        info = self._cluster.read(lambda client: client.get_collection(self.collection))
        params = info.config.params
        return (
            f"{self._cluster.address.text}: collection {self.collection}, shards "
            f"{params.shard_number}, replicas {params.replication_factor}, {info.status.value}"
        )

    def holds(self, keys: Sequence[int]) -> bool:
        """Tell whether all these keys are of its passages."""
        found = self._cluster.read(
            lambda client: client.count(
                self.collection, count_filter=self._within(keys), exact=True
            )
        )
        return found.count == len(set(keys))

    def dense(self, queries: Vectors, k: int, within: Sequence[int] | None = None) -> list[Ranked]:
        """Find the `k` nearest passages to each query, (n, d), all of a few, else by HNSW."""
        reach = self._passages if within is None else len(within)
        ef = _EF if self._served is None else self._served.ef
        return self._near(queries, k, within, None if reach <= APPROXIMATE_FROM else ef)

    def exact(self, queries: Vectors, k: int) -> list[Ranked]:
        """Find the same among all passages by looking at each, however many they are."""
        return self._near(queries, k, None, None)

    def by_graph(self, queries: Vectors, k: int, ef: int) -> list[Ranked]:
        """Find the same by HNSW, which holds so many candidates while it searches for 100."""
        return self._near(queries, k, None, ef)

    def _near(
        self, queries: Vectors, k: int, within: Sequence[int] | None, ef: int | None
    ) -> list[Ranked]:
        k = min(k, self._passages if within is None else len(within), self._passages)
        if k < 1 or not len(queries):
            return [[] for _ in queries]
        chosen = self._within(within)
        size = min(_AT_ONCE, 1 + _MOST_COMPARED // self._passages) if ef is None else _AT_ONCE
        found = [
            keys
            for start in range(0, len(queries), size)
            for keys in self._nearest(queries[start : start + size], k, over_fetched(k), chosen, ef)
        ]
        keys = np.unique(np.concatenate(found))
        vectors = self._vectors_of(keys.tolist())  # (m, d)
        return [
            dense.best(some, dense.cosines(vectors[np.searchsorted(keys, some)], query), k)
            for some, query in zip(found, queries, strict=True)
        ]

    def _nearest(
        self, queries: Vectors, k: int, count: int, chosen: "models.Filter", ef: int | None
    ) -> list[Keys]:
        """Find keys, rising, among which are the `k` nearest to each query, and what ties.

        `ef` is the number of candidates that HNSW holds for 100; None: every vector is looked at.
        """
        from qdrant_client import models  # noqa: PLC0415 -- heavy

        how = models.SearchParams(exact=True)
        if ef is not None:
            how = models.SearchParams(
                hnsw_ef=max(count, ef * -(-k // MEASURED_AT)),
                acorn=models.AcornSearchParams(enable=True),  # if a filter leaves less than .4
            )
        requests = [
            models.QueryRequest(
                query=query.tolist(),
                using=DENSE,
                limit=count,
                filter=chosen,
                params=how,
                with_payload=["key"],
            )
            for query in queries
        ]
        answers = self._cluster.read(
            lambda client: client.query_batch_points(self.collection, requests)
        )
        found = []
        for query, answer in zip(queries, answers, strict=True):
            hits = _keyed(answer)
            if len(hits) == count < _MOST_TIED and hits[-1][1] == hits[k - 1][1]:
                found += self._nearest(query[np.newaxis], k, 4 * count, chosen, ef)
            else:
                found.append(np.unique(np.array([key for key, _ in hits], dtype=np.int64)))
        return found

    def scores(self, query: Vectors, keys: Sequence[int]) -> list[float]:
        """Give the cosine of one query, (d,), to each passage."""
        found: list[float] = dense.cosines(self._vectors_of(keys), query).tolist()
        return found

    def lexical(self, question: str, k: int, within: Sequence[int] | None = None) -> Ranked:
        """Find the `k` passages that best match any of the question's terms, ties by key."""
        k = min(k, self._passages, self._passages if within is None else len(within))
        counts = Counter(self.terms(question)).most_common(MOST_TERMS)
        shares = {term: times * self.rarity(term) for term, times in counts if self._is_held(term)}
        if k < 1 or not shares:
            return []
        chosen, limit = self._within(within), k + TIED
        found = self._matching(asked(shares), limit, chosen)
        while len(found) == limit and found[-1][1] >= found[k - 1][1] * (1 - _ROUNDING):
            limit *= 4
            found = self._matching(asked(shares), limit, chosen)
        scored = self._scored([key for key, _ in found], shares)
        return sorted(scored, key=lambda hit: (-hit[1], hit[0]))[:k]

    def _scored(self, keys: Sequence[int], shares: Mapping[str, float]) -> Ranked:
        """Give the BM25 of passages, whose sum does not hang on where in the cluster they lie."""
        held = self._held_by(keys)
        return [
            (key, fsum(share * held[key].get(term, 0.0) for term, share in shares.items()))
            for key in keys
        ]

    def _held_by(self, keys: Sequence[int]) -> dict[int, dict[str, float]]:
        """Give the weights of the terms of passages."""
        if len(self._weights) + len(keys) > _KEPT_PASSAGES:
            self._weights = {}
        known = self._weights
        texts = self._catalog.lexical_texts(key for key in keys if key not in known)
        known |= {key: term_weights(self.terms(text), self._mean) for key, text in texts.items()}
        return {key: known[key] for key in keys}

    def _is_held(self, term: str) -> bool:
        return self._holding((term,)) > 0

    def _matching(self, terms: Sparse, limit: int, chosen: "models.Filter") -> Ranked:
        from qdrant_client import models  # noqa: PLC0415 -- heavy

        query = models.SparseVector(indices=terms.indices, values=terms.values)
        return _keyed(
            self._cluster.read(
                lambda client: client.query_points(
                    self.collection,
                    query=query,
                    using=TERMS,
                    limit=limit,
                    query_filter=chosen,
                    with_payload=["key"],
                )
            )
        )

    def rarity(self, term: str) -> float:
        """Give a term's inverse document frequency as BM25 has it."""
        holders = self._holding((term,))
        return log(1 + (self._passages - holders + 0.5) / (holders + 0.5))

    def holding(self, phrase: str) -> int:
        """Count the passages in which the terms of a phrase stand one after the other."""
        terms = self.terms(phrase)
        return self._holding(tuple(terms)) if terms else 0

    def _holding(self, terms: tuple[str, ...]) -> int:
        if terms not in self._counts:
            if len(self._counts) >= _KEPT_COUNTS:
                self._counts = {}
            chosen = where.in_build(self._number, where.phrase(terms))
            self._counts[terms] = self._cluster.read(
                lambda client: client.count(self.collection, count_filter=chosen, exact=True)
            ).count
        return self._counts[terms]

    def _within(self, keys: Sequence[int] | None) -> "models.Filter":
        """Choose passages of the build: all, or those named; many by their documents."""
        if keys is None:
            return where.in_build(self._number)
        if len(keys) <= _MOST_NAMED:
            return where.in_build(self._number, where.one_of("key", keys))
        named = tuple(keys)
        if named not in self._filters:
            if len(self._filters) >= _KEPT_FILTERS:
                self._filters = {}
            rows = self._catalog.whole_rows(self._number, named)
            self._filters[named] = (
                where.one_of("key", named) if rows is None else where.one_of("row", rows)
            )
        return where.in_build(self._number, self._filters[named])


def _keyed(found: "models.QueryResponse") -> Ranked:
    return [(int((point.payload or {})["key"]), float(point.score)) for point in found.points]
