"""How vectors are searched: flat, IVF with one byte a number, HNSW with one byte a number.

Real sentences, and copies of them with noise of several strengths up to a million; questions of the
same collections, half to tune by, half to measure. All kinds give exact cosines in the end; recall
is what the candidates leave of the exact result. One thread searches, all build.
"""

import json
import random
import shutil
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import median

import faiss
import numpy as np

from bench.common import OUT, Table, collection, run
from ctqa.index import dense_segment
from ctqa.index.dense import DenseIndex, write_vectors
from ctqa.index.dense_training import Measuring, noisy, over_fetched
from ctqa.models import Vectors, load_encoder
from ctqa.text import sentences

COLLECTIONS = ("squad11_dev", "scifact_train", "med")
SIZES = (10_000, 100_000, 1_000_000)
REAL = 30_000  # sentences
QUESTIONS = 512
NOISE = (0.3, 0.5, 0.7, 0.9)  # its length beside a vector of length 1
NEIGHBOURS, WIDTH = 16, 80  # of HNSW: links of a vector, candidates when it is added
COLUMNS = (
    *("vectors", "kind", "build, wall s", "build, CPU s", "MB", "ms, median", "of flat's"),
    *("recall@10", "recall@100", "setting"),
)
Search = Callable[[Vectors, int], list[list[int]]]


def main() -> None:
    """Compare the kinds at each size, then what the number of lists is chosen by."""
    real, questions, asked = _encoded()
    table = Table("dense", COLUMNS)
    for size in SIZES:
        vectors = _grown(real, size)
        _compare(table, vectors, questions[::2], questions[1::2])
        if size == 100_000:
            _tuning(vectors, questions, asked)


def _encoded() -> tuple[Vectors, Vectors, Vectors]:
    """Encode sentences as passages, questions, and sentences as questions; or take them as kept."""
    kept = OUT / "dense-vectors.npz"
    if not kept.is_file():
        draw = random.Random(20)  # noqa: S311  # nothing here is secret
        texts = sorted({text for name in COLLECTIONS for text in _sentences(name)})
        asked = [text for name in COLLECTIONS for text in _texts(name, "queries")]
        texts, asked = draw.sample(texts, REAL), draw.sample(asked, QUESTIONS)
        encoder = load_encoder("bge-small-en-v1.5")
        OUT.mkdir(parents=True, exist_ok=True)
        np.savez(
            kept,
            real=encoder.encode_passages(texts),
            questions=encoder.encode_queries(asked),
            asked=encoder.encode_queries(texts[:QUESTIONS]),
        )
    with np.load(kept) as found:
        return found["real"], found["questions"], found["asked"]


def _texts(name: str, kind: str) -> list[str]:
    lines = (collection(name) / f"{kind}.jsonl").read_text(encoding="utf-8").splitlines()
    return [json.loads(line)["text"] for line in lines]


def _sentences(name: str) -> list[str]:
    found = [text[s.start : s.end] for text in _texts(name, "corpus") for s in sentences(text)]
    return [text[:400] for text in found if len(text) > 40]


def _grown(real: Vectors, size: int) -> Vectors:
    generator = np.random.default_rng(20)
    vectors = np.empty((size, real.shape[1]), np.float32)
    vectors[: len(real)] = real[:size]
    for start in range(len(real), size, len(real)):
        some = vectors[start : start + len(real)]
        noise = generator.standard_normal(some.shape, np.float32) / np.sqrt(some.shape[1])
        some[:] = real[: len(some)] + noise * generator.choice(NOISE, (len(some), 1))
        some /= np.linalg.norm(some, axis=1, keepdims=True)
    return vectors


def _compare(table: Table, vectors: Vectors, tune: Vectors, questions: Vectors) -> None:
    exact = _nearest(vectors, questions)
    flat = 0.0
    for kind, make in (("flat", _flat), ("IVF SQ8", _ivf), ("HNSW SQ8", _hnsw)):
        wall, cpu = time.perf_counter(), time.process_time()
        folder, search, setting = make(vectors, tune)
        wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
        faiss.omp_set_num_threads(1)
        milliseconds = _median_ms(search, questions)
        faiss.omp_set_num_threads(2)
        flat = flat if kind != "flat" else milliseconds
        found = search(questions, 100)
        recalls = [_recall([keys[:k] for keys in found], exact[:, :k]) for k in (10, 100)]
        size = sum(path.stat().st_size for path in folder.iterdir()) / 1e6
        table.add(
            *(len(vectors), kind, wall, cpu, size, milliseconds, milliseconds / flat, *recalls),
            setting,
        )


def _flat(vectors: Vectors, tune: Vectors) -> tuple[Path, Search, str]:
    return _ours(vectors, tune, len(vectors) + 1)


def _ivf(vectors: Vectors, tune: Vectors) -> tuple[Path, Search, str]:
    return _ours(vectors, tune, 0)


