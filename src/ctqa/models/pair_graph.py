"""The graph of a reranker, read at once or in two parts.

What is expected of a text halfway is known after the first part; a text that promises too little
is then spared the second. Where only the whole graph is at hand, both are run at once: it takes
longer, and gives the same bytes.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import numpy as np
from numpy.typing import NDArray

from ctqa.models.folder import onnx_graphs
from ctqa.models.installed import Installed
from ctqa.models.onnx import Graph
from ctqa.models.probe import HalfwayProbe, Probe, Probes

if TYPE_CHECKING:
    from tokenizers import Encoding

FIRST, REST = "first.onnx", "rest.onnx"
States = NDArray[np.float32]  # (tokens, d)


@dataclass(frozen=True, slots=True, kw_only=True)
class Scored:
    """What a graph gives for a pair that was read to its end."""

    logits: NDArray[np.float32]  # (labels,)
    states: States | None  # that the probe of parts looks at


@dataclass(frozen=True, slots=True, kw_only=True)
class Begun:
    """A pair that is read as far as the probe of texts looks; `finish` reads on."""

    states: States | None  # None: no probe looks
    finish: Callable[[], Scored]
    shared: States | None = None  # that a span reader goes on from; None: there is no such reader


class PairGraph(Protocol):
    """Reads the tokens of a question and a text."""

    def begin(self, sequence: "Encoding") -> Begun:
        """Read at least halfway."""
        ...


class WholeGraph:
    """One graph for all; `graph` must be open with what the probes look at."""

    def __init__(self, graph: Graph, probes: Probes) -> None:
        self._graph = graph
        self._probes = probes
        self._output = graph.output(rank=2)

    def begin(self, sequence: "Encoding") -> Begun:
        """Read to the end."""
        outputs = [self._output, *self._probes.tensors]
        found = dict(zip(outputs, self._graph.run_for(sequence, outputs), strict=True))
        scored = Scored(logits=found[self._output], states=_of(self._probes.parts, found))
        shared = None if self._probes.shared is None else found[self._probes.shared]
        halfway = _of(self._probes.halfway, found)
        return Begun(states=halfway, finish=lambda: scored, shared=shared)


class HalvedGraph:
    """Two graphs: what the first gives at `halfway` is all that the second takes.

    `shared` names what the first gives for a span reader, if there is one.
    """

    def __init__(
        self,
        first: Graph,
        rest: Graph,
        parts: Probe | None,
        halfway: str,
        shared: str | None = None,
    ) -> None:
        self._first = first
        self._rest = rest
        self._parts = parts
        self._halfway = halfway
        self._shared = shared
        self._given = list(dict.fromkeys([halfway, *filter(None, [shared])]))
        self._outputs = [rest.output(rank=2), *([] if parts is None else [parts.tensor])]

    def begin(self, sequence: "Encoding") -> Begun:
        """Read halfway."""
        found = dict(zip(self._given, self._first.run_for(sequence, self._given), strict=True))
        states = found[self._halfway]
        shared = None if self._shared is None else found[self._shared]
        return Begun(states=states, finish=lambda: self._finish(states), shared=shared)

    def _finish(self, states: States) -> Scored:
        logits, *tapped = self._rest.run_on({self._halfway: states}, self._outputs)
        return Scored(logits=logits, states=tapped[0] if tapped else None)


def open_pair_graph(installed: Installed, probes: Probes) -> PairGraph:
    """Open the graph, or the two, that a reranker's folder holds.

    Raises:
        ModelError: a file holds no graph that can be run.

    """
    names, folder = onnx_graphs(installed.spec), installed.folder
    is_laid_out = installed.spec.laid_out
    if REST in names and probes.halfway is not None:
        tensor = probes.halfway.tensor
        rest = Graph.open(folder / REST, takes=[tensor], laid_out=is_laid_out)
        first = Graph.open(folder / FIRST, laid_out=is_laid_out)
        return HalvedGraph(first, rest, probes.parts, tensor, probes.shared)
    tapped = () if is_laid_out else probes.tensors  # what is laid out gives them already
    graph = Graph.open(folder / names[0], tapped=tapped, laid_out=is_laid_out)
    return WholeGraph(graph, probes)


def _of(probe: Probe | HalfwayProbe | None, found: dict[str, States]) -> States | None:
    return None if probe is None else found[probe.tensor]
