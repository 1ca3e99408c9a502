"""ONNX graphs over token ids, run on the CPU one sequence at a time.

An int8 graph scales its activations by the largest value in the whole batch, so a text's vector
would change with its neighbours: by up to 0.009 in cosine, where measured. Alone, a text gives the
same bytes whatever else is encoded, in whatever order, on however many threads. It costs nothing:
with a thread a sequence, passages of 120 tokens take half the CPU time that batches of 8 or 32
take with the threads inside the graph.

However many ask and build at once, no more sequences are run at a time than there are cores.
"""

import os
from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from importlib import import_module
from pathlib import Path
from threading import Lock
from types import ModuleType
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from ctqa.errors import ModelError

if TYPE_CHECKING:
    from onnxruntime import InferenceSession
    from tokenizers import Encoding

TOKENS = ("input_ids", "attention_mask", "token_type_ids")  # what a tokenizer gives

Item = TypeVar("Item")
Result = TypeVar("Result")


class Graph:
    """An ONNX graph that takes what a tokenizer gives, or what another graph gave."""

    def __init__(
        self, session: "InferenceSession", path: Path, takes: Sequence[str] = TOKENS
    ) -> None:
        self._session = session
        self._path = path
        self._inputs = [node.name for node in session.get_inputs()]
        unknown = set(self._inputs) - set(takes)
        if unknown:
            raise ModelError(
                f"{path}: the graph asks for {min(unknown)!r}, which no tokenizer gives"
            )

    @classmethod
    def open(
        cls,
        path: Path,
        *,
        tapped: Sequence[str] = (),
        takes: Sequence[str] = TOKENS,
        laid_out: bool = False,
    ) -> "Graph":
        """Load a graph from a file; values within it named in `tapped` are outputs, too.

        `takes` names what it can be given. One that is `laid_out` is run as it is, which spares
        half the time that loading takes.

        Raises:
            ModelError: the file holds no graph that can be run.

        """
        return cls(_session(path, tapped, laid_out=laid_out), path, takes)

    def output(self, rank: int) -> str:
        """Name the first output of a rank: 3 for a vector a token, 2 for a row a sequence."""
        outputs = self._session.get_outputs()
        found = next((node.name for node in outputs if len(node.shape) == rank), None)
        if found is None:
            shapes = ", ".join(f"{node.name} {node.shape}" for node in outputs)
            raise ModelError(f"{self._path}: expected an output of rank {rank}, found {shapes}")
        return str(found)

    def run(self, sequence: "Encoding", output: str) -> NDArray[np.float32]:
        """Give an output for one sequence: shape (tokens, dimension) or (columns,)."""
        return self.run_for(sequence, [output])[0]

    def run_for(self, sequence: "Encoding", outputs: Sequence[str]) -> list[NDArray[np.float32]]:
        """Give several outputs for one sequence, each of its own shape."""
        feed = dict(
            zip(TOKENS, (sequence.ids, sequence.attention_mask, sequence.type_ids), strict=True)
        )
        return self.run_on(
            {name: np.array(feed[name], dtype=np.int64) for name in self._inputs}, outputs
        )

    def run_on(
        self, inputs: Mapping[str, NDArray[Any]], outputs: Sequence[str]
    ) -> list[NDArray[np.float32]]:
        """Give several outputs for what another graph gave for one sequence."""
        try:
            with _turns():
                found: list[Any] = self._session.run(
                    outputs, {name: rows[np.newaxis] for name, rows in inputs.items()}
                )
        except _runtime_errors() as exc:
            raise ModelError(f"{self._path}: cannot be run ({exc})") from exc
        return [np.asarray(rows[0], dtype=np.float32) for rows in found]


def lay_out(path: Path, into: Path, *, tapped: Sequence[str] = ()) -> None:
    """Write a graph as onnxruntime makes it of another: operations joined, constants worked out.

    Raises:
        ModelError: the file holds no graph that can be run, or the other cannot be written.

    """
    _session(path, tapped, save=into)


