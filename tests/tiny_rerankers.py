"""Rerankers small enough to be made in a test."""

import json
from collections.abc import Sequence

import numpy as np
from tiny_models import CLS, SEP, WORDS, _bytes, _number, _text, _value, tokenizer_json
from tokenizers import Tokenizer, processors

from ctqa.models import Scores

LIMIT = 12  # tokens of a pair, three of them special
HALF = LIMIT // 2
KNOWN = ["care", "home", "tea", "query", "passage", "."]
TABLE = np.random.default_rng(5).standard_normal((len(WORDS), 1)).astype(np.float32)
SIDES = np.array([[1], [-2]], dtype=np.float32)  # what a token of the question, the text weighs


def pair_tokenizer_json() -> bytes:
    """The tiny tokenizer of whole words, for pairs."""
    tokenizer = Tokenizer.from_str(tokenizer_json())
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]",
        pair="[CLS] $A [SEP] $B:1 [SEP]:1",
        special_tokens=[("[CLS]", CLS), ("[SEP]", SEP)],
    )
    json_text: str = tokenizer.to_str()
    return json_text.encode()


def onnx_cross_encoder(table: Scores = TABLE) -> bytes:
    """An ONNX graph whose logits are the mean over tokens of a table's row times the side's."""
    graph = _node("Gather", ["table", "input_ids"], "rows")
    graph += _node("Gather", ["sides", "token_type_ids"], "weights")
    graph += _node("Mul", ["rows", "weights"], "products")
    axis = _bytes(5, _text(1, "axes") + _number(8, 1) + _number(20, 7))
    flat = _bytes(5, _text(1, "keepdims") + _number(3, 0) + _number(20, 2))
    graph += _node("ReduceMean", ["products"], "logits", axis + flat)
    graph += _text(2, "tiny") + _tensor("table", table) + _tensor("sides", SIDES)
    for name in ("input_ids", "attention_mask", "token_type_ids"):
        graph += _bytes(11, _value(name, 7, ["batch", "tokens"]))
    graph += _bytes(12, _value("logits", 1, ["batch", table.shape[1]]))
    return _number(1, 8) + _bytes(7, graph) + _bytes(8, _number(2, 13))


def _node(operation: str, inputs: Sequence[str], output: str, attributes: bytes = b"") -> bytes:
    names = b"".join(_text(1, name) for name in inputs)
    return _bytes(1, names + _text(2, output) + _text(4, operation) + attributes)


def _tensor(name: str, values: Scores) -> bytes:
    dims = b"".join(_number(1, size) for size in values.shape)
    content = _bytes(9, values.astype("<f4").tobytes())
    return _bytes(5, dims + _number(2, 1) + _text(8, name) + content)


def onnx_reranker_files(table: Scores = TABLE) -> dict[str, bytes]:
    return {
        "model.onnx": onnx_cross_encoder(table),
        "tokenizer.json": pair_tokenizer_json(),
        "tokenizer_config.json": json.dumps({"model_max_length": LIMIT}).encode(),
        "config.json": b'{"architectures": ["BertForSequenceClassification"]}',
    }
