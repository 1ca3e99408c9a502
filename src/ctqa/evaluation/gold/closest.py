"""Where the words of a quote nearly stand: for telling a person what is written there instead."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import lru_cache

from ctqa.evaluation.gold.folding import DOUBLE, SINGLE, Span, folded, places

_WORD = re.compile(r"\w+")
_COMMON = 200  # a word that stands more often in a document tells little of a place
_LEAST = 0.5  # of the quote's words that stand there in the same order
_MOST_WORDS = 400  # of a quote that are looked at
_QUOTES = f" {DOUBLE}{SINGLE}"


@dataclass(frozen=True, slots=True)
class _Words:
    """A text's words in order, and at which of them each stands."""

    words: Sequence[str]
    spans: Sequence[tuple[int, int]]  # of the text's folded copy
    places: Mapping[str, Sequence[int]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Close:
    """The place most like a quote."""

    span: Span
    likeness: float  # share of the quote's words that stand there in the same order, 0..1


def closest(quote: str, text: str) -> Close | None:
    """Find the place most like a quote; None where no place has half its words in their order."""
    wanted = [word.casefold() for word in _WORD.findall(folded(quote).copy)][:_MOST_WORDS]
    there = _words(text)
    start = _likely_start(wanted, there)
    if start is None:
        return None
    slack = len(wanted) // 4 + 3
    first = max(0, start - slack)
    window = there.words[first : start + len(wanted) + slack]
    blocks = SequenceMatcher(None, wanted, window, autojunk=False).get_matching_blocks()[:-1]
    likeness = sum(block.size for block in blocks) / len(wanted)
    if likeness < _LEAST:
        return None
    # What of the quote stands before or after all that is alike has a place there too.
    begins = max(0, first + blocks[0].b - blocks[0].a)
    ends = first + blocks[-1].b + len(wanted) - blocks[-1].a
    last = min(len(there.words), max(ends, first + blocks[-1].b + blocks[-1].size)) - 1
    span = folded(text).span(there.spans[begins][0], there.spans[last][1])
    return Close(span=_with_its_end(text, span), likeness=likeness)


def without_marks(quote: str, text: str) -> bool:
    """Tell whether a quote stands in a text once its outer quotation marks and full stop go."""
    bare = quote.strip(_QUOTES).rstrip(".… ").strip(_QUOTES)
    return bool(bare) and bare != quote and bool(places(bare, text, Span(0, len(text))))


@lru_cache(maxsize=64)
def _words(text: str) -> _Words:
    found = list(_WORD.finditer(folded(text).copy))
    words = [match.group().casefold() for match in found]
    at: dict[str, list[int]] = {}
    for place, word in enumerate(words):
        at.setdefault(word, []).append(place)
    return _Words(words, [match.span() for match in found], at)


def _likely_start(wanted: Sequence[str], there: _Words) -> int | None:
    """Find the word at which the quote would begin that most of its rarer words point to."""
    votes: Counter[int] = Counter()
    for at, word in enumerate(wanted):
        found = there.places.get(word, ())
        if len(found) <= _COMMON:
            for place in found:
                votes[place - at] += 1
    if not votes:
        return None
    # A word too many or too few moves what follows: neighbours point to the same place.
    return max(votes, key=lambda at: (sum(votes[at + n] for n in (-2, -1, 0, 1, 2)), -at))


def _with_its_end(text: str, span: Span) -> Span:
    """Take the mark in that ends the sentence, where one follows at once."""
    return Span(span.start, span.end + (text[span.end : span.end + 1] in {".", "!", "?"}))
