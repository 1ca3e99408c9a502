"""A reader as a graph for onnxruntime: what is shipped."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch
from numpy.typing import NDArray

from ctqa.models.onnx import Graph
from ctqa.models.onnx import lay_out as lay_out_graph
from ctqa.models.prepare_export import OPSET, quantise, quiet
from training.reader.feed import Item
from training.reader.judged import Logits

if TYPE_CHECKING:
    from training.reader.model import Reader

GRAPH = "reader.onnx"
STATES, LOGITS = "states", "logits"
IDS, TYPES = "input_ids", "token_type_ids"
_TOKENS = 9  # of the sequence that the graph is traced with; it takes any number


@dataclass(frozen=True, slots=True)
class Exported:
    """A graph that gives start and end logits for one window."""

    graph: Graph
    takes_states: bool

    @classmethod
    def open(cls, path: Path, *, takes_states: bool = True) -> "Exported":
        """Open a graph.

        Raises:
            ModelError: the file holds none that can be run.

        """
        takes = [STATES] if takes_states else [IDS, TYPES]
        return cls(Graph.open(path, takes=takes, laid_out=True), takes_states)

    def read(self, items: Sequence[Item]) -> list[Logits]:
        """Give the logits of each window, (t, 2)."""
        return [self.graph.run_on(self._feeds(item), [LOGITS])[0] for item in items]

    def _feeds(self, item: Item) -> dict[str, NDArray[Any]]:
        if not self.takes_states:
            return {IDS: item.window.ids, TYPES: item.window.types}
        if item.states is None:
            raise ValueError("the graph takes states: read items with them")
        return {STATES: item.states.astype("float32")}


def export(reader: "Reader", path: Path, *, int8: bool = True) -> None:
    """Write a reader's graph, laid out for onnxruntime: in int8, or as it was trained."""
    whole, small = path.with_suffix(".float.onnx"), path.with_suffix(".int8.onnx")
    with quiet():
        _trace(reader.eval(), whole)
        if int8:
            quantise(whole, small, tables=reader.first == 0)
    lay_out_graph(small if int8 else whole, path)
    for scratch in (whole, small):
        scratch.unlink(missing_ok=True)


def _trace(reader: "Reader", path: Path) -> None:
    names = [STATES] if reader.first else [IDS, TYPES]
    sample = (
        (torch.zeros(1, _TOKENS, reader.shape.hidden),)
        if reader.first
        else (torch.ones(1, _TOKENS, dtype=torch.long), torch.zeros(1, _TOKENS, dtype=torch.long))
    )
    with torch.inference_mode():
        torch.onnx.export(
            reader if reader.first else _OfTokens(reader).eval(),
            sample,
            str(path),
            input_names=names,
            output_names=[LOGITS],
            dynamic_axes={name: {1: "tokens"} for name in (*names, LOGITS)},
            opset_version=OPSET,
            dynamo=False,
        )


class _OfTokens(torch.nn.Module):
    """A reader whose way in is that of token ids."""

    def __init__(self, reader: "Reader") -> None:
        super().__init__()
        self.reader = reader

    def forward(self, ids: torch.Tensor, types: torch.Tensor) -> torch.Tensor:
        """Give the logits of token ids."""
        return self.reader.read(ids, types)
