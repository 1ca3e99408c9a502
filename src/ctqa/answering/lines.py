"""Close reading: the sentences of the best passages, each read under what it stands under.

A sentence says little alone: "It was disbanded in 2006." So it is read under its nearest heading,
and where the question has a word of the document's title, under that too: a title names the subject
of an encyclopaedia's article, but that of a long report only distracts.

Where the reranker can estimate, from its reading of the passage, what each sentence would score,
only the best few are read, and to their ends only those that promise to be the best.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate
from math import inf

from ctqa.answering.cached import CachedReranker
from ctqa.answering.turns import LINE_DOUBT
from ctqa.models import Marked, Reading
from ctqa.records import Hit, Sentence
from ctqa.text import plain_copy, sentence_copy, squeeze

HITS_READ = 4  # what is further down answers rarely, and costs as much to read
# Where a reranker tells which lines promise most, two of all those hits' are read at a time, until
# what the next one promises is this far below the best that was read, in logits (bench.reading).
OVERTAKEN = 6.0
LINES_READ = 24  # at most
_LINES_AT_ONCE = 2
# What a span reader says of the words that answer counts beside the line and its passage: parts
# to their three (bench.spans: from .25 on the first answer is right more often).
SPAN_PARTS = 0.5
_LEAST = -12.0  # the logit of a line of which nothing was read
_CONTEXT_CHARS = 200
_WORD = re.compile(r"\w+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A sentence, row or item of a hit with its relevance."""

    hit: Hit
    at: int  # its place in `hit.passage.sentences`
    titled: bool  # whether it is read under the document's title
    logit: float
    read: bool = True  # to its end; else the logit is what was expected before
    odds: float | None = None  # of its best span against none, a logit; None: no reader read it

    @property
    def sentence(self) -> Sentence:
        """The sentence itself."""
        return self.hit.passage.sentences[self.at]

    @property
    def score(self) -> float:
        """What lines are ranked by, in logits: a span's odds count as well, where there are any."""
        score = line_score(self.logit, self.hit)
        if self.odds is None:
            return score
        return (3 * score + SPAN_PARTS * self.odds) / (3 + SPAN_PARTS)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Place:
    """Where a line stands, and what is expected of it before it is read."""

    hit: Hit
    at: int
    expected: float | None = None  # a logit; None: nothing is known

    @property
    def promise(self) -> float:
        """What lines are read in the order of, in logits: line and passage, two parts to one."""
        assert self.expected is not None  # noqa: S101 -- asked only where something is known
        return line_score(self.expected, self.hit)


def to_read_closely(hits: Sequence[Hit]) -> list[Hit]:
    """Give the hits whose sentences are read: the best few that were read to their ends."""
    whole = [hit for hit in hits if hit.why.rerank_score is not None and not hit.why.halfway]
    return whole[:HITS_READ]


def read_closely(
    reranker: CachedReranker, question: str, hits: Sequence[Hit]
) -> list[tuple[Line, ...]]:
    """Read the sentences of each hit; headings alone answer nothing and are left out.

    Those that promise little are not read, and have the logit that is expected of them.
    """
    places = _places(reranker, question, hits)
    read = _read_in_turn(reranker, question, places)
    known = {(line.hit.passage.id, line.at) for line in read}
    guessed = [
        Line(hit=place.hit, at=place.at, titled=False, logit=place.expected, read=False)
        for place in places
        if (place.hit.passage.id, place.at) not in known and place.expected is not None
    ]
    lines: dict[str, list[Line]] = {hit.passage.id: [] for hit in hits}
    for line in sorted([*read, *guessed], key=lambda line: line.at):
        lines[line.hit.passage.id].append(line)
    return [tuple(lines[hit.passage.id]) for hit in hits]


def line_score(logit: float, hit: Hit) -> float:
    """Weigh what a line and its passage say, two parts to one, in logits."""
    around = hit.why.rerank_score
    return (2 * logit + (logit if around is None else around)) / 3


