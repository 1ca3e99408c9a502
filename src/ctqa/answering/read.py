"""Reading: which sentences of the hits answer the question.

The reranked reader takes the reranker's close reading of each sentence together with its reading of
the passage around it, and shows a sentence with the neighbour that completes it. Without a reranker
the plain reader takes, of the few sentences that hold most of the question's terms, the cosine to
the question and the share of the terms, rare ones counting more.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from math import inf
from typing import Protocol

from ctqa.answering.cached import CachedReranker
from ctqa.answering.lines import Line, copy_of, read_closely, to_read_closely
from ctqa.answering.marks import NO_MARKS, Mark, Marker, Marks, marked
from ctqa.answering.runs import Run, list_end, page_at, stands_in, whole_list
from ctqa.answering.same import says_the_same
from ctqa.answering.signals import Evidence, above, agreement, sigmoid
from ctqa.answering.skim import SentenceVectors, skim
from ctqa.answering.tight import tightest
from ctqa.answering.turns import LINE_DOUBT
from ctqa.index.local import LocalIndex
from ctqa.models import Encoder, Marked, Vectors
from ctqa.records import Answer, Hit, Sentence, Signals
from ctqa.text import digest

_CANDIDATES = 6  # answers made of one question; more than are ever shown
_COMPLETED = 3  # of those, the best, are read with their neighbours, too,
_SURE = 7.0  # where they do not read as well as this alone, as a logit
# Words are marked in passages whose best line is no further below the best of all, in logits: what
# comes first is then the same as if they were marked in all four (docs/measured.md).
MARKED_WITHIN = 4.0
_COMPLETES = 0.5  # logits by which a neighbour must better a sentence to be shown with it


class Reader(Protocol):
    """Cuts answers out of hits."""

    def read(self, question: str, query: Vectors, hits: Sequence[Hit]) -> tuple[Answer, ...]:
        """Give candidate answers, best first; `query`, (d,), is the question's vector."""
        ...


class RerankedReader:
    """Answers with sentences, rows and lists, as the reranker ranks them.

    With a marker, the words that answer are told apart in them.
    """

    def __init__(
        self, reranker: CachedReranker, index: LocalIndex, marker: Marker | None = None
    ) -> None:
        self._reranker = reranker
        self._index = index
        self._marker = marker

    def read(self, question: str, query: Vectors, hits: Sequence[Hit]) -> tuple[Answer, ...]:  # noqa: ARG002
        """Give one answer a place, best first; equal scores are ordered by place.

        A score is the sigmoid of the logits of sentence and passage, two parts to one.
        """
        closely = to_read_closely(hits)
        read = read_closely(self._reranker, question, closely)
        marks = self._marks(question, closely, read)
        lines = (
            replace(line, odds=marks.odds(line.hit, line.at)) for lines in read for line in lines
        )
        runs = list(self._runs(question, _best_first(lines)))
        return _answers(question, runs, Evidence(self._index, question), marks)

    def _marks(self, question: str, hits: Sequence[Hit], read: Sequence[Sequence[Line]]) -> Marks:
        """Have words marked in the passages whose best line is near the best of all."""
        if self._marker is None:
            return NO_MARKS
        best = [max((line.score for line in lines), default=-inf) for lines in read]
        least = max(best, default=0.0) - MARKED_WITHIN
        near = [hit for hit, score in zip(hits, best, strict=True) if score >= least]
        far = [hit for hit, score in zip(hits, best, strict=True) if score < least]
        return self._marker.marks(question, near, far)

    def _runs(self, question: str, ranked: Sequence[Line]) -> Iterator[Run]:
        """Complete the best lines; what is already shown is no answer of its own."""
        shown: list[Run] = []
        for line in ranked:
            if len(shown) == _CANDIDATES:
                return
            if not any(stands_in(line, other) for other in shown):
                whole = self._whole(line, ranked, shown)
                run = self._completed(question, line, shown) if whole is None else whole
                shown.append(run)
                yield run

    def _whole(self, line: Line, lines: Sequence[Line], shown: Sequence[Run]) -> Run | None:
        """Take the whole list or table where it is asked for and nothing of it is shown yet."""
        found = whole_list(line, lines)
        if found is None:
            return None
        parts = [replace(line, at=at) for at in range(*found)]
        if any(stands_in(part, run) for part in parts for run in shown):
            return None
        return Run(line=line, first=found[0], last=found[1], logit=line.logit)

    def _completed(self, question: str, line: Line, shown: Sequence[Run]) -> Run:
        """Take the sentence before or after a line along where the two read better together."""
        first, last = line.at, line.at + 1
        listed = list_end(line)
        if not line.read or line.logit >= _SURE or len(shown) >= _COMPLETED:
            return Run(line=line, first=first, last=max(last, listed), logit=line.logit)
        before = self._together(question, line, first - 1, last, shown)
        after = self._together(question, line, first, last + 1, shown) if listed == last else None
        best = max(score for score in (line.logit, before, after) if score is not None)
        if before is not None and before > line.logit + _COMPLETES:
            first -= 1
        if after is not None and after > line.logit + _COMPLETES:
            last += 1
        return Run(line=line, first=first, last=max(last, listed), logit=best)

    def _together(
        self, question: str, line: Line, first: int, last: int, shown: Sequence[Run]
    ) -> float | None:
        """Score neighbours as one; None where they cannot be one answer, or a better one."""
        sentences = line.hit.passage.sentences
        if first < 0 or last > len(sentences):
            return None
        if any(sentence.kind != "sentence" for sentence in sentences[first:last]):
            return None
        if any(stands_in(replace(line, at=at), run) for at in range(first, last) for run in shown):
            return None
        copy = copy_of(line.hit, first, last, titled=line.titled)
        least = line.logit + _COMPLETES - LINE_DOUBT
        (reading,) = self._reranker.readings(question, [Marked(text=copy)], least=[least])
        return reading.score if reading.whole else None


