"""What a reranker knows while it reads, before it has read to the end.

Linear probes (Alain and Bengio 2016, arXiv:1610.01644) over the states of one of its lower layers.
One looks at a sentence within a passage: the mean state of its tokens, and the passage's own
score, estimate the score that the sentence would get if it were read alone, so that only the best
few need to be. `training/probe.py` fits it. The other looks at a whole text halfway: the state of
its first token and the mean of all estimate its score, so that what is not going to be among the
best need not be read to the end. `training/halfway.py` fits it. Both are ridge regressions to the
reranker's own readings; no gold answers are in them.
"""

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ctqa.models.shipped_reader import shared_tensor

PROBES = Path(__file__).with_name("probes.json")


@dataclass(frozen=True, slots=True, kw_only=True)
class Probe:
    """A probe of sentences for one model's weights."""

    tensor: str  # the value of the graph that it looks at: a vector for each token
    weights: NDArray[np.float32]  # (d,)
    whole: float  # how much the passage's own score counts
    bias: float

    def estimates(
        self, states: NDArray[np.float32], parts: NDArray[np.bool_], score: float
    ) -> NDArray[np.float32]:
        """Estimate what parts would score alone, (p,); -inf for one without a token.

        `states` is (tokens, d); `parts`, (p, tokens), tells which tokens are a part's.
        """
        tokens = parts.sum(axis=1)  # (p,)
        sums = parts.astype(np.float32) @ (states @ self.weights)  # (p,)
        means = sums / np.maximum(tokens, 1)
        found = means + np.float32(self.whole * score + self.bias)
        return np.where(tokens > 0, found, -np.inf).astype(np.float32)


@dataclass(frozen=True, slots=True, kw_only=True)
class HalfwayProbe:
    """A probe of whole texts for one model's weights."""

    tensor: str  # the value of the graph that it looks at, and that all after it rests on
    first: NDArray[np.float32]  # (d,), for the state of the first token
    mean: NDArray[np.float32]  # (d,), for the mean state of all
    bias: float

    def estimate(self, states: NDArray[np.float32]) -> float:
        """Estimate a text's score; `states` is (tokens, d)."""
        return float(states[0] @ self.first + states.mean(axis=0) @ self.mean) + self.bias


@dataclass(frozen=True, slots=True, kw_only=True)
class Probes:
    """What is taken out of the graph of one model's weights while it reads."""

    parts: Probe | None = None
    halfway: HalfwayProbe | None = None
    shared: str | None = None  # the value that a span reader goes on from, at or before halfway

    @property
    def tensors(self) -> tuple[str, ...]:
        """The values of the graph that are looked at, each once."""
        probed = [probe.tensor for probe in (self.parts, self.halfway) if probe is not None]
        return tuple(dict.fromkeys([*probed, *filter(None, [self.shared])]))


@cache
def find_probes(sha256: str) -> Probes:
    """Find what was fitted to, or stands on, a reranker's weights; nothing for most."""
    row: dict[str, Any] = json.loads(PROBES.read_text(encoding="utf-8")).get(sha256, {})
    return Probes(
        parts=Probe(**_read(row["parts"])) if "parts" in row else None,
        halfway=HalfwayProbe(**_read(row["halfway"])) if "halfway" in row else None,
        shared=shared_tensor(sha256),
    )


def _read(row: dict[str, Any]) -> dict[str, Any]:
    """Make arrays of a probe's lists of weights."""
    return {
        key: np.array(value, dtype=np.float32) if isinstance(value, list) else value
        for key, value in row.items()
    }
