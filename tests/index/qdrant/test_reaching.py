"""Clusters that are not there, or not yet, or not Qdrant's: told at once, in words that help."""

import json
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread, Timer

import pytest
from encoders import WordEncoder
from library import build
from storing import build_in, found_wrong

from bench.qdrant_nodes import Node
from ctqa import api
from ctqa.cli import main
from ctqa.errors import ConfigError, IndexLoadError, IndexWriteError
from ctqa.index.archive_cluster import export_to_cluster
from ctqa.index.local import open_index
from ctqa.index.qdrant import cluster as talking
from ctqa.index.qdrant.writing import Writing
from ctqa.index.verify import verify_index

Captured = pytest.CaptureFixture[str]


@pytest.fixture(autouse=True)
def quickly(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(talking, "_KNOCK_WAITS_S", (0.01,) * 4)
    monkeypatch.setattr(talking, "READING_S", 0.1)


@pytest.fixture
def nowhere() -> str:
    """Give an address at which nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        return f"qdrant://127.0.0.1:{server.getsockname()[1]}/docs"


@pytest.fixture
def no_encoder(monkeypatch: pytest.MonkeyPatch) -> None:
    """Fail where an encoder is loaded: nothing is to be encoded in vain."""

    def load(name: str, **_: object) -> WordEncoder:
        raise AssertionError(name)

    monkeypatch.setattr(api, "load_encoder", load)


def told_by(capsys: Captured, *arguments: object) -> tuple[int, str]:
    code = main([str(each) for each in arguments])
    out, err = capsys.readouterr()
    assert out == ""
    return code, err


@pytest.mark.usefixtures("no_encoder")
def test_a_build_tries_the_cluster_before_all_else_and_tells_of_it(
    tmp_path: Path, documents: Path, nowhere: str, capsys: Captured
) -> None:
    command = ("build", documents, "--index", tmp_path / "index", "--store", nowhere)
    code, said = told_by(capsys, *command)
    *tries, last = said.splitlines()
    place = nowhere.split("/")[2]
    assert code == 5
    assert tries == [
        f"ctqa: {nowhere} cannot be used ({place}: nothing listens there); trying again ({n} of 5)"
        for n in (2, 3, 4, 5)
    ]
    assert f"({place}: nothing listens there), tried 5 times; " in last
    assert "nothing was done yet, and `--store local` needs no cluster" in last
    assert "Errno" not in said
    assert not (tmp_path / "index").exists()
    for quietly in ("--quiet", "--json"):
        assert told_by(capsys, *command, quietly) == (5, f"{last}\n")


@pytest.mark.usefixtures("no_encoder")
def test_so_does_adding_before_anything_is_taken_in(
    tmp_path: Path, documents: Path, lone: Node, capsys: Captured
) -> None:
    index, listed = tmp_path / "index", documents / ".ctqaignore"
    listed.write_text("lakes.txt\n")
    build_in(f"qdrant://{lone.host}/docs", documents, index)
    lone.kill()
    code, said = told_by(capsys, "add", documents / "lakes.txt", "--index", index, "--quiet")
    assert (code, listed.read_text()) == (5, "lakes.txt\n")
    assert "nothing was done yet" in said


def test_a_host_of_no_known_name_is_told(tmp_path: Path, documents: Path) -> None:
    store = "qdrant://no-such-host.invalid:6333,127.0.0.1:9/docs"
    with pytest.raises(IndexLoadError) as error:
        with_store(store, documents, tmp_path / "index")
    assert "no-such-host.invalid:6333: no such host is known; 127.0.0.1:9: nothing" in str(
        error.value
    )


def with_store(store: str, documents: Path, index: Path) -> None:
    config = api.IndexConfig(encoder="words", store=store)
    api.build([documents], index, config=config)


def test_a_server_that_is_just_starting_is_waited_for(
    tmp_path: Path, documents: Path, lone: Node, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(talking, "_KNOCK_WAITS_S", (1.0,) * 20)
    monkeypatch.setattr(api, "load_encoder", lambda *_, **__: WordEncoder())
    lone.stop()
    starting = Timer(1.5, lone.start)
    starting.start()
    with_store(f"qdrant://{lone.host}/docs", documents, tmp_path / "index")
    starting.join()
    assert found_wrong(tmp_path / "index") == []


class Stranger(BaseHTTPRequestHandler):
    """A server of something else."""

    said = b"<html>Hello</html>"

    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()
        self.wfile.write(self.said)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@contextmanager
def stranger(said: bytes) -> Iterator[str]:
    with HTTPServer(("127.0.0.1", 0), type("Saying", (Stranger,), {"said": said})) as server:
        serving = Thread(target=server.serve_forever)
        serving.start()
        yield f"qdrant://127.0.0.1:{server.server_port}/docs"
        server.shutdown()
        serving.join()


@pytest.mark.usefixtures("no_encoder")
@pytest.mark.parametrize("said", [b"<html>Hello</html>", b'{"hello": 1}', b"{}", b""])
def test_what_is_no_qdrant_server_is_told_at_once(
    tmp_path: Path, documents: Path, said: bytes
) -> None:
    with (
        stranger(said) as store,
        pytest.raises(IndexLoadError, match="is no Qdrant server\\), tried once; see that host"),
    ):
        with_store(store, documents, tmp_path / "index")


def test_a_cluster_that_goes_while_a_build_is_sent_is_told_with_what_is_kept(
    tmp_path: Path, documents: Path, lone: Node, monkeypatch: pytest.MonkeyPatch, capsys: Captured
) -> None:
    monkeypatch.setattr(talking, "WRITING_S", 2.0)
    monkeypatch.setattr("ctqa.index.qdrant.writing._AT_ONCE", 10)
    monkeypatch.setattr(api, "load_encoder", lambda *_, **__: WordEncoder())
    whole = Writing._put

    def dying(self: Writing, points: list[object]) -> None:
        whole(self, points)
        lone.kill()

    monkeypatch.setattr(Writing, "_put", dying)
    store, index = f"qdrant://{lone.host}/docs", tmp_path / "index"
    command = ("build", documents, "--index", index, "--store", store, "--encoder", "words")
    code, said = told_by(capsys, *command)
    assert code == 5
    assert said.count("nothing listens there); trying again for a while") == 1
    assert "build again: what was read, encoded and sent is kept" in said
    assert "Errno" not in said
    monkeypatch.setattr(Writing, "_put", whole)
    lone.start()
    assert main([*map(str, command), "--json"]) == 0
    report = json.loads(capsys.readouterr().out)
    assert (report["build"], report["encoded"]) == (1, 0)
    assert found_wrong(index) == []


def test_each_command_gives_the_advice_that_fits_it(
    tmp_path: Path, documents: Path, nowhere: str, capsys: Captured
) -> None:
    index, other = tmp_path / "index", tmp_path / "other"
    build(documents, index)
    code, said = told_by(capsys, "export", "--index", index, "--to", nowhere, "--quiet")
    assert code == 5
    assert "export again; the index is as it was, and `ctqa export --to FILE` needs" in said
    code, said = told_by(capsys, "import", nowhere, "--index", other, "--quiet")
    assert code == 5
    assert "import again; no index was made" in said
    assert "ctqa build" not in said
    assert not other.exists()


def test_an_export_that_loses_its_cluster_says_what_fits_an_export(
    tmp_path: Path, documents: Path, lone: Node, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(talking, "WRITING_S", 0.1)
    monkeypatch.setattr(Writing, "_put", lambda *_: lone.kill())
    build(documents, tmp_path / "index")
    with pytest.raises((IndexWriteError, IndexLoadError)) as error:
        export_to_cluster(tmp_path / "index", f"qdrant://{lone.host}/docs")
    assert "export again; the index is as it was" in str(error.value)
    assert "build" not in str(error.value)


def test_of_several_hosts_each_is_told_of_and_the_advice_stands_apart(
    tmp_path: Path, documents: Path, lone: Node
) -> None:
    build_in(f"qdrant://{lone.host},127.0.0.1:9/docs", documents, tmp_path / "index")
    lone.kill()
    (found,) = verify_index(tmp_path / "index", encoder=None).findings
    assert f"({lone.host}: nothing listens there; 127.0.0.1:9: nothing listens there)" in found.what
    assert found.mend.startswith("see that Qdrant runs there, then try again; if it is lost")


def test_an_index_whose_cluster_is_gone_says_how_to_do_without_it(
    tmp_path: Path, documents: Path, lone: Node
) -> None:
    build_in(f"qdrant://{lone.host}/docs", documents, tmp_path / "index")
    lone.kill()
    with pytest.raises(IndexLoadError, match="if it is lost, `ctqa build --store local` does"):
        open_index(tmp_path / "index")


@pytest.mark.usefixtures("no_encoder")
def test_a_key_is_not_sent_for_all_to_read(
    tmp_path: Path, documents: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CTQA_QDRANT_API_KEY", "secret")
    with pytest.raises(ConfigError, match=r"sent to http://192\.0\.2\.1:6333 unencrypted"):
        with_store("qdrant://192.0.2.1/docs", documents, tmp_path / "index")
