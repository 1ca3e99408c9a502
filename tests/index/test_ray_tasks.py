"""What a worker of a cluster does, in this process: what it refuses, and how it reads."""

import os
import signal
import socket
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread

import numpy as np
import pytest
from encoders import WordEncoder
from library import write_texts
from sources.pdfs import make_pdf

from ctqa import api
from ctqa.cli import main
from ctqa.config import IndexConfig
from ctqa.errors import ConfigError, CtqaError, ModelError
from ctqa.index import ray_connection, ray_tasks
from ctqa.index.ray_connection import RayCluster
from ctqa.index.ray_tasks import Terms
from ctqa.sources import Citations, FoundFile, ReadOptions, load_citations, read_file, walk

Captured = pytest.CaptureFixture[str]
CONFIG = IndexConfig(encoder="words", passage_tokens=24, overlap_tokens=8)
LIBRARIES = ("ctqa", "pypdf")


@pytest.fixture(autouse=True)
def afresh(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Be a worker that has done nothing yet, and to which a model is a word encoder."""
    monkeypatch.setattr(ray_tasks, "load_encoder", lambda *_, **__: WordEncoder())
    yield
    ray_tasks._readers(ReadOptions()).__exit__()
    for cached in (ray_tasks.agreed, ray_tasks._readers, ray_tasks._code):
        cached.cache_clear()


@pytest.fixture
def terms() -> Terms:
    return Terms.of(WordEncoder(), CONFIG, LIBRARIES)


def test_texts_get_the_vectors_that_they_get_here(terms: Terms) -> None:
    texts = ["Wastwater is deep.", "", "Trains run."]
    found = ray_tasks.encode(terms, texts)
    assert found.vectors.tobytes() == WordEncoder().encode_passages(texts).tobytes()
    assert found.seconds > 0


def other_probes(terms: Terms) -> Terms:
    """Terms of a processor that computes the opposite."""
    vectors = -np.frombuffer(terms.probes, dtype=np.float32)
    return replace(terms, probes=vectors.tobytes())


@pytest.mark.parametrize(
    ("change", "error", "said"),
    [
        (
            lambda t: replace(t, versions=(("ctqa", "9.9"),)),
            ConfigError,
            "has ctqa .* expected 9.9",
        ),
        (lambda t: replace(t, versions=(("python", "2.7"),)), ConfigError, "expected 2.7"),
        (lambda t: replace(t, versions=(("no-such", "1"),)), ConfigError, "no-such none; exp"),
        (lambda t: replace(t, code="other"), ConfigError, "a CTQA of other code"),
        (
            lambda t: replace(t, encoder=WordEncoder(name="others").identity),
            ModelError,
            "another model words .* `ctqa models fetch words`",
        ),
        (other_probes, ModelError, r"gives other vectors by words \(cosine -1.0000, expected 0.99"),
    ],
)
def test_a_worker_that_is_otherwise_does_nothing(
    terms: Terms, change: Callable[[Terms], Terms], error: type[CtqaError], said: str
) -> None:
    with pytest.raises(error, match=said):
        ray_tasks.encode(change(terms), ["text"])


def test_a_worker_without_the_model_says_how_to_fetch_it(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.undo()
    monkeypatch.setenv("CTQA_MODELS", str(tmp_path))
    terms = replace(Terms.of(WordEncoder(), CONFIG, LIBRARIES), config=IndexConfig())
    said = r"on a worker \(.*\): model bge-small-en-v1.5 is not .* `ctqa models fetch bge-small"
    with pytest.raises(ModelError, match=said):
        ray_tasks.encode(terms, ["text"])


def found_and_bytes(path: Path) -> tuple[FoundFile, bytes]:
    (found,) = walk([path])
    return found, path.read_bytes()


def test_a_file_is_read_as_it_is_read_here(terms: Terms, tmp_path: Path) -> None:
    (tmp_path / "a.pdf").write_bytes(make_pdf("Wastwater is 79 metres deep.", "", "Boats."))
    (tmp_path / "sources.csv").write_text("path,title\na.pdf,The Lakes\n")
    found, data = found_and_bytes(tmp_path / "a.pdf")
    citations = load_citations([found])
    (tmp_path / "a.pdf").unlink()  # the worker need not have it
    read = ray_tasks.read(terms, found, data, citations.for_one(found.path), ReadOptions())
    (tmp_path / "a.pdf").write_bytes(data)
    assert read.file == read_file(found, citations)
    assert read.file.documents[0].source.title == "The Lakes"
    assert read.split is not None
    assert [each.document for each in read.split] == list(read.file.documents)
    assert read.split[0].passages[0].search_text.startswith("The Lakes\n")


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such signals")
def test_a_crash_over_a_page_costs_that_page_alone_and_the_worker_nothing(
    terms: Terms, tmp_path: Path
) -> None:
    (tmp_path / "a.pdf").write_bytes(make_pdf(*(f"Words of page {n}." for n in range(400))))
    found, data = found_and_bytes(tmp_path / "a.pdf")
    readers = ray_tasks._readers(ReadOptions())
    with ThreadPoolExecutor(1) as pool:
        reading = pool.submit(ray_tasks.read, terms, found, data, Citations(), ReadOptions())
        while readers.pages < 3:
            assert not reading.done()
            time.sleep(0.01)
        os.kill(readers._children[0]._process.pid, signal.SIGKILL)
        read = reading.result()
    states = [page.state for page in read.file.documents[0].pages]
    assert (states.count("failed"), states.count("text")) == (1, 399)


def test_scans_are_not_given_to_a_worker_that_cannot_read_them(
    terms: Terms, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "rapidocr", None)
    (tmp_path / "a.pdf").write_bytes(make_pdf("Words."))
    found, data = found_and_bytes(tmp_path / "a.pdf")
    with pytest.raises(ConfigError, match=r"nothing to read scans with; expected .*ctqa\[ocr\]"):
        ray_tasks.read(terms, found, data, Citations(), ReadOptions(ocr=True))


@pytest.mark.parametrize(
    "address", ["", "here", "host:", ":6379", "http://host:1", "host:port", "a@b:1", "host:1/x"]
)
def test_what_is_no_address_is_refused(address: str) -> None:
    with pytest.raises(ConfigError, match="expected auto, HOST:PORT or ray://HOST:PORT"):
        RayCluster.connect(address)


@pytest.mark.parametrize("form", ["127.0.0.1:{}", "ray://127.0.0.1:{}", "[::1]:{}"])
def test_nobody_there_is_told_at_once(form: str, free_port: int) -> None:
    with pytest.raises(ConfigError, match="the cluster cannot be reached"):
        RayCluster.connect(form.format(free_port))


@pytest.mark.parametrize("form", ["127.0.0.1:{}", "ray://127.0.0.1:{}"])
def test_what_is_no_cluster_is_told_at_once(form: str) -> None:
    with HTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler) as server:
        serving = Thread(target=server.serve_forever)
        serving.start()
        try:
            with pytest.raises(ConfigError, match="what listens there is no Ray cluster; its por"):
                RayCluster.connect(form.format(server.server_port))
        finally:
            server.shutdown()
            serving.join()


def test_who_says_nothing_is_not_waited_for_long(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ray_connection, "_ANSWER_S", 0.2)
    with (
        socket.create_server(("127.0.0.1", 0)) as server,
        pytest.raises(ConfigError, match="what listens there is no Ray cluster"),
    ):
        RayCluster.connect(f"127.0.0.1:{server.getsockname()[1]}")


def test_a_wrong_address_is_an_error_where_nothing_has_changed_and_before_all_else(
    tmp_path: Path, free_port: int, monkeypatch: pytest.MonkeyPatch, capsys: Captured
) -> None:
    monkeypatch.setattr(api, "load_encoder", lambda *_, **__: WordEncoder())
    documents, index = write_texts(tmp_path / "documents"), tmp_path / "index"
    command = ["build", str(documents), "--index", str(index), "--set", "encoder=words"]
    assert main(command) == 0
    monkeypatch.setattr(api, "load_encoder", None)  # nothing is to be loaded for it
    assert main([*command, "--ray", f"127.0.0.1:{free_port}"]) == 2
    assert "the cluster cannot be reached" in capsys.readouterr().err


def test_what_auto_stands_for_is_tried_as_well(
    free_port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    there = f"127.0.0.1:{free_port}"
    monkeypatch.setenv("RAY_ADDRESS", there)
    with pytest.raises(ConfigError, match=f"auto: the cluster at {there}, which RAY_ADDRESS or"):
        RayCluster.connect("auto")


@pytest.fixture
def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port: int = server.getsockname()[1]
    return port


def test_without_ray_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "ray", None)
    with pytest.raises(ConfigError, match=r'`pip install "ctqa\[ray\]"` brings it'):
        RayCluster.connect("auto")
