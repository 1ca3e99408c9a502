"""The page's own events, sent as a browser sends them, without the browser."""

import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ui.serving import Served


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One event of the page."""

    id: int
    name: str
    inputs: tuple[int, ...]


class Page:
    """The page as one browser has it open."""

    def __init__(self, served: Served) -> None:
        self._served = served
        self._config = json.loads(served.get("/config")[2])
        self._parts: Mapping[int, Any] = {part["id"]: part for part in self._config["components"]}
        self.session = secrets.token_hex(8)

    @property
    def events(self) -> list[Event]:
        """All of its events that come to the server."""
        return [
            Event(id=each["id"], name=each["api_name"], inputs=tuple(each["inputs"]))
            for each in self._config["dependencies"]
            if each["backend_fn"]
        ]

    def part(self, elem_id: str) -> int:
        (found,) = (n for n, part in self._parts.items() if part["props"].get("elem_id") == elem_id)
        return found

    def kind(self, part: int) -> str:
        return str(self._parts[part]["type"])

    def event_of(self, elem_id: str, kind: str) -> Event:
        """Give the event of a part, such as a button's "click"."""
        target = [self.part(elem_id), kind]
        (found,) = (
            each
            for each in self._config["dependencies"]
            if each["backend_fn"] and target in [list(each) for each in each["targets"]]
        )
        return next(each for each in self.events if each.id == found["id"])

    def begin(self, event: Event, values: Mapping[int, Any], **told: Any) -> tuple[int, str]:
        """Send an event; what no value is given for is as it was when the page was opened."""
        data = [
            values[part] if part in values else self._parts[part]["props"].get("value")
            for part in event.inputs
        ]
        body = {"data": data, "fn_index": event.id, "session_hash": self.session} | told
        status, _, text = self._served.post(f"/gradio_api/run/{event.name}", body)
        return status, text

    def ask(self, question: str) -> str:
        """Ask as the button does; give all that is then shown, as one text."""
        event = self.event_of("ask", "click")
        status, text = self.begin(event, {self.part("question"): question})
        assert status == 200, text
        return text
