"""Reading: which sentences of the hits answer the question.

The reranked reader asks the reranker about each sentence by itself and about the passage around it.
Without a reranker the plain reader takes the sentence's cosine to the question and the share of the
question's terms in it, rare ones counting more.
"""

import hashlib
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from ctqa.answering.rerank import CachedReranker
from ctqa.index.local import LocalIndex
from ctqa.models import Encoder, Vectors
from ctqa.records import Answer, Hit, Sentence
from ctqa.text import squeeze

_HITS_READ = 4  # what is further down answers rarely, and costs as much to read


class Reader(Protocol):
    """Cuts answers out of hits."""

    def read(self, question: str, query: Vectors, hits: Sequence[Hit]) -> tuple[Answer, ...]:
        """Give candidate answers, best first; `query`, (d,), is the question's vector."""
        ...


@dataclass(frozen=True, slots=True)
class _Candidate:
    hit: Hit
    sentence: Sentence
    text: str


class RerankedReader:
    """Answers with whole sentences, rows and list items, as the reranker ranks them."""

    def __init__(self, reranker: CachedReranker) -> None:
        self._reranker = reranker

    def read(self, question: str, query: Vectors, hits: Sequence[Hit]) -> tuple[Answer, ...]:  # noqa: ARG002
        """Give one answer a place, best first; equal scores are ordered by place.

        A score is the sigmoid of the logits of sentence and passage, two parts to one.
        """
        logits_of = {hit.passage.id: hit.why.rerank_score for hit in hits[:_HITS_READ]}
        candidates = list(_candidates(hits))
        logits = self._reranker.score(question, [_under_its_heading(c) for c in candidates])
        return _ranked(
            _answer(candidate, _sigmoid((2 * logit + around) / 3))
            for candidate, logit in zip(candidates, logits, strict=True)
            if (around := logits_of[candidate.hit.passage.id]) is not None
        )


class PlainReader:
    """Answers with whole sentences, rows and list items, without a reranker."""

    def __init__(self, index: LocalIndex, encoder: Encoder) -> None:
        self._index = index
        self._encoder = encoder

    def read(self, question: str, query: Vectors, hits: Sequence[Hit]) -> tuple[Answer, ...]:
        """Give one answer a place, best first; equal scores are ordered by place.

        A score is made of the cosine and the share of terms, two parts to one, and stretched so
        that the default `min_score` falls where it divides best on the tuning half of the seeds'
        gold: at 0.56 of the sum.
        """
        candidates = list(_candidates(hits))
        texts = [squeeze(candidate.text) for candidate in candidates]
        cosines = self._encoder.encode_passages(texts) @ query  # (n,)
        weights = {term: self._index.rarity(term) for term in self._index.terms(question)}
        return _ranked(
            _answer(candidate, _sigmoid(20 * (self._evidence(candidate, cosine, weights) - 0.505)))
            for candidate, cosine in zip(candidates, cosines, strict=True)
        )

    def _evidence(
        self, candidate: _Candidate, cosine: float, weights: Mapping[str, float]
    ) -> float:
        """Weigh the cosine and the share of the question's terms, by their rarity; 0..1."""
        terms = set(self._index.terms(candidate.text))
        total = math.fsum(weights.values())
        held = math.fsum(weight for term, weight in weights.items() if term in terms)
        share = held / total if total > 0 else 0.0
        return (2 * max(float(cosine), 0.0) + share) / 3


def _under_its_heading(candidate: _Candidate) -> str:
    """Give what is read of a candidate: rows and items say little without their caption."""
    listed = candidate.sentence.kind in ("row", "item") and candidate.hit.passage.section
    heading = f"{candidate.hit.passage.section[-1]}: " if listed else ""
    return heading + squeeze(candidate.text)


def _ranked(answers: Iterable[Answer]) -> tuple[Answer, ...]:
    return tuple(sorted(answers, key=lambda a: (-a.score, a.source.id, a.start)))


def _sigmoid(logit: float) -> float:
    return 1 / (1 + math.exp(-max(logit, -700.0)))  # beyond that, exp overflows


def _candidates(hits: Sequence[Hit]) -> Iterator[_Candidate]:
    """Give the sentences of the first hits, each place once, headings left out."""
    seen: set[tuple[str, int]] = set()
    for hit in hits[:_HITS_READ]:
        passage = hit.passage
        for sentence in passage.sentences:
            place = (passage.document_id, sentence.start)
            if sentence.kind == "heading" or place in seen:
                continue
            seen.add(place)
            start, end = sentence.start - passage.start, sentence.end - passage.start
            yield _Candidate(hit, sentence, passage.text[start:end])


def _answer(candidate: _Candidate, score: float) -> Answer:
    passage, sentence = candidate.hit.passage, candidate.sentence
    return Answer(
        text=candidate.text,
        start=sentence.start,
        end=sentence.end,
        page=sentence.page,
        section=passage.section,
        score=score,
        confidence=None,
        quote_sha256=hashlib.sha256(candidate.text.encode()).hexdigest(),
        sentence=sentence,
        sentence_text=candidate.text,
        passage=passage,
        source=candidate.hit.source,
    )
