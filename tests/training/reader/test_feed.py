"""What training takes in: every window once an epoch, in batches, with what is right in it."""

import numpy as np
import torch
from reader_items import item, learnable, sample

from training.reader.feed import batches, chosen, collate, marked


def test_every_window_comes_once_in_batches_that_a_seed_decides() -> None:
    groups = learnable(500)
    first = [[i.sample.question_id for i in batch] for batch in batches(groups, 8, 1)]
    again = [[i.sample.question_id for i in batch] for batch in batches(groups, 8, 1)]
    other = [[i.sample.question_id for i in batch] for batch in batches(groups, 8, 2)]
    assert first == again != other
    seen = [id for batch in first for id in batch]
    assert sorted(seen) == sorted(2 * [f"q{at}" for at in range(500)])
    assert all(
        batch.count(id) == 2 for batch in first for id in batch
    )  # a question's stay together


def test_shorter_windows_are_padded_and_cls_is_right_where_nothing_answers() -> None:
    one = item(sample("q1", "aa bb cc", spans=((0, 2), (0, 5), (0, 2))))
    none = item(sample("q1", "aa", kind="cut"))
    batch = collate([one, none])
    assert batch.mask.tolist() == [[True] * 7, [True] * 5 + [False] * 2]
    assert batch.states is not None
    assert torch.equal(batch.states[1, 5:], torch.zeros(2, 16))
    assert np.array_equal(batch.states[0].numpy(), np.asarray(one.states, dtype=np.float32))
    assert batch.targets.spans.tolist() == [[[3, 3], [3, 4]], [[0, 0], [0, 0]]]
    assert torch.allclose(batch.targets.weights, torch.tensor([[2 / 3, 1 / 3], [1.0, 0.0]]))
    assert batch.targets.groups.tolist() == [0, 0]
    assert batch.targets.own[1].tolist() == [False] * 3 + [True] + [False] * 3


def test_a_window_that_cuts_the_answer_is_not_learned_from() -> None:
    whole = sample("q1", "aa bb cc", spans=((3, 8),))
    made = item(whole)
    assert marked(whole, made.window) == (((4, 5), 1.0),)
    cut = item(sample("q1", "aa bb", spans=((3, 8),), answers=("bb cc",)))
    assert cut.spans == ()
    assert not cut.may_be_learned
    assert chosen([made, cut], 1.0) == [[made]]


def test_only_what_is_for_training_is_chosen_and_a_share_of_what_does_not_answer() -> None:
    items = [i for group in learnable(400) for i in group]
    kept = [item(sample("t", "aa", spans=((0, 2),), split=split)) for split in ("tune", "report")]
    posed = [item(sample(f"p{at}", "aa", kind="impossible")) for at in range(9)]
    found = [i for group in chosen([*items, *kept, *posed], 0.25) for i in group]
    assert sum(bool(i.spans) for i in found) == 400
    assert sum(i.sample.kind == "impossible" for i in found) == 9
    assert 70 < sum(i.sample.kind == "cut" for i in found) < 130
    assert all(i.sample.split == "train" for i in found)
