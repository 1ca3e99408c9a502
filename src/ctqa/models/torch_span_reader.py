"""The extractive-QA model: whatever transformers opens for question answering, on the CPU."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ctqa.errors import ModelError
from ctqa.models.installed import Installed
from ctqa.models.registry import ModelSpec
from ctqa.models.reranker import Marked
from ctqa.models.span_reader import (
    WINDOW_TOKENS,
    Logits,
    MarkedSpans,
    SpanReaderIdentity,
    TextSpans,
    WindowReader,
)
from ctqa.models.torch_model import loading_errors, whole_tokenizer

if TYPE_CHECKING:
    from tokenizers import Encoding

_EXPECTED = "expected an extractive-QA model, such as one trained on SQuAD 2.0"


@dataclass(frozen=True, slots=True)
class _Opened:
    model: Any
    tokenizer: Any


class TorchSpanReader:
    """Reads spans with the model's own weights, in full precision.

    Each window is a batch of its own, so that its logits do not change with the windows beside it.
    Threads may share a reader.
    """

    def __init__(self, spec: ModelSpec, opened: _Opened) -> None:
        self._name = spec.name
        self._model = opened.model.eval()
        self._inputs = tuple(opened.tokenizer.model_input_names)
        max_tokens = min(
            WINDOW_TOKENS,
            spec.max_tokens,
            opened.tokenizer.model_max_length,
            _positions(opened.model, spec.max_tokens),
        )
        self._windows = WindowReader(
            whole_tokenizer(spec, opened), max_tokens=max_tokens, cls=opened.tokenizer.cls_token_id
        )
        self._identity = SpanReaderIdentity(
            name=spec.name, sha256=spec.weights_sha256, max_tokens=max_tokens
        )
        self.read("", [""])  # tells now whether the model can be run

    @classmethod
    def load(cls, installed: Installed) -> "TorchSpanReader":
        """Load a model that is on this machine; the network is not asked.

        Raises:
            ModelError: its files are not an extractive-QA model that can be run.

        """
        return cls(installed.spec, _open(installed.folder))

    @property
    def identity(self) -> SpanReaderIdentity:
        """What this reader is."""
        return self._identity

    def read(self, question: str, texts: Sequence[str]) -> list[TextSpans]:
        """Give each text's best spans, by start logit + end logit, in the order of the texts."""
        return self._windows.read(question, texts, self._logits)

    def mark(self, question: str, texts: Sequence[Marked]) -> list[MarkedSpans]:
        """Give the best span within each part of each text, in the order of the texts."""
        return self._windows.mark(question, texts, self._logits)

    def _logits(self, encoding: "Encoding") -> tuple[Logits, Logits]:
        import torch  # noqa: PLC0415 - heavy

        values = {
            "input_ids": encoding.ids,
            "attention_mask": encoding.attention_mask,
            "token_type_ids": encoding.type_ids,
        }
        inputs = {
            name: torch.tensor([tokens])  # (1, t)
            for name, tokens in values.items()
            if name in self._inputs
        }
        with _errors_told(self._name), torch.inference_mode():
            output = self._model(**inputs)
        tokens = len(encoding.ids)
        return self._side(output, "start_logits", tokens), self._side(output, "end_logits", tokens)

    def _side(self, output: Any, name: str, tokens: int) -> Logits:
        logits = getattr(output, name, None)
        if logits is None or logits.shape != (1, tokens):
            raise ModelError(f"model {self._name} gives no {name} per token; {_EXPECTED}")
        rows: Logits = logits[0].numpy()  # (t,)
        return rows


def _open(folder: Path) -> _Opened:
    """Open a folder's model and tokenizer, unless some of the weights would be drawn by lot."""
    import torch  # noqa: PLC0415 - heavy
    from transformers import AutoModelForQuestionAnswering, AutoTokenizer  # noqa: PLC0415

    local = {"local_files_only": True, "trust_remote_code": False}
    try:
        with _quiet():
            tokenizer = AutoTokenizer.from_pretrained(str(folder), **local)
            model, report = AutoModelForQuestionAnswering.from_pretrained(
                str(folder),
                use_safetensors=True,
                dtype=torch.float32,
                output_loading_info=True,
                **local,
            )
    except loading_errors() as exc:
        raise ModelError(f"{folder}: transformers cannot load it ({exc}); {_EXPECTED}") from exc
    missing = sorted(report["missing_keys"])
    if missing:
        raise ModelError(f"{folder}: has no weights for {', '.join(missing[:3])}; {_EXPECTED}")
    return _Opened(model, tokenizer)


def _positions(model: Any, unknown: int) -> int:
    """Count the positions that the model knows; RoBERTa's count starts behind its padding id."""
    tables = [
        module
        for name, module in model.named_modules()
        if name.endswith("position_embeddings") and hasattr(module, "num_embeddings")
    ]
    return min(
        (
            table.num_embeddings - (0 if table.padding_idx is None else table.padding_idx + 1)
            for table in tables
        ),
        default=unknown,
    )


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep transformers from printing what it found in a model's files."""
    from transformers.utils import logging  # noqa: PLC0415 - heavy

    logging.disable_progress_bar()  # type: ignore[no-untyped-call]
    verbosity = logging.get_verbosity()
    logging.set_verbosity_error()  # type: ignore[no-untyped-call]
    try:
        yield
    finally:
        logging.set_verbosity(verbosity)


@contextmanager
def _errors_told(name: str) -> Iterator[None]:
    """Turn what torch and transformers raise when a model is run into our own error."""
    try:
        yield
    except (IndexError, RuntimeError, TypeError, ValueError) as exc:
        raise ModelError(f"model {name} cannot be run ({exc}); {_EXPECTED}") from exc
