"""Gold written in CTQA's own form, as JSONL, CSV or XLSX, for `load_gold` to read as it was."""

import csv
import io
import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from ctqa.errors import GoldError
from ctqa.evaluation.gold.questions import GoldQuestion, Judgment
from ctqa.evaluation.gold.rows import FIELDS
from ctqa.evaluation.gold.sheet import EXAMPLE, joined

_FORMULA = re.compile(r"[=+\-@\t\r＝＋－＠]")  # what a spreadsheet may take for one begins so
_WORD_ENDS = re.compile(r"\s")


def as_jsonl(questions: Sequence[GoldQuestion]) -> bytes:
    """Write gold as JSONL."""
    return "".join(map(json_line, rows(questions))).encode("utf-8", "backslashreplace")


def as_csv(questions: Sequence[GoldQuestion]) -> bytes:
    """Write gold as a spreadsheet's CSV.

    A space goes before what a spreadsheet may take for a formula; `load_gold` drops it.

    Raises:
        GoldError: a question begins as only a template's examples do.

    """
    return csv_of(FIELDS, [_cells(row) for row in rows(questions)])


def as_xlsx(questions: Sequence[GoldQuestion]) -> bytes:
    """Write gold as a workbook.

    Raises:
        GoldError: a question begins as only a template's examples do, or is longer than a cell.

    """
    from ctqa.evaluation.gold.xlsx import new_workbook, saved  # noqa: PLC0415 -- it is slow to load

    return saved(new_workbook(FIELDS, [_cells(row) for row in rows(questions)]))


WRITERS: Mapping[str, Callable[[Sequence[GoldQuestion]], bytes]] = {
    "jsonl": as_jsonl,
    "csv": as_csv,
    "xlsx": as_xlsx,
}


def rows(questions: Sequence[GoldQuestion]) -> Iterator[dict[str, Any]]:
    """Give a row for each judgment, and one for each impossible question.

    Judgments that say what does not answer have no place in this form and are left out.
    """
    for question in questions:
        told = {
            "id": question.id,
            "question": question.question,
            "answers": list(question.answers),
            "impossible": question.impossible,
            "kind": question.kind,
            "half": question.half,
        }
        for one in question.judgments:
            if one.relevance > 0:
                yield dict.fromkeys(FIELDS) | told | _place(one)
        if question.impossible:
            yield dict.fromkeys(FIELDS) | told


def json_line(row: Mapping[str, Any]) -> str:
    """Write a row as a line of JSONL, without what it does not tell."""
    told = {name: value for name, value in row.items() if value not in ("", None, False, [])}
    return json.dumps(told, ensure_ascii=False) + "\n"


def csv_of(columns: Sequence[str], lines: Sequence[Sequence[str]]) -> bytes:
    """Write a CSV that Excel and LibreOffice open as it is meant."""
    text = io.StringIO(newline="")
    csv.writer(text).writerows([columns, *lines])
    return text.getvalue().encode("utf-8-sig")  # without the mark Excel takes it for Windows-1252


def cell(value: Any) -> str:
    """Write a value as a cell that no spreadsheet takes for a formula."""
    if isinstance(value, bool):
        return "yes" if value else ""
    text = "" if value is None else joined(value) if isinstance(value, list) else str(value)
    return f" {text}" if _FORMULA.match(text) else text


def _cells(row: Mapping[str, Any]) -> list[str]:
    if str(row["question"]).startswith(EXAMPLE):
        raise GoldError(
            f"question {row['id']!r} begins with “{EXAMPLE}”, which marks what is no question in a "
            "spreadsheet; reword it, or write .jsonl"
        )
    return [cell(row[name]) for name in FIELDS]


def _place(judgment: Judgment) -> dict[str, Any]:
    return {
        "document": judgment.document,
        "quote": judgment.quote,
        "page": judgment.page,
        "context": _context(judgment),
    }


def _context(judgment: Judgment) -> str | None:
    """Give the context, cut so that the quote stands in it once where its place in it is known."""
    context, quote, at = judgment.context, judgment.quote, judgment.offset
    if context is None or quote is None or at is None or context.count(quote) < 2:
        return context
    before = context.rfind(quote, 0, at + len(quote) - 1)
    after = context.find(quote, at + 1)
    start = 0 if before < 0 else _word_start(context, before + 1, at)
    end = len(context) if after < 0 else _word_end(context, after + len(quote) - 1, at + len(quote))
    return context[start:end].strip()


def _word_start(context: str, start: int, last: int) -> int:
    found = _WORD_ENDS.search(context, start, last)
    return last if found is None else found.end()


def _word_end(context: str, end: int, first: int) -> int:
    at = max(end, first)
    while at > first and not context[at - 1].isspace():
        at -= 1
    return at
