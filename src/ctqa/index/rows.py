"""What a row of the catalog stands for, and what its seal covers.

A seal covers all that a row says but the builds it ends with, which commits change in passing.
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from ctqa.errors import IndexLoadError
from ctqa.index.seals import Value, check_sum, seal
from ctqa.models import EncoderIdentity
from ctqa.records import Document, FileState, Page, Passage, Section, Sentence, Source, Span, Told

_PAGE_NAMES = ("number", "start", "end", "state", "reason", "label", "extractor")
PAGE_COLUMNS = ", ".join(f'"{name}"' for name in _PAGE_NAMES)


@dataclass(frozen=True, slots=True, kw_only=True)
class Build:
    """One committed state of the index."""

    number: int
    created_at: str  # ISO 8601, UTC
    roots: tuple[str, ...]  # the files and folders that were given, absolute
    config: dict[str, Any]  # the IndexConfig's fields
    encoder: EncoderIdentity
    libraries: dict[str, str]
    checksums: dict[str, str]  # sha256 of every derived file, by its path within the build's folder
    counts: dict[str, int]  # what it holds: files, documents, pages, passages, what is unread

    def check_encoder(self, identity: EncoderIdentity, folder: Path) -> None:
        """Refuse an encoder whose vectors do not compare with the ones in this build.

        Raises:
            IndexLoadError: any field of its identity differs from the encoder of this build.

        """
        built = self.encoder
        if identity != built:
            raise IndexLoadError(
                f"{folder}: was encoded by {built.name} (weights {built.sha256[:12]}, key "
                f"{built.key}), not by {identity.name} (weights {identity.sha256[:12]}, key "
                f"{identity.key}); `ctqa build --encoder {identity.name} --index {folder}` encodes "
                "it anew, and until that is done the old build answers"
            )

    def values(self) -> tuple[Value, ...]:
        """Give the columns of its row."""
        return (
            self.number,
            self.created_at,
            json.dumps(self.roots),
            json.dumps(self.config),
            json.dumps(asdict(self.encoder)),
            json.dumps(self.libraries),
            json.dumps(self.checksums, sort_keys=True),
            json.dumps(self.counts),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """Which build is the current one, and the number of the next: no number is used twice."""

    build: int  # 0: none was ever committed
    next: int


@dataclass(frozen=True, slots=True, kw_only=True)
class FileRow:
    """A file as a build recorded it."""

    key: int
    id: str
    path: str
    sha256: str
    size: int
    state: FileState
    reason: str
    recipe: str
    documents: int
    first_build: int

    @property
    def needs_attention(self) -> bool:
        """Whether it is a document that was not read, or not all of it."""
        return self.state != "ignored" and (self.state != "read" or self.reason != "")


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentRow:
    """A document but for its text."""

    key: int
    file: int
    id: str
    layout: str
    name: str  # what its file's name says, where the document has no title of its own; else ""
    pages: int
    unread: int  # pages
    passages: int
    acronyms: int
    source: Source
    told: Told


@dataclass(frozen=True, slots=True, kw_only=True)
class Life:
    """A passage by its place, and the builds that it belongs to."""

    key: int
    document: int  # its row's key
    document_id: str
    start: int
    end: int
    search_sha256: str
    first: int
    last: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerPage:
    """A page of a file, and the document that it belongs to."""

    document_id: str
    page: Page


FILE_COLUMNS = "key, id, path, sha256, size, state, reason, recipe, documents, first_build"
DOCUMENT_COLUMNS = (
    "key, file, id, layout, name, family, pages, unread, passages, acronyms, first_year, "
    "last_year, tags, first_build, source, told"
)
FACET_COLUMNS = "key, file, passages, first_year, last_year, tags"
BODY_COLUMNS = "key, sections, asides, text"
PASSAGE_COLUMNS = (
    'key, id, document, start, "end", page, first_build, search_sha256, section, sentences'
)
ACRONYM_COLUMNS = 'document, short, long, start, "end"'
BUILD_COLUMNS = "number, created_at, roots, config, encoder, libraries, checksums, counts"


def file_from(row: Sequence[Any]) -> FileRow:
    """Make a file of its `FILE_COLUMNS`."""
    key, id_, path, sha256, size, state, reason, recipe, documents, first_build = row
    return FileRow(
        key=key,
        id=id_,
        path=path,
        sha256=sha256,
        size=size,
        state=state,
        reason=reason,
        recipe=recipe,
        documents=documents,
        first_build=first_build,
    )


def build_from(row: Sequence[Any]) -> Build:
    """Make a build of its `BUILD_COLUMNS`."""
    number, created_at, *stored = row
    roots, config, encoder, libraries, checksums, counts = map(json.loads, stored)
    return Build(
        number=number,
        created_at=created_at,
        roots=tuple(roots),
        config=config,
        encoder=EncoderIdentity(**encoder),
        libraries=libraries,
        checksums=checksums,
        counts=counts,
    )


def page_from(row: Sequence[Any]) -> Page:
    """Make a page of its `PAGE_COLUMNS`."""
    return Page(**dict(zip(_PAGE_NAMES, row, strict=True)))


def page_values(page: Page) -> tuple[Value, ...]:
    """Give the `PAGE_COLUMNS` of a page."""
    return tuple(getattr(page, name) for name in _PAGE_NAMES)


def document_row_from(row: Sequence[Any]) -> DocumentRow:
    """Make a document's row of its `DOCUMENT_COLUMNS`."""
    key, file, id_, layout, name, _, pages, unread, passages, acronyms, *_, source, told = row
    return DocumentRow(
        key=key,
        file=file,
        id=id_,
        layout=layout,
        name=name,
        pages=pages,
        unread=unread,
        passages=passages,
        acronyms=acronyms,
        source=Source(**json.loads(source)),
        told=Told(**json.loads(told)),
    )


