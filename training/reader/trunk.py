"""The reranker as the reader's trunk: its lower layers in int8 as the product runs them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ctqa.models.folder import onnx_graph
from ctqa.models.graph_surgery import halves, open_model, save_model, without_mask
from ctqa.models.installed import Installed, unchecked
from ctqa.models.onnx import Graph, lay_out, side_by_side
from ctqa.models.tokens import open_tokenizer
from training.halfway import MODEL, tensor
from training.reader.windows import Window

if TYPE_CHECKING:
    from tokenizers import Tokenizer


@dataclass(frozen=True, slots=True)
class Trunk:
    """What is below the reader."""

    installed: Installed
    graph: Graph
    tensor: str

    @classmethod
    def open(cls, frozen: int, scratch: Path) -> "Trunk":
        """Open the reranker's first layers, `frozen` of them; they are cut off in a folder.

        Raises:
            ModelError: the reranker is not on this machine.

        """
        installed, last = located(), tensor(frozen - 1)
        path = scratch / f"first-{frozen}.onnx"
        if not path.exists():
            scratch.mkdir(parents=True, exist_ok=True)
            _cut_off(installed, last, path)
        return cls(installed, Graph.open(path, laid_out=True), last)

    @property
    def tokenizer(self) -> "Tokenizer":
        """Open the tokenizer of the reranker."""
        return open_tokenizer(self.installed.folder / "tokenizer.json")

    @property
    def max_tokens(self) -> int:
        """The longest window, in tokens."""
        return self.installed.spec.max_tokens

    def states(self, windows: Sequence[Window]) -> Iterator[NDArray[np.float32]]:
        """Give the states after the frozen layers of each window; (t, d)."""
        yield from side_by_side(self._states_of, windows)

    def _states_of(self, window: Window) -> NDArray[np.float32]:
        feeds = {"input_ids": window.ids, "token_type_ids": window.types}
        (found,) = self.graph.run_on(feeds, [self.tensor])
        return found


def located() -> Installed:
    """Find the reranker.

    Raises:
        ModelError: it is not on this machine.

    """
    return unchecked(MODEL)


def weights_path() -> Path:
    """Name the file that holds the reranker's weights."""
    installed = located()
    return installed.folder / onnx_graph(installed.spec)


def _cut_off(installed: Installed, last: str, path: Path) -> None:
    """Write what gives a value, laid out for onnxruntime as the product lays it out."""
    model = open_model(installed.folder / onnx_graph(installed.spec))
    without_mask(model)
    first, _ = halves(model, last)
    whole, made = path.with_suffix(".whole"), path.with_suffix(".made")
    save_model(first, whole)
    lay_out(whole, made)
    whole.unlink()
    made.replace(path)
