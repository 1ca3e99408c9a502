"""What was measured, read back: medians over the rounds, and means of what is asked once."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import log, sqrt
from pathlib import Path
from statistics import mean, median
from typing import Any

from bench.peers.asking import DEPTH

Ranks = Sequence[int | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Quality:
    """How well passages were ranked, over so many questions."""

    questions: int
    first: float  # Success@1
    reciprocal: float  # MRR@10
    found: float  # R@10, each question having one passage

    @property
    def interval(self) -> tuple[float, float]:
        """Give Wilson's 95 % interval of Success@1."""
        n, share, z = self.questions, self.first, 1.96
        middle = (share + z * z / (2 * n)) / (1 + z * z / n)
        half = z / (1 + z * z / n) * sqrt(share * (1 - share) / n + z * z / (4 * n * n))
        return middle - half, middle + half


class Figures:
    """The figures of one run."""

    def __init__(self, folder: Path) -> None:
        self._all: dict[str, Any] = {
            path.stem: json.loads(path.read_text(encoding="utf-8"))
            for path in sorted((folder / "figures").glob("*.json"))
        }

    def get(self, name: str) -> Any:
        """Give a figure; None where it was not measured."""
        return self._all.get(name)

    def rounds(self, name: str) -> list[Any]:
        """Give a figure of every round in which it was measured."""
        numbered = (
            (int(number), record)
            for key, record in self._all.items()
            for number, _, rest in [key.partition("-")]
            if rest == name and number.isdigit()
        )
        return [record for _, record in sorted(numbered, key=lambda each: each[0])]

    def middle(self, name: str, field: str) -> float | None:
        """Give the median of a field over the rounds."""
        found = [record[field] for record in self.rounds(name)]
        return median(found) if found else None

    def rate(self, name: str, start: str = "", end: str = "") -> float | None:
        """Give passages per CPU second between named moments; without any: of the process.

        None where it was not measured or a moment was not told.
        """
        found = [_rate(record, start, end) for record in self.rounds(name)]
        known = [rate for rate in found if rate is not None]
        return median(known) if known else None

    def encoding(self, system: str) -> float | None:
        """Give passages per CPU second of encoding alone."""
        apart = self.rate(f"{system}-encode", "loaded", "encoded")
        return self.rate(f"{system}-build", "loaded", "encoded") if apart is None else apart

    def milliseconds(self, system: str, way: str, kind: str) -> list[float]:
        """Give each timed question's milliseconds ("cpu_ms", "wall_ms"), of all rounds."""
        return [
            each
            for record in self.rounds(f"{system}-ask-{way}")
            for each in record["said"][kind][: record["timed"]]
        ]

    def per_question(self, system: str, way: str) -> float | None:
        """Give a question's CPU milliseconds: the median of the rounds' medians."""
        found = [
            median(record["said"]["cpu_ms"][: record["timed"]])
            for record in self.rounds(f"{system}-ask-{way}")
        ]
        return median(found) if found else None

    def quality(self, system: str, way: str) -> Quality | None:
        """Give the quality of the questions that were asked one by one."""
        asked = self.rounds(f"{system}-ask-{way}")
        return quality_of(asked[0]["said"]["ranks"]) if asked else None

    def quality_of_all(self, system: str, way: str) -> Quality | None:
        """Give the quality over all questions."""
        asked = self.get(f"all-{system}-{way}")
        return None if asked is None else quality_of(asked["said"]["ranks"])

    def by_count(self, prefix: str) -> dict[int, Any]:
        """Give the figures whose names end with a number of passages, by that number."""
        found = {
            int(name.removeprefix(f"{prefix}-")): record
            for name, record in self._all.items()
            if name.removeprefix(f"{prefix}-").isdigit() and name.startswith(f"{prefix}-")
        }
        return dict(sorted(found.items()))


def quality_of(ranks: Ranks) -> Quality:
    """Sum up ranks."""
    return Quality(
        questions=len(ranks),
        first=mean(rank == 1 for rank in ranks),
        reciprocal=mean(0.0 if rank is None else 1 / rank for rank in ranks),
        found=mean(rank is not None and rank <= DEPTH for rank in ranks),
    )


def percentile(values: Iterable[float], share: float) -> float:
    """Give the least value that at least such a share of the values does not exceed."""
    ordered = sorted(values)
    return ordered[min(int(share * len(ordered)), len(ordered) - 1)]


def exponent(points: dict[int, float]) -> float:
    """Give the power of the count that values grow with: the slope between logarithms."""
    xs = [log(count) for count in points]
    ys = [log(value) for value in points.values()]
    x, y = mean(xs), mean(ys)
    return sum((a - x) * (b - y) for a, b in zip(xs, ys, strict=True)) / sum(
        (a - x) ** 2 for a in xs
    )


def _rate(record: Any, start: str, end: str) -> float | None:
    passages: int = record["passages"] if "passages" in record else record["said"]["passages"]
    if not start:
        return float(passages / record["cpu"])
    moments = record["said"]["moments"]
    if not {start, end} <= moments.keys():
        return None
    return float(passages / (moments[end]["cpu"] - moments[start]["cpu"]))
