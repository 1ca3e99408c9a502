"""The fast reranker: an ONNX cross-encoder on the CPU."""

from collections.abc import Sequence
from math import inf
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ctqa.errors import ModelError
from ctqa.models.installed import Installed
from ctqa.models.onnx import side_by_side
from ctqa.models.pair_graph import Begun, PairGraph, Scored, open_pair_graph
from ctqa.models.probe import Probes, find_probes
from ctqa.models.registry import ModelSpec
from ctqa.models.reranker import (
    Marked,
    Pair,
    PairReader,
    Reading,
    RerankerIdentity,
    Scores,
)
from ctqa.models.shared_states import SharingGraph, Trunk
from ctqa.models.shipped_reader import checked_reader
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
        graph: PairGraph,
        whole_tokenizer: "Tokenizer",
        probes: Probes,
    ) -> None:
        self._sharing = None if probes.shared is None else SharingGraph(graph)
        self._graph: PairGraph = graph  # until a span reader stands on it, nothing is kept
        self._probes = probes
        self._whole_tokenizer = whole_tokenizer
        self._tokenizer = Limited(whole_tokenizer, spec.max_tokens)
        self._reader = PairReader(
            whole_tokenizer,
            max_tokens=spec.max_tokens,
            frame=whole_tokenizer.num_special_tokens_to_add(is_pair=True),
        )
        self._identity = RerankerIdentity(
            name=spec.name, sha256=spec.weights_sha256, max_tokens=spec.max_tokens
        )
        labels = len(graph.begin(self._sequence("", "")).finish().logits)
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
        probes = find_probes(installed.spec.weights_sha256)
        graph = open_pair_graph(installed, probes)
        tokenizer = open_tokenizer(installed.folder / "tokenizer.json")
        return cls(installed.spec, graph, tokenizer, probes)

    @property
    def identity(self) -> RerankerIdentity:
        """What this reranker is."""
        return self._identity

    def trunk(self) -> Trunk:
        """Give what a span reader stands on.

        Raises:
            ModelError: none stands on these weights.

        """
        if self._sharing is None:
            checked_reader(self._identity.sha256)  # tells what is expected instead
            raise ModelError(f"{self._identity.name}: its graph gives no states for a span reader")
        self._graph = self._sharing
        return Trunk(
            sha256=self._identity.sha256,
            tokenizer=self._whole_tokenizer,
            max_tokens=self._identity.max_tokens,
            states=self._sharing.states,
        )

    def score(self, question: str, texts: Sequence[str]) -> Scores:
        """Give each text's relevance, a raw logit; float32, shape (n,), in the texts' order."""
        return self._reader.score(question, texts, self._score_pairs)

    def readings(
        self, question: str, texts: Sequence[Marked], *, least: Sequence[float] | None = None
    ) -> list[Reading]:
        """Score texts, and estimate what their parts would score alone, where a probe is there."""
        bounds = [-inf] * len(texts) if least is None else least
        return side_by_side(
            lambda pair: self._read(question, *pair), list(zip(texts, bounds, strict=True))
        )

    def _read(self, question: str, text: Marked, least: float) -> Reading:
        """Read the windows of a text, and to their ends where one of them promises enough."""
        windows = self._windows(question, text.text)
        begun = [self._graph.begin(sequence) for _, sequence in windows]
        expected = self._expected(begun)
        if expected is not None and expected < least:
            return Reading(score=expected, expected=expected, whole=False)
        found = [each.finish() for each in begun]
        told = [
            self._told(scored, text.parts, sequence, start)
            for scored, (start, sequence) in zip(found, windows, strict=True)
        ]
        return Reading(
            score=max(float(scored.logits[0]) for scored in found),
            parts=None if self._probes.parts is None else tuple(map(max, zip(*told, strict=True))),
            expected=expected,
        )

    def _windows(self, question: str, text: str) -> "list[tuple[int, Encoding]]":
        """Give the tokens of each window of a text with the question, and where it starts."""
        uncut = self._reader.uncut(question, text)
        if uncut is not None:
            return [(0, uncut)]
        cut, windows = self._reader.windows(question, [text])
        return [(window.start, self._sequence(cut, window.text)) for window in windows]

    def _expected(self, begun: Sequence[Begun]) -> float | None:
        """Estimate halfway what a text's best window is going to score."""
        probe = self._probes.halfway
        states = [each.states for each in begun if each.states is not None]
        return None if probe is None else max(map(probe.estimate, states))

    def _told(
        self, found: Scored, parts: tuple[tuple[int, int], ...], sequence: "Encoding", start: int
    ) -> list[float]:
        """Estimate what each part of a text would score, by what a window of it holds."""
        probe = self._probes.parts
        if probe is None or found.states is None or not parts:
            return []
        held = tokens_of(parts, sequence, start)  # (p, t)
        estimates = probe.estimates(found.states, held, float(found.logits[0]))
        return [float(estimate) for estimate in estimates]

    def _score_pairs(self, pairs: list[Pair]) -> Scores:
        rows = side_by_side(self._score_pair, pairs)
        return np.array(rows, dtype=np.float32).reshape(len(pairs))

    def _score_pair(self, pair: Pair) -> float:
        return float(self._graph.begin(self._sequence(*pair)).finish().logits[0])

    def _sequence(self, question: str, text: str) -> "Encoding":
        return self._tokenizer.encode(readable(question), readable(text))


def tokens_of(
    parts: Sequence[tuple[int, int]], sequence: "Encoding", start: int
) -> NDArray[np.bool_]:
    """Tell which tokens of a pair stand in each part of its second text; shape (p, tokens)."""
    begins, ends = np.array(sequence.offsets, dtype=np.intp).T + start  # (t,), (t,)
    is_text = (np.array(sequence.type_ids) == 1) & (ends > begins)
    bounds = np.array(parts, dtype=np.intp).reshape(-1, 2)  # (p, 2)
    held: NDArray[np.bool_] = is_text & (begins >= bounds[:, :1]) & (ends <= bounds[:, 1:])
    return held
