"""Opening an index while its models are already being loaded."""

from pathlib import Path

import pytest
from encoders import WordEncoder
from library import build, write_texts
from tiny_models import onnx_files, write_files

import ctqa
from ctqa.answering.qa import QA
from ctqa.config import IndexConfig, SearchConfig
from ctqa.errors import IndexLoadError, ModelError
from ctqa.models import load_encoder

PLAIN = SearchConfig(rerank=0)
QUESTION = "How deep is Wastwater?"


@pytest.fixture
def model(tmp_path: Path) -> str:
    return str(write_files(onnx_files(), tmp_path / "model"))


@pytest.fixture
def index(tmp_path: Path, model: str) -> Path:
    write_texts(tmp_path / "documents")
    config = IndexConfig(encoder=model, passage_tokens=24, overlap_tokens=8)
    build(tmp_path / "documents", tmp_path / "index", load_encoder(model), config)
    return tmp_path / "index"


def test_an_encoder_that_was_begun_is_the_one_that_encodes(tmp_path: Path) -> None:
    build(write_texts(tmp_path / "documents"), tmp_path / "index")
    encoder = WordEncoder()
    qa = QA.load(tmp_path / "index", PLAIN, begun=lambda: encoder)
    assert qa.search(QUESTION)
    assert QUESTION in encoder.encoded
    qa.close()


def test_one_that_was_begun_for_another_build_is_not_used(index: Path) -> None:
    other = WordEncoder()
    qa = QA.load(index, PLAIN, begun=lambda: other)
    assert qa.search(QUESTION) == ctqa.load(index, config=PLAIN).search(QUESTION)
    assert other.encoded == []
    qa.close()


def test_what_is_wrong_with_one_that_was_begun_is_told(index: Path) -> None:
    def missing() -> WordEncoder:
        raise ModelError("it is not there")

    with pytest.raises(ModelError, match="it is not there"):
        QA.load(index, PLAIN, begun=missing)


def test_nothing_is_begun_where_there_is_no_index(tmp_path: Path) -> None:
    with pytest.raises(IndexLoadError, match="there is no index here"):
        ctqa.load(tmp_path / "none")
