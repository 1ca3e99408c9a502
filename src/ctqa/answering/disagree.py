"""Possible disagreements: what is answered, and what another document says instead.

Rules only, made to be right when they speak rather than to speak often: a sentence of another
document is compared if it is about the same thing, by the terms that both share and by those of the
question in each, and no name or person keeps them apart. Measured by bench/disagreement.py: about a
third of all alterations are told of, none wrongly; nor was any in 200 real questions over privacy
policies, encyclopaedia articles, medical abstracts and the samples (with thresholds a third lower,
one was, wrongly).
"""

import math
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Protocol

from ctqa.answering.differing import Difference, difference
from ctqa.answering.follow import FUNCTION_WORDS
from ctqa.answering.numerals import NUMBER
from ctqa.answering.signals import above, names
from ctqa.citing import newer_editions
from ctqa.records import Answer, Disagreement, Hit, Quote, Sentence

_MOST = 3  # disagreements told of one reply
_HITS = 20  # whose sentences are compared
_LEAST_TERMS = 3  # that two sentences share; fewer tell nothing of what they are about
_SHARED = 0.5  # of the shorter one's terms, by their rarity, where a number is asked for
_SHARED_ELSE = 0.7  # the same, where the question asks for something else
_ALIKE = 0.6  # of the terms of both, where one denies what the other says
_ASKED = 0.6  # of the question's terms, in each
_WORD = re.compile(r"[^\W_]+(?:[’'-][^\W_]+)*")
_NUMBER = re.compile(rf"{NUMBER}[a-z]*", re.IGNORECASE)
_MARKS = ".,;:!?()[]“”‘’\"'"
_ASKS_NUMBER = re.compile(
    r"\b(?:how\s+(?:many|much|long|often|old|far|big|large|soon|quickly|late|early)|when|what\s+"
    r"(?:percentage|proportion|share|number|year|date|day|time|age|price|cost|amount|rate|limit)|"
    r"which\s+(?:year|date|day|month)|deadline|cost|maximum|minimum|per\s?cent)\b",
    re.IGNORECASE,
)
_ASKS_DATE = re.compile(
    r"\b(?:when|year|date|day|month|deadline|how\s+long|until|since)\b", re.IGNORECASE
)
_PERSONS = frozenset(("i", "me", "my", "mine", "we", "us", "our", "ours"))


class Terms(Protocol):
    """Gives the terms of a text and their rarity, as an index does."""

    def terms(self, text: str) -> list[str]:
        """Give the terms that a text is searched by."""
        ...

    def rarity(self, term: str) -> float:
        """Give a term's inverse document frequency; higher is rarer, never below 0."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """A sentence of a hit and what it is about."""

    hit: Hit
    sentence: Sentence
    terms: frozenset[str]
    asked: float  # share of the question's terms in it, with what stands above it; 0..1

    @property
    def text(self) -> str:
        """The document's own text."""
        start = self.hit.passage.start
        return self.hit.passage.text[self.sentence.start - start : self.sentence.end - start]


class Comparing:
    """Compares sentences with regard to one question."""

    def __init__(self, index: Terms, question: str) -> None:
        self._index = index
        self._rarity = cache(index.rarity)  # each term is met again and again
        self._asked = self._terms(question)
        self._kept: dict[str, frozenset[str]] = {}
        self.asks_number = _ASKS_NUMBER.search(question) is not None
        self.asks_date = _ASKS_DATE.search(question) is not None

    def said(self, hit: Hit, sentence: Sentence) -> Said:
        """Look a sentence over."""
        text = Said(hit=hit, sentence=sentence, terms=frozenset(), asked=0.0).text
        terms = self._terms(f"{sentence.lead} {text}")
        asked = self._share(self._asked & (terms | self._above(hit)), self._asked)
        return Said(hit=hit, sentence=sentence, terms=terms, asked=asked)

    def shared(self, one: Said, other: Said) -> float:
        """Give the share of the shorter one's terms, by their rarity, that both hold; 0..1."""
        both = one.terms & other.terms
        if len(both) < _LEAST_TERMS:
            return 0.0
        return max(self._share(both, one.terms), self._share(both, other.terms))

    def alike(self, one: Said, other: Said) -> float:
        """Give the share of the terms of both, by their rarity, that each holds; 0..1."""
        return self._share(one.terms & other.terms, one.terms | other.terms)

    def fits(self, found: Difference, one: Said, other: Said, shared: float) -> bool:
        """Tell whether two sentences are enough about the same for a difference to count."""
        if found.kind == "negation":
            return self.alike(one, other) >= _ALIKE
        if found.of == "date":
            return self.asks_date and shared >= _SHARED
        return shared >= (_SHARED if self.asks_number else _SHARED_ELSE)

    def _share(self, part: frozenset[str], whole: frozenset[str]) -> float:
        total = math.fsum(map(self._rarity, whole))
        return math.fsum(map(self._rarity, part)) / total if total > 0 else 0.0

    def _above(self, hit: Hit) -> frozenset[str]:
        """Give the terms of what all sentences of a hit stand under."""
        if hit.passage.id not in self._kept:
            self._kept[hit.passage.id] = self._terms(above(hit))
        return self._kept[hit.passage.id]

    def _terms(self, text: str) -> frozenset[str]:
        found = self._index.terms(" ".join(filter(_tells, _WORD.findall(text))))
        return frozenset(term for term in found if len(term) > 1)


