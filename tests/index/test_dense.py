"""Vectors in segments: what a build adds and removes, what is found, and what is refused."""

import json
import math
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import faiss
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ctqa.errors import IndexLoadError
from ctqa.index import dense_segment, segments
from ctqa.index.dense import DenseIndex, write_vectors
from ctqa.models import Vectors

DIMENSION = 8


class Cache:
    """Unit vectors of the keys from 1 up, some of them twins; counts what it is asked for."""

    def __init__(self, count: int = 3000, dimension: int = DIMENSION) -> None:
        generator = np.random.default_rng(7)
        rows = generator.standard_normal((count, dimension)).astype(np.float32)
        rows[9::10] = rows[8:-1:10]
        self.vectors = rows / np.linalg.norm(rows, axis=1, keepdims=True)
        self.queries = self.vectors[::7] + 0.3 * generator.standard_normal((1, dimension))
        self.queries = self.queries.astype(np.float32)
        self.given: list[int] = []
        self.questions_given: list[int] = []

    def of(self, keys: Sequence[int]) -> Vectors:
        self.given.extend(keys)
        return self.vectors[np.asarray(keys, dtype=np.int64) - 1]

    def some_queries(self, count: int) -> Vectors:
        self.questions_given.append(count)
        return self.queries[:count]

    def nearest(self, query: Vectors, k: int, keys: Iterable[int]) -> list[tuple[int, float]]:
        every = sorted(keys)
        scores = np.vecdot(self.vectors[np.asarray(every, dtype=np.int64) - 1], query).tolist()
        return sorted(zip(every, scores, strict=True), key=lambda hit: (-hit[1], hit[0]))[:k]


class Builds:
    """One build after the other below a folder."""

    def __init__(self, folder: Path, cache: Cache) -> None:
        self.folder = folder
        self.cache = cache
        self.number = 0

    @property
    def last(self) -> Path:
        return self.folder / str(self.number)

    def build(self, added: Iterable[int], removed: Iterable[int] = ()) -> DenseIndex:
        before = self.last if self.number else None
        self.number += 1
        write_vectors(
            self.last,
            self.cache.vectors.shape[1],
            before=before,
            added=list(added),
            removed=list(removed),
            vectors_of=self.cache.of,
            queries=self.cache.some_queries,
        )
        return self.open()

    def open(self) -> DenseIndex:
        return DenseIndex.load(self.last, self.cache.vectors.shape[1], self.cache.of)


@pytest.fixture
def builds(tmp_path: Path) -> Builds:
    return Builds(tmp_path, Cache())


@pytest.fixture
def approximate(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dense_segment, "APPROXIMATE_FROM", 200)


