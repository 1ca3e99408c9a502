"""Why and why not: how one passage fares at every stage, and at which of them it is lost.

The stages are those of `QA.ask`, run by the same functions; only the ranks by meaning and by words
reach beyond the candidates, down to the last passage.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from math import inf, isinf
from typing import Literal

from ctqa.answering.calibration import Calibration
from ctqa.answering.judge import judge, with_confidence
from ctqa.answering.lines import HITS_READ, Line, to_read_closely
from ctqa.answering.named import passages_named
from ctqa.answering.retrieve import Ranked
from ctqa.answering.same import says_the_same, told_once
from ctqa.answering.wording import ordinal, percent
from ctqa.config import SENTENCES, SPANS, SearchConfig
from ctqa.index.local import LocalIndex
from ctqa.records import Answer, Hit, Passage, Sentence, Source

# Where a passage is lost; "given": it is not, an answer that is given stands in it.
Outcome = Literal[
    "search", "reranking", "reading", "repeated", "threshold", "too many answers", "given"
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """A rank among so many, and the score that it comes from."""

    rank: int
    of: int
    score: float


@dataclass(frozen=True, slots=True, kw_only=True)
class BestSentence:
    """The sentence that reads best, as the document has it."""

    sentence: Sentence
    text: str
    score: float  # the reranker's logit, read or estimated


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """An answer, given or not, and what becomes of it."""

    answer: Answer
    sure: bool  # whether it is sure enough to be given
    given: int | None  # its number among the answers that are given
    better: Answer | None  # the candidate that says the same and stands for it


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """How one passage fares for a question."""

    question: str
    searched: str  # the question, with what was added to it
    passage: Passage
    source: Source
    config: SearchConfig  # `rerank` is 0 where there is no reranker
    dense: Standing | None  # cosine, among all passages; None: nothing is searched by meaning
    lexical: Standing | None  # BM25, among all that share a term; None: it is not one of them
    fused: Standing | None  # both together, 0..1, among the candidates; None: it is not one
    reranked: Standing | None  # the reranker's logit, among those reranked; None: it was not
    most_reranked: int  # how many were: no more where a better one was unlikely
    halfway: bool  # whether that logit is what was expected of it, and it was not read to its end
    closely: bool  # whether the reranker reads its sentences
    final: Standing | None  # as `QA.ask` ranks it, among the candidates; None: it is not one
    best: BestSentence | None  # None: the reranker did not read its sentences
    candidate: Candidate | None  # the best that stands in it, first of all those given
    least: float | None  # the confidence or score from which answers are given; None: there is none

    @property
    def read(self) -> bool:
        """Whether answers were looked for in it."""
        own = self.config.reader in (SENTENCES, SPANS)
        others = self.config.rerank == 0 or not own  # read what is first
        if others:
            return self.final is not None and self.final.rank <= HITS_READ
        return self.closely

    @property
    def outcome(self) -> Outcome:
        """The stage at which it was lost, if it was."""
        return _fate(self)[0]

    @property
    def verdict(self) -> str:
        """How far it came, and the outcome, in a sentence."""
        return f"{_way(self)}: {_fate(self)[1]}."


@dataclass(frozen=True, slots=True, kw_only=True)
class Stages:
    """The whole way of one question, nothing cut off."""

    question: str
    searched: str
    config: SearchConfig
    dense: Ranked  # every passage; empty: not searched by meaning
    lexical: Ranked  # every passage that shares a term; empty: not searched by words
    fused: Sequence[Hit]  # every candidate
    hits: Sequence[Hit]  # the same, reranked
    lines: Sequence[Sequence[Line]]  # of those that the reranker read closely
    found: Sequence[Answer]
    calibration: Calibration | None


def explain(index: LocalIndex, stages: Stages, named: str) -> Explanation:
    """Follow one passage through the stages; of several that are named, the one that fares best.

    Raises:
        ConfigError: no passage is named, or words that stand in several places.

    """
    key = _best_placed(passages_named(index, named), stages)
    ((passage, source),) = index.passages([key]).values()
    hit = _hit(stages.hits, passage)
    reranked = sum(other.why.rerank_score is not None for other in stages.hits)
    return Explanation(
        question=stages.question,
        searched=stages.searched,
        passage=passage,
        source=source,
        config=stages.config if reranked else replace(stages.config, rerank=0),
        dense=_among(stages.dense, key, None if hit is None else hit.why.dense_rank),
        lexical=_among(stages.lexical, key, None if hit is None else hit.why.lexical_rank),
        fused=_standing(stages.fused, _hit(stages.fused, passage)),
        reranked=_reranked(stages.hits, hit),
        most_reranked=reranked,
        halfway=hit is not None and hit.why.halfway,
        closely=hit in to_read_closely(stages.hits),
        final=_standing(stages.hits, hit),
        best=_best(stages.lines, passage),
        candidate=_candidate(stages, passage),
        least=_least(stages),
    )


def _best_placed(passages: Mapping[int, Passage], stages: Stages) -> int:
    final = {hit.passage.id: hit.rank for hit in stages.hits}
    dense, lexical = _ranks(stages.dense), _ranks(stages.lexical)

    def place(key: int) -> tuple[float, float, float, int]:
        rank = final.get(passages[key].id, inf)
        return rank, dense.get(key, inf), lexical.get(key, inf), key

    return min(passages, key=place)


# Its standing at each stage ---------------------------------------------------------------------


def _ranks(ranked: Ranked) -> dict[int, int]:
    return {key: rank for rank, (key, _) in enumerate(ranked, start=1)}


def _among(ranked: Ranked, key: int, asked: int | None) -> Standing | None:
    """Rank a passage among all; of equals, as `QA.ask` did where it saw the passage."""
    rank = _ranks(ranked).get(key)
    if rank is None:
        return None
    score = dict(ranked)[key]
    return Standing(rank=rank if asked is None else asked, of=len(ranked), score=score)


def _hit(hits: Sequence[Hit], passage: Passage) -> Hit | None:
    return next((hit for hit in hits if hit.passage.id == passage.id), None)


def _standing(hits: Sequence[Hit], hit: Hit | None) -> Standing | None:
    return None if hit is None else Standing(rank=hit.rank, of=len(hits), score=hit.score)


def _reranked(hits: Sequence[Hit], hit: Hit | None) -> Standing | None:
    if hit is None or hit.why.rerank_score is None:
        return None
    logits = [h.why.rerank_score for h in hits if h.why.rerank_score is not None]
    ahead = sum(logit > hit.why.rerank_score for logit in logits)
    return Standing(rank=ahead + 1, of=len(logits), score=hit.why.rerank_score)


def _best(lines: Sequence[Sequence[Line]], passage: Passage) -> BestSentence | None:
    own = [line for read in lines for line in read if line.hit.passage.id == passage.id]
    if not own:
        return None
    best = max(own, key=lambda line: (line.logit, -line.at))
    start, end = best.sentence.start - passage.start, best.sentence.end - passage.start
    return BestSentence(sentence=best.sentence, text=passage.text[start:end], score=best.logit)


# Its answer -------------------------------------------------------------------------------------


def _candidate(stages: Stages, passage: Passage) -> Candidate | None:
    kept = told_once(stages.found, ())
    given = [_place(answer) for answer in judge(kept, stages.calibration, stages.config)]
    inside = [answer for answer in stages.found if _stands_in(answer, passage)]
    if not inside:
        return None
    answer = next((a for a in inside if _place(a) in given), inside[0])
    calibration = stages.calibration
    return Candidate(
        answer=answer if calibration is None else with_confidence(answer, calibration),
        sure=bool(judge([answer], calibration, stages.config)),
        given=given.index(_place(answer)) + 1 if _place(answer) in given else None,
        better=_better(answer, kept),
    )


def _better(answer: Answer, kept: Sequence[Answer]) -> Answer | None:
    if any(_place(other) == _place(answer) for other in kept):
        return None
    return next(o for o in kept if says_the_same(o.sentence_text, answer.sentence_text))


def _stands_in(answer: Answer, passage: Passage) -> bool:
    same = answer.source.id == passage.document_id
    return same and passage.start <= answer.start and answer.end <= passage.end


def _place(answer: Answer) -> tuple[str, int, int]:
    return answer.source.id, answer.start, answer.end


def _least(stages: Stages) -> float | None:
    if stages.calibration is None:
        return stages.config.min_score
    least = stages.calibration.least_confidence(stages.config.accepted_error)
    return None if isinf(least) else least


# The verdict ------------------------------------------------------------------------------------


def _way(found: Explanation) -> str:
    """Say how far it came: "Found 3rd by words and 41st by meaning, 25th together"."""
    ways = [
        f"{ordinal(standing.rank)} by {way}"
        for standing, way in ((found.dense, "meaning"), (found.lexical, "words"))
        if standing is not None
    ]
    if found.lexical is None and found.config.dense_weight < 1:
        ways.append("sharing no word with the question")
    parts = [" and ".join(ways)]
    if found.final is not None and found.fused is not None:
        parts += [f"{ordinal(found.fused.rank)} together"]
        reranked = [f"{ordinal(found.final.rank)} after reranking"]
        parts += reranked if found.reranked is not None else []
    return f"{'Not found' if found.final is None else 'Found'} {', '.join(parts)}"


def _fate(found: Explanation) -> tuple[Outcome, str]:
    """Tell where it was lost, and why."""
    candidate = found.candidate
    if candidate is not None and candidate.given is not None:
        return "given", f"answer {candidate.given} stands in it"
    if found.final is None:
        return "search", f"only the first {found.config.candidates} of each are looked at"
    if not found.read:
        return "reranking", _not_read(found)
    if candidate is None:
        return "reading", "it was read, but no sentence of it is among the best candidates"
    return _fate_of(candidate, found)


def _not_read(found: Explanation) -> str:
    place = 0 if found.fused is None else found.fused.rank
    if found.most_reranked < place <= found.config.rerank:
        return (
            f"not reranked, since after the first {found.most_reranked} a better one was unlikely"
        )
    if found.reranked is None and found.config.rerank > 0:
        return f"not among the {found.config.rerank} that are reranked"
    if found.halfway:
        return "not read to its end: halfway, nothing near the best was to be expected of it"
    return f"not among the {HITS_READ} that are read for answers"


def _fate_of(candidate: Candidate, found: Explanation) -> tuple[Outcome, str]:
    if candidate.better is not None:
        place = f"{candidate.better.source.id}, page {candidate.better.page}"
        return "repeated", f"it says what a better candidate says, in {place}"
    if candidate.sure:
        most = found.config.answers
        return "too many answers", f"its answer is sure enough, but only {most} are given"
    return "threshold", f"its answer is held back: {_unsure(candidate.answer, found)}"


def _unsure(answer: Answer, found: Explanation) -> str:
    if found.least is None:
        share = percent(found.config.accepted_error)
        return f"no confidence keeps wrong answers to {share} of the questions"
    if answer.confidence is None:
        sure = f"score {answer.score:.3f}"
    else:
        sure = f"confidence {answer.confidence:.3f}"
    return f"{sure}, and answers are given from {found.least:.3f} on"
