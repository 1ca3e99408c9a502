"""What may be sent at once: without a server, so that all of it comes at the same moment."""

import json
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import anyio
import pytest
from starlette.types import Message, Receive, Scope, Send

from ctqa.ui.bodies import UPLOAD, BoundedBodies, Events
from ctqa.ui.uploads import MAX_FILES

EVENTS = Events(taking_files={0: frozenset({0})}, names={"add": 0}, public=frozenset())


class Application:
    """Answers 200 as soon as so many requests have come, or all others were answered."""

    def __init__(self) -> None:
        self.under_way = self.most = 0
        self.go_on = anyio.Event()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.under_way += 1
        self.most = max(self.most, self.under_way)
        await self.go_on.wait()
        self.under_way -= 1
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b""})


async def posted(app: BoundedBodies, path: str, body: bytes, seen: list[int]) -> None:
    left: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

    async def receive() -> Message:
        return left.pop() if left else {"type": "http.disconnect"}

    async def send(message: Message) -> None:
        if message["type"] == "http.response.start":
            seen.append(message["status"])

    await app({"type": "http", "method": "POST", "path": path, "headers": []}, receive, send)


@pytest.mark.parametrize("rounds", [1, 3])
def test_uploads_begun_at_the_same_moment_are_counted(tmp_path: Path, rounds: int) -> None:
    async def run() -> None:
        inside = Application()
        app = BoundedBodies(inside, EVENTS, tmp_path)
        for _ in range(rounds):  # none is counted for ever
            inside.go_on, seen = anyio.Event(), list[int]()
            async with anyio.create_task_group() as group:
                for _ in range(30):
                    group.start_soon(posted, app, UPLOAD, b"", seen)
                while inside.under_way < 4 or len(seen) < 26:
                    await anyio.sleep(0.01)
                inside.go_on.set()
            assert Counter(seen) == {503: 26, 200: 4}
        assert inside.most == 4

    anyio.run(run)


def answered(folder: Path, paths: Sequence[Any]) -> int:
    """Give the status of an event that names files."""
    seen: list[int] = []

    async def run() -> None:
        inside = Application()
        inside.go_on.set()
        files = [{"path": path, "meta": {"_type": "gradio.FileData"}} for path in paths]
        body = json.dumps({"fn_index": 0, "data": [files]}).encode()
        app = BoundedBodies(inside, EVENTS, folder)
        await posted(app, "/gradio_api/queue/join", body, seen)

    anyio.run(run)
    return seen[0]


def test_an_event_names_so_many_files(tmp_path: Path) -> None:
    path = str(tmp_path / "a" / "a.txt")
    assert answered(tmp_path, []) == 200
    assert answered(tmp_path, [path] * (MAX_FILES + 1)) == 200  # the page says that it is too many
    assert answered(tmp_path, [path] * 50 * MAX_FILES) == 413
    assert answered(tmp_path, [path, "/etc/passwd"]) == 400
    assert answered(tmp_path, [path, {"path": path}]) == 400


def test_a_folder_behind_a_link_is_the_same_folder(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "real")
    assert answered(tmp_path / "link", [str(tmp_path / "real" / "a.txt")]) == 200
    assert answered(tmp_path / "real", [str(tmp_path / "link" / "a.txt")]) == 200
    assert answered(tmp_path / "link", [str(tmp_path / "a.txt")]) == 400
