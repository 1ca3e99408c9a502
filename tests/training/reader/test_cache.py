"""States are kept for every window, and a cache that was stopped goes on."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from reader_items import sample
from tiny_rerankers import LIMIT, pair_tokenizer_json

from ctqa.models.installed import unchecked
from ctqa.models.tokens import parse_tokenizer
from training.halfway import LAYER, MODEL, Halfway, tensor
from training.reader.cache import Cache, bounds_of
from training.reader.samples import write_samples
from training.reader.trunk import Trunk
from training.reader.windows import Cutter, Window

CUTTER = Cutter(parse_tokenizer(pair_tokenizer_json().decode()), LIMIT)


class Counting:
    """A trunk whose states tell the token and its place, and which may be stopped."""

    def __init__(self, stop_after: int = 1000) -> None:
        self._read: list[Window] = []
        self._stop_after = stop_after

    @property
    def read(self) -> int:
        return len(self._read)

    def states(self, windows: Sequence[Window]) -> Iterator[NDArray[np.float32]]:
        for window in windows:
            if self.read == self._stop_after:
                raise KeyboardInterrupt
            self._read.append(window)
            yield np.stack([window.ids, np.arange(len(window))], axis=1).astype(np.float32)


def cut(folder: Path, count: int = 200) -> Cache:
    made = [sample(f"q{at}", "care home tea . " * (1 + at % 3)) for at in range(count)]
    write_samples(folder / "samples.jsonl", made)
    cache = Cache(folder / "cache", "7")
    cache.cut(folder / "samples.jsonl", CUTTER)
    return cache


def check(cache: Cache) -> None:
    windows = cache.windows()
    held, bounds = cache.states(windows), bounds_of(windows)
    for at, window in enumerate(windows):
        rows = held[bounds[at] : bounds[at + 1]]
        assert rows[:, 0].tolist() == window.ids.tolist()
        assert rows[:, 1].tolist() == list(range(len(window)))


def fill(cache: Cache, trunk: Counting) -> None:
    cache.fill(cache.windows(), trunk.states)


def test_each_window_has_its_states_and_none_is_computed_twice(tmp_path: Path) -> None:
    cache, trunk = cut(tmp_path), Counting()
    fill(cache, trunk)
    count = len(cache.windows())
    assert (cache.done(), trunk.read) == (count, count + 1)  # one tells how wide they are
    check(cache)
    again = Counting()
    fill(cache, again)
    assert again.read == 0


def test_a_cache_that_was_stopped_goes_on(tmp_path: Path) -> None:
    cache = cut(tmp_path)
    with pytest.raises(KeyboardInterrupt):
        fill(cache, Counting(stop_after=150))
    done = cache.done()
    assert 0 < done <= 150
    trunk = Counting()
    fill(cache, trunk)
    assert trunk.read == len(cache.windows()) - done + 1
    check(cache)


def test_samples_made_anew_are_cut_anew(tmp_path: Path) -> None:
    cache = cut(tmp_path)
    fill(cache, Counting())
    cache = cut(tmp_path, 20)
    assert cache.done() == 0
    fill(cache, Counting())
    check(cache)


@pytest.mark.model
def test_the_trunk_gives_what_the_reranker_sees_halfway(tmp_path: Path) -> None:
    trunk = Trunk.open(LAYER + 1, tmp_path)
    cutter = Cutter(trunk.tokenizer, trunk.max_tokens)
    (window,) = cutter.of("How deep is it?", "It is 79 metres deep.")
    (found,) = trunk.states([window])
    assert trunk.tensor == tensor(LAYER)
    (wanted,) = Halfway().samples("How deep is it?", ["It is 79 metres deep."], is_passage=True)
    assert np.array_equal(np.concatenate([found[0], found.mean(axis=0)]), wanted.states)
    assert unchecked(MODEL).spec.max_tokens == trunk.max_tokens
    (lower,) = Trunk.open(2, tmp_path).states([window])
    assert lower.shape == found.shape
    assert not np.array_equal(lower, found)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["first-2.onnx", "first-7.onnx"]
