"""What a report counts over all questions: ranks, times, and what became of each document."""

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from ctqa.evaluation.outcome import Row

_BARS = 16  # of the times, up to that of 95 in 100
_STEPS = (1, 2, 2.5, 5, 10)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ranked:
    """How many questions have their first right hit at one of these ranks."""

    label: str
    questions: int
    is_found: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Times:
    """How many replies took from `low_ms` up to, not including, `high_ms`."""

    low_ms: float
    high_ms: float  # infinite: the last one takes all that are slower
    replies: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What became of a document over all questions that want it."""

    document: str
    questions: int
    first: int  # found first
    near: int  # among the first ten, not first
    far: int  # further down
    never: int  # not found

    @property
    def is_missing(self) -> bool:
        """Whether it was found for no question."""
        return self.never == self.questions


def ranks(rows: Iterable[Row], depth: int) -> tuple[Ranked, ...]:
    """Count the ranks of the first right hit, over the questions that the sources answer."""
    found = Counter(row.first_right for row in rows if not row.impossible)
    spans = [(low, min(high, depth)) for low, high in _spans(depth) if low <= depth]
    return (
        *(
            Ranked(
                label=_rank_label(low, high),
                questions=sum(found[rank] for rank in range(low, high + 1)),
                is_found=True,
            )
            for low, high in spans
        ),
        Ranked(label="not found", questions=found[None], is_found=False),
    )


def times(elapsed: Sequence[float], p95_ms: float) -> tuple[Times, ...]:
    """Count replies by how long they took, in steps that are easily read; the slowest together."""
    step = _step(max(p95_ms, 1.0) / _BARS)
    first = math.floor(min(elapsed) / step)
    last = max(math.ceil(p95_ms / step * 1.25), first + 1)
    found = Counter(min(math.floor(each / step), last) for each in elapsed)
    bars = [
        Times(low_ms=n * step, high_ms=(n + 1) * step, replies=found[n]) for n in range(first, last)
    ]
    slow = Times(low_ms=last * step, high_ms=math.inf, replies=found[last])
    return (*bars, slow) if slow.replies else tuple(bars)


def documents(rows: Iterable[Row]) -> list[Wanted]:
    """Tell what became of each document that questions want; those never found come first."""
    ranks_of: dict[str, list[int | None]] = {}
    for row in rows:
        for document, rank in row.wanted.items():
            ranks_of.setdefault(document, []).append(rank)
    found = [_wanted(document, ranks) for document, ranks in ranks_of.items()]
    return sorted(found, key=lambda each: (not each.is_missing, -each.never, each.document))


def _wanted(document: str, ranks: Sequence[int | None]) -> Wanted:
    found = [rank for rank in ranks if rank is not None]
    return Wanted(
        document=document,
        questions=len(ranks),
        first=found.count(1),
        near=sum(1 < rank <= 10 for rank in found),
        far=sum(rank > 10 for rank in found),
        never=len(ranks) - len(found),
    )


def _spans(depth: int) -> tuple[tuple[int, int], ...]:
    return ((1, 1), (2, 2), (3, 3), (4, 5), (6, 10), (11, 100), (101, max(depth, 101)))


def _rank_label(low: int, high: int) -> str:
    return f"{low}" if low == high else f"{low} to {high}"


def _step(least: float) -> float:
    """Give the least step that is easily read and no smaller than `least`."""
    magnitude = 10.0 ** math.floor(math.log10(least))
    return next(each * magnitude for each in _STEPS if each * magnitude >= least * (1 - 1e-9))
