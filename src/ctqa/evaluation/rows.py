"""Gold in CTQA's own form: JSONL or CSV, one judgment a line.

Lines of one id, or without ids of one question, make one question whose judgments each are enough.
"""

import csv
import io
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from ctqa.errors import GoldError
from ctqa.evaluation.questions import Gold, GoldQuestion, Judgment
from ctqa.evaluation.reading import read_json_lines, read_text

FIELDS = (
    "id",
    "question",
    "document",
    "quote",
    "page",
    "context",
    "answers",
    "impossible",
    "kind",
    "half",
)
_DELIMITERS = (",", ";", "\t")
_ANSWER_SEPARATOR = " | "
_TRUTH = {"true": True, "yes": True, "y": True, "1": True, "x": True}
_TRUTH |= {"false": False, "no": False, "n": False, "0": False}
_WHOLE_NUMBER = re.compile(r"(\d+)(?:\.0+)?")  # a spreadsheet may write page 12 as 12.0
_MISSPELT = 0.75  # difflib's likeness: above it "qoute" and "answer", below it "text" and "note"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Line:
    where: str  # "gold.csv, line 7"
    id: str
    question: str
    judgment: Judgment | None
    answers: tuple[str, ...]
    impossible: bool
    kind: str
    half: str


def load_jsonl(path: Path) -> Gold:
    """Load gold from JSONL; `answers` is a list, `impossible` a boolean, `page` a number.

    Raises:
        GoldError: a line cannot be used; the message names it.

    """
    unused: set[str] = set()
    lines = []
    for where, values in read_json_lines(path):
        named = _lower_names(where, values)
        unused |= _unused(where, list(named))
        lines.append(_line(where, named))
    return _gold(path, lines, unused)


def load_csv(path: Path) -> Gold:
    """Load gold from a spreadsheet's CSV: comma, semicolon or tab, with a header.

    Short answers are separated by " | ". What is neither UTF-8 nor UTF-16 is read as Windows-1252.

    Raises:
        GoldError: the header or a line cannot be used; the message names it.

    """
    text = read_text(path, fallback="windows-1252")
    records = _records(path, text, _delimiter(text))
    where, header = next(records, (f"{path}, line 1", []))
    names = [name.strip().lower() for name in header]
    _refuse_twice(where, names)
    unused = _unused(where, [name for name in names if name])
    lines = [_line(at, _typed(_named(at, names, cells))) for at, cells in records]
    return _gold(path, lines, unused)


def _lower_names(where: str, values: Mapping[str, Any]) -> dict[str, Any]:
    _refuse_twice(where, [name.strip().lower() for name in values])
    return {name.strip().lower(): value for name, value in values.items()}


def _refuse_twice(where: str, names: Sequence[str]) -> None:
    for name in names:
        if name and names.count(name) > 1:
            raise GoldError(f"{where}: “{name}” is there twice; expected each name once")


def _unused(where: str, names: Sequence[str]) -> set[str]:
    """Refuse a misspelt or missing name; give the names that are simply not CTQA's."""
    unknown = set(names) - set(FIELDS)
    absent = [field for field in FIELDS if field not in names]
    known = f"known are {', '.join(FIELDS)}"
    if "_id" in unknown or "query-id" in unknown:
        raise GoldError(f"{where}: looks like a part of the BEIR form; give its folder instead")
    for name in sorted(unknown):
        nearest = get_close_matches(name, absent, n=1, cutoff=_MISSPELT)
        if nearest:
            raise GoldError(f"{where}: found “{name}”; did you mean “{nearest[0]}”? ({known})")
    if "question" not in names:
        found = f"found {', '.join(names)}" if names else "found nothing"
        raise GoldError(f"{where}: “question” is missing; {found}; {known}")
    return unknown


def _delimiter(text: str) -> str:
    """Choose the delimiter that makes most known names of the first line, else most names."""
    first = text.lstrip("\r\n").partition("\n")[0].lower()

    def names(delimiter: str) -> tuple[int, int]:
        cells = {name.strip(' "\r') for name in first.split(delimiter)}
        return len(cells & set(FIELDS)), len(cells)

    return max(_DELIMITERS, key=names)


