"""Reading: which sentences of the hits answer the question.

The sentence reader scores each sentence by what it says (cosine to the question) and by how many
of the question's terms it holds, rare ones counting more; half of the coverage is taken from the
passage, because a sentence is read in its context.
"""

import hashlib
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from ctqa.index.local import LocalIndex
from ctqa.models import Encoder, Vectors
from ctqa.records import Answer, Hit, Sentence
from ctqa.text import squeeze

_HITS_READ = 5  # a right sentence further down was never the best one on the tuning half


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


class SentenceReader:
    """Answers with the best whole sentence, row or list item of each hit."""

    def __init__(self, index: LocalIndex, encoder: Encoder) -> None:
        self._index = index
        self._encoder = encoder

    def read(self, question: str, query: Vectors, hits: Sequence[Hit]) -> tuple[Answer, ...]:
        """Give one answer a place, best first; equal scores are ordered by place."""
        candidates = list(_candidates(hits[:_HITS_READ]))
        if not candidates:
            return ()
        texts = [squeeze(candidate.text) for candidate in candidates]
        cosines = self._encoder.encode_passages(texts) @ query  # (n,)
        weights = self._weights(question)
        scored = [
            _answer(candidate, self._score(candidate, weights, float(cosine)))
            for candidate, cosine in zip(candidates, cosines, strict=True)
        ]
        scored.sort(key=lambda answer: (-answer.score, answer.source.id, answer.start))
        return tuple(scored)

    def _weights(self, question: str) -> dict[str, float]:
        """Weigh the question's terms by how rare they are (BM25's inverse document frequency)."""
        return {term: self._index.rarity(term) for term in self._index.terms(question)}

    def _score(self, candidate: _Candidate, weights: dict[str, float], cosine: float) -> float:
        near = _coverage(weights, self._index.terms(candidate.text))
        around = _coverage(weights, self._index.terms(candidate.hit.passage.text))
        return min(max((max(cosine, 0.0) + (near + around) / 2) / 2, 0.0), 1.0)


def _candidates(hits: Sequence[Hit]) -> Iterator[_Candidate]:
    """Give the sentences of the hits, each place once, headings left out."""
    seen: set[tuple[str, int]] = set()
    for hit in hits:
        passage = hit.passage
        for sentence in passage.sentences:
            place = (passage.document_id, sentence.start)
            if sentence.kind == "heading" or place in seen:
                continue
            seen.add(place)
            start, end = sentence.start - passage.start, sentence.end - passage.start
            yield _Candidate(hit, sentence, passage.text[start:end])


def _coverage(weights: dict[str, float], terms: Sequence[str]) -> float:
    total = math.fsum(weights.values())
    held = math.fsum(weight for term, weight in weights.items() if term in set(terms))
    return held / total if total > 0 else 0.0


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
