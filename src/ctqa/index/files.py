"""The derived files of builds: where they lie, their checksums, and making them durable."""

import os
import shutil
import stat
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from ctqa.index.schema import refuse_link
from ctqa.sources.files import sha256_of

LOCKS = ".tantivy-"  # lock files that tantivy leaves lying about
_BUILDS = "builds"

# Which files were checked already: their checksums by what tells a file from every other.
Checked = dict[tuple[int, ...], str]


def build_folder(folder: Path, number: int) -> Path:
    """Give the folder of a build's derived files."""
    return folder / _BUILDS / str(number)


def has_builds(folder: Path) -> bool:
    """Tell whether files of any build lie in an index folder."""
    return any(path.name.isdigit() for path in (folder / _BUILDS).glob("*"))


def remove_stray_builds(folder: Path, committed: Iterable[int]) -> None:
    """Remove what belongs to no committed build: left by a kill, or too old.

    What cannot be removed, because a reader on Windows still holds it, stays until the next time.
    """
    keep = {build_folder(folder, number) for number in committed}
    refuse_linked_builds(folder)
    for path in sorted((folder / _BUILDS).glob("*")):
        if path.is_symlink():
            path.unlink()  # not what it leads to
        elif path not in keep:
            shutil.rmtree(path, ignore_errors=True)


def refuse_linked_builds(folder: Path) -> None:
    """Refuse to write to, or remove, builds that lie elsewhere.

    Raises:
        IndexLoadError: their folder is a link.

    """
    refuse_link(folder / _BUILDS)


def checksums(folder: Path, before: tuple[Path, Mapping[str, str]] | None = None) -> dict[str, str]:
    """Give the sha256 of every file in a build's folder, by its posix path within it.

    A file that is shared with the build before, whose folder and checksums are given, has its.
    """
    known = {} if before is None else _known(*before)
    found = {}
    for name, path in _files(folder):
        told = known.get(_identity(path))
        found[name] = sha256_of(path) if told is None else told
    return found


def differences(
    folder: Path, expected: Mapping[str, str], checked: Checked | None = None
) -> dict[str, str]:
    """Tell what is wrong with the files of a build's folder, by their names; {}: nothing is.

    Files in `checked` are not read again, those found right are entered there.
    """
    known: Checked = {} if checked is None else checked
    if folder.is_symlink() or folder.parent.is_symlink():
        return dict.fromkeys(expected, "lies behind a link")
    found = dict(_files(folder))
    wrong = {}
    for name, sha256 in expected.items():
        path = found.get(name)
        if path is None:
            wrong[name] = "is a link" if (folder / name).is_symlink() else "is missing"
            continue
        try:
            if _checksum(path, sha256, known) != sha256:
                wrong[name] = "is not as it was written (checksum)"
        except OSError as error:
            wrong[name] = f"cannot be read ({error.strerror})"
    return wrong


def _checksum(path: Path, expected: str, known: Checked) -> str:
    """Give a file's sha256, without reading it where it is known to be the expected one."""
    identity = _identity(path)
    if known.get(identity) != expected:
        known[identity] = sha256_of(path)
    return known[identity]


def link(source: Path, target: Path) -> None:
    """Put an immutable file in a second place without copying it, where the file system can."""
    try:
        os.link(source, target)
    except OSError:  # FAT, some network shares
        shutil.copyfile(source, target)


def make_durable(folder: Path) -> None:
    """Force a folder and all below it onto the disk."""
    for path in (*folder.rglob("*"), folder):
        if path.is_file():
            _force(path)
        else:
            make_names_durable(path)


def make_names_durable(folder: Path) -> None:
    """Force the names in a folder onto the disk."""
    if os.name == "posix":  # elsewhere a folder cannot be opened
        _force(folder)


def _force(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _known(folder: Path, expected: Mapping[str, str]) -> Checked:
    return {_identity(path): expected[name] for name, path in _files(folder) if name in expected}


def _files(folder: Path) -> Iterator[tuple[str, Path]]:
    """Give the files that lie in a folder or in real folders below it, but for locks and links."""
    for root, folders, names in os.walk(folder):  # follows no links
        folders.sort()
        for name in sorted(names):
            path = Path(root, name)
            if not name.startswith(LOCKS) and _is_file(path):
                yield path.relative_to(folder).as_posix(), path


def _is_file(path: Path) -> bool:
    """Tell whether a real file lies there; it may just have gone, with its build."""
    try:
        return stat.S_ISREG(path.lstat().st_mode)
    except OSError:
        return False


def _identity(path: Path) -> tuple[int, ...]:
    status = path.stat()
    return status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns
