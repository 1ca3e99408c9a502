import hashlib
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest
from tiny_models import onnx_files, write_registry

from ctqa.errors import ModelError
from ctqa.models import load_encoder, models
from ctqa.models.hub import files_to_run
from ctqa.models.installed import read_manifest
from ctqa.models.registry import HubSource

REVISION = "0123456789" * 4
# A process of its own, as the hub's address is read once, when its client is imported.
FETCH = "import sys; from ctqa.models import fetch; from pathlib import Path; " + (
    "print(fetch(sys.argv[1], folder=Path(sys.argv[2]), registry=Path(sys.argv[3])))"
)


@dataclass
class Hub:
    """A hub of one repository, acme/tiny, on this machine; `served` lists the files asked for."""

    files: dict[str, bytes]
    folder: Path
    address: str = "http://127.0.0.1:9"
    served: set[str] = field(default_factory=set)

    def answer(self, path: str) -> bytes | None:
        tree = [
            {"type": "file", "path": name, "size": len(content), "oid": _oid(content)}
            for name, content in self.files.items()
        ]
        pages: dict[str, object] = {
            "/api/models/acme/tiny": {
                "id": "acme/tiny",
                "sha": REVISION,
                "siblings": [{"rfilename": name} for name in self.files],
                "cardData": {"license": "mit"},
            },
            f"/api/models/acme/tiny/tree/{REVISION}": tree,
        }
        if path in pages:
            return json.dumps(pages[path]).encode()
        name = path.removeprefix(f"/acme/tiny/resolve/{REVISION}/")
        if name in self.files:
            self.served.add(name)
        return self.files.get(name)

    def fetch(self, name: str, registry: Path) -> subprocess.CompletedProcess[str]:
        environment = {
            "PYTHONPATH": os.pathsep.join(sys.path),
            "HF_ENDPOINT": self.address,
            "HF_HOME": str(self.folder / "hf"),
            "HF_HUB_DISABLE_XET": "1",
            "NO_PROXY": "127.0.0.1",
        }
        return subprocess.run(
            [sys.executable, "-c", FETCH, name, str(self.folder / "models"), str(registry)],
            env=os.environ | environment,
            check=False,
            capture_output=True,
            text=True,
            timeout=120,
        )


