"""The words of a text in their order, and where each of them stands."""

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache

from ctqa.evaluation.gold.folding import folded

COMMON = 200  # a word that stands more often in a document tells little of a place
_WORD = re.compile(r"\w+")
_END = 2  # characters by which words are looked up


@dataclass(frozen=True, kw_only=True)
class Words:
    """A text's words in order, and at which of them each stands."""

    words: Sequence[str]
    spans: Sequence[tuple[int, int]]  # of the text's folded copy
    places: Mapping[str, Sequence[int]]

    def ending_as(self, word: str) -> frozenset[str]:
        """Give the words that begin or end as a word does."""
        begun, ended = self._by_ends
        return frozenset((*begun.get(word[:_END], ()), *ended.get(word[-_END:], ())))

    @cached_property
    def _by_ends(self) -> tuple[Mapping[str, Sequence[str]], Mapping[str, Sequence[str]]]:
        begun, ended = defaultdict[str, list[str]](list), defaultdict[str, list[str]](list)
        for word in self.places:
            begun[word[:_END]].append(word)
            ended[word[-_END:]].append(word)
        return begun, ended


def small_words(text: str) -> list[str]:
    """Give a text's words in lower case."""
    return [word.casefold() for word in _WORD.findall(folded(text).copy)]


@lru_cache(maxsize=64)
def word_places(text: str) -> Words:
    """Find a text's words; those of the last texts are kept."""
    found = list(_WORD.finditer(folded(text).copy))
    words = [match.group().casefold() for match in found]
    at: dict[str, list[int]] = {}
    for place, word in enumerate(words):
        at.setdefault(word, []).append(place)
    return Words(words=words, spans=[match.span() for match in found], places=at)
