"""The general reranker: whatever sentence-transformers loads, on the CPU or a CUDA device."""

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from ctqa.errors import ModelError
from ctqa.models.installed import Installed
from ctqa.models.registry import ModelSpec
from ctqa.models.reranker import (
    Marked,
    Pair,
    PairReader,
    Reading,
    RerankerIdentity,
    Scores,
    scored,
)
from ctqa.models.tokens import readable
from ctqa.models.torch_model import open_model, whole_tokenizer

if TYPE_CHECKING:
    from sentence_transformers import CrossEncoder


class TorchReranker:
    """Scores with the model's own modules, in full precision, without an activation.

    Each pair is a batch of its own, so that its score does not change with the pairs beside it.
    For 12 layers of width 384 on one core that costs what batches of pairs of one length cost,
    and half of what batches of mixed lengths cost. Threads may share a reranker.
    """

    def __init__(self, spec: ModelSpec, model: "CrossEncoder") -> None:
        if model.num_labels != 1:
            raise ModelError(
                f"model {spec.name} gives {model.num_labels} labels a pair; expected a reranker, "
                "with one"
            )
        self._name = spec.name
        self._model = model
        own_limit = model.max_seq_length
        max_tokens = spec.max_tokens if own_limit is None else min(spec.max_tokens, own_limit)
        model.max_seq_length = max_tokens
        self._one_at_a_time = threading.Lock()  # a tokenizer's settings change with each call
        with _errors_told(spec.name):
            frame = _frame_tokens(model)
        tokenizer = whole_tokenizer(spec, model)
        self._reader = PairReader(tokenizer, max_tokens=max_tokens, frame=frame)
        self._identity = RerankerIdentity(
            name=spec.name, sha256=spec.weights_sha256, max_tokens=max_tokens
        )

    @classmethod
    def load(cls, installed: Installed) -> "TorchReranker":
        """Load a model that is on this machine; the network is not asked.

        Raises:
            ModelError: its files are not a reranker that can be run.

        """
        return cls(installed.spec, open_cross_encoder(installed.folder))

    @property
    def identity(self) -> RerankerIdentity:
        """What this reranker is."""
        return self._identity

    def score(self, question: str, texts: Sequence[str]) -> Scores:
        """Give each text's relevance, a raw logit; float32, shape (n,), in the texts' order."""
        return self._reader.score(question, texts, self._score_pairs)

    def readings(
        self,
        question: str,
        texts: Sequence[Marked],
        *,
        least: Sequence[float] | None = None,  # noqa: ARG002 -- nothing is known halfway
    ) -> list[Reading]:
        """Score texts, all to their end; nothing is told of their parts."""
        return scored(self.score(question, [each.text for each in texts]))

    def _score_pairs(self, pairs: list[Pair]) -> Scores:
        with self._one_at_a_time, _errors_told(self._name):
            scores = self._model.predict(
                [(readable(question), readable(text)) for question, text in pairs],
                batch_size=1,
                show_progress_bar=False,
            )
        return np.asarray(scores, dtype=np.float32)  # (n,)


def open_cross_encoder(folder: Path, device: str | None = None) -> "CrossEncoder":
    """Open a folder's cross-encoder without an activation; the network is not asked.

    Raises:
        ModelError: its files are not a cross-encoder.

    """
    import torch  # noqa: PLC0415 - heavy

    logits = torch.nn.Identity()  # whatever activation the model stores
    model: CrossEncoder = open_model("CrossEncoder", folder, device=device, activation_fn=logits)
    return model


@contextmanager
def _errors_told(name: str) -> Iterator[None]:
    """Turn what torch and transformers raise when a model is run into our own error."""
    try:
        yield
    except (IndexError, RuntimeError, ValueError) as exc:
        raise ModelError(f"model {name} cannot be run ({exc})") from exc


def _frame_tokens(model: "CrossEncoder") -> int:
    """Count what surrounds every pair: special tokens and the model's own prompt, if it has one."""
    name = model.default_prompt_name
    prompt = None if name is None else model.prompts[name]
    return int(model.preprocess([("", "")], prompt=prompt)["input_ids"].numel())
