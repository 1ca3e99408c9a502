"""Filters: which passages belong to the documents that meet every condition."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ctqa.errors import ConfigError, IndexLoadError
from ctqa.index.catalog import Catalog
from ctqa.index.rows import FileRow
from ctqa.index.schema import damaged
from ctqa.records import Filter, Source

_KEPT = 16  # filters whose passages are at hand
_NAMED = 8  # of what could have been asked for, in a message
_OFFERED = 2_000  # documents, folders or tags to choose from; more have to be typed

Which = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, kw_only=True)
class Filterable:
    """What a `Filter` can ask for in an index; () where there is nothing, or too much to list."""

    documents: tuple[Source, ...]
    folders: tuple[str, ...]
    years: tuple[int, ...]  # rising; the first and last of each document
    tags: tuple[str, ...]


class Facets:
    """What the documents of a build are filtered by, read when the first filter is asked for."""

    def __init__(self, catalog: Catalog, build: int) -> None:
        self._catalog = catalog
        self._build = build
        self._kept: dict[Filter, list[int]] = {}

    def keys(self, wanted: Filter) -> list[int]:
        """List the keys of the passages of the documents that meet a filter, rising.

        Raises:
            ConfigError: a folder or tag is unknown, or no document meets all of it.

        """
        if wanted not in self._kept:
            if len(self._kept) >= _KEPT:
                self._kept = {}
            self._kept[wanted] = self._found(wanted)
        return self._kept[wanted]

    def filterable(self) -> Filterable:
        """Give what the documents can be filtered by; what there is too much of is left out."""
        sources = self._catalog.sources(self._build) if len(self._table) <= _OFFERED else []
        first, last = self._table["first_year"], self._table["last_year"]
        years = {int(year) for years in (first[first > 0], last[last > 0]) for year in years}
        spelt = {tag.casefold(): tag for source in sources for tag in _tags_in(source.tags)}
        return Filterable(
            documents=tuple(sources),
            folders=_bounded(_folders(row.id for row in self._catalog.files(self._build))),
            years=tuple(sorted(years)),
            tags=_bounded(spelt.get(tag, tag) for tag in self._tags),
        )

    def _found(self, wanted: Filter) -> list[int]:
        chosen = self._in_folders(wanted.folders) & self._of_years(wanted) & self._tagged(wanted)
        if wanted.documents is not None:
            named = self._catalog.documents_named(self._build, wanted.documents)
            chosen &= np.isin(self._table["key"], [row.key for row in named])
        if not chosen.any():
            raise ConfigError(_none_meets(wanted))
        documents, passages = self._passages
        found = np.sort(passages[np.isin(documents, self._table["key"][chosen])])
        return [int(key) for key in found]

    def _in_folders(self, folders: Sequence[str]) -> Which:
        if not folders:
            return self._all
        files = self._catalog.files(self._build)
        found = np.zeros(len(self._table), dtype=bool)
        for folder in folders:
            below = folder.strip().replace("\\", "/").strip("/") + "/"
            inside = [row.key for row in files if _is_below(row, below)]
            if not inside:
                known = {row.id.rpartition("/")[0] for row in files} - {""}
                raise ConfigError(_unknown("in folder", folder, known, "folders"))
            found |= np.isin(self._table["file"], inside)
        return found

    def _of_years(self, wanted: Filter) -> Which:
        found = self._all
        if wanted.since is not None:
            found = found & (self._table["last_year"] >= wanted.since)
        if wanted.until is not None:
            known = self._table["first_year"] > 0
            found = found & known & (self._table["first_year"] <= wanted.until)
        return found

    def _tagged(self, wanted: Filter) -> Which:
        if not wanted.tags:
            return self._all
        found = np.zeros(len(self._table), dtype=bool)
        for tag in wanted.tags:
            places = self._tags.get(tag.strip().casefold())
            if places is None:
                raise ConfigError(_unknown("with the tag", tag, self._tags, "tags"))
            found[places] = True
        return found

    @property
    def _all(self) -> Which:
        return np.ones(len(self._table), dtype=bool)

    @property
    def _table(self) -> NDArray[Any]:
        return self._read[0]

    @property
    def _tags(self) -> dict[str, list[int]]:
        """Give the documents' places in the table by their tags."""
        return self._read[1]

    @cached_property
    def _read(self) -> tuple[NDArray[Any], dict[str, list[int]]]:
        names = ("key", "file", "passages", "first_year", "last_year")
        rows = self._catalog.facets(self._build)
        table = np.array([row[:-1] for row in rows], dtype=[(name, np.int64) for name in names])
        tags: dict[str, list[int]] = {}
        for place, row in enumerate(rows):
            for tag in _tags_in(row[-1].casefold()):
                tags.setdefault(tag, []).append(place)
        return table, tags

    @cached_property
    def _passages(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Give the passages' documents and keys, by document, as many as each should have."""
        found = np.array(self._catalog.passages_by_document(self._build), dtype=np.int64)
        documents, passages = found.reshape(-1, 2).T
        keys, counts = np.unique(documents, return_counts=True)
        held = self._table[self._table["passages"] > 0]
        if not (np.array_equal(keys, held["key"]) and np.array_equal(counts, held["passages"])):
            raise self._miscounted()
        return documents, passages

    def _miscounted(self) -> IndexLoadError:
        return damaged(self._catalog.folder, "documents have not the passages that they should")


def _none_meets(wanted: Filter) -> str:
    """Say in a sentence that no document is what a filter asks for."""
    asked = [
        f"is in {_one_of('folder', wanted.folders)}" if wanted.folders else "",
        f"has {_one_of('tag', wanted.tags)}" if wanted.tags else "",
        _years(wanted.since, wanted.until),
    ]
    said = " and ".join(filter(None, asked)) if any(asked) else "is there"
    if wanted.documents is None:
        return f"no document {said}"
    if not wanted.documents:
        return "no document is chosen"
    return f"none of the documents chosen ({_listed(wanted.documents)}) {said}"


def _one_of(kind: str, names: Sequence[str]) -> str:
    return f"the {kind} {names[0]}" if len(names) == 1 else f"one of the {kind}s {_listed(names)}"


def _years(since: int | None, until: int | None) -> str:
    if since is None:
        return "" if until is None else f"is from {until} or earlier"
    return f"is from {since} or later" if until is None else f"is from {since} to {until}"


def _listed(names: Sequence[str]) -> str:
    return ", ".join(names[:_NAMED]) + (" …" if len(names) > _NAMED else "")


def _tags_in(told: str) -> list[str]:
    return [tag for tag in map(str.strip, told.split(";")) if tag]


def _folders(ids: Iterable[str]) -> Iterator[str]:
    """Give the folders that files lie in, with those around them."""
    for folder in {id.rpartition("/")[0] for id in ids}:
        parts = folder.split("/") if folder else []
        yield from ("/".join(parts[: depth + 1]) for depth in range(len(parts)))


def _bounded(names: Iterable[str]) -> tuple[str, ...]:
    """Sort names, each once; none where there are too many to choose from."""
    found = sorted(set(names))
    return tuple(found) if len(found) <= _OFFERED else ()


def _is_below(row: FileRow, folder: str) -> bool:
    """Tell whether a file is a folder or lies below it: by its id, or where it lies on the disk."""
    lies_at = row.path.replace("\\", "/").strip("/")
    return f"{row.id}/".startswith(folder) or f"{lies_at}/".startswith(folder)


def _unknown(where: str, name: str, known: Iterable[str], kind: str) -> str:
    names = sorted(known)
    return f"no document {where} {name!r}; there are {_listed(names) if names else f'no {kind}'}"
