"""Which lines of a plain text are a table's, and which of them make one row: pure functions.

Extraction breaks the cells of a row over lines. Where a column holds nothing but numbers, number
words or Yes and No, that column tells where a row begins: a line with a name before such a cell
opens a row, lines without one go on with it, and where the cell opens its line the name stands on
the lines above.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

_TERMINAL = re.compile(r"(?:[.!?:;…][\"'”’»)\]]*|;\s+(?:and|or))$")
_BULLET = re.compile(r"(?:[-–—•*·▪‣◦]|\(?(?:\d{1,3}|[a-z]|[ivx]{1,4})[.)])\s+\S")
_CAPTION = re.compile(r"(?:Table|Figure|Fig\.|Box|Chart|Exhibit)\s+(?:\d+(?:\.\d+)*|[IVXLC]+)\b")
_MARKDOWN_ROW = re.compile(r"\|.*\|$")
_DANGLING = re.compile(r"(?:\b(?:and|or|of|to|the|for|in|with|by)|[,&–-])$", re.IGNORECASE)
_NOTE = re.compile(r"(?:Sources?|Notes?|Key):")
_NUMBER = re.compile(r"\(?[-–+]?[$£€]?\d(?:[\d,.]*\d)?%?\)?|[-–—]")
_YEAR = re.compile(r"(?:19|20)\d\d")
_COUNT = re.compile(r"None|One|Two|Three|Four|Five|Six|Seven|Eight|Nine|Ten|Eleven|Twelve")
_ANSWER = re.compile(r"Yes|No|N/A|n/a|[✓✔✗✘]")
_KINDS = (_NUMBER, _COUNT, _ANSWER)

FILLED = 0.75  # of the usual line width: a line this long was broken because it was full
_HALF = 0.5  # of it, for a line whose sentence goes on in the next one
HEADING_CHARS = 110
_NAME_WORDS = 6  # at most, before the cell that tells a row
_NAME_PIECES, _NAME_CHARS = 3, 60  # at most, of a name on lines of its own
_HEADS_CHARS = 200
_PROSE = 0.1  # of its lines end in a full stop: no table, unless under a caption
_ROWS = 3  # at least, for a column to be trusted
_SHARE = {True: 0.2, False: 0.4}  # of a table's lines that open a row, under a caption or not


@dataclass(frozen=True, slots=True)
class Line:
    """A line without the white space around it."""

    start: int
    end: int
    text: str
    apart: bool  # a blank line, a page break or an indent stands before it

    @property
    def terminal(self) -> bool:
        """Whether it ends as a sentence ends."""
        return _TERMINAL.search(self.text) is not None

    @property
    def lower(self) -> bool:
        """Whether it goes on in the middle of a sentence."""
        return self.text[0].islower()

    @property
    def is_item(self) -> bool:
        """Whether it opens a list item."""
        return _BULLET.match(self.text) is not None

    @property
    def is_caption(self) -> bool:
        """Whether it begins as the caption of a table or figure does."""
        return _CAPTION.match(self.text) is not None

    @property
    def is_markdown_row(self) -> bool:
        """Whether it is a row of a Markdown table."""
        return _MARKDOWN_ROW.match(self.text) is not None


@dataclass(frozen=True, slots=True)
class _Piece:
    """Lines of a table that certainly belong together, as a range of its lines."""

    first: int
    last: int
    words: tuple[str, ...]
    apart: bool

    @property
    def chars(self) -> int:
        return len(" ".join(self.words))

    @property
    def closed(self) -> bool:
        """Whether it ends in a cell after which no text of its row follows."""
        return any(kind.fullmatch(self.words[-1]) for kind in _KINDS)

    def place(self, kind: re.Pattern[str]) -> int | None:
        """Give the place of the first cell of a kind, in words; None where there is none."""
        if self.words[0][0].islower():
            return None
        near = enumerate(self.words[: _NAME_WORDS + 1])
        return next((place for place, word in near if kind.fullmatch(word)), None)


def table_lines(lines: Sequence[Line], width: float) -> list[bool]:
    """Mark the lines of tables: those after a caption, and runs of unfilled, unfinished lines."""
    marks = [mark for run in _runs(lines) for mark in _marks(run, width)]
    within = False
    for position in range(len(lines)):
        if _is_caption(lines, position, width):
            within = True
        elif within and _prose_starts(lines[position : position + 4], width):
            within = False
        else:
            marks[position] = within or marks[position]
            continue
        marks[position] = False
    return marks


def table_rows(lines: Sequence[Line], *, captioned: bool) -> Iterator[tuple[int, int]]:
    """Put the lines of one table's rows together, as ranges of `lines`."""
    pieces = list(_pieces(lines))
    starts = _row_starts(pieces, captioned=captioned)
    for start, end in pairwise([*starts, len(pieces)]):
        yield pieces[start].first, pieces[end - 1].last


