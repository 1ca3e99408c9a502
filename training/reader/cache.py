"""Keep what the frozen layers give for each sample: `python -m training.reader.cache [--frozen 7]`.

After the seventh layer the product has the states at hand of whatever it read halfway. The states,
16 bits a number, lie in one file a collection; a run that was stopped goes on behind the last
window that was written whole.
"""

import argparse
import json
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, TypeVar

import numpy as np
from numpy.typing import NDArray

from training.reader.prepare import HOME, LEARNED, samples_path
from training.reader.samples import read_samples
from training.reader.splits import HELD
from training.reader.trunk import Trunk
from training.reader.windows import Cutter, Window, load_windows, save_windows

_AT_ONCE = 128  # windows between two notes of how far it is
_TOLD = 4096

States = NDArray[np.float16]
Rows = NDArray[np.float32]
T = TypeVar("T")


def main() -> None:
    """Cache the states of all collections."""
    parser = argparse.ArgumentParser(prog="training.reader.cache", description=__doc__)
    parser.add_argument("--frozen", type=int, default=7, help="layers; 7, unless told otherwise")
    frozen = parser.parse_args().frozen
    trunk = Trunk.open(frozen, HOME / "trunk")
    for name in (*LEARNED, *HELD):
        cache = Cache(home_of(name), str(frozen))
        cache.cut(samples_path(name), Cutter(trunk.tokenizer, trunk.max_tokens))
        cache.fill(cache.windows(), trunk.states)


def home_of(name: str) -> Path:
    """Give the folder of a collection's windows and states."""
    return HOME / "cache" / name


@dataclass(frozen=True, slots=True)
class Cache:
    """Windows and what something gives for each of their tokens, in a folder."""

    folder: Path
    giver: str  # after how many frozen layers, or a teacher's name

    @property
    def windows_path(self) -> Path:
        """Name the file of the windows."""
        return self.folder / "windows.npz"

    @property
    def states_path(self) -> Path:
        """Name the file of the states: all tokens of all windows, one row each."""
        return self.folder / f"states-{self.giver}.f16"

    @property
    def _done_path(self) -> Path:
        return self.folder / f"done-{self.giver}.json"

    def cut(self, samples: Path, cutter: Cutter) -> None:
        """Cut samples into windows; once, unless the samples were made anew."""
        made = self.windows_path
        if made.exists() and made.stat().st_mtime_ns >= samples.stat().st_mtime_ns:
            return
        self.folder.mkdir(parents=True, exist_ok=True)
        for states in self.folder.glob("done-*.json"):
            states.unlink()
        save_windows(list(cutter.windows(list(read_samples(samples)))), made)

    def windows(self) -> list[Window]:
        """Read the windows."""
        return load_windows(self.windows_path)

    def done(self) -> int:
        """Count the windows whose states are there."""
        if not self._done_path.exists():
            return 0
        return int(json.loads(self._done_path.read_text(encoding="utf-8"))["windows"])

    def states(self, windows: Sequence[Window], *, mode: Literal["r", "r+"] = "r") -> States:
        """Map the states of all windows, (tokens, d)."""
        tokens = sum(len(window) for window in windows)
        return np.memmap(self.states_path, dtype=np.float16, mode=mode).reshape(tokens, -1)

    def fill(self, given: Sequence[T], rows: Callable[[Sequence[T]], Iterable[Rows]]) -> None:
        """Keep the rows of each window, (t, d), that are not there yet; `given` stands for them."""
        windows = self.windows()
        at = self.done()
        if at == len(windows):
            return
        wide = next(iter(rows(given[:1]))).shape[1]
        tokens = sum(len(window) for window in windows)
        if not self.states_path.exists() or at == 0:
            with self.states_path.open("wb") as file:
                file.truncate(2 * tokens * wide)
        held = self.states(windows, mode="r+")
        bounds = bounds_of(windows)
        began, start = time.monotonic(), at
        while at < len(windows):
            for found in rows(given[at : at + _AT_ONCE]):
                held[bounds[at] : bounds[at + 1]] = found
                at += 1
            self._note(at)
            if at % _TOLD < _AT_ONCE or at == len(windows):
                each = (time.monotonic() - began) / (at - start)
                print(
                    f"{self.folder.name}: {at} of {len(windows)}, {each * 1e3:.1f} ms", flush=True
                )

    def _note(self, windows: int) -> None:
        part = self._done_path.with_suffix(".part")
        part.write_text(json.dumps({"windows": windows}), encoding="utf-8")
        part.replace(self._done_path)


def bounds_of(windows: Sequence[Window]) -> list[int]:
    """Give the row at which each window begins, and the one after the last."""
    return [0, *np.cumsum([len(window) for window in windows]).tolist()]


if __name__ == "__main__":
    main()
