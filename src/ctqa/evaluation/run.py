"""Holding an index against a gold set: one pass, every measure for each question."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from typing import Protocol

from ctqa.config import SearchConfig
from ctqa.errors import ConfigError
from ctqa.evaluation.failing import Evidence, stage_of, wanted
from ctqa.evaluation.figures import grouped, latency, summarise
from ctqa.evaluation.gold.questions import Gold, GoldQuestion
from ctqa.evaluation.locate import Documents, Library, Target, locate
from ctqa.evaluation.metrics import measure, rank
from ctqa.evaluation.outcome import Evaluation, Row, count
from ctqa.evaluation.row_of import Asked, Found, row_of
from ctqa.records import Hit, Passage, Reply

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

    def passages_of(self, document_id: str) -> tuple[Passage, ...]:
        """Fetch the passages of a document."""
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
    judged = any(question.judges_answers for question in gold.questions)
    asking = _Asking(qa, depth, answers=answers and judged)
    for start in range(0, len(gold.questions), _BATCH):
        for row in asking.rows(gold.questions[start : start + _BATCH]):
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


class _Asking:
    """Everything that the questions of one evaluation have in common."""

    def __init__(self, qa: Answering, depth: int, *, answers: bool) -> None:
        self._qa = qa
        self._depth = depth
        self._answers = answers
        self._library = Library(qa)
        self._passages = lru_cache(maxsize=64)(qa.passages_of)

    def rows(self, questions: Sequence[GoldQuestion]) -> Iterator[Row]:
        """Ask and search for some questions.

        They are asked first: what reranking them has taken is then in the time of the reply.
        """
        asked = {question.id: self._ask(question) for question in questions}
        targets = {question.id: locate(question, self._library) for question in questions}
        possible = [question for question in questions if not question.impossible]
        found = _judge(self._search(possible, self._depth), targets, self._depth)
        for question in questions:
            located, hits = targets[question.id], found.get(question.id, Found())
            row = row_of(question, located, hits, asked[question.id], self._library)
            evidence = self._evidence(question, located, hits, "sentence_right" in row.values)
            yield replace(row, failed_at=stage_of(row, evidence) or "")

    def _ask(self, question: GoldQuestion) -> Asked:
        if not self._answers:
            return Asked()
        reply = self._qa.ask(question.question, id=question.id)
        if reply.answered:
            return Asked(reply=reply)
        anything = replace(self._qa.config, accepted_error=1.0, min_score=0.0)
        candidates = self._qa.ask(question.question, config=anything).answers
        return Asked(reply=reply, held=next(iter(candidates), None))

    def _search(self, questions: Sequence[GoldQuestion], depth: int) -> dict[str, tuple[Hit, ...]]:
        if not questions:
            return {}
        config = replace(self._qa.config, passages=depth)
        found = self._qa.search_many([each.question for each in questions], config=config)
        return {question.id: hits for question, hits in zip(questions, found, strict=True)}

    def _evidence(
        self, question: GoldQuestion, targets: Sequence[Target], found: Found, answers: bool
    ) -> Evidence:
        every = 2 * self._qa.config.candidates  # as many as there can be, of two retrievers
        return Evidence(
            wanted=wanted(targets),
            hits=found.hits,
            deeper=lambda: self._search([question], max(every, self._depth))[question.id],
            library=self._library,
            passages=self._passages,
            answers=answers,
        )


def _judge(
    found: Mapping[str, Sequence[Hit]], targets: Mapping[str, Sequence[Target]], depth: int
) -> dict[str, Found]:
    rankings = {key: rank(hits, targets[key]) for key, hits in found.items()}
    values = measure(rankings, depth)
    return {
        key: Found(hits=hits, values=values[key], first_right=rankings[key].first_right)
        for key, hits in found.items()
    }
