"""The store in the index's folder: FAISS for meaning, tantivy for words, a folder a build.

Files are written beside the committed ones, whole or going on from those of the build before, and
are immutable once committed. Nothing in them is the only copy of anything.
"""

import shutil
from collections.abc import Iterator, Sequence
from functools import cached_property, partial
from pathlib import Path

import numpy as np

from ctqa.config import LOCAL
from ctqa.errors import IndexLoadError
from ctqa.index import dense, lexical
from ctqa.index.catalog import Catalog
from ctqa.index.files import (
    Checked,
    build_folder,
    checksums,
    differences,
    make_durable,
    refuse_linked_builds,
    remove_stray_builds,
)
from ctqa.index.questions import sample_questions
from ctqa.index.rows import Build
from ctqa.index.segments import Keys, Segment, read_segments
from ctqa.index.store import Count, Ranked, Step, address_of
from ctqa.index.verify_catalog import Examination
from ctqa.index.verify_derived import check_derived, check_entries
from ctqa.index.verify_findings import Finding
from ctqa.index.writer import CatalogWriter
from ctqa.models import Encoder, Vectors

_MOST_DEAD = 0.25  # of the entries of a lexical index: they still count in BM25
_PARTS = 3


class EmbeddedStore:
    """The builds of an index whose searchable files lie beside its catalog."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def knock(self) -> None:
        """Do nothing: it is here."""

    def write(
        self,
        catalog: CatalogWriter,
        build: Build,
        before: Build | None,
        encoder: Encoder | None,
        step: Step,
    ) -> dict[str, str]:
        """Write a build's files where no reader looks yet; give their checksums.

        Raises:
            OSError: the disk is full, or the folder may not be written to.

        """
        step(0, _PARTS)
        target = build_folder(self._folder, build.number)
        beside = target.with_suffix(".new")
        for stray in (beside, target):
            shutil.rmtree(stray, ignore_errors=True)
        beside.mkdir(parents=True)
        _write_vectors(catalog, build, before, beside, encoder)
        step(1, _PARTS)
        _write_terms(catalog, build.number, before, beside)
        step(2, _PARTS)
        make_durable(beside)
        shared = None
        if before is not None:
            shared = build_folder(self._folder, before.number), before.checksums
        found = checksums(beside, shared)
        beside.rename(target)
        make_durable(target.parent)
        return found

    def keep(self, builds: Sequence[Build]) -> None:
        """Remove the folders of all other builds."""
        here = [build.number for build in builds if address_of(build.config) == LOCAL]
        remove_stray_builds(self._folder, here)

    def open(self, catalog: Catalog, build: Build, checked: Checked) -> "EmbeddedBuild":
        """Open a build; files in `checked` are taken to be right, what is checked is entered there.

        Raises:
            IndexLoadError: a file is missing, a link, not as it was written, or of another number
                of passages.

        """
        refuse_linked_builds(self._folder)
        derived = build_folder(self._folder, build.number)
        for name, wrong in differences(derived, build.checksums, checked).items():
            raise damaged_file(derived / name, wrong, self._folder)
        vectors_of = partial(catalog.vectors_of, build.encoder)
        opened = EmbeddedBuild(
            dense.DenseIndex.load(derived / dense.FOLDER_NAME, build.encoder.dimension, vectors_of),
            lexical.LexicalIndex.load(derived / lexical.FOLDER_NAME),
        )
        passages = build.counts["passages"]
        if not opened.vectors == opened.entries == passages:
            raise IndexLoadError(
                f"{self._folder}: build {build.number} has {passages} passages, {opened.vectors} "
                f"vectors and {opened.entries} lexical entries; `ctqa doctor --fix --index "
                f"{self._folder}` makes them anew"
            )
        return opened

    def differences(self, build: Build) -> dict[str, str]:
        """Tell what is wrong with a build's files, by their names."""
        return differences(build_folder(self._folder, build.number), build.checksums)

    def check(
        self, exam: Examination, build: Build, count: Count, *, cached: bool
    ) -> Iterator[Finding]:
        """Find files that are not as they were written, else where they differ from the catalog."""
        wrong = check_derived(exam, build, count)
        yield from wrong
        if not wrong:
            yield from check_entries(exam, build, count, cached=cached)

    def largest_key(self, build: Build) -> int:
        """Give the largest key in the vectors' files.

        Raises:
            IndexLoadError: they cannot be read.

        """
        folder = build_folder(self._folder, build.number) / dense.FOLDER_NAME
        stored = read_segments(folder, build.encoder.dimension)
        return max((int(segment.keys[-1]) for segment in stored), default=0)


