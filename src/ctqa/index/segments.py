"""What the dense index is made of: immutable segments, the file that lists them, and their merging.

An index grows as a log-structured merge tree does: new vectors make a new segment, small segments
are merged into larger ones, and a segment that is neither merged nor largely dead is linked as it
is. Beside its FAISS file `<name>.faiss` each segment has its keys in `<name>.keys.npy`, rising, so
that a build reads no vectors of segments that it keeps.
"""

import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Literal, Self

import numpy as np
from numpy.typing import NDArray

from ctqa.errors import IndexLoadError

LIST_NAME = "segments.json"
DEAD_NAME = "dead.npy"
Keys = NDArray[np.int64]
Kind = Literal["flat", "ivf-sq8"]
Way = Literal["flat", "ivf-sq8", "hnsw"]  # of searching: HNSW is a cluster's

_FORMAT = 1
_NAME = re.compile(r"[0-9a-f]{16}")
_MOST = 1 << 40  # no segment has more vectors; a larger number is damage
_NPY_HEADER_BYTES = 128
_MOST_DEAD = 0.25  # of a segment; with more it is written anew without them
_RATIO = 2  # a segment has at least this many times the vectors of the next smaller one


@dataclass(frozen=True, slots=True, kw_only=True)
class Recall:
    """The share of the `k` nearest vectors that an approximate search finds, as measured."""

    k: int
    mean: float  # 0..1, of that kind of queries (questions, noisy passages) which has the lowest
    queries: int  # of all kinds


