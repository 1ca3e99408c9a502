"""One segment of the dense index in FAISS: writing it, reading it, searching it for candidates.

A small segment is flat: exact float32 vectors. A large one is an inverted file with one byte for
each number of a vector (IVF, SQ8), which finds candidates that are then scored exactly.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from ctqa.errors import IndexLoadError
from ctqa.index.dense_training import (
    MEASURED_AT,
    Measuring,
    Search,
    VectorsOf,
    centroids_of,
    lists_for,
    measuring,
    over_fetched,
    training_set,
)
from ctqa.index.segments import Keys, Row, Segment, StoredSegment, check_length, common, write_keys
from ctqa.models import Vectors
from ctqa.sources.files import sha256_of

APPROXIMATE_FROM = 50_000  # vectors: a flat search takes some 5 ms there (bench/dense.py)
_BATCH = 4096
_MOST_TIED = 1 << 16  # candidates, at most, that are fetched for the sake of a tie
_FLAT_BYTES = 90  # of a FAISS file, beside the vectors and keys
_IVF_BYTES = 184


def write_segment(
    folder: Path,
    keys: Keys,
    dimension: int,
    vectors_of: VectorsOf,
    queries: Callable[[int], Vectors],
) -> Row:
    """Write the vectors of some keys, rising, as one segment; the same input gives the same files.

    Raises:
        OSError: a file cannot be written.

    """
    row = Row(name="", kind="flat", vectors=len(keys))
    if len(keys) < APPROXIMATE_FROM:
        index = _flat(keys, dimension, vectors_of)
    else:
        index, measured = _inverted(keys, dimension, vectors_of, queries)
        nprobe, recall = measured.fewest_lists(index.nlist, _searching(index), vectors_of)
        row = replace(row, kind="ivf-sq8", lists=index.nlist, nprobe=nprobe, recall=recall)
    beside = folder / "new.faiss"
    _write(index, beside)
    row = replace(row, name=sha256_of(beside)[:16])
    beside.rename(folder / row.vectors_name)
    write_keys(folder / row.keys_name, keys)
    return row


@dataclass(frozen=True, slots=True, kw_only=True)
class Reach:
    """What of a segment is searched: the keys, how FAISS is told of them, the lists to probe."""

    keys: Keys
    selector: Any  # faiss.IDSelector; None: all in the segment
    nprobe: int  # 0 where it is flat


class OpenSegment:
    """A segment that is ready to be searched."""

    def __init__(self, stored: StoredSegment, index: Any) -> None:
        self.row = stored.row
        self.keys = stored.keys
        self.live = stored.live
        self._whole = index  # owns what is searched
        self._index = _searched(index)
        self._rows = _rows_of(self._index) if self.is_exact else None  # (n, d)
        self._living = self._selector(stored.live) if stored.has_dead else None

    @classmethod
    def load(cls, stored: StoredSegment, dimension: int) -> Self:
        """Read the FAISS file of a segment.

        Raises:
            IndexLoadError: it is not what the list of segments says.

        """
        row = stored.row
        path = stored.folder / row.vectors_name
        most = _most_bytes(row, dimension)
        check_length(path, most, most - 8 * row.lists)
        index = _read(path)
        _check(path, index, row, dimension)
        if not np.array_equal(_keys_in(index), stored.keys):
            raise IndexLoadError(f"{path}: holds other keys than {row.keys_name}, or out of order")
        return cls(stored, index)

    @property
    def is_exact(self) -> bool:
        """Tell whether it holds the vectors themselves."""
        return self.row.kind == "flat"

    def described(self) -> Segment:
        """Describe it."""
        row = self.row
        return Segment(kind=row.kind, vectors=row.vectors, live=len(self.live), recall=row.recall)

    def vectors(self, places: Keys) -> Vectors:
        """Give the vectors, (n, d), that stand in these places of an exact segment."""
        if self._rows is None:
            raise ValueError("an approximate segment does not hold the vectors themselves")
        found: Vectors = self._rows[places]
        return found

    def reach(self, k: int, wanted: Keys | None) -> Reach:
        """Work out what is searched for the `k` nearest of these keys; None: of all."""
        row = self.row
        if wanted is None:
            # Recall was measured at 100: for more than that, more lists.
            nprobe = min(row.lists, row.nprobe * max(1, -(-k // MEASURED_AT)))
            return Reach(keys=self.live, selector=self._living, nprobe=nprobe)
        keys = common(wanted, self.live)
        selector = self._living if len(keys) == len(self.live) else self._selector(keys)
        return Reach(keys=keys, selector=selector, nprobe=row.lists)

    def candidates(self, queries: Vectors, k: int, reach: Reach) -> list[Keys]:
        """Find, for each query, (n, d), keys among which are its `k` nearest within reach."""
        return self._candidates(queries, k, over_fetched(k), reach)

    def _candidates(self, queries: Vectors, k: int, count: int, reach: Reach) -> list[Keys]:
        if len(reach.keys) <= count:
            return [reach.keys] * len(queries)
        parameters = _parameters(reach.nprobe, reach.selector)
        _keep_to_one_thread()
        scores, labels = self._index.search(queries, count, params=parameters)  # (n, count) x 2
        found = [self._keys_of(row[row >= 0]) for row in labels]
        # The lists hold fewer than asked for, or a tie may go on beyond what was asked for.
        unsure = (labels[:, -1] < 0) | (scores[:, k - 1] == scores[:, -1])
        if count < _MOST_TIED:
            wider = replace(reach, nprobe=self.row.lists)
            for n in np.flatnonzero(unsure):
                (found[n],) = self._candidates(queries[n : n + 1], k, 4 * count, wider)
        return found

    def _keys_of(self, labels: Keys) -> Keys:
        return self.keys[labels] if self.is_exact else labels

    def _selector(self, keys: Keys) -> Any:
        return _bitmap(np.searchsorted(self.keys, keys) if self.is_exact else keys)


def _searched(index: Any) -> Any:
    """Give what is searched: of a flat segment the vectors by their place among the keys.

    To translate places into keys, FAISS starts its threads even for one query.
    """
    import faiss  # noqa: PLC0415

    return faiss.downcast_index(index.index) if isinstance(index, faiss.IndexIDMap2) else index


def _rows_of(index: Any) -> Vectors:
    """Give the vectors of a flat index, (n, d), as they lie there: they are not copied."""
    import faiss  # noqa: PLC0415

    shape = (index.ntotal, index.d)
    rows: Vectors = faiss.rev_swig_ptr(index.get_xb(), shape[0] * shape[1]).reshape(shape)
    return rows


def placed(keys: Keys, among: Keys) -> tuple[NDArray[np.bool_], Keys]:
    """Tell which keys are among others, which rise, and where: a place for each key."""
    if not len(among):
        return np.zeros(len(keys), dtype=bool), np.zeros(len(keys), dtype=np.int64)
    places = np.minimum(np.searchsorted(among, keys), len(among) - 1)
    return among[places] == keys, places


def _keep_to_one_thread() -> None:
    """Let FAISS search in the calling thread alone.

    Its threads wait for one another by spinning: where others use the machine as well, one question
    to 10,000 vectors took 29 ms with two of them and 1.2 ms without (16 and 1.2 ms of CPU time).
    """
    import faiss  # noqa: PLC0415

    faiss.omp_set_num_threads(1)  # holds for this thread


def _parameters(nprobe: int, selector: Any) -> Any:
    import faiss  # noqa: PLC0415

    chosen = {} if selector is None else {"sel": selector}
    if nprobe:
        return faiss.SearchParametersIVF(nprobe=nprobe, **chosen)  # type: ignore[call-arg]
    return faiss.SearchParameters(**chosen)


def _bitmap(labels: Keys) -> Any:
    import faiss  # noqa: PLC0415

    bits = np.zeros(int(labels.max(initial=0)) + 1, dtype=bool)
    bits[labels] = True
    bitmap: Any = np.packbits(bits, bitorder="little")
    return faiss.IDSelectorBitmap(bitmap)  # type: ignore[call-arg]


def _batches(keys: Keys, vectors_of: VectorsOf) -> Iterator[tuple[Keys, Vectors]]:
    for start in range(0, len(keys), _BATCH):
        some = keys[start : start + _BATCH]
        yield some, np.ascontiguousarray(vectors_of(some.tolist()), np.float32)


def _flat(keys: Keys, dimension: int, vectors_of: VectorsOf) -> Any:
    import faiss  # noqa: PLC0415

    index = faiss.IndexIDMap2(faiss.IndexFlatIP(dimension))
    for some, vectors in _batches(keys, vectors_of):
        index.add_with_ids(vectors, some)
    return index


def _inverted(
    keys: Keys, dimension: int, vectors_of: VectorsOf, queries: Callable[[int], Vectors]
) -> tuple[Any, Measuring]:
    import faiss  # noqa: PLC0415

    lists = lists_for(len(keys))
    chosen = training_set(keys, lists)
    sample = np.concatenate([vectors for _, vectors in _batches(chosen, vectors_of)])  # (m, d)
    centroids = centroids_of(sample, lists)  # (lists, d)
    quantizer = faiss.IndexFlatIP(dimension)
    quantizer.add(centroids)
    index = faiss.IndexIVFScalarQuantizer(
        *(quantizer, dimension, lists, faiss.ScalarQuantizer.QT_8bit),
        *(faiss.METRIC_INNER_PRODUCT, False),
    )
    index.sq.train(sample)
    index.is_trained = True
    measured = measuring(queries, sample)
    for some, vectors in _batches(keys, vectors_of):
        # Lists are found by BLAS; FAISS's own search is set to do without it.
        places = (vectors @ centroids.T).argmax(axis=1).astype(np.int64)
        pointers = (faiss.swig_ptr(array) for array in (vectors, some, places))
        index.add_core(len(some), *pointers)
        measured.see(vectors)
    return index, measured


def _searching(index: Any) -> Search:
    def search(queries: Vectors, count: int, nprobe: int) -> Keys:
        found: Keys
        _, found = index.search(queries, count, params=_parameters(nprobe, None))  # (q, count)
        return found

    return search


def _write(index: Any, path: Path) -> None:
    import faiss  # noqa: PLC0415

    try:
        faiss.write_index(index, str(path))
    except RuntimeError as error:  # a full disk among others
        raise OSError(f"{path}: FAISS could not write it ({error})") from error


def _read(path: Path) -> Any:
    import faiss  # noqa: PLC0415

    try:
        return faiss.read_index(str(path))
    except (RuntimeError, MemoryError) as error:
        raise IndexLoadError(f"{path}: FAISS cannot read it ({error})") from error


def _most_bytes(row: Row, dimension: int) -> int:
    """Give the length of a FAISS file; where lists are empty, their lengths may take less."""
    if row.kind == "flat":
        return _FLAT_BYTES + row.vectors * (4 * dimension + 8)
    lists = row.lists * (4 * dimension + 8)  # each has its centroid and its length
    return _IVF_BYTES + row.vectors * (dimension + 8) + lists + 8 * dimension


def _check(path: Path, index: Any, row: Row, dimension: int) -> None:
    import faiss  # noqa: PLC0415

    expected = (*_shape_of(row), dimension, row.vectors, faiss.METRIC_INNER_PRODUCT)
    found = (*_shape_in(index), index.d, index.ntotal, index.metric_type)
    if found != expected:
        raise IndexLoadError(
            f"{path}: holds {_named(*found)}, expected {_named(*expected)}, as in segments.json"
        )


def _named(kind: str, inner: str, lists: int | None, *numbers: int) -> str:
    dimension, vectors, metric = numbers
    divided = "" if lists is None else f" in {lists} lists"
    return (
        f"{kind} over {inner} with {vectors} vectors of {dimension} numbers{divided} (metric "
        f"{metric})"
    )


def _shape_of(row: Row) -> tuple[str, str, int | None]:
    if row.kind == "flat":
        return "IndexIDMap2", "IndexFlatIP", None
    return "IndexIVFScalarQuantizer", "IndexFlatIP, ArrayInvertedLists of 8 bits", row.lists


def _shape_in(index: Any) -> tuple[str, str, int | None]:
    import faiss  # noqa: PLC0415

    kind = type(index).__name__
    if isinstance(index, faiss.IndexIVFScalarQuantizer):
        inner = type(faiss.downcast_index(index.quantizer)).__name__
        held: Any = index.invlists
        lists = type(faiss.downcast_InvertedLists(held)).__name__
        bits = "8 bits" if index.sq.qtype == faiss.ScalarQuantizer.QT_8bit else "other codes"
        coded = f"{bits} of residuals" if index.by_residual else bits
        return kind, f"{inner}, {lists} of {coded}", index.nlist
    inside = getattr(index, "index", None)
    return kind, "nothing" if inside is None else type(faiss.downcast_index(inside)).__name__, None


def _keys_in(index: Any) -> Keys:
    """Give the keys in the order in which vectors are added, which is rising."""
    import faiss  # noqa: PLC0415

    if isinstance(index, faiss.IndexIDMap2):
        found: Keys = faiss.vector_to_array(index.id_map)
        return found
    lists = index.invlists
    sizes = [(n, lists.list_size(n)) for n in range(index.nlist)]
    ids = [faiss.rev_swig_ptr(lists.get_ids(n), size) for n, size in sizes if size]
    return np.sort(np.concatenate(ids))
