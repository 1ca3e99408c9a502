"""Measure a reader on what it never saw: `python -m training.reader.evaluate RUN`.

EM and F1 where the passage is given, in all windows that our own index has of it, on the Wikipedia
articles, reviews and comments that are reported on, and on privacy policies, a kind of writing that
was not learned from; AUROC of having an answer on squad2_devhalf's questions about those articles.
Where the reader was exported, the int8 graph is measured as well. The figures are kept beside the
reader.
"""

import argparse
import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from functools import partial
from pathlib import Path

import torch

from training.reader.exported import GRAPH, Exported
from training.reader.feed import Item, load_items
from training.reader.judged import Figures, Read, figures, found_in
from training.reader.model import Reader
from training.reader.prepare import HOME, LEARNED
from training.reader.recipe import load_recipe
from training.reader.run import CHECKPOINT, read_one
from training.reader.samples import MADE_UP
from training.reader.splits import HELD

FIGURES = "figures.json"


def main() -> None:
    """Measure, and keep the figures."""
    parser = argparse.ArgumentParser(prog="training.reader.evaluate", description=__doc__)
    parser.add_argument("run")
    parser.add_argument("--split", choices=("tune", "report"), default="report")
    asked = parser.parse_args()
    folder = HOME / "runs" / asked.run
    items = list(_items(load_recipe(folder).first, asked.split))
    kept: dict[str, dict[str, object]] = {}
    for form, read in _forms(folder, takes_states=load_recipe(folder).first > 0):
        for name, found in measured(items, read).items():
            print(f"{form} {name}: {found}", flush=True)
            kept[f"{form} {name}"] = asdict(found)
    name = FIGURES if asked.split == "report" else f"{asked.split}-{FIGURES}"
    (folder / name).write_text(json.dumps(kept, indent=1) + "\n", encoding="utf-8")


def measured(items: Sequence[Item], read: Read) -> dict[str, Figures]:
    """Measure by collection, on the passages that the questions were asked of.

    Where there are samples made so that nothing answers, each kind is told apart from those.
    """
    told: dict[str, Figures] = {}
    by_set: dict[str, dict[str, list[Item]]] = {}
    for item in items:
        kind: str = item.sample.kind if item.sample.kind in MADE_UP else ""
        by_set.setdefault(item.sample.collection, {}).setdefault(kind, []).append(item)
    for name, kinds in by_set.items():
        asked = found_in(kinds.pop("", []), read)
        told[name] = figures(asked)
        for made_up, made in kinds.items():
            told[f"{name}, {made_up}"] = figures([*asked, *found_in(made, read)])
    return told


def trained(folder: Path) -> Reader:
    """Load a reader as its run left it."""
    recipe = load_recipe(folder)
    reader = Reader(recipe.first)
    reader.load_state_dict(torch.load(folder / CHECKPOINT, weights_only=True)["reader"])
    return reader.eval()


def _forms(folder: Path, *, takes_states: bool) -> Iterator[tuple[str, Read]]:
    yield "float", partial(read_one, trained(folder))
    if (folder / GRAPH).exists():
        yield "int8", Exported.open(folder / GRAPH, takes_states=takes_states).read


def _items(first: int, split: str) -> Iterator[Item]:
    for name in (*LEARNED, *(HELD if split == "report" else ())):
        for item in load_items(name, first):
            if item.sample.split == split:
                yield item


if __name__ == "__main__":
    main()
