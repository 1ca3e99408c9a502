"""What a user leaves out of the index: paths in a file `.ctqaignore` beside the documents.

Each line names a file or a folder by its path below the folder in which the list lies, as
`.gitignore` does ("/drafts/old.pdf"), but for patterns, which are not known here. The files
themselves are never touched.
"""

import os
import secrets
import unicodedata
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from ctqa.errors import ConfigError, SourceError
from ctqa.sources.decode import clean

LIST_NAME = ".ctqaignore"
REASON = "left out by you"

_LOCK_NAME = f"{LIST_NAME}.lock"  # lies there while the list is changed
_WAIT_S = 10.0  # for whoever changes it at the moment
_HEAD = "# What CTQA leaves out of the index: on each line a file or folder, by its path from here."


def spelt(relative: str) -> str:
    """Spell the path of a file below a folder alike on every platform, fit to be stored."""
    return clean(unicodedata.normalize("NFC", relative))


def left_out_in(folder: Path) -> frozenset[str]:
    """Give what the list in a folder names, by the path from there; nothing where there is none.

    Raises:
        SourceError: there is a list, which cannot be read.

    """
    return frozenset(name for line in _lines(folder) if (name := _named(line)))


def leave_out(folder: Path, names: Iterable[str]) -> None:
    """Put files or folders on the list in a folder.

    Raises:
        SourceError: the list cannot be read.
        ConfigError: it cannot be written to, or a name cannot stand in it.

    """
    wanted = set(names)
    for name in wanted:
        if "\n" in name:
            raise ConfigError(f"{name!r}: has a line break in its name; rename it to leave it out")
    if wanted <= left_out_in(folder):
        return
    with _locked(folder):
        fresh = sorted(wanted - left_out_in(folder))
        before = list(_lines(folder))
        _write(folder, [*(before or [_HEAD]), *(f"/{name}" for name in fresh)])


def take_in(folder: Path, names: Iterable[str]) -> None:
    """Take files or folders, and all that is below these, off the list in a folder.

    Raises:
        SourceError: the list cannot be read.
        ConfigError: it cannot be written to.

    """
    wanted = set(names)
    if not any(covered(wanted, name) for name in left_out_in(folder)):
        return  # a folder that nobody may write to can be added
    with _locked(folder):
        _write(folder, [line for line in _lines(folder) if not covered(wanted, _named(line))])


def covered(names: Collection[str], name: str) -> str:
    """Give the one of `names` that is this file or a folder above it; "" where none is."""
    parts = name.split("/")
    above = ("/".join(parts[:depth]) for depth in range(len(parts), 0, -1))
    return next((each for each in above if each in names), "")


def _named(line: str) -> str:
    """Give what a line names; "" where it is empty or a comment."""
    return "" if line.startswith("#") else spelt(line.strip("\r").strip("/"))


def _lines(folder: Path) -> Iterator[str]:
    path = folder / LIST_NAME
    try:
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        return
    except (OSError, UnicodeDecodeError) as error:
        raise SourceError(f"{path}: cannot be read ({error}); mend or remove it") from error
    yield from (line for line in text.split("\n") if line.strip())


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    """Hold the right to change the list in a folder, a moment long."""
    from filelock import FileLock, Timeout  # noqa: PLC0415 -- 10 ms, for few

    path = folder / LIST_NAME
    try:
        with FileLock(folder / _LOCK_NAME).acquire(timeout=_WAIT_S):
            try:
                yield
            finally:
                with suppress(OSError):  # Windows removes it when it is released
                    (folder / _LOCK_NAME).unlink()  # who gets it now sees that, and tries again
    except Timeout as error:
        raise ConfigError(
            f"{path}: another process has changed it for {_WAIT_S:.0f} seconds; try again"
        ) from error
    except OSError as error:
        raise ConfigError(
            f"{path}: cannot be written to ({error.strerror}); what is left out is kept there"
        ) from error


def _write(folder: Path, lines: Sequence[str]) -> None:
    """Write the list anew; one that says nothing any more is removed."""
    path, beside = folder / LIST_NAME, folder / f".{secrets.token_hex(8)}.part"
    if set(lines) <= {_HEAD}:
        path.unlink(missing_ok=True)
        return
    try:
        with beside.open("x", encoding="utf-8", newline="\n") as file:
            file.writelines(f"{line}\n" for line in lines)
            file.flush()
            os.fsync(file.fileno())
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)
