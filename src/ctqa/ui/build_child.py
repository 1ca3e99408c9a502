"""The process in which a page's builds run: `python -m ctqa.ui.build_child`, one build each.

It takes one line of JSON from stdin, and tells on stdout, a line of JSON each, how far it has come
and how it ended. When stdin ends, whoever asked has gone or wants no more: it stops then.
"""

import json
import os
import signal
import sys
import time
from _thread import interrupt_main
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from threading import Event, Thread, main_thread
from typing import Any, TextIO

from ctqa import api
from ctqa.errors import CtqaError
from ctqa.index.build import Progress
from ctqa.index.report import BuildReport

# Told what to build of (None: of what the last build was made of), where, and whom to tell.
Build = Callable[[list[Path] | None, Path, Progress], BuildReport]

_TOLD_EVERY_S = 0.25
_NICENESS = 10  # whoever asks meanwhile goes first
_PATIENCE_S = 5.0  # from the wish to stop to the end, whatever a library is at


def main(build: Build | None = None) -> None:
    """Build as asked on stdin, and tell of it on stdout."""
    answers = _own_stdout()
    if hasattr(os, "nice"):
        os.nice(_NICENESS)
    request = json.loads(sys.stdin.readline())
    finished = Event()
    Thread(target=_stop_with_stdin, args=(finished,), daemon=True, name="stdin-watch").start()
    paths = None if request["paths"] is None else [Path(path) for path in request["paths"]]
    try:
        report = (_build if build is None else build)(paths, Path(request["index"]), _Told(answers))
    except CtqaError as error:
        _tell(answers, {"problem": str(error)})
    except KeyboardInterrupt:
        _tell(answers, {"stopped": True})
    else:
        _tell(answers, {"report": asdict(report)})
    finally:
        finished.set()


def _build(paths: list[Path] | None, index: Path, progress: Progress) -> BuildReport:
    return api.build(paths, index, progress=progress)


class _Told:
    """Tells of progress: of each stage's beginning and end, and now and then between."""

    def __init__(self, answers: TextIO) -> None:
        self._answers = answers
        self._last = ("", 0.0)  # the stage that was told of, and when

    def __call__(self, stage: str, done: int, of: int) -> None:
        now = time.monotonic()
        before, when = self._last
        if stage == before and done < of and now - when < _TOLD_EVERY_S:
            return
        if stage == "page" and now - when < _TOLD_EVERY_S:
            return
        self._last = (stage, now)
        _tell(self._answers, {"stage": stage, "done": done, "of": of})


def _tell(answers: TextIO, said: dict[str, Any]) -> None:
    answers.write(f"{json.dumps(said)}\n")
    answers.flush()


def _own_stdout() -> TextIO:
    """Keep stdout for answers; what libraries print goes to stderr."""
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    return answers


def _stop_with_stdin(finished: Event) -> None:
    sys.stdin.read()
    if finished.is_set():
        return
    main = main_thread().ident
    if hasattr(signal, "pthread_kill") and main is not None:  # this wakes a thread that waits
        signal.pthread_kill(main, signal.SIGINT)
    else:
        interrupt_main()
    time.sleep(_PATIENCE_S)
    os._exit(130)


if __name__ == "__main__":
    main()
