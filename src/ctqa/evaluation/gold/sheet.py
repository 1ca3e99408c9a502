"""Records of a spreadsheet, saved as CSV or XLSX: what its cells say, line by line."""

import csv
import io
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

from ctqa.errors import GoldError
from ctqa.evaluation.gold.headers import Header, known_among, looks_like_header, spreadsheet_header
from ctqa.evaluation.gold.reading import read_text

DELIMITERS = (",", ";", "\t")
EXAMPLE = "EXAMPLE:"  # so begin a template's lines, which are no questions
SEPARATOR = "|"  # between short answers, with a space on either side
_SEP_LINE = re.compile(r"sep=(.)\r?\n", re.IGNORECASE)
_PAGE = re.compile(r"(?:p(?:age|g)?\.?\s*)?(\d+)(?:\.0+)?", re.IGNORECASE)  # 12.0 for 12, p. 12
_ESCAPED = re.compile(r"\\+\|")
LOOKED_AT = 10  # records in which a header is looked for, where the first is none
_CURLY = "“”„"


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """A line that is not empty, and where it begins."""

    where: str  # "gold.csv, line 7"
    cells: Sequence[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """A spreadsheet's lines under its header."""

    header: Header
    lines: Sequence[tuple[str, Mapping[str, Any]]]  # where, and what JSONL would hold
    examples: int  # lines of the template that were passed over


@dataclass(frozen=True, slots=True, kw_only=True)
class Csv:
    """How a CSV is written: what parts its cells, and the text without a line that says so."""

    delimiter: str
    text: str
    first_line: int  # of the text, in the file


def read_csv(path: Path) -> Iterator[Record]:
    """Read a CSV's records; what is neither UTF-8 nor UTF-16 is taken for Windows-1252.

    Raises:
        GoldError: it cannot be read; the message names the line.

    """
    form = csv_form(read_text(path, fallback="windows-1252"))
    lines = io.StringIO(form.text, newline="")
    reader = csv.reader(lines, delimiter=form.delimiter, skipinitialspace=True, strict=True)
    begins = form.first_line
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells):
                yield Record(where=f"{path}, line {begins}", cells=cells)
            begins = reader.line_num + form.first_line
    except csv.Error as error:
        raise GoldError(
            f"{path}, line {begins}: is not CSV ({error}); put a cell that holds line ends, "
            "quotation marks or the delimiter between quotation marks, doubling those inside"
        ) from error


def csv_form(text: str) -> Csv:
    """Tell what parts the cells: what a first line "sep=;" says, else what makes most names."""
    said = _SEP_LINE.match(text)
    if said is not None:
        return Csv(delimiter=said[1], text=text[said.end() :], first_line=2)
    return Csv(delimiter=_delimiter(text), text=text, first_line=1)


def read_sheet(path: Path, records: Iterator[Record]) -> Sheet:
    """Put records under their header.

    Raises:
        GoldError: the header or a line cannot be used; the message names it.

    """
    head = list(islice(records, LOOKED_AT))
    first = head[0] if head else Record(where=f"{path}, line 1", cells=[])
    _refuse_title(first, head[1:])
    header = spreadsheet_header(first.where, first.cells)
    lines, examples = [], 0
    for record in (*head[1:], *records):
        cells = _named(record, header.names)
        if cells.get("question", "").strip().startswith(EXAMPLE):
            examples += 1
        else:
            lines.append((record.where, _typed(cells)))
    return Sheet(header=header, lines=lines, examples=examples)


def joined(answers: Sequence[str]) -> str:
    """Write short answers into one cell."""
    return f" {SEPARATOR} ".join(
        " ".join(f"\\{word}" if word.strip("\\") == SEPARATOR else word for word in one.split(" "))
        for one in answers
    )


def parted(cell: str) -> list[str]:
    """Read the short answers of one cell."""
    answers: list[list[str]] = [[]]
    for word in cell.split(" "):
        if word == SEPARATOR:
            answers.append([])
        else:
            answers[-1].append(word[1:] if _ESCAPED.fullmatch(word) else word)
    return [" ".join(words) for words in answers]


def _delimiter(text: str) -> str:
    """Choose the delimiter that makes most known names of the first line, else most names."""
    first = text.lstrip("\r\n").partition("\n")[0]

    def names(delimiter: str) -> tuple[int, int]:
        cells = first.split(delimiter)
        return len(known_among(cells)), len(set(cells))

    return max(DELIMITERS, key=names)


def _refuse_title(first: Record, others: Sequence[Record]) -> None:
    if looks_like_header(first.cells):
        return
    for record in others:
        if looks_like_header(record.cells):
            raise GoldError(
                f"{first.where}: is no header; the columns are named at {record.where}: delete "
                "what stands above it"
            )


def _named(record: Record, names: Sequence[str]) -> dict[str, str]:
    if any(cell.strip() for cell in record.cells[len(names) :]):
        curly = any(mark in cell for cell in record.cells for mark in _CURLY)
        straight = ' (straight ones, ", not “ ”)' if curly else ""
        raise GoldError(
            f"{record.where}: found {len(record.cells)} cells under {len(names)} column names; put "
            f"a cell that holds the delimiter between quotation marks{straight}"
        )
    return dict(zip(names, record.cells, strict=False))  # short records leave their ends empty


def _typed(cells: Mapping[str, str]) -> dict[str, Any]:
    """Turn cells into what JSONL would hold; what cannot be turned is left for the check."""
    values: dict[str, Any] = dict(cells)
    values["answers"] = parted(cells.get("answers", ""))
    page = _PAGE.fullmatch(cells.get("page", "").strip())
    if page is not None:
        values["page"] = int(page.group(1))
    return values
