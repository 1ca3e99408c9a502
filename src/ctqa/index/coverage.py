"""Coverage: what an index has read and what it has not, with the reasons; no model."""

from collections import Counter
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from ctqa.index.catalog import Catalog
from ctqa.index.rows import FileRow, LedgerPage
from ctqa.index.schema import never_completed
from ctqa.records import UNREAD_FILES, UNREAD_PAGES, FileState, Source

_PAGES_LISTED = 50  # of one file


@dataclass(frozen=True, slots=True, kw_only=True)
class Unread:
    """A file that was not read, or not all of it: the first of the pages that were not."""

    id: str
    state: FileState
    reason: str
    pages: tuple[LedgerPage, ...]
    pages_unread: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Coverage:
    """What a build holds and what it lacks; `sources` and `unread` are the first of them."""

    build: int
    created_at: str  # ISO 8601, UTC
    files: Mapping[str, int]  # how many there are of each state
    pages: Mapping[str, int]
    documents: int
    passages: int
    pages_unread: int  # and files none of whose pages is known
    sources: tuple[Source, ...]
    sources_in_all: int
    unread: tuple[Unread, ...]
    unread_in_all: int


def coverage_of(folder: Path, *, most: int) -> Coverage:
    """Sum up the current build of an index, listing at most so many documents and unread files.

    Raises:
        IndexLoadError: there is no index, or it is damaged.

    """
    with closing(Catalog.open(folder)) as catalog:
        builds = catalog.builds()
        if not builds:
            raise never_completed(catalog.folder)
        build = builds[-1]
        files = catalog.files(build.number)
        partly = catalog.files_with_pages(build.number, UNREAD_PAGES)
        unread = [row for row in files if row.state in UNREAD_FILES or row.key in partly]
        sources = catalog.sources(build.number)
        return Coverage(
            build=build.number,
            created_at=build.created_at,
            files=dict(sorted(Counter(row.state for row in files).items())),
            pages=catalog.page_states(build.number),
            documents=build.counts["documents"],
            passages=build.counts["passages"],
            pages_unread=build.counts["pages_unread"] + build.counts["files_unread"],
            sources=tuple(sources[:most]),
            sources_in_all=len(sources),
            unread=tuple(_unread(catalog, row) for row in unread[:most]),
            unread_in_all=len(unread),
        )


def _unread(catalog: Catalog, file: FileRow) -> Unread:
    pages = [
        LedgerPage(document_id=row.id, page=page)
        for row in catalog.documents_of(file)
        for page in catalog.pages_of(row)
        if page.state in UNREAD_PAGES
    ]
    return Unread(
        id=file.id,
        state=file.state,
        reason=file.reason,
        pages=tuple(pages[:_PAGES_LISTED]),
        pages_unread=len(pages),
    )
