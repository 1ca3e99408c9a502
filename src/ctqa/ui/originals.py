"""The files behind the documents: found, held against what was read, and drawn.

A file is handed out under a name that says nothing and that nobody guesses, only while a document
of the current build stands for it, and only as long as its bytes are those that were read.
"""

import hashlib
import hmac
import secrets
import stat
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from threading import Lock

from ctqa.answering.serving import Serving
from ctqa.errors import ConfigError, SourceError
from ctqa.records import Document
from ctqa.sources import sha256_of
from ctqa.sources.drawing import Drawer, PdfFile, Placed
from ctqa.sources.files import plain_reason
from ctqa.ui import words

_KEPT_DOCUMENTS = 4  # in memory; some are large
_KEPT_CHECKS = 10_000
_SUFFIX, _SIGNATURE = ".pdf", b"%PDF-"


@dataclass(frozen=True, slots=True, kw_only=True)
class Original:
    """A file on disk whose bytes are those that a document was read from."""

    id: str  # under which it is handed out
    path: Path
    sha256: str
    is_pdf: bool  # by its name, as it was read, and by its bytes

    @property
    def name(self) -> str:
        """What it is called."""
        return self.path.name


class Originals:
    """Gives documents of the current build, and the files that they were read from."""

    def __init__(self, serving: Serving) -> None:
        self._serving = serving
        self._drawer = Drawer()
        self._key = secrets.token_bytes(32)
        self._lock = Lock()
        self._documents: OrderedDict[tuple[int, str], Document] = OrderedDict()
        self._ids: dict[str, str] = {}  # what was handed out, and the document that it means
        self._checked: OrderedDict[tuple[str | int, ...], str] = OrderedDict()

    def close(self) -> None:
        """Draw no more."""
        self._drawer.close()

    def document(self, document_id: str) -> Document:
        """Give a document.

        Raises:
            ConfigError: there is none of that id in the current build.

        """
        with self._serving.lend() as qa:
            key = (qa.build, document_id)
            with self._lock:
                if key in self._documents:
                    self._documents.move_to_end(key)
                    return self._documents[key]
            document = qa.document(document_id)
        with self._lock:
            self._documents[key] = document
            while len(self._documents) > _KEPT_DOCUMENTS:
                self._documents.popitem(last=False)
        return document

    def original(self, document: Document) -> Original:
        """Give the file that a document was read from.

        Raises:
            SourceError: the document is only a part of it, or it is gone, or no longer the same.

        """
        if document.told.part:
            raise SourceError(words.ONE_OF_SEVERAL)
        path = Path(document.source.path)
        try:
            sha256, is_pdf = self._sha256_of(path), _is_pdf(path)
        except OSError as error:
            raise SourceError(words.original_gone(plain_reason(error))) from error
        if sha256 != document.source.sha256:
            raise SourceError(words.ORIGINAL_CHANGED)
        return Original(id=self._id_of(document.id), path=path, sha256=sha256, is_pdf=is_pdf)

    def by_id(self, id: str) -> Original:
        """Give the file that is handed out under an id.

        Raises:
            ConfigError: there is none.
            SourceError: it is gone, or no longer the same.

        """
        document_id = self._ids.get(id)
        if document_id is None:
            raise ConfigError("no file is handed out under this id")
        return self.original(self.document(document_id))

    def picture(self, original: Original, page: int, dpi: int) -> bytes:
        """Draw a page of a PDF as a PNG.

        Raises:
            SourceError: it cannot be drawn.

        """
        return self._drawer.picture(_pdf(original), page, dpi)

    def places(
        self, original: Original, page: int, text: str, spans: Sequence[tuple[int, int]]
    ) -> Placed:
        """Find where stretches of a page's text stand on it, exactly or not at all.

        Raises:
            SourceError: the page cannot be drawn.

        """
        return self._drawer.places(_pdf(original), page, text, spans)

    def _id_of(self, document_id: str) -> str:
        id = hmac.new(self._key, document_id.encode(), hashlib.sha256).hexdigest()[:40]
        self._ids[id] = document_id
        return id

    def _sha256_of(self, path: Path) -> str:
        """Hash a file, unless it was and nothing has touched it since."""
        status = path.stat()
        if not stat.S_ISREG(status.st_mode):
            raise FileNotFoundError(path)
        key = (str(path), status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns)
        with self._lock:
            if key in self._checked:
                return self._checked[key]
        sha256 = sha256_of(path)
        with self._lock:
            self._checked[key] = sha256
            while len(self._checked) > _KEPT_CHECKS:
                self._checked.popitem(last=False)
        return sha256


def _is_pdf(path: Path) -> bool:
    if path.suffix.lower() != _SUFFIX:
        return False
    with path.open("rb") as file:
        return _SIGNATURE in file.read(1024)


def _pdf(original: Original) -> PdfFile:
    return PdfFile(path=original.path, sha256=original.sha256)
