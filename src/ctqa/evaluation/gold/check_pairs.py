"""What two gold questions have in common that they should not: words, or a place in a document."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

from ctqa.answering.follow import FUNCTION_WORDS
from ctqa.evaluation.gold.check_places import Spot
from ctqa.evaluation.gold.finding import About, Finding
from ctqa.evaluation.gold.folding import fold
from ctqa.evaluation.gold.questions import Gold, GoldQuestion
from ctqa.evaluation.gold.wording import many, shown

_WORD = re.compile(r"\w+")
_ASKING = frozenset(
    ("how", "many", "much", "what", "when", "where", "which", "who", "whom", "whose", "why")
)
_SMALL = FUNCTION_WORDS - _ASKING
_ALIKE = 0.8  # share of all telling words that two nearly identical questions have in common
_TELLING_CHARS = 20  # of a quote by which alone two places are taken for one
_COPIED = 0.9  # share of a file's questions in another, from which on it is a copy of it
_LEAST_COPIED = 2  # questions in such a file
_LEAST_WORDS = 3  # telling words, below which questions are alike only where they are the same


@dataclass(frozen=True, slots=True, kw_only=True)
class _Asked:
    """A question with what it is compared by."""

    about: About
    half: str
    words: str  # lower case, without punctuation
    telling: frozenset[str]

    @property
    def key(self) -> tuple[int, str]:
        """What tells it from any other question of these sets."""
        return id(self.about.gold), self.question.id

    @property
    def question(self) -> GoldQuestion:
        """The question."""
        return self.about.question

    @property
    def named(self) -> str:
        """Name it, with the place where it stands."""
        at = f" ({self.about.where})" if self.about.where else ""
        return f"{self.question.id}{at} {shown(self.question.question)}"


def pair_findings(golds: Sequence[Gold], spots: Sequence[Spot]) -> list[Finding]:
    """Find what is asked twice, contradicts itself, or is in two halves at once."""
    several = len(golds) > 1
    files = [[_asked(gold, one, several=several) for one in gold.questions] for gold in golds]
    copies = _copies(golds, files)
    asked = [one for at, file in enumerate(files) if at not in copies for one in file]
    by_key = {one.key: one for one in asked}
    found = list(copies.values())
    found += _same(asked)
    found += _alike(asked)
    found += _same_places([spot for spot in spots if _key(spot) in by_key], by_key)
    return found


def _copies(golds: Sequence[Gold], files: Sequence[Sequence[_Asked]]) -> dict[int, Finding]:
    """Find files of which nearly every question is in another; it is told once of each."""
    found: dict[int, Finding] = {}
    words = [{one.words for one in file} for file in files]
    for one, other in combinations(range(len(golds)), 2):
        larger, smaller = (one, other) if len(words[one]) >= len(words[other]) else (other, one)
        both, least = len(words[one] & words[other]), len(words[smaller])
        if least < _LEAST_COPIED or both < _COPIED * least or found.keys() & {one, other}:
            continue
        told = f"{both:,} of its {many(least, 'question')} are in “{golds[larger].name}” too"
        if words[one] == words[other]:
            told = f"“{golds[larger].name}” and “{golds[smaller].name}” hold the same questions"
        found[smaller] = Finding(
            kind="same questions in two files",
            severity="mend",
            gold=golds[smaller].name,
            question="",
            where="",
            message=told,
            what_to_do="give one of them, or parts without a question in common",
        )
    return found


def _key(spot: Spot) -> tuple[int, str]:
    return id(spot.about.gold), spot.about.question.id


def _asked(gold: Gold, question: GoldQuestion, *, several: bool) -> _Asked:
    words = words_of(question.question)
    half = question.half or (gold.name if several else "")
    return _Asked(
        about=About(gold=gold, question=question),
        half=half,
        words=" ".join(words),
        telling=frozenset(words) - _SMALL,
    )


def words_of(question: str) -> list[str]:
    """Give a question's words as they are compared: small, and without punctuation."""
    return _WORD.findall(fold(question).casefold())


def _same(asked: Sequence[_Asked]) -> Iterator[Finding]:
    """Find questions of the same words under several ids."""
    groups: dict[str, list[_Asked]] = {}
    for one in asked:
        groups.setdefault(one.words, []).append(one)
    for group in groups.values():
        for one in group[1:]:
            yield _same_as(group, one)


