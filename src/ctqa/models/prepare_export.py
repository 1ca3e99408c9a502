"""Export a model of transformers to an ONNX graph, and quantise its weights to int8.

The graph takes one sequence at a time and no attention mask, which would be all ones: 9 % less to
do. Every matrix is quantised by columns; LayerNorm and Gelu are one operation each, from opset 20.
"""

import logging
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from ctqa.errors import ModelError
from ctqa.models.registry import Pooling

if TYPE_CHECKING:
    from sentence_transformers import CrossEncoder, SentenceTransformer
    from tokenizers import Tokenizer

OPSET = 20
MOST_BYTES = 2_000_000_000  # of weights: an ONNX file is one protobuf message, of at most 2 GiB
SAMPLE = "How deep is the lake, and who looks after it?"


@dataclass(frozen=True, slots=True, kw_only=True)
class Plain:
    """A model that is a transformer and nothing that a graph could not hold."""

    transformer: Any  # a torch.nn.Module of transformers
    inputs: tuple[str, ...]
    output: str  # its name in what the transformer gives
    pooling: Pooling
    tokenizer: "Tokenizer"


def plain_encoder(model: "SentenceTransformer", tokenizer: "Tokenizer") -> Plain:
    """Find the transformer of an encoder that does no more than pool what that gives.

    Raises:
        ModelError: it has other parts, or settings that only sentence-transformers knows.

    """
    names = [type(module).__name__ for module in model]
    if names not in (["Transformer", "Pooling"], ["Transformer", "Pooling", "Normalize"]):
        raise ModelError(f"it is made of {', '.join(names)}, not of Transformer and Pooling alone")
    first, pooling = cast(Any, model[0]), cast(Any, model[1])
    if pooling.pooling_mode not in ("cls", "mean") or not pooling.include_prompt:
        raise ModelError(f"it pools by {pooling.pooling_mode}, not by cls or mean of all tokens")
    return _plain(first, tokenizer, "last_hidden_state", pooling.pooling_mode)


def plain_reranker(model: "CrossEncoder", tokenizer: "Tokenizer") -> Plain:
    """Find the transformer of a reranker that does no more than score pairs.

    Raises:
        ModelError: it has other parts, or settings that only sentence-transformers knows.

    """
    names = [type(module).__name__ for module in model]
    if names != ["Transformer"] or model.default_prompt_name is not None:
        raise ModelError(f"it is made of {', '.join(names)} and prompts, not of Transformer alone")
    return _plain(cast(Any, model[0]), tokenizer, "logits", "none")


def _plain(first: Any, tokenizer: "Tokenizer", output: str, pooling: Pooling) -> Plain:
    if first.do_lower_case:
        raise ModelError("it lower-cases texts before its tokenizer reads them")
    transformer = first.model
    held = sum(weights.numel() * weights.element_size() for weights in transformer.parameters())
    if held > MOST_BYTES:
        raise ModelError(f"its weights are {held / 1e9:.1f} GB, too large for one ONNX file")
    inputs = ["input_ids"]
    if "token_type_ids" in first.tokenizer.model_input_names:
        inputs.append("token_type_ids")
    return Plain(
        transformer=transformer,
        inputs=tuple(inputs),
        output=output,
        pooling=pooling,
        tokenizer=tokenizer,
    )


def export(plain: Plain, path: Path, *, scratch: Path) -> None:
    """Write a model's graph in int8; `scratch` is a folder for what is written on the way.

    Raises:
        ModelError: torch cannot export it.

    """
    whole = scratch / "float32.onnx"
    with quiet():
        _trace(plain, whole)
        quantise(whole, path)
    whole.unlink()


def _trace(plain: Plain, path: Path) -> None:
    import torch  # noqa: PLC0415 - heavy

    class Alone(torch.nn.Module):
        """The transformer with the inputs and the output that the graph is to have."""

        def __init__(self) -> None:
            super().__init__()
            self.transformer = plain.transformer

        def forward(self, *tokens: torch.Tensor) -> Any:
            inputs = dict(zip(plain.inputs, tokens, strict=True))
            return getattr(self.transformer(**inputs), plain.output)

    sample = plain.tokenizer.encode(SAMPLE)
    feeds = {"input_ids": sample.ids, "token_type_ids": sample.type_ids}
    tokens = {1: "tokens"}
    shapes = dict.fromkeys(plain.inputs, tokens)
    if plain.output == "last_hidden_state":
        shapes[plain.output] = tokens
    try:
        with torch.inference_mode():
            plain.transformer.set_attn_implementation("eager")
            torch.onnx.export(
                Alone().eval(),
                tuple(torch.tensor([feeds[name]]) for name in plain.inputs),
                str(path),
                input_names=list(plain.inputs),
                output_names=[plain.output],
                dynamic_axes=shapes,
                opset_version=OPSET,
                dynamo=False,
            )
    except _export_errors() as exc:
        raise ModelError(f"torch cannot export it ({_first_line(exc)})") from exc


def quantise(whole: Path, path: Path, *, tables: bool = False) -> None:
    """Write a graph with every matrix that multiplies in int8, each column with its own scale.

    With `tables`, those that rows are taken from are in int8 as well, each with one scale.
    """
    from onnxruntime.quantization import QuantType, quantize_dynamic  # noqa: PLC0415 - heavy

    quantize_dynamic(
        whole,
        path,
        per_channel=True,
        weight_type=QuantType.QInt8,
        op_types_to_quantize=["MatMul", *(["Gather"] if tables else [])],
        extra_options={"MatMulConstBOnly": True},
    )


@contextmanager
def quiet() -> Iterator[None]:
    """Keep the exporter and the quantiser from printing what they think of a model."""
    before = logging.root.manager.disable
    logging.disable(logging.WARNING)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        logging.disable(before)


def _export_errors() -> tuple[type[Exception], ...]:
    """List what the exporter and a model that cannot be traced raise."""
    import torch  # noqa: PLC0415 - heavy

    return (
        torch.onnx.errors.OnnxExporterError,
        AttributeError,
        IndexError,
        KeyError,
        NotImplementedError,
        RuntimeError,
        TypeError,
        ValueError,
    )


def _first_line(exc: Exception) -> str:
    return str(exc).strip().partition("\n")[0]
