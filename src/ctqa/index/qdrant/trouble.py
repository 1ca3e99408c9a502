"""What goes wrong with a Qdrant cluster, in plain words."""

import socket
import ssl
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from json import JSONDecodeError
from urllib.parse import urlsplit

from ctqa.errors import ConfigError, CtqaError, IndexLoadError, IndexWriteError
from ctqa.index.qdrant.address import API_KEY, CA_FILE, Address

_MOST_SAID = 200  # characters of what a server or a library says
AGAIN = "see that Qdrant runs there, then try again"
_NO_TLS = ("WRONG_VERSION_NUMBER", "RECORD_LAYER_FAILURE")  # what OpenSSL says to plain HTTP


class AdvisedError(CtqaError):
    """What a cluster did not do, and what to do about it."""

    def __init__(self, what: str, mend: str = AGAIN, *, is_settled: bool = False) -> None:
        super().__init__(what, mend)
        self.what, self.mend = what, mend
        self.is_settled = is_settled  # whether that mends it, whatever was wanted of the cluster

    def __str__(self) -> str:
        """Give both."""
        return f"{self.what}; {self.mend}"


class NoAnswerError(AdvisedError, IndexLoadError):
    """A cluster that does not answer, or refuses to: nothing is known of what it holds."""


class NotWrittenError(AdvisedError, IndexWriteError):
    """A cluster that has not acknowledged a write, or refuses it."""


class NotDoneError(Exception):
    """A write was received and not carried out."""


class NotQdrantError(Exception):
    """An answer was none that Qdrant gives."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """Why a host could not be used."""

    what: str
    mend: str = ""  # what to do; "": that hangs on what was wanted of it
    lasts: bool = False  # whether another try gives the same


@contextmanager
def advising(mend: str) -> Iterator[None]:
    """Say what to do where a cluster fails, to whoever wanted just this of it."""
    try:
        yield
    except (NoAnswerError, NotWrittenError) as error:
        if error.is_settled:
            raise
        raise type(error)(error.what, mend) from error


def unanswered(address: Address, failures: Mapping[str, Failure], tried: str) -> tuple[str, str]:
    """Say what was tried and what came of it; and what to do, "" where that is not known."""
    mends = dict.fromkeys(each.mend for each in failures.values() if each.mend)
    return f"{silent(address, failures)}, {tried}", "; ".join(mends)


def silent(address: Address, failures: Mapping[str, Failure]) -> str:
    """Say that no host can be used, and why, by the hosts that were tried."""
    told = [f"{urlsplit(host).netloc}: {each.what}" for host, each in failures.items()]
    return f"{address.text} cannot be used ({'; '.join(told)})"


def refused(address: Address, status: int, content: bytes) -> tuple[str, str]:
    """Say what a host answered instead of what it was asked for; and what to do, as above."""
    if status in (401, 403):
        return f"{address.text}: the cluster wants another key", f"set {API_KEY}"
    said = _short(content.decode("utf-8", "replace"))
    return f"{address.text}: the cluster refuses ({status}: {said})", ""


def failure_of(error: BaseException) -> Failure:
    """Tell what an exception of the client means."""
    import httpx  # noqa: PLC0415 -- comes with the client

    for each in _chain(error):
        if isinstance(each, ssl.SSLError):
            return _no_tls(each)
        if isinstance(each, OSError):
            return _not_reached(each)
        if isinstance(each, httpx.RemoteProtocolError):
            return _no_http(str(each))
        if isinstance(each, NotQdrantError | JSONDecodeError):
            return Failure(what="is no Qdrant server", lasts=True)
    return Failure(what=_short(str(error)) or type(error).__name__)


def _no_tls(error: ssl.SSLError) -> Failure:
    if isinstance(error, ssl.SSLCertVerificationError):
        return Failure(
            what=f"its certificate cannot be trusted, {_short(error.verify_message)}",
            mend=f"name a file with the certificate of its authority in {CA_FILE}, and the host as "
            "its own certificate does",
            lasts=True,
        )
    if error.reason in _NO_TLS:
        mend = "qdrant:// is for servers without TLS"
        return Failure(what="does not speak TLS", mend=mend, lasts=True)
    return Failure(what=f"TLS fails, {_short(str(error))}")


def _not_reached(error: OSError) -> Failure:
    if isinstance(error, socket.gaierror):
        return Failure(what="no such host is known")
    if isinstance(error, ConnectionRefusedError):
        return Failure(what="nothing listens there")
    if isinstance(error, TimeoutError):
        return Failure(what="no answer in time")
    return Failure(what=f"cannot be reached, {error.strerror or type(error).__name__}")


def _no_http(said: str) -> Failure:
    if "disconnected" in said:
        return Failure(what="the connection was broken off")
    mend = "a server that speaks TLS needs qdrants://"
    return Failure(what="answers in something else than HTTP", mend=mend, lasts=True)


def unreadable_ca(path: str, error: OSError) -> ConfigError:
    """Say that the authorities' file cannot be used; of another form it is an error of SSL."""
    why = "holds no certificate" if isinstance(error, ssl.SSLError) else error.strerror
    return ConfigError(
        f"{CA_FILE}={path}: {why}; expected a PEM file with the certificates of authorities"
    )


def _chain(error: BaseException) -> Iterator[BaseException]:
    """Give an exception and all that led to it, each once."""
    seen: set[int] = set()
    next_: BaseException | None = error
    while next_ is not None and id(next_) not in seen:
        seen.add(id(next_))
        yield next_
        next_ = getattr(next_, "source", None) or next_.__cause__ or next_.__context__


def _short(said: str) -> str:
    return " ".join(said.split())[:_MOST_SAID]
