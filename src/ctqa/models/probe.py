"""What a reranker knows of each sentence while it reads the whole passage.

A linear probe (Alain and Bengio 2016, arXiv:1610.01644) over the states of one of its lower layers,
averaged over a sentence's tokens, and the passage's own score. It estimates the score that the
sentence would get if it were read alone, so that only the best few need to be. `training/probe.py`
fits it by ridge regression to the reranker's own readings; no gold answers are in it.
"""

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

PROBES = Path(__file__).with_name("probes.json")


@dataclass(frozen=True, slots=True, kw_only=True)
class Probe:
    """A probe for one model's weights."""

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


@cache
def find_probe(sha256: str) -> Probe | None:
    """Find the probe that was fitted to a reranker's weights; None where there is none."""
    row = json.loads(PROBES.read_text(encoding="utf-8")).get(sha256)
    if row is None:
        return None
    return Probe(
        tensor=row["tensor"],
        weights=np.array(row["weights"], dtype=np.float32),
        whole=row["whole"],
        bias=row["bias"],
    )
