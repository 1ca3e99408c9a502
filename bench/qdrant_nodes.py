"""Real Qdrant servers on this machine, one or several as a cluster, for benches and tests.

They listen on loopback only, and run as nobody where we are root: the server is a third party's
build (bin/need-qdrant).
"""

import os
import shutil
import signal
import socket
import ssl
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import mkdtemp

NOBODY = 65534
SERVER = Path(sys.prefix) / "qdrant" / "qdrant"
_READY_S = 60.0


def missing() -> str:
    """Say why no server can be started; "": one can."""
    return "" if SERVER.is_file() else f"no Qdrant server at {SERVER}: bin/need-qdrant brings it"


@dataclass(frozen=True, slots=True, kw_only=True)
class Certificate:
    """What a server speaks TLS with, and what vouches for it; PEM files."""

    authority: Path
    certificate: Path
    key: Path


@dataclass(slots=True, kw_only=True)
class Node:
    """One server, that is started and killed as often as is wanted, over the same files."""

    folder: Path
    program: Path
    http: int
    grpc: int
    p2p: int
    clustered: bool
    first: "Node | None" = None  # the node to join; None: it is that one
    key: str = ""  # that has to be given
    tls: Certificate | None = None  # None: it speaks plain HTTP
    process: "subprocess.Popen[bytes] | None" = field(default=None)

    @property
    def host(self) -> str:
        """Where it is asked."""
        return f"127.0.0.1:{self.http}"

    def start(self, *, wait: bool = True) -> None:
        """Start it, and wait until it is ready."""
        log = (self.folder / "log").open("ab")
        with log:
            self.process = subprocess.Popen(
                [str(self.program), *self._joining()],
                cwd=self.folder,
                env=self._environment(),
                stdout=log,
                stderr=log,
                **_as_nobody(),
            )
        if wait:
            self.wait()

    def wait(self) -> None:
        """Wait until it is ready."""
        assert self.process is not None
        until = time.monotonic() + _READY_S
        while not self._is_ready():
            if self.process.poll() is not None or time.monotonic() > until:
                said = (self.folder / "log").read_text(errors="replace")[-2_000:]
                raise RuntimeError(f"Qdrant did not start:\n{said}")
            time.sleep(0.05)

    def kill(self) -> None:
        """End it as a power cut would."""
        self._end(signal.SIGKILL)

    def stop(self) -> None:
        """End it in good order."""
        self._end(signal.SIGTERM)

    def _end(self, how: signal.Signals) -> None:
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(how)
            self.process.wait()

    def _is_ready(self) -> bool:
        trusted = self.tls and ssl.create_default_context(cafile=self.tls.authority)
        url = f"{'https' if self.tls else 'http'}://{self.host}/readyz"
        try:
            with urllib.request.urlopen(url, timeout=5, context=trusted) as answer:  # noqa: S310
                return bool(answer.status == 200)
        except OSError:
            return False

    def _joining(self) -> list[str]:
        if not self.clustered:
            return []
        if self.first is None:
            return ["--uri", f"http://127.0.0.1:{self.p2p}"]
        uris = [f"http://127.0.0.1:{node.p2p}" for node in (self.first, self)]
        return ["--bootstrap", uris[0], "--uri", uris[1]]

    def _environment(self) -> dict[str, str]:
        settings = {
            "SERVICE__HOST": "127.0.0.1",
            "SERVICE__HTTP_PORT": str(self.http),
            "SERVICE__GRPC_PORT": str(self.grpc),
            "STORAGE__STORAGE_PATH": str(self.folder / "storage"),
            "STORAGE__SNAPSHOTS_PATH": str(self.folder / "snapshots"),
            "CLUSTER__ENABLED": "true" if self.clustered else "false",
            "CLUSTER__P2P__PORT": str(self.p2p),
            "TELEMETRY_DISABLED": "true",
            "LOG_LEVEL": "WARN",
        }
        if self.key:
            settings["SERVICE__API_KEY"] = self.key
        if self.tls is not None:
            settings["SERVICE__ENABLE_TLS"] = "true"
            settings["TLS__CERT"] = str(_own(self.tls.certificate, self.folder))
            settings["TLS__KEY"] = str(_own(self.tls.key, self.folder))
        return {"PATH": os.defpath} | {f"QDRANT__{name}": value for name, value in settings.items()}


@contextmanager
def nodes(count: int = 1, *, key: str = "", tls: Certificate | None = None) -> Iterator[list[Node]]:
    """Start servers, as one cluster where they are several; end them and their files afterwards."""
    place = Path(mkdtemp(prefix="ctqa-qdrant-"))
    started: list[Node] = []
    try:
        place.chmod(0o755)
        program = Path(shutil.copy(SERVER, place / "qdrant"))
        for number, (http, grpc, p2p) in enumerate(_ports(count)):
            folder = place / f"node{number}"
            folder.mkdir()
            if os.geteuid() == 0:
                os.chown(folder, NOBODY, NOBODY)
            node = Node(
                folder=folder,
                program=program,
                http=http,
                grpc=grpc,
                p2p=p2p,
                clustered=count > 1,
                first=started[0] if started else None,
                key=key,
                tls=tls,
            )
            node.start()
            started.append(node)
        yield started
    finally:
        for node in started:
            node.kill()
        shutil.rmtree(place, ignore_errors=True)


def _ports(count: int) -> Iterator[tuple[int, int, int]]:
    """Give free ports of this machine, three a node."""
    held = [socket.socket() for _ in range(3 * count)]
    try:
        for each in held:
            each.bind(("127.0.0.1", 0))
        free = [each.getsockname()[1] for each in held]
    finally:
        for each in held:
            each.close()
    for start in range(0, len(free), 3):
        yield free[start], free[start + 1], free[start + 2]


def _own(path: Path, folder: Path) -> Path:
    """Copy a file to where the server, which runs as nobody, may read it."""
    copy = Path(shutil.copy(path, folder))
    if os.geteuid() == 0:
        os.chown(copy, NOBODY, NOBODY)
    return copy


def _as_nobody() -> dict[str, object]:
    if os.geteuid() != 0:
        return {}
    return {"user": NOBODY, "group": NOBODY, "extra_groups": []}
