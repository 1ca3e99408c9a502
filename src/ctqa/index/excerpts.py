"""Excerpts: any stretch of a document, with its place and what stands around it; no model."""

import re
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from ctqa.errors import ConfigError
from ctqa.index.catalog import Catalog
from ctqa.index.paging import page_at
from ctqa.index.rows import DocumentRow
from ctqa.index.schema import damaged, never_completed
from ctqa.records import Page, Passage, Source

_ID = re.compile(r"(.+):([0-9]{1,12})-([0-9]{1,12})", re.DOTALL)


@dataclass(frozen=True, slots=True, kw_only=True)
class Excerpt:
    """A stretch of a document: `text` is its `start` to `end`, of `chars` in all."""

    build: int
    source: Source
    page: Page  # of its first character
    section: tuple[str, ...]
    start: int
    end: int
    text: str
    before: str
    after: str
    chars: int


def excerpt_of_passage(folder: Path, passage_id: str, *, around: int) -> Excerpt:
    """Fetch a passage by its id, with at most `around` characters on each side of it.

    Raises:
        ConfigError: the current build has no such passage.
        IndexLoadError: there is no index, or it is damaged.

    """
    form = _ID.fullmatch(passage_id)
    if form is None:
        raise ConfigError(f"{passage_id!r:.100}: is the id of no passage, which a search gives")
    with closing(Catalog.open(folder)) as catalog:
        build = _current(catalog)
        row = _row(catalog, build, form[1])
        passages = catalog.passages_of(row)
        found = next((each for each in passages if each.id == passage_id), None)
        if found is None:
            raise ConfigError(
                f"no passage {passage_id!r:.100} in build {build}; its document may have been read "
                "anew since it was found: search again"
            )
        return _excerpt(catalog, build, row, (found.start, found.end, around), passages)


def excerpt_of_range(
    folder: Path, document_id: str, start: int, end: int, *, around: int
) -> Excerpt:
    """Fetch a stretch of a document, with at most `around` characters on each side of it.

    Raises:
        ConfigError: the current build has no such document, or the range is not within it.
        IndexLoadError: there is no index, or it is damaged.

    """
    with closing(Catalog.open(folder)) as catalog:
        build = _current(catalog)
        row = _row(catalog, build, document_id)
        return _excerpt(catalog, build, row, (start, end, around), catalog.passages_of(row))


def _current(catalog: Catalog) -> int:
    builds = catalog.builds()
    if not builds:
        raise never_completed(catalog.folder)
    return builds[-1].number


def _row(catalog: Catalog, build: int, document_id: str) -> DocumentRow:
    if not catalog.ids_among(build, [document_id]):
        raise ConfigError(f"no document {document_id!r:.100} in build {build}")
    rows = catalog.documents_named(build, [document_id])
    if len(rows) != 1:
        raise damaged(catalog.folder, f"{len(rows)} documents are called {document_id}")
    return rows[0]


def _excerpt(
    catalog: Catalog,
    build: int,
    row: DocumentRow,
    wanted: tuple[int, int, int],
    passages: tuple[Passage, ...],
) -> Excerpt:
    start, end, around = wanted
    document = catalog.whole(row)
    text = document.text
    if not 0 <= start < end <= len(text):
        raise ConfigError(
            f"start {start}, end {end}: expected a range within 0-{len(text)}, which {row.id} has"
        )
    return Excerpt(
        build=build,
        source=document.source,
        page=page_at(document.pages, start),
        section=_section(passages, start, end),
        start=start,
        end=end,
        text=text[start:end],
        before=text[max(0, start - around) : start],
        after=text[end : end + around],
        chars=len(text),
    )


def _section(passages: tuple[Passage, ...], start: int, end: int) -> tuple[str, ...]:
    """Give the section of the passage that holds a range whole, else of one that has its start."""
    whole = (each for each in passages if each.start <= start and end <= each.end)
    partly = (each for each in passages if each.start <= start < each.end)
    found = next(whole, None)
    found = next(partly, None) if found is None else found
    return () if found is None else found.section
