"""Work that a test has done in a process of its own: fresh, and single-threaded as it begins."""

import multiprocessing
import os
import shutil
import sys
import tempfile
import traceback
from collections.abc import Callable
from multiprocessing.connection import Connection
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from kills import prepare, told
from library import build, open_qa

from ctqa.errors import CtqaError

NOBODY = 65534


def apart(work: Callable[..., object], *arguments: object) -> Any:
    """Do something in a fresh process; give what it gave, or fail as it did."""
    context = multiprocessing.get_context("spawn")
    reading, writing = context.Pipe(duplex=False)
    process = context.Process(target=_done, args=(writing, work, arguments))
    process.start()
    writing.close()
    try:
        said = reading.recv()
    except EOFError:
        said = "nothing"
    process.join()
    assert process.exitcode == 0, f"{work.__name__} ended with {process.exitcode}: {said}"
    return said


def _done(pipe: Connection, work: Callable[..., object], arguments: tuple[object, ...]) -> None:
    try:
        pipe.send(work(*arguments))
    except BaseException:  # noqa: BLE001 -- whatever it was, this process ends here
        pipe.send(traceback.format_exc())
        sys.exit(1)


def refused(work: Callable[[], object]) -> str:
    """Give the kind and the words of the error that something ends with."""
    try:
        work()
    except CtqaError as error:
        return f"{type(error).__name__} {error.exit_code} {error}"
    return "no error"


def become_nobody() -> None:
    """Give up root's rights, which no file's mode holds back."""
    if os.geteuid() == 0:
        os.setgroups([])
        os.setgid(NOBODY)
        os.setuid(NOBODY)


def all_told(index: Path) -> dict[str, Any]:
    """Give all that an index says."""
    prepare()
    return told(index)


def read_without_writing(index: Path, documents: Path, temporary: Path) -> dict[str, Any]:
    """Give all that an index says to one who may not write to it, and how writing is refused."""
    prepare()
    with TemporaryDirectory() as copy:  # what is imported when it is first used, is imported now
        told(shutil.copytree(index, Path(copy, "index")))
    os.environ["TMPDIR"] = tempfile.tempdir = str(temporary)
    become_nobody()
    found = {"opened": "", "built": refused(lambda: build(documents, index))}
    try:
        found |= told(index)
    except CtqaError as error:
        found["opened"] = f"{type(error).__name__} {error}"
    return found


def asked(index: Path, question: str) -> str:
    """Ask one question."""
    qa = open_qa(index)
    try:
        return "; ".join(answer.text for answer in qa.ask(question).answers)
    finally:
        qa.close()
