"""How an approximate segment is divided into lists, and how many of them a search must probe."""

import math
from bisect import bisect_left
from collections.abc import Callable, Sequence
from itertools import pairwise

import numpy as np

from ctqa.index.segments import Keys, Recall
from ctqa.models import Vectors

VectorsOf = Callable[[Sequence[int]], Vectors]
# Gives the keys of candidates, (q, count), -1 for none, by queries, count, and lists to probe.
Search = Callable[[Vectors, int, int], Keys]

_SEED = 20
_SAMPLE = 64  # vectors for each list to learn its centroid from
_ROUNDS = 10  # of k-means
_BATCH = 4096
_AT_ONCE = 24  # queries: some 4,000 candidates
QUERIES = 256  # of each kind, to measure recall by
_FEWEST_QUERIES = 64  # fewer say too little
# Sentences of passages are easier than questions are: tuned by them, recall@100 of real questions
# is .95 to .97; tuned by passages with this noise, it is above .98 (bench/dense.py).
_NOISE = 1.4
MEASURED_AT = 100  # the k whose recall is recorded
GOALS = {10: 0.99, MEASURED_AT: 0.98}  # recall@k that is to be reached
ROUNDING = 1e-6  # by which two ways of working out a cosine differ


def over_fetched(k: int) -> int:
    """Give how many candidates are scored exactly to find `k` vectors."""
    return k + k // 2 + 8


def lists_for(vectors: int) -> int:
    """Give how many lists so many vectors are divided into: a power of two near 2 √n."""
    return int(2 ** round(math.log2(2 * math.sqrt(vectors)))) if vectors > 1 else 1


def training_set(keys: Keys, lists: int) -> Keys:
    """Draw the keys, rising, whose vectors the centroids are learnt from."""
    count = min(len(keys), _SAMPLE * lists)
    return np.sort(np.random.default_rng(_SEED).choice(keys, count, replace=False))


def centroids_of(vectors: Vectors, lists: int) -> Vectors:
    """Learn unit centroids, (lists, d), by spherical k-means; the same for the same vectors."""
    generator = np.random.default_rng(_SEED)
    centroids = vectors[generator.choice(len(vectors), lists, replace=False)]  # (lists, d)
    for _ in range(_ROUNDS):
        nearest = np.concatenate(
            [
                (vectors[start : start + _BATCH] @ centroids.T).argmax(axis=1)
                for start in range(0, len(vectors), _BATCH)
            ]
        )
        centroids = _means(vectors, nearest, centroids)
    return centroids


def _means(vectors: Vectors, nearest: Keys, centroids: Vectors) -> Vectors:
    """Give the mean direction of each list; one that is empty stays as it was."""
    grouped = vectors[np.argsort(nearest, kind="stable")]
    ends = np.cumsum(np.bincount(nearest, minlength=len(centroids))).tolist()
    sums = np.stack([grouped[start:end].sum(axis=0) for start, end in pairwise([0, *ends])])
    lengths = np.linalg.norm(sums, axis=1, keepdims=True)
    means: Vectors = np.divide(sums, lengths, out=centroids.copy(), where=lengths > 0)
    return means


def measuring(queries: Callable[[int], Vectors], sample: Vectors) -> "Measuring":
    """Take up the queries given, and ones made from passages, to measure recall by."""
    return Measuring(kinds_of_queries(queries, sample))


def kinds_of_queries(queries: Callable[[int], Vectors], sample: Vectors) -> list[Vectors]:
    """Give queries made from passages, (q, d), and the queries given unless they are too few."""
    given = queries(QUERIES)[:QUERIES]
    made = noisy(sample, _NOISE)
    return [made] if len(given) < _FEWEST_QUERIES else [made, given]


