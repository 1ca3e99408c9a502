"""Where a cluster is: `qdrant://HOST:PORT[,HOST:PORT…]/NAME?shards=N&replicas=N`."""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import ip_address
from urllib.parse import parse_qsl, urlsplit

from ctqa.errors import ConfigError

API_KEY, CA_FILE = "CTQA_QDRANT_API_KEY", "CTQA_QDRANT_CA"
_FORM = "qdrant://HOST:PORT/NAME?shards=N&replicas=N, or qdrants:// for TLS"
_PORT = 6333
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,199}")
_MOST = {"shards": 10_000, "replicas": 100}


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """A collection of a cluster; hosts are tried in their order."""

    text: str  # as it was given
    hosts: tuple[str, ...]  # http://host:port
    name: str  # of the alias; generations are called name-1, name-2 …
    shards: int | None = None  # None: what there is, or the server's default
    replicas: int | None = None


def parse_address(text: str) -> Address:
    """Read an address.

    Raises:
        ConfigError: it is none, or has a user or key in it: it is stored with the index.

    """
    parts = urlsplit(text)
    if parts.scheme not in ("qdrant", "qdrants"):
        raise ConfigError(f'store = "{text}": expected "local", or {_FORM}')
    if "@" in parts.netloc:
        raise ConfigError(f"store: an address is stored with the index; put the key into {API_KEY}")
    scheme = "https" if parts.scheme == "qdrants" else "http"
    name = parts.path.removeprefix("/")
    if not parts.netloc or not _NAME.fullmatch(name):
        raise ConfigError(f'store = "{text}": expected {_FORM}; NAME of letters, digits, - _ .')
    options = _options(text, parts.query)
    return Address(
        text=text,
        hosts=tuple(f"{scheme}://{_with_port(text, host)}" for host in parts.netloc.split(",")),
        name=name,
        shards=options.get("shards"),
        replicas=options.get("replicas"),
    )


def _with_port(text: str, host: str) -> str:
    try:
        parts = urlsplit(f"//{host}")
        port = _PORT if parts.port is None else parts.port
    except ValueError as error:
        raise ConfigError(f'store = "{text}": {host!r} is no HOST:PORT') from error
    if not parts.hostname:
        raise ConfigError(f'store = "{text}": {host!r} is no HOST:PORT')
    name = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    return f"{name}:{port}"


def _options(text: str, query: str) -> dict[str, int]:
    found = dict(parse_qsl(query, keep_blank_values=True))
    for name, value in found.items():
        most = _MOST.get(name)
        if most is None:
            raise ConfigError(f'store = "{text}": unknown {name!r}; known are shards and replicas')
        if not value.isdecimal() or not 1 <= int(value) <= most:
            raise ConfigError(f'store = "{text}": {name}={value}: expected 1 to {most}')
    return {name: int(value) for name, value in found.items()}


def headers_for(address: Address, environment: Mapping[str, str] = os.environ) -> dict[str, str]:
    """Give the headers that carry the API key from the environment, if there is one.

    Raises:
        ConfigError: it would go over the network for all to read.

    """
    key = environment.get(API_KEY, "")
    if not key:
        return {}
    for host in address.hosts:
        if not host.startswith("https://") and not _is_here(host):
            raise ConfigError(
                f"{address.text}: {API_KEY} would be sent to {host} unencrypted; use qdrants://"
            )
    return {"api-key": key}


def _is_here(host: str) -> bool:
    name = urlsplit(host).hostname or ""
    try:
        return ip_address(name).is_loopback
    except ValueError:
        return name == "localhost"
