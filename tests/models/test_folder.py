import hashlib
import json
from pathlib import Path
from typing import Any

import pytest
from tiny_models import write_files

from ctqa.errors import ModelError
from ctqa.models.folder import describe, onnx_graph

ONNX = {"model.onnx": b"graph", "tokenizer.json": b"{}"}
TORCH = {"model.safetensors": b"weights", "config.json": b"{}", "tokenizer.json": b"{}"}


def folder(path: Path, files: dict[str, bytes], **settings: Any) -> Path:
    configs = {name.replace("__", "/"): value for name, value in settings.items()}
    write_files(files, path)
    return write_files(
        {f"{name}.json": json.dumps(value).encode() for name, value in configs.items()}, path
    )


def test_an_onnx_folder_needs_no_more_than_graph_and_tokenizer(tmp_path: Path) -> None:
    spec = describe(folder(tmp_path / "own", ONNX))
    assert (spec.name, spec.kind, spec.runtime, spec.pooling) == ("own", "encoder", "onnx", "mean")
    assert (spec.max_tokens, spec.query_prefix, spec.passage_prefix) == (512, "", "")
    assert not spec.pinned
    assert spec.weights_sha256 == hashlib.sha256(b"graph").hexdigest()


def test_the_hubs_place_for_a_graph_is_known_and_weights_beside_it_count(tmp_path: Path) -> None:
    files = {"onnx/model.onnx": b"g", "onnx/model.onnx_data": b"w", "tokenizer.json": b"{}"}
    spec = describe(folder(tmp_path, files))
    assert onnx_graph(spec) == "onnx/model.onnx"
    assert [file.name for file in spec.files if file.is_weights] == [
        "onnx/model.onnx",
        "onnx/model.onnx_data",
    ]


def test_settings_of_sentence_transformers_are_read(tmp_path: Path) -> None:
    spec = describe(
        folder(
            tmp_path,
            ONNX,
            **{"1_Pooling__config": {"pooling_mode_cls_token": True, "include_prompt": True}},
            sentence_bert_config={"max_seq_length": 256},
            tokenizer_config={"model_max_length": 512},
            config_sentence_transformers={"prompts": {"query": "q: ", "passage": "p: "}},
        )
    )
    assert (spec.pooling, spec.max_tokens) == ("cls", 256)
    assert (spec.query_prefix, spec.passage_prefix) == ("q: ", "p: ")


@pytest.mark.parametrize(
    ("settings", "max_tokens"),
    [
        ({"sentence_bert_config": {"max_seq_length": None}}, 512),
        ({"tokenizer_config": {"model_max_length": 10**30}}, 512),
        ({"tokenizer_config": {"model_max_length": 384}}, 384),
        ({"config": {"max_position_embeddings": 2048}}, 2048),
    ],
)
def test_the_longest_sequence_is_the_first_one_stated(
    tmp_path: Path, settings: dict[str, Any], max_tokens: int
) -> None:
    assert describe(folder(tmp_path, ONNX, **settings)).max_tokens == max_tokens


def test_the_newer_form_of_pooling_is_read(tmp_path: Path) -> None:
    settings = {"1_Pooling__config": {"pooling_mode": "cls"}}
    assert describe(folder(tmp_path, ONNX, **settings)).pooling == "cls"


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        ({"1_Pooling__config": {"pooling_mode_max_tokens": True}}, "pools by max_tokens"),
        ({"1_Pooling__config": {"pooling_mode": ["cls", "mean"]}}, "pools by"),
        ({"modules": [{"type": "sentence_transformers.models.Dense", "path": ""}]}, "Dense"),
        ({"modules": {"type": "x"}}, "expected a JSON list"),
        ({"config": [1]}, "expected a JSON object"),
    ],
)
def test_what_an_onnx_encoder_cannot_do_is_refused(
    tmp_path: Path, settings: dict[str, Any], told: str
) -> None:
    with pytest.raises(ModelError, match=told):
        describe(folder(tmp_path, ONNX, **settings))


def test_malformed_settings_are_named(tmp_path: Path) -> None:
    folder(tmp_path, ONNX | {"config.json": b"{"})
    with pytest.raises(ModelError, match=r"config\.json: cannot be read as JSON"):
        describe(tmp_path)


def test_safetensors_come_before_onnx_and_modules_bring_their_own_files(tmp_path: Path) -> None:
    files = TORCH | ONNX | {"2_Dense/model.safetensors": b"dense", "2_Dense/config.json": b"{}"}
    modules = [{"type": "T", "path": ""}, {"type": "D", "path": "2_Dense"}]
    spec = describe(folder(tmp_path, files, modules=modules))
    assert (spec.runtime, spec.pooling) == ("sentence-transformers", "model")
    assert [file.name for file in spec.files if file.is_weights] == [
        "2_Dense/model.safetensors",
        "model.safetensors",
    ]


def test_a_cross_encoder_is_a_reranker(tmp_path: Path) -> None:
    config = {"architectures": ["BertForSequenceClassification"]}
    spec = describe(folder(tmp_path, ONNX, config=config))
    assert (spec.kind, spec.pooling) == ("reranker", "none")


@pytest.mark.parametrize(
    ("files", "told"),
    [
        ({"pytorch_model.bin": b"x", "config.json": b"{}"}, "pytorch_model.bin, a pickle"),
        ({"notes.md": b"x"}, "found neither"),
        ({"model.onnx": b"x"}, "found neither"),
        ({}, "found neither"),
    ],
)
def test_a_folder_without_a_model_is_refused(
    tmp_path: Path, files: dict[str, bytes], told: str
) -> None:
    with pytest.raises(ModelError, match=told):
        describe(folder(tmp_path, files))


def test_a_pickle_among_the_modules_is_refused(tmp_path: Path) -> None:
    files = TORCH | {"2_Dense/pytorch_model.bin": b"x"}
    with pytest.raises(ModelError, match=r"pytorch_model\.bin: is a pickle"):
        describe(folder(tmp_path, files, modules=[{"type": "D", "path": "2_Dense"}]))


def test_a_module_outside_the_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="leaves the folder"):
        describe(folder(tmp_path / "model", TORCH, modules=[{"type": "D", "path": "../other"}]))
