"""CTQA's own span reader: a few layers of its own over the lower layers of the reranker."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, runtime_checkable

from ctqa.errors import ModelError
from ctqa.models.onnx import Graph, side_by_side
from ctqa.models.reranker import Marked, Reranker
from ctqa.models.shared_states import Trunk
from ctqa.models.shipped_reader import GIVES, TAKES, ShippedReader, checked_reader, graph_path
from ctqa.models.span_reader import (
    Logits,
    MarkedSpans,
    SpanReaderIdentity,
    TextSpans,
    WindowReader,
)

if TYPE_CHECKING:
    from tokenizers import Encoding

_CLS = "[CLS]"


@runtime_checkable
class Lender(Protocol):
    """A reranker that may lend its lower layers."""

    def trunk(self) -> Trunk:
        """Give what a reader stands on.

        Raises:
            ModelError: there is nothing that it could stand on.

        """
        ...


class SharedSpanReader:
    """Marks spans by the states that the reranker has of a question and a text; threads share it.

    Up to the reranker's own limit a text is one window, the very one that was reranked, so that its
    states are at hand. Equal pairs give equal bytes, kept or not.
    """

    def __init__(self, shipped: ShippedReader, graph: Graph, trunk: Trunk) -> None:
        self._graph = graph
        self._states = trunk.states
        self._windows = WindowReader(
            trunk.tokenizer,
            max_tokens=trunk.max_tokens,
            cls=trunk.tokenizer.token_to_id(_CLS),
        )
        self._identity = SpanReaderIdentity(
            name=shipped.name, sha256=shipped.sha256, max_tokens=trunk.max_tokens
        )
        self.read("", [""])  # tells now whether the graph can be run

    @classmethod
    def load(cls, trunk: Trunk, folder: Path | None = None) -> "SharedSpanReader":
        """Load the reader that CTQA comes with, or the one in a folder, over a reranker's layers.

        Raises:
            ModelError: there is none, it stands on other weights, or it cannot be run.

        """
        shipped = checked_reader(trunk.sha256, folder)
        return cls(shipped, Graph.open(graph_path(folder), takes=[TAKES], laid_out=True), trunk)

    @property
    def identity(self) -> SpanReaderIdentity:
        """What this reader is."""
        return self._identity

    def read(self, question: str, texts: Sequence[str]) -> list[TextSpans]:
        """Give each text's best spans, by start logit + end logit, in the order of the texts."""
        return side_by_side(
            lambda text: self._windows.read(question, [text], self._logits)[0], texts
        )

    def mark(self, question: str, texts: Sequence[Marked]) -> list[MarkedSpans]:
        """Give the best span within each part of each text, in the order of the texts."""
        return side_by_side(
            lambda text: self._windows.mark(question, [text], self._logits)[0], texts
        )

    def _logits(self, encoding: "Encoding") -> tuple[Logits, Logits]:
        (rows,) = self._graph.run_on({TAKES: self._states(encoding)}, [GIVES])
        if rows.shape != (len(encoding.ids), 2):
            raise ModelError(
                f"the span reader gives {rows.shape} for {len(encoding.ids)} tokens; expected a "
                "start logit and an end logit for each"
            )
        return rows[:, 0], rows[:, 1]


def load_shared_span_reader(reranker: Reranker, folder: Path | None = None) -> SharedSpanReader:
    """Load CTQA's own reader over the layers of a reranker.

    Raises:
        ModelError: there is no reader, the reranker lends nothing that it could stand on, or it
            cannot be run.

    """
    return SharedSpanReader.load(trunk_of(reranker), folder)


def trunk_of(reranker: Reranker) -> Trunk:
    """Give what a reader stands on.

    Raises:
        ModelError: the reranker lends nothing.

    """
    if isinstance(reranker, Lender):
        return reranker.trunk()
    raise ModelError(
        f"the span reader stands on the lower layers of a reranker that onnxruntime runs, and "
        f"{reranker.identity.name} is run otherwise"
    )