def _ours(vectors: Vectors, tune: Vectors, threshold: int) -> tuple[Path, Search, str]:
    """Build what CTQA builds, with the threshold between its two kinds set."""
    folder = _fresh_folder()
    dense_segment.APPROXIMATE_FROM = threshold
    of = _vectors_of(vectors)
    write_vectors(
        folder,
        vectors.shape[1],
        before=None,
        added=np.arange(1, len(vectors) + 1),
        removed=[],
        vectors_of=of,
        queries=lambda count: tune[:count],
    )
    (row,) = json.loads((folder / "segments.json").read_text())["segments"]
    index = DenseIndex.load(folder, vectors.shape[1], of)
    setting = f"{row['nprobe']} of {row['lists']} lists" if row["lists"] else ""
    return folder, lambda q, k: [[key for key, _ in hits] for hits in index.search(q, k)], setting


def _hnsw(vectors: Vectors, tune: Vectors) -> tuple[Path, Search, str]:
    index = faiss.IndexHNSWSQ(
        *(vectors.shape[1], faiss.ScalarQuantizer.QT_8bit, NEIGHBOURS),
        faiss.METRIC_INNER_PRODUCT,
    )
    index.hnsw.efConstruction = WIDTH
    index.train(vectors[:: max(1, len(vectors) // 100_000)])
    index.add(vectors)
    folder = _fresh_folder(mkdir=True)
    faiss.write_index(index, str(folder / "hnsw.faiss"))
    exact = _nearest(vectors, tune)
    for width in (160, 225, 320, 450, 640, 900, 1280):
        search = _hnsw_search(index, vectors, width)
        found = search(tune, 100)
        wanted = ((10, 0.99), (100, 0.98))
        if all(_recall([keys[:k] for keys in found], exact[:, :k]) >= goal for k, goal in wanted):
            break
    return folder, search, f"efSearch {width}"


def _hnsw_search(index: faiss.IndexHNSWSQ, vectors: Vectors, width: int) -> Search:
    parameters = faiss.SearchParametersHNSW(efSearch=width)

    def search(queries: Vectors, k: int) -> list[list[int]]:
        _, places = index.search(np.ascontiguousarray(queries), over_fetched(k), params=parameters)
        found = []
        for query, some in zip(queries, places, strict=True):
            order = np.argsort(-np.vecdot(vectors[some], query))[:k]
            found.append((some[order] + 1).tolist())
        return found

    return search


def _tuning(vectors: Vectors, questions: Vectors, asked: Vectors) -> None:
    """Tune by each kind of queries; measure by real questions."""
    folder, *_ = _ours(vectors, questions, 0)
    (path,) = folder.glob("*.faiss")
    index = faiss.read_index(str(path))
    table = Table("dense-queries", ("tuned by", "lists probed", "recall@10", "recall@100"))
    kinds = {
        "questions": questions[::2],
        "sentences asked": asked[::2],
        **{f"passages with noise of {noise}": noisy(vectors, noise) for noise in (0.7, 1.0, 1.4)},
    }
    exact = _nearest(vectors, questions[1::2])
    of = _vectors_of(vectors)

    def search(queries: Vectors, count: int, nprobe: int) -> np.ndarray:
        parameters = faiss.SearchParametersIVF(nprobe=nprobe)
        return index.search(np.ascontiguousarray(queries), count, params=parameters)[1]

    for name, queries in kinds.items():
        measured = Measuring([queries])
        for start in range(0, len(vectors), 4096):
            measured.see(vectors[start : start + 4096])
        nprobe, _ = measured.fewest_lists(index.nlist, search, of)
        recalls = [
            _recall(search(questions[1::2], over_fetched(k), nprobe).tolist(), exact[:, :k])
            for k in (10, 100)
        ]
        table.add(name, nprobe, *recalls)


def _vectors_of(vectors: Vectors) -> Callable[[Sequence[int]], Vectors]:
    return lambda keys: vectors[np.asarray(keys, dtype=np.int64) - 1]


def _fresh_folder(mkdir: bool = False) -> Path:
    folder = OUT / "dense-index"
    shutil.rmtree(folder, ignore_errors=True)
    if mkdir:
        folder.mkdir()
    return folder


def _nearest(vectors: Vectors, queries: Vectors) -> np.ndarray:
    """Give the keys of the 100 nearest of each query, (q, 100), nearest first."""
    scores = np.empty((len(queries), 0), np.float32)
    places = np.empty((len(queries), 0), np.int64)
    for start in range(0, len(vectors), 50_000):
        some = queries @ vectors[start : start + 50_000].T
        at = np.broadcast_to(np.arange(start, start + some.shape[1]), some.shape)
        scores, places = np.hstack([scores, some]), np.hstack([places, at])
        best = np.argsort(-scores, axis=1, kind="stable")[:, :100]
        scores, places = (np.take_along_axis(each, best, axis=1) for each in (scores, places))
    return places + 1


def _recall(found: Sequence[Sequence[int]], exact: np.ndarray) -> float:
    pairs = zip(found, exact.tolist(), strict=True)
    return float(np.mean([len({*some} & {*wanted}) / len(wanted) for some, wanted in pairs]))


def _median_ms(search: Search, questions: Vectors) -> float:
    times = []
    for question in questions:
        started = time.perf_counter()
        search(question[None], 100)
        times.append(time.perf_counter() - started)
    return 1000 * median(times)


run(main, __name__)
