"""Where what is searched of an index lies: in its folder, or in a Qdrant cluster.

The catalog stays with the index either way. It alone says which build is the current one, and
holds what no search asks for: the documents' whole texts, their pages, the ledger, calibrations,
and the cache of vectors. A store holds what is derived from it, build by build, and can be made
anew from it: every passage by its vector and by its terms.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol

from ctqa.config import LOCAL
from ctqa.index.catalog import Catalog
from ctqa.index.files import Checked
from ctqa.index.rows import Build
from ctqa.index.segments import Segment
from ctqa.index.verify_catalog import Examination
from ctqa.index.verify_findings import Finding
from ctqa.index.writer import CatalogWriter
from ctqa.models import Encoder, Vectors

Step = Callable[[int, int], None]  # how many parts are written, of how many
Count = Callable[[str, int], None]  # of what was looked at, how many more
Ranked = list[tuple[int, float]]  # passages' keys with scores, best first; ties by key


class Opened(Protocol):
    """The passages of one committed build; any number of threads may search them."""

    def __len__(self) -> int:
        """Count the passages."""
        ...

    @property
    def segments(self) -> tuple[Segment, ...]:
        """Describe how the vectors are searched, and how well."""
        ...

    @property
    def described(self) -> str:
        """Tell where it lies and in what state; "": with the catalog."""
        ...

    def close(self) -> None:
        """Let go of files and connections."""
        ...

    def holds(self, keys: Sequence[int]) -> bool:
        """Tell whether all these keys are of its passages."""
        ...

    def dense(self, queries: Vectors, k: int, within: Sequence[int] | None = None) -> list[Ranked]:
        """Find the `k` nearest passages to each query, (n, d), with their cosines.

        `within` names the keys of whole documents' passages to search; None searches all.
        """
        ...

    def scores(self, query: Vectors, keys: Sequence[int]) -> list[float]:
        """Give the cosine of one query, (d,), to each passage."""
        ...

    def lexical(self, question: str, k: int, within: Sequence[int] | None = None) -> Ranked:
        """Find the `k` passages that best match the question's terms, with their BM25."""
        ...

    def terms(self, text: str) -> list[str]:
        """Give the terms that a text is searched by, repeats and order kept."""
        ...

    def rarity(self, term: str) -> float:
        """Give a term's inverse document frequency; higher is rarer, never below 0."""
        ...

    def holding(self, phrase: str) -> int:
        """Count the passages in which the terms of a phrase stand one after the other."""
        ...


class Store(Protocol):
    """What is searched of an index's builds; who writes to it holds the index's lock."""

    def knock(self) -> None:
        """See that it can be reached, before anything is done that would be in vain.

        Raises:
            IndexLoadError: it cannot.

        """
        ...

    def write(
        self,
        catalog: CatalogWriter,
        build: Build,
        before: Build | None,
        encoder: Encoder | None,
        step: Step,
    ) -> dict[str, str]:
        """Write a build to come where no reader sees it, durably; give what tells it from others.

        `before` is a build in this store, known to be right, to go on from; None: all is written.
        """
        ...

    def keep(self, builds: Sequence[Build]) -> None:
        """Let go of all but these committed builds, oldest first, of which the last is current.

        Some of them may be in other stores, and two addresses may be of the same one.
        """
        ...

    def open(self, catalog: Catalog, build: Build, checked: Checked) -> Opened:
        """Open a committed build; IndexLoadError: it is not as it was written."""
        ...

    def differences(self, build: Build) -> Mapping[str, str]:
        """Tell what of a committed build is not as it was written, by its name."""
        ...

    def check(
        self, exam: Examination, build: Build, count: Count, *, cached: bool
    ) -> Iterator[Finding]:
        """Find where a build is not what the catalog says; "file": it cannot be looked into.

        With `cached` vectors are held against the cached ones, which are whole.
        """
        ...

    def largest_key(self, build: Build) -> int:
        """Give the largest key it holds, of the dead as well; IndexLoadError: it cannot tell."""
        ...


def store_of(folder: Path, build: Build) -> Store:
    """Give the store that a build is in."""
    return store_at(folder, address_of(build.config))


def store_at(folder: Path, address: str) -> Store:
    """Give the store of an index by its address, or `LOCAL`.

    Raises:
        ConfigError: it is no address, or what it needs is not installed.

    """
    if address == LOCAL:
        from ctqa.index.embedded import EmbeddedStore  # noqa: PLC0415 -- only what is needed

        return EmbeddedStore(folder)
    from ctqa.index.qdrant.store import QdrantStore  # noqa: PLC0415 -- few have one

    return QdrantStore(folder, address)


def address_of(config: Mapping[str, Any]) -> str:
    """Give the store among a build's settings; where there is none, there was only one."""
    return str(config.get("store", LOCAL))


def let_go(folder: Path, had: Sequence[Build], kept: Sequence[Build]) -> None:
    """Have every store of the builds that an index had keep only some, the last of them current."""
    for address in dict.fromkeys(address_of(build.config) for build in had):
        store_at(folder, address).keep(kept)
