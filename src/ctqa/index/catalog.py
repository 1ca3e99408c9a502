"""The catalog, SQLite in WAL mode: the one source of truth about an index.

Rows of files, documents and passages carry the first and the last build they belong to; a build is
committed by the one row in `head` that names it. Rows of a build that was never committed are
invisible; the next one takes over what of them it can use and clears the rest away.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from hashlib import sha256
from typing import Any, get_args

import numpy as np

from ctqa.index import rows
from ctqa.index.acronyms import Acronym, Definition
from ctqa.index.rows import DocumentRow, FileRow, LedgerPage, Life
from ctqa.index.sealed import SealedCatalog
from ctqa.index.seals import check_sum
from ctqa.models import EncoderIdentity, Vectors
from ctqa.records import UNREAD_FILES, UNREAD_PAGES, Document, Page, PageState, Passage, Source

LEXICAL_TEXT = (  # of a passage p of a document d
    "CASE name WHEN '' THEN search_text ELSE name || char(10) || search_text END"
)
IN_BUILD = "first_build <= :build AND (last_build IS NULL OR last_build >= :build)"


class Catalog(SealedCatalog):
    """What an index's catalog holds, build by build; safe to share between threads."""

    def files(self, build: int) -> list[FileRow]:
        """List the files of a build in the order of their ids."""
        found = []
        for *values, seal in self._all(
            f"SELECT {rows.FILE_COLUMNS}, seal FROM files WHERE {IN_BUILD} ORDER BY id",
            build=build,
        ):
            self._believe(seal, rows.seal_of_file(values), f"file {values[1]}")
            found.append(rows.file_from(values))
        self._expect(build, files=len(found), sum_of_file_keys=sum(row.key for row in found))
        return found

    def ledger(self, build: int) -> dict[int, list[LedgerPage]]:
        """Give the pages of each file of a build, by the file's key, in the order they lie."""
        known = {row.key: row for row in self.document_rows(build)}
        found: dict[int, list[LedgerPage]] = {}
        counted = 0
        for document, *values, seal in self._all(
            f"SELECT key, {rows.PAGE_COLUMNS}, pages.seal FROM pages JOIN documents "
            f"ON key = document WHERE {IN_BUILD} ORDER BY file, key, number",
            build=build,
        ):
            row = self._one_of(known, document)
            self._believe(seal, rows.seal_of_page(document, values), f"a page of {row.id}")
            page = LedgerPage(document_id=row.id, page=rows.page_from(values))
            found.setdefault(row.file, []).append(page)
            counted += 1
        self._expect(build, pages=counted)
        return found

    def files_with_pages(self, build: int, states: Iterable[PageState]) -> set[int]:
        """Give the keys of the files that have a page in one of these states."""
        found = self._all(
            "SELECT DISTINCT file FROM pages JOIN documents ON key = document "
            f"WHERE {IN_BUILD} AND state IN (SELECT value FROM json_each(:states))",
            build=build,
            states=json.dumps(list(states)),
        )
        return {file for (file,) in found}

    def page_states(self, build: int) -> dict[str, int]:
        """Count the pages of a build by their state."""
        found = dict(
            self._all(
                "SELECT state, count(*) FROM pages JOIN documents ON key = document "
                f"WHERE {IN_BUILD} GROUP BY state ORDER BY state",
                build=build,
            )
        )
        for state in found.keys() - set(get_args(PageState)):
            raise self._damaged(f"pages are {state!r}, which no page can be")
        self._expect(
            build,
            pages=sum(found.values()),
            pages_unread=sum(found.get(state, 0) for state in UNREAD_PAGES),
        )
        return found

    def pages(self, build: int, document_id: str) -> tuple[Page, ...]:
        """Give the pages of a document that a build holds, in order."""
        row = self._document_row(build, document_id)
        if row is None:
            raise self._damaged(f"document {document_id} is missing")
        return self.pages_of(row)

    def pages_of(self, document: DocumentRow) -> tuple[Page, ...]:
        """Give the pages of a document in order."""
        found = []
        for *values, seal in self._all(
            f"SELECT {rows.PAGE_COLUMNS}, seal FROM pages WHERE document = :key ORDER BY number",
            key=document.key,
        ):
            self._believe(seal, rows.seal_of_page(document.key, values), f"a page of {document.id}")
            found.append(rows.page_from(values))
        self._counted(document.pages, len(found), f"pages of {document.id}")
        return tuple(found)

    def sources(self, build: int) -> list[Source]:
        """List the documents of a build in the order of their ids."""
        return [row.source for row in self.document_rows(build)]

    def document_rows(self, build: int) -> list[DocumentRow]:
        """List the documents of a build, without their texts, in the order of their ids."""
        found = self._document_rows(f"{IN_BUILD} ORDER BY id", build=build)
        self._expect(
            build, documents_known=len(found), sum_of_document_keys=sum(row.key for row in found)
        )
        return found

    def documents_of(self, file: FileRow) -> list[DocumentRow]:
        """List a file's documents in the order in which they stand there."""
        found = self._document_rows("file = :file ORDER BY key", file=file.key)
        self._counted(file.documents, len(found), f"documents of {file.id}")
        return found

    def facets(self, build: int) -> list[tuple[int, int, int, int, int, str]]:
        """List what documents are filtered by, by key: their `FACET_COLUMNS`."""
        found = []
        for *values, crc32 in self._all(
            f"SELECT {rows.FACET_COLUMNS}, facets_crc32 FROM documents WHERE {IN_BUILD} "
            "ORDER BY key",
            build=build,
        ):
            if rows.crc_of_facets(values) != crc32:
                raise self._damaged(f"what document {values[0]} is filtered by")
            found.append(tuple(values))
        self._expect(
            build, documents_known=len(found), sum_of_document_keys=sum(row[0] for row in found)
        )
        return found

    def passages_by_document(self, build: int) -> list[tuple[int, int]]:
        """List (document, passage) for all passages of a build, by their keys, rising."""
        found = self._all(
            f"SELECT document, key FROM passages WHERE {IN_BUILD} ORDER BY document, key",
            build=build,
        )
        self._expect(build, passages=len(found), sum_of_passage_keys=sum(key for _, key in found))
        return found

    def family(self, build: int, document_id: str) -> list[Source]:
        """List the documents whose titles differ from this one's in what parts editions."""
        found = self._document_rows(
            f"{IN_BUILD} AND family != '' AND family IN (SELECT family FROM documents WHERE "
            f"id = :id AND {IN_BUILD}) ORDER BY id",
            build=build,
            id=document_id,
        )
        return [row.source for row in found]

    def document_ids(self, build: int) -> set[str]:
        """Give the ids of a build's documents."""
        return {source.id for source in self.sources(build)}

    def document(self, build: int, document_id: str) -> Document | None:
        """Fetch a document with its text; None when the build has none of that id."""
        row = self._document_row(build, document_id)
        return None if row is None else self.whole(row)

    def whole(self, row: DocumentRow) -> Document:
        """Fetch all of a document."""
        found = self._all(
            f"SELECT {rows.BODY_COLUMNS}, body_seal FROM documents WHERE key = :key", key=row.key
        )
        self._counted(1, len(found), f"texts of {row.id}")
        *body, seal = found[0]
        self._believe(seal, rows.seal_of_body(body), f"the text of {row.id}")
        return rows.document_from(row, body, self.pages_of(row))

    def acronyms(self, build: int) -> list[Definition]:
        """List what the documents of a build define, once each: the first by document and place."""
        # SQLite takes the other columns from the row that has the least.
        stored = self._all(
            f"SELECT {rows.ACRONYM_COLUMNS}, acronyms.seal, count(*), "
            "min(id || char(0) || printf('%012d', start)) AS first FROM acronyms CROSS JOIN "
            f"documents ON key = document WHERE {IN_BUILD} GROUP BY short, long ORDER BY first",
            build=build,
        )
        known = self._documents_by_key({row[0] for row in stored})
        found, counted = [], 0
        for *values, seal, times, _ in stored:
            document, short, long, start, end = values
            document_id = self._one_of(known, document).id
            self._believe(seal, rows.seal_of_acronym(values), f"an acronym of {document_id}")
            acronym = Acronym(short=short, long=long, start=start, end=end)
            found.append(Definition(document_id=document_id, acronym=acronym))
            counted += times
        self._expect(build, acronyms=counted)
        return found

    def passages(self, keys: Iterable[int]) -> dict[int, tuple[Passage, Source]]:
        """Fetch passages with their sources by key.

        Raises:
            IndexLoadError: a key is no passage's, or what is stored is not what was.

        """
        wanted = set(keys)
        listed = json.dumps(sorted(wanted))
        stored = self._all(
            f"SELECT {rows.PASSAGE_COLUMNS}, seal, search_text FROM passages "
            "WHERE key IN (SELECT value FROM json_each(:keys))",
            keys=listed,
        )
        self._counted(len(wanted), len(stored), "passages")
        if not all(type(row[2]) is int and type(row[-1]) is str for row in stored):
            raise self._damaged("a passage is not as it was written")
        known = self._documents_by_key({row[2] for row in stored})
        texts = dict(
            self._all(
                "SELECT key, text FROM documents WHERE key IN (SELECT value FROM json_each(:keys))",
                keys=json.dumps(sorted(known)),
            )
        )
        found = {}
        for *values, seal, search_text in stored:
            document = self._one_of(known, values[2])
            passage = self._passage(values, seal, search_text, document.id, texts[document.key])
            found[values[0]] = (passage, document.source)
        return found

    def lives(self, keys: Iterable[int]) -> list[Life]:
        """Give the places and builds of passages, in the order of their keys."""
        found = self._all(
            'SELECT p.key, p.document, d.id, p.start, p."end", lower(hex(p.search_sha256)), '
            "p.first_build, p.last_build FROM passages p CROSS JOIN documents d ON d.key = "
            "p.document WHERE p.key IN (SELECT value FROM json_each(:keys)) ORDER BY p.key",
            keys=json.dumps(list(keys)),
        )
        names = Life.__slots__
        return [Life(**dict(zip(names, values, strict=True))) for values in found]

    def lexical_texts(self, keys: Iterable[int]) -> dict[int, str]:
        """Give what is searched of passages by its words, by their keys.

        It is the search copy, with what the file's name says where the document has no title.
        """
        return dict(
            self._all(
                f"SELECT p.key, {LEXICAL_TEXT} FROM passages p CROSS JOIN documents d ON d.key = "
                "p.document WHERE p.key IN (SELECT value FROM json_each(:keys)) ORDER BY p.key",
                keys=json.dumps(list(keys)),
            )
        )

    def passages_of(self, document: DocumentRow) -> tuple[Passage, ...]:
        """Give the passages of a document in the order of their keys."""
        found = self._all("SELECT key FROM passages WHERE document = :key", key=document.key)
        self._counted(document.passages, len(found), f"passages of {document.id}")
        passages = self.passages(key for (key,) in found)
        return tuple(passages[key][0] for key in sorted(passages))

    def _passage(
        self, values: Sequence[Any], seal: bytes, search_text: str, document_id: str, text: str
    ) -> Passage:
        what = f"passage {values[1]}"
        start, end = values[3:5]
        part = text[start:end] if type(start) is type(end) is int else ""
        self._believe(seal, rows.seal_of_passage(values, part), what)
        self._believe(values[7], sha256(search_text.encode()).digest(), f"the copy of {what}")
        return rows.passage_from(values, search_text, part, document_id)

    def documents_named(self, build: int, ids: Iterable[str]) -> list[DocumentRow]:
        """List the documents of a build that have one of these ids."""
        return self._document_rows(
            f"id IN (SELECT value FROM json_each(:ids)) AND {IN_BUILD}",
            build=build,
            ids=json.dumps(list(ids)),
        )

    def ids_among(self, build: int, ids: Iterable[str]) -> set[str]:
        """Give those of these ids that are documents' of a build."""
        wanted = set(ids)
        found = {row.id for row in self.documents_named(build, wanted)}
        if found != wanted:
            self.document_rows(build)  # that one is not there is true only of a list that is whole
        return found

    def passage_keys(self, build: int, document_ids: Iterable[str]) -> list[int]:
        """List the keys of the passages that documents have in a build."""
        documents = self.documents_named(build, document_ids)
        found = self._all(
            f"SELECT key FROM passages WHERE {IN_BUILD} AND document IN "
            "(SELECT value FROM json_each(:keys))",
            build=build,
            keys=json.dumps([row.key for row in documents]),
        )
        self._counted(sum(row.passages for row in documents), len(found), "passages")
        return [key for (key,) in found]

    def whole_rows(self, build: int, keys: Sequence[int]) -> list[int] | None:
        """Give the keys of the documents that have just these passages; None: some have others."""
        found = self._all(
            f"SELECT document, count(*) FROM passages WHERE {IN_BUILD} AND document IN (SELECT "
            "document FROM passages WHERE key IN (SELECT value FROM json_each(:keys))) "
            "GROUP BY document ORDER BY document",
            build=build,
            keys=json.dumps(list(keys)),
        )
        whole = sum(count for _, count in found) == len(keys)
        return [document for document, _ in found] if whole else None

    def keys(self, build: int) -> list[int]:
        """List the keys of all passages of a build, rising."""
        found = [
            key
            for (key,) in self._all(
                f"SELECT key FROM passages WHERE {IN_BUILD} ORDER BY key", build=build
            )
        ]
        self._expect(build, passages=len(found), sum_of_passage_keys=sum(found))
        return found

    def vectors_of(self, encoder: EncoderIdentity, keys: Sequence[int]) -> Vectors:
        """Fetch the cached vectors of passages, (n, d) float32, in the order of the keys.

        Raises:
            IndexLoadError: one is not there, or not as it was written.

        """
        stored = self._all(
            "SELECT key, vector, crc32 FROM passages JOIN embeddings USING (search_sha256) "
            "WHERE encoder = :encoder AND key IN (SELECT value FROM json_each(:keys))",
            encoder=encoder.key,
            keys=json.dumps([int(key) for key in keys]),
        )
        vectors = {}
        for key, vector, crc32 in stored:
            if not isinstance(vector, bytes) or check_sum(vector) != crc32:
                raise self._damaged(f"the vector of passage {key}")
            vectors[key] = np.frombuffer(vector, dtype="<f4")
        self._counted(len(set(keys)), len(vectors), "vectors")
        if not vectors:
            return np.empty((0, encoder.dimension), dtype=np.float32)
        return np.stack([vectors[int(key)] for key in keys])  # (n, d)

    def calibration(self, models: str) -> str | None:
        """Fetch the calibration that was made with these models, as JSON; None without one."""
        found = self._all(
            "SELECT form, seal FROM calibrations WHERE models = :models", models=models
        )
        if not found:
            return None
        form, seal = found[0]
        self._believe(seal, rows.seal_of_calibration(models, form), "a calibration")
        return str(form)

    def counts(self, build: int) -> dict[str, int]:
        """Count what a build holds and what of it could not be read."""
        documents = f"FROM documents WHERE {IN_BUILD}"
        # A file none of whose pages is known counts as one.
        pageless = f"AND key NOT IN (SELECT file {documents})"
        queries = {
            "files": f"count(*) FROM files WHERE {IN_BUILD}",
            "documents": f"count(*) {documents} AND passages > 0",
            "documents_known": f"count(*) {documents}",
            "pages": f"coalesce(sum(pages), 0) {documents}",
            "passages": f"coalesce(sum(passages), 0) {documents}",
            "acronyms": f"coalesce(sum(acronyms), 0) {documents}",
            "pages_unread": f"coalesce(sum(unread), 0) {documents}",
            "files_unread": f"count(*) FROM files WHERE {IN_BUILD} "
            f"AND state IN {UNREAD_FILES} {pageless}",
            # As many rows are not yet the same rows: which end with a build is in no seal.
            "sum_of_file_keys": f"coalesce(sum(key), 0) FROM files WHERE {IN_BUILD}",
            "sum_of_document_keys": f"coalesce(sum(key), 0) {documents}",
            "sum_of_passage_keys": f"coalesce(sum(key), 0) FROM passages WHERE {IN_BUILD}",
        }
        return {name: self._one(f"SELECT {query}", build=build) for name, query in queries.items()}

    def _document_row(self, build: int, document_id: str) -> DocumentRow | None:
        found = self._document_rows(f"id = :id AND {IN_BUILD}", build=build, id=document_id)
        if len(found) > 1:
            raise self._damaged(f"two documents are called {document_id}")
        if not found:
            self.document_rows(build)  # that there is none is true only of a list that is whole
        return found[0] if found else None

    def _documents_by_key(self, keys: Iterable[int]) -> dict[int, DocumentRow]:
        listed = json.dumps(sorted(keys))
        found = self._document_rows("key IN (SELECT value FROM json_each(:keys))", keys=listed)
        return {row.key: row for row in found}

    def _one_of(self, known: Mapping[int, DocumentRow], key: int) -> DocumentRow:
        if key not in known:
            raise self._damaged(f"document {key} is missing")
        return known[key]

    def _document_rows(self, condition: str, **values: Any) -> list[DocumentRow]:
        found = []
        for *row, seal in self._all(
            f"SELECT {rows.DOCUMENT_COLUMNS}, seal FROM documents WHERE {condition}", **values
        ):
            self._believe(seal, rows.seal_of_document(row), f"document {row[2]}")
            found.append(rows.document_row_from(row))
        return found


def unread_pages(pages: Iterable[Page]) -> int:
    """Count the pages that could not be read."""
    return sum(page.state in UNREAD_PAGES for page in pages)
