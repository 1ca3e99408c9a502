"""Lines put at the end of a gold file, all else in it left as it is."""

import csv
import io
import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from ctqa.errors import GoldError
from ctqa.evaluation.gold.headers import ACCEPT, FIELDS, spreadsheet_header
from ctqa.evaluation.gold.out import cell, csv_of, json_line
from ctqa.evaluation.gold.reading import encoding_of, read_bytes
from ctqa.evaluation.gold.sheet import csv_form

_Rows = Sequence[Mapping[str, Any]]


def with_rows(path: Path, rows: _Rows) -> bytes:
    """Give a gold file's content with rows at its end; a file that is not there is begun.

    Where a spreadsheet lacks a column that a row needs, its header gets it.

    Raises:
        GoldError: it is in another form than JSONL, CSV or XLSX, or holds suggestions.

    """
    writer = _WRITERS.get(path.suffix.lower())
    if writer is None:
        raise GoldError(
            f"{path}: questions are added to .jsonl, .csv and .xlsx files; `ctqa gold convert` "
            "makes one of this"
        )
    data = read_bytes(path) if path.exists() else b""
    return writer(path, data, rows)


def _jsonl(path: Path, data: bytes, rows: _Rows) -> bytes:
    encoding = encoding_of(path, data)
    first = data.decode(encoding).removeprefix("\ufeff").strip().split("\n")[0]
    if first and ACCEPT in json.loads(first):
        raise _suggestions(path)
    return _behind(data, "".join(map(json_line, rows)), encoding, "\n")


def _csv(path: Path, data: bytes, rows: _Rows) -> bytes:
    if not data.strip():
        return csv_of(FIELDS, [[cell(row[name]) for name in FIELDS] for row in rows])
    encoding = encoding_of(path, data, fallback="windows-1252")
    content = data.decode(encoding).removeprefix("\ufeff")
    form = csv_form(content)
    lines = form.text.splitlines(keepends=True)
    reader = csv.reader(iter(lines), delimiter=form.delimiter)
    cells = next(found for found in reader if any(one.strip() for one in found))
    names = list(_names(path, cells))
    added = _lacking(names, rows)
    end = "\r\n" if "\r\n" in lines[reader.line_num - 1] else "\n"
    head = len(content) - len(form.text) + len("".join(lines[: reader.line_num]).rstrip("\r\n"))
    more = "".join(f"{form.delimiter}{name}" for name in added)
    mark = data[: len(data) - len(content.encode(encoding))]
    widened = mark + (content[:head] + more + content[head:]).encode(encoding)
    text = io.StringIO(newline="")
    writer = csv.writer(text, delimiter=form.delimiter, lineterminator=end)
    writer.writerows([cell(row.get(name)) for name in names + added] for row in rows)
    return _behind(widened if added else data, text.getvalue(), encoding, end)


def _xlsx(path: Path, data: bytes, rows: _Rows) -> bytes:
    from ctqa.evaluation.gold import xlsx as gold_xlsx  # noqa: PLC0415 -- 0.2 s for those who need it

    lines = [[cell(row[name]) for name in FIELDS] for row in rows]
    if not data:
        return gold_xlsx.saved(gold_xlsx.new_workbook(FIELDS, lines))
    tab = gold_xlsx.read_xlsx(path)
    if not tab.rows:
        return gold_xlsx.saved(gold_xlsx.new_workbook(FIELDS, lines))
    names = list(_names(path, tab.rows[0].cells))
    added = _lacking(names, rows)
    return gold_xlsx.with_rows(
        path, tab, added, [[cell(row.get(name)) for name in names + added] for row in rows]
    )


_WRITERS: Mapping[str, Callable[[Path, bytes, _Rows], bytes]] = {
    ".jsonl": _jsonl,
    ".ndjson": _jsonl,
    ".csv": _csv,
    ".tsv": _csv,
    ".xlsx": _xlsx,
}


def _names(path: Path, cells: Sequence[str]) -> Sequence[str]:
    names = spreadsheet_header(str(path), cells).names
    if ACCEPT in names:
        raise _suggestions(path)
    return names


def _suggestions(path: Path) -> GoldError:
    return GoldError(
        f"{path}: holds suggestions, not gold; name another file, and add those that you accepted "
        f"with --from {path}"
    )


def _lacking(names: Sequence[str], rows: _Rows) -> list[str]:
    """Give the columns that rows need and a header lacks; a question is known without its id."""
    needed = [name for name in FIELDS if any(cell(row.get(name)) for row in rows)]
    return [name for name in needed if name not in names and name != "id"]


def _behind(data: bytes, text: str, encoding: str, end: str) -> bytes:
    """Put a text behind what is there, on a line of its own."""
    closes = not data or data.endswith(("\n".encode(encoding), "\r".encode(encoding)))
    try:
        return data + (b"" if closes else end.encode(encoding)) + text.encode(encoding)
    except UnicodeEncodeError as error:
        raise GoldError(
            f"{text[error.start]!r} cannot be written into a file in {encoding}; save the file as "
            "UTF-8 first"
        ) from error
