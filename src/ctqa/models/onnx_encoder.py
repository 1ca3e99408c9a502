"""The fast encoder: an ONNX graph on the CPU."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from ctqa.models.encoder import EncoderIdentity, Vectors
from ctqa.models.folder import onnx_graph
from ctqa.models.installed import Installed
from ctqa.models.onnx import Graph, side_by_side
from ctqa.models.registry import ModelSpec
from ctqa.models.tokens import Limited, open_tokenizer, readable, text_tokens, token_ends

if TYPE_CHECKING:
    from tokenizers import Tokenizer


class OnnxEncoder:
    """Encodes each text alone; the same text always gives the same bytes on the same processor.

    A text longer than `identity.max_tokens` is read up to there. Threads may share an encoder.
    """

    def __init__(self, spec: ModelSpec, graph: Graph, whole_tokenizer: "Tokenizer") -> None:
        self._spec = spec
        self._graph = graph
        self._output = graph.output(rank=3)
        self._tokenizer = Limited(whole_tokenizer, spec.max_tokens)
        self._whole_tokenizer = whole_tokenizer
        prefixes = (spec.query_prefix, spec.passage_prefix)
        self._identity = EncoderIdentity(
            name=spec.name,
            sha256=spec.weights_sha256,
            dimension=len(self._encode("")),
            pooling=spec.pooling,
            max_tokens=text_tokens(whole_tokenizer, spec.max_tokens, *prefixes),
            query_prefix=spec.query_prefix,
            passage_prefix=spec.passage_prefix,
        )

    @classmethod
    def load(cls, installed: Installed) -> "OnnxEncoder":
        """Load a model that is on this machine.

        Raises:
            ModelError: its files are not an encoder that can be run.

        """
        spec, folder = installed.spec, installed.folder
        graph = Graph.open(folder / onnx_graph(spec))
        return cls(spec, graph, open_tokenizer(folder / "tokenizer.json"))

    @property
    def identity(self) -> EncoderIdentity:
        """What this encoder is."""
        return self._identity

    def encode_passages(self, texts: Sequence[str]) -> Vectors:
        """Encode what is searched; float32, shape (n, dimension), rows of unit length."""
        return self._encode_all(texts, self._spec.passage_prefix)

    def encode_queries(self, texts: Sequence[str]) -> Vectors:
        """Encode what is asked; float32, shape (n, dimension), rows of unit length."""
        return self._encode_all(texts, self._spec.query_prefix)

    def token_ends(self, texts: Sequence[str]) -> list[list[int]]:
        """Give, for each text, the character offset at which each of its tokens ends."""
        return token_ends(self._whole_tokenizer, texts)

    def _encode_all(self, texts: Sequence[str], prefix: str) -> Vectors:
        rows = np.empty((len(texts), self._identity.dimension), dtype=np.float32)
        for row, vector in enumerate(side_by_side(self._encode, [prefix + text for text in texts])):
            rows[row] = vector
        return rows

    def _encode(self, text: str) -> Vectors:
        sequence = self._tokenizer.encode(readable(text))
        states = self._graph.run(sequence, self._output)  # (tokens, dimension)
        vector: Vectors = states[0] if self._spec.pooling == "cls" else states.mean(axis=0)
        return vector / np.linalg.norm(vector)
