"""Checking the derived files of a build: their bytes, their entries, and a sample of vectors."""

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import numpy as np

from ctqa.errors import IndexLoadError
from ctqa.index import dense, lexical
from ctqa.index.files import build_folder, differences
from ctqa.index.rows import Build
from ctqa.index.segments import read_segments
from ctqa.index.verify_catalog import Examination, last_key
from ctqa.index.verify_findings import Finding, fix
from ctqa.index.verify_vectors import SAMPLE, spread

Count = Callable[[str, int], None]

_ROUNDING = 1e-4  # by which the cosine of a vector with itself differs from 1


def check_derived(exam: Examination, build: Build, count: Count) -> list[Finding]:
    """Find the derived files of a build that are missing, or not as they were written."""
    folder = build_folder(exam.folder, build.number)
    if folder.parent.is_symlink():
        return [_linked(exam, folder, build)]
    wrong = differences(folder, build.checksums)
    whole = [folder / name for name in build.checksums if name not in wrong]
    count("derived files", len(whole))
    count("derived bytes", sum(map(_size, whole)))
    return [
        Finding(
            kind="file", what=f"{folder / name}: {how}", mend=fix(exam.folder), build=build.number
        )
        for name, how in wrong.items()
    ]


def _linked(exam: Examination, folder: Path, build: Build) -> Finding:
    mend = (
        f"put the folder that the link {folder.parent} leads to in its place; or remove the link, "
        f"then {fix(exam.folder)}"
    )
    what = f"{folder}: lies behind a link"
    return Finding(kind="file", what=what, mend=mend, build=build.number)


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:  # it went with its build, just now
        return 0


def check_entries(
    exam: Examination, build: Build, count: Count, *, cached: bool
) -> Iterator[Finding]:
    """Find where catalog, vectors and lexical entries of a build, whose files are whole, differ.

    With `cached` a sample of the vectors is held against the cached ones, which are whole.
    """
    folder = build_folder(exam.folder, build.number)
    try:
        expected = np.array(exam.keys_of(build), dtype=np.int64)
        vectors = dense.DenseIndex.load(
            folder / dense.FOLDER_NAME,
            build.encoder.dimension,
            partial(exam.vectors_of, build.encoder),
        )
        terms = lexical.LexicalIndex.load(folder / lexical.FOLDER_NAME)
        found = {"vector entries": vectors.keys(), "lexical entries": terms.keys()}
        for name, keys in found.items():
            count(name, len(keys))
            if not np.array_equal(keys, expected):
                yield _other_keys(exam, build, name, (len(keys), len(expected)))
        yield from _dead_keys(exam, build, folder / dense.FOLDER_NAME)
        if cached and np.array_equal(found["vector entries"], expected):
            yield from _sample(exam, build, vectors, spread(expected.tolist(), SAMPLE))
    except (IndexLoadError, OSError) as error:
        yield _entries(exam, build, str(error).partition("; `ctqa ")[0])


def _other_keys(exam: Examination, build: Build, name: str, counts: tuple[int, int]) -> Finding:
    what = (
        f"{build_folder(exam.folder, build.number)}: its {counts[0]} {name} are not those of the "
        f"{counts[1]} passages of build {build.number}"
    )
    return _entries(exam, build, what)


def _dead_keys(exam: Examination, build: Build, folder: Path) -> Iterator[Finding]:
    """Find keys that would be given a second time: more than the last one that is noted."""
    last = last_key(exam)
    stored = read_segments(folder, build.encoder.dimension)
    largest = max((int(segment.keys[-1]) for segment in stored), default=0)
    if type(last) is int and last < largest:
        what = f"{folder}: holds key {largest}, the last key of a passage is noted as {last}"
        yield Finding(kind="sequence", what=what, mend=fix(exam.folder), build=build.number)


def _sample(
    exam: Examination, build: Build, vectors: dense.DenseIndex, keys: list[int]
) -> Iterator[Finding]:
    """Find vectors in the derived files that are not the cached ones."""
    cached = exam.vectors_of(build.encoder, keys)  # (n, d)
    unlike = 0
    for key, vector in zip(keys, cached, strict=True):
        (cosine,) = vectors.scores(vector, [key])
        unlike += not abs(cosine - 1) <= _ROUNDING
    if unlike:
        what = (
            f"{build_folder(exam.folder, build.number)}: {unlike} of {len(keys)} vectors are not "
            "the cached ones"
        )
        yield _entries(exam, build, what)


def _entries(exam: Examination, build: Build, what: str) -> Finding:
    return Finding(kind="entries", what=what, mend=fix(exam.folder), build=build.number)
