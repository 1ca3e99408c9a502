"""How long until a page takes questions, from `python app.py` on, and how long a warm answer takes.

Over the samples with the default models, a fresh process each time; medians of `CTQA_STARTS`
starts. "First answer" is to a question that is sent as soon as the page can be had.
"""

import contextlib
import os
import signal
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from bench.common import SEEDS, Table, index_of_samples, run
from bench.page import Person, fetched
from ctqa.evaluation import load_gold

APP = Path(__file__).parents[1] / "app.py"
STARTS = int(os.environ.get("CTQA_STARTS", "5"))
WARM_QUESTIONS = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class Start:
    """What one process took, in seconds from its start on; `warm` is for each question alone."""

    page: float
    answer: float
    warm: Sequence[float]


def main() -> None:
    """Start the page again and again."""
    index = index_of_samples()
    questions = [q.question for q in load_gold(SEEDS / "gold.jsonl").questions][:WARM_QUESTIONS]
    starts = [measured(index, questions) for _ in range(STARTS)]
    warm = sorted(seconds for start in starts for seconds in start.warm)
    table = Table("start", ("what", "n", "median, s", "largest, s"))
    for what, taken in (
        ("page can be had", [start.page for start in starts]),
        ("first answer", [start.answer for start in starts]),
        ("warm answer", warm),
    ):
        table.add(what, len(taken), statistics.median(taken), max(taken))


def measured(index: Path, questions: Sequence[str]) -> Start:
    """Start the page, and ask the first question until it is answered, then the others."""
    began = time.perf_counter()
    with serving(index) as port:
        until_it_can_be_had(port)
        page = time.perf_counter() - began
        person = Person(port)
        person.ask(questions[0])
        answer = time.perf_counter() - began
        return Start(page=page, answer=answer, warm=[_seconds(person, q) for q in questions[1:]])


@contextlib.contextmanager
def serving(index: Path) -> Iterator[int]:
    """Run `python app.py` over an index; give its port."""
    with TemporaryDirectory() as folder, socket.socket() as free:
        (Path(folder) / "index").symlink_to(index, target_is_directory=True)
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
        free.close()
        process = subprocess.Popen(
            [sys.executable, str(APP)],
            cwd=folder,
            env={**os.environ, "GRADIO_SERVER_PORT": str(port)},
            stderr=subprocess.DEVNULL,
        )
        try:
            yield port
        finally:
            process.send_signal(signal.SIGINT)
            process.wait(30)


def until_it_can_be_had(port: int) -> None:
    """Wait for the page."""
    while True:
        with contextlib.suppress(ConnectionError):
            fetched(port, "GET", "/")
            return
        time.sleep(0.01)


def _seconds(person: Person, question: str) -> float:
    began = time.perf_counter()
    person.ask(question)
    return time.perf_counter() - began


run(main, __name__)
