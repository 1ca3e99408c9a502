"""Models small enough to be made in a test, and the wheels they come in."""

import hashlib
import json
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors

WORDS = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "query", "passage", ":", "care", "home", "tea", "."]
UNK, CLS, SEP = 1, 2, 3
DIMENSION = 6
TABLE: NDArray[np.float32] = (
    np.random.default_rng(7).standard_normal((len(WORDS), DIMENSION)).astype(np.float32)
)


def tokenizer_json() -> str:
    """A tokenizer of whole words; its stored padding and truncation are the ones to be ignored."""
    tokenizer = Tokenizer(models.WordLevel({word: i for i, word in enumerate(WORDS)}, "[UNK]"))
    tokenizer.normalizer = normalizers.BertNormalizer()
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]", special_tokens=[("[CLS]", CLS), ("[SEP]", SEP)]
    )
    tokenizer.enable_padding(length=16)
    tokenizer.enable_truncation(4)
    return tokenizer.to_str()


def onnx_graph(
    table: NDArray[np.float32] = TABLE,
    inputs: Sequence[str] = ("input_ids", "attention_mask", "token_type_ids"),
) -> bytes:
    """An ONNX graph whose output for a token is the token's row of a table."""
    node = _text(1, "table") + _text(1, "input_ids") + _text(2, "last_hidden_state")
    node += _text(4, "Gather")
    rows, columns = table.shape
    tensor = _number(1, rows) + _number(1, columns) + _number(2, 1) + _text(8, "table")
    tensor += _bytes(9, table.astype("<f4").tobytes())
    graph = _bytes(1, node) + _text(2, "tiny") + _bytes(5, tensor)
    for name in inputs:
        graph += _bytes(11, _value(name, 7, ["batch", "tokens"]))
    graph += _bytes(12, _value("last_hidden_state", 1, ["batch", "tokens", columns]))
    return _number(1, 8) + _bytes(7, graph) + _bytes(8, _number(2, 13))


def _value(name: str, element: int, shape: Sequence[str | int]) -> bytes:
    dims = b"".join(
        _bytes(1, _number(1, dim) if isinstance(dim, int) else _text(2, dim)) for dim in shape
    )
    return _text(1, name) + _bytes(2, _bytes(1, _number(1, element) + _bytes(2, dims)))


def _number(field: int, value: int) -> bytes:
    return _varint(field << 3) + _varint(value)


def _text(field: int, value: str) -> bytes:
    return _bytes(field, value.encode())


def _bytes(field: int, value: bytes) -> bytes:
    return _varint(field << 3 | 2) + _varint(len(value)) + value


def _varint(value: int) -> bytes:
    out = bytearray()
    while value > 127:
        out.append(value & 127 | 128)
        value >>= 7
    return bytes([*out, value])


def onnx_files() -> dict[str, bytes]:
    """What a tiny ONNX encoder consists of."""
    return {"model.onnx": onnx_graph(), "tokenizer.json": tokenizer_json().encode()}


def torch_files() -> dict[str, bytes]:
    """What a tiny BERT encoder consists of, with weights drawn by lot."""
    import torch  # noqa: PLC0415 - heavy, and few tests need it
    from safetensors.torch import save  # noqa: PLC0415
    from transformers import BertConfig, BertModel  # noqa: PLC0415

    torch.manual_seed(7)
    config = BertConfig(
        vocab_size=len(WORDS),
        hidden_size=8,
        num_hidden_layers=1,
        num_attention_heads=2,
        intermediate_size=8,
        max_position_embeddings=12,
        architectures=["BertModel"],
    )
    settings = {
        "tokenizer_class": "PreTrainedTokenizerFast",
        "model_max_length": 12,
        "pad_token": "[PAD]",
        "unk_token": "[UNK]",
        "cls_token": "[CLS]",
        "sep_token": "[SEP]",
    }
    prompts = {"prompts": {"query": "query: ", "document": "passage: "}}
    return {
        "config.json": config.to_json_string().encode(),
        "config_sentence_transformers.json": json.dumps(prompts).encode(),
        "model.safetensors": save(BertModel(config).state_dict(), metadata={"format": "pt"}),
        "tokenizer.json": tokenizer_json().encode(),
        "tokenizer_config.json": json.dumps(settings).encode(),
    }


