"""Where the words of a quote nearly stand: for telling a person what is written there instead."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from ctqa.evaluation.gold.closest_short import SHORT_WORDS, closest_short
from ctqa.evaluation.gold.folding import DOUBLE, SINGLE, Span, folded, places
from ctqa.evaluation.gold.word_places import COMMON, Words, small_words, word_places

_LEAST = 0.5  # of the quote's words that stand there in the same order
_MOST_WORDS = 400  # of a quote that are looked at
_QUOTES = f" {DOUBLE}{SINGLE}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Close:
    """The place most like a quote."""

    span: Span
    likeness: float  # share of its words, or of its characters where it is short, 0..1


def closest(quote: str, text: str) -> Close | None:
    """Find the place most like a quote; None where nothing is like it."""
    wanted, there = small_words(quote)[:_MOST_WORDS], word_places(text)
    short = closest_short(wanted, there) if len(wanted) <= SHORT_WORDS else None
    if short is not None:
        return _close(text, there, short.likeness, short.first, short.last)
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
    return _close(text, there, likeness, begins, last)


def _close(text: str, there: Words, likeness: float, first: int, last: int) -> Close:
    span = folded(text).span(there.spans[first][0], there.spans[last][1])
    return Close(span=_with_its_end(text, span), likeness=likeness)


def without_marks(quote: str, text: str) -> bool:
    """Tell whether a quote stands in a text once its outer quotation marks and full stop go."""
    bare = quote.strip(_QUOTES).rstrip(".… ").strip(_QUOTES)
    return bool(bare) and bare != quote and bool(places(bare, text, Span(0, len(text))))


def _likely_start(wanted: Sequence[str], there: Words) -> int | None:
    """Find the word at which the quote would begin that most of its rarer words point to."""
    votes: Counter[int] = Counter()
    for at, word in enumerate(wanted):
        found = there.places.get(word, ())
        if len(found) <= COMMON:
            for place in found:
                votes[place - at] += 1
    if not votes:
        return None
    # A word too many or too few moves what follows: neighbours point to the same place.
    return max(votes, key=lambda at: (sum(votes[at + n] for n in (-2, -1, 0, 1, 2)), -at))


def _with_its_end(text: str, span: Span) -> Span:
    """Take the mark in that ends the sentence, where one follows at once."""
    return Span(span.start, span.end + (text[span.end : span.end + 1] in {".", "!", "?"}))
