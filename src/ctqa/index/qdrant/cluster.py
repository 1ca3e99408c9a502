"""Talking to a cluster: every call is tried again, on every host, until it is answered."""

import logging
import os
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from importlib.util import find_spec
from json import JSONDecodeError
from ssl import SSLContext, create_default_context
from typing import TYPE_CHECKING, Any, TypeVar

from ctqa.errors import ConfigError
from ctqa.index.qdrant.address import CA_FILE, Address, headers_for
from ctqa.index.qdrant.trouble import (
    AGAIN,
    AdvisedError,
    Failure,
    NoAnswerError,
    NotDoneError,
    NotQdrantError,
    NotWrittenError,
    failure_of,
    refused,
    silent,
    unanswered,
    unreadable_ca,
)

if TYPE_CHECKING:
    from qdrant_client import QdrantClient, models

T = TypeVar("T")

READING_S, WRITING_S = 15.0, 60.0  # that a call is tried again for, at least
_FIRST_WAIT_S, _LONGEST_WAIT_S = 0.05, 2.0
_TOLD_WAIT_S = 1.0  # before which nobody is told of a host that does not answer
_KNOCK_WAITS_S = (0.5, 1.0, 2.0, 2.0)  # between the first tries to reach a cluster at all
_KNOCK_S = 3  # that one of these tries may take
_LATER = {408, 429, 500, 502, 503, 504}  # answers that another try may better
_CALL_S = {NoAnswerError: 10, NotWrittenError: 60}  # that one call may take
_log = logging.getLogger(__name__)


class Cluster:
    """The client of a cluster; what is written is tried again for longer than what is read.

    Threads may share it.
    """

    def __init__(
        self, address: Address, patience_s: float | None = None, advice: str = AGAIN
    ) -> None:
        """Connect to nothing yet; `advice` is given where it fails and nothing better is known.

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
        self._advice = advice
        self._clients: dict[tuple[str, int], QdrantClient] = {}
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
            NotWrittenError: no host answers, or they refuse it.

        """
        return self._tried(call, NotWrittenError, WRITING_S)

    def turn(self) -> None:
        """Ask another host from now on; each prefers the replicas that it has itself."""
        self._at += 1

    def change(self, call: "Callable[[QdrantClient], models.UpdateResult]") -> None:
        """Change points, until that is acknowledged as done.

        Raises:
            NotWrittenError: it is not.

        """

        def done(client: "QdrantClient") -> None:
            status = call(client).status.value
            if status != "completed":
                raise NotDoneError(f"a write is {status!r}, not completed")

        self.write(done)

    def knock(self) -> None:
        """See that a host answers as Qdrant does, and takes the key; tell of each try.

        Raises:
            NoAnswerError: none does.

        """
        for tried, wait in enumerate((*_KNOCK_WAITS_S, 0.0), 1):
            failures = self._knocked()
            if not failures:
                return
            if not wait or all(each.lasts for each in failures.values()):
                what, mend = unanswered(self.address, failures, _times(tried))
                raise NoAnswerError(what, mend or self._advice, is_settled=bool(mend))
            _log.warning(
                "%s; trying again (%d of %d)",
                silent(self.address, failures),
                tried + 1,
                len(_KNOCK_WAITS_S) + 1,
            )
            time.sleep(wait)

    def _knocked(self) -> dict[str, Failure]:
        """Try each host once until one answers; give what came of each where none does."""
        failures = {}
        for _ in self.address.hosts:
            host = self._host
            try:
                self._asked(_list, NoAnswerError, _KNOCK_S)
            except _HostError as error:
                failures[host] = error.failure
                self.turn()
            else:
                return {}
        return failures

    def _tried(
        self, call: "Callable[[QdrantClient], T]", kind: type[AdvisedError], patience_s: float
    ) -> T:
        patience = patience_s if self._patience_s is None else self._patience_s
        began, wait = time.monotonic(), _FIRST_WAIT_S
        failures: dict[str, Failure] = {}
        while True:
            host = self._host
            try:
                return self._asked(call, kind, _CALL_S[kind])
            except _HostError as error:
                failures[host] = error.failure
                self.turn()
                spent = time.monotonic() - began
                if self._is_vain(failures, spent - patience, _CALL_S[kind]):
                    what, mend = unanswered(self.address, failures, f"tried for {spent:.0f} s")
                    raise kind(what, mend or self._advice, is_settled=bool(mend)) from error
            if wait < _TOLD_WAIT_S <= 2 * wait:
                _log.warning("%s; trying again for a while", silent(self.address, failures))
            time.sleep(wait)
            wait = min(2 * wait, _LONGEST_WAIT_S)

    def _is_vain(self, failures: Mapping[str, Failure], over_s: float, call_s: float) -> bool:
        """Tell whether to give up: not before each host has had its turn, if others leave it one.

        `over_s` is the time beyond one's patience, `call_s` the time that one call may take.
        """
        hosts = len(self.address.hosts)
        if len(failures) < hosts:
            return over_s > hosts * call_s
        return over_s > 0 or all(each.lasts for each in failures.values())

    def _asked(
        self, call: "Callable[[QdrantClient], T]", kind: type[AdvisedError], timeout_s: int
    ) -> T:
        """Ask the host whose turn it is, once."""
        from qdrant_client.http.exceptions import (  # noqa: PLC0415 -- heavy
            ResponseHandlingException,
            UnexpectedResponse,
        )

        try:
            return call(self._client(timeout_s))
        except UnexpectedResponse as error:
            status = 0 if error.status_code is None else error.status_code
            if status not in _LATER:
                what, mend = refused(self.address, status, error.content)
                raise kind(what, mend or self._advice, is_settled=bool(mend)) from error
            raise _HostError(Failure(what=f"cannot do it now ({status})")) from error
        except (ResponseHandlingException, JSONDecodeError, NotDoneError, NotQdrantError) as error:
            raise _HostError(failure_of(error)) from error

    @property
    def _host(self) -> str:
        return self.address.hosts[self._at % len(self.address.hosts)]

    def _client(self, timeout_s: int) -> "QdrantClient":
        place = self._host, timeout_s
        found = self._clients.get(place)
        if found is None:
            found = self._clients[place] = self._connected(*place)
        return found

    def _connected(self, host: str, timeout_s: int) -> "QdrantClient":
        from qdrant_client import QdrantClient  # noqa: PLC0415 -- heavy

        trusted: dict[str, Any] = {}
        if ca_file := os.environ.get(CA_FILE, ""):
            trusted["verify"] = _trusting(ca_file)
        return QdrantClient(
            url=host,
            timeout=timeout_s,
            headers=self._headers,
            check_compatibility=False,
            **trusted,
        )


class _HostError(Exception):
    """A host that could not be used, this time."""

    def __init__(self, failure: Failure) -> None:
        super().__init__(failure.what)
        self.failure = failure


def _list(client: "QdrantClient") -> None:
    if client.http.collections_api.get_collections().result is None:
        raise NotQdrantError("an answer without a result")


def _trusting(ca_file: str) -> SSLContext:
    try:
        return create_default_context(cafile=ca_file)
    except OSError as error:
        raise unreadable_ca(ca_file, error) from error


def _times(tried: int) -> str:
    return "tried once" if tried == 1 else f"tried {tried} times"


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
