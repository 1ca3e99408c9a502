"""A process measured from the outside: how long until it says something, what it used in all."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from tempfile import TemporaryFile
from typing import Any

from bench.peers.environment import ROOT, cores, variables

_ERROR_LINES = 15


@dataclass(frozen=True, slots=True, kw_only=True)
class Ran:
    """What a process took and printed; child processes that it waited for are counted."""

    first: float  # seconds until it printed its JSON
    wall: float  # seconds until it ended
    cpu: float  # seconds
    peak_mb: float  # of the largest process
    said: Any  # the JSON


def ran(command: Sequence[str], *, one_core: bool = True) -> Ran:
    """Run a command that prints one line of JSON, in the repository's root."""
    with TemporaryFile("w+", encoding="utf-8") as errors, cores(one=one_core):
        began = time.perf_counter()
        process = subprocess.Popen(
            command,
            cwd=ROOT,
            env=dict(variables(one_core=one_core)),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
        )
        said, first = _json_line(process, began)
        _, status, usage = os.wait4(process.pid, 0)
        wall = time.perf_counter() - began
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode not in (0, 1) or said is None:
            errors.seek(0)
            told = "".join(errors.readlines()[-_ERROR_LINES:])
            raise SystemExit(f"{' '.join(command)}\nended with {process.returncode}:\n{told}")
    return Ran(
        first=first,
        wall=wall,
        cpu=usage.ru_utime + usage.ru_stime,
        peak_mb=usage.ru_maxrss / (1 << 20 if sys.platform == "darwin" else 1 << 10),
        said=said,
    )


def _json_line(process: "subprocess.Popen[str]", began: float) -> tuple[Any, float]:
    """Read to the end; give the first line that is an object, and when it came."""
    said, first = None, 0.0
    assert process.stdout is not None
    for line in process.stdout:
        if said is None and line.startswith("{"):
            said, first = line, time.perf_counter() - began
    return (None if said is None else json.loads(said)), first
