"""What a row of the catalog stands for."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from ctqa.models import EncoderIdentity
from ctqa.records import Document, FileState, Page, Passage, Section, Sentence, Source, Span

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
    first_build: int

    @property
    def needs_attention(self) -> bool:
        """Whether it is a document that was not read, or not all of it."""
        return self.state != "ignored" and (self.state != "read" or self.reason != "")


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerPage:
    """A page of a file, and the document that it belongs to."""

    document_id: str
    page: Page


def page_from(row: Sequence[Any]) -> Page:
    """Make a page of its `PAGE_COLUMNS`."""
    return Page(**dict(zip(_PAGE_NAMES, row, strict=True)))


def document_from(row: Sequence[Any], pages: Iterable[Sequence[Any]]) -> Document:
    """Make a document of its row and those of its pages."""
    _, source, layout, text, sections, asides = row
    return Document(
        source=Source(**json.loads(source)),
        text=text,
        pages=tuple(page_from(page) for page in pages),
        sections=tuple(
            Section(path=tuple(path), start=start, end=end)
            for path, start, end in json.loads(sections)
        ),
        layout=layout,
        asides=tuple(Span(start=start, end=end) for start, end in json.loads(asides)),
    )


def passage_from(row: Sequence[Any], document_id: str, text: str) -> Passage:
    """Make a passage of its row, and the id and text of its document."""
    _, passage_id, _, start, end, page, section, sentences, search_text = row
    return Passage(
        id=passage_id,
        document_id=document_id,
        start=start,
        end=end,
        text=text[start:end],
        page=page,
        section=tuple(json.loads(section)),
        sentences=tuple(
            Sentence(start=a, end=b, kind=kind, page=n, lead=lead, mended=mended)
            for a, b, kind, n, lead, mended in json.loads(sentences)
        ),
        search_text=search_text,
    )