def _records(path: Path, text: str, delimiter: str) -> Iterator[tuple[str, list[str]]]:
    """Give each record that is not empty, after the line it begins on."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    begins = 1
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells):
                yield f"{path}, line {begins}", cells
            begins = reader.line_num + 1
    except csv.Error as error:
        raise GoldError(
            f"{path}, line {begins}: is not CSV ({error}); put a cell that holds line ends, "
            "quotation marks or the delimiter between quotation marks, doubling those inside"
        ) from error


def _named(where: str, names: Sequence[str], cells: Sequence[str]) -> dict[str, str]:
    if any(cell.strip() for cell in cells[len(names) :]):
        raise GoldError(
            f"{where}: found {len(cells)} cells under {len(names)} column names; put a cell that "
            "holds the delimiter between quotation marks"
        )
    return dict(zip(names, cells, strict=False))  # a short record leaves its last cells empty


def _typed(cells: Mapping[str, str]) -> dict[str, Any]:
    """Turn cells into what JSONL would hold; what cannot be turned is left for the check."""
    values: dict[str, Any] = dict(cells)
    values["answers"] = cells.get("answers", "").split(_ANSWER_SEPARATOR)
    impossible = cells.get("impossible", "").strip().lower()
    values["impossible"] = _TRUTH.get(impossible, impossible) if impossible else False
    page = _WHOLE_NUMBER.fullmatch(cells.get("page", "").strip())
    if page is not None:
        values["page"] = int(page.group(1))
    return values


def _line(where: str, values: Mapping[str, Any]) -> _Line:
    impossible = _impossible(where, values.get("impossible"))
    line = _Line(
        where=where,
        id=_text(where, values, "id"),
        question=_text(where, values, "question"),
        judgment=None if impossible else _judgment(where, values),
        answers=_answers(where, values.get("answers")),
        impossible=impossible,
        kind=_text(where, values, "kind"),
        half=_text(where, values, "half"),
    )
    if not line.question:
        raise GoldError(f"{where}: the question is empty; write it, or delete the line")
    if impossible and (line.answers or _text(where, values, "quote")):
        raise GoldError(
            f"{where}: is marked impossible but holds a quote or answers; "
            "empty these, or the mark if the sources do answer"
        )
    if not impossible and line.judgment is None:
        if "verdict" in values:
            raise GoldError(
                f"{where}: is a judgment, not a gold question; export the judgments as gold on the "
                "page, under Judgments"
            )
        raise GoldError(
            f"{where}: names no document; name the one that answers (its file name is enough), "
            "or set “impossible” if none does"
        )
    return line


def _judgment(where: str, values: Mapping[str, Any]) -> Judgment | None:
    document, quote, context = (_text(where, values, n) for n in ("document", "quote", "context"))
    page = _page(where, values.get("page"))
    if context and not quote:
        raise GoldError(f"{where}: a context without a quote; put what answers into “quote”")
    if not document:
        if quote or page is not None:
            raise GoldError(f"{where}: a quote or page without its document; name the document")
        return None
    return Judgment(
        document=document,
        quote=quote or None,
        page=page,
        context=context or None,
    )


def _text(where: str, values: Mapping[str, Any], name: str) -> str:
    value = values.get(name)
    if value is None:
        return ""
    if isinstance(value, str):
        return value.strip()
    if name in {"id", "document"} and type(value) is int:
        return str(value)
    raise GoldError(f"{where}: “{name}” is {value!r}; expected text")


def _page(where: str, value: object) -> int | None:
    if value is None or value == "":
        return None
    if type(value) is int and value >= 1:
        return value
    raise GoldError(f"{where}: “page” is {value!r}; expected a whole number, counted from 1")


def _answers(where: str, value: object) -> tuple[str, ...]:
    if value is None:
        return ()
    if not isinstance(value, list) or not all(isinstance(answer, str) for answer in value):
        raise GoldError(f'{where}: “answers” is {value!r}; expected a list, ["…", "…"]')
    return tuple(answer.strip() for answer in value if answer.strip())


def _impossible(where: str, value: object) -> bool:
    if value is None or isinstance(value, bool):
        return bool(value)
    raise GoldError(f"{where}: “impossible” is {value!r}; expected true or false (CSV: yes or no)")


def _gold(path: Path, lines: Sequence[_Line], unused: set[str]) -> Gold:
    if not lines:
        raise GoldError(f"{path}: holds no question; expected one a line")
    return Gold(
        name=path.stem,
        questions=tuple(_question(key, group) for key, group in _groups(lines).items()),
        notes=tuple(f"“{name}” is not used" for name in sorted(unused)),
    )


def _groups(lines: Sequence[_Line]) -> dict[str, list[_Line]]:
    """Bring the lines of one question together under its id; without one, "q" and its place."""
    groups: dict[str, list[_Line]] = {}
    keys: dict[str, str] = {}
    for place, line in enumerate(lines, start=1):
        key = line.id or keys.get(line.question, f"q{place}")
        keys.setdefault(line.question, key)
        group = groups.setdefault(key, [])
        if group:
            _refuse_other(key, group[0], line)
        group.append(line)
    return groups


def _refuse_other(key: str, first: _Line, line: _Line) -> None:
    if first.question != line.question:
        raise GoldError(
            f"{line.where}: the id {key!r} stands for “{line.question}” here and for "
            f"“{first.question}” at {first.where}; give each question its own id"
        )
    if first.impossible != line.impossible:
        raise GoldError(
            f"{line.where}: {key!r} is marked impossible either here or at {first.where}; "
            "mark all lines of a question or none"
        )


def _question(key: str, lines: Sequence[_Line]) -> GoldQuestion:
    judgments = [line.judgment for line in lines if line.judgment is not None]
    return GoldQuestion(
        id=key,
        question=lines[0].question,
        judgments=tuple(dict.fromkeys(judgments)),
        answers=tuple(dict.fromkeys(answer for line in lines for answer in line.answers)),
        impossible=lines[0].impossible,
        kind=next((line.kind for line in lines if line.kind), ""),
        half=next((line.half for line in lines if line.half), ""),
    )
