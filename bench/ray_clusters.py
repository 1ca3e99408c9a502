"""Real Ray clusters, for tests and benches: in a network of their own, ended with their program."""

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from signal import SIGKILL
from tempfile import TemporaryDirectory

from bench.ray_holder import network, of_network

PORT = 6390  # any would do but Ray's own 10002 to 19999: nobody else is in that network
CLIENT_PORT = 10001
HOLDER = Path(__file__).parent / "ray_holder.py"
LONG_S = 300.0  # on a busy machine: a cluster takes some seconds to start, and so does a job


def why_not() -> str:
    """Say why no cluster can be started here; "" where one can."""
    if sys.platform != "linux" or shutil.which("unshare") is None:
        return "needs Linux and its unshare: Ray listens on every network that it finds"
    tried = subprocess.run([*_apart(), "true"], capture_output=True, check=False)
    return "" if tried.returncode == 0 else "this user may make no network of its own"


def _apart() -> list[str]:
    return ["unshare", "--net", *([] if os.getuid() == 0 else ["--map-root-user"])]


class Cluster:
    """A cluster of one node."""

    def __init__(self, holder: "subprocess.Popen[bytes]") -> None:
        self._holder = holder

    def popen(self, *command: str, **environment: str) -> "subprocess.Popen[str]":
        """Start a program within the cluster's network."""
        enter = ["nsenter", f"--target={self._holder.pid}", "--net"]
        if os.getuid() != 0:
            enter += ["--user", "--preserve-credentials"]
        return subprocess.Popen(
            [*enter, *command],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env=os.environ | environment,
        )

    def run(self, *command: str, **environment: str) -> "subprocess.CompletedProcess[str]":
        """Run a program within the cluster's network to its end."""
        process = self.popen(*command, **environment)
        out, err = process.communicate(timeout=LONG_S)
        return subprocess.CompletedProcess(command, process.returncode, out, err)

    def at_work(self, doing: str) -> int:
        """Give a worker's process that is at a task; waits for one."""
        own, end = network(self._holder.pid), time.monotonic() + LONG_S
        while time.monotonic() < end:
            for process in of_network(own):
                if _title(process) == f"ray::{doing}":
                    return process
            time.sleep(0.05)
        raise AssertionError(f"no worker is at {doing}")

    def kill_all(self) -> None:
        """Kill all of the cluster at once, but no program that was started within its network."""
        for process in of_network(network(self._holder.pid)):
            if self._holder.pid in _ancestors(process):
                os.kill(process, SIGKILL)

    def kill(self, process: int) -> None:
        """Kill one of the cluster's processes."""
        assert network(process) == network(self._holder.pid)
        os.kill(process, SIGKILL)


# On a busy machine a client's server takes more than the half minute that Ray gives it.
_PATIENT = {"RAY_USAGE_STATS_ENABLED": "0", "RAY_CLIENT_SERVER_CHECK_CHANNEL_TIMEOUT_S": "300"}


@contextmanager
def cluster(cores: int, **environment: str) -> Iterator[Cluster]:
    """Start a cluster, its workers in that environment; end it with all its processes."""
    with TemporaryDirectory(prefix="ray-") as folder:
        started = _start(Path(folder), cores, environment)
        try:
            assert started.stdout is not None
            assert started.stdout.readline() == b"ready\n", "the cluster does not start"
            yield Cluster(started)
        finally:
            started.communicate(timeout=LONG_S)  # closes its stdin


def _start(folder: Path, cores: int, environment: Mapping[str, str]) -> "subprocess.Popen[bytes]":
    ray = Path(sys.executable).with_name("ray")
    return subprocess.Popen(
        [
            *(*_apart(), sys.executable, str(HOLDER), f"{PORT},{CLIENT_PORT}"),
            *(str(ray), "start", "--head", "--block"),
            *("--node-ip-address=127.0.0.1", f"--port={PORT}", f"--num-cpus={cores}"),
            *("--include-dashboard=false", "--disable-usage-stats", f"--temp-dir={folder}"),
            *(f"--ray-client-server-port={CLIENT_PORT}", "--object-store-memory=100000000"),
        ],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        start_new_session=True,  # Ctrl-C is for the tests, which then end it
        env=os.environ | _PATIENT | environment,
    )


def _ancestors(process: int) -> Iterator[int]:
    """Give the processes that a process comes from, the nearest first."""
    while process > 1:
        try:
            said = Path(f"/proc/{process}/stat").read_text(encoding="utf-8", errors="replace")
        except OSError:
            return  # it has ended
        process = int(said.rpartition(")")[2].split()[1])
        yield process


def _title(process: int) -> str:
    try:
        return Path(f"/proc/{process}/cmdline").read_bytes().split(b"\0")[0].decode()
    except OSError:
        return ""  # it has ended
