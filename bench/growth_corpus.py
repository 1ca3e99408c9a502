"""A corpus of any size in the BEIR form, its passages put together out of real sentences.

A passage's sentences stand near each other in their collection, so that its words belong together
and are as frequent as in real texts. A case number ends it: no two are equal, and the vocabulary
goes on growing, as it does with real texts.
"""

import json
import shutil
from itertools import groupby
from pathlib import Path
from random import Random

from bench.growth_vectors import sentences

# The share of the documents that stand in a folder and those below it.
SHARES = {
    0.001: "half/tenth/hundredth/thousandth",
    0.01: "half/tenth/hundredth",
    0.1: "half/tenth",
    0.5: "half",
}
_REST = "rest"
_LINES = 10_000  # of a file
_WORDS = 90  # that a passage has at least
_NEAR = 300  # sentences that those of a passage are drawn from


def write_corpus(folder: Path, count: int) -> None:
    """Write a corpus of so many documents, unless it is there."""
    if folder.is_dir():
        return
    beside = folder.with_suffix(".new")
    shutil.rmtree(beside, ignore_errors=True)
    for name, numbers in groupby(range(count), lambda number: _file_of(number, count)):
        path = beside / name
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("w", encoding="utf-8") as file:
            file.writelines(line_of(number) for number in numbers)
    beside.rename(folder)


def largest_file(folder: Path) -> Path:
    """Give the corpus file with the most documents."""
    return max(sorted(folder.rglob("*.jsonl")), key=lambda path: path.stat().st_size)


def line_of(number: int, edition: int = 1) -> str:
    """Give a document of one passage, of some hundred words; each edition has another text."""
    random = Random(f"{number} {edition}")  # noqa: S311
    pool = sentences()
    home = random.randrange(len(pool) - _NEAR)
    chosen: list[str] = []
    words = 0
    while words < _WORDS:
        chosen.append(pool[home + int(random.random() * _NEAR)])
        words += chosen[-1].count(" ") + 1
    text = " ".join([*chosen, f"Case {number:07}-{edition}."])
    return json.dumps({"_id": f"d{number:07}", "title": "", "text": text}) + "\n"


def _file_of(number: int, count: int) -> str:
    folders = (name for share, name in SHARES.items() if number < share * count)
    return f"{next(folders, _REST)}/{number // _LINES:04}.jsonl"
