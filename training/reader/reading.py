"""A reader in torch with all that it stands on, on some device."""

from collections.abc import Sequence

import torch
from torch import Tensor

from training.reader.below import Below
from training.reader.feed import Batch, Item, collate
from training.reader.judged import Logits
from training.reader.model import Reader

_AT_ONCE = {"cpu": 32, "cuda": 128}  # windows


def below_of(reader: Reader, device: torch.device) -> Below | None:
    """Give the layers that a reader stands on; None where none are frozen, or states are cached."""
    needs = reader.first > 0 and device.type == "cuda"
    return Below.of_the_reranker(reader.first) if needs else None


class Reading:
    """Reads items: with their cached states, or from their tokens on."""

    def __init__(self, reader: Reader, below: Below | None, device: torch.device) -> None:
        self.reader = reader.to(device)
        self.below = None if below is None else below.to(device)
        self.device = device

    def logits(self, batch: Batch) -> Tensor:
        """Give the logits of a batch that is on the device; (b, t, 2)."""
        with torch.autocast("cuda", torch.bfloat16, enabled=self.device.type == "cuda"):
            found = self._logits(batch)
        return found.float()

    def _logits(self, batch: Batch) -> Tensor:
        if self.reader.first == 0:
            return self.reader.read(batch.ids, batch.types, batch.mask)
        logits: Tensor = self.reader(self._states(batch), batch.mask)
        return logits

    def _states(self, batch: Batch) -> Tensor:
        if batch.states is not None:
            return batch.states
        if self.below is None:
            raise ValueError("items have no states, and there is nothing that gives them")
        with torch.no_grad(), torch.autocast(self.device.type, enabled=False):
            states: Tensor = self.below(batch.ids, batch.types, batch.mask)
        return states

    def read(self, items: Sequence[Item]) -> list[Logits]:
        """Give the logits of each window, (t, 2); those of about one length are read at once."""
        self.reader.eval()
        order = sorted(range(len(items)), key=lambda at: len(items[at].window))
        found: dict[int, Logits] = {}
        at_once = _AT_ONCE[self.device.type]
        for start in range(0, len(order), at_once):
            places = order[start : start + at_once]
            with torch.inference_mode():
                batch = collate([items[at] for at in places]).to(self.device)
                logits = self.logits(batch).cpu().numpy()
            found |= {
                at: row[: len(items[at].window)] for at, row in zip(places, logits, strict=True)
            }
        return [found[at] for at in range(len(items))]
