"""Near-duplicates: an answer is shown once, with all the places where the same is said."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import lru_cache

from ctqa.answering.differing import difference
from ctqa.records import Answer, Hit, Place

_WORD = re.compile(r"\w+")
_SHARED = 0.85  # of two texts' words: from here on they say the same
_LEAST_WORDS = 5  # fewer are alike by chance: "Yes" in one row is not "Yes" in another


def told_once(answers: Sequence[Answer], hits: Sequence[Hit]) -> tuple[Answer, ...]:
    """Drop answers that say what a better one says; each names the other places of its words.

    Places are looked for in `hits` too, sentence by sentence, since the same text may stand in a
    passage that was ranked too low to be read.
    """
    kept: list[Answer] = []
    for answer in answers:
        if not any(_repeats(answer.sentence_text, k.sentence_text) for k in kept):
            kept.append(answer)
    return tuple(replace(answer, places=_places(answer, answers, hits)) for answer in kept)


def says_the_same(one: str, other: str) -> bool:
    """Tell whether two texts share nearly all their words; very short ones never do."""
    (first, length), (second, other_length) = _words(one), _words(other)
    fewer, more = sorted((length, other_length))
    if fewer < max(_LEAST_WORDS, _SHARED * more):  # too few even if the other has all of them
        return False
    shared = (first & second).total()
    return shared >= _SHARED * (fewer + more - shared)


def _repeats(one: str, other: str) -> bool:
    """Tell whether a text says nothing that another does not, no other number and no denial."""
    return says_the_same(one, other) and difference(one, other) is None


@lru_cache(maxsize=4096)  # each is compared with every answer
def _words(text: str) -> tuple[Counter[str], int]:
    """Count each word of a text, and all."""
    words = _WORD.findall(text.casefold())
    return Counter(words), len(words)


def _places(answer: Answer, answers: Sequence[Answer], hits: Sequence[Hit]) -> tuple[Place, ...]:
    found: dict[tuple[str, int], Place] = {}
    for place in (*_of_answers(answer, answers), *_in_hits(answer, hits)):
        known = [other for other in found.values() if other.source.id == place.source.id]
        if not any(place.start < other.end and other.start < place.end for other in known):
            found[place.source.id, place.start] = place
    return tuple(found[key] for key in sorted(found))


def _of_answers(answer: Answer, answers: Sequence[Answer]) -> Iterator[Place]:
    for other in answers:
        found = other.sentence
        if _elsewhere(answer, other.source.id, found.start, found.end) and _repeats(
            answer.sentence_text, other.sentence_text
        ):
            yield Place(source=other.source, page=found.page, start=found.start, end=found.end)


def _in_hits(answer: Answer, hits: Sequence[Hit]) -> Iterator[Place]:
    """Find the answer's words in runs of as many sentences as it has itself."""
    shown = answer.sentence
    length = sum(shown.start <= s.start < shown.end for s in answer.passage.sentences)
    for hit in hits:
        sentences = hit.passage.sentences
        for first in range(len(sentences) - length + 1 if length else 0):
            start, end = sentences[first].start, sentences[first + length - 1].end
            text = hit.passage.text[start - hit.passage.start : end - hit.passage.start]
            if _elsewhere(answer, hit.source.id, start, end) and _repeats(
                answer.sentence_text, text
            ):
                page = sentences[first].page
                yield Place(source=hit.source, page=page, start=start, end=end)


def _elsewhere(answer: Answer, document: str, start: int, end: int) -> bool:
    shown = answer.sentence
    return document != answer.source.id or end <= shown.start or shown.end <= start
