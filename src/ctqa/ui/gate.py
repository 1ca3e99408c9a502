"""Who is let in: requests that name this server, come from its own page, and know the password.

Nothing that a request says of where it was forwarded from is believed, and Gradio never sees it.
"""

import base64
import binascii
import hmac
import ipaddress
from collections import OrderedDict
from urllib.parse import urlsplit

import anyio
from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from ctqa.ui.access import Access, Proxy, host_in

_FORWARDED = (b"forwarded", b"x-forwarded-", b"x-original-", b"x-gradio-", b"x-direct-url")
_HOME = ("same-origin", "none")  # Sec-Fetch-Site: this page itself, or the address bar
_READING = ("GET", "HEAD")
_DELAY_S = 1.0  # before a wrong password is answered
_GUESSES = 8  # answered at the same time: with the delay, that many a second
_KNOWN = 1_000  # addresses that knew the password; they are not kept waiting by others' guesses


class Gate:
    """Answers 400, 401, 403 or 429 where a request is not let in."""

    def __init__(self, app: ASGIApp, access: Access) -> None:
        self._app = app
        self._access = access
        self._password = Password(access.password)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let one request in, or not."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
        elif scope["type"] == "http":
            refused = self._refused(scope)
            if refused is None:
                refused = await self._unknown(scope)
            answering = self._inside(scope) if refused is None else refused
            await answering(scope, receive, send)

    def _refused(self, scope: Scope) -> PlainTextResponse | None:
        headers, proxy = Headers(scope=scope), self._access.proxy
        if proxy is not None and not _calls_from(scope, proxy):
            return _answer(403, "only the proxy is answered here")
        if not self._access.answers_to(host_in(headers.get("host", ""))):
            return _answer(400, "this name is not the server's")
        if not _is_from_home(scope["method"], headers, proxy):
            return _answer(403, "not from another site")
        return None

    async def _unknown(self, scope: Scope) -> PlainTextResponse | None:
        address = "" if scope["client"] is None else str(scope["client"][0])
        status = await self._password.check(Headers(scope=scope).get("authorization"), address)
        if status == 401:
            refused = _answer(401, "password, please")
            refused.headers["www-authenticate"] = 'Basic realm="CTQA", charset="UTF-8"'
            return refused
        return None if status == 200 else _answer(status, "too many guesses; try again later")

    def _inside(self, scope: Scope) -> ASGIApp:
        kept = [(k, v) for k, v in scope["headers"] if not k.lower().startswith(_FORWARDED)]
        scope["headers"] = [(k, v) for k, v in kept if k.lower() != b"authorization"]
        proxy = self._access.proxy
        if proxy is not None and proxy.path and scope["path"].startswith(f"{proxy.path}/"):
            scope["path"] = scope["path"].removeprefix(proxy.path)
            scope["raw_path"] = scope["path"].encode()
        return self._app


class Password:
    """Compares in constant time, and answers few guesses a second; any user name will do."""

    def __init__(self, password: str) -> None:
        self._password = password.encode()
        self._guesses = 0  # that are being answered
        self._known: OrderedDict[str, None] = OrderedDict()

    async def check(self, header: str | None, address: str) -> int:
        """Give the status for what a request brings: 200, 401, or 429 where too many guess."""
        if not self._password:
            return 200
        if header is None:
            return 401
        if self._guesses >= _GUESSES and address not in self._known:
            return 429
        if hmac.compare_digest(_given(header), self._password):
            self._known[address] = None
            self._known.move_to_end(address)
            if len(self._known) > _KNOWN:
                self._known.popitem(last=False)
            return 200
        self._guesses += 1
        try:
            await anyio.sleep(_DELAY_S)
        finally:
            self._guesses -= 1
        return 401


def _given(header: str) -> bytes:
    """Give the password of an Authorization header; b"" where it holds none."""
    scheme, _, token = header.partition(" ")
    if scheme.lower() != "basic":
        return b""
    try:
        return base64.b64decode(token.strip(), validate=True).partition(b":")[2]
    except (binascii.Error, ValueError):
        return b""


def _calls_from(scope: Scope, proxy: Proxy) -> bool:
    try:
        address = ipaddress.ip_address(scope["client"][0])
    except (TypeError, ValueError):
        return False
    mapped = getattr(address, "ipv4_mapped", None)
    found = address if mapped is None else mapped
    return any(found in network for network in proxy.networks)


def _is_from_home(method: str, headers: Headers, proxy: Proxy | None) -> bool:
    """Tell whether no other site's page sent a request; programs that are no browsers may.

    Whoever follows a link to the page comes from another site too, without an Origin.
    """
    origin = headers.get("origin")
    if origin is not None:
        return _is_home(origin, headers.get("host", ""), proxy)
    return method in _READING or headers.get("sec-fetch-site", "none") in _HOME


def _is_home(origin: str, host: str, proxy: Proxy | None) -> bool:
    if proxy is not None:
        return origin.lower() == proxy.origin
    try:
        parts = urlsplit(origin)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and parts.netloc.lower() == host.lower()


def _answer(status: int, text: str) -> PlainTextResponse:
    return PlainTextResponse(text, status_code=status)
