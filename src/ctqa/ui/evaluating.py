"""Evaluations that run behind the page, one at a time."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from threading import Event, Lock, Thread
from typing import Literal

from ctqa.answering.qa import QA
from ctqa.answering.serving import Serving
from ctqa.errors import ConfigError, CtqaError
from ctqa.evaluation import Gold, evaluate
from ctqa.evaluation.kept import Results, circumstances
from ctqa.ui import words

Ended = Literal["kept", "stopped", "failed"]

_PATIENCE_S = 5.0  # for a question under way, when all is closed
_GIVE_WAY_S = 3.0  # before each question, at most, while somebody asks
_LOOK_S = 0.02


@dataclass(frozen=True, slots=True, kw_only=True)
class Running:
    """How far an evaluation is."""

    gold: str
    done: int = 0
    total: int = 0  # 0: the gold is being read
    is_stopping: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """How an evaluation ended."""

    how: Ended
    gold: str
    result: str = ""  # the id under which it is kept
    seconds: float = 0.0
    why: str = ""  # it failed


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """What is going on, and how the last evaluation ended."""

    running: Running | None = None
    last: Outcome | None = None
    ended: int = 0  # how many have ended; tells a page whether `last` is news to it


class _Stopped(Exception):  # noqa: N818 -- it is no error
    """Somebody has stopped the evaluation."""


@dataclass(slots=True)
class _Shared:
    """What the threads share."""

    lock: Lock = field(default_factory=Lock)
    state: State = field(default_factory=State)
    thread: Thread | None = None


class Evaluations:
    """Runs one evaluation at a time in a thread; whoever asks meanwhile goes first.

    It is a thread with the models that answer, not a process with models of its own: these would
    take the memory twice. Before each question it waits while somebody else's is being answered.
    """

    def __init__(self, serving: Serving) -> None:
        self._serving = serving
        self.results = Results(serving.folder)
        self._shared = _Shared()
        self._stop = Event()

    @property
    def state(self) -> State:
        """What is going on at this moment."""
        with self._shared.lock:
            return self._shared.state

    def start(self, name: str, load: Callable[[], Gold], *, answers: bool = True) -> None:
        """Begin to evaluate what `load` gives; a failure of it is told as the outcome.

        Raises:
            ConfigError: another evaluation is running.

        """
        with self._shared.lock:
            if self._shared.state.running is not None:
                raise ConfigError(words.RUN_IN_PROGRESS)
            self._stop.clear()
            self._shared.state = replace(self._shared.state, running=Running(gold=name))
            self._shared.thread = Thread(
                target=self._run, args=(name, load, answers), name="ctqa-evaluating", daemon=True
            )
            self._shared.thread.start()

    def stop(self) -> None:
        """Stop what is running at its next question; nothing of it is kept."""
        self._stop.set()
        with self._shared.lock:
            running = self._shared.state.running
            if running is not None:
                stopping = replace(running, is_stopping=True)
                self._shared.state = replace(self._shared.state, running=stopping)

    def close(self) -> None:
        """Stop, and wait a little for that."""
        self.stop()
        if self._shared.thread is not None:
            self._shared.thread.join(_PATIENCE_S)

    def _run(self, name: str, load: Callable[[], Gold], answers: bool) -> None:
        outcome = Outcome(how="failed", gold=name, why=words.RUN_FAILED)  # unless told otherwise
        try:
            self.results.prepare()
            gold = load()
            with self._serving.lend() as qa:
                outcome = self._evaluated(qa, name, gold, answers)
        except _Stopped:
            outcome = Outcome(how="stopped", gold=name)
        except CtqaError as error:
            outcome = Outcome(how="failed", gold=name, why=str(error))
        finally:
            with self._shared.lock:
                ended = self._shared.state.ended + 1
                self._shared.state = State(last=outcome, ended=ended)

    def _evaluated(self, qa: QA, name: str, gold: Gold, answers: bool) -> Outcome:
        began = time.monotonic()
        self._progress(0, len(gold.questions))
        found = evaluate(qa, gold, answers=answers, progress=self._progress)
        seconds = time.monotonic() - began
        kept = self.results.keep(found, circumstances(qa, gold, found, seconds))
        return Outcome(how="kept", gold=name, result=kept.id, seconds=seconds)

    def _progress(self, done: int, total: int) -> None:
        with self._shared.lock:
            running = self._shared.state.running
            if running is not None:
                running = replace(running, done=done, total=total)
                self._shared.state = replace(self._shared.state, running=running)
        until = time.monotonic() + _GIVE_WAY_S
        while self._serving.asked and time.monotonic() < until:
            if self._stop.wait(_LOOK_S):
                break
        if self._stop.is_set():
            raise _Stopped
