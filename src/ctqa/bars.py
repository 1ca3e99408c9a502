"""How far a long task has come: bars on a terminal, else a line now and then, on stderr."""

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

_FILES_A_LINE = 20  # where no bar can be drawn
_LINE_S = 30.0  # between two lines of a stage there
_UNITS = {"read": " files", "encode": " passages", "evaluate": " questions", "ask": " questions"}

Progress = Callable[[str, int, int], None]  # stage, how much is done, of how many


@contextmanager
def progress(*, quiet: bool) -> Iterator[Progress]:
    """Give a function that shows how far a stage is; of the stage "page" the total is not known."""
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

    def __call__(self, stage: str, done: int, total: int) -> None:
        if not total:  # as of pages
            return
        now = time.monotonic()
        files = stage == "read" and done > 0 and done % _FILES_A_LINE == 0
        if done == total:
            told = f"{total}"
        elif files or now - self._last.setdefault(stage, now) >= _LINE_S:
            told = f"{done} of {total}"
        else:
            return
        self._last[stage] = now
        print(f"{stage}: {told}", file=sys.stderr, flush=True)


class _Bars:
    """A bar a stage, with its rate and the time left; that of files counts their pages as well."""

    def __init__(self) -> None:
        self._bars: dict[str, Any] = {}
        self._started = time.monotonic()

    def __call__(self, stage: str, done: int, total: int) -> None:
        if stage == "page":
            rate = done / max(time.monotonic() - self._started, 0.001)
            if done and "read" in self._bars:
                self._bars["read"].set_postfix_str(f"{done} pages, {rate:.1f} pages/s")
            return
        bar = self._bar(stage, total)
        bar.update(done - bar.n)

    def _bar(self, stage: str, total: int) -> Any:
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
