"""What the documents' tab lists: the current build's files, straight from the catalog.

No model and no index of vectors is needed for it, so it is there at once.
"""

from collections import defaultdict
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from threading import Lock

from ctqa import library
from ctqa.citing import newer_editions
from ctqa.index.catalog import Catalog
from ctqa.index.rows import Build, DocumentRow, FileRow
from ctqa.index.schema import never_completed
from ctqa.text import squeeze


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A document with the file that it was read from."""

    document: DocumentRow
    file: FileRow
    is_outdated: bool  # a newer edition of it is among the documents
    words: str  # what it is found by

    @property
    def title(self) -> str:
        """Its title, or the name of its file."""
        return self.document.source.title or self.document.id


@dataclass(frozen=True, slots=True, kw_only=True)
class Shelf:
    """What a build holds."""

    build: Build
    entries: tuple[Entry, ...]  # by title
    problems: tuple[FileRow, ...]
    left_out: tuple[FileRow, ...]  # by the user
    files: Mapping[str, FileRow]  # by id
    documents_of: Mapping[int, tuple[DocumentRow, ...]]  # by the file's key
    dates: Mapping[int, str]  # of the builds that are still known

    def found(self, query: str) -> tuple[Entry, ...]:
        """Give the documents that have all words of a query in what they are found by."""
        wanted = squeeze(query).casefold().split()
        return tuple(each for each in self.entries if all(word in each.words for word in wanted))


class Shelves:
    """Gives the shelf of the current build; it is read again when another one becomes that."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._lock = Lock()
        self._read: tuple[tuple[int, str], Shelf] | None = None

    def now(self) -> Shelf:
        """Give what the current build holds.

        Raises:
            IndexLoadError: there is no index, or it cannot be read.

        """
        with self._lock, closing(Catalog.open(self._folder)) as catalog:
            state = catalog.state()
            if self._read is None or self._read[0] != state:
                self._read = state, _shelf(catalog)
            return self._read[1]


def _shelf(catalog: Catalog) -> Shelf:
    builds = catalog.builds()
    if not builds:
        raise never_completed(catalog.folder)
    build = builds[-1]
    files = {row.key: row for row in catalog.files(build.number)}
    rows = catalog.document_rows(build.number)
    outdated = newer_editions(row.source for row in rows).keys()
    by_file: dict[int, list[DocumentRow]] = defaultdict(list)
    for row in rows:
        by_file[row.file].append(row)
    entries = [
        _entry(row, files[row.file], is_outdated=row.id in outdated) for row in rows if row.passages
    ]
    return Shelf(
        build=build,
        entries=tuple(sorted(entries, key=lambda each: (each.title.casefold(), each.document.id))),
        problems=tuple(row for row in files.values() if row.needs_attention),
        left_out=tuple(row for row in files.values() if library.is_left_out(row)),
        files={row.id: row for row in files.values()},
        documents_of={key: tuple(documents) for key, documents in by_file.items()},
        dates={each.number: each.created_at[:10] for each in builds},
    )


def _entry(row: DocumentRow, file: FileRow, *, is_outdated: bool) -> Entry:
    source = row.source
    said = " ".join([source.title, row.id, file.id, source.author, source.year, source.tags])
    return Entry(document=row, file=file, is_outdated=is_outdated, words=squeeze(said).casefold())
