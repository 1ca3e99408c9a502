"""Files read in child processes, several at once: a crash, a hang or a bomb costs one file.

Where a child dies over a page of a PDF, the file is read once more without that page, so that it
loses no other.
"""

import signal
import subprocess
import sys
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, replace
from threading import Event, Lock, Thread
from typing import IO, Any, Self, TypeVar

from ctqa.records import FileState, SourceFile
from ctqa.sources.cite import Citations
from ctqa.sources.content import Content, Loaded, ReadOptions
from ctqa.sources.files import FoundFile
from ctqa.sources.formats import LOADERS
from ctqa.sources.load import LoadedFile, load_file, not_loaded
from ctqa.sources.read import passed_over, source_file
from ctqa.sources.wire import Contents, WireError, parsed, receive_raw, send

# Called now and then while a file is waited for, and when it is there: told how many pages have
# been begun, of all files.
Meanwhile = Callable[[int], None]

Result = TypeVar("Result")

_MOST_DEATHS = 5  # over pages of one file, before it is given up
_FILES_A_CHILD = 200  # then a fresh one: what libraries leak is given back
_LOOK_SECONDS = 0.2  # between two looks of the watch
_END_SECONDS = 5.0  # that a process whose answers have ended may take to end itself


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What one file may cost; sizes in bytes, times in seconds."""

    memory: int = 2_000_000_000  # of the address space
    memory_a_byte: int = 10  # and so much more for every byte of the file
    still: float = 120.0  # from one page to the next
    whole: int = 3600
    ocr_memory: int = 6_000_000_000  # where pages may be read from their pictures
    ocr_still: float = 300.0
    ocr_whole: int = 24 * 3600


class _DiedError(Exception):
    """A child ended over a file."""

    def __init__(self, reason: str, page: int) -> None:
        super().__init__(reason)
        self.page = page  # that it was at; 0: none was begun


class _Child:
    """One reading process."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-B", "-m", "ctqa.sources.child"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        self._deadlines: tuple[float, ...] = ()
        self._overdue = ""  # why it was killed
        self.files = 0

    def load(self, request: dict[str, Any], begun: Callable[[], None]) -> LoadedFile:
        """Have a file loaded.

        Raises:
            _DiedError: the process ended over it, or said what it may not say.

        """
        self.files += 1
        page = 0
        contents = Contents()
        end = time.monotonic() + request["seconds"]
        try:
            send(_stream(self._process.stdin), "read", request)
            while True:
                self._deadlines = (time.monotonic() + request["still"], end)
                kind, frame = receive_raw(_stream(self._process.stdout))
                if kind == "page":
                    page = int(parsed(frame)["number"])
                    begun()
                elif kind == "content":
                    contents.keep(frame)
                elif kind == "done":
                    return _loaded(parsed(frame), contents.whole())
                else:
                    raise _DiedError(_crash(str(parsed(frame)["reason"])), page)
        except (WireError, OSError, KeyError, TypeError, ValueError) as exc:
            raise _DiedError(self._cause(exc), page) from exc
        finally:
            self._deadlines = ()

    def stop_if_overdue(self, now: float) -> None:
        """Kill the process where it has been at a page, or at a file, for too long."""
        for deadline, what in zip(self._deadlines, ("still", "whole"), strict=False):
            if now > deadline:
                self._overdue = what
                self._process.kill()

    def close(self) -> None:
        """End the process, whatever it is at."""
        self._process.kill()
        self._process.wait()
        _stream(self._process.stdout).close()
        try:
            _stream(self._process.stdin).close()
        except OSError:
            return  # what was not yet sent has nowhere to go

    def _cause(self, exc: Exception) -> str:
        """Say why no answer came: overdue, ended by a signal, or not to be understood."""
        try:
            code = self._process.wait(_END_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            return f"the reader's answer was not to be understood ({exc})"
        if self._overdue:
            what = {"still": "it came to no end with a page", "whole": "it came to no end"}
            return f"the reader was stopped: {what[self._overdue]}"
        if -code == getattr(signal, "SIGXCPU", None):
            return "the reader was stopped: it took too much time"
        how = signal.Signals(-code).name if code < 0 else f"exit code {code}"
        return f"the reader crashed over it ({how})"


def in_order(
    work: Callable[[FoundFile], Result],
    files: Iterable[FoundFile],
    *,
    at_once: int,
    meanwhile: Callable[[], object],
) -> Iterator[Result]:
    """Do something with files, `at_once` of them side by side, and give the results in order.

    `meanwhile` is called now and then while one is waited for, and when it is there.
    """
    waiting: deque[Future[Result]] = deque()
    pool = ThreadPoolExecutor(at_once, thread_name_prefix="reader")
    try:
        for file in files:
            waiting.append(pool.submit(work, file))
            if len(waiting) > 2 * at_once:  # bounds what is read and not yet taken
                yield _result(waiting.popleft(), meanwhile)
        while waiting:
            yield _result(waiting.popleft(), meanwhile)
    finally:
        pool.shutdown(wait=False, cancel_futures=True)


def _result(future: "Future[Result]", meanwhile: Callable[[], object]) -> Result:
    while not future.done():
        meanwhile()
        wait([future], timeout=_LOOK_SECONDS)
    meanwhile()
    return future.result()


class Readers:
    """Children that read files; a context manager, which ends them."""

    def __init__(
        self,
        options: ReadOptions = ReadOptions(),
        *,
        at_once: int = 2,
        limits: Limits = Limits(),
        meanwhile: Meanwhile = lambda _: None,
    ) -> None:
        self._options = options
        self._at_once = at_once
        self._limits = limits
        self._meanwhile = meanwhile
        self._pages = 0
        self._idle: deque[_Child] = deque()
        self._children: list[_Child] = []
        self._lock = Lock()
        self._closed = Event()
        Thread(target=self._watch, daemon=True, name="reader-watch").start()

    def __enter__(self) -> Self:
        """Start nothing yet: a child is started when a file needs one."""
        return self

    def __exit__(self, *_: object) -> None:
        """End every child."""
        self._closed.set()
        with self._lock:
            for child in self._children:
                child.close()

    @property
    def pages(self) -> int:
        """How many pages have been begun, of all files."""
        return self._pages

    def read(self, files: Sequence[FoundFile], citations: Citations) -> Iterator[SourceFile]:
        """Read files, `at_once` of them side by side, and give them in their order."""
        yield from in_order(
            lambda file: source_file(file, self.load(file), citations),
            files,
            at_once=self._at_once,
            meanwhile=lambda: self._meanwhile(self._pages),
        )

    def load(self, found: FoundFile) -> LoadedFile:
        """Load a file; threads may do so side by side."""
        if found.state != "found":
            return passed_over(found)
        if found.path.suffix.lower() not in LOADERS:  # nothing of it is opened
            return load_file(found.path, self._options)
        return self._patiently(found)

    def _patiently(self, found: FoundFile) -> LoadedFile:
        """Load a file, leaving out pages that children died over."""
        without: frozenset[int] = frozenset()
        while True:
            try:
                return self._once(found, replace(self._options, without=without))
            except _DiedError as exc:
                known = exc.page in {0, *without} or found.path.suffix.lower() != ".pdf"
                if known or len(without) == _MOST_DEATHS or self._closed.is_set():
                    return not_loaded(found.path, Loaded(state="failed", reason=str(exc)))
                without |= {exc.page}

    def _once(self, found: FoundFile, options: ReadOptions) -> LoadedFile:
        child = self._take()
        try:
            read = child.load(self._request(found, options), self._begun)
        except BaseException:
            self._drop(child)
            raise
        if child.files < _FILES_A_CHILD:
            self._idle.append(child)
        else:
            self._drop(child)
        return read

    def _begun(self) -> None:
        with self._lock:
            self._pages += 1

    def _request(self, found: FoundFile, options: ReadOptions) -> dict[str, Any]:
        limits, ocr = self._limits, options.ocr
        memory = limits.ocr_memory if ocr else limits.memory
        return {
            "path": str(found.path),
            "passwords": options.passwords,
            "ocr": ocr,
            "without": sorted(options.without),
            "memory": memory + limits.memory_a_byte * found.size,
            "seconds": limits.ocr_whole if ocr else limits.whole,
            "still": limits.ocr_still if ocr else limits.still,
        }

    def _take(self) -> _Child:
        with self._lock:
            if self._closed.is_set():
                raise _DiedError("reading was stopped", 0)
            if self._idle:
                return self._idle.popleft()
            child = _Child()
            self._children.append(child)
            return child

    def _drop(self, child: _Child) -> None:
        with self._lock:
            self._children.remove(child)
        child.close()

    def _watch(self) -> None:
        while not self._closed.wait(_LOOK_SECONDS):
            now = time.monotonic()
            for child in tuple(self._children):
                child.stop_if_overdue(now)


def _loaded(body: dict[str, Any], contents: Sequence[Content]) -> LoadedFile:
    state: FileState = body["state"]
    loaded = Loaded(contents=contents, state=state, reason=str(body["reason"]))
    return LoadedFile(sha256=str(body["sha256"]), size=int(body["size"]), loaded=loaded)


def _crash(reason: str) -> str:
    if reason.startswith("MemoryError"):
        return "it needs more memory than reading a file may take"
    return f"the reader crashed over it ({reason})"


def _stream(stream: IO[bytes] | None) -> Any:
    return stream
