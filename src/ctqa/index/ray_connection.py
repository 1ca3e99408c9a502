"""The connection to a Ray cluster, of which a process has one at most."""

import os
import socket
import sys
import time
import warnings
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import ExitStack, contextmanager
from importlib.util import find_spec
from typing import Any, Self, TypeVar
from urllib.parse import urlsplit

from ctqa.errors import ConfigError
from ctqa.index.ray_trouble import (
    no_address,
    no_cores,
    no_ray,
    not_rays,
    not_reached,
    other_port,
    told,
)

T = TypeVar("T")

_TRIES_AGAIN = 5  # of a task whose worker died
_ANSWER_S = 10.0  # that the other side may take to open a connection, and to say a first word
_COUNT_S = 2.0  # between two looks at how many cores there are
_RAY_SETTINGS = {
    "RAY_USAGE_STATS_ENABLED": "0",  # it would tell its makers of its use
    "RAY_ENABLE_UV_RUN_RUNTIME_ENV": "0",  # it would send the working folder to the cluster
}
_ASKED = "/ray.rpc.RayletDriver/ClusterInfo"  # a method of Ray's client server alone


class RayCluster:
    """A cluster that this process is connected to, and that has cores to work with."""

    def __init__(self, ray: Any, address: str) -> None:
        self._ray = ray
        self.address = address
        self._counted = (-_COUNT_S, 0)  # when the cores were counted last, and how many they were
        self._tasks: dict[Callable[..., Any], Any] = {}

    @classmethod
    def connect(cls, address: str) -> Self:
        """Connect to a cluster: "auto", HOST:PORT of one that this machine is in, ray://HOST:PORT.

        Raises:
            ConfigError: Ray is not installed; or the cluster cannot be reached, runs another Ray
                or Python, or has no cores.

        """
        if find_spec("ray") is None:
            raise no_ray()
        if address != "auto":
            _knock(address, address)
        ray = _ray()
        if address == "auto":
            _knock(_found_by(ray), address)
        if ray.is_initialized():
            raise ConfigError(
                f"--ray {address}: this program is connected to a cluster already; "
                "ray.shutdown() ends that"
            )
        try:
            with warnings.catch_warnings(action="ignore"):
                ray.init(address, log_to_driver=False, logging_level="error")
        except (ConnectionError, RuntimeError, ValueError, ray.exceptions.RayError) as exc:
            raise not_reached(address, exc) from exc
        ray._private.worker._worker_logs_enabled = False  # its notes would go among the results
        with ExitStack() as stack:
            cluster = cls(ray, address)
            stack.callback(cluster.close)
            if not cluster.cores():
                raise no_cores(address)
            stack.pop_all()
        return cluster

    def cores(self) -> int:
        """Count the cluster's cores, which come and go."""
        now = time.monotonic()
        if now - self._counted[0] >= _COUNT_S:
            with self._told():
                self._counted = now, int(self._ray.cluster_resources().get("CPU", 0))
        return self._counted[1]

    def put(self, value: object) -> Any:
        """Put something where all workers can fetch it; give what it is fetched by."""
        with self._told():
            return self._ray.put(value)

    def do(self, task: Callable[..., T], *given: Any) -> "Future[T]":
        """Have a task done by a worker with one core, once more where that dies."""
        with self._told():
            if task not in self._tasks:
                make = self._ray.remote(num_cpus=1, max_retries=_TRIES_AGAIN)
                self._tasks[task] = make(task)
            found: Future[T] = self._tasks[task].remote(*given).future()
            return found

    @contextmanager
    def _told(self) -> Iterator[None]:
        """Let a cluster that is lost be an error of CTQA."""
        try:
            yield
        except (ConnectionError, self._ray.exceptions.RayError) as exc:
            raise told(self.address, exc) from exc
        except _of_clients() as exc:
            raise told(self.address, ConnectionError("its client server has gone")) from exc

    def close(self) -> None:
        """Leave the cluster, which gives up what it does for this process; once is enough."""
        self._ray.shutdown()


def _of_clients() -> tuple[type[Exception], ...]:
    """Give what a client of a server that has gone raises, where Ray has loaded it."""
    grpc = sys.modules.get("grpc")
    return () if grpc is None else (grpc.RpcError,)


def _ray() -> Any:
    os.environ.update(_RAY_SETTINGS)  # read when Ray is imported, not later
    try:
        import ray  # noqa: PLC0415 -- an extra, and heavy
    except ImportError as exc:
        raise no_ray() from exc
    return ray


def _found_by(ray: Any) -> str:
    """Find what "auto" stands for: RAY_ADDRESS, or a cluster that has a node on this machine."""
    try:
        return str(ray._private.services.get_ray_address_from_environment("auto", None))
    except ConnectionError as exc:
        raise not_reached("auto", exc) from exc


def _knock(address: str, given: str) -> None:
    """See whether a cluster is there: Ray itself tries for a minute, and then ends the process."""
    host, port = _host_and_port(address)
    try:
        socket.create_connection((host, port), _ANSWER_S).close()
    except OSError as exc:
        raise not_reached(address, exc, given) from exc
    if os.environ.get("RAY_USE_TLS", "0") not in ("", "0"):
        return  # Ray itself finds out
    there = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    try:
        serves_clients = _serves_clients(there)
    except _NotRaysError as exc:
        raise not_rays(address) from exc
    if serves_clients is not None and serves_clients != address.startswith("ray://"):
        raise other_port(address)


class _NotRaysError(Exception):
    """What listens does not speak as Ray does."""


def _serves_clients(there: str) -> bool | None:
    """Tell whether Ray's client server listens, or else a cluster's head; None: that is secret."""
    import grpc  # noqa: PLC0415 -- comes with Ray, and is heavy

    direct = [("grpc.enable_http_proxy", 0)]
    with grpc.insecure_channel(there, options=direct) as channel:
        try:
            channel.unary_unary(_ASKED)(b"", timeout=_ANSWER_S)
        except grpc.RpcError as exc:
            code = exc.code()
            if code in (grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.DEADLINE_EXCEEDED):
                raise _NotRaysError from exc
            if code in (grpc.StatusCode.UNAUTHENTICATED, grpc.StatusCode.PERMISSION_DENIED):
                return None
            return code is not grpc.StatusCode.UNIMPLEMENTED
    return True


def _host_and_port(address: str) -> tuple[str, int]:
    plain = address.removeprefix("ray://")
    try:
        parts = urlsplit(f"//{plain}")
        host, port = parts.hostname, parts.port
    except ValueError:
        raise no_address(address) from None
    if host is None or port is None or parts.netloc != plain or "@" in plain:
        raise no_address(address)
    return host, port
