"""Filters: which passages belong to the documents that meet every condition."""

from collections.abc import Iterable, Sequence
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ctqa.errors import ConfigError, IndexLoadError
from ctqa.index.catalog import Catalog
from ctqa.index.rows import FileRow
from ctqa.index.schema import damaged
from ctqa.records import Filter

_KEPT = 16  # filters whose passages are at hand
_NAMED = 8  # of what could have been asked for, in a message

Which = NDArray[np.bool_]


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

    def _found(self, wanted: Filter) -> list[int]:
        chosen = self._in_folders(wanted.folders) & self._of_years(wanted) & self._tagged(wanted)
        if wanted.documents is not None:
            named = self._catalog.documents_named(self._build, wanted.documents)
            chosen &= np.isin(self._table["key"], [row.key for row in named])
        if not chosen.any():
            raise ConfigError(f"no document meets the filter: {told(wanted)}")
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
            for tag in filter(None, map(str.strip, row[-1].casefold().split(";"))):
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


def told(wanted: Filter) -> str:
    """Say what a filter asks for."""
    parts = [
        ("documents", ", ".join(wanted.documents or ())),
        ("folders", ", ".join(wanted.folders)),
        ("since", "" if wanted.since is None else str(wanted.since)),
        ("until", "" if wanted.until is None else str(wanted.until)),
        ("tags", ", ".join(wanted.tags)),
    ]
    return "; ".join(f"{name} {value}" for name, value in parts if value)


def _is_below(row: FileRow, folder: str) -> bool:
    """Tell whether a file is a folder or lies below it: by its id, or where it lies on the disk."""
    lies_at = row.path.replace("\\", "/").strip("/")
    return f"{row.id}/".startswith(folder) or f"{lies_at}/".startswith(folder)


def _unknown(where: str, name: str, known: Iterable[str], kind: str) -> str:
    names = sorted(known)
    listed = ", ".join(names[:_NAMED]) + (" …" if len(names) > _NAMED else "")
    return f"no document {where} {name!r}; there are {listed or f'no {kind}'}"
