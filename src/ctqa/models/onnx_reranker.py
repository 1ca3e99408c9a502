"""The fast reranker: an ONNX cross-encoder on the CPU."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ctqa.errors import ModelError
from ctqa.models.folder import onnx_graph
from ctqa.models.installed import Installed
from ctqa.models.onnx import Graph, side_by_side
from ctqa.models.probe import Probe, find_probe
from ctqa.models.registry import ModelSpec
from ctqa.models.reranker import (
    Marked,
    Pair,
    PairReader,
    Reading,
    RerankerIdentity,
    Scores,
    Window,
    scored,
)
from ctqa.models.tokens import Limited, open_tokenizer, readable

if TYPE_CHECKING:
    from tokenizers import Encoding, Tokenizer


class OnnxReranker:
    """Scores each pair alone; the same pair always gives the same bytes on the same processor.

    In a batch, an int8 graph gives a pair another score with every company: by up to 0.5 where
    measured, enough to change the order. Alone costs no more CPU time than batches of 8 pairs of
    one length, and less than two thirds of that of batches sorted by length. Threads may share a
    reranker.
    """

    def __init__(
        self,
        spec: ModelSpec,
        graph: Graph,
        whole_tokenizer: "Tokenizer",
        probe: Probe | None = None,
    ) -> None:
        self._graph = graph
        self._probe = probe
        self._output = graph.output(rank=2)
        self._tokenizer = Limited(whole_tokenizer, spec.max_tokens)
        self._reader = PairReader(
            whole_tokenizer,
            max_tokens=spec.max_tokens,
            frame=whole_tokenizer.num_special_tokens_to_add(is_pair=True),
        )
        self._identity = RerankerIdentity(
            name=spec.name, sha256=spec.weights_sha256, max_tokens=spec.max_tokens
        )
        labels = len(self._run(("", "")))
        if labels != 1:
            raise ModelError(
                f"model {spec.name} gives {labels} labels a pair; expected a reranker, with one"
            )

    @classmethod
    def load(cls, installed: Installed) -> "OnnxReranker":
        """Load a model that is on this machine.

        Raises:
            ModelError: its files are not a reranker that can be run.

        """
        spec, folder = installed.spec, installed.folder
        probe = find_probe(spec.weights_sha256)
        tapped = () if probe is None else (probe.tensor,)
        graph = Graph.open(folder / onnx_graph(spec), tapped=tapped)
        return cls(spec, graph, open_tokenizer(folder / "tokenizer.json"), probe)

    @property
    def identity(self) -> RerankerIdentity:
        """What this reranker is."""
        return self._identity

    def score(self, question: str, texts: Sequence[str]) -> Scores:
        """Give each text's relevance, a raw logit; float32, shape (n,), in the texts' order."""
        return self._reader.score(question, texts, self._score_pairs)

    def readings(self, question: str, texts: Sequence[Marked]) -> list[Reading]:
        """Score texts, and estimate what their parts would score alone, where a probe is there."""
        probe = self._probe
        if probe is None:
            return scored(self.score(question, [each.text for each in texts]))
        cut, windows = self._reader.windows(question, [each.text for each in texts])
        read = side_by_side(
            lambda window: self._read_window(cut, window, texts[window.row].parts, probe), windows
        )
        return [
            _best([each for each, window in zip(read, windows, strict=True) if window.row == row])
            for row in range(len(texts))
        ]

    def _read_window(
        self, question: str, window: Window, parts: tuple[tuple[int, int], ...], probe: Probe
    ) -> Reading:
        if not parts:
            return Reading(score=float(self._run((question, window.text))[0]), parts=())
        sequence = self._tokenizer.encode(readable(question), readable(window.text))
        logits, states = self._graph.run_for(sequence, (self._output, probe.tensor))
        score = float(logits[0])
        held = tokens_of(parts, sequence, window.start)  # (p, t)
        return Reading(score=score, parts=tuple(map(float, probe.estimates(states, held, score))))

    def _score_pairs(self, pairs: list[Pair]) -> Scores:
        rows = side_by_side(self._run, pairs)
        return np.array(rows, dtype=np.float32).reshape(len(pairs))

    def _run(self, pair: Pair) -> Scores:
        question, text = pair
        return self._graph.run(
            self._tokenizer.encode(readable(question), readable(text)), self._output
        )


def tokens_of(
    parts: Sequence[tuple[int, int]], sequence: "Encoding", start: int
) -> NDArray[np.bool_]:
    """Tell which tokens of a pair stand in each part of its second text; shape (p, tokens)."""
    begins, ends = np.array(sequence.offsets, dtype=np.intp).T + start  # (t,), (t,)
    is_text = (np.array(sequence.type_ids) == 1) & (ends > begins)
    bounds = np.array(parts, dtype=np.intp).reshape(-1, 2)  # (p, 2)
    held: NDArray[np.bool_] = is_text & (begins >= bounds[:, :1]) & (ends <= bounds[:, 1:])
    return held


def _best(windows: Sequence[Reading]) -> Reading:
    """Join the readings of a text's windows: of the whole, and of each part, the best."""
    parts = zip(*(window.parts or () for window in windows), strict=True)
    return Reading(
        score=max(window.score for window in windows), parts=tuple(max(each) for each in parts)
    )
