"""Suggested questions as a file in which a person says which of them are good."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ctqa.errors import ConfigError
from ctqa.evaluation.gold.headers import ACCEPT, ORIGIN
from ctqa.evaluation.gold.out import cell, csv_of
from ctqa.evaluation.gold.suggest import Suggestion
from ctqa.text import squeeze
from ctqa.writing import write_new

COLUMNS = (ACCEPT, "question", "quote", "document", "page", "answers", ORIGIN, "id")


def write_suggestions(
    path: Path, suggestions: Sequence[Suggestion], *, force: bool = False
) -> None:
    """Write suggestions as .csv, .xlsx or .jsonl; the column "accept" is left to a person.

    Raises:
        ConfigError: the ending is another, or nothing can be written there.
        GoldError: something is there already.

    """
    rows = [_row(one) for one in suggestions]
    suffix = path.suffix.lower()
    if suffix == ".jsonl":
        lines = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
        data = lines.encode("utf-8", "backslashreplace")
    elif suffix == ".csv":
        data = csv_of(COLUMNS, _cells(rows))
    elif suffix == ".xlsx":
        data = _workbook(rows)
    else:
        raise ConfigError(f"{path}: suggestions go into .csv, .xlsx or .jsonl; end it so")
    write_new(path, data, force=force)


def _row(one: Suggestion) -> dict[str, Any]:
    return {
        ACCEPT: "",
        "question": one.question,
        "quote": squeeze(one.quote),
        "document": one.document,
        "page": one.page,
        "answers": [one.answer] if one.answer else [],
        ORIGIN: one.origin,
        "id": one.id,
    }


def _cells(rows: Sequence[dict[str, Any]]) -> list[list[str]]:
    return [[cell(row[name]) for name in COLUMNS] for row in rows]


def _workbook(rows: Sequence[dict[str, Any]]) -> bytes:
    from ctqa.evaluation.gold.xlsx import new_workbook, saved  # noqa: PLC0415 -- it is slow to load

    return saved(new_workbook(COLUMNS, _cells(rows), yes_no=(ACCEPT,)))