class EmbeddedBuild:
    """One build's vectors and terms, in this process."""

    described = ""

    def __init__(self, vectors: dense.DenseIndex, terms: lexical.LexicalIndex) -> None:
        self._vectors = vectors
        self._terms = terms

    def __len__(self) -> int:
        """Count the passages."""
        return len(self._terms)

    @property
    def vectors(self) -> int:
        """The number of vectors."""
        return len(self._vectors)

    @property
    def entries(self) -> int:
        """The number of lexical entries."""
        return len(self._terms)

    @property
    def segments(self) -> tuple[Segment, ...]:
        """The segments of the vectors."""
        return self._vectors.segments

    def close(self) -> None:
        """Leave the files to whoever else has them."""

    def holds(self, keys: Sequence[int]) -> bool:
        """Tell whether these are all keys of vectors."""
        return bool(np.isin(keys, self._keys).all())

    @cached_property
    def _keys(self) -> Keys:
        return self._vectors.keys()

    def dense(self, queries: Vectors, k: int, within: Sequence[int] | None = None) -> list[Ranked]:
        """Find the `k` nearest passages to each query, (n, d)."""
        return self._vectors.search(queries, k, within)

    def scores(self, query: Vectors, keys: Sequence[int]) -> list[float]:
        """Give the cosine of one query, (d,), to each passage."""
        return self._vectors.scores(query, keys)

    def lexical(self, question: str, k: int, within: Sequence[int] | None = None) -> Ranked:
        """Find the `k` passages that best match the question's terms."""
        return self._terms.search(question, k, within)

    def terms(self, text: str) -> list[str]:
        """Give the terms that a text is searched by."""
        return self._terms.terms(text)

    def rarity(self, term: str) -> float:
        """Give a term's inverse document frequency."""
        return self._terms.rarity(term)

    def holding(self, phrase: str) -> int:
        """Count the passages in which the terms of a phrase stand one after the other."""
        return self._terms.holding(phrase)


def damaged_file(path: Path, wrong: str, folder: Path) -> IndexLoadError:
    """Say that a derived file cannot be used."""
    return IndexLoadError(f"{path}: {wrong}; `ctqa doctor --fix --index {folder}` makes it anew")


def _write_vectors(
    catalog: CatalogWriter,
    build: Build,
    before: Build | None,
    beside: Path,
    encoder: Encoder | None,
) -> None:
    number, identity = build.number, build.encoder
    earlier = None if before is None else build_folder(catalog.folder, before.number)
    added = catalog.keys(number) if before is None else catalog.new_keys(number)
    dense.write_vectors(
        beside / dense.FOLDER_NAME,
        identity.dimension,
        before=None if earlier is None else earlier / dense.FOLDER_NAME,
        added=added,
        removed=[] if before is None else catalog.ended_keys(before.number),
        vectors_of=partial(catalog.vectors_of, identity),
        queries=partial(sample_questions, catalog, number, identity, encoder),
    )


def _write_terms(catalog: CatalogWriter, number: int, before: Build | None, beside: Path) -> None:
    removed = [] if before is None else catalog.ended_keys(before.number)
    earlier = None
    if before is not None:
        earlier = build_folder(catalog.folder, before.number) / lexical.FOLDER_NAME
        if lexical.dead_share(earlier, len(removed)) > _MOST_DEAD:
            earlier, removed = None, []
    first = 0 if earlier is None else number
    lexical.write_terms(
        beside / lexical.FOLDER_NAME,
        catalog.terms(number, first),
        before=earlier,
        removed=removed,
    )
