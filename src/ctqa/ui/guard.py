"""What stands before Gradio: the paths it may serve, and the headers that hold a browser back."""

import base64
import hashlib
import re
from collections.abc import Collection

from starlette.datastructures import MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

# What the page needs of Gradio, which has more: files, proxies, servers of components, a login.
_PATHS = (
    r"/|/(config|theme\.css|favicon\.ico|manifest\.json|robots\.txt)|/(assets|static|svelte)/.*"
    r"|/gradio_api/(app_id|info|openapi\.json|startup-events|theme\.css|queue/(join|data)|cancel"
    r"|reset|heartbeat/\w+|upload|upload_progress|run/\w+)/?"
)
_INLINE_SCRIPT = re.compile(rb"<script(?![^>]*\ssrc=)[^>]*>(.*?)</script>", re.DOTALL)
_HEADERS = {
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "x-frame-options": "DENY",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), microphone=(), geolocation=(), clipboard-read=()",
}


class AllowedPaths:
    """Answers 404 for every path that the page has no use for."""

    def __init__(self, app: ASGIApp, own: str, calls: Collection[str]) -> None:
        """Allow `own` paths too, a pattern, and what programs may call."""
        names = "|".join(map(re.escape, sorted(calls)))
        call = rf"/gradio_api/call/(v2/)?({names})(/\w+)?/?"
        self._paths = re.compile(f"{_PATHS}|{call}|{own}")
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] == "lifespan" or (
            scope["type"] == "http" and self._paths.fullmatch(scope["path"])
        ):
            await self._app(scope, receive, send)
        else:
            await PlainTextResponse("not found", status_code=404)(scope, receive, send)


class SecurityHeaders:
    """Adds the headers, to an event stream as well; Gradio's own inline scripts pass by hash."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] == "http":
            await self._app(scope, receive, _Sender(send).send)
        else:
            await self._app(scope, receive, send)


class _Sender:
    """Sends one response on; an HTML page is held until its scripts are known."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self._held: Message | None = None
        self._body = b""

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            await self._start(message)
        elif self._held is None or message["type"] != "http.response.body":
            await self._send(message)
        else:
            await self._go_on(self._held, message)

    async def _start(self, message: Message) -> None:
        headers = MutableHeaders(raw=message["headers"])
        if headers.get("content-type", "").startswith("text/html"):
            self._held = message
        else:
            await self._send(_guarded(message, b""))

    async def _go_on(self, start: Message, message: Message) -> None:
        self._body += message.get("body", b"")
        if not message.get("more_body", False):
            await self._send(_guarded(start, self._body))
            await self._send({"type": "http.response.body", "body": self._body})


def _guarded(start: Message, body: bytes) -> Message:
    headers = MutableHeaders(raw=list(start["headers"]))
    headers.update(_HEADERS)
    if "content-security-policy" not in headers:  # what is no page has one of its own
        headers["content-security-policy"] = content_security_policy(body)
    return {**start, "headers": headers.raw}


def content_security_policy(body: bytes) -> str:
    """Give the policy for a page: nothing from elsewhere, and no script but Gradio's.

    `unsafe-eval` is what Gradio's HTML component needs: it makes a function of its template and
    of its script (both are ours, and what is filled in is an argument). `unsafe-inline` for styles
    is what its theme needs.
    """
    scripts = "".join(
        f" 'sha256-{base64.b64encode(hashlib.sha256(script).digest()).decode()}'"
        for script in _INLINE_SCRIPT.findall(body)
        if script
    )
    return (
        f"default-src 'none'; script-src 'self' 'unsafe-eval'{scripts}; "
        "style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self'; "
        "connect-src 'self'; manifest-src 'self'; base-uri 'self'; form-action 'none'; "
        "frame-ancestors 'none'; object-src 'none'"
    )
