"""The graph that is shipped reads as the model in torch does."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from reader_items import TINY, item, sample

from training.reader.exported import Exported, export
from training.reader.model import Reader
from training.reader.reading import Reading

CPU = torch.device("cpu")
ITEMS = [item(sample(text="aa bb cc dd ee"[: 3 * n - 1]), seed=n) for n in range(1, 6)]


def made(first: int) -> Reader:
    torch.manual_seed(2)
    return Reader(first, TINY).eval()


@pytest.mark.parametrize("first", [0, 1, 2])
def test_windows_of_any_length_get_the_same_logits(tmp_path: Path, first: int) -> None:
    reader = made(first)
    export(reader, tmp_path / "reader.onnx", int8=False)
    graph = Exported.open(tmp_path / "reader.onnx", takes_states=first > 0)
    for each in ITEMS:
        bare = each if first else item(each.sample, states=False)
        (found,), (wanted,) = graph.read([bare]), Reading(reader, None, CPU).read([bare])
        assert found == pytest.approx(wanted, abs=1e-4)
    assert [path.name for path in tmp_path.iterdir()] == ["reader.onnx"]


@pytest.mark.parametrize("first", [0, 1])
def test_in_int8_they_are_nearly_the_same_in_a_third_of_the_bytes(
    tmp_path: Path, first: int
) -> None:
    torch.manual_seed(2)
    shape = replace(TINY, hidden=96, inner=384, words=2000)
    reader = Reader(first, shape).eval()
    items = [
        item(each.sample, seed=at, hidden=96, states=first > 0) for at, each in enumerate(ITEMS)
    ]
    export(reader, tmp_path / "whole.onnx", int8=False)
    export(reader, tmp_path / "small.onnx")
    graph = Exported.open(tmp_path / "small.onnx", takes_states=first > 0)
    found = np.concatenate(graph.read(items)).ravel()
    wanted = np.concatenate(Reading(reader, None, CPU).read(items)).ravel()
    assert np.corrcoef(found, wanted)[0, 1] > 0.99
    assert not np.array_equal(found, wanted)
    small, whole = ((tmp_path / name).stat().st_size for name in ("small.onnx", "whole.onnx"))
    assert small < whole / 3


def test_a_graph_of_states_is_not_given_tokens(tmp_path: Path) -> None:
    export(made(1), tmp_path / "reader.onnx", int8=False)
    with pytest.raises(ValueError, match="the graph takes states"):
        Exported.open(tmp_path / "reader.onnx").read([item(ITEMS[0].sample, states=False)])
