"""Files that a browser sent -> documents in a folder of the user's, each checked first.

A name from a browser is a wish: what is stored is called as any system can call a file. Nothing
that is there is ever replaced.
"""

import os
import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PureWindowsPath

from ctqa.errors import SourceError
from ctqa.sources import sha256_of
from ctqa.sources.files import CITATIONS_NAME, plain_reason
from ctqa.sources.formats import LOADERS
from ctqa.sources.sniff import check_content
from ctqa.ui import words

MAX_FILES = 100  # more than one sees through at once; a folder of thousands is for `ctqa add`
MAX_FILE_BYTES = 200_000_000  # what the readers of most formats take
MAX_BYTES = 500_000_000  # together: minutes on a slow line, and both copies fit on most disks

_NAME_BYTES = 200  # of the 255 that file systems have, so that a number fits in
_RESERVED = re.compile(r'[<>:"|?*]')  # on Windows, where the folder may be shared
_DEVICES = re.compile(r"(?:con|prn|aux|nul|com\d|lpt\d)(?=\.|$)", re.IGNORECASE)
_UNSEEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})  # Cf turns lines around


@dataclass(frozen=True, slots=True, kw_only=True)
class Upload:
    """A file as a browser sent it."""

    path: Path  # where it was put
    name: str  # as the browser calls it


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """A file that was not taken, and why."""

    name: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """What became of an upload."""

    stored: tuple[str, ...]  # the names under which files were stored
    renamed: Mapping[str, str]  # by these: what the browser called them
    refused: tuple[Refusal, ...]


def take(uploads: Sequence[Upload], within: Path, folder: Path, held: Mapping[str, str]) -> Taken:
    """Check files that lie below `within`, move the good ones into `folder`, remove the others.

    `held` names, by sha256, the files that the index knows already.
    """
    mine = [each for each in uploads if _lies_within(each.path, within)]
    stored: list[str] = []
    renamed: dict[str, str] = {}
    refused: list[Refusal] = []
    known = dict(held)
    try:
        for each, why in _checked(mine, known):
            found = _kept(each, folder) if why is None else _refusal(each, why)
            if isinstance(found, Refusal):
                refused.append(found)
                continue
            stored.append(found)
            if found != each.name:
                renamed[found] = each.name
    finally:
        discard(mine, within)
    return Taken(stored=tuple(stored), renamed=renamed, refused=tuple(refused))


def discard(uploads: Sequence[Upload], within: Path) -> None:
    """Remove files that lie below `within`."""
    for each in uploads:
        if _lies_within(each.path, within):
            _remove(each.path, within)


def stored_name(name: str) -> str:
    """Give the name under which a file may be stored: no path, nothing unseen, no device."""
    last = PureWindowsPath(name.replace("\0", "")).name  # understands both slashes
    seen = (sign for sign in unicodedata.normalize("NFC", last) if _is_seen(sign))
    plain = _RESERVED.sub("-", "".join(seen)).strip().lstrip(".").rstrip(". ")
    suffix = Path(plain).suffix if len(Path(plain).suffix) <= 12 else ""
    stem = plain.removesuffix(suffix).strip()
    room = _NAME_BYTES - len(suffix.encode())
    stem = stem.encode()[:room].decode(errors="ignore").rstrip(". ")
    if not stem:
        stem = "document"
    return f"_{stem}{suffix}" if _DEVICES.match(stem) else f"{stem}{suffix}"


def _is_seen(sign: str) -> bool:
    return unicodedata.category(sign) not in _UNSEEN


def _checked(
    uploads: Sequence[Upload], known: dict[str, str]
) -> Iterator[tuple[Upload, str | None]]:
    """Give each file with the reason why it is refused; None: it is good."""
    room = MAX_BYTES
    for number, each in enumerate(uploads, start=1):
        if number > MAX_FILES:
            yield each, words.too_many_files(MAX_FILES)
            continue
        why: str | None
        try:
            size = each.path.stat().st_size
            if size > MAX_FILE_BYTES:
                why = words.too_large(MAX_FILE_BYTES)
            elif size > room:
                why = words.too_large_together(MAX_BYTES)
            else:
                why = _content_wrong(each, known)
        except OSError as error:
            why = plain_reason(error)
        if why is None:
            room -= size
        yield each, why


def _content_wrong(upload: Upload, known: dict[str, str]) -> str | None:
    name = stored_name(upload.name)
    if name.casefold() in (CITATIONS_NAME, "queries.jsonl"):
        return words.NO_DOCUMENT_NAME
    suffix = Path(name).suffix.lower()
    if suffix not in LOADERS:
        return words.NO_SUCH_FORMAT
    try:
        check_content(upload.path, suffix)
    except SourceError as error:
        return str(error)
    digest = sha256_of(upload.path)
    if digest in known:
        return words.same_as(known[digest])
    known[digest] = name
    return None


def _kept(upload: Upload, folder: Path) -> str | Refusal:
    """Store a file that is good; give its name there."""
    try:
        return _store(upload.path, folder, stored_name(upload.name))
    except OSError as error:
        return _refusal(upload, words.not_stored(str(folder), plain_reason(error)))


def _refusal(upload: Upload, why: str) -> Refusal:
    return Refusal(name=stored_name(upload.name), reason=why)


def _store(source: Path, folder: Path, name: str) -> str:
    """Copy a file into a folder under a free name; a file that is half there is hidden."""
    folder.mkdir(parents=True, exist_ok=True)
    half = folder / f".{os.urandom(8).hex()}.part"  # no build reads hidden files
    try:
        with source.open("rb") as read, half.open("xb") as written:
            while block := read.read(1 << 20):
                written.write(block)
            written.flush()
            os.fsync(written.fileno())
        return _named(half, folder, name)
    finally:
        half.unlink(missing_ok=True)


def _named(half: Path, folder: Path, name: str) -> str:
    free = _reserved(folder, name)
    try:
        half.replace(folder / free)
    except OSError:
        (folder / free).unlink(missing_ok=True)
        raise
    return free


def _reserved(folder: Path, name: str) -> str:
    """Take the first of NAME, NAME (2), NAME (3) … that is free."""
    stem, suffix = Path(name).stem, Path(name).suffix
    number = 1
    while True:
        free = name if number == 1 else f"{stem} ({number}){suffix}"
        try:
            (folder / free).open("xb").close()
        except FileExistsError:
            number += 1
        else:
            return free


def _lies_within(path: Path, folder: Path) -> bool:
    """Tell whether it is a plain file in a folder that browsers send files to."""
    real = Path(os.path.realpath(path))
    return real.is_relative_to(os.path.realpath(folder)) and real.is_file()


def _remove(path: Path, within: Path) -> None:
    """Remove a file from the folder of uploads, and its own folder there if that is empty."""
    try:
        path.unlink(missing_ok=True)
        if path.parent != within:
            path.parent.rmdir()
    except OSError:
        return  # another upload is in it, or the whole folder goes when the server ends
