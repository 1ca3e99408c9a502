"""The files derived from the catalog: written beside the committed ones, whole or going on.

Nothing in them is the only copy of anything: they can always be made anew.
"""

import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np

from ctqa.index import dense, lexical
from ctqa.index.files import build_folder, checksums, make_durable, remove_stray_builds
from ctqa.index.rows import Build
from ctqa.index.schema import cannot_write
from ctqa.index.writer import CatalogWriter
from ctqa.models import Encoder, EncoderIdentity, Vectors

Step = Callable[[int, int], None]  # how many parts are written, of how many

_MOST_DEAD = 0.25  # of the entries of a lexical index: they still count in BM25
_SAMPLE_CHARS = 300  # of a sentence that stands for a question
_PARTS = 3


def commit_build(
    catalog: CatalogWriter,
    build: Build,
    *,
    before: Build | None,
    encoder: Encoder | None,
    progress: Step,
) -> None:
    """Write a staged build's derived files, durably, and make it the current one.

    `before` is the build whose files may be gone on from, as they are known to be right; it stays,
    to be rolled back to. None: all are made anew, and no build before is kept. The encoder makes
    questions to measure recall with; None does without.

    Raises:
        IndexWriteError: the disk is full, or the folder may not be written to.

    """
    try:
        found = _write(catalog, build, _usable(before, build), encoder, progress)
    except OSError as error:
        remove_stray_builds(catalog.folder, [each.number for each in catalog.builds()])
        raise cannot_write(catalog.folder, str(error)) from error
    catalog.commit(replace(build, checksums=found))
    progress(_PARTS, _PARTS)
    kept = [each.number for each in catalog.builds()][-2 if before is not None else -1 :]
    catalog.forget_before(kept[0])
    remove_stray_builds(catalog.folder, kept)


def _usable(before: Build | None, build: Build) -> Build | None:
    """Give the build before where the same encoder and the same libraries made it."""
    if before is None or before.encoder != build.encoder:
        return None
    return before if before.libraries == build.libraries else None


def _write(
    catalog: CatalogWriter,
    build: Build,
    before: Build | None,
    encoder: Encoder | None,
    step: Step,
) -> dict[str, str]:
    """Write a build's files where no reader looks yet; give their checksums."""
    step(0, _PARTS)
    number = build.number
    target = build_folder(catalog.folder, number)
    beside = target.with_suffix(".new")
    for stray in (beside, target):
        shutil.rmtree(stray, ignore_errors=True)
    beside.mkdir(parents=True)
    _write_vectors(catalog, build, before, beside, encoder)
    step(1, _PARTS)
    _write_terms(catalog, number, before, beside)
    step(2, _PARTS)
    make_durable(beside)
    shared = None
    if before is not None:
        shared = build_folder(catalog.folder, before.number), before.checksums
    found = checksums(beside, shared)
    beside.rename(target)
    make_durable(target.parent)
    return found


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
        queries=partial(_questions, catalog, number, identity, encoder),
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


def _questions(
    catalog: CatalogWriter,
    number: int,
    identity: EncoderIdentity,
    encoder: Encoder | None,
    most: int,
) -> Vectors:
    """Encode sentences of passages, spread evenly, as if they were asked."""
    if encoder is None:
        return np.empty((0, identity.dimension), dtype=np.float32)
    return encoder.encode_queries(list(_sentences(catalog, catalog.keys(number), most)))


def _sentences(catalog: CatalogWriter, keys: list[int], most: int) -> Iterator[str]:
    chosen = keys[:: max(1, len(keys) // most)][:most]
    for passage, _ in catalog.passages(chosen).values():
        longest = max(passage.sentences, key=lambda sentence: sentence.end - sentence.start)
        first = longest.start - passage.start
        yield passage.text[first : first + longest.end - longest.start][:_SAMPLE_CHARS]
