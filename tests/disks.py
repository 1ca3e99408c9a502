"""Builds that run out of disk, at many different sizes: for `test_disk.py`."""

import os
import resource
import shutil
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from encoders import WordEncoder
from kills import in_child, prepare, told, told_or_refused
from library import build, write_texts

from ctqa.errors import CtqaError
from ctqa.index.english import english

_WORDS = 400  # in a document
Limit = Callable[[Path, int], None]


def texts_of(number: int) -> dict[str, str]:
    """Give documents, all of them new for each number."""
    return {
        f"{name}.txt": f"Lake {name} of {number}. "
        + " ".join(f"word{(number * 7 + name) * 1009 + n}." for n in range(_WORDS))
        for name in range(6)
    }


class Watched:
    """Notes how far a build has come."""

    def __init__(self) -> None:
        self.stage = ""
        self.kept = 0  # passages that were encoded

    def __call__(self, stage: str, done: int, total: int) -> None:
        if stage == "encode":
            self.kept = done
        if stage != "encode" or total:  # until all is read, that is what the build is at
            self.stage = stage


def limited_file(_: Path, size: int) -> None:
    """Let no file of this process become larger."""
    _, most = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, most))


def end_limit() -> None:
    """Let files become as large as they may."""
    _, most = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))


def fill_to(place: Path, free: int) -> None:
    """Fill a small file system but for some bytes."""
    found = os.statvfs(place)
    filler = place / "filler"
    with filler.open("wb") as file:
        file.write(bytes(max(0, found.f_bavail * found.f_bsize - free)))


class Disk:
    """A place for an index with one build, in which the next build fails at some sizes."""

    def __init__(self, documents: Path, base: Path, index: Path) -> None:
        self._documents = documents
        self._base = base
        self._index = index
        write_texts(documents, texts_of(1))
        assert in_child(lambda: build(documents, base) and None)[0] == 0
        write_texts(documents, texts_of(2))
        self._copy()
        self._before = self._said()
        code, self._encodes = in_child(lambda: build(documents, index).encoded)
        assert code == 0
        self.needs = _bytes_below(index)
        self._after = self._said()

    def try_with(self, limit: Limit, size: int) -> tuple[str, list[str]]:
        """Build with too little room, and then with enough.

        Give the stage in which the first build failed, "done" if in none, and what is wrong.
        """
        self._copy()
        code, found = in_child(partial(self._build, limit, size))
        if code != 0:
            return "died", [f"at {size} bytes the build ended with {code}"]
        (self._index.parent / "filler").unlink(missing_ok=True)
        stage = (found["stage"] or "beginning") if found["error"] else "done"
        code, again = in_child(self._again)
        if code != 0:
            return stage, [f"at {size} bytes, {stage}: the next build ended with {code}"]
        return stage, [f"at {size} bytes, {stage}: {w}" for w in self._wrong(found, again)]

    def _wrong(self, found: dict[str, Any], again: dict[str, Any]) -> Iterator[str]:
        if found["error"]:
            yield from _wrong_words(found, self._index)
        if found["said"] != (self._before if found["error"] else self._after):
            yield f"then the index says {str(found['said'])[:300]}"
        left = self._encodes - found["kept"]
        if found["error"] and again["encoded"] != left:
            yield f"{again['encoded']} were encoded and not {left}"
        if again["said"] != self._after:
            yield f"after the next build the index says {str(again['said'])[:300]}"

    def _copy(self) -> None:
        shutil.rmtree(self._index, ignore_errors=True)
        (self._index.parent / "filler").unlink(missing_ok=True)
        shutil.copytree(self._base, self._index)

    def _said(self) -> dict[str, Any]:
        code, found = in_child(lambda: told(self._index))
        assert code == 0
        return {name: found[name] for name in found}

    def _build(self, limit: Limit, size: int) -> dict[str, Any]:
        watched = Watched()
        english().frequency("lake")
        code, error = 0, ""
        limit(self._index.parent, size)
        try:
            build(self._documents, self._index, progress=watched)
        except CtqaError as raised:
            code, error = raised.exit_code, f"{type(raised).__name__} {raised}"
        end_limit()
        return {
            "stage": watched.stage,
            "kept": watched.kept,
            "code": code,
            "error": error,
            "said": _read(self._index),
        }

    def _again(self) -> dict[str, Any]:
        encoder = WordEncoder()
        build(self._documents, self._index, encoder)
        return {"encoded": len(encoder.encoded), "said": told(self._index)}


def _read(index: Path) -> dict[str, Any]:
    try:
        return told_or_refused(index)
    except CtqaError as error:
        return {"refused": str(error)}


def _wrong_words(found: dict[str, Any], index: Path) -> Iterator[str]:
    for words in ("IndexWriteError", f"{index}: cannot be written to (", "make room"):
        if words not in found["error"]:
            yield f"{words!r} is not in {found['error']}"
    if found["code"] != 5:
        yield f"it would end with {found['code']}"


def _bytes_below(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def try_sizes(
    root: Path, place: Path, limit: str, count: int
) -> tuple[int, dict[str, int], list[str]]:
    """Try builds with so many sizes of room: how many bytes one needs, stages, what is wrong."""
    prepare()
    english().frequency("lake")
    kind = {"file": limited_file, "disk": fill_to}[limit]
    disk = Disk(root / "documents", root / "base", place / "index")
    found = {size: disk.try_with(kind, size) for size in sizes(disk.needs, count)}
    found |= {size: disk.try_with(kind, size) for size in _between(found, count // 2)}
    stages = Counter(stage for stage, _ in found.values())
    return disk.needs, dict(stages), [wrong for _, failures in found.values() for wrong in failures]


def _between(found: Mapping[int, tuple[str, list[str]]], count: int) -> Sequence[int]:
    """Give sizes between the largest that was too small to encode with and the least that did."""
    done = min(size for size, (stage, _) in found.items() if stage == "done")
    low = max(size for size, (stage, _) in found.items() if stage == "encode" and size < done)
    return [low + (done - low) * number // (count + 1) for number in range(1, count + 1)]


def sizes(needs: int, count: int) -> Sequence[int]:
    """Give sizes from nothing to more than enough, most of them small."""
    most = 3 * needs
    return [round(most * (number / count) ** 2) + 1 for number in range(count + 1)]