def _same_as(group: Sequence[_Asked], one: _Asked) -> Finding:
    first = group[0]
    contrary = next((o for o in group if o.question.impossible != one.question.impossible), None)
    if contrary is not None:
        return one.about.mend(
            "contradiction",
            f"{shown(one.question.question)} is marked impossible "
            f"{'here' if one.question.impossible else 'there'}, and answered "
            f"{'there' if one.question.impossible else 'here'}: {contrary.named}",
            "delete one of the two",
        )
    other = next((o for o in group if _parted(o, one)), None)
    if other is not None:
        return one.about.mend(
            "leak between halves",
            f"is asked in “{one.half}” and in “{other.half}”: {other.named}",
            "delete it from one half: settings chosen on it are then measured on it too",
        )
    return one.about.mend(
        "asked twice",
        f"is asked already: {first.named}; it counts twice in every figure",
        "give both lines one id, if each names a place that answers; else delete one",
    )


def _alike(asked: Sequence[_Asked]) -> Iterator[Finding]:
    """Find nearly identical questions that are in two halves, or of which one is impossible."""
    told: set[int] = set()
    for at, other in _near_pairs(asked):
        one, two = asked[at], asked[other]
        if at in told or one.words == two.words:
            continue
        if one.question.impossible != two.question.impossible:
            told.add(at)
            open_, shut = (two, one) if one.question.impossible else (one, two)
            yield shut.about.look_at(
                "contradiction",
                f"{shown(shut.question.question)} is marked impossible, and nearly the same is "
                f"answered: {open_.named}",
                "see whether that place answers this question too",
            )
        elif _parted(one, two):
            told.add(at)
            yield one.about.look_at(
                "leak between halves",
                f"{shown(one.question.question)} in “{one.half}” is nearly the same as one in "
                f"“{two.half}”: {two.named}",
                "put both into one half",
            )


def _near_pairs(asked: Sequence[_Asked]) -> Iterator[tuple[int, int]]:
    """Give pairs that share most of their telling words, the later one first.

    Two such sets share one of their rarest words: only those that do are compared (prefix
    filtering, Chaudhuri, Ganti and Kaushik, ICDE 2006).
    """
    usual = Counter(word for one in asked for word in one.telling)
    holding: dict[str, list[int]] = {}
    for at, one in enumerate(asked):
        if len(one.telling) < _LEAST_WORDS:
            continue
        rarest = sorted(one.telling, key=lambda word: (usual[word], word))
        prefix = rarest[: len(rarest) - int(_ALIKE * len(rarest) + 0.999) + 1]
        near = {other for word in prefix for other in holding.get(word, ())}
        for other in sorted(near):
            both = len(one.telling & asked[other].telling)
            if both >= _ALIKE * len(one.telling | asked[other].telling):
                yield at, other
        for word in prefix:
            holding.setdefault(word, []).append(at)


def _same_places(
    spots: Sequence[Spot], by_key: Mapping[tuple[int, str], _Asked]
) -> Iterator[Finding]:
    """Find questions whose quotes overlap with one of another half; once a question."""
    shared: dict[tuple[int, str], dict[tuple[int, str], _Asked]] = {}
    placed = [(spot, by_key[_key(spot)]) for spot in spots]
    for one, other in (*_overlapping(placed), *_quoting(placed)):
        if one.words != other.words:
            shared.setdefault(one.key, {})[other.key] = other
    for key, others in shared.items():
        one, first, more = by_key[key], next(iter(others.values())), len(others) - 1
        yield one.about.look_at(
            "leak between halves",
            f"its place in “{one.half}” is asked about in “{first.half}” too: {first.named}"
            + (f" and {many(more, 'other')}" if more else ""),
            "put questions about one place into one half",
        )


def _overlapping(placed: Sequence[tuple[Spot, _Asked]]) -> Iterator[tuple[_Asked, _Asked]]:
    """Give pairs of two halves whose places overlap: with the furthest before, of each half."""
    furthest: dict[str, tuple[str, int, _Asked]] = {}  # by half: document, end
    for document, span, one in sorted(
        ((spot.document, spot.span, one) for spot, one in placed if spot.span is not None),
        key=lambda found: found[:2],
    ):
        for there, end, other in furthest.values():
            if there == document and end > span.start and _parted(one, other):
                yield one, other
        there, end, _ = furthest.get(one.half, ("", 0, one))
        if there != document or span.end > end:
            furthest[one.half] = document, span.end, one


def _quoting(placed: Sequence[tuple[Spot, _Asked]]) -> Iterator[tuple[_Asked, _Asked]]:
    """Give pairs of two halves with the same quote, where its place is not known."""
    seen: dict[tuple[str, str], dict[str, _Asked]] = {}
    for spot, one in placed:
        if spot.span is None and len(spot.quote) >= _TELLING_CHARS:
            halves = seen.setdefault((spot.document, spot.quote), {})
            yield from ((one, other) for other in halves.values() if _parted(one, other))
            halves.setdefault(one.half, one)


def _parted(one: _Asked, other: _Asked) -> bool:
    return bool(one.half) and bool(other.half) and one.half != other.half
