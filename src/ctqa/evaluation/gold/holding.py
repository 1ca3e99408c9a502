"""The right to change a gold file, which one has at a time."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from filelock import FileLock, Timeout

from ctqa.errors import ConfigError
from ctqa.writing import prepare

_WAIT_S = 30.0


@contextmanager
def held(path: Path) -> Iterator[None]:
    """Hold the right to read a file and to write it anew; another who wants it waits.

    Raises:
        ConfigError: another has held it for long, or nothing can be written beside the file.

    """
    prepare(path)
    real = path.resolve()  # all names of a file are one
    beside = real.with_name(f".{real.name}.lock")
    try:
        with FileLock(beside).acquire(timeout=_WAIT_S):
            try:
                yield
            finally:
                with suppress(OSError):  # Windows removes it when it is released
                    beside.unlink()  # who gets it now sees that, and tries again
    except Timeout as error:
        raise ConfigError(
            f"{path}: another process has been adding to it for {_WAIT_S:.0f} seconds; try again"
        ) from error