class PlainReader:
    """Answers with whole sentences, rows and list items, without a reranker."""

    def __init__(self, index: LocalIndex, encoder: Encoder) -> None:
        self._index = index
        self._vectors = SentenceVectors(encoder)

    def read(self, question: str, query: Vectors, hits: Sequence[Hit]) -> tuple[Answer, ...]:
        """Give one answer a place, best first; equal scores are ordered by place.

        The logit of a sentence is made of its cosine and the share of terms, two parts to one, and
        stretched so that the default `min_score` falls where it divides best on the tuning half of
        the seeds' gold: at 0.56 of the sum.
        """
        evidence = Evidence(self._index, question)
        skimmed = skim(evidence, hits)
        cosines = self._vectors.cosines([each.text for each in skimmed], query)
        lines = [
            Line(hit=each.hit, at=each.at, titled=False, logit=_logit(cosine, each.share))
            for each, cosine in zip(skimmed, cosines, strict=True)
        ]
        runs = [
            Run(line=line, first=line.at, last=line.at + 1, logit=line.logit)
            for line in _best_first(lines)[:_CANDIDATES]
        ]
        return _answers(question, runs, evidence, NO_MARKS)


def _best_first(lines: Iterable[Line]) -> list[Line]:
    """Order lines by score; equal ones by place."""
    return sorted(
        lines,
        key=lambda line: (
            -line.score,
            line.hit.passage.document_id,
            line.sentence.start,
        ),
    )


def _signals(run: Run, runs: Sequence[Run], evidence: Evidence, span: float) -> Signals:
    hit = run.line.hit
    others = [o.score for o in runs if o is not run and not says_the_same(o.text, run.text)]
    heading = above(hit)
    terms, names = evidence.terms_and_names(f"{heading}\n{hit.passage.text}")
    terms_near, names_near = evidence.terms_and_names(f"{heading}\n{run.text}")
    return Signals(
        passage=_relevance(hit),
        sentence=run.line.logit,
        run=run.logit,
        ahead=run.score - max(others, default=run.score),
        agreement=agreement(hit.why),
        terms=terms,
        terms_near=terms_near,
        names=names,
        names_near=names_near,
        span=span,
    )


def _relevance(hit: Hit) -> float:
    known = (hit.why.rerank_score, hit.why.dense_score)
    return next((score for score in known if score is not None), 0.0)


def _logit(cosine: float, share: float) -> float:
    return 20 * ((2 * max(cosine, 0.0) + share) / 3 - 0.505)


def _answers(
    question: str, runs: Sequence[Run], evidence: Evidence, marks: Marks
) -> tuple[Answer, ...]:
    return tuple(
        _answer(question, run, _signals(run, runs, evidence, marks.odds_of(run)), marks.best(run))
        for run in runs
    )


def _answer(question: str, run: Run, signals: Signals, mark: Mark | None) -> Answer:
    """Cut an answer out of its passage, as tightly as is sure."""
    hit, first = run.line.hit, run.line.hit.passage.sentences[run.first]
    words = marked(question, run, mark)
    start, end = tightest(question, run.text) if words is None else words
    text = run.text[start:end]
    alone = run.last == run.first + 1
    return Answer(
        text=text,
        start=run.start + start,
        end=run.start + end,
        page=page_at(run, run.start + start),
        section=hit.passage.section,
        score=sigmoid(run.score),
        confidence=None,
        quote_sha256=digest(text),
        sentence=first
        if alone
        else Sentence(start=run.start, end=run.end, page=first.page, lead=first.lead),
        sentence_text=run.text,
        passage=hit.passage,
        source=hit.source,
        signals=signals,
    )
