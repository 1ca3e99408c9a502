"""The general encoder: whatever sentence-transformers loads, on the CPU or a CUDA device."""

import threading
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from ctqa.models.encoder import EncoderIdentity, Vectors
from ctqa.models.installed import Installed
from ctqa.models.registry import ModelSpec
from ctqa.models.tokens import readable, text_tokens, token_ends
from ctqa.models.torch_model import open_model, whole_tokenizer

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

BATCH_SIZE = 32  # texts; sentence-transformers sorts them by length


class TorchEncoder:
    """Encodes with the model's own modules, in full precision, normalised.

    A text longer than `identity.max_tokens` is read up to there. A text's vector differs by float
    rounding (1e-7) with the texts encoded beside it. Threads may share an encoder.
    """

    def __init__(self, spec: ModelSpec, model: "SentenceTransformer") -> None:
        self._spec = spec
        self._model = model
        if isinstance(model.max_seq_length, int):  # some modules have no limit
            model.max_seq_length = spec.max_tokens
        self._tokenizer = whole_tokenizer(spec, model)
        self._one_at_a_time = threading.Lock()  # a tokenizer's settings may change
        prefixes = (spec.query_prefix, spec.passage_prefix)
        self._identity = EncoderIdentity(
            name=spec.name,
            sha256=spec.weights_sha256,
            dimension=self._encode(model.encode_document, [""], "").shape[1],
            pooling="model",
            max_tokens=text_tokens(self._tokenizer, spec.max_tokens, *prefixes),
            query_prefix=spec.query_prefix,
            passage_prefix=spec.passage_prefix,
        )

    @classmethod
    def load(cls, installed: Installed) -> "TorchEncoder":
        """Load a model that is on this machine; the network is not asked.

        Raises:
            ModelError: its files are not an encoder that can be run.

        """
        return cls(installed.spec, open_model("SentenceTransformer", installed.folder))

    @property
    def identity(self) -> EncoderIdentity:
        """What this encoder is."""
        return self._identity

    def encode_passages(self, texts: Sequence[str]) -> Vectors:
        """Encode what is searched; float32, shape (n, dimension), rows of unit length."""
        return self._encode_all(self._model.encode_document, texts, self._spec.passage_prefix)

    def encode_queries(self, texts: Sequence[str]) -> Vectors:
        """Encode what is asked; float32, shape (n, dimension), rows of unit length."""
        return self._encode_all(self._model.encode_query, texts, self._spec.query_prefix)

    def token_ends(self, texts: Sequence[str]) -> list[list[int]]:
        """Give, for each text, the character offset at which each of its tokens ends."""
        return token_ends(self._tokenizer, texts)

    def _encode_all(self, encode: Callable[..., Any], texts: Sequence[str], prefix: str) -> Vectors:
        if not texts:
            return np.empty((0, self._identity.dimension), dtype=np.float32)
        return self._encode(encode, texts, prefix)

    def _encode(self, encode: Callable[..., Any], texts: Sequence[str], prefix: str) -> Vectors:
        with self._one_at_a_time:
            rows = encode(
                [readable(text) for text in texts],
                prompt=prefix,
                batch_size=BATCH_SIZE,
                normalize_embeddings=True,
                show_progress_bar=False,
            )
        return np.asarray(rows, dtype=np.float32)  # (n, dimension)
