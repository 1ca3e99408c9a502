"""Made-up results, as large as wanted, for what shows results."""

import random
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from ctqa.evaluation.figures import latency, summarise
from ctqa.evaluation.kept import Circumstances, Result, Summary
from ctqa.evaluation.naming import STAGES
from ctqa.evaluation.outcome import GoldProblem, Held, Row, Spot, count
from ctqa.records import Calibrated

CALIBRATED = Calibrated(gold="general", own=False, questions=900, ece=0.04, created_at="2026-10-01")
ABOUT = Circumstances(
    gold_sha256="ab" * 32,
    models="key of the models",
    calibrated=CALIBRATED,
    answers=True,
    seconds=184.2,
    index={"passage_tokens": 120, "encoder": "an encoder"},
    documents=5,
    passages=60,
)


def result_over(rows: Sequence[Row], **about: Any) -> Result:
    """Make a result of rows."""
    summary = Summary(
        id="20261126T084512123456Z-0a1b2c",
        at="2026-11-26T08:45:12+00:00",
        gold="gold.jsonl",
        build=3,
        depth=100,
        config={
            "dense_weight": 0.5,
            "rerank": 50,
            "reranker": "a reranker",
            "reader": "sentences",
        },
        counts=count(rows, 2),
        figures=summarise(rows),
        latency=latency(rows),
        notes=(),
        about=replace(ABOUT, **about),
    )
    return Result(summary=summary, rows=tuple(rows))


def spot(document: str, text: str, page: int | None = 2) -> Spot:
    return Spot(document=document, page=page, start=3, end=3 + len(text), text=text)


def possible(id: str, rank: int | None = 1, *, right: bool = True, **given: Any) -> Row:
    """Make a question that was answered, rightly or not."""
    confidence = given.pop("confidence", 0.9)
    found = {f"Success@{k}": float(rank is not None and rank <= k) for k in (1, 5)}
    values = {**found, "answered": 1.0, "sentence_right": float(right), "F1": float(right)}
    told: dict[str, Any] = {
        "id": id,
        "question": f"What is said in {id}?",
        "kind": "fact",
        "half": "report",
        "impossible": False,
        "expected": f"what {id} says",
        "judgments": 1,
        "problems": (),
        "values": values,
        "first_right": rank,
        "documents": {},
        "answered": True,
        "answer": f"The answer to {id}.",
        "score": confidence or 0.5,
        "confidence": confidence,
        "elapsed_ms": 120.0,
        "expected_at": spot("policy.pdf", f"what {id} says"),
        "answer_at": spot("policy.pdf", f"The answer to {id}."),
        "wanted": {"policy.pdf": rank},
        "failed_at": "" if right else "wrong span",
    }
    return Row(**told | given)


def impossible(id: str, *, answered: bool = False, **given: Any) -> Row:
    """Make a question that the sources do not answer."""
    shown = {} if answered else {"answer": None, "answer_at": None, "score": None}
    told: dict[str, Any] = {
        "impossible": True,
        "expected": "",
        "expected_at": None,
        "judgments": 0,
        "values": {"refused": float(not answered)},
        "answered": answered,
        "wanted": {},
        "failed_at": "should have abstained" if answered else "",
        "confidence": 0.4 if answered else None,
    }
    return possible(id, None, **told | shown | given)


def searched(id: str, rank: int | None) -> Row:
    """Make a question that was only searched for."""
    values = {f"Success@{k}": float(rank is not None and rank <= k) for k in (1, 5)}
    none = dict.fromkeys(("answered", "answer", "score", "confidence", "elapsed_ms", "answer_at"))
    failed = "" if rank == 1 else "not among the candidates"
    return replace(possible(id, rank), values=values, failed_at=failed, **none)


def held_back(id: str, *, right: bool) -> Row:
    """Make a question whose answer was held back."""
    none = dict.fromkeys(("answer", "score", "confidence", "answer_at"))
    held = Held(score=0.3, confidence=0.3, right=right, at=spot("policy.pdf", f"Held of {id}."))
    failed = "should not have abstained" if right else "lost in reranking"
    row = possible(id, 4, right=False)
    values = {**row.values, "answered": 0.0}
    return replace(row, answered=False, held=held, values=values, failed_at=failed, **none)


def many(n: int, seed: int = 1) -> Result:
    """Make a result of many questions of every kind; the same seed makes the same one."""
    chance = random.Random(seed)  # noqa: S311 -- for what is made up
    return result_over([_any(chance, number) for number in range(n)])


def _any(chance: random.Random, number: int) -> Row:
    id, sure = f"q{number:05}", chance.betavariate(4, 1.2)
    kind = chance.random()
    if kind < 0.2:
        return impossible(id, answered=kind < 0.03)
    if kind < 0.3:
        return held_back(id, right=kind < 0.25)
    rank = chance.choice([1, 1, 1, 1, 2, 3, 5, 8, 40, None])
    right = chance.random() < sure
    document = f"document-{chance.randrange(400)}.pdf"
    problem = GoldProblem(
        question_id=id, document=document, quote="a quote", problem="it is not there", missed=True
    )
    return possible(
        id,
        rank,
        right=right,
        confidence=sure,
        elapsed_ms=chance.gammavariate(3, 150),
        half=chance.choice(["tune", "report"]),
        kind=chance.choice(["fact", "number", ""]),
        wanted={document: rank},
        problems=(problem,) if chance.random() < 0.05 else (),
        failed_at="" if right else chance.choice(STAGES[:7]),
    )
