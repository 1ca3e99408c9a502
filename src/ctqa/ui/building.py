"""Builds begun from the page: one at a time, in a process of its own, while asking goes on.

The index is crash-safe: a build that is stopped leaves the last one as it was, and the next goes on
with what was read and encoded.
"""

import json
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from threading import Lock, Thread
from typing import Any

from ctqa.index.report import BuildReport, Problem

_CHILD = (sys.executable, "-B", "-m", "ctqa.ui.build_child")
_PATIENCE_S = 8.0  # for a build that was told to stop: more than it takes itself


@dataclass(frozen=True, slots=True, kw_only=True)
class BuildState:
    """How far a build has come, or how the last one ended."""

    number: int = 0  # counts the builds begun from this page; 0: none was
    is_running: bool = False
    is_followed: bool = False  # another one begins when this one ends
    stage: str = ""  # "read", "encode", "write"; "": none yet
    done: int = 0  # of the stage
    of: int = 0  # 0: not known
    pages: int = 0  # begun, while files are read
    encoded: int = 0  # passages, while files are read
    seconds: float = 0.0  # since it began
    rate: float | None = None  # files or passages a second in this stage; None: not known yet
    report: BuildReport | None = None  # None: it has not ended well
    problem: str = ""  # why it ended without a report; "": it did not
    was_stopped: bool = False


class Builder:
    """Builds the index in a folder whenever it is asked to."""

    def __init__(self, folder: Path, *, command: Sequence[str] = _CHILD) -> None:
        self._folder = folder
        self._command = tuple(command)
        self._lock = Lock()
        self._state = BuildState()
        self._began = self._stage_began = 0.0
        self._stage_from = 0  # what was done of the stage when it began
        self._process: subprocess.Popen[str] | None = None
        self._thread: Thread | None = None
        self._next: list[str] | None = None  # the paths of the build that follows
        self._closed = False

    def state(self) -> BuildState:
        """Tell how far the build has come."""
        with self._lock:
            state = self._state
            if not state.is_running:
                return state
            now = time.monotonic()
            spent, done = now - self._stage_began, state.done - self._stage_from
            return replace(
                state,
                seconds=now - self._began,
                is_followed=self._next is not None,
                rate=done / spent if done and spent > 0 else None,
            )

    def start(self, paths: Sequence[Path] = ()) -> bool:
        """Build of `paths`; without any, of what the last build was made of.

        False: a build is running, and another one follows it.
        """
        given = [str(path) for path in paths]
        with self._lock:
            if self._closed:
                return False
            if self._state.is_running:
                self._next = given if given or self._next is None else self._next
                return False
            self._begin(given)
            return True

    def stop(self) -> None:
        """Have the build stop soon, and nothing follow it; the last committed one stays."""
        with self._lock:
            self._next = None
            process = self._process
            if process is None or self._state.was_stopped:
                return
            self._state = replace(self._state, was_stopped=True)
        Thread(target=_end, args=(process,), name="ctqa-build-end", daemon=True).start()

    def close(self) -> None:
        """Stop the build and begin no other."""
        with self._lock:
            self._closed = True
            thread = self._thread
        self.stop()
        if thread is not None:
            thread.join(2 * _PATIENCE_S)

    def wait(self, seconds: float) -> BuildState:
        """Wait until nothing is being built, so many seconds at most."""
        end = time.monotonic() + seconds
        while self.state().is_running and time.monotonic() < end:
            time.sleep(0.02)
        return self.state()

    def _begin(self, paths: list[str]) -> None:
        """Begin a build; to be called with the lock held."""
        self._began = self._stage_began = time.monotonic()
        self._state = BuildState(number=self._state.number + 1, is_running=True)
        try:
            process = subprocess.Popen(
                self._command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, encoding="utf-8"
            )
        except OSError as error:
            why = f"the build could not be begun: {error.strerror}"
            self._state = replace(self._state, is_running=False, problem=why)
            return
        self._process = process
        _send(process, {"index": str(self._folder), "paths": paths or None})
        self._thread = Thread(target=self._follow, args=(process,), name="ctqa-build", daemon=True)
        self._thread.start()

    def _follow(self, process: "subprocess.Popen[str]") -> None:
        with process:  # closes its pipes and waits for it
            for line in process.stdout or ():
                try:
                    said = json.loads(line)
                except ValueError:  # a line that was cut off: it was killed
                    continue
                self._hear(said)
        with self._lock:
            self._ended(process.returncode)

    def _hear(self, said: dict[str, Any]) -> None:
        with self._lock:
            if "stage" in said:
                self._state = self._advanced(said["stage"], int(said["done"]), int(said["of"]))
            elif "report" in said:
                self._state = replace(self._state, report=report_from(said["report"]))
            elif "problem" in said:
                self._state = replace(self._state, problem=str(said["problem"]))
            elif "stopped" in said:
                self._state = replace(self._state, was_stopped=True)

    def _advanced(self, stage: str, done: int, of: int) -> BuildState:
        state = self._state
        if stage == "page":
            return replace(state, pages=done)
        if stage == "encode" and not of:
            return replace(state, encoded=done)
        if stage != state.stage:
            self._stage_began, self._stage_from = time.monotonic(), done
        return replace(state, stage=stage, done=done, of=of)

    def _ended(self, code: int) -> None:
        state = self._state
        told = state.report is not None or state.problem or state.was_stopped
        self._process = None
        self._state = replace(
            state,
            is_running=False,
            seconds=time.monotonic() - self._began,
            problem=state.problem if told else f"the build ended unexpectedly (exit code {code})",
            was_stopped=state.was_stopped and state.report is None,
        )
        paths, self._next = self._next, None
        if paths is not None and not self._closed:
            self._begin(paths)


def report_from(form: dict[str, Any]) -> BuildReport:
    """Make a report of its JSON form."""
    problems = tuple(Problem(**problem) for problem in form["problems"])
    return BuildReport(**form | {"problems": problems, "mended": tuple(form["mended"])})


def _send(process: "subprocess.Popen[str]", request: dict[str, Any]) -> None:
    try:
        if process.stdin is not None:
            process.stdin.write(f"{json.dumps(request)}\n")
            process.stdin.flush()
    except OSError:
        return  # it has ended already; its exit code tells


def _end(process: "subprocess.Popen[str]") -> None:
    """Have a process end by itself, else end it."""
    try:
        if process.stdin is not None:
            process.stdin.close()
        process.wait(_PATIENCE_S)
    except OSError:
        return  # it has ended already
    except subprocess.TimeoutExpired:
        process.kill()
