"""Builds in a process of their own: progress, an end of every kind, and one at a time."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from library import build, write_texts

from ctqa import api
from ctqa.index.local import open_index
from ctqa.index.lock import locked
from ctqa.ui.building import Builder, BuildState

SCRIPT = str(Path(__file__).parents[1] / "word_build.py")
WORDS = (sys.executable, SCRIPT)
SLOW = (*WORDS, "slow")
LONG_S = 60.0


@pytest.fixture
def index(tmp_path: Path) -> Path:
    build(write_texts(tmp_path / "documents"), tmp_path / "index")
    return tmp_path / "index"


@pytest.fixture
def builder(index: Path) -> Iterator[Builder]:
    with closing(Builder(index, command=WORDS)) as builder:
        yield builder


@pytest.fixture
def slow(index: Path) -> Iterator[Builder]:
    with closing(Builder(index, command=SLOW)) as builder:
        yield builder


def add_a_text(index: Path) -> None:
    write_texts(index.parent / "documents", {"hills.txt": "The hills are steep.\n"})


def until(builder: Builder, stage: str) -> BuildState:
    end = time.monotonic() + LONG_S
    while (state := builder.state()).is_running and state.stage != stage:
        assert time.monotonic() < end, state
        time.sleep(0.02)
    return state


def test_a_build_is_told_from_its_beginning_to_its_report(builder: Builder, index: Path) -> None:
    assert builder.state() == BuildState()
    add_a_text(index)
    assert builder.start()
    state = builder.state()
    assert (state.is_running, state.number, state.report) == (True, 1, None)
    ended = builder.wait(LONG_S)
    assert ended.report is not None, ended
    assert (ended.report.added, ended.report.committed, ended.problem) == (1, True, "")
    assert (ended.stage, ended.done, ended.of > 0) == ("write", ended.of, True)
    assert builder.start()
    again = builder.wait(LONG_S)
    assert again.number == 2
    assert again.report is not None
    assert not again.report.committed


def test_other_paths_become_what_the_index_is_made_of(builder: Builder, index: Path) -> None:
    more = write_texts(index.parent / "more", {"hills.txt": "The hills are steep.\n"})
    builder.start([index.parent / "documents", more])
    assert builder.wait(LONG_S).problem == ""
    assert api.roots_of(index) == [index.parent / "documents", more]


def test_a_build_that_is_stopped_leaves_the_last_one(slow: Builder, index: Path) -> None:
    add_a_text(index)
    slow.start()
    assert until(slow, "encode").of == 1
    slow.stop()
    ended = slow.wait(LONG_S)
    assert (ended.is_running, ended.was_stopped, ended.report, ended.problem) == (
        *(False, True, None, ""),
    )
    with closing(open_index(index)) as opened:
        assert opened.build.number == 1
    with locked(index):  # nobody holds it any more
        pass


def test_a_build_asked_for_meanwhile_follows(slow: Builder, builder: Builder, index: Path) -> None:
    builder.start()
    assert not builder.start()
    assert builder.state().is_followed
    assert builder.wait(LONG_S).number == 2
    add_a_text(index)
    slow.start()
    until(slow, "encode")
    assert not slow.start()
    slow.stop()  # and with it, what was to follow
    assert slow.wait(LONG_S).number == 1


def test_what_goes_wrong_is_told(builder: Builder, index: Path) -> None:
    with locked(index):
        builder.start()
        assert "another process is writing to this index" in builder.wait(LONG_S).problem
    builder.start([index.parent / "nowhere"])
    assert "there is no such file or folder" in builder.wait(LONG_S).problem


def test_a_process_that_dies_is_told(index: Path) -> None:
    with closing(Builder(index, command=(*WORDS, "crash"))) as builder:
        builder.start()
        assert builder.wait(LONG_S).problem == "the build ended unexpectedly (exit code 7)"
    with closing(Builder(index, command=("/nowhere/python",))) as builder:
        builder.start()
        assert "could not be begun" in builder.wait(LONG_S).problem


def test_nothing_is_begun_after_the_end(slow: Builder, index: Path) -> None:
    add_a_text(index)
    slow.start()
    until(slow, "encode")
    slow.close()
    assert not slow.state().is_running
    assert not slow.start()
    assert not slow.state().is_running


@pytest.mark.skipif(not hasattr(os, "fork"), reason="looks a process up as POSIX has it")
def test_a_build_does_not_outlive_whoever_asked(index: Path) -> None:
    add_a_text(index)
    code = (
        "import sys, time; from pathlib import Path; from ctqa.ui.building import Builder\n"
        f"builder = Builder(Path({str(index)!r}), command={SLOW!r}); builder.start()\n"
        "while builder.state().stage != 'encode': time.sleep(.02)\n"
        "print(builder._process.pid, flush=True); time.sleep(600)"
    )
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE) as parent:
        assert parent.stdout is not None
        child = int(parent.stdout.readline())
        os.kill(child, 0)
        parent.send_signal(signal.SIGKILL)
    end = time.monotonic() + LONG_S
    while _is_there(child):
        assert time.monotonic() < end
        time.sleep(0.05)


def _is_there(process: int) -> bool:
    try:
        return Path(f"/proc/{process}/stat").read_text().split()[2] != "Z"
    except FileNotFoundError:
        return False
