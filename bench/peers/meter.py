"""What a process has used since it began, read from inside: CPU, wall, memory."""

import os
import resource
import sys
import time
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

_STATUS = Path("/proc/self/status")


@dataclass(frozen=True, slots=True, kw_only=True)
class Used:
    """What was used up to a moment; `cpu` counts child processes that have ended."""

    cpu: float  # seconds, from the interpreter's start on
    wall: float  # seconds, of a clock that begins anywhere
    peak_mb: float


def used() -> Used:
    """Say what was used up to now."""
    times = os.times()
    cpu = times.user + times.system + times.children_user + times.children_system
    return Used(cpu=cpu, wall=time.perf_counter(), peak_mb=peak_mb())


def peak_mb() -> float:
    """Give the most memory that this process has had."""
    if _STATUS.is_file():
        lines = _STATUS.read_text(encoding="utf-8").splitlines()
        return next(int(line.split()[1]) / 1024 for line in lines if line.startswith("VmHWM"))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (1 << 20 if sys.platform == "darwin" else 1 << 10)


@dataclass(slots=True)
class Meter:
    """Named moments of a process, in their order."""

    moments: dict[str, Used] = field(default_factory=dict)

    def __call__(self, moment: str) -> None:
        """Keep what was used up to this moment."""
        self.moments[moment] = used()

    def form(self) -> dict[str, dict[str, Any]]:
        """Give the moments for JSON."""
        return {name: asdict(each) for name, each in self.moments.items()}
