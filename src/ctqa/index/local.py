"""An index folder opened for reading: one committed build, checked before a byte of it is used."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from ctqa.citing import newer_editions
from ctqa.errors import IndexLoadError
from ctqa.index import dense, lexical
from ctqa.index.acronyms import Acronyms
from ctqa.index.catalog import Catalog
from ctqa.index.files import build_folder, checksums
from ctqa.index.rows import Build, FileRow, LedgerPage
from ctqa.models import EncoderIdentity, Vectors
from ctqa.records import Document, Passage, Source

_KEPT_PASSAGES = 20_000  # of some 2 KB each


@dataclass(frozen=True, slots=True, kw_only=True)
class IndexStatus:
    """What an index holds."""

    folder: str
    build: Build
    files: tuple[FileRow, ...]
    documents: int
    pages: int
    pages_unread: int  # and files none of whose pages is known
    page_states: Mapping[str, int]  # how many pages there are of each
    passages: int


class LocalIndex:
    """The last committed build of an index folder, over SQLite, FAISS and tantivy."""

    def __init__(
        self,
        catalog: Catalog,
        build: Build,
        vectors: dense.DenseIndex,
        terms: lexical.LexicalIndex,
    ) -> None:
        self._catalog = catalog
        self._vectors = vectors
        self._terms = terms
        self.build = build
        self.acronyms = Acronyms(catalog.acronyms(build.number))
        self._lately: dict[int, tuple[Passage, Source]] = {}
        counts = catalog.counts(build.number)
        self.pages_unread = counts["pages_unread"] + counts["files_unread"]

    def close(self) -> None:
        """Let go of the files."""
        self._catalog.close()

    def check_encoder(self, identity: EncoderIdentity) -> None:
        """Refuse an encoder whose vectors do not compare with the ones in this index.

        Raises:
            IndexLoadError: any field of its identity differs from the encoder of this build.

        """
        built = self.build.encoder
        if identity != built:
            raise IndexLoadError(
                f"{self._catalog.folder}: was encoded by {built.name} (weights "
                f"{built.sha256[:12]}, key {built.key}), not by {identity.name} (weights "
                f"{identity.sha256[:12]}, key {identity.key}); encode it anew with "
                f"`ctqa build PATH… --encoder {identity.name} --index {self._catalog.folder}`"
            )

    def __len__(self) -> int:
        """Count the passages."""
        return len(self._terms)

    def document_ids(self) -> set[str]:
        """Give the ids of all documents."""
        return self._catalog.document_ids(self.build.number)

    def keys_of(self, document_ids: Iterable[str]) -> list[int]:
        """List the keys of these documents' passages, rising."""
        return sorted(self._catalog.passage_keys(self.build.number, document_ids))

    def dense(
        self, queries: Vectors, k: int, within: Sequence[int] | None = None
    ) -> list[list[tuple[int, float]]]:
        """Find the `k` nearest passages to each query, (n, d), as (key, cosine), best first.

        `within` names the keys of the passages to search; None searches all.
        """
        return self._vectors.search(queries, k, within)

    def dense_scores(self, query: Vectors, keys: Sequence[int]) -> list[float]:
        """Give the cosine of one query, (d,), to each passage."""
        return self._vectors.scores(query, keys)

    def lexical(
        self, question: str, k: int, within: Sequence[int] | None = None
    ) -> list[tuple[int, float]]:
        """Find the `k` passages that best match the question's terms, as (key, BM25)."""
        return self._terms.search(question, k, within)

    def terms(self, text: str) -> list[str]:
        """Give the terms that a text is searched by."""
        return self._terms.terms(text)

    def rarity(self, term: str) -> float:
        """Give a term's inverse document frequency; higher is rarer, never below 0."""
        return self._terms.rarity(term)

    def holding(self, form: str) -> int:
        """Count the passages in which the words of a form stand one after the other."""
        return self._terms.holding(form)

    def passages(self, keys: Iterable[int]) -> dict[int, tuple[Passage, Source]]:
        """Fetch passages with their sources by key; those asked for lately are at hand."""
        wanted = list(keys)
        known = {key: self._lately[key] for key in wanted if key in self._lately}
        known |= self._catalog.passages(key for key in wanted if key not in known)
        if len(self._lately) + len(known) > _KEPT_PASSAGES:
            self._lately = {}
        self._lately |= known
        return known

    def calibration(self, models: str) -> str | None:
        """Fetch the index's own calibration for these models, as JSON; None without one."""
        return self._catalog.calibration(models)

    def document(self, document_id: str) -> Document | None:
        """Fetch a document with its text; None when there is none of that id."""
        return self._catalog.document(self.build.number, document_id)

    def sources(self) -> tuple[Source, ...]:
        """List the documents in the order of their ids."""
        return tuple(self._catalog.sources(self.build.number))

    def newer_edition(self, document_id: str) -> Source | None:
        """Give the newest edition of a document in this index; None: no newer one is known."""
        return self._newer_editions.get(document_id)

    @cached_property
    def _newer_editions(self) -> Mapping[str, Source]:
        return newer_editions(self.sources())

    def page_at(self, document_id: str, offset: int) -> tuple[int, str]:
        """Give the number of the page that holds an offset, and what is printed there as such."""
        return self._catalog.page_at(self.build.number, document_id, offset)

    def ledger(self) -> dict[int, list[LedgerPage]]:
        """Give every page of every file, by the file's key."""
        return self._catalog.ledger(self.build.number)

    def status(self) -> IndexStatus:
        """Sum up what the index holds."""
        counts = self._catalog.counts(self.build.number)
        return IndexStatus(
            folder=str(self._catalog.folder),
            build=self.build,
            files=tuple(self._catalog.files(self.build.number)),
            documents=counts["documents"],
            pages=counts["pages"],
            pages_unread=self.pages_unread,
            page_states=self._catalog.page_states(self.build.number),
            passages=counts["passages"],
        )


def open_index(folder: Path) -> LocalIndex:
    """Open the current build of an index folder.

    Raises:
        IndexLoadError: there is no index, or a file of it is missing or not as it was written.

    """
    catalog = Catalog.open(folder)
    try:
        return _opened(catalog)
    except BaseException:
        catalog.close()
        raise


def _opened(catalog: Catalog) -> LocalIndex:
    builds = catalog.builds()
    if not builds:
        raise IndexLoadError(
            f"{catalog.folder}: no build was ever completed; run "
            f"`ctqa build PATH… --index {catalog.folder}`"
        )
    build = builds[-1]
    derived = build_folder(catalog.folder, build.number)
    _check_files(derived, build)
    vectors = dense.DenseIndex.load(derived / dense.FILE_NAME, build.encoder.dimension)
    terms = lexical.LexicalIndex.load(derived / lexical.FOLDER_NAME)
    passages = catalog.counts(build.number)["passages"]
    if not len(vectors) == len(terms) == passages:
        raise IndexLoadError(
            f"{catalog.folder}: build {build.number} has {passages} passages, {len(vectors)} "
            f"vectors and {len(terms)} lexical entries; rebuild it with "
            f"`ctqa build PATH… --index {catalog.folder}`"
        )
    return LocalIndex(catalog, build, vectors, terms)


def _check_files(derived: Path, build: Build) -> None:
    found = checksums(derived) if derived.is_dir() else {}
    for name, expected in build.checksums.items():
        if found.get(name) != expected:
            state = "is missing" if name not in found else "is not as it was written (checksum)"
            raise IndexLoadError(
                f"{derived / name}: {state}; rebuild the index with `ctqa build PATH… --index "
                f"{derived.parent.parent}`"
            )
