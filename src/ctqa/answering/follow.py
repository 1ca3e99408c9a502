"""What to search for a question that follows another: "and in Bexley?", "Why did they do that?".

No model, and no word that stands in neither question. A question that says what it is about is left
as it is. A phrase takes the place of its like in the question before. Whatever else leans on the
question before gets its topic words in brackets. Both questions in full would search a little
better (bench/follow_ups.py), but then the first of them is answered: with the topic words alone as
many follow-ups over the samples are answered rightly (29 of 45), and fewer of those that they do
not answer (15 of 48, not 27).
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import product

from ctqa.text import squeeze

_WORD = re.compile(r"[^\W_]+(?:['’&/.-](?!s\b)[^\W_]+)*")  # the s of a possessive by itself
_ASIDE = re.compile(
    r"(?:and|but|or|so|ok|okay|then|also|what about|how about|what of)\b[\s,]*", re.IGNORECASE
)
_END = re.compile(r"[\s?!.…]+$")
_PREPOSITIONS = frozenset(
    (
        *("about", "after", "at", "before", "between", "by", "during", "for", "from", "in", "of"),
        *("on", "outside", "since", "to", "under", "until", "with", "within", "without"),
    )
)
_QUESTION_WORDS = frozenset(
    ("how", "what", "when", "where", "which", "who", "whom", "whose", "why", "much", "many", "long")
)
_PERSONS = frozenset(("he", "her", "hers", "him", "his", "she"))
_THINGS = frozenset(("it", "them", "they", "these", "this", "those"))
_THEIRS = frozenset(("its", "their", "theirs"))  # of what stands before, if anything does
_LAST = frozenset(("else", "one", "ones", "so", "that", "then", "there"))  # pronouns at the end
_EXPLAINS = frozenset(
    ("how", "if", "that", "to", "what", "when", "whether", "who", "why")
)  # after an empty "it"
_PRONOUNS = _PERSONS | _THINGS | _THEIRS | _LAST
_VERBS = frozenset(
    (
        *("am", "are", "be", "been", "being", "can", "could", "did", "do", "does", "doing", "done"),
        *("had", "has", "have", "having", "is", "may", "might", "must", "shall", "should", "was"),
        *("were", "will", "would"),
    )
)
_BEING = frozenset(("are", "be", "been", "is", "was", "were"))  # "there" after it is no place
_DEFINING = frozenset(product(("what", "who"), ("are", "is", "was", "were")))
_ARTICLES = frozenset(("a", "an", "the"))
_SMALL = frozenset(
    (
        *("all", "also", "and", "any", "as", "but", "i", "if", "into", "just", "me", "more"),
        *("most", "my", "no", "not", "or", "other", "our", "out", "over", "s", "some", "such"),
        *("than", "up", "us", "we", "you", "your"),
    )
)
FUNCTION_WORDS = _SMALL | _ARTICLES | _VERBS | _PREPOSITIONS | _QUESTION_WORDS | _PRONOUNS
_JOINS = frozenset(("&", "and", "for", "of", "the"))  # within a name, between its capitals
_MOST_CHARS = 400  # of a question that can be a follow-up; a longer one says what it is about
_FEW = 2  # content words with which a question without a name does not say what it is about
_TAIL = 5  # words that a phrase at the end of a question may have


@dataclass(frozen=True, slots=True)
class _Word:
    text: str
    start: int
    end: int

    @property
    def lower(self) -> str:
        return self.text.lower()

    @property
    def content(self) -> bool:
        """Whether it says what a question is about."""
        return self.lower not in FUNCTION_WORDS

    @property
    def named(self) -> bool:
        """Whether it is written as names and numbers are."""
        return self.content and (self.text[0].isupper() or self.text[0].isdigit())


@dataclass(frozen=True, slots=True)
class _Span:
    start: int
    end: int
    dated: bool  # a number stands in it


def carry_over(question: str, before: str) -> str:
    """Give what to search for a question that was asked after another."""
    asked, earlier = squeeze(question), _beginning(squeeze(before))
    words = _words(asked)
    if not words or len(asked) > _MOST_CHARS or not any(w.content for w in _words(earlier)):
        return question
    rest = _without_asides(_END.sub("", asked))
    aside = rest != _END.sub("", asked)
    tied = aside or words[0].lower in _PREPOSITIONS
    if tied and _is_phrase(rest):
        return _swapped(rest, earlier)
    return _with_topic(asked, earlier) if _leans(words, aside) else question


def _beginning(text: str) -> str:
    """Give whole words of the beginning of a text."""
    if len(text) <= _MOST_CHARS:
        return text
    return text[:_MOST_CHARS].rpartition(" ")[0]


def _with_topic(question: str, before: str) -> str:
    """Put the topic words of the question before, as far as they are new, behind a question."""
    held = {_stem(word) for word in _words(question)}
    new: dict[str, str] = {}
    for word in _words(before):
        if word.content and _stem(word) not in held:
            new.setdefault(_stem(word), word.text)
    return f"{question} ({' '.join(new.values())})" if new else question


def _stem(word: _Word) -> str:
    return word.lower.removesuffix("s")


def _words(text: str) -> tuple[_Word, ...]:
    return tuple(_Word(m.group(), m.start(), m.end()) for m in _WORD.finditer(text))


def _without_asides(question: str) -> str:
    """Take away what only ties a question to the one before: "And what about …"."""
    while match := _ASIDE.match(question):
        question = question[match.end() :]
    return question


def _is_phrase(rest: str) -> bool:
    """Tell whether no question is left but a phrase: "in Bexley", "the Health Act"."""
    words = [word.lower for word in _words(rest)]
    asks = not _QUESTION_WORDS.isdisjoint(words) or not _VERBS.isdisjoint(words)
    if asks or not any(word.content for word in _words(rest)):
        return False
    return words[0] in _PREPOSITIONS | _ARTICLES or words[0] not in FUNCTION_WORDS


def _swapped(rest: str, before: str) -> str:
    """Put a phrase into the place of its like in the question before, or else behind it."""
    words = _words(rest)
    preposition = words[0].lower if len(words) > 1 and words[0].lower in _PREPOSITIONS else ""
    new = words[1:] if preposition else words
    place = _place(rest[new[0].start :], preposition, before)
    if place is None:
        return f"{_END.sub('', before)}, {rest}?"
    articled = before[: place.start].rstrip().lower().endswith((" a", " an", " the"))
    first = new[1] if articled and len(new) > 1 and new[0].lower in _ARTICLES else new[0]
    return before[: place.start] + rest[first.start :] + before[place.end :]


def _place(new: str, preposition: str, before: str) -> _Span | None:
    """Find the like of a phrase: a name after the same preposition, the only name, the last words.

    A name stands for a name, and a number for a number.
    """
    words = _words(before)
    tail = _tail(words, preposition)
    dated = any(char.isdigit() for char in new)
    if _is_name(new):
        alike = [
            name
            for name in _names(words, before)
            if name.dated == dated and name.end != words[0].end  # that word has a capital anyway
        ]
        after = [name for name in alike if _follows(words, name, preposition)]
        if len(after) == 1 or len(alike) == 1:
            return (after or alike)[0]
    return tail if tail is not None and tail.dated == dated else None


def _is_name(phrase: str) -> bool:
    words = [word for word in _words(phrase) if word.lower not in _ARTICLES]
    names = tuple(_names(words, phrase))
    return len(names) == 1 and (names[0].start, names[0].end) == (words[0].start, words[-1].end)


def _names(words: Sequence[_Word], text: str) -> Iterator[_Span]:
    """Find the names and dates of a text: runs of capitals and numbers."""
    place = 0
    while place < len(words):
        last = place
        while (following := _next_of_name(words, last, text)) is not None:
            last = following
        if words[place].named:
            start, end = words[place].start, words[last].end
            yield _Span(start, end, any(char.isdigit() for char in text[start:end]))
        place = last + 1


def _next_of_name(words: Sequence[_Word], place: int, text: str) -> int | None:
    """Give the place of the next capital of the name that the word at `place` belongs to."""
    if not words[place].named:
        return None
    for following in range(place + 1, min(place + 4, len(words))):
        between = text[words[following - 1].end : words[following].start]
        if between.strip(", &"):
            return None
        if words[following].named:
            return following
        if words[following].lower not in _JOINS:
            return None
    return None


def _follows(words: Sequence[_Word], name: _Span, preposition: str) -> bool:
    """Tell whether a name stands after a preposition, articles left out."""
    ahead = [w.lower for w in words if w.end <= name.start and w.lower not in _ARTICLES]
    return bool(ahead) and ahead[-1] == preposition


def _tail(words: Sequence[_Word], preposition: str) -> _Span | None:
    """Find the phrase that a question ends with and a preposition opens."""
    places = [place for place, word in enumerate(words) if word.lower == preposition]
    if not places or places[-1] + 1 == len(words):
        return None
    phrase = words[places[-1] + 1 :]
    simple = all(word.content or word.lower in _ARTICLES | _JOINS - {"for"} for word in phrase)
    if len(phrase) > _TAIL or not simple:
        return None
    dated = any(word.text[0].isdigit() for word in phrase)
    return _Span(phrase[0].start, phrase[-1].end, dated)


def _leans(words: Sequence[_Word], aside: bool) -> bool:
    """Tell whether a question does not say by itself what it is about.

    Mere keywords do, and so does "What is a care trust?". "Who is the treasurer?" may or may not;
    only with an "and" before it is it taken to lean: it would spoil the plainest of questions.
    "How many care trusts are there?" says of what there may be any.
    """
    if all(word.content for word in words):
        return False
    if _points_back(words):
        return True
    opening = tuple(word.lower for word in words[:2])
    definite = any(word.lower == "the" for word in words)
    if (definite or opening in _DEFINING) and not aside:
        return False
    if any(word.named for word in words[1:]):
        return False
    exists = any(map(_is_empty_there, words, words[1:]))
    return sum(word.content for word in words) <= _FEW + definite - exists


def _is_empty_there(before: _Word, word: _Word) -> bool:
    """Tell whether a word is the "there" of "there is", which points nowhere."""
    return word.lower == "there" and before.lower in _BEING


def _points_back(words: Sequence[_Word]) -> bool:
    """Tell whether a pronoun stands for what the question itself has not named before it.

    "It" stands for nothing in "How long does it take to …" and "Was it clear that …", nor does
    "there" in "How many trusts are there?"; in "Who was there?" it does.
    """
    ahead = 0  # content words so far
    for place, word in enumerate(words):
        last = place + 1 == len(words)
        later = {other.lower for other in words[place + 1 :]}
        empty = word.lower == "it" and not later.isdisjoint(_EXPLAINS)
        empty = empty or (ahead > 0 and _is_empty_there(words[place - 1], word))
        if word.lower in _PERSONS | _THINGS and not empty:
            return True
        if (last and word.lower in _LAST and not empty) or (not ahead and word.lower in _THEIRS):
            return True
        ahead += word.content
        if (word.named and place > 0) or ahead > _FEW:
            return False
    return False
