"""How much the reranker counts beside the fused order, and how many passages it should read.

For questions and for other text (claims, descriptions) apart, since they want different weights.
The tuning half; at most `MOST` questions a collection, drawn by a hash of their ids.
"""

from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import numpy as np

import ctqa
from bench.common import SEEDS, Table, half_of, index_of, index_of_samples, run
from ctqa.answering.cached import CachedReranker
from ctqa.answering.qa import QA
from ctqa.answering.rerank import FUSED_WEIGHT, is_question, reordered
from ctqa.evaluation import Gold, GoldQuestion, load_gold
from ctqa.evaluation.locate import Library, locate
from ctqa.evaluation.metrics import measure, rank
from ctqa.models import load_reranker
from ctqa.records import Hit

MOST = 60
COLLECTIONS = ("samples", "squad11_dev", "wikiqa", "scifact_train", "cisi", "med")
WEIGHTS = (0.0, 0.05, 0.1, 0.2, 0.35, 0.5, 0.6, 0.7, 0.8, 1.0)
CANDIDATES = (5, 10, 20, 40)


def main() -> None:
    """Measure every weight at the default number of candidates, and every number at its weight."""
    reranker = CachedReranker(load_reranker(ctqa.SearchConfig().reranker))
    default = ctqa.SearchConfig().rerank
    columns = ("collection", "form", "questions", "measure")
    weights = Table("reranking", (*columns, *(f"{weight:.2f}" for weight in WEIGHTS)))
    numbers = Table("candidates", (*columns, *map(str, CANDIDATES)))
    for name in COLLECTIONS:
        qa = ctqa.load(_index(name), config=ctqa.SearchConfig(rerank=0, passages=100))
        for form, questions in _by_form(_gold(name)):
            found = {q.id: qa.search(q.question) for q in questions}
            at = {w: _measured(qa, reranker, questions, found, default, w) for w in WEIGHTS}
            best = FUSED_WEIGHT[form == "question"]
            to = {n: _measured(qa, reranker, questions, found, n, best) for n in CANDIDATES}
            for measured in ("Success@1", "nDCG@10"):
                head = (name, form, len(questions), measured)
                weights.add(*head, *(at[weight][measured] for weight in WEIGHTS))
                numbers.add(*head, *(to[number][measured] for number in CANDIDATES))
        qa.close()


def _index(name: str) -> Path:
    return index_of_samples() if name == "samples" else index_of(name, ctqa.IndexConfig())


def _gold(name: str) -> Gold:
    if name != "samples":
        return half_of(name, "tune")
    gold = load_gold(SEEDS / "gold.jsonl")
    return replace(gold, questions=tuple(q for q in gold.questions if q.half == "tune"))


def _measured(
    qa: QA,
    reranker: CachedReranker,
    questions: list[GoldQuestion],
    found: dict[str, tuple[Hit, ...]],
    candidates: int,
    weight: float,
) -> dict[str, float]:
    library = Library(qa)
    rankings = {
        q.id: rank(
            reordered(reranker, q.question, found[q.id], candidates, weight), locate(q, library)
        )
        for q in questions
    }
    values = measure(rankings, 100)
    return {
        name: float(np.mean([row[name] for row in values.values()]))
        for name in ("Success@1", "nDCG@10")
    }


def _by_form(gold: Gold) -> list[tuple[str, list[GoldQuestion]]]:
    drawn = sorted(
        (q for q in gold.questions if not q.impossible),
        key=lambda q: sha256(q.id.encode()).digest()[1:],
    )[:MOST]
    forms: dict[str, list[GoldQuestion]] = {"question": [], "other": []}
    for question in drawn:
        forms["question" if is_question(question.question) else "other"].append(question)
    return [(form, questions) for form, questions in forms.items() if questions]


run(main, __name__)
