"""A stranger's catalog held against what CTQA itself writes: nothing that it says is believed."""

import json
from collections.abc import Iterable
from itertools import pairwise
from typing import Protocol

import numpy as np

from ctqa.config import LOCAL, IndexConfig, with_settings
from ctqa.errors import ConfigError
from ctqa.index.archive_catalog import StrangersCatalog
from ctqa.index.archive_file import Progress
from ctqa.index.kinds import is_a
from ctqa.index.rows import Build, DocumentRow
from ctqa.index.schema import damaged
from ctqa.records import Document, Passage
from ctqa.sources.splitter import passage_id
from ctqa.sources.trouble import PYTHONS, too_much

_VECTORS = 4_096  # at once
_UNIT = 1e-3  # by which the length of a unit vector may differ from 1


class _Ranged(Protocol):
    @property
    def start(self) -> int: ...
    @property
    def end(self) -> int: ...


def check_build(catalog: StrangersCatalog, progress: Progress) -> Build:
    """Read all that a catalog holds, which has to be one build as CTQA writes it; give the build.

    Raises:
        IndexLoadError: something in it is damaged, missing, or not of a kind that CTQA writes.

    """
    try:
        return _checked(catalog, progress)
    except PYTHONS as error:
        much = too_much(error)
        told = much or f"something is not as CTQA writes it ({type(error).__name__}: {error})"
        raise damaged(catalog.folder, told) from error


def _checked(catalog: StrangersCatalog, progress: Progress) -> Build:
    catalog.check_pages()
    catalog.check_types()
    build = _the_build(catalog)
    catalog.check_one_build(build)
    if build.counts != catalog.counts(build.number):
        raise ValueError("it holds more or less than its build says")
    for file in catalog.files(build.number):
        _demand(is_a(file, type(file)), f"file {file.id}")
    catalog.facets(build.number)
    _check_documents(catalog, build, progress)
    _check_vectors(catalog, build)
    for form in catalog.calibrations():
        _demand(type(json.loads(form)) is dict, "a calibration")
    return build


def _the_build(catalog: StrangersCatalog) -> Build:
    builds = catalog.builds()
    if len(builds) != 1:
        raise ValueError(f"it holds {len(builds)} builds")
    (build,) = builds
    _demand(is_a(build, Build) and build.number > 0, "its build")
    try:
        config = with_settings(IndexConfig(), build.config)
    except ConfigError as error:
        raise ValueError(str(error)) from error
    missing = set(IndexConfig.__slots__) - set(build.config)
    _demand(missing <= {"store"} and config.store == LOCAL, "its settings")
    _demand(0 < build.encoder.dimension <= 65_536 and config.encoder != "", "its encoder")
    return build


def _check_documents(catalog: StrangersCatalog, build: Build, progress: Progress) -> None:
    total = build.counts["documents_known"]
    lengths: dict[str, int] = {}
    files = {file.key: 0 for file in catalog.files(build.number)}
    for done, row in enumerate(catalog.all_document_rows(), 1):
        document = _document(catalog, row)
        files[row.file] += 1
        lengths[row.id] = len(document.text)
        _check_passages(document, catalog.passages_of(row))
        progress("check", done, total)
    for file in catalog.files(build.number):
        _demand(files[file.key] == file.documents, f"the documents of {file.id}")
    for definition in catalog.acronyms(build.number):
        acronym, of = definition.acronym, definition.document_id
        _demand(is_a(acronym, type(acronym)), f"an acronym of {of}")
        _demand(_lie_within([acronym], 0, lengths[of]), f"an acronym of {of}")


def _document(catalog: StrangersCatalog, row: DocumentRow) -> Document:
    document = catalog.whole(row)
    length = len(document.text)
    right = (
        is_a(row, DocumentRow)
        and is_a(document, Document)
        and row.id == document.id != ""
        and row.layout == document.layout
        and [page.number for page in document.pages] == list(range(1, len(document.pages) + 1))
        and len(document.pages) > 0
        and _rise(document.pages)
        and all(
            _lie_within(some, 0, length)
            for some in (document.pages, document.sections, document.asides)
        )
    )
    _demand(right, f"document {row.id}")
    return document


def _check_passages(document: Document, passages: Iterable[Passage]) -> None:
    for passage in passages:
        right = (
            is_a(passage, Passage)
            and passage.id == passage_id(document.id, passage.start, passage.end)
            and passage.start < passage.end
            and _lie_within([passage], 0, len(document.text))
            and len(passage.sentences) > 0
            and _rise(passage.sentences)
            and _lie_within(passage.sentences, passage.start, passage.end)
            and all(
                1 <= page <= len(document.pages)
                for page in (passage.page, *(sentence.page for sentence in passage.sentences))
            )
        )
        _demand(right, f"passage {passage.id}")


def _check_vectors(catalog: StrangersCatalog, build: Build) -> None:
    keys = catalog.keys(build.number)
    _demand(len(keys) > 0, "a build without passages")
    for start in range(0, len(keys), _VECTORS):
        vectors = catalog.vectors_of(build.encoder, keys[start : start + _VECTORS])
        _demand(vectors.shape[1] == build.encoder.dimension, "the size of its vectors")
        lengths = np.linalg.norm(vectors.astype(np.float64), axis=1)
        _demand(bool((np.abs(lengths - 1) < _UNIT).all()), "the length of its vectors")


def _lie_within(spans: Iterable[_Ranged], start: int, end: int) -> bool:
    return all(start <= span.start <= span.end <= end for span in spans)


def _rise(spans: Iterable[_Ranged]) -> bool:
    return all(one.end <= other.start for one, other in pairwise(spans))


def _demand(right: bool, what: str) -> None:
    if not right:
        raise ValueError(what)
