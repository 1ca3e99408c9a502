"""Reading the files that gold comes in."""

import codecs
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from ctqa.errors import GoldError

_UTF_16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


def read_text(path: Path, *, fallback: str | None = None) -> str:
    """Decode a file by its byte order mark, else as UTF-8, else as the fallback.

    Raises:
        GoldError: it cannot be read, or is in none of these encodings.

    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise GoldError(f"{path}: cannot be read ({error.strerror})") from error
    try:
        return data.decode("utf-16" if data.startswith(_UTF_16) else "utf-8-sig")
    except UnicodeDecodeError as error:
        if fallback is not None:
            return _decode(path, data, fallback)
        raise _not_text(path, data, error, "UTF-8") from error


def read_json_lines(path: Path) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Give each object of a JSONL file, after where it stands ("gold.jsonl, line 3").

    Raises:
        GoldError: a line is no JSON object.

    """
    # Not splitlines(): a JSON string may hold U+2028, which that takes for a line end.
    for number, line in enumerate(read_text(path).split("\n"), start=1):
        if line.strip():
            yield f"{path}, line {number}", _object(f"{path}, line {number}", line)


def _decode(path: Path, data: bytes, encoding: str) -> str:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        raise _not_text(path, data, error, f"UTF-8 or {encoding}") from error


def _not_text(path: Path, data: bytes, error: UnicodeDecodeError, expected: str) -> GoldError:
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
