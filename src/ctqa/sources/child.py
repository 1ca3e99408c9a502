"""The process that reads strangers' files: `python -m ctqa.sources.child`, one file after another.

It takes requests from stdin and answers on stdout (`wire`). It has limits on memory and processor
time, writes no file, and neither opens a connection nor starts a process.
"""

import os
import signal
import sys
from dataclasses import asdict
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO

from ctqa.sources import progress
from ctqa.sources.content import ReadOptions
from ctqa.sources.load import load_file
from ctqa.sources.wire import WireError, receive, send

_REFUSED = (
    "socket.connect",
    "socket.bind",
    "socket.getaddrinfo",
    "subprocess.Popen",
    "os.system",
    "os.exec",
    "os.posix_spawn",
    "os.fork",
    "webbrowser.open",
)


def main() -> None:
    """Serve requests until stdin ends."""
    requests, answers = sys.stdin.buffer, set_apart()
    while True:
        try:
            _, request = receive(requests)
        except WireError:
            return
        limit(memory=request["memory"], seconds=request["seconds"])
        _serve(request, answers)


def set_apart() -> BinaryIO:
    """Give up what reading a stranger's file has no need of; give the stream for answers."""
    answers = _own_stdout()
    _tell_of_failure(answers)
    _close_off()
    return answers


def _serve(request: dict[str, Any], answers: BinaryIO) -> None:
    options = ReadOptions(
        passwords=tuple(request["passwords"]),
        ocr=request["ocr"],
        without=frozenset(request["without"]),
    )
    begun: list[int] = []

    def tell(number: int) -> None:
        begun.append(number)
        send(answers, "page", {"number": number})

    progress.on_page = tell
    read = load_file(Path(request["path"]), options)
    if not begun:  # a format without pages
        tell(1)
    for content in read.loaded.contents:
        send(answers, "content", asdict(content))
    send(
        answers,
        "done",
        {
            "sha256": read.sha256,
            "size": read.size,
            "state": read.loaded.state,
            "reason": read.loaded.reason,
        },
    )


def _own_stdout() -> BinaryIO:
    """Keep stdout for answers; what libraries print goes to stderr."""
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    return answers


def _tell_of_failure(answers: BinaryIO) -> None:
    def tell(kind: type[BaseException], exc: BaseException, _: TracebackType | None) -> None:
        send(answers, "error", {"reason": f"{kind.__name__}: {exc}"[:300]})

    sys.excepthook = tell


def _close_off() -> None:
    """Give up what reading a file has no need of."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the parent, which ends this one
    sys.addaudithook(_refuse)
    try:
        import resource  # noqa: PLC0415 -- not on Windows
    except ImportError:
        return
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _refuse(event: str, _: tuple[Any, ...]) -> None:
    if event in _REFUSED:
        raise PermissionError(f"{event}: reading a file needs nothing of this kind")


def limit(*, memory: int, seconds: int) -> None:
    """Bound the address space, in bytes, and what processor time is spent from now on."""
    try:
        import resource  # noqa: PLC0415 -- not on Windows
    except ImportError:
        return
    used = resource.getrusage(resource.RUSAGE_SELF)
    spent = int(used.ru_utime + used.ru_stime) + 1
    for kind, most in ((resource.RLIMIT_AS, memory), (resource.RLIMIT_CPU, spent + seconds)):
        _, hard = resource.getrlimit(kind)
        soft = most if hard == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(kind, (soft, hard))


if __name__ == "__main__":
    main()
