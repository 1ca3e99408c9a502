"""What may be sent to the page: so much, so quickly, and only to events that it has."""

import json
import time
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from itertools import chain, islice
from pathlib import Path
from typing import Any

import anyio
from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ctqa.ui.uploads import MAX_BYTES, MAX_FILES

UPLOAD = "/gradio_api/upload"
_JSON_BYTES = 4 * 2**20  # an event's data: its largest part is a conversation of 1 MB
_UPLOAD_BYTES = MAX_BYTES + 2**20  # with what stands around the files
_UPLOADS = 4  # at the same time
_LYING_BYTES = 3 * MAX_BYTES  # of uploads that nothing has been done with yet
_LYING_S = 3600  # after which they go
_IDLE_S = 30  # between two pieces of a body
_CHECKS = 8  # of events, at the same time: a large one takes a thread a while
# In an event, which names each file twice. Whoever chooses more files than are taken is to be told
# so by the page.
_PATHS = 20 * MAX_FILES
_EVENTS = ("/gradio_api/run/", "/gradio_api/call/", "/gradio_api/queue/join")


@dataclass(frozen=True, slots=True, kw_only=True)
class Events:
    """What the page can be told to do, as Gradio numbers and names it."""

    taking_files: Mapping[int, frozenset[int]]  # for each event, its inputs that are uploads
    names: Mapping[str, int]
    public: frozenset[str]  # of the names: for programs


class _Refused(Exception):  # noqa: N818 -- it is an answer, and no error of ours
    """A body that is not taken, and the status that says so."""

    def __init__(self, status: int, text: str) -> None:
        self.answer = PlainTextResponse(text, status_code=status, headers={"connection": "close"})


class BoundedBodies:
    """Takes a body up to its limit; JSON is looked at before Gradio sees it.

    Uploads go through piece by piece, into a folder that is bounded as well.
    """

    def __init__(self, app: ASGIApp, events: Events, folder: Path) -> None:
        self._app = app
        self._events = events
        self._folder = folder
        self._uploads = 0  # that are under way
        self._checks = anyio.CapacityLimiter(_CHECKS)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http" or scope["method"] in ("GET", "HEAD"):
            await self._app(scope, receive, send)
            return
        is_upload = scope["path"].rstrip("/") == UPLOAD
        body = _Body(receive, _UPLOAD_BYTES if is_upload else _JSON_BYTES)
        started = _Started(send)
        try:
            body.check_length(Headers(scope=scope))
            if is_upload:
                await self._upload(scope, body, started.send)
            else:
                await self._event(scope, body, started.send)
        except _Refused as refused:
            if not started.begun:
                await refused.answer(scope, receive, send)

    async def _event(self, scope: Scope, body: "_Body", send: Send) -> None:
        whole = b"".join([piece async for piece in body.pieces()])
        if scope["path"].startswith(_EVENTS):
            name = scope["path"].rstrip("/").rsplit("/", 1)[-1]
            await anyio.to_thread.run_sync(
                _check_event, name, whole, self._events, self._folder, limiter=self._checks
            )
        await self._app(scope, _replayed(whole, body.receive), send)

    async def _upload(self, scope: Scope, body: "_Body", send: Send) -> None:
        if self._uploads >= _UPLOADS:
            raise _Refused(503, "too many uploads at the same time; try again in a moment")
        self._uploads += 1  # before anything is waited for: others come meanwhile
        try:
            lying = await anyio.to_thread.run_sync(_lying, self._folder)
            if lying > _LYING_BYTES:
                raise _Refused(507, "too much was uploaded and not taken in; try again in an hour")
            await self._app(scope, body.receive, send)
        finally:
            self._uploads -= 1


class _Body:
    """A body that may not grow past its limit, nor stop in the middle for long."""

    def __init__(self, receive: Receive, most: int) -> None:
        self._receive = receive
        self._most = most
        self._taken = 0
        self._is_whole = False

    def check_length(self, headers: Headers) -> None:
        """Refuse what says that it is too large before any of it is taken."""
        given = headers.get("content-length", "0")
        if not (given.isascii() and given.isdigit() and int(given) <= self._most):
            raise _Refused(413, f"more than {self._most} bytes")

    async def receive(self) -> Message:
        """Give the next message; after the body, that is the end of the connection."""
        if self._is_whole:
            return await self._receive()
        try:
            with anyio.fail_after(_IDLE_S):
                message = await self._receive()
        except TimeoutError:
            raise _Refused(408, f"nothing came for {_IDLE_S} seconds") from None
        self._taken += len(message.get("body", b""))
        self._is_whole = not message.get("more_body", False)
        if self._taken > self._most:
            raise _Refused(413, f"more than {self._most} bytes")
        return message

    async def pieces(self) -> AsyncIterator[bytes]:
        """Give the body piece by piece."""
        while not self._is_whole:
            message = await self.receive()
            if message["type"] == "http.disconnect":
                raise _Refused(400, "the body ends too early")
            yield message.get("body", b"")


class _Started:
    """Remembers whether an answer was begun."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self.begun = False

    async def send(self, message: Message) -> None:
        self.begun = True
        await self._send(message)


def _replayed(body: bytes, receive: Receive) -> Receive:
    """Give a whole body once, and then whatever comes next."""
    given: Iterator[Message] = iter([{"type": "http.request", "body": body, "more_body": False}])

    async def replay() -> Message:
        message = next(given, None)
        return await receive() if message is None else message

    return replay


def _check_event(name: str, body: bytes, events: Events, folder: Path) -> None:
    """Refuse what Gradio would fail on, and files that nobody has uploaded.

    Gradio takes a file that an event's data names by a path or a URL, wherever that is.
    """
    try:
        told = json.loads(body)
    except (ValueError, RecursionError):
        raise _Refused(400, "expected JSON") from None
    if not isinstance(told, dict):
        raise _Refused(400, "expected a JSON object")
    number = told.get("fn_index")
    number = events.names.get(name) if number is None else number
    if type(number) is not int or number not in events.taking_files:
        raise _Refused(404, "no such event")
    data = told.get("data")
    given = data if isinstance(data, list) else []
    uploads = [each for at, each in enumerate(given) if at in events.taking_files[number]]
    found = chain(_paths(told, everywhere=False), _paths(uploads, everywhere=True))
    named = list(islice(found, _PATHS + 1))
    if len(named) > _PATHS:
        raise _Refused(413, f"more than {_PATHS // 2} files")
    real = folder.resolve()
    if not all(_is_uploaded(path, real) for path in named):
        raise _Refused(400, "expected files that were uploaded")


def _paths(value: Any, *, everywhere: bool) -> Iterator[Any]:
    """Give the paths of files in an event's data; elsewhere, only with what marks them as such."""
    left = [value]
    while left:
        each = left.pop()
        if isinstance(each, dict):
            if "path" in each and (everywhere or "meta" in each):
                yield each["path"]
            left += each.values()
        elif isinstance(each, list):
            left += each


def _is_uploaded(path: Any, folder: Path) -> bool:
    if not isinstance(path, str) or "\0" in path:
        return False
    try:
        return Path(path).resolve().is_relative_to(folder)
    except (OSError, ValueError, RuntimeError):
        return False


def _lying(folder: Path) -> int:
    """Remove uploads that have lain long, and give the bytes of the others."""
    total, now = 0, time.time()
    for path in folder.rglob("*"):
        with suppress(OSError):  # it was taken in meanwhile
            status = path.lstat()
            if not path.is_dir() and now - status.st_mtime > _LYING_S:
                path.unlink()
            elif not path.is_dir():
                total += status.st_size
    return total
