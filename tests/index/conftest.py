"""A real Qdrant server, started when the first test asks for it."""

from collections.abc import Iterator
from itertools import count

import pytest

from bench.qdrant_nodes import Node, missing, nodes

_numbers = count(1)


@pytest.fixture(scope="session")
def server() -> Iterator[Node]:
    if reason := missing():
        pytest.skip(reason)
    with nodes() as started:
        yield started[0]


@pytest.fixture
def address(server: Node) -> str:
    """Give a store that nobody has written to."""
    return f"qdrant://{server.host}/test{next(_numbers)}"


@pytest.fixture(params=["local", "qdrant"])
def store(request: pytest.FixtureRequest) -> str:
    """Give each kind of store, empty."""
    return "local" if request.param == "local" else str(request.getfixturevalue("address"))
