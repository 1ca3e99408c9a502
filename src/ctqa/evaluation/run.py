"""Holding an index against a gold set: one pass, every measure for each question."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from math import fsum
from typing import Protocol

import numpy as np

from ctqa.config import SearchConfig
from ctqa.errors import ConfigError
from ctqa.evaluation.answers import score_reply
from ctqa.evaluation.locate import Documents, Library, Target, locate
from ctqa.evaluation.metrics import measure, rank
from ctqa.evaluation.outcome import (
    Evaluation,
    GoldProblem,
    Row,
    Spot,
    count,
    grouped,
    latency,
    summarise,
)
from ctqa.evaluation.questions import Gold, GoldQuestion
from ctqa.records import Answer, Hit, Reply

Progress = Callable[[int, int], None]  # questions done, of how many

_RETRIEVAL_ONLY = "no question tells its answer or a quote: answers were not asked for"
_BATCH = 4  # questions searched at once: so often is there progress, and can it be stopped


class Answering(Documents, Protocol):
    """What evaluating asks of a QA object."""

    @property
    def config(self) -> SearchConfig:
        """How questions are answered unless told otherwise."""
        ...

    @property
    def build(self) -> int:
        """The build of the index that answers."""
        ...

    def search_many(
        self, questions: Sequence[str], *, config: SearchConfig | None = None
    ) -> Sequence[tuple[Hit, ...]]:
        """Find passages for each question, best first, in the questions' order."""
        ...

    def ask(
        self,
        question: str,
        *,
        id: str | None = None,
        config: SearchConfig | None = None,
    ) -> Reply:
        """Answer, or abstain."""
        ...


def evaluate(
    qa: Answering,
    gold: Gold,
    *,
    answers: bool = True,
    depth: int = 100,
    progress: Progress | None = None,
) -> Evaluation:
    """Hold a QA object against a gold set.

    Args:
        qa: what is evaluated, with its own settings but for the number of hits.
        gold: the questions, and where their answers stand.
        answers: whether to ask for answers as well; without, and for a gold set that holds neither
            quotes nor answers nor impossible questions, only passages are searched.
        depth: hits taken for each question; measures that look deeper are left out.
        progress: called after each question.

    Raises:
        ConfigError: the depth is below 1.

    """
    if depth < 1:
        raise ConfigError(f"depth = {depth}: expected 1 or more")
    rows: list[Row] = []
    judged = any(judges_answers(question) for question in gold.questions)
    for row in _rows(qa, gold.questions, depth, answers and judged):
        rows.append(row)
        if progress is not None:
            progress(len(rows), len(gold.questions))
    return Evaluation(
        gold=gold.name,
        rows=tuple(rows),
        figures=summarise(rows),
        by_half=grouped(rows, "half"),
        by_kind=grouped(rows, "kind"),
        latency=latency(rows),
        counts=count(rows, gold.left_out),
        notes=(*gold.notes, *(() if judged else (_RETRIEVAL_ONLY,))),
        config=qa.config,
        depth=depth,
        build=qa.build,
    )


def judges_answers(question: GoldQuestion) -> bool:
    """Tell whether a gold question says what a right answer is, not only which document."""
    quoted = any(judgment.quote is not None for judgment in question.judgments)
    return question.impossible or bool(question.answers) or quoted


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
            scores[hit.passage.document_id] = float(ceiling)
    return scores


@dataclass(frozen=True, slots=True, kw_only=True)
class _Found:
    """What searching for one question brought."""

    values: Mapping[str, float] = field(default_factory=dict)
    first_right: int | None = None
    documents: Mapping[str, float] = field(default_factory=dict)


def _rows(
    qa: Answering, questions: Sequence[GoldQuestion], depth: int, answers: bool
) -> Iterator[Row]:
    library = Library(qa)
    config = replace(qa.config, passages=depth)
    for start in range(0, len(questions), _BATCH):
        batch = questions[start : start + _BATCH]
        targets = {question.id: locate(question, library) for question in batch}
        found = _search(qa, [question for question in batch if not question.impossible], config)
        judged = _judge(found, targets, depth)
        for question in batch:
            reply = qa.ask(question.question, id=question.id) if answers else None
            row = _row(question, targets[question.id], judged.get(question.id, _Found()), reply)
            yield replace(row, expected_at=_expected_at(targets[question.id], library))


def _search(
    qa: Answering, questions: Sequence[GoldQuestion], config: SearchConfig
) -> dict[str, tuple[Hit, ...]]:
    if not questions:
        return {}
    found = qa.search_many([question.question for question in questions], config=config)
    return {question.id: hits for question, hits in zip(questions, found, strict=True)}


def _judge(
    found: Mapping[str, Sequence[Hit]], targets: Mapping[str, Sequence[Target]], depth: int
) -> dict[str, _Found]:
    rankings = {key: rank(hits, targets[key]) for key, hits in found.items()}
    values = measure(rankings, depth)
    return {
        key: _Found(
            values=values[key],
            first_right=rankings[key].first_right,
            documents=document_scores(hits),
        )
        for key, hits in found.items()
    }


def _row(
    question: GoldQuestion, targets: Sequence[Target], found: _Found, reply: Reply | None
) -> Row:
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
        documents=found.documents,
        answered=None if reply is None else reply.answered,
        answer=None if first is None else first.text,
        score=None if first is None else first.score,
        confidence=None if first is None else first.confidence,
        elapsed_ms=None if reply is None else _elapsed_ms(reply),
        answer_at=None if first is None else _answer_at(first),
    )


def _expected(question: GoldQuestion) -> str:
    quotes = [j.quote for j in question.judgments if j.quote is not None]
    documents = [judgment.document for judgment in question.judgments]
    return next(iter([*question.answers, *quotes, *documents]), "")


def _expected_at(targets: Sequence[Target], library: Library) -> Spot | None:
    for target in targets:
        if target.level == "quote" and target.document is not None and target.spans:
            start, end = target.spans[0]
            return Spot(
                document=target.document,
                page=min(target.pages, default=None),
                start=start,
                end=end,
                text=library.document(target.document).text[start:end],
            )
    return None


def _answer_at(answer: Answer) -> Spot:
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
