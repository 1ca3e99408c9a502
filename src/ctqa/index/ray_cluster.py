"""A build's work done by the workers of a Ray cluster.

Ray's tasks, not Ray Data: what is to be encoded is known only once it is staged and looked up in
the cache, and both lie here, in the midst of what would be one pipeline of Ray Data. Ray gives a
task whose worker died to another worker; what came back before is in the cache already.
"""

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, InvalidStateError, wait
from functools import partial
from threading import BoundedSemaphore, Lock
from typing import Any, TypeVar

from ctqa.errors import ConfigError
from ctqa.index import ray_tasks
from ctqa.index.mend import Vocabulary
from ctqa.index.ray_connection import RayCluster
from ctqa.index.ray_trouble import told
from ctqa.index.staged import SplitDocument
from ctqa.index.workers import AT_ONCE, Encoded, ReadFile
from ctqa.records import Document
from ctqa.sources import Citations, FoundFile, ReadOptions
from ctqa.sources.formats import LOADERS, is_corpus
from ctqa.sources.isolated import Meanwhile, Readers, in_order
from ctqa.sources.read import source_file

Result = TypeVar("Result")

_MOST_SENT = 16_000_000  # bytes of a file that is read elsewhere; larger ones are read here
_PORTION_CHARS = 100_000  # of documents that are split together: some tenths of a second
_LOOK_S = 0.2  # between two looks at what is waited for: on Windows nothing else ends a wait


class RayWorkers:
    """The workers of a cluster; each task takes one core of it.

    Files are sent as bytes, read and split there. A corpus, and a file too large to be sent about,
    is read here, and its documents are split there, some at a time.
    """

    def __init__(self, cluster: RayCluster, terms: ray_tasks.Terms) -> None:
        self._cluster = cluster
        self._terms = cluster.put(terms)
        self._pending: set[Future[Any]] = set()

    @property
    def room(self) -> int:
        """How many batches may be in hand: for each core one, and one that lies ready."""
        return 2 * max(1, self._cluster.cores())

    def read(
        self,
        files: Sequence[FoundFile],
        citations: Citations,
        options: ReadOptions,
        meanwhile: Meanwhile,
    ) -> Iterator[ReadFile]:
        """Read files, several at once, and give them in their order."""
        with Readers(options, at_once=AT_ONCE) as here:
            reading = _Reading(partial(self._do, ray_tasks.read), here, citations, options)
            yield from in_order(
                reading.read,
                files,
                at_once=max(1, self._cluster.cores()),
                meanwhile=lambda: meanwhile(reading.pages),
            )

    def split(
        self, documents: Iterable[Document], vocabulary: Vocabulary
    ) -> Iterator[SplitDocument]:
        """Split documents of one file, whose words are `vocabulary`, and give them in order."""
        words = [self._cluster.put(vocabulary)]  # in a list: a worker fetches it but once
        waiting: deque[Future[tuple[SplitDocument, ...]]] = deque()
        for portion in _portions(documents):
            waiting.append(self._do(ray_tasks.split, portion, words))
            if len(waiting) > self.room:
                yield from _result(waiting.popleft())
        while waiting:
            yield from _result(waiting.popleft())

    def encode(self, texts: Sequence[str]) -> "Future[Encoded]":
        """Have a batch of texts encoded."""
        return self._do(ray_tasks.encode, texts)

    def _do(self, task: Callable[..., Result], *given: Any) -> "Future[Result]":
        """Have a task done, once more where its worker dies; errors come as ones of CTQA."""
        done: Future[Result] = Future()
        self._pending.add(done)
        done.add_done_callback(self._pending.discard)
        asked = self._cluster.do(task, self._terms, *given)
        asked.add_done_callback(partial(_hand_on, done, self._cluster.address))
        return done

    def close(self) -> None:
        """Leave the cluster, which gives up what it does for this build."""
        self._cluster.close()
        for each in tuple(self._pending):
            _hand_over(each, ConfigError(f"--ray {self._cluster.address}: the cluster was left"))


class _Reading:
    """Reads files: most are sent to workers, the others are read by children of this process."""

    def __init__(
        self,
        read_there: "Callable[..., Future[ReadFile]]",
        here: Readers,
        citations: Citations,
        options: ReadOptions,
    ) -> None:
        self._read_there = read_there
        self._here = here
        self._citations = citations
        self._options = options
        self._few = BoundedSemaphore(AT_ONCE)
        self._lock = Lock()
        self._pages = 0  # read there

    @property
    def pages(self) -> int:
        """How many pages have been begun here, or read there."""
        return self._here.pages + self._pages

    def read(self, found: FoundFile) -> ReadFile:
        """Read a file and wait for it; threads do so side by side."""
        data = _to_send(found)
        if data is None:
            with self._few:
                loaded = self._here.load(found)
            return ReadFile(file=source_file(found, loaded, self._citations))
        cited = self._citations.for_one(found.path)
        read = self._read_there(found, data, cited, self._options).result()
        with self._lock:
            self._pages += sum(len(document.pages) for document in read.file.documents)
        return read


def _to_send(found: FoundFile) -> bytes | None:
    """Give the bytes of a file that is read elsewhere; None: it is read here, if it is at all."""
    suffix = found.path.suffix.lower()
    if found.state != "found" or suffix not in LOADERS or is_corpus(suffix):
        return None
    try:
        with found.path.open("rb") as file:
            data = file.read(_MOST_SENT + 1)
    except OSError:
        return None  # what is wrong with it stands in the ledger when it is read here
    return data if len(data) <= _MOST_SENT else None


def _portions(documents: Iterable[Document]) -> Iterator[tuple[Document, ...]]:
    portion: list[Document] = []
    held = 0  # characters
    for document in documents:
        portion.append(document)
        held += len(document.text)
        if held >= _PORTION_CHARS:
            yield tuple(portion)
            portion, held = [], 0
    if portion:
        yield tuple(portion)


def _result(future: "Future[Result]") -> Result:
    while not future.done():
        wait([future], timeout=_LOOK_S)
    return future.result()


def _hand_on(done: "Future[Result]", address: str, asked: "Future[Result]") -> None:
    """Give what came of a task to whoever waits for it."""
    exc = asked.exception()
    if exc is None:
        _hand_over(done, asked.result())
    else:
        _hand_over(done, told(address, exc))


def _hand_over(done: "Future[Any]", outcome: Any) -> None:
    try:
        if isinstance(outcome, BaseException):
            done.set_exception(outcome)
        else:
            done.set_result(outcome)
    except InvalidStateError:
        return  # the cluster was left meanwhile
