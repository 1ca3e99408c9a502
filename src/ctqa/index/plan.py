"""Which files a build takes over from the one before, which it reads, and which it lets go."""

import hashlib
import json
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import PurePath
from typing import Any

from ctqa.config import IndexConfig
from ctqa.index.rows import FileRow
from ctqa.index.writer import CatalogWriter
from ctqa.models import EncoderIdentity
from ctqa.records import PageState
from ctqa.sources import (
    Citations,
    Collection,
    FoundFile,
    ReadOptions,
    ocr_engine,
    sha256_of,
)

LEFT_OUT = "documents left out"  # in the reason of a file whose documents stand in another one
NO_ENGINE = "none"  # OCR was asked for, and pages were told what to install for it
_NEEDS_OCR: tuple[PageState, ...] = ("unreadable", "poor")


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """All but a file's own bytes that decides what its documents and passages are, digested."""

    kitchen: str  # loaders, encoder and settings: alike for all files of a build
    place: str  # how the file was found, and how it is cited
    ocr: str = ""  # the engine that was at hand for pages without text; "": none was asked for

    def __str__(self) -> str:
        return f"{self.kitchen}-{self.place}+{self.ocr}"

    @classmethod
    def of(cls, text: str) -> "Recipe":
        """Read what `str` gave."""
        head, _, ocr = text.partition("+")
        kitchen, _, place = head.partition("-")
        return cls(kitchen=kitchen, place=place, ocr=ocr)


@dataclass(frozen=True, slots=True, kw_only=True)
class Planned:
    """A file of a build to come; `like` is one of the same bytes that was read already."""

    file: FoundFile
    recipe: str
    like: FileRow | None = None
    ocr: bool = False  # pages of it were read from their picture before, and are to be again


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What becomes of every file."""

    kept: tuple[FileRow, ...]
    moved: tuple[Planned, ...]  # read before, under another path or citation
    read: tuple[Planned, ...]
    gone: tuple[FileRow, ...]  # removed, or about to be replaced


@dataclass(frozen=True, slots=True, kw_only=True)
class Kitchen:
    """What the files of a build are read with."""

    encoder: EncoderIdentity
    config: IndexConfig
    libraries: Mapping[str, str]
    citations: Citations
    ocr_engine: str  # "": OCR was not asked for; `NO_ENGINE`: it was, and there is none

    def recipe(self, file: FoundFile) -> Recipe:
        """Give the recipe for one file."""
        config: dict[str, Any] = asdict(self.config)
        del config["ocr"], config["store"]  # where passages lie changes none
        return Recipe(
            kitchen=_digest([self.encoder.key, config, dict(self.libraries)]),
            place=_digest([repr(self.citations.of(file.path)), file.state, file.reason]),
            ocr=self.ocr_engine,
        )


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
    seen. What was read from pictures once stays, also where a later build asks for no OCR: a file
    that has to be read again is then read so again. A file that was moved, copied, or is cited
    otherwise is not read again.
    """
    held = _Held(catalog, build, kitchen, options)
    kept: list[FileRow] = []
    moved: list[Planned] = []
    read: list[Planned] = []
    for file in collection.files:
        recipe, sha256 = kitchen.recipe(file), _hash_or_empty(file)
        row = held.same(file, recipe, sha256)
        if row is not None:
            kept.append(row)
            continue
        like = held.like(file, recipe, sha256)
        if like is None:
            read.append(_to_read(file, recipe, ocr=held.was_pictured(sha256)))
        else:
            seen = replace(recipe, ocr=Recipe.of(like.recipe).ocr)
            moved.append(Planned(file=file, recipe=str(seen), like=like))
    gone = held.without({row.key for row in kept})
    return Plan(kept=tuple(kept), moved=tuple(moved), read=tuple(read), gone=gone)


class _Held:
    """The files that the catalog holds, of the last build and of a stopped one."""

    def __init__(
        self, catalog: CatalogWriter, build: int, kitchen: Kitchen, options: ReadOptions
    ) -> None:
        self._rows = catalog.files(build)
        self._by_id: dict[str, list[FileRow]] = defaultdict(list)
        self._by_sha256: dict[str, list[FileRow]] = defaultdict(list)
        for row in self._rows:
            self._by_id[row.id].append(row)
            self._by_sha256[row.sha256].append(row)
        self._locked = catalog.files_with_pages(build, ["encrypted"]) if options.passwords else ()
        self._pictures = catalog.files_with_pages(build, _NEEDS_OCR) if kitchen.ocr_engine else ()
        self._pictured = catalog.files_with_pages(build, ["ocr"])
        self._has_passwords = bool(options.passwords)

    def same(self, file: FoundFile, recipe: Recipe, sha256: str) -> FileRow | None:
        """Give the row of a file in which nothing has changed."""
        found = [
            row
            for row in self._by_id.get(file.id, ())
            if row.sha256 == sha256
            and Recipe.of(row.recipe).place == recipe.place
            and self._serves(row, recipe)
        ]
        return found[-1] if found else None

    def like(self, file: FoundFile, recipe: Recipe, sha256: str) -> FileRow | None:
        """Give the row of a file of the same bytes and kind that was read."""
        found = [
            row
            for row in self._by_sha256.get(sha256, ())
            if file.state == "found"
            and row.state == "read"
            and PurePath(row.path).suffix.lower() == file.path.suffix.lower()
            and LEFT_OUT not in row.reason
            and self._serves(row, recipe)
        ]
        return found[-1] if found and sha256 else None

    def was_pictured(self, sha256: str) -> bool:
        """Tell whether pages of a file of these bytes were read from their picture."""
        return any(row.key in self._pictured for row in self._by_sha256.get(sha256, ()))

    def without(self, keys: Iterable[int]) -> tuple[FileRow, ...]:
        """Give the rows of all other files."""
        kept = set(keys)
        return tuple(row for row in self._rows if row.key not in kept)

    def _serves(self, row: FileRow, recipe: Recipe) -> bool:
        mine = Recipe.of(row.recipe)
        locked = self._has_passwords and (row.state == "encrypted" or row.key in self._locked)
        unseen = row.key in self._pictures and mine.ocr != recipe.ocr
        return mine.kitchen == recipe.kitchen and not locked and not unseen


def _to_read(file: FoundFile, recipe: Recipe, *, ocr: bool) -> Planned:
    if ocr and not recipe.ocr:
        recipe = replace(recipe, ocr=ocr_engine() or NO_ENGINE)
    return Planned(file=file, recipe=str(recipe), ocr=ocr)


def _digest(parts: list[Any]) -> str:
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()[:16]


def _hash_or_empty(file: FoundFile) -> str:
    try:
        return sha256_of(file.path)
    except OSError:
        return ""  # matches no row: it is read again, and the ledger says what is wrong
