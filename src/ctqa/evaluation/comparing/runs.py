"""TREC run files: what any retrieval system found, held against a gold set's documents.

Ties are broken as trec_eval breaks them: it sorts by the scores as 32-bit floats and, where these
are equal, by the document's id from last to first. The rank that a line tells is not used.
"""

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ctqa.errors import ConfigError
from ctqa.evaluation.comparing.measured import Measured
from ctqa.evaluation.gold.questions import Gold, GoldQuestion
from ctqa.evaluation.kept import gold_sha256
from ctqa.evaluation.metrics import Ranking, measure
from ctqa.evaluation.outcome import Row, one_word

_DEPTH = 1000  # as deep as runs usually are; no measure of ours looks deeper than 100
_COLUMNS = "query Q0 document rank score tag"

Find = Callable[[str], Sequence[str]]  # the ids that a document's name stands for
Scores = dict[str, dict[str, float]]  # query -> document -> score, as a 32-bit float


@dataclass(frozen=True, slots=True, kw_only=True)
class _Names:
    """What the run calls the gold's documents."""

    in_run: frozenset[str]
    ids: Find

    def of(self, document: str) -> str:
        """Give the name that the run has for it, else its id in the index, else its own."""
        if one_word(document) in self.in_run:
            return one_word(document)
        ids = self.ids(document)
        return one_word(ids[0] if len(ids) == 1 else document)


def load_run(path: Path, content: str, gold: Gold, ids: Find = lambda _: ()) -> Measured:
    """Hold a run against the documents that a gold set judges, or takes its quotes from.

    Args:
        path: of the run, to name it.
        content: the run itself.
        gold: what is right.
        ids: finds documents in an index, where the gold calls them otherwise than the run does.

    Raises:
        ConfigError: a line cannot be used, or no query of it is a question of the gold.

    """
    found = _scores(path, content)
    asked = {one_word(question.id): question for question in gold.questions}
    unknown = found.keys() - asked.keys()
    if len(unknown) == len(found):
        raise ConfigError(
            f"{path}: none of its {len(found)} queries ({min(found, default='–')}, say) is a "
            f"question of {gold.name} ({min(asked)}, say); expected the run of this gold set"
        )
    names = _Names(in_run=frozenset(d for each in found.values() for d in each), ids=ids)
    rankings = {
        key: _ranking(question, found.get(key, {}), names)
        for key, question in asked.items()
        if not question.impossible
    }
    values = measure(rankings, _DEPTH)
    unasked = len(rankings.keys() - found.keys())
    return Measured(
        name=str(path),
        gold=gold.name,
        rows=tuple(
            _row(question, rankings.get(key), values.get(key, {}))
            for key, question in asked.items()
        ),
        gold_sha256=gold_sha256(gold),
        notes=tuple(_notes(str(path), len(unknown), unasked, _lacking(rankings, names))),
        ranks="documents",
    )


def _scores(path: Path, content: str) -> Scores:
    scores: Scores = {}
    for number, line in enumerate(content.split("\n"), start=1):
        if not line.strip():
            continue
        where = f"{path}, line {number}"
        cells = line.split()
        if len(cells) != len(_COLUMNS.split()):
            raise ConfigError(f"{where}: found {line.strip()[:80]!r}; expected {_COLUMNS}")
        query, _, document, _, score, _ = cells
        found = scores.setdefault(query, {})
        if document in found:
            raise ConfigError(
                f"{where}: {document!r} was found for query {query!r} before; expected it once"
            )
        found[document] = _score(where, score)
    if not scores:
        raise ConfigError(f"{path}: is empty; expected lines of {_COLUMNS}")
    return scores


def _score(where: str, text: str) -> float:
    try:
        score = float(text)
    except ValueError as error:
        raise ConfigError(f"{where}: the score is {text!r}; expected a number") from error
    if math.isnan(score):
        raise ConfigError(f"{where}: the score is {text!r}; expected a number")
    with np.errstate(over="ignore"):
        return float(np.float32(score))


def _ranking(question: GoldQuestion, found: Mapping[str, float], names: _Names) -> Ranking:
    relevance: dict[str, int] = {}
    for judgment in question.judgments:
        name = names.of(judgment.document)
        relevance[name] = max(relevance.get(name, judgment.relevance), judgment.relevance)
    by_id = sorted(found, reverse=True)
    return Ranking(
        relevance=relevance, items=tuple(sorted(by_id, key=lambda d: found[d], reverse=True))
    )


def _row(question: GoldQuestion, ranking: Ranking | None, values: Mapping[str, float]) -> Row:
    places = {} if ranking is None else {d: n for n, d in enumerate(ranking.items, start=1)}
    relevance = {} if ranking is None else ranking.relevance
    return Row(
        id=question.id,
        question=question.question,
        kind=question.kind,
        half=question.half,
        impossible=question.impossible,
        expected=next((judgment.document for judgment in question.judgments), ""),
        judgments=len(question.judgments),
        problems=(),
        values=values,
        first_right=None if ranking is None else ranking.first_right,
        documents={},
        wanted={name: places.get(name) for name, grade in relevance.items() if grade > 0},
    )


def _lacking(rankings: Mapping[str, Ranking], names: _Names) -> int:
    """Count the right documents that are nowhere in the run."""
    right = {d for each in rankings.values() for d, grade in each.relevance.items() if grade > 0}
    return len(right - names.in_run)


def _notes(name: str, unknown: int, unasked: int, lacking: int) -> Iterator[str]:
    if unknown:
        yield f"{name}: {unknown} of its queries are not in the gold and are left out"
    if unasked:
        yield f"{name}: {unasked} questions of the gold are not in it and count as not found"
    if lacking:
        yield f"{name}: {lacking} of the documents that are right are nowhere in it"