def _oid(content: bytes) -> str:
    return hashlib.sha1(content, usedforsecurity=False).hexdigest()


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[Hub]:
    repository = Hub(
        onnx_files() | {"pytorch_model.bin": b"a pickle", "README.md": b"# Tiny"}, tmp_path
    )

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            content = repository.answer(self.path.partition("?")[0])
            self.send_response(404 if content is None else 200)
            body = b"" if content is None else content
            self.send_header("Content-Length", str(len(body)))
            self.send_header("ETag", f'"{_oid(body)}"')
            self.send_header("X-Repo-Commit", REVISION)
            if content is None:
                self.send_header("X-Error-Code", "RepoNotFound")
            self.end_headers()
            if self.command == "GET":
                self.wfile.write(body)

        do_HEAD = do_GET  # noqa: N815 - the server's own name

        def log_message(self, *arguments: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        repository.address = f"http://127.0.0.1:{server.server_port}"
        yield repository
        server.shutdown()


def test_a_hub_model_is_fetched_without_its_pickle_and_recorded_as_unpinned(
    hub: Hub, tmp_path: Path
) -> None:
    registry = write_registry(tmp_path / "registry.toml", onnx_files())
    done = hub.fetch("acme/tiny", registry)
    assert done.returncode == 0, done.stderr
    folder = tmp_path / "models" / "acme--tiny"
    assert done.stdout.strip() == str(folder)
    assert hub.served == {"model.onnx", "tokenizer.json"}
    assert {path.name for path in folder.iterdir()} == {*onnx_files(), "ctqa.json"}
    spec = read_manifest(folder)
    assert spec is not None
    assert (spec.pinned, spec.licence) == (False, "mit")
    assert spec.sources == (HubSource(hub="acme/tiny", revision=REVISION),)
    (_, state) = models(folder=tmp_path / "models", registry=registry)
    assert (state.name, state.state, state.pinned) == ("acme/tiny", "ready", False)
    encoder = load_encoder("acme/tiny", folder=tmp_path / "models", registry=registry)
    assert encoder.identity.name == "acme/tiny"


def test_a_pinned_revision_is_a_source_of_the_registry(hub: Hub, tmp_path: Path) -> None:
    registry = write_registry(tmp_path / "registry.toml", onnx_files())
    hub.files = {f"onnx/{name}": content for name, content in onnx_files().items()}
    source = f'{{ hub = "acme/tiny", revision = "{REVISION}", folder = "onnx" }}'
    registry.write_text(registry.read_text().replace("sources = []", f"sources = [{source}]"))
    done = hub.fetch("tiny", registry)
    assert done.returncode == 0, done.stderr
    folder = tmp_path / "models" / "tiny"
    found = {path.name: path.read_bytes() for path in folder.iterdir()}
    assert found == onnx_files()


def test_a_pinned_file_that_changed_is_refused(hub: Hub, tmp_path: Path) -> None:
    registry = write_registry(tmp_path / "registry.toml", onnx_files())
    hub.files = onnx_files() | {"tokenizer.json": b"{}"}
    source = f'{{ hub = "acme/tiny", revision = "{REVISION}" }}'
    registry.write_text(registry.read_text().replace("sources = []", f"sources = [{source}]"))
    done = hub.fetch("tiny", registry)
    assert "tokenizer.json has 2 bytes, expected" in done.stderr
    assert not (tmp_path / "models" / "tiny").exists()


def test_a_repository_that_is_not_there_is_told(hub: Hub, tmp_path: Path) -> None:
    registry = write_registry(tmp_path / "registry.toml", onnx_files())
    done = hub.fetch("acme/other", registry)
    assert "ModelError: model acme/other could not be fetched" in done.stderr
    assert "RepositoryNotFoundError" in done.stderr
    assert "`ctqa models fetch acme/other`" in done.stderr


def test_a_hub_that_cannot_be_reached_is_told(tmp_path: Path) -> None:
    registry = write_registry(tmp_path / "registry.toml", onnx_files())
    done = Hub({}, tmp_path).fetch("acme/tiny", registry)
    assert "ModelError: model acme/tiny could not be fetched" in done.stderr
    assert "ConnectError" in done.stderr


def test_safetensors_come_before_onnx_and_other_formats_are_left() -> None:
    names = [
        ".gitattributes",
        "1_Pooling/config.json",
        "README.md",
        "config.json",
        "deep/er/config.json",
        "model.fp16.safetensors",
        "model-00001-of-00002.safetensors",
        "model-00002-of-00002.safetensors",
        "model.safetensors.index.json",
        "onnx/config.json",
        "onnx/model.onnx",
        "openvino/openvino_model.bin",
        "pytorch_model.bin",
        "tokenizer.json",
        "vocab.txt",
    ]
    assert sorted(files_to_run("acme/tiny", names)) == [
        "1_Pooling/config.json",
        "config.json",
        "model-00001-of-00002.safetensors",
        "model-00002-of-00002.safetensors",
        "model.safetensors.index.json",
        "tokenizer.json",
        "vocab.txt",
    ]


def test_a_graph_is_taken_with_its_weights_where_there_is_nothing_else() -> None:
    names = ["onnx/model.onnx", "onnx/model.onnx_data", "onnx/model_int8.onnx", "tokenizer.json"]
    assert files_to_run("acme/tiny", names) == [
        "onnx/model.onnx",
        "onnx/model.onnx_data",
        "tokenizer.json",
    ]


@pytest.mark.parametrize("names", [[], ["pytorch_model.bin", "config.json"]])
def test_a_repository_of_pickles_is_refused(names: list[str]) -> None:
    with pytest.raises(ModelError, match=r"expected model\.safetensors or model\.onnx"):
        files_to_run("acme/tiny", names)
