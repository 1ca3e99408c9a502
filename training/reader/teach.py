"""Let readers tell how likely they find each token: `python -m training.reader.teach NAME RUN…`.

What is kept is the mean of their logits; `python -m training.reader.train OTHER --teacher NAME`
then learns from that as well as from what people marked.
"""

import argparse
import json
from collections.abc import Sequence
from functools import partial
from pathlib import Path

import numpy as np

from training.reader.cache import Cache, home_of
from training.reader.devices import add_device, device_of
from training.reader.evaluate import reading_of
from training.reader.feed import Item, load_items
from training.reader.judged import Logits
from training.reader.prepare import HOME, LEARNED
from training.reader.reading import Reading
from training.reader.recipe import Recipe, load_recipe


def main() -> None:
    """Keep the logits of all windows of all collections."""
    parser = argparse.ArgumentParser(prog="training.reader.teach", description=__doc__)
    parser.add_argument("name")
    parser.add_argument("run", nargs="+")
    add_device(parser)
    asked = parser.parse_args()
    device = device_of(asked)
    readings = [reading_of(HOME / "runs" / run, device) for run in asked.run]
    note_teachers(asked.name, asked.run)
    for name in LEARNED:
        cache = Cache(home_of(name), asked.name)
        cache.fill(load_items(name), partial(mean_logits, readings))


def note_teachers(name: str, runs: Sequence[str]) -> None:
    """Keep whose mean a teacher is."""
    path = _path(name)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(list(runs)) + "\n", encoding="utf-8")


def teachers(name: str) -> dict[str, Recipe]:
    """Give the recipes of the readers whose mean a teacher is, by their runs."""
    runs: list[str] = json.loads(_path(name).read_text(encoding="utf-8"))
    return {run: load_recipe(HOME / "runs" / run) for run in runs}


def _path(name: str) -> Path:
    return HOME / "teachers" / f"{name}.json"


def mean_logits(readings: Sequence[Reading], items: Sequence[Item]) -> list[Logits]:
    """Give the mean of what readers say of each window, (t, 2)."""
    told = [reading.read(items) for reading in readings]
    return [np.mean(rows, axis=0, dtype=np.float32) for rows in zip(*told, strict=True)]


if __name__ == "__main__":
    main()
