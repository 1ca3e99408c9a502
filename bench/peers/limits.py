"""How fast this machine multiplies matrices on one core, and what a passage asks of it.

    python -m bench.peers.limits '{"corpus": …, "model": …}'

Runs in the peers' environment. The best of some runs of each kind is taken: it is a limit.
"""

import json
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import torch
from tokenizers import Tokenizer

from bench.peers.asking import read_passages

_SHAPES = ((1024, 1024, 1024), (4096, 384, 1536), (4096, 1536, 384), (2048, 2048, 2048))
_RUNS = 15
_GIGA = 1e9


def rates() -> dict[str, float]:
    """Give thousands of millions of operations a second of one core, at the best of the shapes."""
    makers = {"fp32": _fp32, "bf16": _bf16, "int8": _int8}
    return {
        kind: max(_rate(maker(*shape), shape) for shape in _SHAPES)
        for kind, maker in makers.items()
    }


def operations(lengths: Sequence[int], model: Path) -> float:
    """Give the mean operations of encoding texts of so many tokens; only what multiplies counts.

    A layer has four square matrices and two of four times that; attention multiplies the tokens'
    vectors with each other twice. A multiplication and its addition are two operations.
    """
    config = json.loads((model / "config.json").read_text(encoding="utf-8"))
    width, inner = config["hidden_size"], config["intermediate_size"]
    weights = 4 * width * width + 2 * width * inner
    each: list[int] = [
        2 * n * (weights + 2 * n * width) * config["num_hidden_layers"] for n in lengths
    ]
    return sum(each) / len(each)


def token_lengths(texts: Sequence[str], model: Path) -> list[int]:
    """Count each text's tokens, as far as the model reads them."""
    settings = json.loads((model / "sentence_bert_config.json").read_text(encoding="utf-8"))
    tokenizer = Tokenizer.from_file(str(model / "tokenizer.json"))
    tokenizer.no_padding()
    tokenizer.enable_truncation(settings["max_seq_length"])
    return [len(encoding.ids) for encoding in tokenizer.encode_batch(list(texts))]


def _fp32(rows: int, inner: int, columns: int) -> Callable[[], object]:
    left, right = torch.randn(rows, inner), torch.randn(inner, columns)
    return lambda: left @ right


def _bf16(rows: int, inner: int, columns: int) -> Callable[[], object]:
    left, right = (torch.randn(rows, inner).bfloat16(), torch.randn(inner, columns).bfloat16())
    return lambda: left @ right


def _int8(rows: int, inner: int, columns: int) -> Callable[[], object]:
    left = torch.randint(-100, 100, (rows, inner), dtype=torch.int8)
    right = torch.randint(-100, 100, (columns, inner), dtype=torch.int8).t()
    return lambda: torch._int_mm(left, right)


def _rate(multiply: Callable[[], object], shape: tuple[int, int, int]) -> float:
    multiply()
    rows, inner, columns = shape
    seconds = min(_seconds(multiply) for _ in range(_RUNS))
    return 2 * rows * inner * columns / _GIGA / seconds


def _seconds(multiply: Callable[[], object]) -> float:
    began = time.process_time()
    multiply()
    return time.process_time() - began


def main(options: dict[str, Any]) -> None:
    """Print rates and operations."""
    torch.set_num_threads(1)
    model = Path(options["model"])
    lengths = token_lengths(list(read_passages(Path(options["corpus"])).values()), model)
    measured = {
        "gigaops": rates(),
        "operations": operations(lengths, model),
        "mean_tokens": sum(lengths) / len(lengths),
    }
    print(json.dumps(measured), flush=True)


if __name__ == "__main__":
    main(json.loads(sys.argv[1]))
