"""The served page as a browser sees it: its events, without the browser."""

import contextlib
import http.client
import json
import secrets
from collections.abc import Mapping
from typing import Any

Config = Mapping[str, Any]


def fetched(port: int, method: str, path: str, body: str | None = None) -> str:
    """Fetch a path of the page; end the bench where that is refused."""
    made = http.client.HTTPConnection("127.0.0.1", port, timeout=300)
    with contextlib.closing(made) as connection:
        connection.request(method, path, body, {"content-type": "application/json"})
        response = connection.getresponse()
        text = response.read().decode()
    if response.status != 200:
        raise SystemExit(f"{method} {path}: {response.status} {text}")
    return text


class Person:
    """One browser: the same event, with the same data, as when the question's button is pressed."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._session = secrets.token_hex(8)
        config = json.loads(fetched(port, "GET", "/config"))
        self._props = {part["id"]: part["props"] for part in config["components"]}
        self._question = self._id_of("question")
        pressed = [self._id_of("ask"), "click"]
        found = [d for d in config["dependencies"] if pressed in [list(t) for t in d["targets"]]]
        self._event = found[0]

    def ask(self, question: str) -> str:
        """Ask, and give what the page then shows, as one text."""
        values = {part: self._props[part].get("value") for part in self._event["inputs"]}
        values[self._question] = question
        told = {
            "data": list(values.values()),
            "fn_index": self._event["id"],
            "session_hash": self._session,
        }
        path = f"/gradio_api/run/{self._event['api_name']}"
        return fetched(self._port, "POST", path, json.dumps(told))

    def _id_of(self, name: str) -> int:
        found = [part for part, props in self._props.items() if props.get("elem_id") == name]
        if len(found) != 1:
            raise SystemExit(f"the page has {len(found)} parts of the id {name!r}, expected one")
        return found[0]
