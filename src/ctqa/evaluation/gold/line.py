"""One line of a gold file, read with all that can be wrong with it."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ctqa.errors import GoldError
from ctqa.evaluation.gold.headers import ACCEPT
from ctqa.evaluation.gold.questions import Judgment

_TRUTH = dict.fromkeys(("true", "yes", "y", "1", "x", "✓", "✔", "☑"), True)
_TRUTH |= dict.fromkeys(("false", "no", "n", "0", "-", "n/a", "☐", ""), False)
_RANGE = re.compile(r"(?:p+(?:ages?|gs?)?\.?\s*)?\d+\s*(?:[-–—,&]|to|and)\s*\d+", re.IGNORECASE)
_DATE = re.compile(r"\d{4}-\d\d-\d\d")
_FAILED = re.compile(r"#(?:NAME\?|DIV/0!|REF!|VALUE!|N/A|NUM!|NULL!|SPILL!|CALC!)|Err:\d{3}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """What a line says of a question."""

    where: str  # "gold.csv, line 7"
    id: str
    question: str
    judgment: Judgment | None
    answers: tuple[str, ...]
    impossible: bool
    kind: str
    half: str


def accepted(where: str, values: Mapping[str, Any]) -> bool:
    """Tell whether a line counts: that of a suggestion only where a person says yes."""
    return ACCEPT not in values or _truth(where, values, ACCEPT)


def read_line(where: str, values: Mapping[str, Any]) -> Line:
    """Read a line.

    Raises:
        GoldError: it cannot be used; the message names it.

    """
    impossible = _truth(where, values, "impossible")
    line = Line(
        where=where,
        id=_text(where, values, "id"),
        question=_text(where, values, "question"),
        judgment=None if impossible else _judgment(where, values),
        answers=_answers(where, values.get("answers")),
        impossible=impossible,
        kind=_text(where, values, "kind"),
        half=_text(where, values, "half"),
    )
    _refuse_incomplete(line, values)
    return line


def _refuse_incomplete(line: Line, values: Mapping[str, Any]) -> None:
    where = line.where
    if not line.question:
        raise GoldError(
            f"{where}: the question is empty; write it, or delete the line (where a question has "
            "several lines, each repeats it)"
        )
    if line.impossible and (line.answers or _text(where, values, "quote")):
        raise GoldError(
            f"{where}: is marked impossible but holds a quote or answers; "
            "empty these, or the mark if the sources do answer"
        )
    if not line.impossible and line.judgment is None:
        if "verdict" in values:
            raise GoldError(
                f"{where}: is a judgment, not a gold question; export the judgments as gold on the "
                "page, under Judgments"
            )
        raise GoldError(
            f"{where}: names no document; name the one that answers (its file name is enough), "
            "or set “impossible” if none does"
        )


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
        text = value.strip()
        if _FAILED.fullmatch(text):
            raise GoldError(
                f"{where}: “{name}” is {text}, by which a spreadsheet says that a formula failed; "
                "write the text itself, with an apostrophe (') before it if it begins with =, + "
                "or -"
            )
        return text
    if name in {"id", "document"} and type(value) is int:
        return str(value)
    raise GoldError(f"{where}: “{name}” is {value!r}; expected text")


def _page(where: str, value: object) -> int | None:
    if value is None or value == "":
        return None
    if type(value) is int and value >= 1:
        return value
    hint = ""
    if isinstance(value, str):
        hint = "; leave the cell empty where it is not known"
        if _RANGE.fullmatch(value.strip()):
            hint = "; name the page on which the quote begins"
        elif _DATE.match(value):
            hint = "; the spreadsheet has made a date of it: format the column as text"
    raise GoldError(f"{where}: “page” is {value!r}; expected a whole number, counted from 1{hint}")


def _answers(where: str, value: object) -> tuple[str, ...]:
    if value is None:
        return ()
    if not isinstance(value, list) or not all(isinstance(answer, str) for answer in value):
        raise GoldError(f'{where}: “answers” is {value!r}; expected a list, ["…", "…"]')
    return tuple(answer.strip() for answer in value if answer.strip())


def _truth(where: str, values: Mapping[str, Any], name: str) -> bool:
    value = values.get(name)
    told = _TRUTH.get(value.strip().lower()) if isinstance(value, str) else value
    if told is None and not isinstance(value, str):
        return False
    if isinstance(told, bool):
        return told
    raise GoldError(f"{where}: “{name}” is {value!r}; expected true or false (CSV: yes or no)")