def disagreements(
    index: Terms, question: str, answers: Sequence[Answer], hits: Sequence[Hit]
) -> tuple[Disagreement, ...]:
    """Find where other documents possibly contradict the answers, at most once a document."""
    if not answers or len({hit.source.id for hit in hits[:_HITS]}) < 2:
        return ()
    comparing = Comparing(index, question)
    rivals = [said for hit in hits[:_HITS] for said in _sentences(comparing, hit)]
    found: dict[frozenset[str], tuple[float, Disagreement]] = {}
    for answer in answers:
        for said in _of_answer(comparing, answer, hits):
            for rival in rivals:
                shared = comparing.shared(said, rival)
                told = _compared(comparing, said, rival, shared)
                pair = frozenset((said.hit.source.id, rival.hit.source.id))
                if told is not None and (pair not in found or found[pair][0] < shared):
                    found[pair] = (shared, told)
    return tuple(told for _, told in found.values())[:_MOST]


def _sentences(comparing: Comparing, hit: Hit) -> Iterator[Said]:
    """Give the sentences and list items that hold what was asked for."""
    for sentence in hit.passage.sentences:
        if sentence.kind in ("sentence", "item"):
            said = comparing.said(hit, sentence)
            if said.asked >= _ASKED:
                yield said


def _of_answer(comparing: Comparing, answer: Answer, hits: Iterable[Hit]) -> Iterator[Said]:
    """Give the sentences that an answer shows."""
    hit = next((hit for hit in hits if hit.passage.id == answer.passage.id), None)
    if hit is not None:
        for said in _sentences(comparing, hit):
            if answer.sentence.start <= said.sentence.start < answer.sentence.end:
                yield said


def _compared(comparing: Comparing, one: Said, other: Said, shared: float) -> Disagreement | None:
    if one.hit.source.id == other.hit.source.id or shared < _SHARED:
        return None
    newer = newer_editions((one.hit.source, other.hit.source))
    if not newer and _apart(one, other):
        return None
    found = difference(one.text, other.text)
    if found is None or not comparing.fits(found, one, other, shared):
        return None
    return Disagreement(
        kind=found.kind,
        first=_quote(one, found.first),
        second=_quote(other, found.second),
        newer=next(iter(newer.values()), None),
    )


@lru_cache(maxsize=16384)
def _tells(word: str) -> bool:
    """Tell whether a word says what is talked of; numbers say what may differ."""
    return word.lower() not in FUNCTION_WORDS and _NUMBER.fullmatch(word) is None


def _apart(one: Said, other: Said) -> bool:
    """Tell whether two sentences of unlike documents may speak of two people, places or bodies."""
    if _persons(one) or _persons(other):
        author = one.hit.source.author.casefold()
        if author == "" or author != other.hit.source.author.casefold():
            return True  # "we" of two documents
    return bool(_names(one) - _around(other) or _names(other) - _around(one))


def _persons(said: Said) -> bool:
    return any(word.lower() in _PERSONS for word in _WORD.findall(said.text) if word != "US")


def _names(said: Said) -> frozenset[str]:
    """Give the names in a sentence, in small letters.

    The word that begins it is taken for one unless it is a plural or stands there in small letters.
    """
    first, _, rest = said.text.partition(" ")
    bare = first.strip(_MARKS)
    common = bare.lower() in FUNCTION_WORDS or bare.endswith("s") or _is_common(bare, said)
    found = (
        name.lower().removesuffix("'s").removesuffix("’s")
        for name in names(rest if common else said.text)
    )
    return frozenset(name for name in found if not any(letter.isdigit() for letter in name))


def _is_common(word: str, said: Said) -> bool:
    return re.search(rf"\b{re.escape(word.lower())}\b", said.hit.passage.text) is not None


def _around(said: Said) -> frozenset[str]:
    """Give the words of a sentence's passage, and of what stands above it."""
    text = f"{above(said.hit)} {said.hit.passage.text}"
    return frozenset(
        part.removesuffix("'s").removesuffix("’s")
        for word in text.lower().split()
        for part in (word.strip(_MARKS), *_WORD.findall(word))
    )


def _quote(said: Said, differing: tuple[int, int]) -> Quote:
    start, end = differing
    text = said.text
    return Quote(
        source=said.hit.source,
        page=said.sentence.page,
        start=said.sentence.start,
        end=said.sentence.end,
        text=text,
        differs="" if (start, end) == (0, len(text)) else text[start:end],
    )