def noisy(sample: Vectors, noise: float) -> Vectors:
    """Make queries, (q, d), out of passages by noise of so much of a passage's length."""
    generator = np.random.default_rng(_SEED)
    chosen = sample[generator.choice(len(sample), min(len(sample), QUERIES), replace=False)]
    drawn = generator.standard_normal(chosen.shape, dtype=np.float32)
    made = chosen + drawn * np.float32(noise / math.sqrt(chosen.shape[1]))
    unit: Vectors = made / np.linalg.norm(made, axis=1, keepdims=True)
    return unit


class Measuring:
    """Kinds of queries with the cosines of the nearest vectors seen so far."""

    def __init__(self, kinds: Sequence[Vectors]) -> None:
        self._queries = np.concatenate(kinds)  # (q, d)
        self._bounds = np.cumsum([len(kind) for kind in kinds])[:-1]
        shape = (len(self._queries), MEASURED_AT)
        self._best = np.full(shape, -np.inf, np.float32)  # (q, k), rising

    def see(self, vectors: Vectors) -> None:
        """Take note of vectors, (n, d), that are in the segment."""
        every = np.concatenate([self._best, self._queries @ vectors.T], axis=1)
        self._best = np.sort(np.partition(every, -MEASURED_AT, axis=1)[:, -MEASURED_AT:], axis=1)

    def fewest_lists(self, lists: int, search: Search, vectors_of: VectorsOf) -> tuple[int, Recall]:
        """Find the fewest lists to probe for the recall aimed at, for each kind of queries."""

        def reaches(nprobe: int) -> bool:
            scores = self._scores(nprobe, search, vectors_of)
            return all(self._recall(k, scores) >= goal for k, goal in GOALS.items())

        steps = _steps(lists)
        nprobe = steps[bisect_left(steps, True, hi=len(steps) - 1, key=reaches)]
        mean = self._recall(MEASURED_AT, self._scores(nprobe, search, vectors_of))
        return nprobe, Recall(k=MEASURED_AT, mean=round(mean, 4), queries=len(self._queries))

    def _scores(self, nprobe: int, search: Search, vectors_of: VectorsOf) -> Vectors:
        """Score the candidates of each query exactly: (q, count), -inf for none."""
        count = over_fetched(MEASURED_AT)
        slices = [self._queries[n : n + _AT_ONCE] for n in range(0, len(self._queries), _AT_ONCE)]
        return np.concatenate(
            [scored(some, search(some, count, nprobe), vectors_of) for some in slices]
        )

    def _recall(self, k: int, scores: Vectors) -> float:
        """Give the mean recall at `k` of that kind of queries which has the lowest."""
        worst = self._best[:, -k, None]  # (q, 1); -inf: there are fewer than k
        of = np.minimum(k, np.isfinite(self._best).sum(axis=1))  # (q,)
        candidates = scores[:, : over_fetched(k)]
        found = np.isfinite(candidates) & (candidates >= worst - ROUNDING)  # a tie is as good
        shares = np.minimum(found.sum(axis=1), of) / of  # (q,)
        return min(float(kind.mean()) for kind in np.split(shares, self._bounds))


def scored(queries: Vectors, candidates: Keys, vectors_of: VectorsOf) -> Vectors:
    """Score the candidates, (q, count), of queries, (q, d), exactly; -1 gives -inf."""
    keys = np.unique(candidates[candidates >= 0])
    if not len(keys):
        return np.full(candidates.shape, -np.inf, np.float32)
    vectors = vectors_of(keys.tolist())  # (n, d)
    places = np.searchsorted(keys, np.maximum(candidates, keys[0]))
    scores: Vectors = np.vecdot(vectors[places], queries[:, None])  # (q, count)
    return np.where(candidates >= 0, scores, np.float32(-np.inf))


def _steps(lists: int) -> list[int]:
    """List the numbers of lists to try: each some 1.4 times the one before, all at last."""
    doublings = np.arange(0, 2 * math.log2(lists) + 1) / 2
    return sorted({*(round(2**n) for n in doublings.tolist()), lists})
