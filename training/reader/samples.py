"""What is read at once: a question, a passage as the product shows it to its models, and the spans.

Kinds: "gold", the passage that the question was asked of; "retrieved", another that our own search
ranks high; "cut", the gold passage without the sentences that answer; "swapped", the gold passage
with the question changed so that nothing answers; "impossible", a question that somebody wrote so
that its passage does not answer.
"""

import filecmp
import json
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

from training.reader.questions import Range
from training.reader.splits import Split

Kind = Literal["gold", "retrieved", "cut", "swapped", "impossible"]
MADE_UP: tuple[Kind, ...] = ("retrieved", "cut", "swapped")


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """A question and a passage."""

    question_id: str
    collection: str
    article: str  # of the passage
    split: Split
    kind: Kind
    passage: str  # its id
    question: str
    text: str
    spans: tuple[Range, ...]  # of the text, as often as somebody marked them; (): nothing answers
    answers: tuple[str, ...]  # all that is right; (): nothing is


def write_samples(path: Path, samples: Iterable[Sample]) -> None:
    """Write samples, a line each; a file that holds the same stays as it is, with its time."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_suffix(".part")
    with part.open("w", encoding="utf-8") as file:
        for sample in samples:
            print(json.dumps(asdict(sample), ensure_ascii=False), file=file)
    if path.exists() and filecmp.cmp(part, path, shallow=False):
        part.unlink()
    else:
        part.replace(path)


def read_samples(path: Path) -> Iterator[Sample]:
    """Read samples in the order in which they were written."""
    with path.open(encoding="utf-8") as file:
        for line in file:
            yield _sample(json.loads(line))


def _sample(row: dict[str, Any]) -> Sample:
    spans = tuple((start, end) for start, end in row.pop("spans"))
    return Sample(spans=spans, answers=tuple(row.pop("answers")), **row)
