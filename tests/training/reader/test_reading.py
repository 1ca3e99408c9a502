"""Readers in torch read many windows as they read one."""

import argparse
from dataclasses import replace

import numpy as np
import pytest
import torch
from reader_items import TINY, item, sample

from ctqa.errors import ConfigError
from training.reader.below import Below
from training.reader.devices import add_device, device_of
from training.reader.model import Reader
from training.reader.reading import Reading, below_of
from training.reader.teach import mean_logits

CPU = torch.device("cpu")
TEXTS = ("aa bb cc dd ee", "aa", "aa bb cc", "aa bb")


def reading(first: int, seed: int = 2, below: Below | None = None) -> Reading:
    torch.manual_seed(seed)
    return Reading(Reader(first, TINY), below, CPU)


@pytest.mark.parametrize("first", [0, 1])
def test_windows_come_in_the_order_that_they_were_given_in(
    first: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    items = [item(sample(text=text), seed=at) for at, text in enumerate(TEXTS)]
    made = reading(first)
    alone = [made.read([each])[0] for each in items]
    for at_once in (2, 32):
        monkeypatch.setattr("training.reader.reading._AT_ONCE", {"cpu": at_once})
        found = made.read(items)
        for one, other, each in zip(found, alone, items, strict=True):
            assert one.shape == (len(each.window), 2)
            assert one == pytest.approx(other, abs=1e-5)


def test_without_states_a_reader_reads_from_the_tokens_on() -> None:
    torch.manual_seed(7)
    below = Below(1, TINY)
    bare = item(sample(text=TEXTS[0]), states=False)
    window = bare.window
    ids, types = torch.tensor(window.ids)[None], torch.tensor(window.types)[None]
    states = below(ids, types, torch.ones_like(ids, dtype=torch.bool))[0].numpy()
    held = replace(bare, states=states)
    (found,) = reading(1, below=below).read([bare])
    assert found == pytest.approx(reading(1).read([held])[0], abs=1e-5)
    with pytest.raises(ValueError, match="items have no states"):
        reading(1).read([bare])


def test_a_teacher_is_the_mean_of_readers() -> None:
    items = [item(sample(text=text), seed=at) for at, text in enumerate(TEXTS)]
    readers = [reading(1, seed) for seed in (1, 2, 3)]
    found = mean_logits(readers, items)
    for at, rows in enumerate(found):
        wanted = np.mean([each.read(items)[at] for each in readers], axis=0)
        assert rows == pytest.approx(wanted, abs=1e-6)


def test_a_device_that_is_not_there_is_told() -> None:
    parser = argparse.ArgumentParser()
    add_device(parser)
    assert device_of(parser.parse_args([])) == CPU
    if not torch.cuda.is_available():
        with pytest.raises(ConfigError, match="torch finds no GPU here"):
            device_of(parser.parse_args(["--device", "cuda"]))
    assert below_of(Reader(1, TINY), CPU) is None
