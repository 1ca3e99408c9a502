"""What a split document is in the catalog: its rows, each with its seal, ready to be written."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field, fields
from hashlib import sha256

from ctqa.citing import family_of
from ctqa.citing.reference import years_in
from ctqa.index import rows
from ctqa.index.acronyms import Acronym, mine
from ctqa.index.catalog import unread_pages
from ctqa.index.seals import Value
from ctqa.records import Document, Passage, Source, Told

Row = tuple[Value, ...]

_DOCUMENTS = f"{rows.DOCUMENT_COLUMNS}, sections, asides, text, facets_crc32, seal, body_seal"
_PAGES = f"document, {rows.PAGE_COLUMNS}, seal"
_ACRONYMS = f"{rows.ACRONYM_COLUMNS}, seal"
_PASSAGES = f"{rows.PASSAGE_COLUMNS}, seal, search_text"
_NAMES = {kind: tuple(each.name for each in fields(kind)) for kind in (Source, Told)}


@dataclass(frozen=True, slots=True, kw_only=True)
class SplitDocument:
    """A document with its passages, their search copies made."""

    document: Document
    passages: tuple[Passage, ...]


@dataclass(slots=True, kw_only=True)
class StagedRows:
    """The rows of documents of one file of a build to come, gathered to be written together."""

    build: int
    file: int  # its key
    document: int  # the key of the next one
    passage: int
    _documents: list[Row] = field(default_factory=list)
    _pages: list[Row] = field(default_factory=list)
    _acronyms: list[Row] = field(default_factory=list)
    _passages: list[Row] = field(default_factory=list)

    def add(self, split: SplitDocument) -> None:
        """Put in a document with all that belongs to it."""
        acronyms = mine(split.document.text)
        self._documents.append(self._document_row(split, len(acronyms)))
        self._pages += (
            self._page_row(page) for page in map(rows.page_values, split.document.pages)
        )
        self._acronyms += map(self._acronym_row, acronyms)
        self._passages += (
            self._passage_row(key, passage)
            for key, passage in enumerate(split.passages, start=self.passage)
        )
        self.document += 1
        self.passage += len(split.passages)

    def tables(self) -> Iterator[tuple[str, str, list[Row]]]:
        """Give each table's name, its columns, and the rows for it."""
        yield "documents", _DOCUMENTS, self._documents
        yield "pages", _PAGES, self._pages
        yield "acronyms", _ACRONYMS, self._acronyms
        yield "passages", _PASSAGES, self._passages

    def _document_row(self, split: SplitDocument, acronyms: int) -> Row:
        document = split.document
        years = years_in(document.source.year)
        row: Row = (
            *(self.document, self.file, document.id, document.layout, document.name),
            family_of(document.source.title),
            *(len(document.pages), unread_pages(document.pages)),
            *(len(split.passages), acronyms),
            *(min(years, default=0), max(years, default=0), document.source.tags, self.build),
            *(_form(document.source), _form(document.told)),
        )
        body = self._body(document)
        facets = (self.document, self.file, len(split.passages), *row[10:13])
        seals = (rows.crc_of_facets(facets), rows.seal_of_document(row), rows.seal_of_body(body))
        return (*row, *body[1:], *seals)

    def _body(self, document: Document) -> Row:
        sections = json.dumps([[s.path, s.start, s.end] for s in document.sections])
        asides = json.dumps([[s.start, s.end] for s in document.asides])
        return self.document, sections, asides, document.text

    def _page_row(self, values: Row) -> Row:
        return (self.document, *values, rows.seal_of_page(self.document, values))

    def _acronym_row(self, acronym: Acronym) -> Row:
        values = (self.document, acronym.short, acronym.long, acronym.start, acronym.end)
        return (*values, rows.seal_of_acronym(values))

    def _passage_row(self, key: int, passage: Passage) -> Row:
        values = (
            *(key, passage.id, self.document, passage.start, passage.end, passage.page, self.build),
            sha256(passage.search_text.encode()).digest(),
            json.dumps(passage.section),
            rows.sentences_form(passage.sentences),
        )
        return (*values, rows.seal_of_passage(values, passage.text), passage.search_text)


def _form(record: Source | Told) -> str:
    return json.dumps({name: getattr(record, name) for name in _NAMES[type(record)]})
