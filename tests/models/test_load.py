import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from tiny_models import onnx_files, torch_files, write_files, write_registry

import ctqa.models
from ctqa.errors import ModelError
from ctqa.models import is_apart, load_encoder
from ctqa.models.registry import read_registry

ENCODERS = [spec.name for spec in read_registry() if spec.kind == "encoder"]
HEAVY = {"huggingface_hub", "onnxruntime", "sentence_transformers", "tokenizers", "torch"}

# Ends with an error at the first attempt to reach any network, the machine's own included.
OFFLINE = """
import sys

def refuse(event, arguments):
    if event in ("socket.connect", "socket.getaddrinfo", "socket.sendto", "socket.bind"):
        print("REACHED FOR THE NETWORK:", event, arguments[1:], flush=True)
        raise SystemExit("network")

sys.addaudithook(refuse)
from ctqa.models import load_encoder
for name in sys.argv[1:]:
    encoder = load_encoder(name)
    encoder.encode_queries(["tea"])
    print(encoder.identity.name)
"""


def run(code: str, *arguments: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", code, *arguments],
        env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)},
        check=False,
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_what_is_exported_is_there() -> None:
    assert all(hasattr(ctqa.models, name) for name in ctqa.models.__all__)
    assert ctqa.models.__all__ == sorted(ctqa.models.__all__)


def test_importing_loads_no_heavy_library() -> None:
    loaded = run("import json, sys, ctqa.models; print(json.dumps(sorted(sys.modules)))")
    assert set(json.loads(loaded)) & HEAVY == set()


def test_loading_does_not_reach_for_the_network(tmp_path: Path) -> None:
    onnx = write_files(onnx_files(), tmp_path / "onnx")
    bert = write_files(torch_files(), tmp_path / "bert")
    assert run(OFFLINE, str(onnx), str(bert)).split() == ["onnx", "bert"]


@pytest.mark.model
def test_loading_real_models_does_not_reach_for_the_network() -> None:
    assert run(OFFLINE, *ENCODERS).split() == ENCODERS


def test_a_reranker_is_no_encoder(tmp_path: Path) -> None:
    files = onnx_files()
    changes = {"kind": "reranker", "pooling": "none"}
    registry = write_registry(tmp_path / "registry.toml", files, **changes)
    write_files(files, tmp_path / "tiny")
    with pytest.raises(ModelError, match="tiny is a reranker; expected an encoder"):
        load_encoder("tiny", folder=tmp_path, registry=registry)


def test_only_what_onnx_runs_can_be_loaded_beside_other_imports(tmp_path: Path) -> None:
    apart = {spec.name: is_apart(spec.name, folder=tmp_path) for spec in read_registry()}
    assert apart == {spec.name: spec.runtime == "onnx" for spec in read_registry()}
    assert set(apart.values()) == {True, False}
    assert not is_apart(str(tmp_path))  # whatever is in it
    assert not is_apart("no-such-model")


def test_an_unknown_name_is_no_encoder(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"did you mean bge-small-en-v1\.5"):
        load_encoder("bge-small-en", folder=tmp_path)


@pytest.mark.model
@pytest.mark.parametrize("name", ENCODERS)
def test_a_paraphrase_is_nearer_than_another_subject(name: str) -> None:
    encoder = load_encoder(name)
    question = encoder.encode_queries(["What help do unpaid carers get for their costs?"])[0]
    near, far = encoder.encode_passages(
        [
            "People who look after a relative without pay can claim an allowance each week.",
            "The ambulance service answered nine in ten calls within eight minutes.",
        ]
    )
    assert float(question @ near) > float(question @ far) + 0.05


@pytest.mark.model
@pytest.mark.parametrize("name", ENCODERS)
def test_token_ends_of_real_models_cut_text_at_its_words(name: str) -> None:
    encoder = load_encoder(name)
    text = "Carers’ allowance: £76.75 a week"
    (ends,) = encoder.token_ends([text])
    assert [text[:end].rsplit(maxsplit=1)[-1] for end in ends][-2:] == ["a", "week"]
    assert ends == sorted(ends)
    assert np.all(np.array(ends) <= len(text))
