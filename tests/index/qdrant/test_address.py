"""Addresses of clusters, and the key that goes with them."""

import pytest

from ctqa.errors import ConfigError
from ctqa.index.qdrant.address import Address, headers_for, parse_address


@pytest.mark.parametrize(
    ("text", "hosts", "options"),
    [
        ("qdrant://localhost/docs", ("http://localhost:6333",), (None, None)),
        ("qdrant://10.0.0.1:7000/docs?shards=6", ("http://10.0.0.1:7000",), (6, None)),
        (
            "qdrants://a,b:1/docs?replicas=2&shards=12",
            ("https://a:6333", "https://b:1"),
            (12, 2),
        ),
        ("qdrant://[::1]:6333/docs", ("http://[::1]:6333",), (None, None)),
    ],
)
def test_an_address_is_read(
    text: str, hosts: tuple[str, ...], options: tuple[int | None, int | None]
) -> None:
    found = parse_address(text)
    assert (found.text, found.hosts, found.name) == (text, hosts, "docs")
    assert (found.shards, found.replicas) == options


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", 'expected "local", or qdrant://'),
        ("faiss", 'expected "local", or qdrant://'),
        ("http://localhost:6333/docs", 'expected "local", or qdrant://'),
        ("qdrant://localhost:6333", "expected qdrant://HOST:PORT/NAME"),
        ("qdrant:///docs", "expected qdrant://HOST:PORT/NAME"),
        ("qdrant://localhost/a/b", "NAME of letters, digits"),
        ("qdrant://localhost/..", "NAME of letters, digits"),
        ("qdrant://localhost:port/docs", "'localhost:port' is no HOST:PORT"),
        ("qdrant://a,:1/docs", "':1' is no HOST:PORT"),
        ("qdrant://localhost/docs?shard=2", "unknown 'shard'; known are shards and replicas"),
        ("qdrant://localhost/docs?shards=0", "shards=0: expected 1 to 10000"),
        ("qdrant://localhost/docs?replicas=two", "replicas=two: expected 1 to 100"),
        ("qdrant://user:secret@localhost/docs", "put the key into CTQA_QDRANT_API_KEY"),
    ],
)
def test_what_is_no_address_is_refused(text: str, message: str) -> None:
    with pytest.raises(ConfigError) as error:
        parse_address(text)
    assert message in str(error.value)
    assert "secret" not in str(error.value)


def with_key(text: str) -> dict[str, str]:
    return headers_for(parse_address(text), {"CTQA_QDRANT_API_KEY": "secret"})


@pytest.mark.parametrize(
    "text",
    [
        "qdrants://cluster.example/docs",
        "qdrant://localhost/docs",
        "qdrant://127.0.0.1:1/docs",
        "qdrant://[::1]/docs",
    ],
)
def test_the_key_is_sent_over_tls_or_within_this_machine(text: str) -> None:
    assert with_key(text) == {"api-key": "secret"}
    assert headers_for(parse_address(text), {}) == {}


@pytest.mark.parametrize(
    "text", ["qdrant://cluster.example/docs", "qdrant://10.0.0.1/docs", "qdrant://localhost,b/docs"]
)
def test_the_key_is_never_sent_for_all_to_read(text: str) -> None:
    with pytest.raises(ConfigError, match="unencrypted; use qdrants://"):
        with_key(text)
    assert isinstance(parse_address(text), Address)
