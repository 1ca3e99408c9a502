"""Texts as they are compared with quotes: one form for what a word processor writes in several.

Quotation marks, apostrophes, dashes and white space of any kind are each as good as any other of
theirs, ligatures are letters, "…" is "...", and soft hyphens and zero-width characters are not
there. A quote that went through a spreadsheet is found by this, and the place that is given is the
document's own.
"""

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

DOUBLE = '"“”„‟«»″＂'
SINGLE = "'‘’‚‛‹›′`´ʼ＇"
_DASHES = "-‐‑‒–—―−﹣－"
_SPACES = (  # what Python splits words at
    "\t\n\v\f\r\x1c\x1d\x1e\x1f \x85\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006"
    "\u2007\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000"
)
_ONE = {
    ord(one): form
    for form, alike in ((DOUBLE[0], DOUBLE), (SINGLE[0], SINGLE), ("-", _DASHES), (" ", _SPACES))
    for one in alike
}
_MANY = {"…": "...", "ﬀ": "ff", "ﬁ": "fi", "ﬂ": "fl", "ﬃ": "ffi", "ﬄ": "ffl", "ﬅ": "st", "ﬆ": "st"}
_UNSEEN = "\u200b\u200c\u200d\u2060\ufeff"
_OTHERWISE = re.compile(  # a soft hyphen at a line's end goes with the line end
    rf"[ {_UNSEEN}]{{2,}}|[{_UNSEEN}]|\u00ad[ \u00ad{_UNSEEN}]*|[{''.join(_MANY)}]"
)


class Span(NamedTuple):
    """A half-open character range of a document's text."""

    start: int
    end: int

    def overlap(self, start: int, end: int) -> int:
        """Count the characters shared with another range."""
        return max(0, min(self.end, end) - max(self.start, start))

    def half_within(self, start: int, end: int) -> bool:
        """Tell whether at least half of it lies within another range."""
        return 2 * self.overlap(start, end) >= self.end - self.start


class _Step(NamedTuple):
    """From here on, a character of the copy is that of the text at the same distance."""

    copy: int
    text: int


@dataclass(frozen=True, slots=True)
class Folded:
    """A text's copy to search in, and the way back."""

    copy: str
    _steps: Sequence[_Step]

    def span(self, start: int, end: int) -> Span:
        """Give the text's own range for a range of the copy that is not empty."""
        return Span(self._text_at(start), self._text_at(end - 1) + 1)

    def within(self, span: Span) -> tuple[int, int]:
        """Give the range of the copy for a range of the text."""
        return self._copy_at(span.start), self._copy_at(span.end)

    def _text_at(self, position: int) -> int:
        step = self._steps[bisect_right(self._steps, position, key=lambda step: step.copy) - 1]
        return step.text + position - step.copy

    def _copy_at(self, position: int) -> int:
        after = bisect_right(self._steps, position, key=lambda step: step.text)
        step = self._steps[after - 1]
        ahead = step.copy + position - step.text
        return min(ahead, self._steps[after].copy) if after < len(self._steps) else ahead


@lru_cache(maxsize=128)
def folded(text: str) -> Folded:
    """Fold a text; the last ones are kept."""
    plain = text.translate(_ONE)
    pieces: list[str] = []
    steps = [_Step(0, 0)]
    at = done = 0
    for match in _OTHERWISE.finditer(plain):
        form = _form(match.group())
        pieces += [plain[done : match.start()], form]
        at += match.start() - done
        steps += [_Step(at + n, match.start()) for n in range(len(form))]
        at, done = at + len(form), match.end()
        steps.append(_Step(at, done))
    return Folded("".join([*pieces, plain[done:]]), steps)


def fold(text: str) -> str:
    """Give a text's copy alone, without white space at its ends."""
    plain = text.translate(_ONE)
    return _OTHERWISE.sub(lambda match: _form(match.group()), plain).strip()


def places(needle: str, text: str, within: Span) -> tuple[Span, ...]:
    """Find all places where a text stands, in whatever typographic form.

    Whole words are looked for first ("10" is not in "2010"), then anything, since extraction may
    glue words together.
    """
    wanted = fold(needle)
    if not wanted:
        return ()
    there = folded(text)
    start, end = there.within(within)
    found = list(_found(wanted, there.copy, start, end))
    whole = [at for at in found if _is_whole(there.copy, at, at + len(wanted), end)]
    chosen = _apart(whole or found, len(wanted))
    return tuple(there.span(at, at + len(wanted)) for at in chosen)


def _form(found: str) -> str:
    if found[0] in _MANY:
        return _MANY[found[0]]
    return " " if " " in found and found[0] != "\u00ad" else ""


def _found(wanted: str, copy: str, start: int, end: int) -> Iterator[int]:
    at = copy.find(wanted, start, end)
    while at >= 0:
        yield at
        at = copy.find(wanted, at + 1, end)


def _apart(starts: Sequence[int], length: int) -> list[int]:
    """Keep those that do not overlap one that stands before them."""
    kept: list[int] = []
    for start in starts:
        if not kept or start >= kept[-1] + length:
            kept.append(start)
    return kept


def _is_whole(copy: str, start: int, end: int, last: int) -> bool:
    before, after = copy[start - 1 : start] if start else "", copy[end : min(end + 1, last)]
    return not _is_word(before) and not _is_word(after)


def _is_word(character: str) -> bool:
    return character.isalnum() or character == "_"
