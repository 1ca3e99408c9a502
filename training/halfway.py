"""Fit the probe by which the reranker tells halfway what a text is going to score.

`python -m training.halfway` searches with questions of several collections, has the reranker read
the best passages and sentences of theirs, and fits its scores by ridge regression to the states of
its seventh layer of twelve: that of the first token, and the mean of all. What is learned is the
reranker's own reading: no gold answer is used. The last collection is not learned from; the figures
printed are its.

It writes src/ctqa/models/probes.json. Collections lie below CTQA_DATA, as for bench.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

import ctqa
from bench.common import half_of, index_of
from ctqa.answering.lines import copy_of, marked_copy
from ctqa.models.folder import onnx_graph
from ctqa.models.installed import unchecked
from ctqa.models.onnx import Graph
from ctqa.models.probe import PROBES
from ctqa.models.tokens import open_tokenizer, readable
from ctqa.records import Hit

MODEL = "ms-marco-MiniLM-L-12-v2"
LAYER = 6  # from 0: the seventh
COLLECTIONS = ("squad11_dev", "squadshifts_amazon", "policyqa", "wikiqa")
QUESTIONS = 120  # of each collection's tuning half
PASSAGES = 12  # of each question
PASSAGES_CUT = 3  # those whose sentences are read as well
RIDGE = 300.0  # of standardised features
MARGINS = (2.0, 3.0, 3.5, 4.0, 5.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """What is known of a text halfway, and its score."""

    question: str
    is_passage: bool
    states: NDArray[np.float32]  # (2 d,)
    score: float


def main() -> None:
    """Gather, fit, and say how good it is on the collection that was left out."""
    samples = {name: list(gathered(name)) for name in COLLECTIONS}
    held_out = samples.pop(COLLECTIONS[-1])
    weights, bias = fitted([sample for found in samples.values() for sample in found])
    first, mean = np.split(weights, 2)
    probes: dict[str, dict[str, Any]] = json.loads(PROBES.read_text(encoding="utf-8"))
    probes.setdefault(unchecked(MODEL).spec.weights_sha256, {})["halfway"] = {
        "tensor": tensor(LAYER),
        "first": [round(float(weight), 6) for weight in first],
        "mean": [round(float(weight), 6) for weight in mean],
        "bias": round(bias, 6),
    }
    PROBES.write_text(json.dumps(probes, indent=0) + "\n", encoding="utf-8")
    for is_passage in (True, False):
        kind = [sample for sample in held_out if sample.is_passage is is_passage]
        what = "passages" if is_passage else "sentences"
        print(f"{COLLECTIONS[-1]}, {len(kind)} {what}: {told(kind, weights, bias)}")


def tensor(layer: int) -> str:
    """Name the value in the graph that a layer gives."""
    return f"/bert/encoder/layer.{layer}/output/LayerNorm/Add_1_output_0"


def gathered(name: str) -> Iterator[Sample]:
    """Read passages, and sentences of the first few alone."""
    qa = ctqa.load(index_of(name, ctqa.IndexConfig()), config=ctqa.SearchConfig(rerank=0))
    reader = Halfway()
    for gold in half_of(name, "tune").questions[:QUESTIONS]:
        hits = qa.search(gold.question)[:PASSAGES]
        for hit in hits:
            yield from reader.samples(gold.question, [marked_copy(hit).text], is_passage=True)
        for hit in hits[:PASSAGES_CUT]:
            yield from reader.samples(gold.question, list(_lines(hit)), is_passage=False)
    qa.close()


class Halfway:
    """The reranker's graph, with what its seventh layer gives."""

    def __init__(self) -> None:
        installed = unchecked(MODEL)
        self._most = installed.spec.max_tokens
        self._graph = Graph.open(
            installed.folder / onnx_graph(installed.spec), tapped=[tensor(LAYER)]
        )
        self._tokenizer = open_tokenizer(installed.folder / "tokenizer.json")

    def samples(self, question: str, texts: Sequence[str], *, is_passage: bool) -> Iterator[Sample]:
        """Read texts that are short enough for one window."""
        for text in texts:
            pair = self._tokenizer.encode(readable(question), readable(text))
            if len(pair) > self._most:
                continue
            outputs = (self._graph.output(rank=2), tensor(LAYER))
            logit, states = self._graph.run_for(pair, outputs)
            yield Sample(
                question=question,
                is_passage=is_passage,
                states=np.concatenate([states[0], states.mean(axis=0)]),
                score=float(logit[0]),
            )


def _lines(hit: Hit) -> Iterator[str]:
    for at in range(len(hit.passage.sentences)):
        yield copy_of(hit, at, at + 1)


def fitted(samples: Sequence[Sample]) -> tuple[NDArray[np.float64], float]:
    """Fit weights, (2 d,), and a bias."""
    features = np.array([sample.states for sample in samples], dtype=np.float64)
    wanted = np.array([sample.score for sample in samples])
    mean, spread = features.mean(axis=0), features.std(axis=0) + 1e-6
    scaled = (features - mean) / spread
    ridge = RIDGE * np.eye(scaled.shape[1])
    weights = np.linalg.solve(scaled.T @ scaled + ridge, scaled.T @ (wanted - wanted.mean()))
    weights /= spread
    return weights, float(wanted.mean() - weights @ mean)


def told(samples: Sequence[Sample], weights: NDArray[np.float64], bias: float) -> str:
    """Say which share of the variance is foretold, and what several margins would cost and lose.

    The first two of a question are read to their ends, then each that is expected to come within
    a margin of the best so far. Lost are questions whose best is not.
    """
    scores = np.array([sample.score for sample in samples])
    expected = np.array([sample.states for sample in samples]) @ weights + bias
    questions = np.array([sample.question for sample in samples])
    share = 1 - ((scores - expected) ** 2).mean() / scores.var()
    groups = [questions == question for question in dict.fromkeys(questions)]
    figures = []
    for margin in MARGINS:
        read = [_read_on(scores[mine], expected[mine], margin) for mine in groups]
        pairs = list(zip(read, groups, strict=True))
        lost = np.mean([max(scores[mine][on]) < max(scores[mine]) for on, mine in pairs])
        further = sum(len(on) - min(2, mine.sum()) for on, mine in pairs)
        of = sum(mine.sum() - min(2, mine.sum()) for mine in groups)
        figures.append(f"{margin:g}: {lost:.3f} lost, {further / of:.2f} read on")
    return f"R2 {share:.3f}; with a margin of {'; '.join(figures)}"


def _read_on(
    scores: NDArray[np.float64], expected: NDArray[np.float64], margin: float
) -> list[int]:
    read = list(range(min(2, len(scores))))
    for at in range(2, len(scores)):
        if expected[at] >= max(scores[read]) - margin:
            read.append(at)
    return read


if __name__ == "__main__":
    main()
