"""Marking: which words of a sentence, row or item answer, as a span reader tells.

The reranker decides what is shown; the span reader reads the same passages on, and marks within
what is shown the exact words, unless it is sure that none answer. A question that asks for a
reason, a way or a yes keeps the sentence, and a list or table stays whole: no few words of theirs
answer. So does what denies or excepts: "volunteers" would say the opposite of "volunteers never
carry keys".
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from threading import Lock

from ctqa.answering.copies import passage_copy
from ctqa.answering.lines import marked_copy
from ctqa.answering.rerank import is_question
from ctqa.answering.runs import Run, list_end
from ctqa.models import Marked, MarkedSpans, SpanReader
from ctqa.records import Hit

LEAST_ODDS = -6.0  # of words that are marked: what is shown answers already, as the reranker has it
NO_ODDS = -20.0  # where no span could be read; and no odds are lower, or higher than 20
_KEPT = 5_000  # of (question, passage) pairs, what was read; some 2 KB each
_MEASURES = (
    r"many|much|long|old|far|often|big|large|high|tall|deep|wide|fast|heavy|soon|late|early|young|"
    r"small|low|short|close|near|frequently|quickly|likely"
)
_WANTS_ALL = re.compile(
    r"\W*(?:(?:and|but|so|or|then|in|for|by)\s+)?(?:why\b|(?:what|which)\s+(?:reasons?|ways?)\b|"
    rf"how\b(?!\s+(?:(?:very|so|\w+ly)\s+)?(?:{_MEASURES})\b)|explain\b|describe\b|tell\b|list\b|"
    r"(?:is|are|was|were|am|do|does|did|can|could|should|would|will|shall|has|have|had|may|might|"
    r"must)\b)",
    re.IGNORECASE,
)
_DENIES = re.compile(
    r"(?P<denied>\b(?:not|never|none|nobody|nothing|nowhere|neither|nor|cannot|no(?!\.? ?\d)|"
    r"(?:hard|scarce|rare)ly)\b|n['’]t\b)|(?P<without>\bwithout\b)|"
    r"(?P<excepted>\b(?:unless|except|excluding)\b)|(?P<only>\bonly\s+(?:\w+\s+)?$)",
    re.IGNORECASE,
)
_TURNS = re.compile(r"[,;:()–—]|[.!?]\s|\b(?:but|although|though|whereas|while)\b", re.IGNORECASE)
_ASIDE = re.compile(r"\A\s*(?:,[^,;]*,|\([^()]*\))")  # between words and what is said of them


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """Words of a document that answer, half-open, and how much the reader is for them."""

    start: int
    end: int
    odds: float  # its score less that of "no answer" in the same passage: log-odds


class Marks:
    """The best words of each sentence of the passages that were read."""

    def __init__(self, found: Mapping[str, Sequence[Mark | None]]) -> None:
        self._found = found

    def odds(self, hit: Hit, at: int) -> float | None:
        """Give the odds of a sentence's best words, within bounds; None: it was not read."""
        found = self._found.get(hit.passage.id)
        return None if found is None else _bounded(found[at])

    def odds_of(self, run: Run) -> float:
        """Give the odds of the best words of what is shown, within bounds; 0: it was not read."""
        return _bounded(self.best(run)) if run.line.hit.passage.id in self._found else 0.0

    def best(self, run: Run) -> Mark | None:
        """Give the best words of what is shown together; of equal ones, the first."""
        found = self._found.get(run.line.hit.passage.id, ())[run.first : run.last]
        known = [mark for mark in found if mark is not None]
        return max(known, key=lambda mark: mark.odds, default=None)


NO_MARKS = Marks({})


class Marker:
    """Marks words in passages, and reads a pair only once while it is remembered; threads share it.

    What it gives never depends on what it remembers.
    """

    def __init__(self, reader: SpanReader) -> None:
        self._reader = reader
        self._kept: dict[tuple[str, Marked], MarkedSpans] = {}
        self._lock = Lock()

    @property
    def sha256(self) -> str:
        """The weights that mark."""
        return self._reader.identity.sha256

    def marks(self, question: str, hits: Sequence[Hit], unlikely: Sequence[Hit] = ()) -> Marks:
        """Read the passages of hits; of those that are unlikely to answer, no words are taken."""
        copies = [marked_copy(hit) for hit in hits]
        read = self._read(question, copies)
        found: dict[str, Sequence[Mark | None]] = {
            hit.passage.id: [None] * len(hit.passage.sentences) for hit in unlikely
        }
        for hit, copy in zip(hits, copies, strict=True):
            found[hit.passage.id] = _in_document(hit, read[copy])
        return Marks(found)

    def _read(self, question: str, copies: Sequence[Marked]) -> dict[Marked, MarkedSpans]:
        with self._lock:
            found = {copy: self._kept.get((question, copy)) for copy in copies}
        known = {copy: spans for copy, spans in found.items() if spans is not None}
        new = [copy for copy in found if copy not in known]
        if new:
            known |= dict(zip(new, self._reader.mark(question, new), strict=True))
            with self._lock:
                if len(self._kept) + len(new) > _KEPT:
                    self._kept.clear()
                self._kept |= {(question, copy): known[copy] for copy in new}
        return known


def marked(question: str, run: Run, mark: Mark | None) -> tuple[int, int] | None:
    """Give the words to mark in what is shown, in its own characters; None: all of it answers."""
    if mark is None or mark.odds < LEAST_ODDS or _is_list(run) or not asks_for_words(question):
        return None
    start, end = mark.start - run.start, mark.end - run.start
    return None if is_denied(question, run.text[:start], run.text[end:]) else (start, end)


def is_denied(question: str, before: str, behind: str) -> bool:
    """Tell whether the clause that words stand in denies or excepts as the question does not."""
    near = _TURNS.split(before)[-1], _TURNS.split(_ASIDE.sub("", behind))[0]
    return bool({way for text in near for way in _denials(text)} - _denials(question))


def _denials(text: str) -> set[str | None]:
    return {found.lastgroup for found in _DENIES.finditer(text)}


def asks_for_words(question: str) -> bool:
    """Tell whether a few words can answer: not a reason, a way, a yes, nor what is no question."""
    return is_question(question) and _WANTS_ALL.match(question) is None


def _is_list(run: Run) -> bool:
    kinds = {each.kind for each in run.line.hit.passage.sentences[run.first : run.last]}
    several = run.last > run.first + 1
    return several and (kinds != {"sentence"} or list_end(run.line) > run.line.at + 1)


def _bounded(mark: Mark | None) -> float:
    return NO_ODDS if mark is None else min(max(mark.odds, NO_ODDS), -NO_ODDS)


def _in_document(hit: Hit, found: MarkedSpans) -> list[Mark | None]:
    """Find where spans of a passage's copy stand in the document, sentence by sentence."""
    copy = passage_copy(hit)

    def place(at: int) -> Mark | None:
        span, sentence = found.spans[at], hit.passage.sentences[at]
        stands = None if span is None else copy.in_document(span.start, span.end)
        if span is None or stands is None:
            return None
        start, end = _trimmed(hit, *stands)
        if not sentence.start <= start < end <= sentence.end:
            return None
        return Mark(start=start, end=end, odds=span.score - found.null_score)

    return [place(at) for at in range(len(found.spans))]


def _trimmed(hit: Hit, start: int, end: int) -> tuple[int, int]:
    """Leave out white space at the ends of a range of the document."""
    piece = hit.passage.text[start - hit.passage.start : end - hit.passage.start]
    return end - len(piece.lstrip()), start + len(piece.rstrip())
