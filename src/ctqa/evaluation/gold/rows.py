"""Gold in CTQA's own form: JSONL, CSV, XLSX or ODS, one judgment a line.

Lines of one id, or without ids of one question, make one question whose judgments each are enough.
Of suggestions, which have a column "accept", only those count that a person has accepted.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from ctqa.errors import GoldError
from ctqa.evaluation.gold.headers import ACCEPT, FIELDS, refuse_twice, unused
from ctqa.evaluation.gold.line import Line, accepted, read_line
from ctqa.evaluation.gold.questions import Gold, GoldQuestion, Judgment
from ctqa.evaluation.gold.reading import name_of, read_json_lines
from ctqa.evaluation.gold.sheet import EXAMPLE, Sheet, read_csv, read_sheet
from ctqa.evaluation.gold.tabs import Tab
from ctqa.evaluation.gold.wording import many, shown

__all__ = ["FIELDS", "NoQuestions", "load_csv", "load_jsonl", "load_ods", "load_xlsx"]

_TOLD = 10  # lines that cannot be used, in one message


class NoQuestions(GoldError):  # noqa: N818 -- a file that was begun, to which some can be added
    """A file in which nobody has written a question yet."""


def load_jsonl(path: Path) -> Gold:
    """Load gold from JSONL; `answers` is a list, `impossible` a boolean, `page` a number.

    Raises:
        GoldError: a line cannot be used; the message names it.

    """
    unknown: set[str] = set()
    lines = []
    for where, values in read_json_lines(path):
        named = _lower_names(where, values)
        unknown |= unused(where, list(named))
        lines.append((where, named))
    return _gold(path, lines, [f"“{name}” is not used" for name in sorted(unknown)])


def load_csv(path: Path) -> Gold:
    """Load gold from a spreadsheet's CSV: comma, semicolon or tab, with a header.

    Short answers are separated by " | ". What is neither UTF-8 nor UTF-16 is read as Windows-1252.

    Raises:
        GoldError: the header or a line cannot be used; the message names it.

    """
    return _of_sheet(path, read_sheet(path, read_csv(path)))


def load_xlsx(path: Path) -> Gold:
    """Load gold from the sheet of a workbook that holds the questions; it is as a CSV is.

    Raises:
        GoldError: the file, its header or a row cannot be used; the message names it.

    """
    from ctqa.evaluation.gold.xlsx import read_xlsx  # noqa: PLC0415 -- 0.2 s for those who need it

    return _of_tab(path, read_xlsx(path))


def load_ods(path: Path) -> Gold:
    """Load gold from LibreOffice's own form of a workbook; the same errors."""
    from ctqa.evaluation.gold.ods import read_ods  # noqa: PLC0415 -- 0.1 s for those who need it

    return _of_tab(path, read_ods(path))


def _of_tab(path: Path, tab: Tab) -> Gold:
    gold = _of_sheet(path, read_sheet(path, iter(tab.records(path))))
    return replace(gold, notes=(*gold.notes, *tab.notes))


def _of_sheet(path: Path, sheet: Sheet) -> Gold:
    notes = [f"“{name}” is not used" for name in sorted(sheet.header.unused)]
    if sheet.examples:
        if not sheet.lines:
            raise NoQuestions(
                f"{path}: holds only the template's examples; write your own questions below them"
            )
        notes.append(f"{many(sheet.examples, 'line')} passed over, beginning with “{EXAMPLE}”")
    return _gold(path, sheet.lines, notes)


def _lower_names(where: str, values: Mapping[str, Any]) -> dict[str, Any]:
    refuse_twice(where, [name.strip().lower() for name in values])
    return {name.strip().lower(): value for name, value in values.items()}


def _gold(path: Path, found: Sequence[tuple[str, Mapping[str, Any]]], notes: Sequence[str]) -> Gold:
    if not found:
        raise NoQuestions(f"{path}: holds no question; expected one a line")
    lines = _lines(path, found)
    if not lines:
        raise GoldError(
            f"{path}: none of its {len(found)} suggestions was accepted; read them, and write yes "
            f"into the column “{ACCEPT}” of those that are good questions"
        )
    left = len(found) - len(lines)
    groups = _groups(lines)
    told = [f"{many(left, 'line')} not accepted and left out"] if left else []
    return Gold(
        name=name_of(path),
        questions=tuple(_question(key, group) for key, group in groups.items()),
        notes=(*notes, *told, *_repeats(groups)),
        where=_where(groups),
    )


def _lines(path: Path, found: Iterable[tuple[str, Mapping[str, Any]]]) -> list[Line]:
    """Read the lines that count; what is wrong is told of all of them at once."""
    lines, wrong = [], []
    for where, values in found:
        try:
            if accepted(where, values):
                lines.append(read_line(where, values))
        except GoldError as error:
            wrong.append(str(error))
    if len(wrong) > 1:
        more = [f"and {many(len(wrong) - _TOLD, 'other line')}"] if len(wrong) > _TOLD else []
        told = "\n- ".join([*wrong[:_TOLD], *more])
        raise GoldError(f"{path}: {len(wrong):,} lines cannot be used:\n- {told}")
    if wrong:
        raise GoldError(wrong[0])
    return lines


def _repeats(groups: Mapping[str, Sequence[Line]]) -> Iterable[str]:
    """Tell how many lines only say again what another line of their question says."""
    said: set[tuple[str, Judgment | None, tuple[str, ...]]] = set()
    again = []
    for key, lines in groups.items():
        for line in lines:
            told = key, line.judgment, line.answers
            again += [line.where] if told in said else []
            said.add(told)
    if again:
        first = again[0].rpartition(", ")[2]  # without the path, which may be a browser's upload
        yield f"{many(len(again), 'line')} only repeating another of the same question ({first})"


def _where(groups: Mapping[str, Sequence[Line]]) -> dict[tuple[str, Judgment | None], str]:
    where: dict[tuple[str, Judgment | None], str] = {}
    for key, lines in groups.items():
        where[key, None] = lines[0].where
        for line in lines:
            where.setdefault((key, line.judgment), line.where)
    return where


def _groups(lines: Iterable[Line]) -> dict[str, list[Line]]:
    """Bring the lines of one question together under its id; without one, "q" and its place."""
    groups: dict[str, list[Line]] = {}
    keys: dict[str, str] = {}
    for place, line in enumerate(lines, start=1):
        key = line.id or keys.get(line.question, f"q{place}")
        keys.setdefault(line.question, key)
        group = groups.setdefault(key, [])
        if group:
            _refuse_other(key, group[0], line)
        group.append(line)
    return groups


def _refuse_other(key: str, first: Line, line: Line) -> None:
    if first.question != line.question:
        raise GoldError(
            f"{line.where}: the id {key!r} stands for “{line.question}” here and for "
            f"“{first.question}” at {first.where}; give each question its own id"
        )
    if first.impossible != line.impossible:
        here, there = "here", f"at {first.where}"
        marked, open_ = (here, there) if line.impossible else (there, here)
        raise GoldError(
            f"{line.where}: {shown(line.question)} is marked impossible {marked}, but not "
            f"{open_}; mark all lines of a question or none"
        )


def _question(key: str, lines: Sequence[Line]) -> GoldQuestion:
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
