"""An index whose passages lie in a real Qdrant server, and the server's own client."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from library import TEXTS, write_texts
from qdrant_client import QdrantClient
from storing import build_in, corpus

from bench.qdrant_nodes import Node, missing, nodes


@pytest.fixture
def client(server: Node) -> Iterator[QdrantClient]:
    with closing(QdrantClient(url=f"http://{server.host}", check_compatibility=False)) as found:
        yield found


@pytest.fixture
def documents(tmp_path: Path) -> Path:
    return write_texts(tmp_path / "documents", TEXTS | corpus(20))


@pytest.fixture
def index(tmp_path: Path, documents: Path, address: str) -> Path:
    build_in(address, documents, tmp_path / "index")
    return tmp_path / "index"


@pytest.fixture(scope="module")
def cluster() -> Iterator[list[Node]]:
    """Three nodes that a module's tests may kill."""
    if reason := missing():
        pytest.skip(reason)
    with nodes(3) as started:
        yield started


@pytest.fixture
def lone() -> Iterator[Node]:
    """A server that a test may stop."""
    if reason := missing():
        pytest.skip(reason)
    with nodes() as (started,):
        yield started