def files(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_vectors_are_found_by_cosine(builds: Builds) -> None:
    builds.cache.vectors[:3] = np.eye(3, DIMENSION)
    found = builds.build([3, 1, 2])
    query = np.array([[0, 0.8, 0.6, 0, 0, 0, 0, 0]], np.float32)
    (hits,) = found.search(query, 2)
    assert [key for key, _ in hits] == [2, 3]
    assert hits[0][1] == pytest.approx(0.8)
    assert len(found.search(query, 99)[0]) == 3
    assert found.scores(query[0], [3, 1, 3]) == pytest.approx([0.6, 0.0, 0.6])
    assert found.scores(query[0], []) == []
    assert found.search(np.empty((0, DIMENSION), np.float32), 3) == []
    assert found.search(query, 0) == [[]]


def test_an_index_of_nothing_finds_nothing(builds: Builds) -> None:
    for found in (builds.build([]), builds.build([1, 2]), builds.build([], [1, 2])):
        assert len(found) == len(found.keys()) == sum(s.live for s in found.segments)
        assert found.search(builds.cache.queries[:2], 5, []) == [[], []]
    assert len(found) == 0
    assert found.segments == ()
    assert found.search(builds.cache.queries[:2], 5) == [[], []]


def test_a_key_of_no_passage_has_no_score_and_is_searched_in_vain(builds: Builds) -> None:
    found = builds.build(range(1, 9), [])
    with pytest.raises(KeyError, match="1 of 2 keys"):
        found.scores(builds.cache.queries[0], [1, 9])
    assert found.search(builds.cache.queries[:1], 3, [9]) == [[]]


STEPS = st.lists(
    st.tuples(st.integers(0, 60), st.floats(0, 1), st.integers(0, 9)), min_size=1, max_size=8
)


@given(STEPS)
@settings(max_examples=30)
def test_whatever_is_added_and_removed_search_is_exact(
    steps: list[tuple[int, float, int]],
) -> None:
    with TemporaryDirectory() as folder:
        builds, live = Builds(Path(folder), Cache()), set[int]()
        fresh = iter(range(1, 3000))
        for count, share, seed in steps:
            added = [next(fresh) for _ in range(count)]
            generator = np.random.default_rng(seed)
            removed = [key for key in sorted(live) if generator.random() < share * 0.5]
            live = live.difference(removed).union(added)
            found = builds.build(added, removed)
            assert found.keys().tolist() == sorted(live)
            assert len(found) == len(live)
            assert len(found.segments) <= math.log2(max(1, len(live))) + 1
            assert all(s.live >= 0.75 * s.vectors for s in found.segments)
            check_exact(found, builds.cache, live)


def check_exact(found: DenseIndex, cache: Cache, live: set[int]) -> None:
    queries = cache.queries[:3]
    some = sorted(live)[1::3]
    for k in (1, 7):
        assert found.search(queries, k) == [cache.nearest(query, k, live) for query in queries]
        within = found.search(queries, k, some)
        assert within == [cache.nearest(query, k, some) for query in queries]
    scores = dict(cache.nearest(queries[0], len(live), live))
    assert found.scores(queries[0], some) == [scores[key] for key in some]


def test_one_more_vector_leaves_the_rest_as_it_lies(builds: Builds) -> None:
    builds.build(range(1, 1001))
    before = builds.last
    builds.cache.given.clear()
    found = builds.build([1001], [5])
    assert builds.cache.given == [1001]
    assert [s.vectors for s in found.segments] == [1, 1000]
    for path in before.glob("*.*"):
        if path.name not in {"segments.json", "dead.npy"}:
            assert (builds.last / path.name).samefile(path)
    assert np.load(builds.last / "dead.npy").tolist() == [5]


def test_a_vector_is_written_a_few_times_however_many_builds_there_are(builds: Builds) -> None:
    for key in range(1, 301):
        found = builds.build([key])
    written = np.bincount(builds.cache.given)
    assert len(found.segments) <= math.log2(300) + 1
    assert written.max() <= math.log(300, 1.5) + 1
    assert written[1:].mean() < math.log2(300) + 1


def test_a_segment_that_is_largely_dead_is_written_anew(builds: Builds) -> None:
    builds.build(range(1, 101))
    assert [(s.vectors, s.live) for s in builds.build([], range(1, 26)).segments] == [(100, 75)]
    assert [(s.vectors, s.live) for s in builds.build([], [26]).segments] == [(74, 74)]
    assert np.load(builds.last / "dead.npy").tolist() == []


def test_the_keys_of_a_name_that_is_not_there_are_removed_in_vain(builds: Builds) -> None:
    builds.build([1, 2])
    assert builds.build([], [77]).keys().tolist() == [1, 2]


@pytest.mark.parametrize(("threshold", "kind"), [(200, "ivf-sq8"), (2000, "flat")])
def test_many_queries_give_the_very_hits_of_one_by_one(
    builds: Builds, monkeypatch: pytest.MonkeyPatch, threshold: int, kind: str
) -> None:
    monkeypatch.setattr(dense_segment, "APPROXIMATE_FROM", threshold)
    found = builds.build(range(1, 1501))
    assert [s.kind for s in found.segments] == [kind]
    queries = builds.cache.queries[:150]
    for within in (None, range(3, 1400, 2)):
        for k in (3, 100):
            several = found.search(queries, k, within)
            assert several == [found.search(query[None], k, within)[0] for query in queries]


def test_threads_search_the_same_index(builds: Builds, approximate: None) -> None:
    found = builds.build(range(1, 1501), [])
    queries = builds.cache.queries[:50]
    expected = found.search(queries, 20)
    with ThreadPoolExecutor(8) as pool:
        assert [*pool.map(lambda q: found.search(q[None], 20)[0], queries)] == expected


def test_the_same_vectors_give_the_same_files(tmp_path: Path, approximate: None) -> None:
    for name in ("a", "b"):
        folder = tmp_path / name
        folder.mkdir()
        builds = Builds(folder, Cache())
        builds.build(range(1, 1001))
        builds.build(range(1001, 1100), [3, 4])
    assert files(tmp_path / "a" / "2") == files(tmp_path / "b" / "2")
    assert len(files(tmp_path / "a" / "2")) == 2 + 2 * 2


def test_a_large_segment_is_searched_by_a_part_of_its_lists(tmp_path: Path) -> None:
    builds = Builds(tmp_path, clustered(4000, 32))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(dense_segment, "APPROXIMATE_FROM", 4000)
        found = builds.build(range(1, 4001))
    row = json.loads((builds.last / "segments.json").read_text())["segments"][0]
    assert (row["kind"], row["vectors"], row["lists"]) == ("ivf-sq8", 4000, 128)
    assert 1 <= row["nprobe"] < 128
    (segment,) = found.segments
    assert segment.recall is not None
    assert (segment.recall.k, segment.recall.queries) == (100, 512)
    assert segment.recall.mean >= 0.98
    assert builds.cache.questions_given == [256]
    assert mean_recall(found, builds.cache, 10) >= 0.98
    assert mean_recall(found, builds.cache, 300) >= 0.98


def clustered(count: int, dimension: int) -> Cache:
    cache = Cache(count, dimension)
    generator = np.random.default_rng(1)
    middles = cache.vectors[generator.integers(0, 60, count)]
    rows = middles + 0.1 * generator.standard_normal((count, dimension))
    cache.vectors = (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)
    cache.queries = cache.vectors[::5] + np.float32(0.05)
    return cache


def mean_recall(found: DenseIndex, cache: Cache, k: int) -> float:
    keys = found.keys().tolist()
    queries = cache.queries[-50:]
    shares = [
        len(dict(hits).keys() & dict(cache.nearest(query, k, keys)).keys()) / k
        for query, hits in zip(queries, found.search(queries, k), strict=True)
    ]
    return float(np.mean(shares))


def test_no_key_that_is_named_is_missed_in_a_large_segment(
    builds: Builds, approximate: None
) -> None:
    builds.build(range(1, 1501))
    found = builds.build([], range(1, 300, 3))
    live = found.keys().tolist()
    for within in (live[:5], live[::2], live):
        for query in builds.cache.queries[:20]:
            (hits,) = found.search(query[None], 10, within)
            assert hits == builds.cache.nearest(query, 10, within)


def test_the_dead_are_never_found(builds: Builds, approximate: None) -> None:
    builds.build(range(1, 1001))
    found = builds.build([], [9, 10, 500])
    for key in (9, 10, 500):
        for within in (None, [*range(1, 1001)], [key]):
            hits = found.search(builds.cache.vectors[key - 1 : key], 50, within)[0]
            assert key not in dict(hits)


@pytest.mark.parametrize("count", [150, 1500])
def test_of_many_equals_the_first_keys_are_found(
    builds: Builds, approximate: None, count: int
) -> None:
    builds.cache.vectors[: count - 50] = builds.cache.vectors[0]
    found = builds.build(range(1, count + 1))
    (hits,) = found.search(builds.cache.vectors[:1], 5)
    assert [key for key, _ in hits] == [1, 2, 3, 4, 5]


def test_more_than_the_probed_lists_hold_is_found_in_the_others(
    builds: Builds, approximate: None
) -> None:
    found = builds.build(range(1, 1501))
    row = json.loads((builds.last / "segments.json").read_text())
    row["segments"][0]["nprobe"] = 1
    (builds.last / "segments.json").write_text(json.dumps(row))
    found = builds.open()
    assert [len(hits) for hits in found.search(builds.cache.queries[:9], 90)] == [90] * 9


@pytest.mark.parametrize("given", [0, 10])
def test_without_enough_questions_recall_is_measured_by_passages(
    builds: Builds, approximate: None, given: int
) -> None:
    builds.cache.queries = builds.cache.queries[:given]
    (segment,) = builds.build(range(1, 401)).segments
    assert segment.recall is not None
    assert segment.recall.queries == 256
    assert segment.recall.mean >= 0.98


def test_no_question_is_asked_for_where_search_is_exact(builds: Builds) -> None:
    builds.build(range(1, 401))
    assert builds.cache.questions_given == []


def test_vectors_are_asked_for_a_few_thousand_at_a_time(tmp_path: Path) -> None:
    cache, sizes = Cache(10_000), list[int]()

    def of(keys: Sequence[int]) -> Vectors:
        sizes.append(len(keys))
        return cache.of(keys)

    write_vectors(
        tmp_path / "v",
        DIMENSION,
        before=None,
        added=np.arange(1, 10_001),
        removed=np.empty(0, np.int64),
        vectors_of=of,
        queries=cache.some_queries,
    )
    assert sizes == [4096, 4096, 1808]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is always full")
def test_a_full_disk_is_an_os_error(tmp_path: Path) -> None:
    (tmp_path / "new.faiss").symlink_to("/dev/full")
    cache = Cache()
    with pytest.raises(OSError, match="FAISS could not write it"):
        dense_segment.write_segment(
            tmp_path, np.arange(1, 2001), DIMENSION, cache.of, cache.some_queries
        )


def test_a_build_that_fails_lists_no_segments(builds: Builds) -> None:
    builds.cache.vectors = builds.cache.vectors[:5000]

    def failing(keys: Sequence[int]) -> Vectors:
        raise OSError("the disk is full")

    with pytest.raises(OSError, match="the disk is full"):
        write_vectors(
            builds.folder / "v",
            DIMENSION,
            before=None,
            added=[1],
            removed=[],
            vectors_of=failing,
            queries=builds.cache.some_queries,
        )
    assert not (builds.folder / "v" / "segments.json").exists()


Edit = Callable[[dict[str, Any]], Any]


def edited(name: str, value: object) -> Edit:
    return lambda form: form["segments"][0].__setitem__(name, value)


LISTS: list[tuple[Edit, str]] = [
    (lambda form: form.pop("dead"), "the list is .* expected an object with dead, dimension"),
    (lambda form: form.update(format=2), "format is 2, expected 1"),
    (lambda form: form.update(dimension=9), "dimension is 9, expected 8"),
    (lambda form: form.update(dead=True), "dead is True, expected a whole number"),
    (lambda form: form.update(dead=1), r"dead.npy: is \d+ bytes long, expected"),
    (lambda form: form.update(segments={}), "segments is {}, expected a list"),
    (lambda form: form["segments"].append(1), "a segment is 1, expected an object"),
    (lambda form: form["segments"].append(form["segments"][0]), "names is .* expected each once"),
    (edited("name", "../../../etc/abc"), "a name is .* expected 16 hexadecimal digits"),
    (edited("name", "0123456789abcdef"), "0123456789abcdef.keys.npy: cannot be read"),
    (edited("name", 7), "a name is 7"),
    (edited("kind", "hnsw"), "a kind is 'hnsw', expected flat or ivf-sq8"),
    (edited("kind", "flat"), "lists is 32, expected 0"),
    (edited("vectors", 0), "vectors is 0, expected a whole number from 1"),
    (edited("vectors", 299), "keys.npy: is 2528 bytes long, expected 2520"),
    (edited("lists", 301), "lists is 301, expected a whole number from 1 to 300"),
    (edited("lists", 64), "faiss: is .* bytes long, expected"),
    (edited("nprobe", 0), "nprobe is 0, expected a whole number from 1 to 32"),
    (edited("nprobe", 1.0), "nprobe is 1.0"),
    (edited("recall", None), "recall is None, expected an object"),
    (edited("recall", {"k": 1, "mean": math.nan, "queries": 1}), "mean of recall is nan"),
    (edited("recall", {"k": 0, "mean": 1, "queries": 1}), "k of recall is 0"),
    (edited("recall", {"k": 1, "mean": 1, "queries": -1}), "queries of recall is -1"),
]


@pytest.fixture(scope="module")
def inverted_build(tmp_path_factory: pytest.TempPathFactory) -> Builds:
    builds = Builds(tmp_path_factory.mktemp("builds"), Cache())
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(dense_segment, "APPROXIMATE_FROM", 200)
        builds.build(range(1, 301))
    return builds


@pytest.mark.parametrize(("edit", "message"), LISTS)
def test_a_list_that_is_not_as_it_should_be_is_refused(
    inverted_build: Builds, edit: Edit, message: str
) -> None:
    path = inverted_build.last / "segments.json"
    whole = path.read_text()
    form = json.loads(whole)
    edit(form)
    path.write_text(json.dumps(form))
    with pytest.raises(IndexLoadError, match=message):
        inverted_build.open()
    path.write_text(whole)
    assert len(inverted_build.open()) == 300


def test_a_flat_segment_has_no_recall(builds: Builds) -> None:
    builds.build(range(1, 9))
    path = builds.last / "segments.json"
    form = json.loads(path.read_text())
    form["segments"][0]["recall"] = {"k": 1, "mean": 1, "queries": 1}
    path.write_text(json.dumps(form))
    with pytest.raises(IndexLoadError, match=r"recall of a flat segment is .* expected null"):
        builds.open()


@pytest.mark.parametrize("text", ["", "[", "[" * 100_000, "null", "\xff"])
def test_a_list_that_is_no_json_object_is_refused(builds: Builds, text: str) -> None:
    builds.build(range(1, 9))
    (builds.last / "segments.json").write_text(text, encoding="latin-1")
    with pytest.raises(IndexLoadError, match=r"segments\.json"):
        builds.open()


ROWS = np.arange(1, 9)


@pytest.mark.parametrize(
    ("keys", "message"),
    [
        (ROWS.astype(np.float64), r"holds float64 of shape \(8,\), expected int64"),
        (ROWS.reshape(2, 4), r"of shape \(2, 4\), expected int64 of shape \(8,\)"),
        (ROWS[::-1], "do not rise"),
        (ROWS - 1, "do not rise from 1"),
        (ROWS // 2 + 1, "do not rise"),
        (ROWS[1:], "is 184 bytes long, expected 192"),
        (ROWS + 1, "holds other keys than"),
    ],
)
def test_keys_that_are_not_as_they_should_be_are_refused(
    builds: Builds, keys: segments.Keys, message: str
) -> None:
    builds.build(ROWS)
    (path,) = builds.last.glob("*.keys.npy")
    path.unlink()
    np.save(path, keys)
    with pytest.raises(IndexLoadError, match=message):
        builds.open()


def test_keys_that_numpy_cannot_read_are_refused(builds: Builds) -> None:
    builds.build(ROWS)
    (path,) = builds.last.glob("*.keys.npy")
    for damaged in (b"x" * 192, path.read_bytes()[:9] + b"(" * 183):
        path.write_bytes(damaged)
        with pytest.raises(IndexLoadError, match="numpy cannot read it"):
            builds.open()


def test_a_dead_key_of_no_segment_is_refused(builds: Builds) -> None:
    builds.build(range(1, 101))
    builds.build([], [4])
    np.save(builds.last / "dead.npy", np.array([101]))
    with pytest.raises(IndexLoadError, match="a key in it stands in no segment"):
        builds.open()


def test_a_key_in_two_segments_is_refused(builds: Builds) -> None:
    builds.build(range(1, 101))
    builds.build([101])
    form = json.loads((builds.last / "segments.json").read_text())
    path = builds.last / f"{form['segments'][0]['name']}.keys.npy"
    np.save(path, np.array([7]))
    with pytest.raises(IndexLoadError, match="stands in two segments"):
        builds.open()


def flat(inner: Any) -> Any:
    index = faiss.IndexIDMap2(inner)
    index.add_with_ids(Cache().vectors[:300], np.arange(1, 301))
    return index


def without_way_back() -> Any:
    index = faiss.IndexIDMap(faiss.IndexFlatIP(DIMENSION))
    index.add_with_ids(Cache().vectors[:300], np.arange(1, 301))
    return index


def inverted(quantizer: Any, residual: bool, metric: int = faiss.METRIC_INNER_PRODUCT) -> Any:
    code = faiss.ScalarQuantizer.QT_8bit
    index = faiss.IndexIVFScalarQuantizer(quantizer, DIMENSION, 32, code, metric, residual)
    index.cp.min_points_per_centroid = 1
    index.train(Cache().vectors[:300])
    index.add_with_ids(Cache().vectors[:300], np.arange(1, 301))
    return index


FLAT, IVF = (10_000, "holds .*expected IndexIDMap2 over"), (200, "holds .*expected IndexIVFScalar")


@pytest.mark.parametrize(
    ("threshold", "message", "other"),
    [
        (*FLAT, lambda: flat(faiss.IndexFlatL2(DIMENSION))),
        (*FLAT, without_way_back),
        (*IVF, lambda: inverted(faiss.IndexFlatL2(DIMENSION), False)),
        (*IVF, lambda: inverted(faiss.IndexFlatIP(DIMENSION), True)),
        (*IVF, lambda: inverted(faiss.IndexFlatIP(DIMENSION), False, faiss.METRIC_L2)),
    ],
)
def test_another_kind_of_index_of_the_same_length_is_refused(
    builds: Builds,
    monkeypatch: pytest.MonkeyPatch,
    threshold: int,
    message: str,
    other: Callable[[], Any],
) -> None:
    monkeypatch.setattr(dense_segment, "APPROXIMATE_FROM", threshold)
    builds.build(range(1, 301))
    (path,) = builds.last.glob("*.faiss")
    length = path.stat().st_size
    path.unlink()
    faiss.write_index(other(), str(path))
    assert path.stat().st_size == length
    with pytest.raises(IndexLoadError, match=message):
        builds.open()


@pytest.mark.parametrize("threshold", [200, 10_000])
def test_damaged_vectors_are_refused(
    builds: Builds, monkeypatch: pytest.MonkeyPatch, threshold: int
) -> None:
    monkeypatch.setattr(dense_segment, "APPROXIMATE_FROM", threshold)
    builds.build(range(1, 301))
    (path,) = builds.last.glob("*.faiss")
    whole = path.read_bytes()
    for damaged, message in [
        (whole[: len(whole) // 2], "bytes long, expected"),
        (whole[:-1], "bytes long, expected|FAISS cannot read it"),
        (whole + b"x", "bytes long, expected"),
        (b"junk" + whole[4:], "FAISS cannot read it"),
    ]:
        path.write_bytes(damaged)
        with pytest.raises(IndexLoadError, match=message):
            builds.open()


def test_another_dimension_is_refused(builds: Builds) -> None:
    builds.build(ROWS)
    with pytest.raises(IndexLoadError, match="dimension is 8, expected 9"):
        DenseIndex.load(builds.last, 9, builds.cache.of)
