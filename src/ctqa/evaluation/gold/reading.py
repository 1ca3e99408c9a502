"""Reading the files that gold comes in."""

import codecs
import json
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from ctqa.errors import GoldError

_ZIP = b"PK\x03\x04"  # as workbooks begin
_UTF_16 = {codecs.BOM_UTF16_LE: "utf-16-le", codecs.BOM_UTF16_BE: "utf-16-be"}


def name_of(path: Path) -> str:
    """Name a gold set by its file and the folder that is in: two may well be called gold.csv."""
    whole = Path(os.path.abspath(path))  # noqa: PTH100 -- a link goes by its own name
    return "/".join(whole.parts[-2:]).removeprefix("//")


def read_text(path: Path, *, fallback: str | None = None) -> str:
    """Decode a file by its byte order mark, else as UTF-8, else as the fallback.

    Raises:
        GoldError: it cannot be read, or is in none of these encodings.

    """
    data = read_bytes(path)
    return data.decode(encoding_of(path, data, fallback=fallback)).removeprefix("\ufeff")


def encoding_of(path: Path, data: bytes, *, fallback: str | None = None) -> str:
    """Name a file's encoding, by which its byte order mark is a character of the text.

    Raises:
        GoldError: it is in none of these encodings.

    """
    expected = "UTF-8" if fallback is None else f"UTF-8 or {fallback}"
    marked = next((name for mark, name in _UTF_16.items() if data.startswith(mark)), None)
    for encoding in (marked,) if marked is not None else ("utf-8", fallback):
        try:
            if encoding is not None:
                data.decode(encoding)
                return encoding
        except UnicodeDecodeError as error:
            failed = error
    raise _not_text(path, data, failed, expected) from failed


def read_bytes(path: Path) -> bytes:
    """Read a file.

    Raises:
        GoldError: it cannot be read.

    """
    try:
        return path.read_bytes()
    except OSError as error:
        raise GoldError(f"{path}: cannot be read ({error.strerror})") from error


def read_json_lines(path: Path) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Give each object of a JSONL file, after where it stands ("gold.jsonl, line 3").

    Raises:
        GoldError: a line is no JSON object.

    """
    # Not splitlines(): a JSON string may hold U+2028, which that takes for a line end.
    for number, line in enumerate(read_text(path).split("\n"), start=1):
        if line.strip():
            yield f"{path}, line {number}", _object(f"{path}, line {number}", line)


def _not_text(path: Path, data: bytes, error: UnicodeDecodeError, expected: str) -> GoldError:
    if data.startswith(_ZIP):
        return GoldError(
            f"{path}: is a workbook, whatever its name says; end its name in .xlsx or .ods, as the "
            "program that wrote it does"
        )
    line = data.count(b"\n", 0, error.start) + 1
    return GoldError(
        f"{path}, line {line}: found a byte that is not {expected}; save the file as UTF-8"
    )


def _object(where: str, line: str) -> Mapping[str, Any]:
    try:
        found = json.loads(line)
    except (RecursionError, ValueError) as error:
        raise GoldError(f"{where}: is not JSON ({error}); expected one object a line") from error
    if not isinstance(found, dict):
        raise GoldError(f"{where}: found a {type(found).__name__}; expected a JSON object")
    return found
