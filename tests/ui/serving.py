"""A real server over a real index of a few small files, and plain requests to it."""

import http.client
import json
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from encoders import WordEncoder

from ctqa.answering.qa import QA
from ctqa.answering.serving import Serving
from ctqa.config import IndexConfig, SearchConfig
from ctqa.index.build import build_index
from ctqa.listening import listen
from ctqa.sources import collect
from ctqa.ui.access import Access
from ctqa.ui.building import Builder
from ctqa.ui.desk import desk_over
from ctqa.ui.server import make_server, private_folder

HOSTILE_NAME = "<img src=x onerror=alert(1)>.txt"
HOSTILE_HEADING = "Who pays for </script><script>alert(2)</script> parking?"
HOSTILE_SENTENCE = (
    "The canteen serves <img src=x onerror=\"alert('document')\"> porridge ${alert(3)} `alert(4)` "
    "{{constructor}} <script>alert(5)</script> daily."
)

_WORD_BUILD = Path(__file__).parents[1] / "word_build.py"
CONFIG = SearchConfig(min_score=0.5, rerank=0, answers=1)
DOCUMENTS = {
    "wards.txt": (
        "When may relatives visit the ward?\n\n"
        "Relatives may visit the ward between two and four in the afternoon. "
        "Children must be brought by an adult, and flowers are not allowed on the ward.\n"
    ),
    "discharge.txt": (
        "Discharge planning\n\n"
        "The discharge nurse 👩🏽‍⚕️ orders transport home for every frail patient. "
        "Medicines are handed over in a sealed green bag.\n"
    ),
    HOSTILE_NAME: (
        f"{HOSTILE_HEADING}\n\n{HOSTILE_SENTENCE} The kitchen closes early on Sundays.\n"
    ),
}
DAMAGED = ("scan <i>old.pdf", b"%PDF-1.7 damaged")

VISIT = "When may relatives visit the ward in the afternoon?"
VISIT_ANSWER = "Relatives may visit the ward between two and four in the afternoon."
MORNING = "and in the morning?"
MORNING_MEANT = "When may relatives visit the ward in the morning?"
NURSE = "Who orders transport home for a frail patient?"
NURSE_ANSWER = "The discharge nurse 👩🏽‍⚕️ orders transport home for every frail patient."
HOSTILE = (
    "Does the canteen serve <img src=x onerror=\"alert('question')\"> porridge ${alert(6)} "
    "`alert(7)` {{constructor}} <script>alert(8)</script> daily?"
)
NOWHERE = "Xylophone quartets, zeppelins?"


@dataclass(frozen=True, slots=True, kw_only=True)
class Served:
    """An index and the address of its page, without a slash at the end."""

    serving: Serving
    port: int

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def get(self, path: str, **headers: str) -> tuple[int, Mapping[str, str], str]:
        return self._request("GET", path, None, headers)

    def post(self, path: str, body: Any) -> tuple[int, Mapping[str, str], str]:
        return self._request("POST", path, json.dumps(body), {"content-type": "application/json"})

    def ask(self, question: Any) -> tuple[str, Any]:
        """Ask as a program does; give the kind of the last event, and its data."""
        return self.call("ask", question=question)

    def call(self, name: str, **given: Any) -> tuple[str, Any]:
        """Call an endpoint for programs; give the kind of its last event, and its data."""
        status, _, body = self.post(f"/gradio_api/call/v2/{name}", given)
        assert status == 200, body
        _, _, events = self.get(f"/gradio_api/call/{name}/{json.loads(body)['event_id']}")
        event, data = events.strip().split("\n\n")[-1].split("\n")
        return event.removeprefix("event: "), json.loads(data.removeprefix("data: "))

    def _request(
        self, method: str, path: str, body: str | None, headers: Mapping[str, str]
    ) -> tuple[int, Mapping[str, str], str]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            connection.request(method, path, body=body, headers=dict(headers))
            response = connection.getresponse()
            text = response.read().decode()
            return response.status, {k.lower(): v for k, v in response.getheaders()}, text
        finally:
            connection.close()


def make_index(folder: Path) -> Path:
    """Build the index of `DOCUMENTS` and a damaged file."""
    documents, index = folder / "documents", folder / "index"
    documents.mkdir()
    for name, text in DOCUMENTS.items():
        (documents / name).write_text(text, encoding="utf-8")
    (documents / DAMAGED[0]).write_bytes(DAMAGED[1])
    build_again(folder)
    return index


def build_again(folder: Path) -> int:
    """Build from what the documents are now; give the build's number."""
    return build_index(
        collect([folder / "documents"]),
        folder / "index",
        encoder=WordEncoder(),
        config=IndexConfig(encoder="words"),
        progress=lambda *_: None,
    ).build


def open_qa(index: Path) -> QA:
    return QA.load(index, CONFIG, encoder=WordEncoder())


def open_serving(index: Path) -> Serving:
    return Serving(index, CONFIG, encoder=WordEncoder())


@contextmanager
def served_by(serving: Serving, access: Access | None = None) -> Iterator[Served]:
    """Serve in a thread, on a free port, until the block ends; builds are soon taken up."""
    serving.start(every_s=0.05)
    builder = Builder(serving.folder, command=(sys.executable, str(_WORD_BUILD)))
    with (
        listen("127.0.0.1", 0, command="ctqa serve") as listener,
        private_folder(),
        desk_over(serving, builder) as desk,
    ):
        server = make_server(desk, listener, Access() if access is None else access)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
        thread.start()
        try:
            while not server.started:
                assert thread.is_alive(), "the server did not start"
                time.sleep(0.01)
            yield Served(serving=serving, port=listener.getsockname()[1])
        finally:
            server.should_exit = True
            thread.join(10)
        assert not thread.is_alive()
