"""Words as they were before extraction glued or tore them: for search copies, never shown.

A word is touched only where it is surer than not that extraction spoilt it. Names, technical terms
and words of other languages survive because a word is left alone

- if the dictionary knows it, or the file holds it three times or more, or also writes it with a
  capital (`Vocabulary`);
- if any piece of it would be no frequent word;
- if no piece is a word that glued text has and compounds do not (`english.SURE`: "the", "which"),
  unless the document itself holds the pieces side by side ("jointworking" beside "joint working");
- if it begins with a capital, unless it begins with a word that opens sentences or with a name
  that the file also holds by itself ("GlasbyandPeck" beside "Glasby").

A document in which most words are unknown is in another language and is left alone as a whole.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import Self

from ctqa.index.english import BEFORE_NAMES, OPENERS, SURE, Dictionary
from ctqa.text import squeeze

_LETTERS = re.compile(r"[^\W\d_]+")
_TELLING = re.compile(r"[^\W\d_]{4,}")  # words that tell which language a text is in
_DIGIT = re.compile(r"\d")
_PARTS = re.compile(r"[A-Z]{2,}|[A-Z]?[a-z]+|[A-Z]")  # of a word with capitals inside
_BROKEN = re.compile(
    r"(?P<left>[^\W\d_]{2,})(?P<sign>[-\u2010](?=\s*\n)|\u00ad)\s*(?P<right>[a-z]+)"
)
_BREAKS = re.compile(r"[-\u2010]\s*\n|\u00ad")  # wherever a word may be broken
_TORN_LEFT = re.compile(r"\b[A-Za-z]?[a-z]+$")
_TORN_RIGHT = re.compile(r"[a-z]{2,}\b")
_ADDRESS = re.compile(r"@|//|\\|www\.|_|\.\w+\.\w|\.(?:com|org|net|uk|gov|edu|eu|html?|pdf)\b")
_YEAR = r"(?:1[5-9]|20)\d\d"
_NEAR_YEARS = "about after and at before between by during for from in of on or since the to until"
_BEFORE_YEAR = re.compile(rf"\b({_NEAR_YEARS.replace(' ', '|')})(?={_YEAR}(?!\d))")
_AFTER_YEAR = re.compile(rf"(?<!\d)({_YEAR})(?=(?:{_NEAR_YEARS.replace(' ', '|')})(?![^\W\d_]))")
_CHARACTERS = str.maketrans(
    {
        "\ufb00": "ff",
        "\ufb01": "fi",
        "\ufb02": "fl",
        "\ufb03": "ffi",
        "\ufb04": "ffl",
        "\ufb05": "st",
        "\ufb06": "st",
    }
)

_OPENERS, _SURE = tuple(sorted(OPENERS)), tuple(sorted(SURE))
_FOREIGN = 0.5  # of a document's distinct words unknown
_SHORTEST, _LONGEST = 5, 60  # letters of a word that is looked into


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """The words that a file's documents hold."""

    exact: Counter[str]
    folded: Counter[str]

    @classmethod
    def of(cls, texts: Iterable[str]) -> Self:
        """Count the words of texts, as written and in lower case."""
        exact: Counter[str] = Counter()
        for text in texts:
            exact.update(_LETTERS.findall(text))
        folded: Counter[str] = Counter()
        for word, count in exact.items():
            folded[word.lower()] += count
        return cls(exact, folded)

    def holds(self, word: str) -> bool:
        """Whether a word is the file's own: used three times, or with and without a capital."""
        count = self.folded[word.lower()]
        return count > 2 or count > self.exact[word]


