"""A found file and what was loaded of it -> its documents, or the reason why there are none."""

import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import overload

from ctqa.records import (
    UNREAD_PAGES,
    Document,
    FileState,
    Page,
    PageState,
    Source,
    SourceFile,
    Told,
)
from ctqa.sources.cite import Citation, Citations
from ctqa.sources.content import Content, Loaded, ReadOptions
from ctqa.sources.decode import clean, tidy
from ctqa.sources.files import FoundFile
from ctqa.sources.load import LoadedFile, load_file, not_loaded

_HYPHEN = re.compile(r"(?<=[^\W\d_])-(?=[^\W\d_])")  # between letters: not in 2010-11
_STATES: tuple[tuple[PageState, FileState], ...] = (
    # what a file without any text is called, by the gravest state among its pages
    ("encrypted", "encrypted"),
    ("failed", "failed"),
    ("unreadable", "unreadable"),
    ("skipped", "skipped"),
)


def read_file(
    found: FoundFile, citations: Citations, options: ReadOptions = ReadOptions()
) -> SourceFile:
    """Read a file in this very process; builds read strangers' files in children (`isolated`).

    Whatever is wrong with the file stands in the result, nothing is raised.
    """
    loaded = load_file(found.path, options) if found.state == "found" else passed_over(found)
    return source_file(found, loaded, citations)


def passed_over(found: FoundFile) -> LoadedFile:
    """Tell of a file that is not to be read at all."""
    state: FileState = "unreadable" if found.state == "found" else found.state
    return not_loaded(found.path, Loaded(state=state, reason=found.reason))


def source_file(found: FoundFile, read: LoadedFile, citations: Citations) -> SourceFile:
    """Make the ledger's record of a file, with its documents.

    A citation goes before what a file tells about itself, but the documents of a corpus keep
    their own titles. Documents without text are there too: their pages belong into the ledger.
    """
    state, reason = _verdict(read.loaded)
    citation = citations.of(found.path)
    return SourceFile(
        path=clean(str(found.path)),
        sha256=read.sha256,
        size=read.size,
        state=state,
        reason=reason,
        documents=_each_made(
            read.loaded.contents, lambda content: _document(content, found, read.sha256, citation)
        ),
    )


class _Documents(Sequence[Document]):
    """Documents of a large corpus, each made whenever it is asked for."""

    def __init__(
        self, contents: Sequence[Content], document_of: Callable[[Content], Document]
    ) -> None:
        self._contents = contents
        self._document_of = document_of

    def __len__(self) -> int:
        return len(self._contents)

    @overload
    def __getitem__(self, place: int) -> Document: ...

    @overload
    def __getitem__(self, place: slice) -> Sequence[Document]: ...

    def __getitem__(self, place: int | slice) -> Document | Sequence[Document]:
        if isinstance(place, slice):
            return [self[each] for each in range(*place.indices(len(self)))]
        return self._document_of(self._contents[place])


def _each_made(
    contents: Sequence[Content], document_of: Callable[[Content], Document]
) -> Sequence[Document]:
    at_hand = isinstance(contents, tuple)
    return tuple(map(document_of, contents)) if at_hand else _Documents(contents, document_of)


def _verdict(loaded: Loaded) -> tuple[FileState, str]:
    """Tell what became of a file by its pages, for one without any text."""
    pages: list[Page] = []
    has_text = False
    for content in loaded.contents:
        pages += content.pages
        has_text = has_text or bool(content.text.strip())
    if loaded.state != "read":
        return loaded.state, loaded.reason
    if has_text:
        return "read", "; ".join(part for part in (loaded.reason, _unread(pages)) if part)
    states = {page.state for page in pages}
    state: FileState = next((named for page, named in _STATES if page in states), "empty")
    return state, "; ".join(part for part in (_counted(pages, len(pages)), loaded.reason) if part)


def _unread(pages: Sequence[Page]) -> str:
    """Say which of a file's pages are missing from its text, or cannot be relied on."""
    missing = [page for page in pages if page.state in (*UNREAD_PAGES, "poor")]
    return _counted(missing, len(pages))


def _counted(pages: Sequence[Page], of: int) -> str:
    reasons = Counter(page.reason for page in pages).most_common(3)
    return "; ".join(f"{count} of {of} pages: {why}" for why, count in reasons)


def _document(content: Content, found: FoundFile, digest: str, citation: Citation) -> Document:
    told = Told(
        part=content.part,
        id=content.id,
        sha256=content.sha256,
        title=content.title,
        author=content.author,
        year=content.year,
    )
    source = _source(told, found, digest, citation)
    return Document(
        source=source,
        text=content.text,
        pages=content.pages,
        sections=content.sections,
        layout=content.layout,
        blocks=content.blocks,
        asides=content.asides,
        told=told,
        name=_name(source, told, citation),
    )


def moved(document: Document, found: FoundFile, digest: str, citations: Citations) -> Document:
    """Give a document that was read before as it is known under another path or citation."""
    citation = citations.of(found.path)
    source = _source(document.told, found, digest, citation)
    return replace(document, source=source, name=_name(source, document.told, citation))


def _source(told: Told, found: FoundFile, digest: str, citation: Citation) -> Source:
    if told.part:
        name = _first(told.id, f"{found.id}#{told.part}")
        title = _first(told.title, citation.title, name)
    else:
        name, title = found.id, _first(citation.title, told.title, _readable(found.path.stem))
    return Source(
        id=name,
        path=clean(str(found.path)),
        sha256=_first(told.sha256, digest),
        title=title,
        author=_first(citation.author, told.author),
        publication=citation.publication,
        year=_first(citation.year, told.year),
        url=citation.url,
        tags=citation.tags,
    )


def _name(source: Source, told: Told, citation: Citation) -> str:
    """Give a title that stems from the name alone, which changes when the file is renamed."""
    return "" if _first(told.title, citation.title) else source.title


def _first(*choices: str) -> str:
    """Give the first that says something."""
    return next((choice for choice in choices if choice), "")


def _readable(stem: str) -> str:
    """Make words of a file's name."""
    words = stem.replace("_", " ")
    return _first(tidy(words if " " in words else _HYPHEN.sub(" ", words)), clean(stem))
