"""An index opened for reading: one committed build, checked before a byte of it is used."""

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from ctqa.citing import newer_editions
from ctqa.errors import IndexLoadError
from ctqa.index.acronyms import Acronyms
from ctqa.index.catalog import Catalog
from ctqa.index.facets import Facets, Filterable
from ctqa.index.files import Checked
from ctqa.index.rows import Build, FileRow, LedgerPage
from ctqa.index.schema import damaged, never_completed
from ctqa.index.segments import Segment
from ctqa.index.store import Opened, store_of
from ctqa.models import EncoderIdentity, Vectors
from ctqa.records import Document, Filter, Page, Passage, Source

_KEPT_DOCUMENTS = 2_000  # whose pages are at hand
_KEPT_EDITIONS = 20_000  # documents of which it is known whether they have others
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
    segments: tuple[Segment, ...]  # of the vectors, with how well each is searched
    store: str  # where the passages are searched, and in what state; "": in the folder


class LocalIndex:
    """The last committed build of an index: its catalog, and its passages in their store."""

    def __init__(self, catalog: Catalog, build: Build, opened: Opened) -> None:
        self._catalog = catalog
        self._opened = opened
        self.build = build
        self._lately: dict[int, tuple[Passage, Source]] = {}
        self._pages: dict[str, tuple[Page, ...]] = {}
        self._editions: dict[str, tuple[Source | None, bool]] = {}
        self._facets = Facets(catalog, build.number)
        self.pages_unread = build.counts["pages_unread"] + build.counts["files_unread"]

    def close(self) -> None:
        """Let go of the files and connections."""
        self._opened.close()
        self._catalog.close()

    def state(self) -> tuple[int, str]:
        """Give what `state_of` gave for the folder when this index was opened."""
        return self._catalog.state()

    def renew(self) -> None:
        """Let the catalog's log be used again: for who holds an index while others are built."""
        self._catalog.renew()

    def check_encoder(self, identity: EncoderIdentity) -> None:
        """Refuse an encoder whose vectors do not compare with the ones in this index.

        Raises:
            IndexLoadError: any field of its identity differs from the encoder of this build.

        """
        self.build.check_encoder(identity, self._catalog.folder)

    @cached_property
    def acronyms(self) -> Acronyms:
        """What the documents define."""
        return Acronyms(self._catalog.acronyms(self.build.number))

    def __len__(self) -> int:
        """Count the passages."""
        return len(self._opened)

    def ids_among(self, ids: Iterable[str]) -> set[str]:
        """Give those of these ids that are documents'."""
        return self._catalog.ids_among(self.build.number, ids)

    def keys_of(self, document_ids: Iterable[str]) -> list[int]:
        """List the keys of these documents' passages, rising."""
        keys = sorted(self._catalog.passage_keys(self.build.number, document_ids))
        if not self._opened.holds(keys):
            raise damaged(self._catalog.folder, "a passage has another key than its vector")
        return keys

    def keys_where(self, wanted: Filter) -> list[int]:
        """List the keys of the passages of all documents that meet a filter, rising.

        Raises:
            ConfigError: a folder or tag is unknown, or no document meets all of it.

        """
        return self._facets.keys(wanted)

    def filterable(self) -> Filterable:
        """Give what a filter can ask for."""
        return self._facets.filterable()

    def dense(
        self, queries: Vectors, k: int, within: Sequence[int] | None = None
    ) -> list[list[tuple[int, float]]]:
        """Find the `k` nearest passages to each query, (n, d), as (key, cosine), best first.

        `within` names the keys of the passages to search; None searches all.
        """
        return self._opened.dense(queries, k, within)

    def dense_scores(self, query: Vectors, keys: Sequence[int]) -> list[float]:
        """Give the cosine of one query, (d,), to each passage."""
        return self._opened.scores(query, keys)

    def lexical(
        self, question: str, k: int, within: Sequence[int] | None = None
    ) -> list[tuple[int, float]]:
        """Find the `k` passages that best match the question's terms, as (key, BM25)."""
        return self._opened.lexical(question, k, within)

    def terms(self, text: str) -> list[str]:
        """Give the terms that a text is searched by."""
        return self._opened.terms(text)

    def rarity(self, term: str) -> float:
        """Give a term's inverse document frequency; higher is rarer, never below 0."""
        return self._opened.rarity(term)

    def holding(self, form: str) -> int:
        """Count the passages in which the words of a form stand one after the other."""
        return self._opened.holding(form)

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
        return self.edition(document_id)[0]

    def edition(self, document_id: str) -> tuple[Source | None, bool]:
        """Give the newest edition of a document, and whether it is that of several itself."""
        known = self._editions.get(document_id)
        if known is not None:
            return known
        if len(self._editions) >= _KEPT_EDITIONS:
            self._editions = {}
        found = self._editions_beside(document_id)
        self._editions |= found
        return found[document_id]

    def _editions_beside(self, document_id: str) -> dict[str, tuple[Source | None, bool]]:
        """Give what is known of the editions of a document and of all that are named alike."""
        family = self._catalog.family(self.build.number, document_id)
        newer = newer_editions(family)
        newest = {source.id for source in newer.values()}
        ids = {document_id, *(source.id for source in family)}
        return {id: (newer.get(id), id in newest) for id in ids}

    def page_at(self, document_id: str, offset: int) -> tuple[int, str]:
        """Give the number of the page that holds an offset, and what is printed there as such.

        What parts two pages belongs to the first. The label is "" where none is known.
        """
        pages = self._pages.get(document_id)
        if pages is None:
            if len(self._pages) >= _KEPT_DOCUMENTS:
                self._pages = {}
            pages = self._catalog.pages(self.build.number, document_id)
            self._pages[document_id] = pages
        page = pages[max(bisect_right(pages, offset, key=lambda page: page.start) - 1, 0)]
        return page.number, page.label

    def ledger(self) -> dict[int, list[LedgerPage]]:
        """Give every page of every file, by the file's key."""
        return self._catalog.ledger(self.build.number)

    def status(self) -> IndexStatus:
        """Sum up what the index holds."""
        counts = self.build.counts
        return IndexStatus(
            folder=str(self._catalog.folder),
            build=self.build,
            files=tuple(self._catalog.files(self.build.number)),
            documents=counts["documents"],
            pages=counts["pages"],
            pages_unread=self.pages_unread,
            page_states=self._catalog.page_states(self.build.number),
            passages=counts["passages"],
            segments=self._opened.segments,
            store=self._opened.described,
        )


def open_index(folder: Path, checked: Checked | None = None) -> LocalIndex:
    """Open the current build of an index folder.

    Derived files in `checked` are taken to be right; those that are checked now are entered there.

    Raises:
        IndexLoadError: there is no index, or a file of it is missing or not as it was written.

    """
    while True:
        catalog = Catalog.open(folder)
        try:
            return _opened(catalog, {} if checked is None else checked)
        except IndexLoadError:
            if catalog.state() == state_of(folder):
                catalog.close()
                raise
            catalog.close()  # another build became the current one, and this one's files went
        except BaseException:
            catalog.close()
            raise


def state_of(folder: Path) -> tuple[int, str]:
    """Give what changes whenever another build or calibration of an index becomes the current one.

    Raises:
        IndexLoadError: there is no index in the folder, or it cannot be read as one.

    """
    with closing(Catalog.open(folder)) as catalog:
        return catalog.state()


def _opened(catalog: Catalog, checked: Checked) -> LocalIndex:
    builds = catalog.builds()
    if not builds:
        raise never_completed(catalog.folder)
    build = builds[-1]
    store = store_of(catalog.folder, build)
    return LocalIndex(catalog, build, store.open(catalog, build, checked))
