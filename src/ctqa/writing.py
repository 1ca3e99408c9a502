"""Writing files beside their place and then into it, so that no half-written one is ever there."""

import os
import secrets
import shutil
from contextlib import suppress
from pathlib import Path

from ctqa.errors import ConfigError, GoldError


def prepare(path: Path) -> None:
    """See that a file can be written there, before work is begun that takes long.

    Raises:
        ConfigError: it cannot.

    """
    beside = _beside(path)
    try:
        if path.is_dir():
            raise IsADirectoryError(21, "it is a folder")
        if not _is_special(path):
            beside.touch(exist_ok=False)
            beside.unlink()
    except OSError as error:
        raise _cannot_write(path, error) from error


def write_new(path: Path, data: bytes, *, force: bool = False) -> None:
    """Write a file that is not there yet, or anew if forced.

    Raises:
        GoldError: it is there.
        ConfigError: it cannot be written.

    """
    refuse_existing(path, force=force)
    replace_file(path, data)


def refuse_existing(path: Path, *, force: bool) -> None:
    """Refuse to write over what is there, unless forced.

    Raises:
        GoldError: it is there.

    """
    if path.exists() and not force:
        raise GoldError(f"{path}: is there already; name another, or write over it with --force")


def replace_file(path: Path, data: bytes, *, parents: bool = False) -> None:
    """Put a file's new content in its place in one step; its permissions stay as they were.

    `parents` makes the folders that it is to lie in.

    Raises:
        ConfigError: it cannot be written; what was there is as it was.

    """
    beside = _beside(path)
    try:
        if _is_special(path):
            path.write_bytes(data)
            return
        if parents:
            beside.parent.mkdir(parents=True, exist_ok=True)
        with beside.open("xb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        if path.exists():
            shutil.copymode(path, beside)
        beside.replace(path.resolve())
    except OSError as error:
        with suppress(OSError):
            beside.unlink(missing_ok=True)
        raise _cannot_write(path, error) from error


def _is_special(path: Path) -> bool:
    """Tell a device or a pipe, /dev/stdout say, which is written to as it is."""
    return path.exists() and not path.is_file() and not path.is_dir()


def _beside(path: Path) -> Path:
    real = path.resolve()  # a link stays one
    return real.with_name(f".{secrets.token_hex(8)}.new")


def _cannot_write(path: Path, error: OSError) -> ConfigError:
    return ConfigError(
        f"{path}: cannot be written ({error.strerror}); name a file in a folder that is there and "
        "that you may write to"
    )
