"""What to search for a question that follows another: it alone, both questions, or `carry_over`.

The pairs of bench/follow-ups.jsonl over the samples, fused, without the reranker; the forms were
chosen on these pairs. "False alarms" are the samples' own questions that `carry_over` changes after
another of them, drawn at random.
"""

import json
import random
from collections.abc import Callable, Sequence
from pathlib import Path

import ctqa
from bench.common import OUT, Table, run
from ctqa.answering.follow import carry_over
from ctqa.evaluation import GoldQuestion, load_gold
from ctqa.evaluation.locate import Library, locate

SEEDS = Path(__file__).parents[1] / "seeds"
PAIRS = Path(__file__).parent / "follow-ups.jsonl"
FORMS: dict[str, Callable[[str, str], str]] = {
    "the question alone": lambda question, _: question,
    "both questions": lambda question, before: f"{before} {question}",
    "carry_over": carry_over,
}


def main() -> None:
    """Search every pair in every form, then count the false alarms."""
    ctqa.build([SEEDS], OUT / "index" / "samples")
    qa = ctqa.load(OUT / "index" / "samples", config=ctqa.SearchConfig(rerank=0))
    lines = [json.loads(line) for line in PAIRS.read_text(encoding="utf-8").splitlines()]
    befores = {line["id"]: line["before"] for line in lines}
    questions = load_gold(PAIRS).questions
    kinds = [*dict.fromkeys(question.kind for question in questions), "all"]
    table = Table("follow-ups", ("kind", "pairs", "searched", "Success@1", "Success@5"))
    for name, form in FORMS.items():
        ranks = {q.id: _rank(qa, q, form(q.question, befores[q.id])) for q in questions}
        for kind in kinds:
            found = [ranks[q.id] for q in questions if kind in (q.kind, "all")]
            table.add(kind, len(found), name, _success(found, 1), _success(found, 5))
    qa.close()
    alarms, asked = _false_alarms()
    print(f"false alarms: {alarms} of {asked}")


def _rank(qa: ctqa.QA, question: GoldQuestion, searched: str) -> int | None:
    """Give the rank of the first passage that answers; None where none of the hits does."""
    targets = locate(question, Library(qa))
    holding = (
        hit.rank for hit in qa.search(searched) if any(t.held_by(hit.passage) for t in targets)
    )
    return next(holding, None)


def _success(ranks: Sequence[int | None], k: int) -> float:
    return sum(rank is not None and rank <= k for rank in ranks) / len(ranks)


def _false_alarms() -> tuple[int, int]:
    """Count the samples' questions that are changed after another, and all of them."""
    files = (SEEDS / "gold.jsonl", SEEDS / "gold-hard.jsonl")
    asked = [q.question for file in files for q in load_gold(file).questions]
    draw = random.Random(5)  # noqa: S311 -- pairs of questions, not secrets
    changed = [q for q in asked if carry_over(q, draw.choice(asked)) != q]
    return len(changed), len(asked)


run(main, __name__)
