"""The file of an archive: a ZIP with a manifest and a catalog, written, and read as hostile."""

import hashlib
import json
import os
import stat
import struct
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO, Any
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, ZipFile, ZipInfo

from ctqa.errors import IndexLoadError
from ctqa.index.schema import FILE_NAME, FORMAT
from ctqa.sources.trouble import PYTHONS, too_much

# Told of each stage ("copy", "check", "pack", "unpack", "write") how much is done of how many.
Progress = Callable[[str, int, int], None]

MANIFEST = "manifest.json"
ARCHIVE_FORMAT = 1

_AT_ONCE = 1 << 20  # bytes: a block, in which progress is told
_MOST_MANIFEST = 1_000_000  # bytes
_MOST_DIRECTORY = 4_096  # bytes; two short names need some 130
_MOST_RATIO = 200  # of the catalog's size to its packed size; texts come near 5, repeats to 30
_LEVEL = 1  # most of a catalog are vectors, which a higher level hardly packs
_FLAGS = 0x0008 | 0x0800 | 0x0006  # a size after the data, UTF-8 names, how it was deflated
_END = struct.Struct("<4s4H2LH")  # of a ZIP's directory (APPNOTE.TXT 4.3.16)
_LARGE_END = struct.Struct("<40xQ8x4s16x")  # of one with sizes of 64 bits, and where it lies (.14)


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """What an archive says of one of its members."""

    size: int  # bytes, unpacked
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """What an archive says of itself."""

    index_format: int
    build: int
    encoder: str  # its name
    ctqa: str  # the version that wrote it
    counts: Mapping[str, int]  # as the build has them
    members: Mapping[str, Member]  # all but the manifest


class OpenArchive:
    """An archive whose members and manifest are known to be as they should be."""

    def __init__(self, path: Path, opened: ZipFile) -> None:
        self._path = path
        self._zip = opened
        first, self._catalog = opened.infolist()
        data = opened.read(first)
        self.manifest = manifest_from(path, data)
        member = self.manifest.members[FILE_NAME]
        if self._catalog.file_size != member.size:
            raise unusable(path, f"its {FILE_NAME} is not of the size that its manifest says")
        if member.size > _MOST_RATIO * max(self._catalog.compress_size, 1):
            raise unusable(path, "it unpacks to far more than an index does (a ZIP bomb)")

    def unpack(self, target: Path, progress: Progress) -> None:
        """Write the catalog out, as many bytes of it as the manifest says and no more.

        Raises:
            IndexLoadError: it is not what the manifest says.
            OSError: it cannot be written.

        """
        expected = self.manifest.members[FILE_NAME]
        digest = hashlib.sha256()
        done = 0
        with target.open("xb") as out:
            for block in self._blocks():
                done += len(block)
                if done > expected.size:
                    break
                digest.update(block)
                out.write(block)
                progress("unpack", _blocks_in(done), _blocks_in(expected.size))
        if done != expected.size or digest.hexdigest() != expected.sha256:
            raise unusable(self._path, f"its {FILE_NAME} is not as it was written (checksum)")

    def _blocks(self) -> Iterator[bytes]:
        with told(self._path), self._zip.open(self._catalog) as packed:
            while block := packed.read(_AT_ONCE):
                yield block


@contextmanager
def open_archive(path: Path) -> Iterator[OpenArchive]:
    """Open an archive; nothing that it holds is read before its members are found to be ours.

    Raises:
        IndexLoadError: it cannot be read, or is no archive of an index that this CTQA reads.

    """
    try:
        file = path.open("rb")
    except OSError as error:
        raise IndexLoadError(f"{path}: cannot be read ({error.strerror})") from error
    with file:
        with told(path):
            _check_end(path, file)
            opened = ZipFile(file)
        with opened:
            with told(path):
                _check_members(path, opened.infolist())
                archive = OpenArchive(path, opened)
            yield archive


def write_archive(path: Path, manifest: Manifest, catalog: Path, progress: Progress) -> None:
    """Write an archive, durably.

    Raises:
        OSError: it cannot be written.

    """
    total = manifest.members[FILE_NAME].size
    done = 0
    with path.open("xb") as file:
        with (
            ZipFile(file, "w", ZIP_DEFLATED, compresslevel=_LEVEL) as packed,
            catalog.open("rb") as source,
        ):
            with packed.open(MANIFEST, "w") as member:  # as of 1980: the same build, the same bytes
                member.write(_manifest_text(manifest).encode())
            with packed.open(FILE_NAME, "w", force_zip64=True) as member:
                while block := source.read(_AT_ONCE):
                    member.write(block)
                    done += len(block)
                    progress("pack", _blocks_in(done), _blocks_in(total))
        file.flush()
        os.fsync(file.fileno())


