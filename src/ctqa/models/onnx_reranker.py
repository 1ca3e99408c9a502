"""The fast reranker: an ONNX cross-encoder on the CPU."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from ctqa.errors import ModelError
from ctqa.models.folder import onnx_graph
from ctqa.models.installed import Installed
from ctqa.models.onnx import Graph, side_by_side
from ctqa.models.registry import ModelSpec
from ctqa.models.reranker import Pair, PairReader, RerankerIdentity, Scores
from ctqa.models.tokens import open_tokenizer, readable

if TYPE_CHECKING:
    from tokenizers import Tokenizer


class OnnxReranker:
    """Scores each pair alone; the same pair always gives the same bytes on the same processor.

    In a batch, an int8 graph gives a pair another score with every company: by up to 0.5 where
    measured, enough to change the order. Alone costs no more CPU time than batches of 8 pairs of
    one length, and less than two thirds of that of batches sorted by length. Threads may share a
    reranker.
    """

    def __init__(
        self, spec: ModelSpec, graph: Graph, tokenizer: "Tokenizer", whole_tokenizer: "Tokenizer"
    ) -> None:
        self._graph = graph
        self._output = graph.output(rank=2)
        self._tokenizer = tokenizer
        self._reader = PairReader(
            whole_tokenizer,
            max_tokens=spec.max_tokens,
            frame=whole_tokenizer.num_special_tokens_to_add(is_pair=True),
        )
        self._identity = RerankerIdentity(
            name=spec.name, sha256=spec.weights_sha256, max_tokens=spec.max_tokens
        )
        labels = len(self._run(("", "")))
        if labels != 1:
            raise ModelError(
                f"model {spec.name} gives {labels} labels a pair; expected a reranker, with one"
            )

    @classmethod
    def load(cls, installed: Installed) -> "OnnxReranker":
        """Load a model that is on this machine.

        Raises:
            ModelError: its files are not a reranker that can be run.

        """
        spec, folder = installed.spec, installed.folder
        return cls(
            spec,
            Graph.open(folder / onnx_graph(spec)),
            open_tokenizer(folder / "tokenizer.json", spec.max_tokens),
            open_tokenizer(folder / "tokenizer.json"),
        )

    @property
    def identity(self) -> RerankerIdentity:
        """What this reranker is."""
        return self._identity

    def score(self, question: str, texts: Sequence[str]) -> Scores:
        """Give each text's relevance, a raw logit; float32, shape (n,), in the texts' order."""
        return self._reader.score(question, texts, self._score_pairs)

    def _score_pairs(self, pairs: list[Pair]) -> Scores:
        rows = side_by_side(self._run, pairs)
        return np.array(rows, dtype=np.float32).reshape(len(pairs))

    def _run(self, pair: Pair) -> Scores:
        question, text = pair
        return self._graph.run(
            self._tokenizer.encode(readable(question), readable(text)), self._output
        )
