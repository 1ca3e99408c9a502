"""Train a reader: `python -m training.reader.train RUN --first 7 --epochs 3 …`.

What is trained lies in bench/out/reader/runs/RUN, with a log of the loss and of EM, F1 and AUROC on
the articles that are tuned by, a few times an epoch. A run that was stopped, however hard, goes on
from its last checkpoint, and gives the same weights as one that was not (with as many threads, on
the CPU; `--device cuda` trains on a GPU).
"""

import argparse
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import fields
from hashlib import sha256
from pathlib import Path

import numpy as np
import torch

from training.reader.devices import add_device, device_of
from training.reader.feed import Item, batches, chosen, load_items
from training.reader.judged import figures, found_in
from training.reader.model import Reader, Shape, fill
from training.reader.prepare import HOME, LEARNED
from training.reader.reading import Reading, below_of
from training.reader.recipe import Recipe
from training.reader.run import CHECKPOINT, Run
from training.reader.samples import MADE_UP
from training.reader.trunk import weights_path
from training.reader.weights import float_weights

_SAVED_EVERY_S = 180.0
_TOLD = 50  # steps
_MOST_JUDGED = 400  # questions of each collection

Judge = Callable[[], str]


def main() -> None:
    """Train, or go on."""
    folder, recipe, device = _asked()
    recipe.save(folder)
    cached = recipe.first if device.type == "cpu" else 0
    items = [i for name in LEARNED for i in load_items(name, cached, recipe.teacher)]
    groups = chosen(items, recipe.negatives)
    reader = Reader(recipe.first, Shape(dropout=recipe.dropout))
    torch.manual_seed(recipe.seed)
    torch.nn.init.normal_(reader.qa_outputs.weight, std=0.02)
    torch.nn.init.zeros_(reader.qa_outputs.bias)
    fill(reader, float_weights(weights_path()))
    tuned = [item for item in items if item.sample.split == "tune"]
    reading = Reading(reader, below_of(reader, device), device)
    train(reading, groups, recipe, folder, lambda: judged(reading, tuned))


def _asked() -> tuple[Path, Recipe, torch.device]:
    parser = argparse.ArgumentParser(prog="training.reader.train", description=__doc__)
    parser.add_argument("run")
    for field in fields(Recipe):
        name = f"--{field.name.replace('_', '-')}"
        parser.add_argument(name, type=type(field.default), default=field.default)
    add_device(parser)
    asked = parser.parse_args()
    recipe = Recipe(**{field.name: getattr(asked, field.name) for field in fields(Recipe)})
    return HOME / "runs" / asked.run, recipe, device_of(asked)


def train(
    reading: Reading, groups: Sequence[list[Item]], recipe: Recipe, folder: Path, judge: Judge
) -> None:
    """Train a reader, from a folder's checkpoint on if there is one; leave one of the whole run."""
    run = Run(reading, recipe, _steps(groups, recipe))
    run.take_up(folder / CHECKPOINT)
    saved = told = time.monotonic()
    losses: list[float] = []
    for batch in _ahead(groups, recipe, run.step):
        losses.append(run.learn(batch))
        now = time.monotonic()
        if run.step % _TOLD == 0:
            each = (now - told) / _TOLD
            _log(folder, f"step {run.step}/{run.steps} loss {np.mean(losses):.4f} {each:.2f} s")
            losses, told = [], now
        if run.is_to_be_judged:
            _log(folder, f"step {run.step}/{run.steps} {judge()}")
            told = time.monotonic()
        if now - saved > _SAVED_EVERY_S:
            run.save(folder / CHECKPOINT)
            saved = now
    run.save(folder / CHECKPOINT)


def judged(reading: Reading, items: Sequence[Item]) -> str:
    """Tell EM and F1 of each collection, and AUROC where it has impossible questions."""
    own: dict[str, list[Item]] = {}
    for item in items:
        if item.sample.kind not in MADE_UP:
            own.setdefault(item.sample.collection, []).append(item)
    told = []
    for name, mine in own.items():
        asked = {item.sample.question_id for item in mine}
        kept = set(sorted(asked, key=_digest)[:_MOST_JUDGED])
        some = (item for item in mine if item.sample.question_id in kept)
        told.append(f"{name}: {figures(found_in(some, reading.read))}")
    return "; ".join(told)


def _ahead(groups: Sequence[list[Item]], recipe: Recipe, done: int) -> Iterator[list[Item]]:
    """Give the batches of all epochs behind the first `done`."""
    at = 0
    for epoch in range(recipe.epochs):
        for batch in batches(groups, recipe.size, recipe.seed + epoch):
            if at >= done:
                yield batch
            at += 1


def _steps(groups: Sequence[list[Item]], recipe: Recipe) -> int:
    seeds = (recipe.seed + epoch for epoch in range(recipe.epochs))
    return sum(1 for seed in seeds for _ in batches(groups, recipe.size, seed))


def _digest(id: str) -> bytes:
    """Give what questions are drawn by."""
    return sha256(f"judged/{id}".encode()).digest()


def _log(folder: Path, text: str) -> None:
    line = f"{time.strftime('%H:%M:%S')} {text}"
    print(line, flush=True)
    with (folder / "log.txt").open("a", encoding="utf-8") as file:
        print(line, file=file)


if __name__ == "__main__":
    main()
