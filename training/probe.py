"""Fit the probe by which the reranker tells, while it reads a passage, what each sentence is worth.

`python -m training.probe` searches with questions of several collections, has the reranker read
the best passages, and each of their sentences alone, and fits the second to the states of the
first by ridge regression. What is learned is the reranker's own reading: no gold answer is used.
The last collection is not learned from; the figures printed are its.

It writes src/ctqa/models/probes.json. Collections lie below CTQA_DATA, as for bench.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

import ctqa
from bench.common import half_of, index_of
from ctqa.answering.lines import copy_of, marked_copy
from ctqa.models.folder import onnx_graph
from ctqa.models.installed import locate
from ctqa.models.onnx import Graph
from ctqa.models.onnx_reranker import OnnxReranker, tokens_of
from ctqa.models.probe import PROBES
from ctqa.models.tokens import open_tokenizer, readable
from ctqa.records import Hit

MODEL = "ms-marco-MiniLM-L-12-v2"
TENSOR = "/bert/encoder/layer.8/output/LayerNorm/Add_1_output_0"  # the ninth layer of twelve
COLLECTIONS = ("squad11_dev", "squadshifts_amazon", "policyqa", "wikiqa")
QUESTIONS = 120  # of each collection's tuning half
PASSAGES = 5  # of each question
RIDGE = 300.0  # of standardised features


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """A sentence as it is met in its passage, and what it scores alone."""

    question: str
    states: NDArray[np.float32]  # (d,)
    whole: float  # the passage's score
    alone: float


def main() -> None:
    """Gather, fit, and say how good it is on the collection that was left out."""
    samples = {name: list(gathered(name)) for name in COLLECTIONS}
    held_out = samples.pop(COLLECTIONS[-1])
    weights, bias = fitted([sample for found in samples.values() for sample in found])
    spec = locate(MODEL).spec
    probe = {
        "tensor": TENSOR,
        "weights": [round(float(weight), 6) for weight in weights[:-1]],
        "whole": round(float(weights[-1]), 6),
        "bias": round(float(bias), 6),
    }
    probes: dict[str, dict[str, object]] = json.loads(PROBES.read_text(encoding="utf-8"))
    probes.setdefault(spec.weights_sha256, {})["parts"] = probe
    PROBES.write_text(json.dumps(probes, indent=0) + "\n", encoding="utf-8")
    print(f"{COLLECTIONS[-1]}, {len(held_out)} sentences: {told(held_out, weights, bias)}")


def gathered(name: str) -> Iterator[Sample]:
    """Read passages, and their sentences alone."""
    qa = ctqa.load(index_of(name, ctqa.IndexConfig()), config=ctqa.SearchConfig(rerank=0))
    installed = locate(MODEL)
    folder = installed.folder
    graph = Graph.open(folder / onnx_graph(installed.spec), tapped=[TENSOR])
    tokenizer = open_tokenizer(folder / "tokenizer.json")
    reranker = OnnxReranker.load(installed)
    for gold in half_of(name, "tune").questions[:QUESTIONS]:
        for hit in qa.search(gold.question)[:PASSAGES]:
            marked = marked_copy(hit)
            pair = tokenizer.encode(readable(gold.question), readable(marked.text))
            if len(pair) > installed.spec.max_tokens:
                continue
            logit, states = graph.run_for(pair, (graph.output(rank=2), TENSOR))
            held = tokens_of(marked.parts, pair, 0)
            alone = _alone(reranker, gold.question, hit)
            for tokens, score in zip(held, alone, strict=True):
                if tokens.any():
                    yield Sample(
                        question=gold.question,
                        states=states[tokens].mean(axis=0),
                        whole=float(logit[0]),
                        alone=score,
                    )
    qa.close()


def _alone(reranker: OnnxReranker, question: str, hit: Hit) -> list[float]:
    """Score each sentence with and without the title before it; the better reading counts."""
    at = range(len(hit.passage.sentences))
    plain = reranker.score(question, [copy_of(hit, n, n + 1) for n in at])
    titled = reranker.score(question, [copy_of(hit, n, n + 1, titled=True) for n in at])
    return [float(score) for score in np.maximum(plain, titled)]


def fitted(samples: Sequence[Sample]) -> tuple[NDArray[np.float64], float]:
    """Fit weights, (d + 1,), the last for the passage's score, and a bias."""
    features, wanted = _features(samples), np.array([sample.alone for sample in samples])
    mean, spread = features.mean(axis=0), features.std(axis=0) + 1e-6
    scaled = (features - mean) / spread
    ridge = RIDGE * np.eye(scaled.shape[1])
    found = np.linalg.solve(scaled.T @ scaled + ridge, scaled.T @ (wanted - wanted.mean()))
    weights = found / spread
    return weights, float(wanted.mean() - weights @ mean)


def told(samples: Sequence[Sample], weights: NDArray[np.float64], bias: float) -> str:
    """Say which share of the variance is foretold, and how often the best is among the first."""
    alone = np.array([sample.alone for sample in samples])
    expected = _features(samples) @ weights + bias
    questions = np.array([sample.question for sample in samples])
    share = 1 - ((alone - expected) ** 2).mean() / alone.var()
    ranks = [
        int((expected[mine] > expected[mine][alone[mine].argmax()]).sum())
        for question in dict.fromkeys(questions)
        for mine in [questions == question]
    ]
    within = ", ".join(f"{np.mean(np.array(ranks) < k):.3f} of {k}" for k in (1, 2, 4, 6))
    return f"R2 {share:.3f}; the best sentence is among the first {within}"


def _features(samples: Sequence[Sample]) -> NDArray[np.float64]:
    return np.array([np.append(sample.states, sample.whole) for sample in samples])


if __name__ == "__main__":
    main()
