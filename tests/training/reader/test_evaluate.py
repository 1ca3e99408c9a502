"""Each collection is measured by itself, and each kind of sample without an answer against it."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray
from reader_items import item, sample

from training.reader.evaluate import measured, read_on
from training.reader.feed import Item
from training.reader.judged import Logits
from training.reader.windows import Window

TEXT = "aa bb cc"


def read(items: Sequence[Item]) -> list[Logits]:
    """Find "bb", and nothing where a text was cut."""
    return [_read(each) for each in items]


def _read(each: Item) -> Logits:
    logits = np.zeros((len(each.window), 2), dtype=np.float32)
    logits[4] = 3.0
    logits[0] = 9.0 if each.sample.kind == "cut" else 1.0
    return logits


def test_sets_and_kinds_are_measured_apart() -> None:
    gold = [item(sample(f"q{n}", TEXT, spans=((3, 5),))) for n in range(3)]
    other = item(replace(sample("q9", TEXT, spans=((0, 2),)), collection="policyqa"))
    cut = item(sample("q0", TEXT, kind="cut"))
    swapped = item(sample("q1", TEXT, kind="swapped"))
    posed = item(replace(sample("q5", TEXT, kind="impossible"), collection="policyqa"))
    told = measured([*gold, other, cut, swapped, posed], read)
    assert list(told) == ["squad11_dev", "squad11_dev, cut", "squad11_dev, swapped", "policyqa"]
    assert (told["squad11_dev"].questions, told["squad11_dev"].em) == (3, 1.0)
    assert told["squad11_dev"].auroc is None
    assert told["squad11_dev, cut"].auroc == 1.0
    assert told["squad11_dev, swapped"].auroc == 0.5
    assert (told["policyqa"].questions, told["policyqa"].em, told["policyqa"].auroc) == (
        2,
        0.0,
        0.5,
    )


def test_each_window_is_read_with_its_own_states(monkeypatch: pytest.MonkeyPatch) -> None:
    items = [item(sample(f"q{n}", TEXT), seed=n, states=False) for n in range(5)]
    held: list[int] = []

    def given(windows: Sequence[Window]) -> Iterator[NDArray[np.float32]]:
        held.append(len(windows))
        for window in windows:
            yield window.ids[:, None].astype(np.float32)

    def told(some: Sequence[Item]) -> list[Logits]:
        return [np.asarray(each.states, dtype=np.float32) for each in some]

    monkeypatch.setattr("training.reader.evaluate._AT_ONCE", 2)
    found = list(read_on(given, told, items))
    assert held == [2, 2, 1]
    for logits, each in zip(found, items, strict=True):
        assert logits[:, 0].tolist() == each.window.ids.tolist()
