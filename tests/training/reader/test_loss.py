"""The losses, against sums worked out one by one."""

import math

import pytest
import torch
from reader_items import item, sample, taught

from training.reader.feed import collate
from training.reader.loss import shared_loss, taught_losses, window_losses


def chance(logits: torch.Tensor, allowed: list[int], at: int) -> float:
    whole = sum(math.exp(float(logits[place])) for place in allowed)
    return math.exp(float(logits[at])) / whole


TEXT = "aa bb cc dd"  # tokens 3 to 6, behind CLS, the question and SEP
TOKENS = [3, 4, 5, 6]


def test_marked_spans_count_together_by_the_share_of_those_who_marked_them() -> None:
    batch = collate([item(sample(text=TEXT, spans=((3, 5), (3, 5), (3, 8))))])
    logits = torch.randn(1, 8, 2, generator=torch.Generator().manual_seed(1))
    starts, ends = logits[0, :, 0], logits[0, :, 1]
    start = chance(starts, [0, *TOKENS], 4)
    wanted = 2 / 3 * start * chance(ends, [0, *TOKENS], 4)
    wanted += 1 / 3 * start * chance(ends, [0, *TOKENS], 5)
    found = window_losses(logits, batch.targets)
    assert float(found[0]) == pytest.approx(-math.log(wanted), rel=1e-5)


def test_where_nothing_answers_the_cls_token_is_right() -> None:
    batch = collate([item(sample(text=TEXT, kind="cut"))])
    logits = torch.randn(1, 8, 2, generator=torch.Generator().manual_seed(2))
    wanted = chance(logits[0, :, 0], [0, *TOKENS], 0) * chance(logits[0, :, 1], [0, *TOKENS], 0)
    found = window_losses(logits, batch.targets)
    assert float(found[0]) == pytest.approx(-math.log(wanted), rel=1e-5)


def test_padding_changes_no_loss() -> None:
    short, long = sample(text="aa bb", spans=((3, 5),)), sample("q2", TEXT, spans=((0, 2),))
    logits = torch.randn(2, 8, 2, generator=torch.Generator().manual_seed(3))
    both = window_losses(logits, collate([item(short), item(long)]).targets)
    alone = window_losses(logits[:1, :6], collate([item(short)]).targets)
    assert float(both[0]) == pytest.approx(float(alone[0]), rel=1e-6)


def test_the_shared_choice_is_among_the_tokens_of_all_windows_of_a_question() -> None:
    one = item(sample("q1", TEXT, spans=((3, 5),)))
    none = item(sample("q1", "aa bb", kind="retrieved", passage="p2"))
    alone = item(sample("q2", TEXT, kind="cut"))
    logits = torch.randn(3, 8, 2, generator=torch.Generator().manual_seed(4))
    wanted = 0.0
    for side in (0, 1):
        whole = sum(math.exp(float(logits[0, at, side])) for at in TOKENS)
        whole += sum(math.exp(float(logits[1, at, side])) for at in (3, 4))
        wanted -= math.log(math.exp(float(logits[0, 4, side])) / whole)
    found = shared_loss(logits, collate([one, none, alone]).targets)
    assert float(found) == pytest.approx(wanted, rel=1e-5)


def test_without_an_answer_nothing_is_shared_and_gradients_are_finite() -> None:
    batch = collate([item(sample(text=TEXT, kind="cut")), item(sample("q2", "aa", kind="cut"))])
    logits = torch.randn(2, 8, 2, requires_grad=True)
    loss = shared_loss(logits, batch.targets)
    (loss + window_losses(logits, batch.targets).mean()).backward()
    assert float(loss.detach()) == 0.0
    assert logits.grad is not None
    assert torch.isfinite(logits.grad).all()
    assert float(logits.grad[1, 5:].abs().sum()) == 0.0  # padding


def test_a_teacher_is_heard_only_on_the_tokens_that_may_be_chosen() -> None:
    one, other = sample(text=TEXT, spans=((3, 5),)), sample("q2", "aa bb", kind="cut")
    batch = collate([taught(item(one), seed=1), taught(item(other), seed=2)])
    told = batch.targets.taught
    assert told is not None
    assert taught_losses(told + 5.0, batch.targets) == pytest.approx([0, 0], abs=1e-5)
    noisy = told.clone()
    noisy[:, 1:3] = 9.0  # the question and SEP
    noisy[1, 5:] = 9.0  # the last SEP and padding
    assert taught_losses(noisy, batch.targets) == pytest.approx([0, 0], abs=1e-5)
    logits = torch.randn(2, 8, 2, generator=torch.Generator().manual_seed(5))
    wanted = 0.0
    allowed = [0, *TOKENS]
    for side in (0, 1):
        for at in allowed:
            p = chance(told[0, :, side] / 2, allowed, at)
            q = chance(logits[0, :, side] / 2, allowed, at)
            wanted += 4 * p * math.log(p / q)
    assert float(taught_losses(logits, batch.targets)[0]) == pytest.approx(wanted, rel=1e-4)


def test_without_a_teacher_nothing_is_taught() -> None:
    batch = collate([item(sample(text=TEXT)), taught(item(sample("q2", TEXT)), seed=1)])
    with pytest.raises(ValueError, match="no teacher has read these windows"):
        taught_losses(torch.zeros(2, 8, 2), batch.targets)
