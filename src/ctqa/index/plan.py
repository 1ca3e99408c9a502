"""Which files a build takes over from the one before, which it reads, and which it lets go."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from ctqa.config import IndexConfig
from ctqa.index.rows import FileRow
from ctqa.index.writer import CatalogWriter
from ctqa.models import EncoderIdentity
from ctqa.records import PageState
from ctqa.sources import Citations, Collection, FoundFile, ReadOptions, sha256_of

_OCR = "+"  # parts a recipe from the engine that was at hand for pages without text
NO_ENGINE = "none"  # OCR was asked for, and pages were told what to install for it
_NEEDS_OCR: tuple[PageState, ...] = ("unreadable", "poor")


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What becomes of every file; a file to be read comes with its recipe."""

    kept: tuple[FileRow, ...]
    read: tuple[tuple[FoundFile, str], ...]
    gone: tuple[FileRow, ...]  # removed, or about to be replaced by what is read


@dataclass(frozen=True, slots=True, kw_only=True)
class Kitchen:
    """All but a file's own bytes that decides what its documents and passages are."""

    encoder: EncoderIdentity
    config: IndexConfig
    libraries: Mapping[str, str]
    citations: Citations
    ocr_engine: str  # "": OCR was not asked for; `NO_ENGINE`: it was, and there is none

    def recipe(self, file: FoundFile) -> str:
        """Digest it, for one file; the OCR engine stands behind a plus sign."""
        config: dict[str, Any] = asdict(self.config)
        del config["ocr"]
        parts = [
            self.encoder.key,
            config,
            dict(self.libraries),
            repr(self.citations.of(file.path)),
        ]
        digest = hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()[:16]
        return f"{digest}{_OCR}{self.ocr_engine}" if self.ocr_engine else digest


def make_plan(
    catalog: CatalogWriter,
    build: int,
    collection: Collection,
    kitchen: Kitchen,
    options: ReadOptions,
) -> Plan:
    """Compare a collection with what the last build holds, and what a stopped one has read.

    A file is read again where its bytes or its recipe have changed; where it is encrypted and
    passwords are given; and where pages of it lack text and an OCR engine is there that it has not
    seen. What was read from pictures once stays, also where a later build asks for no OCR.
    """
    rows: dict[str, list[FileRow]] = {}
    for row in catalog.files(build):
        rows.setdefault(row.id, []).append(row)
    encrypted = catalog.files_with_pages(build, ["encrypted"]) if options.passwords else set()
    pictures = catalog.files_with_pages(build, _NEEDS_OCR) if kitchen.ocr_engine else set()

    def serves(row: FileRow, recipe: str, sha256: str) -> bool:
        locked = options.passwords and (row.state == "encrypted" or row.key in encrypted)
        unseen = row.key in pictures and row.recipe != recipe
        same = row.recipe.partition(_OCR)[0] == recipe.partition(_OCR)[0]
        return same and row.sha256 == sha256 and not locked and not unseen

    kept, read = [], []
    for file in collection.files:
        recipe, sha256 = kitchen.recipe(file), _hash_or_empty(file)
        found = [row for row in rows.get(file.id, ()) if serves(row, recipe, sha256)]
        if found:
            kept.append(found[-1])
        else:
            read.append((file, recipe))
    keys = {row.key for row in kept}
    gone = tuple(row for each in rows.values() for row in each if row.key not in keys)
    return Plan(kept=tuple(kept), read=tuple(read), gone=gone)


def _hash_or_empty(file: FoundFile) -> str:
    try:
        return sha256_of(file.path)
    except OSError:
        return ""  # matches no row: it is read again, and the ledger says what is wrong