@dataclass(frozen=True, slots=True, kw_only=True)
class Segment:
    """Vectors as `ctqa status` shows them; `recall` is None where search is exact.

    It is None, too, where a cluster's HNSW was not measured.
    """

    kind: Way
    vectors: int
    live: int
    recall: Recall | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A segment as segments.json lists it; `lists` and `nprobe` are 0 where search is exact."""

    name: str
    kind: Kind
    vectors: int
    lists: int = 0  # that the vectors are divided into
    nprobe: int = 0  # of the lists, how many a search probes
    recall: Recall | None = None

    @property
    def vectors_name(self) -> str:
        """Name the FAISS file."""
        return f"{self.name}.faiss"

    @property
    def keys_name(self) -> str:
        """Name the file of its keys."""
        return f"{self.name}.keys.npy"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class StoredSegment:
    """A segment of a build with its keys, rising."""

    folder: Path
    row: Row
    keys: Keys  # all that are in the files
    live: Keys  # those that belong to the build

    @property
    def has_dead(self) -> bool:
        """Tell whether some of its keys do not belong to the build."""
        return len(self.live) < len(self.keys)

    @property
    def is_worn(self) -> bool:
        """Tell whether so much of it is dead that it is to be written anew."""
        return len(self.live) < (1 - _MOST_DEAD) * len(self.keys)

    def without(self, removed: Keys) -> Self:
        """Give it with some more of its keys dead."""
        return replace(self, live=np.setdiff1d(self.live, removed, assume_unique=True))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Fresh:
    """The keys, rising, of vectors that are in no segment yet."""

    live: Keys


Part = StoredSegment | Fresh


def common(keys: Keys, among: Keys) -> Keys:
    """Give the keys that are among others; both rise."""
    if not len(among):
        return among
    places = np.minimum(np.searchsorted(among, keys), len(among) - 1)
    found: Keys = keys[among[places] == keys]
    return found


def grouped(parts: Iterable[Part]) -> list[list[Part]]:
    """Group the parts that merge: each group is then at least twice as large as the one before.

    The logarithmic method (Bentley and Saxe 1980): n vectors lie in at most log2 n + 1 segments,
    and each merge makes the segment that a vector is in at least half as large again.
    """
    groups: list[list[Part]] = []
    total = 0
    for part in sorted(parts, key=lambda part: (len(part.live), *part.live[:1])):
        if groups and len(part.live) < _RATIO * total:
            groups[-1].append(part)
            total += len(part.live)
        elif len(part.live):
            groups.append([part])
            total = len(part.live)
    return groups


def write_list(folder: Path, dimension: int, rows: Sequence[Row], dead: Keys) -> None:
    """List the segments of a build, and the keys that stand in them but not in the build."""
    write_keys(folder / DEAD_NAME, dead)
    form = {
        "format": _FORMAT,
        "dimension": dimension,
        "dead": len(dead),
        "segments": [asdict(row) for row in rows],
    }
    (folder / LIST_NAME).write_text(json.dumps(form, indent=1) + "\n", encoding="utf-8")


def read_segments(folder: Path, dimension: int) -> list[StoredSegment]:
    """Read which segments a build has, with their keys.

    Raises:
        IndexLoadError: the files are missing, malformed, or contradict each other.

    """
    rows, dead_count = _read_list(folder / LIST_NAME, dimension)
    dead = read_keys(folder / DEAD_NAME, dead_count)
    whole = [read_keys(folder / row.keys_name, row.vectors) for row in rows]
    every = np.sort(np.concatenate([np.empty(0, np.int64), *whole]))
    if (every[1:] == every[:-1]).any():
        raise IndexLoadError(f"{folder}: a key stands in two segments, expected in one")
    if len(dead) and not np.isin(dead, every).all():
        raise IndexLoadError(f"{folder / DEAD_NAME}: a key in it stands in no segment")
    return [
        StoredSegment(folder=folder, row=row, keys=keys, live=keys).without(dead)
        for row, keys in zip(rows, whole, strict=True)
    ]


def write_keys(path: Path, keys: Keys) -> None:
    """Write the keys of a segment, rising."""
    np.save(path, keys, allow_pickle=False)


def read_keys(path: Path, count: int) -> Keys:
    """Read so many keys, rising.

    Raises:
        IndexLoadError: the file holds anything else.

    """
    check_length(path, _NPY_HEADER_BYTES + 8 * count)
    try:
        keys = np.load(path, allow_pickle=False)
    except (OSError, ValueError, EOFError, MemoryError) as error:
        raise IndexLoadError(f"{path}: numpy cannot read it ({error})") from error
    if keys.dtype != np.int64 or keys.shape != (count,):
        raise IndexLoadError(
            f"{path}: holds {keys.dtype} of shape {keys.shape}, expected int64 of shape ({count},)"
        )
    if count and (keys[0] < 1 or (np.diff(keys) < 1).any()):
        raise IndexLoadError(f"{path}: the keys in it do not rise from 1 or more, as expected")
    rising: Keys = keys
    return rising


def check_length(path: Path, most: int, least: int | None = None) -> None:
    """Refuse a file of another length before anything reads it.

    Raises:
        IndexLoadError: it has another length, or cannot be found.

    """
    try:
        found = path.stat().st_size
    except OSError as error:
        raise IndexLoadError(f"{path}: cannot be read ({error})") from error
    least = most if least is None else least
    if not least <= found <= most:
        expected = f"{most}" if least == most else f"{least} to {most}"
        raise IndexLoadError(f"{path}: is {found} bytes long, expected {expected}")


def _read_list(path: Path, dimension: int) -> tuple[list[Row], int]:
    try:
        form = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise IndexLoadError(f"{path}: cannot be read as JSON ({error})") from error
    check = _Check(path)
    form = check.record(form, {"format", "dimension", "dead", "segments"}, "the list")
    check.number(form["format"], _FORMAT, _FORMAT, "format")
    check.number(form["dimension"], dimension, dimension, "dimension")
    if not isinstance(form["segments"], list):
        raise check.error("segments", form["segments"], "a list")
    rows = [check.row(row) for row in form["segments"]]
    names = [row.name for row in rows]
    if len({*names}) != len(names):
        raise check.error("the list of names", names, "each once")
    return rows, check.number(form["dead"], 0, _MOST, "dead")


class _Check:
    """The strict reading of a list of segments."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def error(self, what: str, found: object, expected: str) -> IndexLoadError:
        return IndexLoadError(f"{self._path}: {what} is {found!r:.200}, expected {expected}")

    def record(self, found: Any, names: set[str], what: str) -> dict[str, Any]:
        if not isinstance(found, dict) or set(found) != names:
            raise self.error(what, found, f"an object with {', '.join(sorted(names))}")
        return found

    def number(self, found: Any, low: int, high: int, what: str) -> int:
        if type(found) is not int or not low <= found <= high:  # a bool is no number here
            wanted = str(low) if low == high else f"a whole number from {low} to {high}"
            raise self.error(what, found, wanted)
        return found

    def row(self, found: Any) -> Row:
        found = self.record(found, set(Row.__slots__), "a segment")
        if not isinstance(found["name"], str) or not _NAME.fullmatch(found["name"]):
            raise self.error("a name", found["name"], "16 hexadecimal digits")
        if found["kind"] not in {"flat", "ivf-sq8"}:
            raise self.error("a kind", found["kind"], "flat or ivf-sq8")
        flat = found["kind"] == "flat"
        vectors = self.number(found["vectors"], 1, _MOST, "vectors")
        lists = self.number(found["lists"], *((0, 0) if flat else (1, vectors)), "lists")
        return Row(
            name=found["name"],
            kind=found["kind"],
            vectors=vectors,
            lists=lists,
            nprobe=self.number(found["nprobe"], min(1, lists), lists, "nprobe"),
            recall=self._recall(found["recall"], flat),
        )

    def _recall(self, found: Any, flat: bool) -> Recall | None:
        if flat:
            if found is not None:
                raise self.error("recall of a flat segment", found, "null")
            return None
        row = self.record(found, set(Recall.__slots__), "recall")
        mean = row["mean"]
        if type(mean) not in {int, float} or not 0 <= mean <= 1:
            raise self.error("mean of recall", mean, "a number from 0 to 1")
        return Recall(
            k=self.number(row["k"], 1, _MOST, "k of recall"),
            mean=float(mean),
            queries=self.number(row["queries"], 1, _MOST, "queries of recall"),
        )
