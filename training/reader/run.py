"""A reader in training: steps, checkpoints, and going on from one."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from training.reader.feed import Item, collate
from training.reader.loss import Targets, shared_loss, taught_losses, window_losses
from training.reader.model import Reader
from training.reader.reading import Reading
from training.reader.recipe import Recipe

CHECKPOINT = "checkpoint.pt"
_JUDGED = 2  # times an epoch


class Run:
    """A reader in training: weights, moments, and where it is."""

    def __init__(self, reading: Reading, recipe: Recipe, steps: int) -> None:
        torch.manual_seed(recipe.seed)
        self.reading = reading
        self.reader = reader = reading.reader
        self.recipe = recipe
        self.steps = steps
        self.step = 0
        if reader.embeddings is not None:  # rare words are met too seldom to be learned anew
            reader.embeddings.requires_grad_(requires_grad=False)
        self._optimizer = torch.optim.AdamW(
            _parameters(reader, recipe), fused=reading.device.type == "cuda"
        )
        self._schedule = torch.optim.lr_scheduler.LambdaLR(self._optimizer, self._rate)

    @property
    def is_to_be_judged(self) -> bool:
        """Tell whether a part of an epoch is over."""
        parts = _JUDGED * self.recipe.epochs
        return self.step * parts // self.steps > (self.step - 1) * parts // self.steps

    def learn(self, items: Sequence[Item]) -> float:
        """Take one step; give the loss."""
        self.reader.train()
        batch = collate(items).to(self.reading.device)
        loss = self._loss(self.reading.logits(batch), batch.targets)
        self._optimizer.zero_grad(set_to_none=True)
        loss.backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(self.reader.parameters(), self.recipe.clip)
        self._optimizer.step()
        self._schedule.step()
        self.step += 1
        return float(loss.detach())

    def _loss(self, logits: Tensor, targets: Targets) -> Tensor:
        losses = window_losses(logits, targets)
        if self.recipe.teacher:
            told = taught_losses(logits, targets)
            losses = (1 - self.recipe.taught) * losses + self.recipe.taught * told
        loss = torch.where(targets.hard, self.recipe.hard, 1.0).mul(losses).mean()
        if self.recipe.shared > 0:
            loss = loss + self.recipe.shared * shared_loss(logits, targets)
        return loss

    def save(self, path: Path) -> None:
        """Write a checkpoint, whole or not at all."""
        state = {
            "step": self.step,
            "reader": self.reader.state_dict(),
            "optimizer": self._optimizer.state_dict(),
            "schedule": self._schedule.state_dict(),
            "random": torch.get_rng_state(),
        }
        part = path.with_suffix(".part")
        torch.save(state, part)
        part.replace(path)

    def take_up(self, path: Path) -> None:
        """Go on from a checkpoint, if there is one."""
        if not path.exists():
            return
        state: dict[str, Any] = torch.load(path, map_location="cpu", weights_only=True)
        self.reader.load_state_dict(state["reader"])
        self._optimizer.load_state_dict(state["optimizer"])
        self._schedule.load_state_dict(state["schedule"])
        torch.set_rng_state(state["random"])
        self.step = state["step"]

    def _rate(self, step: int) -> float:
        risen = self.recipe.warmup * self.steps
        return step / risen if step < risen else (self.steps - step) / (self.steps - risen)


def _parameters(reader: Reader, recipe: Recipe) -> list[dict[str, Any]]:
    """Group parameters by rate and decay."""
    groups: dict[tuple[float, float], list[Tensor]] = {}
    for name, weights in reader.named_parameters():
        if weights.requires_grad:
            rate = recipe.head_rate if name.startswith("qa_outputs") else recipe.rate
            decay = recipe.decay if weights.ndim > 1 else 0.0
            groups.setdefault((rate, decay), []).append(weights)
    return [
        {"params": held, "lr": rate, "weight_decay": decay}
        for (rate, decay), held in groups.items()
    ]