def document_from(row: DocumentRow, body: Sequence[Any], pages: Iterable[Page]) -> Document:
    """Make a document of its row, its `BODY_COLUMNS` and its pages."""
    _, sections, asides, text = body
    return Document(
        source=row.source,
        text=text,
        pages=tuple(pages),
        sections=tuple(
            Section(path=tuple(path), start=start, end=end)
            for path, start, end in json.loads(sections)
        ),
        layout="rows" if row.layout == "rows" else "prose",
        asides=tuple(Span(start=start, end=end) for start, end in json.loads(asides)),
        told=row.told,
        name=row.name,
    )


def passage_from(row: Sequence[Any], search_text: str, text: str, document_id: str) -> Passage:
    """Make a passage of its `PASSAGE_COLUMNS`, its search copy, its text and its document's id."""
    _, passage_id, _, start, end, page, _, _, section, sentences = row
    return Passage(
        id=passage_id,
        document_id=document_id,
        start=start,
        end=end,
        text=text,
        page=page,
        section=tuple(json.loads(section)),
        sentences=tuple(
            Sentence(start=a, end=b, kind=kind, page=n, lead=lead, mended=mended)
            for a, b, kind, n, lead, mended in json.loads(sentences)
        ),
        search_text=search_text,
    )


def sentences_form(sentences: Iterable[Sentence]) -> str:
    """Give sentences as they are stored."""
    return json.dumps([[s.start, s.end, s.kind, s.page, s.lead, s.mended] for s in sentences])


def seal_of_head(head: Head) -> bytes:
    """Seal which build is the current one."""
    return seal("head", head.build, head.next)


def seal_of_build(values: Iterable[Value]) -> bytes:
    """Seal the `BUILD_COLUMNS` of a build."""
    return seal("builds", *values)


def seal_of_file(values: Iterable[Value]) -> bytes:
    """Seal the `FILE_COLUMNS` of a file."""
    return seal("files", *values)


def seal_of_document(values: Iterable[Value]) -> bytes:
    """Seal the `DOCUMENT_COLUMNS` of a document."""
    return seal("documents", *values)


def crc_of_facets(values: Iterable[Value]) -> int:
    """Give the CRC-32 of the `FACET_COLUMNS` of a document."""
    return check_sum("\0".join(map(str, values)).encode())


def seal_of_body(values: Iterable[Value]) -> bytes:
    """Seal the `BODY_COLUMNS` of a document."""
    return seal("bodies", *values)


def seal_of_page(document_key: int, values: Iterable[Value]) -> bytes:
    """Seal the `PAGE_COLUMNS` of a page of a document."""
    return seal("pages", document_key, *values)


def seal_of_passage(values: Iterable[Value], text: str) -> bytes:
    """Seal the `PASSAGE_COLUMNS` of a passage with the text that its document has there."""
    return seal("passages", *values, text)


def seal_of_acronym(values: Iterable[Value]) -> bytes:
    """Seal the `ACRONYM_COLUMNS` of an acronym."""
    return seal("acronyms", *values)


def seal_of_calibration(models: str, form: str) -> bytes:
    """Seal a calibration."""
    return seal("calibrations", models, form)
