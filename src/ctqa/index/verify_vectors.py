"""Checking the cached vectors: whole, of unit length, there for every passage, truly its own."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

from ctqa.index.catalog import IN_BUILD
from ctqa.index.rows import Build
from ctqa.index.schema import FILE_NAME
from ctqa.index.seals import check_sum
from ctqa.index.verify_catalog import Examination
from ctqa.index.verify_findings import Finding, fix, shown
from ctqa.models import Encoder

Count = Callable[[str, int], None]

SAMPLE = 32  # passages, spread evenly, that are encoded again
# Of a passage's vector to the one that its encoder gives it now: an int8 graph that is optimised
# otherwise, by another release of onnxruntime say, gave 0.996.
LEAST_COSINE = 0.99
_BYTES = 4  # of a number
_OFF_UNIT = 1e-3  # the most by which the length of a unit vector differs from 1


def faulty_vectors(
    exam: Examination, dimensions: dict[str, int], count: Count
) -> Iterator[tuple[int, bytes]]:
    """Give the rowid and the text's hash of each cached vector that is not as it was written.

    `dimensions` are those of the encoders that are known, by their keys.
    """
    for rowid, encoder, text, crc32, vector in exam.each(
        "SELECT rowid, encoder, search_sha256, crc32, vector FROM embeddings"
    ):
        count("vectors", 1)
        if not _is_whole(vector, crc32, dimensions.get(encoder)):
            yield rowid, text


def _is_whole(vector: Any, crc32: Any, dimension: int | None) -> bool:
    if not isinstance(vector, bytes) or check_sum(vector) != crc32 or len(vector) % _BYTES:
        return False
    if dimension is not None and len(vector) != _BYTES * dimension:
        return False
    with np.errstate(over="ignore"):
        length = float(np.linalg.norm(np.frombuffer(vector, dtype="<f4").astype(np.float64)))
    return abs(length - 1) <= _OFF_UNIT  # false for NaN


def check_vectors(exam: Examination, builds: Sequence[Build], count: Count) -> Iterator[Finding]:
    """Find cached vectors that are damaged, and passages of a build that have none."""
    dimensions = {build.encoder.key: build.encoder.dimension for build in builds}
    path, mend = exam.folder / FILE_NAME, fix(exam.folder)
    damaged, first = 0, ""
    for _, text in faulty_vectors(exam, dimensions, count):
        damaged += 1
        first = first or _passage_of(exam, text)
    if damaged:
        what = f"{path}: {damaged} cached vectors are not as they were written, the first {first}"
        yield Finding(kind="vector", what=shown(what), mend=mend)
    for build in builds:
        missing, id_ = exam.all(
            f"SELECT count(*), min(id) FROM passages WHERE {IN_BUILD} AND NOT EXISTS (SELECT 1 "
            "FROM embeddings e WHERE e.encoder = :encoder AND e.search_sha256 = "
            "passages.search_sha256)",
            build=build.number,
            encoder=build.encoder.key,
        )[0]
        if missing:
            what = f"{path}: {missing} passages of build {build.number} have no vector, as {id_}"
            yield Finding(kind="vector", what=shown(what), mend=mend, build=build.number)


def _passage_of(exam: Examination, text: Any) -> str:
    found = exam.all("SELECT id FROM passages WHERE search_sha256 = :text LIMIT 1", text=text)
    return f"of passage {found[0][0]}" if found else "of no passage"


def check_sample(exam: Examination, build: Build, encoder: Encoder, count: Count) -> list[Finding]:
    """Find vectors that a build's encoder does not give any more, in a sample of its passages."""
    keys = spread(exam.keys_of(build), SAMPLE)
    passages = exam.passages(keys)
    cached = exam.vectors_of(build.encoder, keys)  # (n, d)
    again = encoder.encode_passages([passages[key][0].search_text for key in keys])  # (n, d)
    cosines = np.vecdot(cached, again)
    count("samples", len(keys))
    unlike = [key for key, cosine in zip(keys, cosines, strict=True) if not cosine >= LEAST_COSINE]
    if not unlike:
        return []
    what = (
        f"{exam.folder / FILE_NAME}: {len(unlike)} of {len(keys)} passages encoded again by "
        f"{build.encoder.name} have another vector (cosine {float(min(cosines)):.4f}, expected "
        f"{LEAST_COSINE} or more), as {passages[unlike[0]][0].id}"
    )
    return [Finding(kind="encoding", what=what, mend=fix(exam.folder), build=build.number)]


def spread(keys: Sequence[int], most: int) -> list[int]:
    """Choose some of the keys, spread evenly, the first and the last among them."""
    places = np.linspace(0, len(keys) - 1, min(most, len(keys))).round().astype(int)
    return [keys[place] for place in places]
