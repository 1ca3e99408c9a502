"""How far a long task has come: bars on a terminal, else a line now and then, on stderr."""

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

_FILES_A_LINE = 20  # where no bar can be drawn
_PACE_S = 1.0  # from a stage's beginning on; sooner a rate says nothing
_LINE_S = 30.0  # between two lines of a stage there
_UNITS = {"read": " files", "encode": " passages", "evaluate": " questions", "ask": " questions"}

Progress = Callable[[str, int, int], None]  # stage, how much is done, of how many; 0: not known


@contextmanager
def progress(*, quiet: bool) -> Iterator[Progress]:
    """Give a function that shows how far a stage is; of a total of 0 it is not known yet."""
    if quiet:
        yield lambda *_: None
    elif sys.stderr.isatty():
        bars = _Bars()
        try:
            yield bars
        finally:
            bars.close()
    else:
        yield _Lines()


class _Lines:
    """A line a stage when it is done, and before that one now and then, for logs."""

    def __init__(self) -> None:
        self._last: dict[str, float] = {}  # when a stage was last told of, or began
        self._began: dict[str, tuple[float, int]] = {}  # when it did, and how much was done then

    def __call__(self, stage: str, done: int, total: int) -> None:
        if stage == "page":
            return
        now = time.monotonic()
        self._began.setdefault(stage, (now, done))
        files = stage == "read" and done > 0 and done % _FILES_A_LINE == 0
        if total and done == total:
            told = f"{total:,}"
        elif files or now - self._last.setdefault(stage, now) >= _LINE_S:
            told = f"{done:,} of {total:,}" if total else f"{done:,} so far"
            told += self._pace(stage, now, done, total)
        else:
            return
        self._last[stage] = now
        print(f"{stage}: {told}", file=sys.stderr, flush=True)

    def _pace(self, stage: str, now: float, done: int, total: int) -> str:
        """Tell how fast a stage is, and how long it will take yet; nothing where neither shows."""
        began, before = self._began[stage]
        if done <= before or now - began < _PACE_S:
            return ""
        rate = (done - before) / (now - began)
        left = f", {_duration((total - done) / rate)} left" if total else ""
        return f", {rate:.{0 if rate >= 10 else 1}f} a second{left}"


class _Bars:
    """A bar a stage, with its rate and the time left; that of files counts their pages as well.

    Two stages may go on at once. Where it is not known yet how much there is to do, there is a
    count and a rate.
    """

    def __init__(self) -> None:
        self._bars: dict[str, Any] = {}
        self._started = time.monotonic()

    def __call__(self, stage: str, done: int, total: int) -> None:
        if stage == "page":
            rate = done / max(time.monotonic() - self._started, 0.001)
            if done and "read" in self._bars:
                self._bars["read"].set_postfix_str(f"{done} pages, {rate:.1f} pages/s")
            return
        bar = self._bar(stage, total or None)
        if total and total != bar.total:
            bar.total = total
            bar.refresh()
        bar.update(done - bar.n)

    def _bar(self, stage: str, total: int | None) -> Any:
        from tqdm import tqdm  # noqa: PLC0415

        if stage not in self._bars:
            unit = _UNITS.get(stage.partition(" ")[0], "")  # "evaluate other.toml"
            self._bars[stage] = tqdm(
                total=total, desc=stage, unit=unit, file=sys.stderr, dynamic_ncols=True
            )
        return self._bars[stage]

    def close(self) -> None:
        """Leave the bars as they stand."""
        for bar in self._bars.values():
            bar.close()


def _duration(seconds: float) -> str:
    if seconds < 120:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 7200 else f"{seconds / 3600:.0f} h"
