"""States of a reranker's lower layers, kept for a while: what else reads a pair goes on from them.

A span reader reads the passages that were just reranked. Its layers stand on the reranker's lower
ones, so that of a pair that is remembered only the upper ones are left to be run.
"""

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from threading import Lock
from typing import TYPE_CHECKING

from ctqa.models.pair_graph import Begun, PairGraph, States

if TYPE_CHECKING:
    from tokenizers import Encoding, Tokenizer

# Some 60 passages of 160 tokens, or what two questions have read.
MOST_BYTES = 16_000_000
Key = tuple[tuple[int, ...], tuple[int, ...]]  # ids, and whose they are


@dataclass(frozen=True, slots=True, kw_only=True)
class Trunk:
    """What a reranker lends to a reader that stands on its lower layers."""

    sha256: str  # of its weights
    tokenizer: "Tokenizer"  # cuts nothing off, and is not to be changed
    max_tokens: int
    states: Callable[["Encoding"], States]  # (t, d), not to be changed


class KeptStates:
    """The states used last, as many as have room; threads may share it."""

    def __init__(self, most_bytes: int = MOST_BYTES) -> None:
        self._most_bytes = most_bytes
        self._kept: OrderedDict[Key, States] = OrderedDict()
        self._bytes = 0
        self._lock = Lock()

    def __len__(self) -> int:
        """Count the pairs whose states are held."""
        return len(self._kept)

    @property
    def bytes(self) -> int:
        """The room that they take."""
        return self._bytes

    def get(self, key: Key) -> States | None:
        """Give the states of a pair, which then were used last; None where they are not held."""
        with self._lock:
            found = self._kept.get(key)
            if found is not None:
                self._kept.move_to_end(key)
            return found

    def put(self, key: Key, states: States) -> None:
        """Hold the states of a pair, and let go of those that were not used for longest."""
        states.setflags(write=False)  # whoever gets them gets the same ones
        with self._lock:
            before = self._kept.pop(key, None)
            self._bytes -= 0 if before is None else before.nbytes
            self._kept[key] = states
            self._bytes += states.nbytes
            while self._bytes > self._most_bytes:
                _, oldest = self._kept.popitem(last=False)
                self._bytes -= oldest.nbytes


class SharingGraph:
    """A graph that keeps what a span reader goes on from, and reads a pair anew where it is gone.

    What it gives never depends on what it keeps.
    """

    def __init__(self, graph: PairGraph, kept: KeptStates | None = None) -> None:
        self._graph = graph
        self.kept = KeptStates() if kept is None else kept

    def begin(self, sequence: "Encoding") -> Begun:
        """Read at least halfway."""
        begun = self._graph.begin(sequence)
        if begun.shared is not None:
            self.kept.put(_key(sequence), begun.shared)
        return begun

    def states(self, sequence: "Encoding") -> States:
        """Give what a span reader goes on from."""
        found = self.kept.get(_key(sequence))
        if found is None:
            found = self.begin(sequence).shared
        if found is None:
            raise ValueError("the graph gives nothing that a reader could go on from")
        return found


def _key(sequence: "Encoding") -> Key:
    return tuple(sequence.ids), tuple(sequence.type_ids)
