"""What the reader learns by: where the marked spans start and end, and that nothing answers.

In each window starts and ends are a choice among its text's tokens and the CLS token, which stands
for "no answer here" (Devlin et al. 2019, section 4.3). Where several spans were marked, their
chances count together (Clark and Gardner 2018, arXiv:1710.10723, section 2.2). "shared" is the same
choice over all windows of a question at once, without CLS (there, section 3.1): it makes the scores
of different passages comparable. A teacher tells how likely it finds each token (Hinton et al.
2015, arXiv:1503.02531).
"""

from dataclasses import dataclass

import torch
from torch import Tensor

NONE = 0  # the place of the CLS token
_TEMPERATURE = 2.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Targets:
    """What is right in a batch of windows."""

    own: Tensor  # (b, t) bool: the text's tokens
    spans: Tensor  # (b, k, 2) the first and the last token of each; CLS twice where none answers
    weights: Tensor  # (b, k) the share of those who marked it; 0: there is no such span
    groups: Tensor  # (b,) windows of one question have one number
    hard: Tensor  # (b,) bool: people wrote the question to be impossible
    taught: Tensor | None = None  # (b, t, 2) a teacher's logits

    def to(self, device: torch.device) -> "Targets":
        """Copy to a device."""
        return Targets(
            own=self.own.to(device),
            spans=self.spans.to(device),
            weights=self.weights.to(device),
            groups=self.groups.to(device),
            hard=self.hard.to(device),
            taught=None if self.taught is None else self.taught.to(device),
        )


def window_losses(logits: Tensor, targets: Targets) -> Tensor:
    """Give -log of the chance of what is right in each window, (b,); `logits` is (b, t, 2)."""
    return _lost(_log_chances(logits, _allowed(targets)), targets)


def taught_losses(logits: Tensor, targets: Targets) -> Tensor:
    """Give how far a window's chances are from the teacher's, (b,): 0 where they are the same.

    Both are softened by a temperature; the loss is scaled back by its square.
    """
    if targets.taught is None:
        raise ValueError("no teacher has read these windows")
    allowed = _allowed(targets)
    own = _log_chances(logits / _TEMPERATURE, allowed)  # (b, t, 2)
    told = _log_chances(targets.taught / _TEMPERATURE, allowed)
    return _TEMPERATURE**2 * (told.exp() * (told - own)).sum(dim=(1, 2))


def shared_loss(logits: Tensor, targets: Targets) -> Tensor:
    """Give the mean loss over the questions that have an answer in one of their windows; ()."""
    chances = _open(logits, targets.own)  # (b, t, 2)
    count = int(targets.groups.max()) + 1
    within = torch.logsumexp(chances, dim=1)  # (b, 2)
    most = within.new_full((count, 2), -torch.inf)
    most = most.scatter_reduce(0, targets.groups[:, None].expand(-1, 2), within, "amax").detach()
    sums = torch.zeros_like(most).index_add(
        0, targets.groups, torch.exp(within - most[targets.groups])
    )
    whole = (sums.log() + most)[targets.groups]  # (b, 2)
    answers = targets.spans[:, 0, 0] != NONE  # (b,)
    if not answers.any():
        return logits.sum() * 0.0
    return _lost(chances - whole[:, None, :], targets)[answers].mean()


def _allowed(targets: Targets) -> Tensor:
    allowed = targets.own.clone()
    allowed[:, NONE] = True
    return allowed


def _log_chances(logits: Tensor, allowed: Tensor) -> Tensor:
    return torch.log_softmax(_open(logits, allowed), dim=1)


def _open(logits: Tensor, allowed: Tensor) -> Tensor:
    """Shut out the tokens that nothing may start or end at."""
    shut = torch.finfo(torch.float32).min / 4
    return logits.masked_fill(~allowed[:, :, None], shut)


def _lost(log_chances: Tensor, targets: Targets) -> Tensor:
    """Give -log of the weighted chances of the spans of each window, (b,)."""
    starts = log_chances[..., 0].gather(1, targets.spans[..., 0])  # (b, k)
    ends = log_chances[..., 1].gather(1, targets.spans[..., 1])  # (b, k)
    return -torch.logsumexp(starts + ends + targets.weights.log(), dim=1)
