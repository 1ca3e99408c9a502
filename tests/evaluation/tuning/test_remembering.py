from dataclasses import replace

import numpy as np
import pytest
from encoders import WordEncoder
from hypothesis import given, settings
from hypothesis import strategies as st
from library import build, write_texts
from rerankers import WordReranker

from ctqa.answering.qa import QA
from ctqa.config import SearchConfig
from ctqa.evaluation.tuning.remembering import (
    RememberingEncoder,
    RememberingIndex,
    RememberingReranker,
)
from ctqa.index.local import open_index

WORDS = [
    "lake",
    "night",
    "train",
    "licence",
    "dog",
    "ticket",
    "post",
    "deepest",
    "bicycle",
    "fishing",
]
DEPTH = 20


@pytest.fixture(scope="module")
def pair(tmp_path_factory):
    """Open one index twice: as it is, and so that it remembers."""
    root = tmp_path_factory.mktemp("remembering")
    texts = {
        f"{n}.txt": f"The {WORDS[n % 10]} and the {WORDS[n // 3 % 10]} are near number {n}.\n"
        for n in range(30)
    }
    build(write_texts(root / "documents", texts), root / "index")
    config = SearchConfig(rerank=0, passages=40)
    index = RememberingIndex.over(open_index(root / "index"), DEPTH)
    models = WordEncoder(), WordReranker()
    plain = QA(open_index(root / "index"), *models, config)
    remembering = QA(index, RememberingEncoder(models[0]), RememberingReranker(models[1]), config)
    yield plain, remembering
    plain.close()
    remembering.close()


@settings(max_examples=60)
@given(
    st.lists(st.sampled_from(WORDS), min_size=1, max_size=3),
    st.sampled_from([0.0, 0.3, 1.0]),
    st.integers(1, DEPTH + 5),
    st.integers(0, 6),
)
def test_what_is_found_is_the_same_in_whatever_order_settings_are_tried(
    pair, words, weight, candidates, most
):
    plain, remembering = pair
    config = replace(plain.config, dense_weight=weight, candidates=candidates, rerank=most)
    questions = [f"Where is the {word}?" for word in words]
    wanted = plain.search_many(questions, config=config)
    assert remembering.search_many(questions, config=config) == wanted


def test_a_question_is_encoded_once_and_a_pair_read_once():
    encoder, reranker = WordEncoder(), WordReranker()
    once, read = RememberingEncoder(encoder), RememberingReranker(reranker)
    first = once.encode_queries(["a lake", "a dog", "a lake"])
    assert np.array_equal(once.encode_queries(["a dog", "a lake"]), first[[1, 2]])
    assert encoder.encoded == ["a lake", "a dog"]
    assert once.identity == encoder.identity
    assert list(read.score("a lake", ["x", "lake"])) == list(read.score("a lake", ["x", "lake"]))
    assert len(reranker.read) == 2


def test_more_questions_than_are_kept_are_found_all_the_same(pair):
    plain, remembering = pair
    questions = [f"Where is the {WORDS[n % 10]} number {n}?" for n in range(300)]
    wanted = plain.search_many(questions)
    assert remembering.search_many(questions) == wanted
    assert remembering.search_many(questions[::-1]) == wanted[::-1]
