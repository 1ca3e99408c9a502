"""The reranker as the reader's trunk: its lower layers in int8 as the product runs them."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ctqa.errors import ModelError
from ctqa.models.folder import onnx_graph
from ctqa.models.installed import Installed, unchecked
from ctqa.models.laid_out import as_laid_out
from ctqa.models.onnx import Graph
from ctqa.models.pair_graph import FIRST
from ctqa.models.probe import find_probes
from ctqa.models.tokens import open_tokenizer
from training.reader.windows import Window

if TYPE_CHECKING:
    from tokenizers import Tokenizer

MODEL = "ms-marco-MiniLM-L-12-v2"
FROZEN = 7  # layers, after which the product has all states at hand of what it read halfway


@dataclass(frozen=True, slots=True)
class Trunk:
    """What is below the reader."""

    installed: Installed
    graph: Graph
    tensor: str

    @classmethod
    def open(cls) -> "Trunk":
        """Open the first half of the reranker.

        Raises:
            ModelError: it is not on this machine, or has not been laid out.

        """
        installed = unchecked(MODEL)
        made = as_laid_out(installed)
        probe = find_probes(installed.spec.weights_sha256).halfway
        if made is installed or probe is None:
            raise ModelError(f"{MODEL} is not laid out: run `ctqa models fetch {MODEL}`")
        return cls(installed, Graph.open(made.folder / FIRST, laid_out=True), probe.tensor)

    @property
    def weights(self) -> Path:
        """Name the file that holds the reranker's weights."""
        return self.installed.folder / onnx_graph(self.installed.spec)

    @property
    def tokenizer(self) -> "Tokenizer":
        """Open the tokenizer of the reranker."""
        return open_tokenizer(self.installed.folder / "tokenizer.json")

    @property
    def max_tokens(self) -> int:
        """The longest window, in tokens."""
        return self.installed.spec.max_tokens

    def states(self, window: Window) -> NDArray[np.float32]:
        """Give the states after the frozen layers; (t, d)."""
        feeds = {"input_ids": window.ids, "token_type_ids": window.types}
        (found,) = self.graph.run_on(feeds, [self.tensor])
        return found