def _session(
    path: Path, tapped: Sequence[str], *, laid_out: bool = False, save: Path | None = None
) -> "InferenceSession":
    runtime = onnxruntime()
    options = runtime.SessionOptions()
    options.intra_op_num_threads = 1  # the threads are ours: one for each sequence
    options.inter_op_num_threads = 1
    options.enable_mem_pattern = False  # every sequence has its own length
    options.log_severity_level = 3  # errors
    levels = runtime.GraphOptimizationLevel
    if laid_out:
        options.graph_optimization_level = levels.ORT_DISABLE_ALL
    if save is not None:  # without what is made for one kind of processor
        options.graph_optimization_level = levels.ORT_ENABLE_EXTENDED
        options.optimized_model_filepath = str(save)
    try:
        return runtime.InferenceSession(
            with_outputs(path.read_bytes(), tapped) if tapped else path,
            options,
            providers=["CPUExecutionProvider"],
            # That kernel is scalar: 0.35 ms for 160 tokens, Add and LayerNormalization 0.07 ms.
            disabled_optimizers=["SkipLayerNormFusion"],
        )
    except _runtime_errors() as exc:
        raise ModelError(f"{path}: cannot be loaded ({exc})") from exc


def onnxruntime() -> ModuleType:
    """Import onnxruntime, which is heavy, and let it report to nobody."""
    os.environ["ORT_DISABLE_TELEMETRY"] = "1"  # read when onnxruntime is loaded, not later
    module = import_module("onnxruntime")
    module.disable_telemetry_events()
    return module


def side_by_side(function: Callable[[Item], Result], items: Iterable[Item]) -> list[Result]:
    """Apply a function to each item on all available cores; results in the items' order."""
    work = list(items)
    workers = min(available_cores(), len(work))
    if workers < 2:
        return [function(item) for item in work]
    with ThreadPoolExecutor(workers) as pool:
        return list(pool.map(function, work))


class Turns:
    """Lets so many threads in at a time, in the order in which they came."""

    def __init__(self, at_once: int) -> None:
        self._free = at_once
        self._waiting: deque[Lock] = deque()
        self._lock = Lock()

    def __enter__(self) -> None:
        """Wait for a turn."""
        with self._lock:
            if self._free:
                self._free -= 1
                return
            gate = Lock()
            gate.acquire()
            self._waiting.append(gate)
        try:
            gate.acquire()
        except BaseException:
            self._give_up(gate)
            raise

    def __exit__(self, *_: object) -> None:
        """Let the next one in."""
        with self._lock:
            if self._waiting:
                self._waiting.popleft().release()
            else:
                self._free += 1

    def _give_up(self, gate: Lock) -> None:
        with self._lock:
            waits = gate in self._waiting
            if waits:
                self._waiting.remove(gate)
        if not waits:  # its turn had come meanwhile
            self.__exit__()


@cache
def _turns() -> Turns:
    return Turns(available_cores())


def with_outputs(model: bytes, names: Sequence[str]) -> bytes:
    """Make values within a serialised ONNX model outputs of its graph.

    Protobuf merges what is appended: of ModelProto, `graph` is field 7; of GraphProto, `output` is
    field 12; of ValueInfoProto, `name` is field 1 (onnx.proto, ONNX 1.23).
    """
    for name in names:
        model += _field(7, _field(12, _field(1, name.encode())))
    return model


def _field(number: int, content: bytes) -> bytes:
    """Serialise a length-delimited protobuf field."""
    return _varint(number << 3 | 2) + _varint(len(content)) + content


def _varint(value: int) -> bytes:
    groups = [value & 127]
    while value := value >> 7:
        groups.append(value & 127)
    return bytes([*(group | 128 for group in groups[:-1]), groups[-1]])


def available_cores() -> int:
    """Count the cores that this process may use; OMP_NUM_THREADS may say fewer, as Ray does."""
    if hasattr(os, "sched_getaffinity"):
        count: int | None = len(os.sched_getaffinity(0))
    else:
        count = os.cpu_count()
    most = 1 if count is None else count
    told = os.environ.get("OMP_NUM_THREADS", "")
    return min(most, int(told)) if told.isdecimal() and int(told) else most


def _runtime_errors() -> tuple[type[Exception], ...]:
    """List onnxruntime's exceptions, which have no base class of their own, and the system's."""
    from onnxruntime.capi import onnxruntime_pybind11_state as state  # noqa: PLC0415

    return (
        OSError,
        state.EPFail,
        state.Fail,
        state.InvalidArgument,
        state.InvalidGraph,
        state.InvalidProtobuf,
        state.NoModel,
        state.NoSuchFile,
        state.NotImplemented,
        state.RuntimeException,
    )
