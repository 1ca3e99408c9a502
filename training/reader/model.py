"""BERT's layers in torch, as far as the reader needs them, under the names that BERT's files have.

A reader is the upper layers of a reranker and a span head; what it takes are states that the lower
ones gave, or token ids where none are frozen.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

_EPSILON = 1e-12  # of BERT's LayerNorm


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """How a transformer of BERT's kind is built."""

    hidden: int = 384
    heads: int = 12
    inner: int = 1536
    layers: int = 12
    words: int = 30522
    positions: int = 512
    dropout: float = 0.1  # of what is added to a state


class SelfAttention(nn.Module):
    """Queries, keys and values, and how they meet.

    Which meet is not left to chance in training: that would take seven tenths more time.
    """

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.query = nn.Linear(shape.hidden, shape.hidden)
        self.key = nn.Linear(shape.hidden, shape.hidden)
        self.value = nn.Linear(shape.hidden, shape.hidden)
        self.heads = shape.heads

    def forward(self, states: Tensor, mask: Tensor | None) -> Tensor:
        """Give what each token takes from the others; `mask`, (b, 1, 1, t): false is padding."""
        query, key, value = (
            self._split(part(states)) for part in (self.query, self.key, self.value)
        )
        met = functional.scaled_dot_product_attention(query, key, value, attn_mask=mask)
        return met.transpose(1, 2).flatten(2)  # (b, t, d)

    def _split(self, states: Tensor) -> Tensor:
        wide = states.shape[2] // self.heads
        return states.view(*states.shape[:2], self.heads, wide).transpose(1, 2)  # (b, h, t, wide)


class Output(nn.Module):
    """A projection that is added to what came in, and normalised."""

    def __init__(self, inputs: int, shape: Shape) -> None:
        super().__init__()
        self.dense = nn.Linear(inputs, shape.hidden)
        self.LayerNorm = nn.LayerNorm(shape.hidden, eps=_EPSILON)
        self.dropout = nn.Dropout(shape.dropout)

    def forward(self, states: Tensor, before: Tensor) -> Tensor:
        """Project, add, normalise."""
        normed: Tensor = self.LayerNorm(self.dropout(self.dense(states)) + before)
        return normed


class Attention(nn.Module):
    """The first half of a layer."""

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.self = SelfAttention(shape)
        self.output = Output(shape.hidden, shape)

    def forward(self, states: Tensor, mask: Tensor | None) -> Tensor:
        """Let the tokens meet."""
        met: Tensor = self.output(self.self(states, mask), states)
        return met


class Intermediate(nn.Module):
    """The widening of a layer's second half."""

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.dense = nn.Linear(shape.hidden, shape.inner)

    def forward(self, states: Tensor) -> Tensor:
        """Widen and bend."""
        return functional.gelu(self.dense(states))


class Layer(nn.Module):
    """One layer of BERT."""

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.attention = Attention(shape)
        self.intermediate = Intermediate(shape)
        self.output = Output(shape.inner, shape)

    def forward(self, states: Tensor, mask: Tensor | None = None) -> Tensor:
        """Give the states of the layer above; (b, t, d)."""
        met = self.attention(states, mask)
        out: Tensor = self.output(self.intermediate(met), met)
        return out


class Embeddings(nn.Module):
    """What stands below the first layer."""

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.word_embeddings = nn.Embedding(shape.words, shape.hidden)
        self.position_embeddings = nn.Embedding(shape.positions, shape.hidden)
        self.token_type_embeddings = nn.Embedding(2, shape.hidden)
        self.LayerNorm = nn.LayerNorm(shape.hidden, eps=_EPSILON)
        self.dropout = nn.Dropout(shape.dropout)

    def forward(self, ids: Tensor, types: Tensor) -> Tensor:
        """Give the states that the first layer takes; ids and types are (b, t)."""
        places = torch.arange(ids.shape[1], device=ids.device)
        found = self.word_embeddings(ids) + self.token_type_embeddings(types)
        out: Tensor = self.dropout(self.LayerNorm(found + self.position_embeddings(places)))
        return out


class Reader(nn.Module):
    """The layers from `first` on, and the logits of where an answer starts and ends."""

    def __init__(self, first: int, shape: Shape | None = None) -> None:
        super().__init__()
        self.shape = Shape() if shape is None else shape
        self.first = first
        self.embeddings = Embeddings(self.shape) if first == 0 else None
        numbers = range(first, self.shape.layers)
        self.layer = nn.ModuleDict({str(number): Layer(self.shape) for number in numbers})
        self.qa_outputs = nn.Linear(self.shape.hidden, 2)

    def forward(self, states: Tensor, mask: Tensor | None = None) -> Tensor:
        """Give start and end logits, (b, t, 2), of states, (b, t, d); `mask` (b, t)."""
        wide = None if mask is None else mask[:, None, None, :]
        for layer in self.layer.values():
            states = layer(states, wide)
        logits: Tensor = self.qa_outputs(states)
        return logits

    def read(self, ids: Tensor, types: Tensor, mask: Tensor | None = None) -> Tensor:
        """Give the logits of token ids, where no layer is frozen."""
        if self.embeddings is None:
            raise ValueError(f"the reader begins at layer {self.first}: it takes states")
        logits: Tensor = self(self.embeddings(ids, types), mask)
        return logits


class Scorer(nn.Module):
    """A reranker's own head over the state of the first token."""

    def __init__(self, shape: Shape | None = None) -> None:
        super().__init__()
        shape = Shape() if shape is None else shape
        self.pooler = nn.Linear(shape.hidden, shape.hidden)
        self.classifier = nn.Linear(shape.hidden, 1)

    def forward(self, states: Tensor) -> Tensor:
        """Give a logit of relevance, (b,), of states, (b, t, d)."""
        pooled = torch.tanh(self.pooler(states[:, 0]))
        logits: Tensor = self.classifier(pooled)[:, 0]
        return logits


def fill(module: nn.Module, weights: Mapping[str, NDArray[np.float32]]) -> list[str]:
    """Put weights into the parameters that they are named after; give the names left unfilled."""
    state = module.state_dict()
    own = {name: _in_bert(name) for name in state}
    known = {name: weights[bert] for name, bert in own.items() if bert in weights}
    module.load_state_dict({**state, **{name: torch.tensor(v) for name, v in known.items()}})
    return sorted(set(state) - set(known))


def _in_bert(name: str) -> str:
    """Give a parameter's name in BERT's files."""
    if name.startswith("layer."):
        return f"bert.encoder.{name}"
    if name.startswith("embeddings."):
        return f"bert.{name}"
    return name.replace("pooler.", "bert.pooler.dense.")
