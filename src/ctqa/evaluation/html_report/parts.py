"""What a report is put together from, as its template takes it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ctqa.evaluation.curves import FEW
from ctqa.evaluation.gold.wording import many
from ctqa.text import squeeze


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A table; the first cell of a line is its head. A line break in a cell begins small print."""

    caption: str
    heads: tuple[str, ...]
    lines: tuple[tuple[str, ...], ...]
    prose: tuple[int, ...] = ()  # columns that hold words, not figures
    names: bool = False  # whether the first column holds what stands in documents or gold
    left: str = ""  # what is said of lines that are not listed


@dataclass(frozen=True, slots=True, kw_only=True)
class Plot:
    """A plot with its text alternative and its figures as a table."""

    id: str
    title: str
    meaning: str
    said: str  # what it shows, in words; where there is nothing to draw, why
    figure: Mapping[str, Any] = field(default_factory=dict)  # of plotly.js; {}: nothing to draw
    table: Table | None = None
    notes: tuple[str, ...] = ()
    height: int = 0  # pixels


def figure(value: float) -> str:
    """Write an average."""
    return f"{value:.3f}"


def seconds(elapsed_ms: float) -> str:
    """Write how long a reply took."""
    in_ms = elapsed_ms < 1000
    return f"{elapsed_ms:.0f}\u00a0ms" if in_ms else f"{elapsed_ms / 1000:.1f}\u00a0s"


def duration(taken: float) -> str:
    """Write how long all of it took; `taken` in seconds."""
    if taken < 90:
        return f"{taken:.0f} seconds" if taken >= 10 else f"{taken:.1f} seconds"
    return f"{taken / 60:.0f} minutes" if taken < 5400 else f"{taken / 3600:.1f} hours"


def few(answers: int) -> tuple[str, ...]:
    """Warn where answers are too few for a curve."""
    if answers >= FEW:
        return ()
    return (f"Only {many(answers, 'answer')}: the shape of this curve may be chance.",)


def short(text: str, most: int) -> str:
    """Give a text on one line, and of a long one the words that stand within its beginning."""
    line = squeeze(text)
    if len(line) <= most:
        return line
    whole_words = line[:most].rpartition(" ")[0]
    return f"{line[:most] if whole_words == '' else whole_words}…"
