"""The derived files of builds: where they lie, their checksums, and making them durable."""

import os
import shutil
from collections.abc import Iterable
from pathlib import Path

from ctqa.sources import sha256_of

_BUILDS = "builds"
_LOCKS = ".tantivy-"  # lock files that tantivy leaves lying about


def build_folder(folder: Path, number: int) -> Path:
    """Give the folder of a build's derived files."""
    return folder / _BUILDS / str(number)


def remove_stray_builds(folder: Path, committed: Iterable[int]) -> None:
    """Remove what belongs to no committed build: left by a kill, or too old."""
    keep = {build_folder(folder, number) for number in committed}
    for path in sorted((folder / _BUILDS).glob("*")):
        if path not in keep:
            shutil.rmtree(path)


def checksums(folder: Path) -> dict[str, str]:
    """Give the sha256 of every file in a build's folder, by its posix path within it."""
    return {
        path.relative_to(folder).as_posix(): sha256_of(path)
        for path in sorted(folder.rglob("*"))
        if path.is_file() and not path.name.startswith(_LOCKS)
    }


def link(source: Path, target: Path) -> None:
    """Put an immutable file in a second place without copying it, where the file system can."""
    try:
        os.link(source, target)
    except OSError:  # FAT, some network shares
        shutil.copyfile(source, target)


def make_durable(folder: Path) -> None:
    """Force a folder and all below it onto the disk."""
    for path in (*folder.rglob("*"), folder):
        if path.is_file() or os.name == "posix":  # elsewhere a folder cannot be opened
            descriptor = os.open(path, os.O_RDONLY)
            try:
                os.fsync(descriptor)
            finally:
                os.close(descriptor)
