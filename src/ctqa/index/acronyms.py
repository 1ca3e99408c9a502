"""Acronyms that the documents themselves define: "primary care trust (PCT)", "PCT (primary …)".

After Schwartz and Hearst, "A Simple Algorithm for Identifying Abbreviation Definitions in
Biomedical Text", Pacific Symposium on Biocomputing 2003: a short form stands in brackets after its
long form, or before it, and its letters are looked for in the long form from right to left.
Stricter than they are, because a wrong expansion harms every question that holds it: each word of
the long form has to give its first letter, and only small words may give none. Of 115 definitions
in documents of policyqa and scifact_train that the rules were not made on, one is wrong, read by
hand.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache

from ctqa.text import squeeze

_BRACKET = re.compile(r"\(([^()]{2,200})\)|\[([^\[\]]{2,200})\]")
_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")
_SHORT = r"[A-Za-z0-9][A-Za-z0-9&./-]{0,8}[A-Za-z0-9]"
_QUOTE = r"[\"'‘’“”]{0,2}"
_INSIDE = re.compile(rf"\s*(?:(?:the|hereafter|or)\s+)?{_QUOTE}({_SHORT}){_QUOTE}\s*(?=[,;]|$)")
_BEFORE = re.compile(rf"(?<![^\s(\[\"'‘“]){_QUOTE}({_SHORT}){_QUOTE}\s?$")
_OPENING = re.compile(r"\s*(?:(?:the|or|meaning|i\.e\.,?)\s+)?")
_BREAK = re.compile(r"[;:()\[\]!?•]|\.\s")  # what a long form does not run across
_ROMAN = re.compile(r"[IVX]+")
_PLURAL = re.compile(r"(?<=[A-Z0-9])s$")
_ASIDE = re.compile(r"[,;]\s")
_SMALL = frozenset(
    (
        *("a", "an", "and", "at", "by", "de", "des", "for", "from", "in", "la", "of", "on"),
        *("or", "per", "the", "to", "with"),
    )
)
_NEVER = frozenset(  # what no long form holds: it begins after it
    (
        *("are", "as", "be", "been", "but", "can", "has", "have", "into", "is", "may", "not"),
        *("that", "their", "these", "this", "those", "was", "were", "which", "who", "will"),
    )
)
_WINDOW_CHARS = 300  # looked at before a bracket for a long form
_SHORT_CHARS = 20  # likewise for a short form with quotation marks


@dataclass(frozen=True, slots=True, kw_only=True)
class Acronym:
    """A short form and its long form, as a document defines them."""

    short: str  # as written there: "PCTs" where the plural is defined
    long: str  # as written there, but for white space
    start: int  # of the definition: both forms and the bracket
    end: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Definition:
    """An acronym and the document that defines it."""

    document_id: str
    acronym: Acronym


class Acronyms:
    """What all the documents define, to be looked up both ways; plural and singular are one."""

    def __init__(self, definitions: Iterable[Definition]) -> None:
        """Take definitions, of those that agree the one to be cited first."""
        self._by_short: dict[str, dict[str, Definition]] = {}
        self._by_long: dict[str, dict[str, Definition]] = {}
        self.most_words = 0  # of a long form
        for definition in definitions:
            short, words = short_key(definition.acronym.short), long_words(definition.acronym.long)
            self._by_short.setdefault(short, {}).setdefault("".join(words), definition)
            self._by_long.setdefault("".join(words), {}).setdefault(short, definition)
            self.most_words = max(self.most_words, len(words))

    def of_short(self, short: str) -> tuple[Definition, ...]:
        """Give what a short form stands for: nothing, one long form, or several."""
        return tuple(self._by_short.get(short_key(short), {}).values())

    def of_long(self, words: Sequence[str]) -> tuple[Definition, ...]:
        """Give how the words of a long form, as `word_key` gives them, are shortened."""
        return tuple(self._by_long.get("".join(words), {}).values())


@dataclass(frozen=True, slots=True)
class _Word:
    text: str  # in lower case
    start: int
    end: int
    capital: bool
    joined: bool  # by a hyphen to the word before

    @property
    def optional(self) -> bool:
        """Whether a long form may hold it without a letter for it in the short form."""
        return self.joined or self.text in _SMALL or self.text.isdigit()


@dataclass(frozen=True, slots=True, order=True)
class _Fit:
    """One way to read a short form in words; the least is the best."""

    skipped: int  # words that should have given a letter and gave none
    inner: int  # letters from within a word
    words: int

    def then(self, skipped: int, inner: int) -> "_Fit":
        return _Fit(self.skipped + skipped, self.inner + inner, self.words + 1)


def mine(text: str) -> tuple[Acronym, ...]:
    """Find the acronyms that a text defines, each with its first definition, in order."""
    found: dict[tuple[str, ...], Acronym] = {}
    for bracket in _BRACKET.finditer(text):
        acronym = _short_inside(text, bracket) or _short_before(text, bracket)
        if acronym is not None:
            found.setdefault((short_key(acronym.short), *long_words(acronym.long)), acronym)
    return tuple(found.values())


def short_key(short: str) -> str:
    """Give the form in which a short form is looked up: in the singular, without full stops."""
    return _PLURAL.sub("", short).replace(".", "")


def long_words(long: str) -> tuple[str, ...]:
    """Give the words by which a long form is looked up, as `word_key` gives them."""
    return tuple(word_key(match.group()) for match in _WORD.finditer(long))


def word_key(word: str) -> str:
    """Give a word in lower case, without a possessive or plural s."""
    lower = word.lower().replace("’", "'").removesuffix("'s")
    plural = len(lower) > 3 and lower.endswith("s") and not lower.endswith("ss")
    return lower[:-1] if plural else lower


def _short_inside(text: str, bracket: re.Match[str]) -> Acronym | None:
    """Read "long form (short)"; what follows a comma or semicolon in the bracket is left out."""
    inside = bracket.start() + 1
    short = _INSIDE.match(text, inside, bracket.end() - 1)
    if short is None or not _is_short(short.group(1)):
        return None
    window = max(0, bracket.start() - _WINDOW_CHARS)
    for stop in _BREAK.finditer(text, window, bracket.start()):
        window = stop.end()
    words = _last_run(_words(text, window, bracket.start()), _most_words(short.group(1)))
    if not words or text[words[-1].end : bracket.start()].strip("\"'‘’“” \n\t\r"):
        return None
    first = _reading(short.group(1), words)
    if first is None:
        return None
    end = bracket.end() if short.end() == bracket.end() - 1 else short.end()
    long = text[words[first].start : words[-1].end]
    return Acronym(short=short.group(1), long=_shown(long), start=words[first].start, end=end)


def _short_before(text: str, bracket: re.Match[str]) -> Acronym | None:
    """Read "short (long form)"; all of the bracket up to a comma or semicolon must be read."""
    window = max(0, bracket.start() - _SHORT_CHARS)
    short = _BEFORE.search(text[window : bracket.start()])
    if short is None or not _is_short(short.group(1)):
        return None
    inside = bracket.start() + 1
    if opening := _OPENING.match(text, inside):
        inside = opening.end()
    aside = _ASIDE.search(text, inside, bracket.end() - 1)
    stop = bracket.end() - 1 if aside is None else aside.start()
    words = _words(text, inside, stop)
    if not words or len(words) > _most_words(short.group(1)) or text[words[-1].end : stop].strip():
        return None
    if _reading(short.group(1), words) != 0:
        return None
    return Acronym(
        short=short.group(1),
        long=_shown(text[words[0].start : words[-1].end]),
        start=window + short.start(1),
        end=bracket.end() if aside is None else stop,
    )


def _is_short(short: str) -> bool:
    """Tell whether it looks like an acronym: two capitals, or one and a digit; no numeral."""
    capitals = sum(char.isupper() for char in short)
    digits = sum(char.isdigit() for char in short)
    return capitals > 0 and capitals + digits > 1 and not _ROMAN.fullmatch(short)


def _most_words(short: str) -> int:
    return min(len(short) + 5, len(short) * 2)


def _last_run(words: Sequence[_Word], most: int) -> Sequence[_Word]:
    """Give the last words, at most so many, after the last that no long form holds."""
    stops = [place for place, word in enumerate(words, start=1) if word.text in _NEVER]
    return words[max(len(words) - most, stops[-1] if stops else 0) :]


def _words(text: str, start: int, end: int) -> list[_Word]:
    return [
        _Word(
            text=match.group().lower(),
            start=match.start(),
            end=match.end(),
            capital=match.group()[0].isupper(),
            joined=match.start() > start and text[match.start() - 1] in "-‐‑–/",
        )
        for match in _WORD.finditer(text, start, end)
    ]


def _shown(long: str) -> str:
    return squeeze(long).removesuffix("'s").removesuffix("’s")


def _reading(short: str, words: Sequence[_Word]) -> int | None:
    """Give the place of the word that the long form begins with; None: it cannot be read there."""
    letters = "".join(char.lower() for char in _PLURAL.sub("", short) if char.isalnum())
    found = _best(letters, words)
    if found is None:
        return None
    fit, first = found
    long = words[first:]
    told_already = letters in {word.text for word in long}
    return None if told_already or not _is_likely(fit, letters, long) else first


def _is_likely(fit: _Fit, letters: str, long: Sequence[_Word]) -> bool:
    """Tell whether a reading is good enough.

    One word alone has to give three letters. A word is passed over only in a name, as in
    "Centers for Medicare & Medicaid Services (CMS)". What hangs on a hyphen begins no long form.
    """
    if long[0].joined:
        return False
    if fit.skipped:
        named = all(word.capital or word.optional for word in long)
        return fit.skipped == 1 and fit.inner == 0 and len(letters) > 2 and named
    return len(long) > 1 or len(letters) > 2


def _best(letters: str, words: Sequence[_Word]) -> tuple[_Fit, int] | None:
    """Read letters from right to left in words that end with the last of them."""

    @cache
    def read(left: int, place: int) -> tuple[_Fit, int] | None:
        if left == 0:
            return _Fit(0, 0, 0), place
        if place == 0:
            return None
        word, last = words[place - 1], place == len(words)
        ways = [
            (rest[0].then(0, taken - 1), rest[1])
            for taken in range(1, left + 1)
            if _gives(word.text, letters[left - taken : left])
            and not (taken == left and word.text in _SMALL)
            and (rest := read(left - taken, place - 1)) is not None
        ]
        if not last or word.text.isdigit():
            rest = read(left, place - 1)
            if rest is not None:
                ways.append((rest[0].then(0 if word.optional else 1, 0), rest[1]))
        return min(ways, default=None)

    return read(len(letters), len(words))


def _gives(word: str, letters: str) -> bool:
    """Tell whether a word holds letters in order, the first of them as its own first."""
    rest: Iterator[str] = iter(word[1:])
    return word[0] == letters[0] and all(letter in rest for letter in letters[1:])