class Mender:
    """Mends the words of one document."""

    def __init__(self, dictionary: Dictionary, vocabulary: Vocabulary, document_text: str) -> None:
        self._dictionary = dictionary
        self._vocabulary = vocabulary
        self._text = document_text
        self._mended: dict[str, str] = {}  # what letters become
        self._words: dict[str, str] = {}  # what words with their signs become
        self._copies: dict[str, str] = {}  # of stretches; those of two passages come twice

    def mend(self, text: str) -> str:
        """Give a mended copy of a stretch of the document; "" where there is nothing to mend."""
        found = self._copies.get(text)
        if found is None:
            found = self._copies[text] = self._copy(text)
        return found

    def _copy(self, text: str) -> str:
        whole = text if text.isascii() else text.translate(_CHARACTERS)
        if _BREAKS.search(whole):
            whole = _BROKEN.sub(self._unbroken, whole)
        words = whole.split()
        settled = [*map(self._dictionary.settles, words)]
        if (all(settled) and whole == text) or not self._english:
            return ""
        if not all(settled):
            words = self._mended_words(words, settled)
        copy = " ".join(words)
        return copy if copy != squeeze(text) else ""

    def _mended_words(self, words: Sequence[str], settled: Sequence[bool]) -> list[str]:
        joined = self._untorn(words, settled)
        if len(joined) < len(words):
            settled = [*map(self._dictionary.settles, joined)]
        return [
            word if is_settled else self._mended_word(word)
            for word, is_settled in zip(joined, settled, strict=True)
        ]

    def _mended_word(self, word: str) -> str:
        found = self._words.get(word)
        if found is None:
            found = self._words[word] = word if _ADDRESS.search(word) else self._word(word)
        return found

    @cached_property
    def _english(self) -> bool:
        if self._text.isascii():
            words = set(_TELLING.findall(self._text.lower()))
        else:
            words = {word.lower() for word in _TELLING.findall(self._text)}
        return self._dictionary.unknown(words) <= _FOREIGN * len(words)

    def _unbroken(self, match: re.Match[str]) -> str:
        """Join what a line end parted; the hyphen stays unless the word is known without it."""
        left, right = match["left"], match["right"]
        joined = match["sign"] == "\u00ad" or self._knows(left + right)
        return f"{left}{right}" if joined else f"{left}-{right}"

    def _untorn(self, words: Sequence[str], settled: Sequence[bool]) -> list[str]:
        """Join two neighbours that are no words but make one."""
        found = list(words[:1])
        for (before, word), is_settled in zip(pairwise(words), settled, strict=False):
            if not is_settled and self._are_torn(before, word):
                found[-1] += word
            else:
                found.append(word)
        return found

    def _are_torn(self, before: str, after: str) -> bool:
        left, right = _TORN_LEFT.search(before), _TORN_RIGHT.match(after)
        if left is None or right is None or self._knows(left[0]) or self._knows(right[0]):
            return False
        return bool(self._dictionary.frequency((left[0] + right[0]).lower()))

    def _knows(self, word: str) -> bool:
        return bool(self._dictionary.frequency(word.lower())) or self._vocabulary.holds(word)

    def _word(self, word: str) -> str:
        parted = _LETTERS.sub(lambda match: self._letters(match[0]), word)
        if not _DIGIT.search(parted):
            return parted
        return _BEFORE_YEAR.sub(r"\1 ", _AFTER_YEAR.sub(r"\1 ", parted))

    def _letters(self, word: str) -> str:
        if word not in self._mended:
            self._mended[word] = " ".join(self._pieces(word))
        return self._mended[word]

    def _pieces(self, word: str) -> Sequence[str]:
        if not (_SHORTEST <= len(word) <= _LONGEST and word.isascii()) or word.isupper():
            return [word]
        if self._knows(word):
            return [word]
        parts = list(self._parts(word))
        if len(parts) > 1:
            found = self._between_capitals(parts)
        elif word[0].isupper():
            found = self._after_opener(word) or self._after_name(word)
        else:
            found = self._glued(word)
        return [word] if found is None else found

    def _parts(self, word: str) -> Iterator[str]:
        """Cut a word before its inner capitals; "NHSorganisations" after the "NHS" of the file."""
        parts = _PARTS.findall(word)
        for position, part in enumerate(parts):
            after = parts[position + 1] if position + 1 < len(parts) else ""
            is_run = len(part) > 1 and part.isupper() and after.islower()
            if is_run and not (self._vocabulary.exact[part] and self._knows(after)):
                parts[position], parts[position + 1] = part[:-1], part[-1] + after
            yield parts[position]

    def _between_capitals(self, parts: list[str]) -> list[str] | None:
        """Part "inEngland" and "theNHSorganisations", not "iPhone" or "LinkedIn"."""
        found: list[str] = []
        for position, part in enumerate(parts):
            pieces = self._part(part, first=position == 0)
            if pieces is None:
                return None
            found += pieces
        sure = any(piece in SURE or piece in BEFORE_NAMES for piece in found[:-1])
        return found if sure or (found[0] == "The" and len(found) > 2) else None

    def _part(self, part: str, *, first: bool) -> list[str] | None:
        if part.islower():
            return [part] if self._dictionary.usual(part) else self._glued(part)
        if self._vocabulary.exact[part] or (first and part == "The"):
            return [part]
        return self._after_name(part) if len(part) >= _SHORTEST else None

    def _after_opener(self, word: str) -> list[str] | None:
        """Part "Theguidancewasclear" and "Wecontacted"."""
        letters = word.lower()
        if not letters.startswith(_OPENERS) or not self._dictionary.may_be_usual(letters):
            return None
        pieces = self._dictionary.pieces(letters)
        if len(pieces) < 2 or pieces[0] not in OPENERS or max(map(len, pieces[1:])) < 5:
            return None
        we_did = pieces[0] == "we" and len(pieces) == 2 and len(pieces[1]) > 6
        if not all(map(self._dictionary.usual, pieces)):
            return None
        sure = we_did or any(piece in SURE for piece in pieces) or self._side_by_side(pieces)
        return _as_written(word, pieces) if sure else None

    def _after_name(self, word: str) -> list[str] | None:
        """Part "GlasbyandPeck" and "Halsteaddissolved" where the file holds the name."""
        for end in range(len(word) - 2, 3, -1):
            name, rest = word[:end], word[end:]
            if not self._vocabulary.exact[name]:
                continue
            if rest in SURE or self._did(name, rest):
                return [name, rest]
            if not rest.startswith(_SURE) or not self._dictionary.may_be_usual(rest):
                continue
            pieces = self._dictionary.pieces(rest)
            if pieces[0] in SURE and all(map(self._dictionary.usual, pieces)):
                return [name, *pieces]
        return None

    def _did(self, name: str, rest: str) -> bool:
        """Whether a verb in the past follows what is nothing but a name."""
        is_verb = rest.endswith("ed") and len(rest) > 5 and self._dictionary.usual(rest)
        return is_verb and not self._dictionary.frequency(name.lower())

    def _glued(self, word: str) -> list[str] | None:
        """Part a lower-case word if all its pieces are frequent and something shows the glue."""
        if not self._dictionary.may_be_usual(word):
            return None
        pieces = self._dictionary.pieces(word)
        twice = any(left == right for left, right in pairwise(pieces))
        if twice or len(pieces) < 2 or not all(map(self._dictionary.usual, pieces)):
            return None
        sure = any(piece in SURE for piece in pieces)
        return pieces if sure or self._side_by_side(pieces) else None

    def _side_by_side(self, pieces: Sequence[str]) -> bool:
        """Whether the document holds each piece next to the following one, as two words."""
        return all(self._together(left, right) for left, right in pairwise(pieces))

    def _together(self, left: str, right: str) -> bool:
        needed = 1 if min(len(left), len(right)) > 3 else 2
        pair = re.compile(rf"\b{left}\s+{right}\b", re.IGNORECASE)
        return sum(1 for _ in pair.finditer(self._text)) >= needed


def _as_written(word: str, pieces: Sequence[str]) -> list[str]:
    """Give the pieces with the capitals of the word."""
    start, found = 0, []
    for piece in pieces:
        found.append(word[start : start + len(piece)])
        start += len(piece)
    return found
