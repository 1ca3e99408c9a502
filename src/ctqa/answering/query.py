"""What is searched for a question that holds an acronym: the short form and the long form, both.

Only what the documents themselves define is put in, and only where at least twice as many passages
hold the other form. Elsewhere it draws the search to the passages that define the acronym. On the
tuning halves of squad11_dev, squad2_devhalf, scifact_train, policyqa and the samples, a form twice
as common or more moved the right passage up 8 times and down 3 times; one no commoner than what was
asked, 15 and 59 times. On the other halves (without policyqa) it was 3 and 3; 20 and 59.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from ctqa.index.acronyms import Acronyms, Definition, short_key, word_key

_WORD = re.compile(r"[^\W_]+(?:['’.&/-][^\W_]+)*")
_PART = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")
_VOWEL = re.compile(r"[aeiouy]", re.IGNORECASE)
_ASKS_MEANING = re.compile(
    r"\b(?:stands?|short|abbreviations?|acronyms?) for\b|\bmeans?\b", re.IGNORECASE
)
_MOST = 8  # acronyms of one question that are looked at
_RARER = 2  # times as many passages hold the other form (measured; see above)


@dataclass(frozen=True, slots=True, kw_only=True)
class Expanded:
    """A question as it is searched, and the definitions that were put into it."""

    searched: str
    used: tuple[Definition, ...] = ()


@dataclass(frozen=True, slots=True)
class _Mention:
    """A form of an acronym in a question."""

    end: int
    asked: str  # the form it has there, as the documents define it
    other: str  # the form that may be put after it
    definition: Definition

    @property
    def key(self) -> str:
        """What the acronym is looked up by."""
        return short_key(self.definition.acronym.short)


def expand(question: str, acronyms: Acronyms, holding: Callable[[str], int]) -> Expanded:
    """Put an acronym's other form after its first mention, unless the question holds both.

    `holding` counts the passages that a form stands in: only a form that is much rarer than the
    other is searched by both, or one whose meaning is asked for. A short form of several meanings
    is left alone: nobody can tell here which is meant, and the commonest or all help no more.
    """
    asks_meaning = _ASKS_MEANING.search(question) is not None
    shorts, longs = tuple(_shorts(question, acronyms)), tuple(_longs(question, acronyms))
    told = {mention.key for mention in shorts} & {mention.key for mention in longs}
    first: dict[str, _Mention] = {}
    for mention in sorted((*shorts, *longs), key=lambda mention: mention.end):
        if mention.key not in told and len(acronyms.of_short(mention.key)) == 1:
            first.setdefault(mention.key, mention)
    chosen = [
        mention
        for mention in tuple(first.values())[:_MOST]
        if asks_meaning or _RARER * holding(mention.asked) <= holding(mention.other)
    ]
    return Expanded(
        searched=_with(question, chosen), used=tuple(mention.definition for mention in chosen)
    )


def _shorts(question: str, acronyms: Acronyms) -> Iterator[_Mention]:
    for match in _WORD.finditer(question):
        found = map(acronyms.of_short, _written(match.group()))
        for definition in next(filter(None, found), ()):
            acronym = definition.acronym
            yield _Mention(match.end(), acronym.short, acronym.long, definition)


def _written(word: str) -> Iterator[str]:
    """Give the ways to write a word as an acronym.

    Small letters are read as capitals where they make no word of English: "nhs" and "pcts" are
    asked for NHS and PCTs, "it" is not asked for IT.
    """
    yield word
    if len(word) > 1 and word.islower() and not _VOWEL.search(word):
        yield word.upper()
        yield word[:-1].upper() + word[-1]


def _longs(question: str, acronyms: Acronyms) -> Iterator[_Mention]:
    """Find long forms from left to right, the longest first, none within another."""
    words = tuple(_PART.finditer(question))
    keys = tuple(word_key(word.group()) for word in words)
    place = 0
    while place < len(words):
        length, definitions = _longest(keys[place : place + acronyms.most_words], acronyms)
        for definition in definitions:
            end, acronym = words[place + length - 1].end(), definition.acronym
            yield _Mention(end, acronym.long, acronym.short, definition)
        place += length


def _longest(keys: Sequence[str], acronyms: Acronyms) -> tuple[int, tuple[Definition, ...]]:
    """Give how many words are passed, and what they define if they are a long form."""
    for length in range(len(keys), 0, -1):
        definitions = acronyms.of_long(keys[:length])
        if definitions:
            return length, definitions
    return 1, ()


def _with(question: str, chosen: Sequence[_Mention]) -> str:
    searched = question
    for mention in sorted(chosen, key=lambda mention: -mention.end):
        searched = f"{searched[: mention.end]} ({mention.other}){searched[mention.end :]}"
    return searched
