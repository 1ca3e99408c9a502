"""What the formats that are ZIP archives share: opened within limits, decrypted, their XML checked.

Everything stays in memory; nothing in a file names something that is fetched, run or written.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO
from typing import Any
from zipfile import BadZipFile, ZipFile, ZipInfo

from lxml import etree

from ctqa.errors import SourceError
from ctqa.sources.content import Loaded
from ctqa.sources.decode import tidy
from ctqa.sources.trouble import PYTHONS, too_much

_MOST_ENTRIES = 20_000
_MOST_BYTES = 500_000_000  # of all entries, unpacked
_MOST_RATIO = 300  # of an entry's size to its packed size; spreadsheets come near 100
_RATIO_FROM = 20_000_000  # a smaller entry may be as dense as it likes
_ENCODINGS = frozenset({"utf-8", "utf8", "utf-16", "us-ascii", "ascii", "iso-8859-1"})
_HEAD = re.compile(rb"""\s*<(?:\?xml\b[^>]*?(?:encoding\s*=\s*["']([\w.:-]+)["'][^>]*?)?\?>)?""")
_MARKUP = (b"<!DOCTYPE", b"<!ENTITY")
_MARKS = (b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"

ENCRYPTED = Loaded(
    state="encrypted",
    reason="encrypted, and no password given opens it; give it with ctqa build --password",
)
DAMAGE = (
    BadZipFile,
    etree.LxmlError,
    SyntaxError,  # the standard library's XML errors
    *PYTHONS,
)
"""What comes out of the libraries over damaged files."""


class Encrypted(Exception):  # noqa: N818 -- a finding that `load_…` turns into a state, no error
    """Raised inside a loader where a file is encrypted and no password opens it."""


@contextmanager
def damage_told(*others: type[Exception]) -> Iterator[None]:
    """Turn what a library raises over a damaged file into a SourceError that says so."""
    try:
        yield
    except (*DAMAGE, *others) as exc:
        raise SourceError(_plain(exc)) from exc


@dataclass(frozen=True, slots=True)
class Archive:
    """An opened ZIP archive whose sizes are known to be within limits."""

    _zip: ZipFile

    @property
    def names(self) -> list[str]:
        """List the entries."""
        return self._zip.namelist()

    def read(self, name: str) -> bytes:
        """Unpack an entry.

        Raises:
            SourceError: it is damaged, or not there.
            Encrypted: it is encrypted.

        """
        with damage_told():
            info = self._zip.getinfo(name)
            if info.flag_bits & 1:
                raise Encrypted
            return self._zip.read(info)

    def xml(self, name: str, *, doctype: bool = False) -> Any:
        """Parse an entry that is XML into its root; no entity in it is resolved.

        Raises:
            SourceError: it is damaged, not there, or has a DTD where `doctype` does not allow one.

        """
        data = self.read(name)
        if not doctype:
            check_xml(data, name)
        return parse_xml(data)


def open_archive(data: bytes, most_bytes: int = _MOST_BYTES) -> Archive:
    """Open a ZIP archive after its sizes, as it declares them, were held against the limits.

    What an entry declares is also the most that is ever unpacked of it; all together may have
    `most_bytes`.

    Raises:
        SourceError: it is no ZIP archive, damaged, or unpacks to more than is reasonable.

    """
    if data.startswith(_OLE):
        raise SourceError("an old Office document (.doc, .xls, .ppt); save it in the new format")
    if not data.startswith(b"PK"):
        raise SourceError("damaged (it does not begin as this format does)")
    with damage_told():
        opened = ZipFile(BytesIO(data))
    _check_sizes(opened.infolist(), most_bytes)
    return Archive(opened)


def office_package(data: bytes, passwords: tuple[str, ...], most_bytes: int = _MOST_BYTES) -> bytes:
    """Give the bytes of an Office Open XML file as the libraries read it: decrypted, transitional.

    A Word file with macros, or a template, becomes a plain document.

    Raises:
        SourceError: it is damaged, too large when unpacked, of the old format, or has a DTD.
        Encrypted: no password opens it.

    """
    package = _decrypted(data, passwords) if data.startswith(_OLE) else data
    archive = open_archive(package, most_bytes)
    is_other = False
    for name in archive.names:
        if name.endswith((".xml", ".rels")):
            part = archive.read(name)
            check_xml(part, name)
            is_other = is_other or _STRICT in part[:4_000]
    is_other = is_other or (
        _TYPES in archive.names and _OTHER_MAIN.search(archive.read(_TYPES)) is not None
    )
    return _rewritten(archive) if is_other else package


def check_xml(data: bytes, name: str) -> None:
    """Refuse XML with a DTD or entities, in whatever encoding, which no office format has.

    Raises:
        SourceError: it has one, or an encoding that office programs do not write.

    """
    plain = data
    for mark in _MARKS:
        plain = plain.removeprefix(mark)
    if b"\x00" in data[:4]:
        plain = plain.replace(b"\x00", b"")
    head = _HEAD.match(plain)
    if plain and (head is None or (head[1] or b"utf-8").decode().lower() not in _ENCODINGS):
        raise SourceError(tidy(f"damaged (its part {name} is not XML as such files have it)"))
    if any(sign in plain for sign in _MARKUP):
        raise SourceError(tidy(f"refused: its part {name} has a DTD or entities"))


def parse_xml(data: bytes) -> Any:
    """Parse XML into its root element; entities stay unresolved and nothing is fetched.

    Raises:
        SourceError: it is damaged.

    """
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
    with damage_told():
        return etree.fromstring(data, parser)


def _check_sizes(entries: list[ZipInfo], most_bytes: int) -> None:
    if len(entries) > _MOST_ENTRIES:
        raise SourceError(f"refused: it has {len(entries):,} parts; {_MOST_ENTRIES:,} are read")
    total = sum(entry.file_size for entry in entries)
    if total > most_bytes:
        raise SourceError(
            f"refused: it unpacks to {total // 1_000_000:,} MB; {most_bytes // 1_000_000} are read"
        )
    for entry in entries:
        if entry.file_size > max(_RATIO_FROM, _MOST_RATIO * entry.compress_size):
            raise SourceError("refused: it unpacks to far more than a document does (a ZIP bomb)")


def _decrypted(data: bytes, passwords: tuple[str, ...]) -> bytes:
    """Decrypt an OLE container that holds an encrypted package."""
    import msoffcrypto  # noqa: PLC0415 -- few files need it
    from msoffcrypto import exceptions  # noqa: PLC0415
    from msoffcrypto.format.ooxml import OOXMLFile  # noqa: PLC0415

    errors = (exceptions.FileFormatError, exceptions.ParseError, exceptions.DecryptionError)
    with damage_told(*errors):
        container = msoffcrypto.OfficeFile(BytesIO(data))
    if not isinstance(container, OOXMLFile):
        raise SourceError("an old Office document (.doc, .xls, .ppt); save it in the new format")
    for password in (*passwords, _OPEN_TO_ALL):
        unpacked = BytesIO()
        try:
            with damage_told(exceptions.FileFormatError, exceptions.ParseError):
                container.load_key(password=password, verify_password=True)
                container.decrypt(unpacked)
        except exceptions.DecryptionError:
            continue
        return unpacked.getvalue()
    raise Encrypted


def _rewritten(archive: Archive) -> bytes:
    """Rewrite a package in the strict form of the standard or of another kind for the libraries."""
    out = BytesIO()
    with ZipFile(out, "w") as written:
        for name in archive.names:
            data = archive.read(name)
            if name.endswith((".xml", ".rels")):
                data = _STRICT_NAME.sub(_transitional_name, data)
            if name == _TYPES:
                data = _OTHER_MAIN.sub(_MAIN, data)
            written.writestr(name, data)
    return out.getvalue()


def _transitional_name(match: re.Match[bytes]) -> bytes:
    kind = _RENAMED.get(match[2], match[2])
    return b"http://schemas.openxmlformats.org/%s/2006/%s" % (match[1], kind)


def _plain(exc: BaseException) -> str:
    if much := too_much(exc):
        return much
    if isinstance(exc, BadZipFile):
        return tidy(f"damaged (it is no whole ZIP archive: {exc})")
    return tidy(f"damaged ({type(exc).__name__}: {exc})")


# With this password, Excel encrypts what is only protected from changes, and opens it unasked.
_OPEN_TO_ALL = "VelvetSweatshop"
_TYPES = "[Content_Types].xml"
_OTHER_MAIN = re.compile(
    rb"application/vnd\.(?:ms-word\.(?:document|template)\.macroEnabled(?:Template)?"
    rb"|openxmlformats-officedocument\.wordprocessingml\.template)\.main\+xml"
)
_MAIN = b"application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
_STRICT = b"http://purl.oclc.org/ooxml/"
_STRICT_NAME = re.compile(rb"http://purl\.oclc\.org/ooxml/(\w+)/(\w+)")
_RENAMED = {
    b"extendedProperties": b"extended-properties",
    b"customProperties": b"custom-properties",
    b"coreProperties": b"metadata/core-properties",
}
