"""Measure a reader on what it never saw: `python -m training.reader.evaluate RUN`.

EM and F1 where the passage is given, in all windows that our own index has of it, on the Wikipedia
articles, reviews and comments that are reported on, and on privacy policies, a kind of writing that
was not learned from; AUROC of having an answer on squad2_devhalf's questions about those articles.
On the CPU it reads what the product's own trunk gives, and where the reader was exported, the int8
graph is measured as well. The figures are kept beside the reader.
"""

import argparse
import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict, replace
from functools import partial
from pathlib import Path

import torch

from training.reader.cache import Rows
from training.reader.devices import add_device, device_of
from training.reader.exported import GRAPH, Exported
from training.reader.feed import Item, load_items
from training.reader.judged import Figures, Logits, Read, figures, found_in
from training.reader.model import Reader
from training.reader.prepare import HOME, LEARNED
from training.reader.reading import Reading, below_of
from training.reader.recipe import load_recipe
from training.reader.run import CHECKPOINT
from training.reader.samples import MADE_UP
from training.reader.splits import HELD
from training.reader.trunk import Trunk
from training.reader.windows import Window

FIGURES = "figures.json"
_AT_ONCE = 256  # windows whose states are held

Given = Callable[[Sequence[Window]], Iterable[Rows]]  # (t, d) of each


def main() -> None:
    """Measure, and keep the figures."""
    parser = argparse.ArgumentParser(prog="training.reader.evaluate", description=__doc__)
    parser.add_argument("run")
    parser.add_argument("--split", choices=("tune", "report"), default="report")
    add_device(parser)
    asked = parser.parse_args()
    folder, device = HOME / "runs" / asked.run, device_of(asked)
    items = list(_items(asked.split))
    kept: dict[str, dict[str, object]] = {}
    for form, read in _forms(folder, device).items():
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
    reader = Reader(load_recipe(folder).first)
    held = torch.load(folder / CHECKPOINT, map_location="cpu", weights_only=True)
    reader.load_state_dict(held["reader"])
    return reader.eval()


def reading_of(folder: Path, device: torch.device) -> Reading:
    """Load a reader onto a device; on a GPU, with the layers that it stands on."""
    reader = trained(folder)
    return Reading(reader, below_of(reader, device), device)


def _forms(folder: Path, device: torch.device) -> dict[str, Read]:
    reading = reading_of(folder, device)
    frozen = reading.reader.first
    forms: dict[str, Read] = {"float": reading.read}
    if device.type == "cuda":
        return forms
    if (folder / GRAPH).exists():
        forms["int8"] = Exported.open(folder / GRAPH, takes_states=frozen > 0).read
    if frozen == 0:
        return forms
    trunk = Trunk.open(frozen, HOME / "trunk")
    return {form: partial(read_on, trunk.states, read) for form, read in forms.items()}


def read_on(given: Given, read: Read, items: Sequence[Item]) -> Iterator[Logits]:
    """Read items with the states that frozen layers give now, a few at a time."""
    for start in range(0, len(items), _AT_ONCE):
        some = items[start : start + _AT_ONCE]
        states = given([item.window for item in some])
        yield from read([replace(i, states=s) for i, s in zip(some, states, strict=True)])


def _items(split: str) -> Iterator[Item]:
    for name in (*LEARNED, *(HELD if split == "report" else ())):
        for item in load_items(name):
            if item.sample.split == split:
                yield item


if __name__ == "__main__":
    main()
