"""The right to write to an index: one process at a time."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from ctqa.errors import IndexWriteError
from ctqa.index.files import refuse_linked_builds
from ctqa.index.schema import cannot_write


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Hold the right to write to an index, making its folder where there is none.

    Raises:
        IndexLoadError: the folder of its builds is a link.
        IndexWriteError: another process holds it, or the folder is none or may not be written to.

    """
    if folder.exists() and not folder.is_dir():
        raise IndexWriteError(
            f"{folder}: is no folder, so no index can lie there; check --index DIR"
        )
    lock = FileLock(folder / "write.lock")  # the system releases it when its holder is killed
    try:
        folder.mkdir(parents=True, exist_ok=True)
        refuse_linked_builds(folder)
        lock.acquire(timeout=0)
    except Timeout as error:
        raise IndexWriteError(
            f"{folder}: another process is writing to this index; try again when it is done"
        ) from error
    except OSError as error:
        raise cannot_write(folder, str(error.strerror)) from error
    try:
        yield
    finally:
        lock.release()