def _logit_for(score: float, hit: Hit) -> float:
    """Give the logit with which a line of a hit has a score."""
    around = hit.why.rerank_score
    return score if around is None else (3 * score - around) / 2


def marked_copy(hit: Hit) -> Marked:
    """Give what the reranker reads of a passage: its words mended, under its nearest heading.

    Each of its sentences is a part.
    """
    passage = hit.passage
    heading = squeeze(passage.section[-1]) if passage.section else ""
    copies = [plain_copy(passage, sentence) for sentence in passage.sentences]
    body = " ".join(copies)
    above = "" if body.startswith(heading) else f"{heading}\n"
    ends = list(accumulate(len(copy) + 1 for copy in copies))  # a space follows each
    parts = tuple(
        (len(above) + end - 1 - len(copy), len(above) + end - 1)
        for copy, end in zip(copies, ends, strict=True)
    )
    return Marked(text=above + body, parts=parts)


def _places(reranker: CachedReranker, question: str, hits: Sequence[Hit]) -> list[_Place]:
    readings = reranker.readings(question, [marked_copy(hit) for hit in hits])
    return [
        _Place(hit=hit, at=at, expected=_expected(reading, at))
        for hit, reading in zip(hits, readings, strict=True)
        for at in _readable(hit)
    ]


def _expected(reading: Reading, at: int) -> float | None:
    return None if reading.parts is None else max(reading.parts[at], _LEAST)


def _read_in_turn(reranker: CachedReranker, question: str, places: Sequence[_Place]) -> list[Line]:
    """Read the lines that promise most, and further ones as long as one may well be better."""
    if any(place.expected is None for place in places):
        return _read(reranker, question, places, -inf)
    ranked = sorted(places, key=lambda place: -place.promise)[:LINES_READ]
    lines: list[Line] = []
    best = -inf
    while len(lines) < len(ranked) and ranked[len(lines)].promise >= best - OVERTAKEN:
        some = ranked[len(lines) : len(lines) + _LINES_AT_ONCE]
        lines += _read(reranker, question, some, best)
        best = max(line_score(line.logit, line.hit) for line in lines)
    return lines


def _read(
    reranker: CachedReranker, question: str, places: Sequence[_Place], best: float
) -> list[Line]:
    """Read lines, to their ends those that may come up to the best."""
    asked = _words(question)
    titled = [bool(asked & _words(each.hit.source.title)) for each in places]
    copies = [
        Marked(text=copy_of(each.hit, each.at, each.at + 1, titled=under))
        for each, under in zip(places, titled, strict=True)
    ]
    least = [_logit_for(best, each.hit) - LINE_DOUBT for each in places]
    readings = reranker.readings(question, copies, least=least)
    return [
        Line(hit=each.hit, at=each.at, titled=under, logit=reading.score, read=reading.whole)
        for each, under, reading in zip(places, titled, readings, strict=True)
    ]


def _words(text: str) -> set[str]:
    """Give the words that may name a subject: of four letters or more, and numbers."""
    return {word for word in _WORD.findall(text.casefold()) if len(word) > 3 or word.isdigit()}


def copy_of(hit: Hit, first: int, last: int, *, titled: bool = False) -> str:
    """Give what is read for the sentences `first` to `last` (exclusive) of a hit's passage."""
    passage = hit.passage
    body = " ".join(sentence_copy(passage, s) for s in passage.sentences[first:last])
    heading = squeeze(passage.section[-1])[:_CONTEXT_CHARS] if passage.section else ""
    title = squeeze(hit.source.title)[:_CONTEXT_CHARS] if titled else ""
    above = [part for part in (title, heading) if part and not body.startswith(part)]
    return ": ".join([*dict.fromkeys(above), body])


def _readable(hit: Hit) -> Iterator[int]:
    for at, sentence in enumerate(hit.passage.sentences):
        if sentence.kind != "heading":
            yield at
