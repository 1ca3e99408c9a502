"""The documents of an index, without the models that answering needs."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from ctqa.errors import IndexLoadError
from ctqa.index.local import LocalIndex, open_index
from ctqa.index.schema import FILE_NAME
from ctqa.records import Document, Source


@dataclass(frozen=True, slots=True)
class OpenedDocuments:
    """What locating and suggesting ask of an index."""

    _index: LocalIndex

    def documents(self) -> Sequence[Source]:
        """List the documents."""
        return self._index.sources()

    def document(self, document_id: str) -> Document:
        """Fetch a document with its text and pages."""
        found = self._index.document(document_id)
        if found is None:
            raise IndexLoadError(f"the index has no document {document_id!r}; `ctqa verify` it")
        return found


@contextmanager
def opened_documents(folder: Path) -> Iterator[OpenedDocuments]:
    """Open an index's documents for as long as they are used.

    Raises:
        IndexLoadError: there is no usable index in the folder.

    """
    index = open_index(folder)
    try:
        yield OpenedDocuments(index)
    finally:
        index.close()


def is_index(folder: Path) -> bool:
    """Tell whether an index is in a folder, be it whole or not."""
    return (folder / FILE_NAME).exists()
