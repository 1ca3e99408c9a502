"""Where a quote of few words nearly stands: compared by characters, as slips of the pen are few."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from difflib import SequenceMatcher
from typing import NamedTuple

from ctqa.evaluation.gold.word_places import COMMON, Words

SHORT_WORDS = 8
_LEAST = 0.6  # difflib's likeness to the quote, from which on a place is one
_WORDS_ALIKE = 0.7  # the same of two words
_WINDOWS = 12  # places that are compared


class Near(NamedTuple):
    """The words of a text that are most like a quote."""

    likeness: float
    first: int
    last: int


def closest_short(wanted: Sequence[str], there: Words) -> Near | None:
    """Find the words most like those of a quote; None where none are."""
    compared = SequenceMatcher(None, "", " ".join(wanted), autojunk=False)
    starts = _likely_starts(wanted, there)
    windows = ((start, start + len(wanted) - 1) for start in starts)
    found = _best(compared, there, windows, None)
    if found is None:
        return None
    around = ((found.first + m, found.last + n) for m in (0, -1, 1) for n in (0, -1, 1))
    return _best(compared, there, around, found)


def _best(
    compared: SequenceMatcher[str],
    there: Words,
    windows: Iterable[tuple[int, int]],
    best: Near | None,
) -> Near | None:
    """Find the window that is most like the quote, and more so than the best yet."""
    for begin, end in windows:
        first, last = max(0, begin), min(len(there.words) - 1, end)
        compared.set_seq1(" ".join(there.words[first : last + 1]))
        least = _LEAST if best is None else best.likeness
        if min(compared.real_quick_ratio(), compared.quick_ratio()) < least:
            continue
        likeness = compared.ratio()
        if likeness >= least and (best is None or likeness > least):
            best = Near(likeness, first, last)
    return best


def _likely_starts(wanted: Sequence[str], there: Words) -> list[int]:
    """Find the words at which the quote may begin, those first that most words point to."""
    votes: Counter[int] = Counter()
    for at, word in enumerate(wanted):
        for one in _alike(word, there):
            if len(there.places[one]) <= COMMON:
                votes.update(place - at for place in there.places[one])
    return [start for start, _ in votes.most_common(_WINDOWS)]


def _alike(word: str, there: Words) -> Iterator[str]:
    """Give a word itself where it stands there, and those that are like it."""
    if word in there.places:
        yield word
    compared = SequenceMatcher(None, "", word, autojunk=False)
    for one in sorted(there.ending_as(word) - {word}):
        compared.set_seq1(one)
        if compared.real_quick_ratio() < _WORDS_ALIKE or compared.quick_ratio() < _WORDS_ALIKE:
            continue
        if compared.ratio() >= _WORDS_ALIKE:
            yield one
