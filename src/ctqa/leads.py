"""What a row or list item says only together with what stands over it: pure functions.

A lead is for search copies and is never shown. Its parts are lines of their own: a caption and the
column heads, or the words that open a list.
"""

import csv
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import groupby

from ctqa.records import Sentence
from ctqa.tables import is_head_row
from ctqa.text import squeeze

_PART_CHARS = 200
_RULE = re.compile(r"[|\s:-]+")  # the line under the heads of a Markdown table
_FIRST_LINE = re.compile(r"\S[^\n]*")
_DELIMITERS = ",;\t|"


def with_leads(
    text: str, sentences: Sequence[Sentence], *, rows_told: bool = False
) -> tuple[Sentence, ...]:
    """Give each row its caption and column heads, each list item what opens its list.

    `rows_told`: the file itself marks its tables, and the rows have what stands over them.
    """
    found: list[Sentence] = []
    for kind, group in groupby(sentences, key=lambda sentence: sentence.kind):
        run = list(group)
        before = found[-1] if found else None
        if kind == "row" and rows_told:
            found += run
        elif kind == "row":
            found += _rows(text, run, before)
        elif kind == "item":
            lead = _opener(text, before)
            found += [replace(item, lead=lead) for item in run]
        else:
            found += _going_on(text, run)
    return tuple(found)


def with_column_names(text: str, rows: Sequence[Sentence]) -> tuple[Sentence, ...]:
    """Give each row of a delimited text a copy that names its cells: "area: Bexley; year: 2003"."""
    if not rows:
        return ()
    heads = text[rows[0].start : rows[0].end]
    delimiter = max(_DELIMITERS, key=heads.count)
    names = _cells(heads, delimiter)
    return (
        rows[0],
        *(replace(row, mended=_named(text, row, names, delimiter)) for row in rows[1:]),
    )


def column_heads(text: str) -> str:
    """Give the line of a delimited text that names its columns, as a search copy."""
    first = _FIRST_LINE.search(text)  # of a text that may be long, and is asked once a passage
    return "" if first is None else squeeze(first.group())[:_PART_CHARS]


def _rows(text: str, run: Sequence[Sentence], before: Sentence | None) -> Iterator[Sentence]:
    caption = _copy(text, before) if before is not None and before.kind == "heading" else ""
    copies = [_copy(text, row) for row in run]
    for row, heads in zip(run, _heads(copies, captioned=caption != ""), strict=True):
        yield replace(row, lead=_lead(caption, *heads))


def _heads(copies: Sequence[str], *, captioned: bool) -> Iterator[Sequence[str]]:
    """Give the heads that each row stands under; a row of heads stands under none."""
    first = copies[0]
    if len(copies) > 1 and _RULE.fullmatch(copies[1]) is not None:
        plain = ", ".join(cell.strip() for cell in first.strip("|").split("|"))
        yield from ((), (), *[(plain,)] * (len(copies) - 2))
    elif first.endswith(":") or (captioned and len(copies) > 1 and is_head_row(first)):
        yield from ((), *[(first,)] * (len(copies) - 1))
    elif captioned:
        yield from [()] * len(copies)
    else:
        yield from _heads_within(copies)


def _heads_within(copies: Sequence[str]) -> Iterator[Sequence[str]]:
    """Give the heads of tables that no caption parts: the last rows before figures."""
    heads: list[str] = []
    in_heads = False
    for copy in copies:
        if is_head_row(copy):
            heads = [*heads[-2:], copy] if in_heads else [copy]
            in_heads = True
            yield ()
        else:
            in_heads = False
            heads = [] if copy.endswith(".") else heads
            yield tuple(heads)


def _opener(text: str, before: Sentence | None) -> str:
    copy = _copy(text, before) if before is not None else ""
    is_heading = before is not None and before.kind == "heading"
    return _lead(copy) if is_heading or copy.endswith(":") else ""


def _going_on(text: str, run: Sequence[Sentence]) -> Iterator[Sentence]:
    """Lead a sentence that goes on in lower case after a colon: a list within the prose."""
    before = ""
    for sentence in run:
        goes_on = before.endswith(":") and text[sentence.start].islower()
        yield replace(sentence, lead=_lead(before)) if goes_on else sentence
        before = _copy(text, sentence)


def _copy(text: str, sentence: Sentence) -> str:
    return squeeze(text[sentence.start : sentence.end])


def _lead(*parts: str) -> str:
    return "\n".join(part[-_PART_CHARS:].strip() for part in parts if part)


def _named(text: str, row: Sentence, names: Sequence[str], delimiter: str) -> str:
    cells = _cells(text[row.start : row.end], delimiter)
    if len(cells) != len(names) or len(names) < 2:
        return ""
    pairs = zip(names, cells, strict=True)
    return "; ".join(f"{name[:_PART_CHARS]}: {cell}" for name, cell in pairs if cell)


def _cells(row: str, delimiter: str) -> list[str]:
    """Read one row; none where it cannot be read."""
    try:
        parsed: Iterable[list[str]] = list(csv.reader([row], delimiter=delimiter, strict=True))
    except csv.Error:
        return []
    return [squeeze(cell) for cells in parsed for cell in cells]
