"""Models that are loaded behind: what is known at once, and what is waited for."""

import threading
from pathlib import Path

import pytest
from tiny_models import onnx_files, write_files

from ctqa.errors import ModelError
from ctqa.models import Behind, EncoderIdentity, begin, load_encoder


@pytest.fixture
def model(tmp_path: Path) -> str:
    return str(write_files(onnx_files(), tmp_path / "model"))


def unchecked(identity: EncoderIdentity) -> None:
    """Take any encoder."""


def test_it_encodes_as_the_model_does_that_was_waited_for(model: str) -> None:
    at_once, behind = load_encoder(model), Behind()
    encoder = behind.encoder(model, at_once.identity, unchecked)
    assert encoder.identity == at_once.identity
    assert not behind.is_over
    assert behind.is_apart
    assert (encoder.encode_queries(["tea"]) == at_once.encode_queries(["tea"])).all()
    assert (encoder.encode_passages(["tea"]) == at_once.encode_passages(["tea"])).all()
    assert encoder.token_ends(["care home"]) == at_once.token_ends(["care home"])
    assert behind.is_over
    assert behind.problems == ()


def test_a_model_that_is_not_there_or_another_kind_is_told_at_once(model: str) -> None:
    behind = Behind()
    with pytest.raises(ModelError, match="expected a reranker"):
        behind.reranker(model)
    with pytest.raises(ModelError, match="expected an extractive-QA model"):
        behind.span_reader(model)
    with pytest.raises(ModelError):
        behind.encoder("no-such-model", load_encoder(model).identity, unchecked)
    assert behind.is_over


def test_all_who_wait_get_what_was_loaded_once(model: str) -> None:
    checks: list[EncoderIdentity] = []
    behind = Behind()
    encoder = behind.encoder(model, load_encoder(model).identity, checks.append)
    threads = [threading.Thread(target=encoder.encode_queries, args=(["tea"],)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(checks) == 1


def test_what_the_check_refuses_is_told_to_who_waits(model: str) -> None:
    def refuse(identity: EncoderIdentity) -> None:
        raise ModelError(f"{identity.name}: not this one")

    behind = Behind()
    encoder = behind.encoder(model, load_encoder(model).identity, refuse)
    with pytest.raises(ModelError, match="not this one"):
        encoder.encode_queries(["tea"])
    assert "not this one" in behind.problems[0]


def test_what_is_begun_goes_on_while_other_work_is_done() -> None:
    met = threading.Barrier(2)
    wait = begin(lambda: met.wait(10))
    met.wait(10)  # else neither would go on
    assert wait() in {0, 1}
    assert wait() == wait()  # waited for again, it is the same


def test_what_is_begun_tells_its_error_to_who_waits() -> None:
    def fail() -> str:
        raise ModelError("it is not there")

    wait = begin(fail)
    for _ in range(2):
        with pytest.raises(ModelError, match="it is not there"):
            wait()
