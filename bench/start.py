"""The first second: what a command takes in a process of its own, and a page until it is there.

Over the samples with the default models, a fresh process each time; medians of `CTQA_STARTS`
starts. Commands are run in turn; CPU time and peak memory are those of the process with all its
threads. A page's "first answer" is to a question that is sent as soon as it can be had, from
`python app.py` on.
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
QUESTION = "Who resigned as health secretary?"
# A process's peak memory is never less than that of the one that starts it, so a small one does.
LAUNCHER = """
import os, sys, time
out = os.open(os.devnull, os.O_WRONLY)
began = time.perf_counter()
pid = os.posix_spawn(
    sys.argv[1], sys.argv[1:], os.environ, file_actions=[(os.POSIX_SPAWN_DUP2, out, 1)]
)
_, status, used = os.wait4(pid, 0)
print(status, time.perf_counter() - began, used.ru_utime + used.ru_stime, used.ru_maxrss)
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Start:
    """What one process took, in seconds from its start on; `warm` is for each question alone."""

    page: float
    answer: float
    warm: Sequence[float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """What one process took until it ended."""

    wall_s: float
    cpu_s: float
    peak_mb: float


def main() -> None:
    """Start commands, then the page, again and again."""
    index = index_of_samples()
    commands(index)
    page(index)


def commands(index: Path) -> None:
    """Run each command as often, in turn."""
    ask = ("ask", QUESTION, "--index", str(index))
    lines = {
        "ctqa --help": ("--help",),
        "ctqa status": ("status", "--index", str(index)),
        "ctqa ask, not reranked": (*ask, "--set", "rerank=0"),
        "ctqa ask, reranked": ask,
    }
    taken: dict[str, list[Ended]] = {what: [] for what in lines}
    for _ in range(STARTS):
        for what, arguments in lines.items():
            taken[what].append(ended(arguments))
    table = Table("start-commands", ("what", "n", "median, s", "largest, s", "CPU, s", "peak, MB"))
    for what, all_ended in taken.items():
        walls = [each.wall_s for each in all_ended]
        cpu_s = statistics.median(each.cpu_s for each in all_ended)
        peak_mb = statistics.median(each.peak_mb for each in all_ended)
        table.add(what, len(walls), statistics.median(walls), max(walls), cpu_s, round(peak_mb))


def ended(arguments: Sequence[str]) -> Ended:
    """Run one command until it ends."""
    command = [str(Path(sys.executable).with_name("ctqa")), *arguments]
    done = subprocess.run(
        [sys.executable, "-S", "-c", LAUNCHER, *command], capture_output=True, text=True, check=True
    )
    status, wall_s, cpu_s, peak = map(float, done.stdout.split())
    if status != 0:
        raise SystemExit(f"{' '.join(command)}: ended badly ({done.stderr})")
    peak /= 2**20 if sys.platform == "darwin" else 2**10  # bytes there, else KiB
    return Ended(wall_s=wall_s, cpu_s=cpu_s, peak_mb=peak)


def page(index: Path) -> None:
    """Start the page as often."""
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
