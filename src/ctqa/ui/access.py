"""Where the page is served, and to whom: others only with a password or behind a proxy."""

import ipaddress
import os
import socket
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from ctqa.errors import ConfigError
from ctqa.listening import HOST, LAST_PORT, no_port

PORT = 7860
PASSWORD = "CTQA_PASSWORD"  # noqa: S105 -- the variable's name
_LEAST_CHARS = 12  # of a password: some guesses a second are let through (see ui/gate.py)
_LOOPBACK = ("127.0.0.0/8", "::1/128")

Network = ipaddress.IPv4Network | ipaddress.IPv6Network


@dataclass(frozen=True, slots=True, kw_only=True)
class Proxy:
    """A server that stands before this one: others see its address alone."""

    origin: str  # "https://ctqa.example.org", without a slash at the end
    path: str  # below which the page is, as "/library"; "" for all of the host
    networks: tuple[Network, ...]  # that it calls from

    @property
    def url(self) -> str:
        """The page's address, without a slash at the end."""
        return self.origin + self.path

    @property
    def host(self) -> str:
        """Its name, without the port."""
        return host_in(urlsplit(self.origin).netloc)


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """Where to serve, and who is let in."""

    host: str = HOST
    port: int = PORT
    password: str = ""  # "": none is asked for
    proxy: Proxy | None = None

    @property
    def is_loopback(self) -> bool:
        """Tell whether only this machine can reach it."""
        return is_loopback(self.host)

    def answers_to(self, host: str) -> bool:
        """Tell whether a request may name this host: a page of someone else's cannot have led here.

        A name that someone else owns may be made to mean this machine; a number or this machine's
        own name may not.
        """
        if host in ("localhost", HOST, self.host) or (self.proxy and host == self.proxy.host):
            return True
        return not self.is_loopback and (_is_number(host) or host in _own_names())


def settle(
    host: str | None = None,
    port: int | None = None,
    *,
    password_file: Path | None = None,
    proxy: str | None = None,
    proxy_from: Sequence[str] = (),
) -> Access:
    """Settle where to serve and to whom: what is given, else the environment, else this machine.

    Raises:
        ConfigError: something given cannot be used, or nothing would keep others out.

    """
    at, number = address(host, port)
    access = Access(
        host=at,
        port=number,
        password=_password(password_file),
        proxy=_proxy(proxy, proxy_from),
    )
    if access.proxy is None and proxy_from:
        raise ConfigError(f"--proxy-from {proxy_from[0]}: give --proxy URL as well")
    if not (access.is_loopback or access.password or proxy_from):
        raise ConfigError(
            f"host {at}: other machines could reach it, and nothing would keep others out. Give a "
            f"password (--password-file FILE, or {PASSWORD}), or leave the host at {HOST}, and "
            f"from another machine come through a tunnel: `ssh -L {PORT}:{HOST}:{PORT} "
            "THIS-MACHINE`. Behind a proxy on another machine, give --proxy URL and --proxy-from "
            "ADDRESS"
        )
    return access


def address(host: str | None, port: int | None) -> tuple[str, int]:
    """Settle where to serve: what is given, else Gradio's variables, else 127.0.0.1:7860.

    Raises:
        ConfigError: the port is none.

    """
    if host is None:
        host = _environment("GRADIO_SERVER_NAME", HOST)
    given = str(port) if port is not None else _environment("GRADIO_SERVER_PORT", str(PORT))
    if not (given.isascii() and given.isdigit() and int(given) <= LAST_PORT):
        raise no_port(given)
    return host, int(given)


def is_loopback(host: str) -> bool:
    """Tell whether a host can be reached from this machine alone."""
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def host_in(netloc: str) -> str:
    """Give the host of "host:port" or "[address]:port", in lower case; "" where there is none."""
    try:
        found = urlsplit(f"//{netloc}").hostname
    except ValueError:
        return ""
    return "" if found is None else found


def _password(file: Path | None) -> str:
    if file is None:
        password, place = os.environ.get(PASSWORD, ""), PASSWORD
        if not password:
            return ""
    else:
        place = str(file)
        try:
            password = file.read_text(encoding="utf-8").rstrip("\r\n")
        except (OSError, UnicodeDecodeError) as error:
            raise ConfigError(f"--password-file {file}: cannot be read ({error})") from error
    if len(password) < _LEAST_CHARS or "\n" in password:
        raise ConfigError(
            f"{place}: expected a password of {_LEAST_CHARS} characters or more on one line, found "
            f"{len(password)}; `python -c 'import secrets; print(secrets.token_urlsafe())'` makes "
            "one"
        )
    return password


def _proxy(url: str | None, given: Sequence[str]) -> Proxy | None:
    if url is None:
        return None
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError as error:
        raise ConfigError(f"--proxy {url}: {error}") from error
    extra = parts.query or parts.fragment or parts.username
    if parts.scheme not in ("http", "https") or not parts.hostname or extra:
        raise ConfigError(
            f"--proxy {url}: expected the page's address as others see it, such as "
            "https://ctqa.example.org or https://example.org/ctqa"
        )
    return Proxy(
        origin=f"{parts.scheme}://{parts.netloc}".lower(),
        path=parts.path.rstrip("/"),
        networks=tuple(map(_network, given or _LOOPBACK)),
    )


def _network(text: str) -> Network:
    try:
        return ipaddress.ip_network(text)
    except ValueError as error:
        raise ConfigError(
            f"--proxy-from {text}: expected the proxy's address, such as 10.0.0.5, or a network, "
            f"such as 10.0.0.0/24 ({error})"
        ) from error


def _environment(name: str, default: str) -> str:
    value = os.environ.get(name, "").strip()
    return value or default


def _is_number(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def _own_names() -> set[str]:
    name = socket.gethostname().lower()
    return {name, f"{name.partition('.')[0]}.local"} - {""}
