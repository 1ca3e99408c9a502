"""Kill a real `ctqa build` at random moments, to see whether anything is lost or encoded twice.

The process alone is killed in one half of the trials, in the other half its readers with it.
CTQA_MOMENTS says how many trials; needs the default encoder.
"""

import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path

import ctqa
from bench.common import OUT, SEEDS, Table, run
from ctqa.config import IndexConfig, SearchConfig
from ctqa.errors import IndexLoadError
from ctqa.index.build import build_index
from ctqa.index.catalog import Catalog
from ctqa.index.files import build_folder
from ctqa.index.report import BuildReport
from ctqa.models import Encoder, load_encoder
from ctqa.sources import collect

_FILES = 240
_CHANGED = 60
_WORDS = 90  # in a file
_MOMENTS = int(os.environ.get("CTQA_MOMENTS", "200"))
_QUESTIONS = ("What is social care?", "How many adults receive care?", "Who pays for housing?")
_ENDS_WITHIN_S = 60  # that readers may outlive their parent
_WHOLE, _ALONE = "with its readers", "alone"


@dataclass(frozen=True, slots=True, kw_only=True)
class Left:
    """What a killed build left."""

    stage: str
    cached: int  # vectors
    build: int


class Trials:
    """An index, the documents of its next build, and what it says before and after that."""

    def __init__(self, place: Path) -> None:
        shutil.rmtree(place, ignore_errors=True)
        self._documents = place / "documents"
        self._base = place / "base"
        self._index = place / "index"
        self._encoder: Encoder = load_encoder(IndexConfig().encoder)
        _write(self._documents, 0)
        self._build(self._base)
        _write(self._documents, 1)
        self._copy()
        self._cached = _cached(self._index)
        self._before = self._said()
        started = time.monotonic()
        self._start().wait()
        self.seconds = time.monotonic() - started
        self._new = _cached(self._index) - self._cached
        self._after = self._said()

    def kill_after(self, seconds: float, how: str) -> tuple[str, list[str]]:
        """Kill a build after a time: the stage that it was in, and what is wrong then."""
        self._copy()
        process = self._start()
        time.sleep(seconds)
        if how == _WHOLE:
            os.killpg(process.pid, signal.SIGKILL)
        else:
            process.kill()
        process.wait()
        left = self._left()
        return left.stage, list(self._wrong(process.pid, left))

    def _wrong(self, group: int, left: Left) -> Iterator[str]:
        said = self._said()
        if said != (self._after if left.build == 2 else self._before):
            yield f"build {left.build} does not say what it said"
        report = self._build(self._index)
        most = self._new - (left.cached - self._cached)
        if report.encoded > most:
            yield f"{report.encoded} were encoded, {most} were not in the cache"
        if report.build != 2 or self._said() != self._after:
            yield "the next build does not say what one says that nobody killed"
        folders = {path.name for path in (self._index / "builds").iterdir()}
        if folders != {"1", "2"}:
            yield f"builds holds {sorted(folders)}"
        if not _is_gone(group):
            yield "readers go on"

    def _start(self) -> subprocess.Popen[bytes]:
        program = Path(sys.executable).with_name("ctqa")
        return subprocess.Popen(
            [program, "build", self._documents, "--index", self._index, "--quiet"],
            stdout=subprocess.DEVNULL,
            start_new_session=True,
        )

    def _copy(self) -> None:
        shutil.rmtree(self._index, ignore_errors=True)
        shutil.copytree(self._base, self._index)

    def _build(self, index: Path) -> BuildReport:
        return build_index(
            collect([self._documents], without=index),
            index,
            encoder=self._encoder,
            config=IndexConfig(),
            progress=lambda *_: None,
        )

    def _said(self) -> list[str]:
        config = SearchConfig(rerank=0)
        with closing(ctqa.QA.load(self._index, config, encoder=self._encoder)) as qa:
            replies = [replace(qa.ask(question), elapsed_ms={}) for question in _QUESTIONS]
            return [
                *map(repr, replies),
                *(repr(qa.document(source.id)) for source in qa.documents()),
            ]

    def _left(self) -> Left:
        with closing(Catalog.open(self._index)) as catalog:
            build = catalog.head().build
            staged = catalog._one("SELECT count(*) FROM files WHERE first_build = 2")
        cached = _cached(self._index)
        if build == 2:
            stage = "committed"
        elif any(build_folder(self._index, 2).parent.glob("2*")):
            stage = "write"
        elif cached > self._cached:
            stage = "encode"
        else:
            stage = "read, or encode" if staged else "start"
        return Left(stage=stage, cached=cached, build=build)


def main() -> None:
    """Kill builds and print where they were and what was wrong."""
    trials = Trials(OUT / "crash")
    print(f"a build takes {trials.seconds:.1f} s; {_MOMENTS} moments")
    chance = random.Random(7)  # noqa: S311 -- the same moments again
    moments: Counter[tuple[str, str]] = Counter()
    failures: Counter[tuple[str, str]] = Counter()
    for number in range(_MOMENTS):
        how = _WHOLE if number % 2 else _ALONE
        seconds = chance.uniform(0, 1.05 * trials.seconds)
        stage, wrong = trials.kill_after(seconds, how)
        print(f"{number}: killed {how} after {seconds:.1f} s, had come to: {stage}", flush=True)
        moments[how, stage] += 1
        failures[how, stage] += bool(wrong)
        for each in wrong:
            print(f"   {each}", flush=True)
    table = Table("crash", ("killed", "it had come to", "moments", "failures"))
    for how, stage in sorted(moments):
        table.add(how, stage, moments[how, stage], failures[how, stage])


def _write(folder: Path, state: int) -> None:
    """Write documents of the samples' words; the second state changes, adds and removes some."""
    words = " ".join(
        path.read_text(encoding="utf-8") for path in sorted(SEEDS.glob("*.txt"))
    ).split()
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    for number in range(state * _CHANGED // 2, _FILES + state * _CHANGED // 2):
        changed = state if number % 4 == 0 else 0
        start = (number * 131 + changed * 57) % (len(words) - _WORDS)
        text = " ".join(words[start : start + _WORDS])
        (folder / f"{number}.txt").write_text(f"File {number}. {text}\n", encoding="utf-8")


def _cached(index: Path) -> int:
    try:
        with closing(Catalog.open(index)) as catalog:
            return int(catalog._one("SELECT count(*) FROM embeddings"))
    except IndexLoadError:
        return 0


def _is_gone(group: int) -> bool:
    """Wait for the processes of a group to end: those that lost their parent do so unasked."""
    end = time.monotonic() + _ENDS_WITHIN_S
    while time.monotonic() < end:
        try:
            os.killpg(group, 0)
        except ProcessLookupError:
            return True
        time.sleep(0.05)
    return False


run(main, __name__)
