"""Pages of PDFs drawn, and the places of their words, in limited child processes."""

import base64
import binascii
import math
import subprocess
import sys
from collections import OrderedDict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from threading import BoundedSemaphore, Lock, Timer
from typing import Any

from ctqa.errors import SourceError
from ctqa.sources.files import plain_reason
from ctqa.sources.png import SIGNATURE
from ctqa.sources.wire import WireError, receive, send

Box = tuple[float, float, float, float]  # left, top, right, bottom: per cent of the page as drawn

_AT_ONCE = 2  # processes
_KEPT_BYTES = 64 * 2**20  # of pages drawn before
_REQUESTS_A_CHILD = 500  # then a fresh one: what pdfium leaks is given back
_MOST_BOXES = 20_000
_LARGEST = 100_000.0  # points, of a page's side


@dataclass(frozen=True, slots=True, kw_only=True)
class DrawLimits:
    """What one request may cost; sizes in bytes, times in seconds."""

    memory: int = 2_000_000_000  # of the address space
    memory_a_byte: int = 10  # and so much more for every byte of the file
    seconds: int = 20
    waiting: float = 20.0  # for pages that were asked for before, beside that


@dataclass(frozen=True, slots=True, kw_only=True)
class PdfFile:
    """A PDF as it was read."""

    path: Path
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Placed:
    """A page's size, in points, and the boxes over stretches of its text, one or more a line."""

    width: float
    height: float
    boxes: tuple[tuple[Box, ...] | None, ...]  # of each stretch; None: it was not found for certain


class Drawer:
    """Draws pages for any number of threads; what was drawn lately is kept."""

    def __init__(self, limits: DrawLimits = DrawLimits()) -> None:
        self._limits = limits
        self._lock = Lock()
        self._free = BoundedSemaphore(_AT_ONCE)
        self._idle: list[_Child] = []
        self._kept: OrderedDict[tuple[str, int, int], bytes] = OrderedDict()
        self._is_closed = False

    def picture(self, file: PdfFile, page: int, dpi: int) -> bytes:
        """Draw a page, from 1, as a PNG; smaller where it would be huge.

        Raises:
            SourceError: the file is not as it was read, or the page cannot be drawn.

        """
        key = (file.sha256, page, dpi)
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
                return self._kept[key]
        drawn = _png(self._ask("draw", file, {"page": page, "dpi": dpi}))
        with self._lock:
            self._kept[key] = drawn
            while sum(map(len, self._kept.values())) > _KEPT_BYTES:
                self._kept.popitem(last=False)
        return drawn

    def places(
        self, file: PdfFile, page: int, text: str, spans: Sequence[tuple[int, int]]
    ) -> Placed:
        """Find where stretches of a page's text stand on it; each exactly, or not at all.

        Raises:
            SourceError: the file is not as it was read, or the page cannot be drawn.

        """
        return _placed(
            self._ask("locate", file, {"page": page, "text": text, "spans": list(spans)}),
            len(spans),
        )

    def close(self) -> None:
        """End the processes."""
        with self._lock:
            self._is_closed = True
            for child in self._idle:
                child.close()
            self._idle = []

    def _ask(self, kind: str, file: PdfFile, request: Mapping[str, Any]) -> Mapping[str, Any]:
        try:
            size = file.path.stat().st_size
        except OSError as exc:
            raise SourceError(plain_reason(exc)) from exc
        limits = self._limits
        asked = {
            "path": str(file.path),
            "sha256": file.sha256,
            "memory": limits.memory + limits.memory_a_byte * size,
            "seconds": limits.seconds,
            **request,
        }
        with self._lent() as child:
            return child.ask(kind, asked, limits.seconds)

    @contextmanager
    def _lent(self) -> Iterator["_Child"]:
        if not self._free.acquire(timeout=self._limits.waiting):
            raise SourceError("many pages are being drawn at the moment; try again soon")
        try:
            child = self._take()
            try:
                yield child
            finally:
                self._give_back(child)
        finally:
            self._free.release()

    def _take(self) -> "_Child":
        with self._lock:
            if self._idle:
                return self._idle.pop()
        try:
            return _Child()
        except OSError as exc:
            raise SourceError(f"no page can be drawn at the moment ({exc.strerror})") from exc

    def _give_back(self, child: "_Child") -> None:
        with self._lock:
            if child.is_fresh and not self._is_closed:
                self._idle.append(child)
                return
        child.close()


class _Child:
    """One drawing process."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-B", "-m", "ctqa.sources.drawing_child"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        self._left = _REQUESTS_A_CHILD

    @property
    def is_fresh(self) -> bool:
        """Whether it can go on."""
        return self._left > 0

    def ask(self, kind: str, request: Mapping[str, Any], seconds: float) -> Mapping[str, Any]:
        """Have a request answered within so many seconds.

        Raises:
            SourceError: it is refused, or the process ends over it, or says what it may not say.

        """
        left, self._left = self._left, 0  # nothing further, unless it answers
        watch = Timer(seconds, self._process.kill)
        watch.daemon = True
        watch.start()
        try:
            send(_stream(self._process.stdin), kind, request)
            answer, body = receive(_stream(self._process.stdout))
        except (WireError, OSError) as exc:
            raise SourceError("the page is damaged, or too much to draw") from exc
        finally:
            watch.cancel()
        if answer == "refused":
            self._left = left - 1
            raise SourceError(str(body.get("reason")))
        if answer != {"draw": "drawn", "locate": "located"}[kind]:
            raise SourceError("the page is damaged, or too much to draw")
        self._left = left - 1
        return body

    def close(self) -> None:
        """End the process, whatever it is at."""
        self._process.kill()
        self._process.wait()
        _stream(self._process.stdout).close()
        with suppress(OSError):  # what was not yet sent has nowhere to go
            _stream(self._process.stdin).close()


def _png(body: Mapping[str, Any]) -> bytes:
    try:
        data = base64.b64decode(body["png"], validate=True)
    except (KeyError, TypeError, binascii.Error, ValueError) as exc:
        raise SourceError("what was drawn is no picture") from exc
    if not data.startswith(SIGNATURE):
        raise SourceError("what was drawn is no picture")
    return data


def _placed(body: Mapping[str, Any], spans: int) -> Placed:
    try:
        boxes = tuple(
            None if found is None else tuple(map(_box, found[:_MOST_BOXES]))
            for found in body["boxes"]
        )
        width, height = float(body["width"]), float(body["height"])
    except (KeyError, TypeError, ValueError) as exc:
        raise SourceError("the places on the page are not to be understood") from exc
    if len(boxes) != spans or not (0 < width < _LARGEST and 0 < height < _LARGEST):
        raise SourceError("the places on the page are not to be understood")
    return Placed(width=width, height=height, boxes=boxes)


def _box(numbers: Sequence[Any]) -> Box:
    left, top, right, bottom = map(float, numbers)
    if not all(math.isfinite(each) and 0 <= each <= 100 for each in (left, top, right, bottom)):
        raise ValueError("off the page")
    return left, top, right, bottom


def _stream(stream: Any) -> Any:
    return stream
