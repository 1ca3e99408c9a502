"""Checking every row of the files, documents, pages, passages and acronyms against its seal.

One document with what belongs to it is in memory at a time; what is wrong with it is one finding.
"""

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256
from itertools import pairwise
from typing import Any

from ctqa.index import rows
from ctqa.index.catalog import unread_pages
from ctqa.index.paging import page_at
from ctqa.index.rows import Head
from ctqa.index.schema import FILE_NAME
from ctqa.index.verify_catalog import Examination
from ctqa.index.verify_findings import Finding, fix_and_read, listed, shown
from ctqa.records import Page

Span = tuple[Any, Any]  # first and last build of a row, as they stand there
Count = Callable[[str, int], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Lives:
    """Which builds a row may belong to."""

    kept: tuple[int, ...]  # the committed builds that are still there
    current: int
    next: int

    @classmethod
    def of(cls, head: Head, kept: Iterable[int]) -> "Lives":
        """Tell by the head and the builds that are there."""
        return cls(kept=tuple(kept), current=head.build, next=head.next)

    def allow(self, span: Span) -> bool:
        """Tell whether a row may live so: in a build that is kept, or staged for the next one."""
        first, last = span
        if type(first) is not int or not (last is None or type(last) is int):
            return False
        if first == self.next:
            return last is None or last == self.current  # a stopped build may have ended it
        end = self.current if last is None else last
        within = 1 <= first <= end <= self.current
        return within and any(first <= number <= end for number in self.kept)


def check_files(exam: Examination, lives: Lives, count: Count) -> Iterator[Finding]:
    """Find the files whose rows are not as they were written."""
    for *values, documents, last, seal in exam.each(
        f"SELECT {rows.FILE_COLUMNS}, (SELECT count(*) FROM documents WHERE file = files.key), "
        "last_build, seal FROM files ORDER BY key"
    ):
        faults = list(_file_faults(values, documents, last, seal, lives))
        count("files", 1)
        if faults:
            yield _finding(exam, values[0], f"file {values[1]}", faults)


def _file_faults(
    values: Sequence[Any], documents: int, last: Any, seal: Any, lives: Lives
) -> Iterator[str]:
    if seal != rows.seal_of_file(values):
        yield "its row is not as it was written"
    elif documents != values[8]:
        yield f"{documents} documents of it are there, expected {values[8]}"
    if not lives.allow((values[9], last)):
        yield f"it lives from build {values[9]!r} to {last!r}, which are no builds kept"


def check_documents(exam: Examination, lives: Lives, count: Count) -> Iterator[Finding]:
    """Find the documents of which anything is not as it was written."""
    columns = f"{rows.DOCUMENT_COLUMNS}, facets_crc32, last_build, seal, body_seal"
    for row in exam.each(f"SELECT {columns}, sections, asides, text FROM documents ORDER BY key"):
        faults = list(_Document(exam, row, count).faults(lives))
        count("documents", 1)
        if faults:
            yield _finding(exam, row[1], f"document {row[2]}", faults)


class _Document:
    """A document's row as it stands in the catalog, with what belongs to it."""

    def __init__(self, exam: Examination, row: Sequence[Any], count: Count) -> None:
        *values, crc32, last, seal, body_seal, sections, asides, text = row
        self._exam = exam
        self._count = count
        self._values = values
        self._named = dict(zip(rows.DOCUMENT_COLUMNS.split(", "), values, strict=True))
        self._key = self._named["key"]
        self._span: Span = (self._named["first_build"], last)
        self._seals = (crc32, seal, body_seal)
        self._body = (self._key, sections, asides, text)
        self._text = text if isinstance(text, str) else ""

    def faults(self, lives: Lives) -> Iterator[str]:
        yield from self._own_faults(lives)
        pages: list[Page] = []
        yield from self._page_faults(pages)
        yield from self._passage_faults(pages)
        yield from self._acronym_faults()

    def _own_faults(self, lives: Lives) -> Iterator[str]:
        crc32, seal, body_seal = self._seals
        if seal != rows.seal_of_document(self._values):
            yield "its row is not as it was written"
        elif crc32 != rows.crc_of_facets([self._named[n] for n in rows.FACET_COLUMNS.split(", ")]):
            yield "the checksum of what it is filtered by is not"
        if body_seal != rows.seal_of_body(self._body):
            yield "its text is not as it was written"
        else:
            yield from self._stretch_faults()
        file = self._exam.all(
            "SELECT first_build, last_build FROM files WHERE key = :key", key=self._named["file"]
        )
        if not lives.allow(self._span) or file != [self._span]:
            yield f"it lives from build {self._span[0]!r} to {self._span[1]!r}, unlike its file"

    def _stretch_faults(self) -> Iterator[str]:
        """Find sections and asides that reach beyond the text."""
        _, sections, asides, text = self._body
        ranges = [stretch[-2:] for stretch in (*json.loads(sections), *json.loads(asides))]
        if not all(0 <= start <= end <= len(text) for start, end in ranges):
            yield "a section reaches beyond its text"

    def _page_faults(self, good: list[Page]) -> Iterator[str]:
        """Find what is wrong with the pages; those that are right are put into `good`."""
        found = 0
        for *values, seal in self._exam.each(
            f"SELECT {rows.PAGE_COLUMNS}, seal FROM pages WHERE document = :key ORDER BY number",
            key=self._key,
        ):
            found += 1
            if seal == rows.seal_of_page(self._key, values):
                good.append(rows.page_from(values))
            else:
                yield f"page {values[0]} is not as it was written"
        self._count("pages", found)
        yield from self._counted("pages", found)
        if found == len(good):
            unread = unread_pages(good)
            if unread != self._named["unread"]:
                yield f"{unread} pages of it are unread, expected {self._named['unread']}"
            yield from _order_faults(good, len(self._text))

    def _passage_faults(self, pages: Sequence[Page]) -> Iterator[str]:
        found = 0
        for *values, last, seal, search_text in self._exam.each(
            f"SELECT {rows.PASSAGE_COLUMNS}, last_build, seal, search_text FROM passages "
            "WHERE document = :key ORDER BY key",
            key=self._key,
        ):
            found += 1
            start, end = values[3:5]
            part = self._text[start:end] if type(start) is type(end) is int else ""
            if seal != rows.seal_of_passage(values, part):
                yield f"passage {values[1]} is not as it was written"
            elif values[7] != sha256(_raw(search_text)).digest():
                yield f"the search copy of passage {values[1]} is not as it was written"
            elif (values[6], last) != self._span:
                yield f"passage {values[1]} lives to build {last!r}, its document to another"
            elif pages:
                yield from _range_faults(values, part, pages)
        self._count("passages", found)
        yield from self._counted("passages", found)

    def _acronym_faults(self) -> Iterator[str]:
        found = 0
        for *values, seal in self._exam.each(
            f"SELECT {rows.ACRONYM_COLUMNS}, seal FROM acronyms WHERE document = :key",
            key=self._key,
        ):
            found += 1
            _, short, _, start, end = values
            if seal != rows.seal_of_acronym(values):
                yield f"an acronym ({short!r}) is not as it was written"
            elif short not in self._text[start:end]:
                yield f"acronym {short} does not stand at {start}-{end}"
        self._count("acronyms", found)
        yield from self._counted("acronyms", found)

    def _counted(self, what: str, found: int) -> Iterator[str]:
        if found != self._named[what]:
            yield f"{found} {what} of it are there, expected {self._named[what]}"


def _order_faults(pages: Sequence[Page], length: int) -> Iterator[str]:
    """Find pages that do not lie one after the other within a text of so many characters."""
    for before, page in pairwise(pages):
        if not (before.number < page.number and before.end <= page.start):
            yield f"page {page.number} does not begin after page {before.number}"
    for page in pages:
        if not (page.number >= 1 and 0 <= page.start <= page.end <= length):
            yield f"page {page.number} does not lie within the text"


def _range_faults(values: Sequence[Any], part: str, pages: Sequence[Page]) -> Iterator[str]:
    """Find what of a passage, and of its sentences, does not lie where it should."""
    passage = rows.passage_from(values, "", part, "")
    if not (0 <= passage.start < passage.end and len(part) == passage.end - passage.start):
        yield f"passage {passage.id} does not lie within the text"
    at = passage.start
    for sentence in passage.sentences:
        if not at <= sentence.start < sentence.end <= passage.end:
            yield f"sentence {sentence.start}-{sentence.end} lies beyond passage {passage.id}"
        at = sentence.end
    places = [(passage.start, passage.page), *((s.start, s.page) for s in passage.sentences)]
    for start, page in places:
        found = page_at(pages, start).number
        if page != found:
            yield f"{passage.id}: {start} is noted on page {page}, it stands on {found}"


def _raw(value: Any) -> bytes:
    return value if isinstance(value, bytes) else str(value).encode("utf-8", "surrogatepass")


def _finding(exam: Examination, file: Any, what: str, faults: list[str]) -> Finding:
    found = exam.all("SELECT path FROM files WHERE key = :key", key=file)
    where = f" ({found[0][0]})" if len(found) == 1 else ""
    return Finding(
        kind="row",
        what=shown(f"{exam.folder / FILE_NAME}: {what}{where}: {listed(faults)}"),
        mend=fix_and_read(exam.folder),
        file=file if type(file) is int else 0,
    )
