"""Which of two extractions of a page reads better, measured by the text alone."""

import re
import unicodedata
from collections import Counter

_WORD = re.compile(r"\w+")
_LETTERS = re.compile(r"[^\W\d_]+")
_LATIN = re.compile(r"[a-z]{4,}")
_RIGHT_TO_LEFT = re.compile(r"[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufeff]")
_UNREADABLE = re.compile(
    r"\(cid:\d+\)|(?:/[A-Za-z]{1,5}\d{1,5}){3,}|[\ufffd\ue000-\uf8ff\x00-\x08\x0e-\x1f\x7f-\x9f]"
)
_DOUBLED = re.compile(r"(?:([^\W\d_])\1){3,}")  # bold type made by printing each letter twice
_GLUED = 30  # letters: no English word is so long

AGREED = 0.97  # share of their words that two extractions have in common: they read the same
_WORSE = 0.04  # in quality, from where on the other extraction is taken
_TWICE = 0.5  # of its longer words, for a text that another one prints twice
_MOSTLY = 0.2  # of the letters: the page runs from right to left
_MOST_UNREADABLE = 0.3
_FEW_VOWELS = 0.4  # of Latin words have one; of English ones nearly all have


def agreement(one: str, two: str) -> float:
    """Give the share of words that two texts have in common, in whatever order, 0..1."""
    mine, theirs = _words(one), _words(two)
    total = mine.total() + theirs.total()
    return 2 * (mine & theirs).total() / total if total else 1.0


def reads_better(one: str, two: str) -> bool:
    """Tell whether a text is clearly better than another one of the same page."""
    most = max(_letters(one), _letters(two), 1)
    better = _quality(one, most) > _quality(two, most) + _WORSE
    return better and not _prints_twice(one, two)


def runs_right_to_left(text: str) -> bool:
    """Tell whether a good part of a text is Arabic, Hebrew or the like."""
    return len(_RIGHT_TO_LEFT.findall(text)) > _MOSTLY * sum(map(len, _LETTERS.findall(text)))


def what_is_poor(text: str) -> str:
    """Say why a text cannot be relied on; "" where nothing speaks against it."""
    if _unreadable(text) > _MOST_UNREADABLE:
        return "its fonts do not tell which characters most of its signs are"
    latin = _LATIN.findall(text.lower())
    vowels = sum(any(letter in "aeiouy" for letter in word) for word in latin)
    if len(latin) > 20 and vowels < _FEW_VOWELS * len(latin):
        return "its signs do not make words: its fonts map them wrongly"
    return ""


def _quality(text: str, most: int) -> float:
    """Rate a text 0..1: how much of the page it has, readable and in words of likely length."""
    words = _LETTERS.findall(text)
    spoilt = (word for word in words if not 1 < len(word) <= _GLUED or _DOUBLED.fullmatch(word))
    share = sum(map(len, spoilt)) / max(sum(map(len, words)), 1)
    return _letters(text) / most * (1 - _unreadable(text)) * (1 - share)


def _prints_twice(one: str, two: str) -> bool:
    """Tell whether a text holds another one's words twice, as overprinted bold type does."""
    more, once = _words(one), _words(two)
    telling = [word for word in once if len(word) > 3]
    twice = sum(more[word] >= 2 * once[word] for word in telling)
    return bool(telling) and twice > _TWICE * len(telling)


def _unreadable(text: str) -> float:
    lost = sum(len(match.group()) for match in _UNREADABLE.finditer(text))
    return lost / max(_signs(text), 1)


def _letters(text: str) -> int:
    return sum(map(str.isalnum, text))


def _signs(text: str) -> int:
    return sum(map(len, text.split()))


def _words(text: str) -> Counter[str]:
    return Counter(_WORD.findall(unicodedata.normalize("NFKC", text)))
