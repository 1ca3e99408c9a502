"""The files a user means: given as files and folders, listed in an order that never varies."""

import errno
import hashlib
import os
import stat
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from ctqa.errors import SourceError
from ctqa.sources import left_out
from ctqa.sources.decode import clean

CITATIONS_NAME = "sources.csv"  # tells about documents and is none itself

_KINDS = {
    stat.S_IFDIR: "a folder that lies elsewhere",
    stat.S_IFIFO: "a pipe",
    stat.S_IFSOCK: "a socket",
    stat.S_IFBLK: "a device",
    stat.S_IFCHR: "a device",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundFile:
    """A file to read, or one that cannot be; `id` is what its document is known by."""

    path: Path  # absolute
    id: str  # posix path below the root
    size: int  # bytes
    root: Path | None = None  # the folder it was found under; None: its own
    state: Literal["found", "skipped", "unreadable", "ignored"] = "found"
    reason: str = ""  # why it is not "found"


@dataclass(frozen=True, slots=True)
class _Entry:
    """A file with what tells whether it was reached before."""

    file: FoundFile
    real: str  # its path without links; its own path where it is not to be read
    inode: tuple[int, ...] = ()  # equal for hard links; () where the system does not tell


def walk(paths: Sequence[Path], *, without: Path | None = None) -> tuple[FoundFile, ...]:
    """List the files given and those in the folders given, sorted by id.

    Hidden files and folders (a leading dot) and `sources.csv` are left out, and so is the folder
    `without` (the index's own). What a `.ctqaignore` names is listed as ignored. Links to files
    below the same root are followed; other links are listed as skipped. A file that is reached
    twice is listed once, as it was reached first. Where two roots give the same id, the later one
    is put behind the name of its root folder, and that gets "~2", "~3" … where the id is still
    taken.

    Raises:
        SourceError: a path does not exist, or a `.ctqaignore` cannot be read.

    """
    leave_out = "" if without is None else os.path.realpath(without)
    reached: set[str] = set()
    inodes: dict[tuple[int, ...], str] = {}
    listed: dict[str, FoundFile] = {}
    for path in paths:
        for entry in _below(_existing(path), leave_out):
            if entry.real in reached:
                continue
            reached.add(entry.real)
            file = replace(entry.file, id=_free_id(entry.file, listed))
            known = entry.inode and file.state != "ignored"
            first = inodes.setdefault(entry.inode, file.id) if known else file.id
            listed[file.id] = file if first == file.id else _twin(file, first)
    return tuple(listed[key] for key in sorted(listed))


def sha256_of(path: Path) -> str:
    """Hash a file's bytes without holding them in memory.

    Raises:
        OSError: there is no such file, it cannot be read, or it is none (a folder, a pipe).

    """
    if not stat.S_ISREG(path.stat().st_mode):
        raise OSError(errno.EINVAL, "not a regular file", str(path))
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def plain_reason(exc: OSError) -> str:
    """Say in plain words why a file or folder could not be opened."""
    if isinstance(exc, FileNotFoundError):
        return "it is no longer there"
    if isinstance(exc, PermissionError):
        return "you have no permission to read it"
    return "it cannot be opened" if exc.strerror is None else exc.strerror.lower()


def _existing(path: Path) -> Path:
    absolute = Path(os.path.abspath(path))  # noqa: PTH100 -- resolve() would follow links
    if not os.path.lexists(absolute):
        raise SourceError(f"{path}: there is no such file or folder; check the path")
    if not absolute.exists():
        target = os.path.realpath(absolute)
        raise SourceError(f"{path}: a link to {target}, which does not exist; check the path")
    return absolute


def _below(path: Path, leave_out: str) -> Iterator[_Entry]:
    """Give a file, or what is below a folder: first its own files, then links; sorted by id."""
    if not path.is_dir():
        if not _is_citations(path.name):
            entry = _file(path, os.path.realpath(path), path.parent)
            yield _ignored(entry, left_out.left_out_in(path.parent))
        return
    entries = sorted(_scan(path, leave_out), key=lambda entry: entry.file.id)
    yield from sorted(entries, key=lambda entry: entry.file.path.is_symlink())


def _scan(root: Path, leave_out: str) -> Iterator[_Entry]:
    """Give what is below a folder in no order; a loop instead of recursion, for any depth."""
    real_root = os.path.realpath(root)
    folders = [(root, real_root)]
    entered = {real_root, leave_out}
    ignored: set[str] = set()
    while folders:
        folder, real_folder = folders.pop()
        try:
            children = list(os.scandir(folder))
        except OSError as exc:
            unread = _unread(folder, root, "unreadable", f"a folder: {plain_reason(exc)}")
            yield _ignored(unread, ignored)
            continue
        if any(child.name == left_out.LIST_NAME for child in children):
            ignored |= {_id_of(folder / name, root) for name in left_out.left_out_in(folder)}
        for child in children:
            path, real = folder / child.name, os.path.join(real_folder, child.name)  # noqa: PTH118
            if child.name.startswith(".") or _is_citations(child.name) or real == leave_out:
                continue
            if child.is_symlink():
                yield _ignored(_link(path, root, real_root), ignored)
            elif child.is_dir() and os.path.realpath(path) == real and real not in entered:
                entered.add(real)
                folders.append((path, real))
            else:  # a Windows junction is a folder whose real path is another
                yield _ignored(_file(path, real, root), ignored)


def _ignored(entry: _Entry, names: Collection[str]) -> _Entry:
    """Mark a file that the user leaves out, alone or with a folder above it."""
    if not left_out.covered(names, entry.file.id):
        return entry
    return replace(entry, file=replace(entry.file, state="ignored", reason=left_out.REASON))


def _file(path: Path, real: str, root: Path) -> _Entry:
    try:
        status = path.stat()
    except OSError as exc:
        return _unread(path, root, "unreadable", plain_reason(exc))
    if not stat.S_ISREG(status.st_mode):
        kind = _KINDS.get(stat.S_IFMT(status.st_mode), "something else")
        return _unread(path, root, "skipped", f"not a file but {kind}")
    # Some network file systems give two files the same number: hence size and time as well.
    inode = (status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns)
    file = FoundFile(path=path, id=_id_of(path, root), size=status.st_size, root=root)
    return _Entry(file, real, inode if status.st_ino else ())


def _link(path: Path, root: Path, real_root: str) -> _Entry:
    target = Path(os.path.realpath(path))
    if not target.is_relative_to(real_root):
        reason = f"a link that leads out of {root}; to have it read, give {target} itself"
        return _unread(path, root, "skipped", reason)
    if target.is_dir():
        return _unread(path, root, "skipped", f"a link to the folder {target}")
    if not os.path.exists(target):  # noqa: PTH110 -- a link to itself is no error here
        return _unread(path, root, "unreadable", f"a link to {target}, which does not exist")
    return _file(path, str(target), root)


def _unread(path: Path, root: Path, state: Literal["skipped", "unreadable"], reason: str) -> _Entry:
    name, why = _id_of(path, root), clean(reason)
    file = FoundFile(path=path, id=name, size=0, root=root, state=state, reason=why)
    return _Entry(file, str(path))


def _twin(file: FoundFile, first: str) -> FoundFile:
    return replace(file, state="skipped", reason=f"the same file as {first}")


def _is_citations(name: str) -> bool:
    return name.casefold() == CITATIONS_NAME


def _id_of(path: Path, root: Path) -> str:
    """Give the path below a root, spelt alike on every platform and storable anywhere."""
    relative = path.name if path == root else path.relative_to(root).as_posix()
    return left_out.spelt(relative)


def _free_id(file: FoundFile, taken: dict[str, FoundFile]) -> str:
    root = "" if file.root is None else _id_of(file.root, file.root)
    name, number = file.id, 1
    while name in taken:
        name = f"{root}/{file.id}" if number == 1 else f"{root}~{number}/{file.id}"
        number += 1
    return name
