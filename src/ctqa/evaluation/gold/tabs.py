"""The sheets of a workbook: which of them holds the questions."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from ctqa.errors import GoldError, SourceError
from ctqa.evaluation.gold.headers import looks_like_header
from ctqa.evaluation.gold.sheet import LOOKED_AT, Record
from ctqa.sources.archive import Encrypted, damage_told

MOST_ROWS = 100_000  # of a sheet; gold sets of research have 10,000
MOST_COLUMNS = 100  # what stands further to the right is not read
MOST_BYTES = 40_000_000  # of a workbook, unpacked; 10,000 questions with contexts have 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A row in which something stands, without the empty cells at its end."""

    number: int  # from 1
    cells: Sequence[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Tab:
    """A sheet of a workbook."""

    title: str
    rows: Sequence[Row]
    notes: tuple[str, ...] = ()  # what should be known of the workbook's other sheets

    def records(self, path: Path) -> Sequence[Record]:
        """Give the rows with where they stand."""
        return [Record(where=f"{path}, row {row.number}", cells=row.cells) for row in self.rows]


def filled(path: Path, rows: Iterable[Row]) -> Iterator[Row]:
    """Give the rows in which something stands.

    Raises:
        GoldError: they do not end within reason.

    """
    for row in rows:
        if row.number > MOST_ROWS:
            raise GoldError(
                f"{path}: a sheet goes on below row {MOST_ROWS:,}; delete the rows below your "
                "questions, or save it as .csv"
            )
        cells = list(row.cells[:MOST_COLUMNS])
        while cells and not cells[-1].strip():
            cells.pop()
        if cells:
            yield replace(row, cells=cells)


def chosen(heads: Sequence[Tab]) -> tuple[int, tuple[str, ...]]:
    """Choose the first sheet whose first rows name columns of gold, else the first.

    Others that do so too are not read, which the notes say.
    """
    holding = [at for at, tab in enumerate(heads) if _has_header(tab)]
    at, *others = holding or [0]
    notes = [
        f"the sheet “{heads[other].title}” is not read, only “{heads[at].title}”: put all "
        "questions into one sheet"
        for other in others
    ]
    return at, tuple(notes)


def _has_header(tab: Tab) -> bool:
    return any(looks_like_header(row.cells) for row in tab.rows[:LOOKED_AT])


@contextmanager
def unreadable_told(path: Path, *others: type[Exception]) -> Iterator[None]:
    """Turn what a workbook that cannot be read raises into a GoldError that says so."""
    try:
        with damage_told(*others):
            yield
    except Encrypted as error:
        raise GoldError(f"{path}: is encrypted; save it without a password") from error
    except SourceError as error:
        raise GoldError(
            f"{path}: cannot be read as a workbook ({error}); save it again as .xlsx, or as .csv"
        ) from error
