"""Talking to a cluster: every call is tried again, on every host, until it is answered."""

import os
import time
from collections.abc import Callable, Iterator, Sequence
from importlib.util import find_spec
from ssl import create_default_context
from typing import TYPE_CHECKING, Any, TypeVar

from ctqa.errors import ConfigError, CtqaError, IndexLoadError, IndexWriteError
from ctqa.index.qdrant.address import API_KEY, CA_FILE, Address, headers_for

if TYPE_CHECKING:
    from qdrant_client import QdrantClient, models

T = TypeVar("T")

READING_S, WRITING_S = 15.0, 60.0  # that a call is tried again for, at least
_FIRST_WAIT_S, _LONGEST_WAIT_S = 0.05, 2.0
_LATER = {408, 429, 500, 502, 503, 504}  # answers that another try may better


class NoAnswerError(IndexLoadError):
    """A cluster that does not answer, or refuses to: nothing is known of what it holds."""


_CALL_S = {NoAnswerError: 10, IndexWriteError: 60}  # that one call may take


class Cluster:
    """The client of a cluster; what is written is tried again for longer than what is read.

    Threads may share it.
    """

    def __init__(self, address: Address, patience_s: float | None = None) -> None:
        """Connect to nothing yet.

        Raises:
            ConfigError: the client is not installed, or a key would be sent unencrypted.

        """
        if find_spec("qdrant_client") is None:
            raise ConfigError(
                f'{address.text}: needs qdrant-client; `pip install "ctqa[qdrant]"` brings it'
            )
        self.address = address
        self._headers = headers_for(address)
        self._patience_s = patience_s
        self._clients: dict[tuple[int, int], QdrantClient] = {}
        self._at = 0  # the host that answered last

    def close(self) -> None:
        """Let go of the connections."""
        for client in self._clients.values():
            client.close()
        self._clients = {}

    def read(self, call: "Callable[[QdrantClient], T]") -> T:
        """Give what a call gives.

        Raises:
            NoAnswerError: no host answers, or they refuse it.

        """
        return self._tried(call, NoAnswerError, READING_S)

    def write(self, call: "Callable[[QdrantClient], T]") -> T:
        """Give what a call gives; it may be made more than once.

        Raises:
            IndexWriteError: no host answers, or they refuse it.

        """
        return self._tried(call, IndexWriteError, WRITING_S)

    def turn(self) -> None:
        """Ask another host from now on; each prefers the replicas that it has itself."""
        self._at += 1

    def change(self, call: "Callable[[QdrantClient], models.UpdateResult]") -> None:
        """Change points, until that is acknowledged as done.

        Raises:
            IndexWriteError: it is not.

        """

        def done(client: "QdrantClient") -> None:
            status = call(client).status.value
            if status != "completed":
                raise _NotDoneError(f"a write is {status!r}, not completed")

        self.write(done)

    def _tried(
        self, call: "Callable[[QdrantClient], T]", kind: type[CtqaError], patience_s: float
    ) -> T:
        from qdrant_client.http.exceptions import (  # noqa: PLC0415 -- heavy
            ResponseHandlingException,
            UnexpectedResponse,
        )

        patience = patience_s if self._patience_s is None else self._patience_s
        until, wait = time.monotonic() + patience, _FIRST_WAIT_S
        while True:
            try:
                return call(self._client(_CALL_S[kind]))
            except (ResponseHandlingException, _NotDoneError) as error:
                failure: Exception = error
            except UnexpectedResponse as error:
                if error.status_code not in _LATER:
                    raise kind(self._refused(error)) from error
                failure = error
            self._at += 1
            if time.monotonic() > until:
                raise kind(self._unreachable(failure)) from failure
            time.sleep(wait)
            wait = min(2 * wait, _LONGEST_WAIT_S)

    def _client(self, timeout_s: int) -> "QdrantClient":
        place = self._at % len(self.address.hosts), timeout_s
        found = self._clients.get(place)
        if found is None:
            found = self._clients[place] = self._connected(self.address.hosts[place[0]], timeout_s)
        return found

    def _connected(self, host: str, timeout_s: int) -> "QdrantClient":
        from qdrant_client import QdrantClient  # noqa: PLC0415 -- heavy

        trusted: dict[str, Any] = {}
        if ca_file := os.environ.get(CA_FILE, ""):
            trusted["verify"] = create_default_context(cafile=ca_file)
        return QdrantClient(
            url=host,
            timeout=timeout_s,
            headers=self._headers,
            check_compatibility=False,
            **trusted,
        )

    def _refused(self, error: Any) -> str:
        if error.status_code in (401, 403):
            return f"{self.address.text}: the cluster wants another key; set {API_KEY}"
        said = error.content.decode("utf-8", "replace")[:300]
        return f"{self.address.text}: the cluster refuses ({error.status_code}: {said})"

    def _unreachable(self, error: Exception) -> str:
        hosts = ", ".join(self.address.hosts)
        return (
            f"{self.address.text}: no answer that can be used from {hosts} ({_said(error)}); see "
            "that the cluster runs, then try again: what was done is kept; if it is lost, `ctqa "
            "build --store local` does without it, and encodes nothing again (what was never built "
            "wants its PATHs again)"
        )


class _NotDoneError(Exception):
    """A write was received and not carried out."""


def _said(error: Exception) -> str:
    return " ".join(str(error).split())[:200] or type(error).__name__


def scrolled(
    cluster: Cluster, collection: str, where: "models.Filter | None", **options: Any
) -> "Iterator[models.Record]":
    """Go through the points of a collection that meet a filter, in the order of their ids."""
    place: Any = None
    while True:
        found, place = cluster.read(
            lambda client, place=place: client.scroll(  # type: ignore[misc]
                collection, scroll_filter=where, limit=_PAGE, offset=place, **options
            )
        )
        yield from found
        if place is None:
            return


_PAGE = 1_000


def batches(items: Sequence[T], size: int) -> Iterator[Sequence[T]]:
    """Part a list into pieces."""
    for start in range(0, len(items), size):
        yield items[start : start + size]