def is_head_row(row: str) -> bool:
    """Tell whether a row may head columns: no sentence, and no cell but a closing run of years."""
    kinds = (_NUMBER, _ANSWER)  # a number word may stand in a head: "Three months ended"
    cells = [word for word in row.split() if any(kind.fullmatch(word) for kind in kinds)]
    closing = row.split()[-1:] == cells[-1:]
    years = closing and len(cells) > 1 and all(map(_YEAR.fullmatch, cells))
    return (not cells or years) and not row.endswith(".") and len(row) <= _HEADS_CHARS


def _runs(lines: Sequence[Line]) -> Iterator[list[Line]]:
    """Give the stretches of lines without a blank line between them."""
    run = [lines[0]]
    for line in lines[1:]:
        if line.apart:
            yield run
            run = []
        run.append(line)
    yield run


def _marks(run: Sequence[Line], width: float) -> list[bool]:
    """Mark a run's lines, all or none; full lines that run on are prose even between rows."""
    marks = [_is_table(run, width)] * len(run)
    start = 0
    while start < len(run) and marks[start]:
        end = _full_until(run, start, width)
        if any(line.lower for line in run[start + 1 : end]):
            marks[start:end] = [False] * (end - start)
        start = max(end, start + 1)
    return marks


def _full_until(run: Sequence[Line], start: int, width: float) -> int:
    """Give where the full lines from `start` on end, with the last line of their paragraph."""
    end = start
    while end < len(run) and _runs_on(run[end], run[end + 1 : end + 2], width):
        end += 1
    return end + 1 if start < end < len(run) and _may_end(run[end]) else end


def _may_end(line: Line) -> bool:
    return (line.lower or line.terminal) and not _ends_in_a_cell(line)


def _runs_on(line: Line, following: Sequence[Line], width: float) -> bool:
    """Whether a line was broken because it was full, or the next one goes on with its sentence."""
    goes_on = not line.terminal and any(after.lower for after in following)
    if _ends_in_a_cell(line) and not goes_on:
        return False
    return len(line.text) >= (_HALF if goes_on else FILLED) * width


def _is_table(run: Sequence[Line], width: float) -> bool:
    body = run[:-1]
    if len(run) >= _ROWS and 2 * sum(map(_ends_in_a_cell, run)) >= len(run):
        return True
    if len(body) < 2 or sum(len(line.text) for line in body) >= FILLED * width * len(body):
        return False
    finished = sum(line.terminal for line in run)
    bullets = sum(line.is_item for line in run)
    return max(finished, bullets) <= 0.4 * len(run)


def _is_caption(lines: Sequence[Line], position: int, width: float) -> bool:
    line = lines[position]
    if not line.is_caption or len(line.text) > HEADING_CHARS:
        return False
    runs_on = position + 1 < len(lines) and lines[position + 1].lower
    return not (runs_on and len(line.text) >= FILLED * width)


