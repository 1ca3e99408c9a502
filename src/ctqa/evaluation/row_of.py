"""What became of one question, put together as a row of an evaluation."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from math import fsum
from sys import intern

import numpy as np

from ctqa.evaluation.answers import holds_answer, score_reply
from ctqa.evaluation.gold.questions import GoldQuestion
from ctqa.evaluation.locate import Library, Target
from ctqa.evaluation.outcome import GoldProblem, Held, Row, Spot
from ctqa.records import Answer, Hit, Reply


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What asking one question brought."""

    reply: Reply | None = None  # None: answers were not asked for
    held: Answer | None = None  # the best candidate of a question that was not answered


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What searching for one question brought."""

    hits: Sequence[Hit] = ()
    values: Mapping[str, float] = field(default_factory=dict)
    first_right: int | None = None


def document_scores(hits: Sequence[Hit]) -> dict[str, float]:
    """Score each document by its best hit, strictly decreasing as 32-bit floats.

    trec_eval sorts by 32-bit scores and breaks ties by id, so a score that does not fall below the
    one before it is lowered by the least step that does.
    """
    scores: dict[str, float] = {}
    ceiling = np.float32(np.inf)
    for hit in hits:
        if hit.passage.document_id not in scores:
            ceiling = min(np.float32(hit.score), np.nextafter(ceiling, np.float32(-np.inf)))
            scores[intern(hit.passage.document_id)] = float(ceiling)  # kept for every question
    return scores


def row_of(
    question: GoldQuestion,
    targets: Sequence[Target],
    found: Found,
    asked: Asked,
    library: Library,
) -> Row:
    """Put together what became of a question, but for the stage at which it failed."""
    reply = asked.reply
    scores = {} if reply is None else score_reply(reply, question, targets)
    first = reply.answers[0] if reply is not None and reply.answers else None
    return Row(
        id=question.id,
        question=question.question,
        kind=question.kind,
        half=question.half,
        impossible=question.impossible,
        expected=_expected(question),
        judgments=len(targets),
        problems=tuple(_problems(question, targets)),
        values={**found.values, **scores},
        first_right=found.first_right,
        documents=document_scores(found.hits),
        answered=None if reply is None else reply.answered,
        answer=None if first is None else first.text,
        score=None if first is None else first.score,
        confidence=None if first is None else first.confidence,
        elapsed_ms=None if reply is None else _elapsed_ms(reply),
        expected_at=_expected_at(targets, library),
        answer_at=None if first is None else _spot(first),
        held=None if asked.held is None else _held(asked.held, question, targets),
        wanted=_wanted(targets, found.hits),
    )


def _held(answer: Answer, question: GoldQuestion, targets: Sequence[Target]) -> Held:
    right: bool | None = None
    if question.judges_answers:
        right = not question.impossible and any(
            holds_answer(answer, target) for target in targets if target.judgment.relevance > 0
        )
    return Held(score=answer.score, confidence=answer.confidence, right=right, at=_spot(answer))


def _wanted(targets: Sequence[Target], hits: Sequence[Hit]) -> dict[str, int | None]:
    """Give each document with something right in it the rank of its first right hit."""
    hits_of: dict[str | None, list[Hit]] = {}
    for hit in hits:
        hits_of.setdefault(hit.passage.document_id, []).append(hit)
    ranks: dict[str, list[int]] = {}
    for target in targets:
        if target.judgment.relevance > 0:
            name = target.judgment.document if target.document is None else target.document
            own = hits_of.get(target.document, [])
            right = (hit.rank for hit in own if target.held_by(hit.passage))
            ranks.setdefault(name, []).extend(islice(right, 1))
    return {name: min(found, default=None) for name, found in ranks.items()}


def _expected(question: GoldQuestion) -> str:
    right = [judgment for judgment in question.judgments if judgment.relevance > 0]
    quotes = [judgment.quote for judgment in right if judgment.quote is not None]
    documents = [judgment.document for judgment in right]
    return next(iter([*question.answers, *quotes, *documents]), "")


def _expected_at(targets: Sequence[Target], library: Library) -> Spot | None:
    for target in targets:
        document = target.document if target.level == "quote" else None
        if document is not None and target.spans and target.judgment.relevance > 0:
            start, end = target.spans[0]
            return Spot(
                document=document,
                page=min(target.pages, default=None),
                start=start,
                end=end,
                text=library.document(document).text[start:end],
            )
    return None


def _spot(answer: Answer) -> Spot:
    return Spot(
        document=answer.source.id,
        page=answer.page,
        start=answer.start,
        end=answer.end,
        text=answer.text,
    )


def _problems(question: GoldQuestion, targets: Sequence[Target]) -> Iterator[GoldProblem]:
    for target in targets:
        if target.problem:
            yield GoldProblem(
                question_id=question.id,
                document=target.judgment.document,
                quote=target.judgment.quote,
                problem=target.problem,
                missed=target.missed,
            )


def _elapsed_ms(reply: Reply) -> float | None:
    """Give the reply's own total, or the sum of its stages where it names none."""
    if not reply.elapsed_ms:
        return None
    return reply.elapsed_ms.get("total", fsum(reply.elapsed_ms.values()))
