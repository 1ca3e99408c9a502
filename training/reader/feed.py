"""What training takes in: windows in batches of about one length, with what is right in them."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from training.reader.cache import Cache, States, bounds_of, home_of
from training.reader.loss import NONE, Targets
from training.reader.prepare import samples_path
from training.reader.questions import Range
from training.reader.samples import MADE_UP, Sample, read_samples
from training.reader.windows import Window

_SORTED_TOGETHER = 24  # batches that are sorted by length together


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """A window with what is right in it."""

    sample: Sample
    window: Window
    states: States | None  # (t, d) of the frozen layers; None: there are none
    spans: tuple[tuple[Range, float], ...]  # tokens, and the share of those who marked them
    taught: States | None = None  # (t, 2) a teacher's logits

    @property
    def may_be_learned(self) -> bool:
        """Tell whether what the window answers is known: a cut one may answer in part."""
        return bool(self.spans) or not self.sample.spans


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """Windows that are read together, shorter ones padded."""

    ids: Tensor  # (b, t)
    types: Tensor  # (b, t)
    states: Tensor | None  # (b, t, d)
    mask: Tensor  # (b, t) bool: false is padding
    targets: Targets

    def to(self, device: torch.device) -> "Batch":
        """Copy to a device."""
        return Batch(
            ids=self.ids.to(device),
            types=self.types.to(device),
            states=None if self.states is None else self.states.to(device),
            mask=self.mask.to(device),
            targets=self.targets.to(device),
        )


def load_items(name: str, frozen: int = 0, teacher: str = "") -> list[Item]:
    """Read a collection's samples with their windows, and the states that frozen layers gave.

    The states, and the logits of a teacher, stay in their files until they are used. 0 frozen
    layers: there are no states, or they are not wanted.
    """
    samples = list(read_samples(samples_path(name)))
    cache = Cache(home_of(name), str(frozen))
    windows = cache.windows()
    bounds = bounds_of(windows)
    held = cache.states(windows) if frozen else None
    taught = Cache(home_of(name), teacher).states(windows) if teacher else None
    return [
        Item(
            sample=samples[window.sample],
            window=window,
            states=None if held is None else held[bounds[at] : bounds[at + 1]],
            taught=None if taught is None else taught[bounds[at] : bounds[at + 1]],
            spans=marked(samples[window.sample], window),
        )
        for at, window in enumerate(windows)
    ]


def marked(sample: Sample, window: Window) -> tuple[tuple[Range, float], ...]:
    """Give the token spans that were marked in a window, each with the share of those who did."""
    found = (window.tokens_of(span) for span in sample.spans)
    counts = Counter(span for span in found if span is not None)
    return tuple((span, count / counts.total()) for span, count in counts.items())


def chosen(items: Sequence[Item], negatives: float) -> list[list[Item]]:
    """Give what is learned from, by question: all but a share of what was made up not to answer."""
    groups: dict[str, list[Item]] = {}
    for item in items:
        if item.sample.split == "train" and item.may_be_learned:
            groups.setdefault(item.sample.question_id, []).append(item)
    kept = [
        [i for i in group if i.sample.kind not in MADE_UP or _drawn(i.sample) < negatives]
        for group in groups.values()
    ]
    return [group for group in kept if group]


def batches(groups: Sequence[list[Item]], size: int, seed: int) -> Iterator[list[Item]]:
    """Shuffle questions and give their windows in batches of about `size` and of about one length.

    The windows of a question stay together. The same seed gives the same batches.
    """
    random = np.random.default_rng(seed)
    order = random.permutation(len(groups))
    for at in range(0, len(order), size * _SORTED_TOGETHER):
        some = [groups[place] for place in order[at : at + size * _SORTED_TOGETHER]]
        some.sort(key=lambda group: max(len(item.window) for item in group))
        cut = list(_batches(some, size))
        for place in random.permutation(len(cut)):
            yield cut[place]


def _batches(groups: Sequence[list[Item]], size: int) -> Iterator[list[Item]]:
    batch: list[Item] = []
    for group in groups:
        batch += group
        if len(batch) >= size:
            yield batch
            batch = []
    if batch:
        yield batch


def collate(items: Sequence[Item]) -> Batch:
    """Pad windows to one length."""
    windows = [item.window for item in items]
    longest = max(len(window) for window in windows)
    own = _padded([window.begins >= 0 for window in windows], longest)
    return Batch(
        ids=_padded([window.ids for window in windows], longest),
        types=_padded([window.types for window in windows], longest),
        states=_padded_rows([item.states for item in items], longest),
        mask=_padded([np.ones(len(window), dtype=bool) for window in windows], longest),
        targets=_targets(items, own),
    )


def _targets(items: Sequence[Item], own: Tensor) -> Targets:
    most = max(1, *(len(item.spans) for item in items))
    spans = np.full((len(items), most, 2), NONE, dtype=np.int64)
    weights = np.zeros((len(items), most), dtype=np.float32)
    for row, item in enumerate(items):
        weights[row, 0] = 1.0
        for at, (span, share) in enumerate(item.spans):
            spans[row, at], weights[row, at] = span, share
    numbers = {id: at for at, id in enumerate(dict.fromkeys(i.sample.question_id for i in items))}
    groups = [numbers[item.sample.question_id] for item in items]
    return Targets(
        own=own,
        spans=torch.from_numpy(spans),
        weights=torch.from_numpy(weights),
        groups=torch.tensor(groups),
        hard=torch.tensor([item.sample.kind == "impossible" for item in items]),
        taught=_padded_rows([item.taught for item in items], own.shape[1]),
    )


def _padded(rows: Sequence[NDArray[np.generic]], longest: int) -> Tensor:
    table = np.zeros((len(rows), longest), dtype=rows[0].dtype)
    for at, row in enumerate(rows):
        table[at, : len(row)] = row
    return torch.from_numpy(table)


def _padded_rows(rows: Sequence[States | None], longest: int) -> Tensor | None:
    """Pad what each token of a window has; (b, t, d). None where not all windows have it."""
    held = [row for row in rows if row is not None]
    if len(held) < len(rows):
        return None
    table = np.zeros((len(held), longest, held[0].shape[1]), dtype=np.float32)
    for at, row in enumerate(held):
        table[at, : len(row)] = row
    return torch.from_numpy(table)


def _drawn(sample: Sample) -> float:
    """Draw a number, 0..1, that a sample always has."""
    return int.from_bytes(sha256(f"share/{sample.question_id}".encode()).digest()[:4]) / 2**32
