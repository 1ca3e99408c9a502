"""A real server that speaks TLS, by a certificate of an authority of our own."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from certificates import authority, certificate
from encoders import WordEncoder
from library import open_qa

from bench.qdrant_nodes import Certificate, Node, missing, nodes
from ctqa import api
from ctqa.config import IndexConfig
from ctqa.errors import ConfigError, IndexLoadError
from ctqa.index.qdrant import cluster as talking
from ctqa.index.report import BuildReport

KEY = "open sesame"


@pytest.fixture(scope="module")
def vouched(tmp_path_factory: pytest.TempPathFactory) -> Certificate:
    return certificate(authority(), tmp_path_factory.mktemp("certificates"))


@pytest.fixture(scope="module")
def secure(vouched: Certificate) -> Iterator[Node]:
    if reason := missing():
        pytest.skip(reason)
    with nodes(key=KEY, tls=vouched) as (started,):
        yield started


@pytest.fixture(autouse=True)
def surroundings(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have the key, trust nobody else, and no need to load a model."""
    monkeypatch.setenv("CTQA_QDRANT_API_KEY", KEY)
    for name in ("CTQA_QDRANT_CA", "SSL_CERT_FILE", "SSL_CERT_DIR"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(talking, "_KNOCK_WAITS_S", (0.01,) * 4)
    monkeypatch.setattr(api, "load_encoder", lambda *_, **__: WordEncoder())


def built(store: str, documents: Path, index: Path) -> BuildReport:
    return api.build([documents], index, config=IndexConfig(encoder="words", store=store))


@pytest.mark.parametrize("name", ["CTQA_QDRANT_CA", "SSL_CERT_FILE"])
def test_with_its_authority_known_a_server_is_built_in_and_asked(
    tmp_path: Path,
    documents: Path,
    secure: Node,
    vouched: Certificate,
    monkeypatch: pytest.MonkeyPatch,
    name: str,
) -> None:
    monkeypatch.setenv(name, str(vouched.authority))
    store = f"qdrants://{secure.host}/{name.lower()}"
    assert built(store, documents, tmp_path / "index").committed
    with closing(open_qa(tmp_path / "index")) as qa:
        assert qa.search("the deepest lake")[0].source.id == "lakes.txt"


def refusal(store: str, documents: Path, index: Path) -> str:
    with pytest.raises(IndexLoadError) as error:
        built(store, documents, index)
    assert not index.exists()
    return str(error.value)


def test_without_its_authority_it_is_not_trusted(
    tmp_path: Path, documents: Path, secure: Node
) -> None:
    said = refusal(f"qdrants://{secure.host}/docs", documents, tmp_path / "index")
    assert f"({secure.host}: its certificate cannot be trusted, unable to get local" in said
    assert "tried once; name a file with the certificate of its authority in CTQA_QDRANT_CA" in said


def test_another_authority_is_not_enough(
    tmp_path: Path, documents: Path, secure: Node, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = certificate(authority(), tmp_path / "other")
    monkeypatch.setenv("CTQA_QDRANT_CA", str(other.authority))
    said = refusal(f"qdrants://{secure.host}/docs", documents, tmp_path / "index")
    assert "its certificate cannot be trusted" in said


def test_a_host_that_its_certificate_does_not_name_is_not_trusted(
    tmp_path: Path,
    documents: Path,
    secure: Node,
    vouched: Certificate,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("CTQA_QDRANT_CA", str(vouched.authority))
    port = secure.host.partition(":")[2]
    said = refusal(f"qdrants://localhost:{port}/docs", documents, tmp_path / "index")
    assert "Hostname mismatch" in said
    assert "the host as its own certificate does" in said


def test_plain_http_is_told_to_speak_tls(tmp_path: Path, documents: Path, secure: Node) -> None:
    said = refusal(f"qdrant://{secure.host}/docs", documents, tmp_path / "index")
    assert "answers in something else than HTTP), tried once" in said
    assert "a server that speaks TLS needs qdrants://" in said


def test_tls_is_told_to_speak_plain_http(tmp_path: Path, documents: Path, server: Node) -> None:
    said = refusal(f"qdrants://{server.host}/docs", documents, tmp_path / "index")
    assert "does not speak TLS), tried once; qdrant:// is for servers without TLS" in said


@pytest.mark.parametrize(
    ("content", "why"), [(None, "No such file or directory"), ("no PEM", "holds no certificate")]
)
def test_a_file_of_authorities_that_is_none_is_refused(
    tmp_path: Path, documents: Path, monkeypatch: pytest.MonkeyPatch, content: str | None, why: str
) -> None:
    path = tmp_path / "authorities.pem"
    if content is not None:
        path.write_text(content)
    monkeypatch.setenv("CTQA_QDRANT_CA", str(path))
    with pytest.raises(ConfigError, match=f"CTQA_QDRANT_CA={path}: {why}; expected a PEM file"):
        built("qdrants://127.0.0.1:9/docs", documents, tmp_path / "index")