def manifest_from(path: Path, data: bytes) -> Manifest:
    """Take a manifest from JSON, which may hold what it should and nothing else.

    Raises:
        IndexLoadError: it does not, or the archive is of another format.

    """
    with told(path):
        form = json.loads(data, object_pairs_hook=_object, parse_constant=_no_constant)
        formats = (form["archive"], form["index_format"])
        if formats != (ARCHIVE_FORMAT, FORMAT):
            raise unusable(path, f"its format is {formats!r:.40}, not {ARCHIVE_FORMAT, FORMAT}")
        members = {name: Member(**_typed(Member, told)) for name, told in form["members"].items()}
        named = {name: value for name, value in form.items() if name != "archive"}
        manifest = Manifest(**_typed(Manifest, named | {"members": members}))
        if list(members) != [FILE_NAME] or members[FILE_NAME].size < 1:
            raise ValueError("members")
        _typed_counts(manifest.counts)
    return manifest


def unusable(path: Path, what: str) -> IndexLoadError:
    """Say that an archive cannot be used."""
    return IndexLoadError(
        f"{path}: cannot be used as an index: {what}; get it again from whoever exported it"
    )


@contextmanager
def told(path: Path) -> Iterator[None]:
    """Turn what is raised over a hostile archive into an error that says so."""
    try:
        yield
    except (BadZipFile, *PYTHONS) as error:
        much = too_much(error)
        raise unusable(path, much or f"it is damaged ({type(error).__name__}: {error})") from error


@contextmanager
def damage_told(path: Path, work: Path) -> Iterator[None]:
    """Say of an archive what was found wrong in the catalog that was unpacked to `work`."""
    try:
        yield
    except IndexLoadError as error:
        what = str(error)
        if str(work) not in what:
            raise
        found = what.removeprefix(f"{work / FILE_NAME}: ").removeprefix(f"{work}: ")
        raise unusable(path, found.split("; ")[0]) from error


def _blocks_in(size: int) -> int:
    return -(-size // _AT_ONCE)


def _manifest_text(manifest: Manifest) -> str:
    form = {"archive": ARCHIVE_FORMAT} | asdict(manifest)
    return json.dumps(form, indent=1, sort_keys=True) + "\n"


def _check_end(path: Path, file: IO[bytes]) -> None:
    """Refuse a ZIP whose directory is longer than two members need, before it is read."""
    size = file.seek(0, os.SEEK_END)
    if size < _LARGE_END.size + _END.size:
        raise unusable(path, "it is no archive, or not a whole one")
    file.seek(size - _LARGE_END.size - _END.size)
    large_length, mark = _LARGE_END.unpack(file.read(_LARGE_END.size))
    signature, _, _, here, entries, length, _, comment = _END.unpack(file.read(_END.size))
    if mark == b"PK\x06\x07":
        length = max(length, large_length)
    if signature != b"PK\x05\x06" or comment:
        raise unusable(path, "it is no archive, or not a whole one")
    if (here, entries) != (2, 2) or length > _MOST_DIRECTORY:
        raise unusable(path, f"it does not hold {MANIFEST} and {FILE_NAME} alone")


def _check_members(path: Path, members: list[ZipInfo]) -> None:
    if [info.orig_filename for info in members] != [MANIFEST, FILE_NAME]:
        raise unusable(path, f"it does not hold {MANIFEST} and {FILE_NAME} alone")
    for info in members:
        kind = stat.S_IFMT(info.external_attr >> 16)
        if kind not in (0, stat.S_IFREG) or info.external_attr & 0x10:
            raise unusable(path, f"its {info.filename} is no plain file")
        if info.flag_bits & 1:
            raise unusable(path, f"its {info.filename} is encrypted")
        if info.flag_bits & ~_FLAGS or info.compress_type not in (ZIP_STORED, ZIP_DEFLATED):
            raise unusable(path, f"its {info.filename} is packed in a way that CTQA does not use")
    if members[0].file_size > _MOST_MANIFEST:
        raise unusable(path, f"its {MANIFEST} is larger than 1 MB")


def _typed(kind: type[Any], form: Any) -> dict[str, Any]:
    """Refuse an object that has other fields than a record, or other types in them."""
    if type(form) is not dict:
        raise TypeError(f"{kind.__name__} is no object")
    for name, value in form.items():
        expected = kind.__annotations__.get(name)
        if expected in (int, str) and type(value) is not expected:
            raise TypeError(f"{name} is not of its type")
    return form


def _typed_counts(counts: Any) -> None:
    if type(counts) is not dict or not all(type(each) is int for each in counts.values()):
        raise TypeError("counts are not counts")


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) != len(pairs):
        raise ValueError("a name stands twice in it")
    return made


def _no_constant(name: str) -> float:
    raise ValueError(f"{name} is no number")
