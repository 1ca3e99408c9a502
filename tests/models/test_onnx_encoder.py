import threading
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tiny_models import CLS, DIMENSION, SEP, TABLE, UNK, WORDS, onnx_files, onnx_graph, write_files

from ctqa.errors import ModelError
from ctqa.models import Encoder, Vectors, load_encoder, ready
from ctqa.models.onnx import Graph, side_by_side
from ctqa.models.registry import find
from ctqa.models.tokens import Limited, open_tokenizer, token_ends

PROMPTS = b'{"prompts": {"query": "query: ", "document": "passage: "}}'
LIMIT = b'{"max_seq_length": 8}'
CLS_POOLING = b'{"pooling_mode_cls_token": true}'


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    settings = {
        "config_sentence_transformers.json": PROMPTS,
        "sentence_bert_config.json": LIMIT,
    }
    return write_files(onnx_files() | settings, tmp_path_factory.mktemp("tiny") / "tiny")


@pytest.fixture(scope="module")
def encoder(folder: Path) -> Encoder:
    return load_encoder(str(folder))


def mean_of(*words: str) -> Vectors:
    """The vector by definition: the mean of the rows of [CLS], the words, and [SEP], normalised."""
    rows = [CLS, *(WORDS.index(word) if word in WORDS else UNK for word in words), SEP]
    mean: Vectors = TABLE[rows].mean(axis=0)
    return mean / np.linalg.norm(mean)


def test_a_vector_is_what_the_definition_says(encoder: Encoder) -> None:
    (passage,) = encoder.encode_passages(["Care home."])
    (query,) = encoder.encode_queries(["Care home."])
    assert np.allclose(passage, mean_of("passage", ":", "care", "home", "."), atol=1e-6)
    assert np.allclose(query, mean_of("query", ":", "care", "home", "."), atol=1e-6)


def test_cls_pooling_takes_the_first_row(tmp_path: Path) -> None:
    files = onnx_files() | {"1_Pooling/config.json": CLS_POOLING}
    own = load_encoder(str(write_files(files, tmp_path / "tiny")))
    (vector,) = own.encode_passages(["tea"])
    assert np.allclose(vector, TABLE[CLS] / np.linalg.norm(TABLE[CLS]), atol=1e-6)
    assert own.identity.pooling == "cls"


def test_the_identity_tells_all_that_decides_a_vector(encoder: Encoder, folder: Path) -> None:
    identity = encoder.identity
    assert (identity.name, identity.dimension, identity.pooling) == ("tiny", DIMENSION, "mean")
    assert identity.max_tokens == 8 - 2 - 2
    assert (identity.query_prefix, identity.passage_prefix) == ("query: ", "passage: ")
    assert load_encoder(str(folder)).identity.key == identity.key


def test_a_text_is_read_up_to_max_tokens_and_no_further(encoder: Encoder) -> None:
    whole, longer, shorter = encoder.encode_passages(["tea " * 4, "tea " * 4 + "home", "tea " * 3])
    assert np.array_equal(whole, longer)
    assert not np.array_equal(whole, shorter)


def test_nothing_gives_no_rows_and_an_empty_text_gives_one(encoder: Encoder) -> None:
    assert encoder.encode_passages([]).shape == (0, DIMENSION)
    assert encoder.encode_queries([]).shape == (0, DIMENSION)
    assert encoder.token_ends([]) == []
    (empty,) = encoder.encode_passages([""])
    assert np.allclose(empty, mean_of("passage", ":"), atol=1e-6)
    assert encoder.token_ends([""]) == [[]]


def test_a_lone_surrogate_is_no_obstacle(encoder: Encoder) -> None:
    assert encoder.encode_passages(["tea \ud800"]).shape == (1, DIMENSION)


@settings(deadline=None)
@given(st.lists(st.text("teacarhom .\né\ud800", max_size=30), max_size=12))
def test_a_text_has_the_same_bytes_alone_and_in_any_company(
    encoder: Encoder, texts: list[str]
) -> None:
    together = encoder.encode_passages(texts)
    assert together.dtype == np.float32
    assert together.shape == (len(texts), DIMENSION)
    assert np.allclose(np.linalg.norm(together, axis=1), 1, atol=1e-6)
    alone = [encoder.encode_passages([text])[0] for text in texts]
    assert all(np.array_equal(row, one) for row, one in zip(together, alone, strict=True))


def test_ten_thousand_texts_keep_their_order(encoder: Encoder) -> None:
    texts = ["tea", "care home", "home tea tea"] * 3334
    rows = encoder.encode_passages(texts)
    expected = np.stack([mean_of("passage", ":", *text.split()) for text in texts[:3]])
    assert np.allclose(rows, np.tile(expected, (3334, 1)), atol=1e-6)


