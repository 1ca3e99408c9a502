"""What CTQA asks of an encoder."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

Vectors = NDArray[np.float32]


@dataclass(frozen=True, slots=True, kw_only=True)
class EncoderIdentity:
    """All that decides which vector a text gets; kept with every build and every cached vector."""

    name: str
    sha256: str  # of the weights
    dimension: int
    pooling: str  # "cls", "mean", or "model" where the model's own modules decide
    max_tokens: int  # the longest text read, special tokens and prefix not counted
    query_prefix: str = ""
    passage_prefix: str = ""

    @property
    def key(self) -> str:
        """A short digest of every field: equal keys give equal vectors."""
        fields = json.dumps(asdict(self), sort_keys=True)
        return hashlib.sha256(fields.encode()).hexdigest()[:16]


class Encoder(Protocol):
    """Turns texts into unit vectors whose inner product is the cosine of their meanings."""

    @property
    def identity(self) -> EncoderIdentity:
        """What this encoder is."""
        ...

    def encode_passages(self, texts: Sequence[str]) -> Vectors:
        """Encode what is searched; float32, shape (n, dimension), rows of unit length."""
        ...

    def encode_queries(self, texts: Sequence[str]) -> Vectors:
        """Encode what is asked; float32, shape (n, dimension), rows of unit length."""
        ...

    def token_ends(self, texts: Sequence[str]) -> list[list[int]]:
        """Give, for each text, the character offset at which each of its tokens ends.

        Special tokens and prefixes are left out, nothing is truncated: `len()` of an entry is the
        text's length in tokens.
        """
        ...