def word_span_files(
    logits: Mapping[str, tuple[float, float]], max_tokens: int = 24
) -> dict[str, bytes]:
    """A BERT for extractive QA that gives each word the start and end logits named, others 0.

    It has no layers, and a word's embedding is two columns of its own, of opposite sign: of such a
    row, 32 columns wide, the layer norm makes fours. Logits are true to float rounding, and those
    of a word are the same bytes wherever it stands.
    """
    import torch  # noqa: PLC0415 - heavy, and few tests need it

    model = _span_model(hidden_size=32, num_hidden_layers=0, positions=max_tokens)
    with torch.no_grad():
        for weights in model.parameters():
            weights.zero_()
        model.bert.embeddings.LayerNorm.weight.fill_(1)
        for word in range(len(WORDS)):
            model.bert.embeddings.word_embeddings.weight[word, 2 * word] = 1
            model.bert.embeddings.word_embeddings.weight[word, 2 * word + 1] = -1
        for word, sides in logits.items():
            model.qa_outputs.weight[:, 2 * WORDS.index(word)] = torch.tensor(sides) / 4
    return span_files(model)


def drawn_span_files(max_tokens: int = 24, **settings: object) -> dict[str, bytes]:
    """A BERT for extractive QA with weights drawn by lot, wide enough to be told apart."""
    return span_files(
        _span_model(hidden_size=8, num_hidden_layers=1, positions=max_tokens, **settings)
    )


def _span_model(*, positions: int, **settings: Any) -> Any:
    import torch  # noqa: PLC0415 - heavy, and few tests need it
    from transformers import BertConfig, BertForQuestionAnswering  # noqa: PLC0415

    torch.manual_seed(13)
    config = BertConfig(
        vocab_size=len(WORDS),
        num_attention_heads=2,
        intermediate_size=8,
        max_position_embeddings=positions,
        initializer_range=1.0,
        architectures=["BertForQuestionAnswering"],
        **settings,
    )
    return BertForQuestionAnswering(config)


def span_files(model: Any) -> dict[str, bytes]:
    """What a model of transformers consists of, with the tokenizer of whole words for pairs."""
    from safetensors.torch import save  # noqa: PLC0415 - heavy, and few tests need it

    tokenizer = Tokenizer.from_str(tokenizer_json())
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]",
        pair="[CLS] $A [SEP] $B:1 [SEP]:1",
        special_tokens=[("[CLS]", CLS), ("[SEP]", SEP)],
    )
    settings = {
        "tokenizer_class": "PreTrainedTokenizerFast",
        "model_input_names": ["input_ids", "token_type_ids", "attention_mask"],
        "unk_token": "[UNK]",
        "cls_token": "[CLS]",
        "sep_token": "[SEP]",
        "pad_token": "[PAD]",
    }
    return {
        "config.json": model.config.to_json_string().encode(),
        "model.safetensors": save(model.state_dict(), metadata={"format": "pt"}),
        "tokenizer.json": tokenizer.to_str().encode(),
        "tokenizer_config.json": json.dumps(settings).encode(),
    }


def write_files(files: Mapping[str, bytes], folder: Path) -> Path:
    """Write files into a folder, made if need be."""
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return folder


def write_wheel(files: Mapping[str, bytes], folder: Path, version: str = "1.0") -> Path:
    """Write a real wheel that holds files under tiny/data/, and code that must never be run."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"tiny-{version}-py3-none-any.whl"
    info = f"tiny-{version}.dist-info"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as wheel:
        wheel.writestr("tiny/__init__.py", "raise SystemExit('imported')\n")
        for name, content in files.items():
            wheel.writestr(f"tiny/data/{name}", content)
        wheel.writestr(
            f"{info}/METADATA",
            f"Metadata-Version: 2.1\nName: tiny\nVersion: {version}\n"
            "Requires-Python: <3\nRequires-Dist: no-such-package-anywhere\n",
        )
        wheel.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nTag: py3-none-any\n")
        wheel.writestr(f"{info}/RECORD", "")
    return path


def write_registry(path: Path, files: Mapping[str, bytes], *wheels: str, **changes: object) -> Path:
    """Write a registry that holds one model, "tiny", whose files come from wheels."""
    row = {
        "name": "tiny",
        "kind": "encoder",
        "licence": "MIT",
        "runtime": "onnx",
        "pooling": "mean",
        "max_tokens": 8,
        "query_prefix": "query: ",
    } | changes
    lines = ["[[model]]", *(f"{key} = {json.dumps(value)}" for key, value in row.items())]
    sources = ", ".join(f'{{ wheel = "{wheel}", folder = "tiny/data" }}' for wheel in wheels)
    lines.append(f"sources = [{sources}]")
    for name, content in files.items():
        sha256 = hashlib.sha256(content).hexdigest()
        lines += ["[[model.files]]", f'name = "{name}"', f"bytes = {len(content)}"]
        lines.append(f'sha256 = "{sha256}"')
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join(lines), encoding="utf-8")
    return path
