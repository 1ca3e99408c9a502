"""BERT models with weights drawn by lot whose tokenizer knows the words CTQA checks them with."""

import json
import re
from typing import Any

from tiny_models import tokenizer_json
from tokenizers import Tokenizer, models, processors

from ctqa.models.prepare_check import read_pairs

SPECIAL = ["[PAD]", "[UNK]", "[CLS]", "[SEP]"]
POSITIONS = 64
MEAN = {"pooling_mode_mean_tokens": True}


def worded_encoder_files(pooling: dict[str, bool] | None = None) -> dict[str, bytes]:
    """What an encoder consists of that finds passages by the words they share with a question."""
    from transformers import BertModel  # noqa: PLC0415 - heavy, and few tests need it

    modules = [
        {"idx": 0, "name": "0", "path": "", "type": "sentence_transformers.models.Transformer"},
        {
            "idx": 1,
            "name": "1",
            "path": "1_Pooling",
            "type": "sentence_transformers.models.Pooling",
        },
    ]
    pooled = {"word_embedding_dimension": 64, "pooling_mode_mean_tokens": False}
    pooled |= MEAN if pooling is None else pooling
    prompts = {"prompts": {"query": "about: "}}
    return _files(BertModel, "BertModel") | {
        "modules.json": json.dumps(modules).encode(),
        "1_Pooling/config.json": json.dumps(pooled).encode(),
        "config_sentence_transformers.json": json.dumps(prompts).encode(),
    }


def worded_reranker_files() -> dict[str, bytes]:
    """What a reranker consists of."""
    from transformers import BertForSequenceClassification  # noqa: PLC0415 - heavy

    return _files(BertForSequenceClassification, "BertForSequenceClassification", spread=0.3)


def _files(kind: Any, architecture: str, spread: float = 0.05) -> dict[str, bytes]:
    import torch  # noqa: PLC0415 - heavy, and few tests need it
    from safetensors.torch import save  # noqa: PLC0415
    from transformers import BertConfig  # noqa: PLC0415

    torch.manual_seed(3)
    words = _words()
    config = BertConfig(
        vocab_size=len(words),
        hidden_size=64,
        num_hidden_layers=1,
        num_attention_heads=2,
        intermediate_size=64,
        max_position_embeddings=POSITIONS,
        initializer_range=spread,
        architectures=[architecture],
    )
    config.num_labels = 1
    settings = {
        "tokenizer_class": "PreTrainedTokenizerFast",
        "model_input_names": ["input_ids", "token_type_ids", "attention_mask"],
        "model_max_length": POSITIONS,
        **{f"{name[1:-1].lower()}_token": name for name in SPECIAL},
    }
    return {
        "config.json": config.to_json_string().encode(),
        "model.safetensors": save(kind(config).state_dict(), metadata={"format": "pt"}),
        "tokenizer.json": _tokenizer(words).encode(),
        "tokenizer_config.json": json.dumps(settings).encode(),
    }


def _words() -> list[str]:
    texts = " ".join(f"{pair.question} {pair.passage}" for pair in read_pairs())
    return [*SPECIAL, "about", *sorted(set(re.findall(r"\w+|[^\w\s]", texts.lower())))]


def _tokenizer(words: list[str]) -> str:
    tokenizer = Tokenizer.from_str(tokenizer_json())
    tokenizer.model = models.WordLevel({word: i for i, word in enumerate(words)}, "[UNK]")
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]",
        pair="[CLS] $A [SEP] $B:1 [SEP]:1",
        special_tokens=[("[CLS]", 2), ("[SEP]", 3)],
    )
    text: str = tokenizer.to_str()
    return text
