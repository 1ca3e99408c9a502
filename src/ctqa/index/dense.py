"""Vectors of passages in FAISS: exact inner product, which for unit vectors is the cosine."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, Self

import numpy as np

from ctqa.errors import IndexLoadError
from ctqa.models import Vectors

FILE_NAME = "vectors.faiss"


def write_vectors(path: Path, dimension: int, batches: Iterable[tuple[list[int], Vectors]]) -> None:
    """Write passage keys and their vectors, (n, dimension) a batch, as one FAISS file."""
    import faiss  # noqa: PLC0415

    index = faiss.IndexIDMap2(faiss.IndexFlatIP(dimension))
    for keys, vectors in batches:
        index.add_with_ids(vectors, np.asarray(keys, dtype=np.int64))
    faiss.write_index(index, str(path))


class DenseIndex:
    """Vectors by passage key."""

    def __init__(self, index: Any) -> None:
        self._index = index

    @classmethod
    def load(cls, path: Path, dimension: int) -> Self:
        """Read a FAISS file whose checksum has been verified.

        Raises:
            IndexLoadError: it holds another kind of index, or vectors of another dimension.

        """
        import faiss  # noqa: PLC0415

        # Sums in the same order for one question as for many: scores agree byte for byte.
        faiss.cvar.distance_compute_blas_threshold = np.iinfo(np.int32).max
        try:
            index = faiss.read_index(str(path))
        except RuntimeError as error:
            raise IndexLoadError(f"{path}: FAISS cannot read it ({error})") from error
        flat = faiss.downcast_index(index.index) if hasattr(index, "index") else None
        if not isinstance(index, faiss.IndexIDMap2) or not isinstance(flat, faiss.IndexFlatIP):
            raise IndexLoadError(f"{path}: holds a {type(index).__name__}, expected IndexIDMap2")
        if index.d != dimension:
            raise IndexLoadError(f"{path}: vectors of {index.d} numbers, expected {dimension}")
        return cls(index)

    def __len__(self) -> int:
        return int(self._index.ntotal)

    def search(
        self, queries: Vectors, k: int, within: Sequence[int] | None = None
    ) -> list[list[tuple[int, float]]]:
        """Find the `k` nearest passages to each query, (n, d), as (key, cosine), best first.

        `within` names the keys to search; None searches all.
        """
        k = min(k, len(self) if within is None else len(within))
        if not k or not len(queries):
            return [[] for _ in queries]
        chosen = {} if within is None else {"params": _only(within)}
        scores, keys = self._index.search(np.ascontiguousarray(queries), k, **chosen)  # (n, k) x 2
        return [
            [(int(key), float(score)) for key, score in zip(*pair, strict=True)]
            for pair in zip(keys, scores, strict=True)
        ]

    def scores(self, query: Vectors, keys: Sequence[int]) -> list[float]:
        """Give the cosine of one query, (d,), to each passage."""
        if not keys:
            return []
        vectors = self._index.reconstruct_batch(np.asarray(keys, dtype=np.int64))  # (n, d)
        return [float(score) for score in vectors @ query]


def _only(keys: Sequence[int]) -> Any:
    import faiss  # noqa: PLC0415

    chosen = faiss.IDSelectorBatch(np.asarray(keys, dtype=np.int64))
    return faiss.SearchParameters(sel=chosen)  # type: ignore[call-arg]  # its stubs lack it
