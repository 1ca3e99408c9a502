"""Put a folder in place whole: one process at a time, durable, nothing half done ever used."""

import contextlib
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

Progress = Callable[[str], None]
Fill = Callable[[Path], None]


def silent(line: str) -> None:
    """Report progress to nobody."""


@contextlib.contextmanager
def only_one(target: Path, waiting: Callable[[], None]) -> Iterator[None]:
    """Hold the lock of a folder, so that one process makes it and the others wait."""
    from filelock import FileLock, Timeout  # noqa: PLC0415 -- 10 ms, for few

    target.parent.mkdir(parents=True, exist_ok=True)
    lock = FileLock(target.with_name(f".{target.name}.lock"))
    try:
        lock.acquire(blocking=False)
    except Timeout:
        waiting()
        lock.acquire()
    try:
        yield
    finally:
        lock.release()


def put_in_place(target: Path, fill: Fill) -> None:
    """Fill a folder beside the target, make it durable, and only then give it the target's name.

    What `fill` writes beside its folder goes when it is done.
    """
    partial_name = f".{target.name}.partial-"
    for left_over in target.parent.glob(f"{partial_name}*"):  # of one that was killed
        shutil.rmtree(left_over, ignore_errors=True)
    with tempfile.TemporaryDirectory(prefix=partial_name, dir=target.parent) as scratch:
        model = Path(scratch) / "model"
        model.mkdir()
        fill(model)
        for path in (*model.rglob("*"), model):
            _sync(path)
        if target.exists():
            target.replace(Path(scratch) / "replaced")
        model.replace(target)
        _sync(target.parent)


def _sync(path: Path) -> None:
    if path.is_dir() and os.name == "nt":
        return  # Windows cannot, and need not
    descriptor = os.open(path, os.O_RDONLY if path.is_dir() else os.O_RDWR)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
