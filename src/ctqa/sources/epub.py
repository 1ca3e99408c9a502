"""A book (EPUB) -> content, a page a file of its reading order.

An EPUB is a ZIP archive of XHTML files with a list of their order; the one kept library for it
has a licence that CTQA cannot take (AGPL).
"""

import posixpath
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote

from ctqa.errors import SourceError
from ctqa.sources.archive import Archive, Encrypted, open_archive
from ctqa.sources.content import Loaded, year_within
from ctqa.sources.decode import tidy
from ctqa.sources.html import decode_html, parse_html
from ctqa.sources.html_blocks import write_html
from ctqa.sources.manuscript import Manuscript

_CONTAINER = "META-INF/container.xml"
_NS = {
    "c": "urn:oasis:names:tc:opendocument:xmlns:container",
    "opf": "http://www.idpf.org/2007/opf",
    "dc": "http://purl.org/dc/elements/1.1/",
    "enc": "http://www.w3.org/2001/04/xmlenc#",
}
_TEXTS = frozenset({"application/xhtml+xml", "text/html"})
_FONTS = (".otf", ".ttf", ".woff", ".woff2")  # may be scrambled without keeping anyone from reading


@dataclass(frozen=True, slots=True, kw_only=True)
class _Book:
    """What the package file of a book tells."""

    texts: tuple[str, ...]  # names of entries, in reading order
    title: str = ""
    author: str = ""
    year: str = ""
    lost: tuple[str, ...] = field(default=())  # entries that the order names and that are not there


def load_epub(data: bytes) -> Loaded:
    """Read a book in its reading order.

    Raises:
        SourceError: the file is damaged, or larger than is reasonable.

    """
    archive = open_archive(data)
    try:
        if _is_protected(archive):
            return Loaded(state="encrypted", reason="protected against copying (DRM)")
        book = _book(archive)
        manuscript = Manuscript()
        for name in book.texts:
            _write_text(manuscript, archive, name)
    except Encrypted:
        return Loaded(state="encrypted", reason="encrypted, with a password that books never have")
    lost = f"{len(book.lost)} files of its text are missing" if book.lost else ""
    if not book.texts:
        return Loaded(state="empty", reason=lost or "it lists no texts")
    content = manuscript.content(title=book.title, author=book.author, year=book.year)
    return Loaded(contents=(content,), reason=lost)


def _write_text(manuscript: Manuscript, archive: Archive, name: str) -> None:
    try:
        tree, _ = parse_html(decode_html(archive.read(name)))
    except SourceError as exc:
        manuscript.page(state="failed", reason=str(exc))
        return
    manuscript.page()
    if tree is not None:
        write_html(manuscript, tree)


def _is_protected(archive: Archive) -> bool:
    name = "META-INF/encryption.xml"
    if name not in archive.names:
        return False
    references = archive.xml(name).iterfind(".//enc:CipherReference", _NS)
    hidden = [reference.get("URI", "") for reference in references]
    return any(not uri.lower().endswith(_FONTS) for uri in hidden)


def _book(archive: Archive) -> _Book:
    if _CONTAINER not in archive.names:
        raise SourceError(f"not an EPUB: {_CONTAINER} is missing")
    root = archive.xml(_CONTAINER).find(".//c:rootfile", _NS)
    path = "" if root is None else root.get("full-path", "")
    if path not in archive.names:
        raise SourceError("damaged (its package file is missing)")
    package = archive.xml(path, doctype=True)
    named = list(_reading_order(package, posixpath.dirname(path)))
    there = set(archive.names)
    return _Book(
        texts=tuple(name for name in named if name in there),
        title=next(iter(_told(package, "title")), ""),
        author=", ".join(_told(package, "creator")),
        year=year_within(" ".join(_told(package, "date"))),
        lost=tuple(name for name in named if name not in there),
    )


def _reading_order(package: Any, folder: str) -> Iterator[str]:
    items = {item.get("id", ""): item for item in package.iterfind(".//opf:item", _NS)}
    for reference in package.iterfind(".//opf:spine/opf:itemref", _NS):
        item = items.get(reference.get("idref", ""))
        if item is not None and item.get("media-type", "") in _TEXTS:
            yield posixpath.normpath(posixpath.join(folder, unquote(item.get("href", ""))))


def _told(package: Any, name: str) -> Sequence[str]:
    found = (tidy(node.text or "") for node in package.iterfind(f".//dc:{name}", _NS))
    return [text for text in found if text]