def _prose_starts(ahead: Sequence[Line], width: float) -> bool:
    """Tell whether a table has ended: full lines follow that run on in lower case."""
    if len(ahead) == 1:
        return ahead[0].terminal
    first, second = ahead[:2]
    if _ends_in_a_cell(second) or (_ends_in_a_cell(first) and not second.lower):
        return False
    full = [line for line in ahead[:3] if len(line.text) >= FILLED * width]
    return len(full) > 1 and full[0] is first and any(line.lower for line in ahead[1:])


def _ends_in_a_cell(line: Line) -> bool:
    return any(kind.fullmatch(line.text.split()[-1]) for kind in _KINDS)


def _pieces(lines: Sequence[Line]) -> Iterator[_Piece]:
    first = 0
    for position in range(1, len(lines) + 1):
        if position == len(lines) or not _goes_on(lines[position - 1], lines[position]):
            words = tuple(word for line in lines[first:position] for word in line.text.split())
            yield _Piece(first, position, words, lines[first].apart)
            first = position


def _goes_on(before: Line, line: Line) -> bool:
    if before.is_markdown_row or line.is_markdown_row or line.is_caption or before.terminal:
        return False
    dangling = _DANGLING.search(before.text) is not None
    return line.lower or line.text.startswith("(") or dangling


def _row_starts(pieces: Sequence[_Piece], *, captioned: bool) -> list[int]:
    kind = _telling_kind(pieces, captioned=captioned)
    if kind is None:
        return list(range(len(pieces)))
    starts: list[int] = []
    for position, piece in enumerate(pieces):
        place = piece.place(kind)
        if place is None:
            opens = bool(starts) and _stands_alone(pieces, position)
            starts += [position] if opens else []
        elif place > 0:
            starts.append(position)
        elif (name := _name_above(pieces, position, kind)) is not None:
            while starts and starts[-1] >= name:
                starts.pop()
            starts.append(name)
    return [*_head_starts(pieces[: starts[0]]), *starts]


def _telling_kind(pieces: Sequence[_Piece], *, captioned: bool) -> re.Pattern[str] | None:
    """Choose the kind of cell that tells rows; None where none does, or rows end in numbers."""

    def opening(kind: re.Pattern[str]) -> list[_Piece]:
        return [piece for piece in pieces if (piece.place(kind) or 0) > 0]

    kind = max(_KINDS, key=lambda kind: len(opening(kind)))
    rows = opening(kind)
    bare = sum(piece.place(kind) == 0 for piece in pieces)
    figures = sum(_NUMBER.fullmatch(piece.words[-1]) is not None for piece in rows)
    enough = len(rows) >= max(_ROWS, bare, _SHARE[captioned] * len(pieces))
    prose = sum(piece.words[-1].endswith(".") for piece in pieces) > _PROSE * len(pieces)
    return kind if enough and 2 * figures < len(rows) and (captioned or not prose) else None


def _stands_alone(pieces: Sequence[_Piece], position: int) -> bool:
    """Whether a piece without a telling cell is no part of the row before it."""
    piece, before = pieces[position], pieces[position - 1]
    if _NOTE.match(piece.words[0]) or before.words[-1].endswith(":"):
        return True
    return before.closed and not (len(piece.words) == 1 and piece.closed)


def _name_above(pieces: Sequence[_Piece], position: int, kind: re.Pattern[str]) -> int | None:
    """Find where the name begins whose cell opens a piece; None where no name stands above."""
    start = position
    while start and pieces[start - 1].place(kind) is None:
        start -= 1
        if pieces[start].apart:
            break
    chars = sum(piece.chars for piece in pieces[start:position])
    short = position - start <= _NAME_PIECES and chars <= _NAME_CHARS
    return start if start < position and short else None


def _head_starts(pieces: Sequence[_Piece]) -> list[int]:
    """Take what stands before the first row as one row of column heads, unless it is long."""
    if not pieces:
        return []
    short = sum(piece.chars for piece in pieces) <= _HEADS_CHARS
    return [0] if short else list(range(len(pieces)))
