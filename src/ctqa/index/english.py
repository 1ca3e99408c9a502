"""Which letters are an English word and how usual it is, by SymSpell and its dictionary."""

import re
from functools import cache, cached_property
from typing import Any


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


# Words with which no longer word begins or ends, but for a few that the dictionary knows.
SURE = _words(
    "and are because been between could during from has have into of should that the their these "
    "they this those until was were which whose within would"
)
# Other short words of every day; they may stand within glued text, but do not tell it.
SMALL = _words(
    "a all an any as at be but by can do does for had he her his how if in is it its may more new "
    "no not now on one or our out over she so some such than then there to two up we what when "
    "where while who will with you"
)
BEFORE_NAMES = _words("as at by for in is on or to")
OPENERS = _words("a as at by for if in it our the there these they this those to we")
_ENDINGS = _words("able hood land less like ment ness ship ville ward wards wise")
_LETTERS = re.compile(r"[^\W\d_]+")
_DIGIT = re.compile(r"\d")
_MOST_KEPT = 300_000  # words about which something is remembered, of some 200 bytes each
_USUAL = 1_000_000  # the more frequent quarter of the dictionary's words
_USUAL_SHORT = 30_000_000  # for words of three letters


class Dictionary:
    """82,765 English words and how often each is used; 0.1 s and 15 MB once first asked."""

    @cached_property
    def _frequencies(self) -> dict[str, int]:
        from importlib.resources import files  # noqa: PLC0415

        file = files("symspellpy").joinpath("frequency_dictionary_en_82_765.txt")
        lines = file.read_text(encoding="utf-8").splitlines()
        return {word: int(count) for word, count in map(str.split, lines)}

    @cached_property
    def _speller(self) -> Any:
        from symspellpy import SymSpell  # noqa: PLC0415 -- who reads an index never needs it

        speller = SymSpell(max_dictionary_edit_distance=0)
        longest = max(self._frequencies, key=len)
        speller.create_dictionary_entry(longest, self._frequencies[longest])
        speller.words.update(self._frequencies)  # an entry each would take 0.5 s and 50 MB
        return speller

    @cached_property
    def _settled(self) -> dict[str, bool]:
        return {}

    @cached_property
    def _cut(self) -> dict[str, tuple[str, ...]]:
        return {}

    def frequency(self, word: str) -> int:
        """Give how often a lower-case word stands in some 10^12 words; 0: it is unknown."""
        return self._frequencies.get(word, 0)

    def unknown(self, words: set[str]) -> int:
        """Count the lower-case words that it does not know."""
        return len(words.difference(self._frequencies))

    def settles(self, word: str) -> bool:
        """Whether a word with its signs is made of known words alone: no document can mend it."""
        found = self._settled.get(word)
        if found is None:
            letters = _LETTERS.findall(word.lower())
            found = not letters or (not _DIGIT.search(word) and all(map(self.frequency, letters)))
            if len(self._settled) >= _MOST_KEPT:
                self._settled.clear()
            self._settled[word] = found
        return found

    def usual(self, piece: str) -> bool:
        """Whether a piece of a word is a word that one would expect in any text."""
        if piece in SURE or piece in SMALL:
            return True
        least = _USUAL if len(piece) > 3 else _USUAL_SHORT
        whole = len(piece) > 2 and piece not in _ENDINGS
        return whole and self.frequency(piece) >= least

    def may_be_usual(self, letters: str) -> bool:
        """Whether letters can be cut into usual words at all, which is found out soon."""
        ends = [0]  # up to where they can
        for end in range(1, len(letters) + 1):
            if any(self.usual(letters[start:end]) for start in ends):
                ends.append(end)
        return ends[-1] == len(letters)

    def pieces(self, letters: str) -> list[str]:
        """Cut lower-case letters into the likeliest words."""
        found = self._cut.get(letters)
        if found is None:
            cut = self._speller.word_segmentation(letters, max_edit_distance=0)
            found = tuple(str(cut.segmented_string).split())
            if len(self._cut) >= _MOST_KEPT:
                self._cut.clear()
            self._cut[letters] = found
        return list(found)


@cache
def english() -> Dictionary:
    """Give the one dictionary of this process: builds that follow each other load it once."""
    return Dictionary()