def test_threads_may_share_an_encoder(encoder: Encoder) -> None:
    texts = [f"tea {'home ' * n}" for n in range(50)]
    expected = encoder.encode_passages(texts)
    found: list[Vectors] = []
    threads = [
        threading.Thread(target=lambda: found.append(encoder.encode_passages(texts)))
        for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 4
    assert all(np.array_equal(rows, expected) for rows in found)


def test_an_error_in_one_item_reaches_the_caller() -> None:
    def fail_at_three(item: int) -> int:
        if item == 3:
            raise ModelError("three")
        return item

    with pytest.raises(ModelError, match="three"):
        side_by_side(fail_at_three, range(100))
    assert side_by_side(fail_at_three, [1, 2]) == [1, 2]
    assert side_by_side(fail_at_three, []) == []


def test_a_graph_may_leave_token_types_out(tmp_path: Path, encoder: Encoder) -> None:
    graph = onnx_graph(inputs=("input_ids", "attention_mask"))
    own = load_encoder(str(write_files(onnx_files() | {"model.onnx": graph}, tmp_path / "tiny")))
    assert np.allclose(own.encode_passages(["tea"])[0], mean_of("tea"), atol=1e-6)


@pytest.mark.parametrize(
    ("graph", "told"),
    [
        (b"no graph", "cannot be loaded"),
        (b"", "cannot be loaded"),
        (onnx_graph(inputs=("input_ids", "position_ids")), "asks for 'position_ids'"),
        (onnx_graph(table=TABLE[:2]), "cannot be run"),
    ],
)
def test_a_graph_that_is_no_encoder_is_refused(tmp_path: Path, graph: bytes, told: str) -> None:
    folder = write_files(onnx_files() | {"model.onnx": graph}, tmp_path / "tiny")
    with pytest.raises(ModelError, match=rf"model\.onnx: .*{told}"):
        load_encoder(str(folder))


def test_an_output_of_another_rank_is_refused(folder: Path) -> None:
    graph = Graph.open(folder / "model.onnx")
    assert graph.output(rank=3) == "last_hidden_state"
    with pytest.raises(ModelError, match="expected an output of rank 2, found last_hidden_state"):
        graph.output(rank=2)


INT8_MODELS = ["bge-small-en-v1.5", "e5-small-v2"]
TEXTS = [
    "Unpaid carers can claim an allowance of £76.75 a week.",
    "",
    "The ambulance service missed its target in every month of 2022. " * 40,
    "Tea",
    "Social care is funded by councils, which means-test almost everyone who asks for help.",
]


@pytest.mark.model
@pytest.mark.parametrize("name", INT8_MODELS)
def test_real_vectors_equal_a_plain_computation(name: str) -> None:
    import onnxruntime  # noqa: PLC0415 - heavy

    spec = find(name)
    assert spec is not None
    tokenizer = Limited(open_tokenizer(ready(name) / "tokenizer.json"), spec.max_tokens)
    session = onnxruntime.InferenceSession(
        ready(name) / "model.onnx", disabled_optimizers=["SkipLayerNormFusion"]
    )
    encoder = load_encoder(name)
    for row, text in zip(encoder.encode_passages(TEXTS), TEXTS, strict=True):
        ids = np.array([tokenizer.encode(spec.passage_prefix + text).ids], dtype=np.int64)
        feed = {
            "input_ids": ids,
            "attention_mask": np.ones_like(ids),
            "token_type_ids": np.zeros_like(ids),
        }
        states = session.run(["last_hidden_state"], feed)[0][0]
        pooled = states[0] if name.startswith("bge") else states.sum(axis=0) / len(states)
        assert float(row @ pooled / np.linalg.norm(pooled)) == pytest.approx(1, abs=1e-6)


@pytest.mark.model
@pytest.mark.parametrize("name", INT8_MODELS)
def test_real_vectors_do_not_depend_on_their_company(name: str) -> None:
    encoder = load_encoder(name)
    together = encoder.encode_passages(TEXTS)
    assert np.allclose(np.linalg.norm(together, axis=1), 1, atol=1e-6)
    assert np.array_equal(encoder.encode_passages(TEXTS[::-1])[::-1], together)
    assert np.array_equal(load_encoder(name).encode_passages(TEXTS[2:3])[0], together[2])


@pytest.mark.model
@pytest.mark.parametrize("name", INT8_MODELS)
@settings(deadline=None, max_examples=30)
@given(text=st.text(st.characters()))
def test_real_token_ends_stay_in_the_text_and_in_order(name: str, text: str) -> None:
    (ends,) = token_ends(open_tokenizer(ready(name) / "tokenizer.json"), [text])
    assert ends == sorted(ends)
    assert all(0 < end <= len(text) for end in ends)
