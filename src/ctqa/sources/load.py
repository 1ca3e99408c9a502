"""A path -> what its bytes hold; whatever is wrong with them stands in the result."""

import hashlib
from dataclasses import dataclass
from pathlib import Path

from ctqa.errors import SourceError
from ctqa.sources.content import Loaded, ReadOptions
from ctqa.sources.decode import clean
from ctqa.sources.files import plain_reason, sha256_of
from ctqa.sources.formats import LOADERS, most_bytes

_COMMON = ".pdf, .docx, .html, .txt, .xlsx or .pptx, say"


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadedFile:
    """What became of a file's bytes, and which bytes these were."""

    sha256: str  # "": it could not be opened
    size: int
    loaded: Loaded


def load_file(path: Path, options: ReadOptions) -> LoadedFile:
    """Load a file by its suffix; nothing is raised but what is a mistake of our own."""
    suffix = path.suffix.lower()
    if suffix not in LOADERS:
        return not_loaded(path, Loaded(state="unsupported", reason=_unsupported(suffix)))
    if path.name.lower() == "queries.jsonl":
        reason = "BEIR's name for questions; documents need another name"
        return not_loaded(path, Loaded(state="ignored", reason=reason))
    most = most_bytes(suffix)
    try:
        data = _bytes_of(path, most)
    except OSError as exc:
        return not_loaded(path, Loaded(state="unreadable", reason=plain_reason(exc)))
    if len(data) > most:
        reason = f"larger than {most // 1_000_000} MB; split it"
        return not_loaded(path, Loaded(state="skipped", reason=reason))
    digest = hashlib.sha256(data).hexdigest()
    return LoadedFile(sha256=digest, size=len(data), loaded=_loaded(data, suffix, options))


def not_loaded(path: Path, loaded: Loaded) -> LoadedFile:
    """Tell of a file that was not loaded, with the hash and size of what lies there."""
    try:
        digest, size = sha256_of(path), path.stat().st_size
    except OSError:
        digest, size = "", 0
    return LoadedFile(sha256=digest, size=size, loaded=loaded)


def _bytes_of(path: Path, most: int) -> bytes:
    """Read a file, or one byte more than `most` of a larger one."""
    with path.open("rb") as file:
        return file.read(most + 1)


def _unsupported(suffix: str) -> str:
    what = f'the format "{clean(suffix)}" is not read' if suffix else "a name without a suffix"
    return f"{what}; save it as one that is read: {_COMMON}"


def _loaded(data: bytes, suffix: str, options: ReadOptions) -> Loaded:
    if not data:
        return Loaded(state="empty", reason="the file is empty")
    try:
        return LOADERS[suffix](data, options)
    except SourceError as exc:
        return Loaded(state="failed", reason=str(exc))
