"""Change a question so that its passage no longer answers it.

As people do who write impossible questions (Rajpurkar et al. 2018, arXiv:1806.03822, table 2): an
opposite for a word, "not" where there was none, another name or number for the one that is asked
about.
"""

import re
from collections.abc import Iterator, Sequence
from hashlib import sha256

from ctqa.evaluation.answers import normalise

_OPPOSITES = (
    ("first", "last"), ("most", "least"), ("before", "after"), ("more", "fewer"),
    ("increase", "decrease"), ("increased", "decreased"), ("north", "south"), ("east", "west"),
    ("northern", "southern"), ("eastern", "western"), ("highest", "lowest"),
    ("largest", "smallest"), ("oldest", "newest"), ("best", "worst"), ("high", "low"),
    ("early", "late"), ("began", "ended"), ("begin", "end"), ("start", "finish"),
    ("started", "stopped"), ("won", "lost"), ("win", "lose"), ("gained", "lost"),
    ("majority", "minority"), ("maximum", "minimum"), ("above", "below"), ("inside", "outside"),
    ("positive", "negative"), ("public", "private"), ("accepted", "rejected"),
    ("agreed", "refused"), ("allowed", "forbidden"), ("built", "destroyed"), ("born", "buried"),
    ("like", "dislike"), ("love", "hate"), ("loved", "hated"), ("liked", "disliked"),
    ("good", "bad"), ("easy", "hard"), ("bought", "sold"), ("buy", "sell"), ("old", "new"),
    ("male", "female"), ("upper", "lower"), ("left", "right"), ("strong", "weak"),
    ("rich", "poor"), ("success", "failure"), ("legal", "illegal"), ("open", "closed"),
)  # fmt: skip
_OPPOSITE = {a: b for one, other in _OPPOSITES for a, b in ((one, other), (other, one))}
_WORD = re.compile(r"[^\W\d_]+")
_NAME = re.compile(
    r"(?<=[a-z,] )(?!(?:The|An|His|Her|Its|Their|In|It) )"
    r"[A-Z][\w'-]+(?: (?:of |the |and )?[A-Z][\w'-]+)*"
)
_NUMBER = re.compile(r"\b\d[\d,]*(?:\.\d+)?\b")
_ASKS = re.compile(
    r"\b(did|do|does|is|are|was|were|can|could|would|will|has|had|should)\b", re.IGNORECASE
)


def swapped(question: str, text: str, others: Sequence[str]) -> str | None:
    """Change a question that a text answers; None where no way is found.

    `others` are texts of the same kind, which names and numbers are taken from. The same question
    is always changed in the same way; which ways are tried first is drawn by its hash.
    """
    ways = [_opposite, _negated, _renamed, _renumbered]
    turn = sha256(f"swap/{question}".encode()).digest()[0] % len(ways)
    order = [*ways[turn:], *ways[:turn]]
    order.sort(key=lambda way: way is _negated)  # it is always possible: last, but for its share
    if turn == 1 and sha256(question.encode()).digest()[1] < 96:
        order = [_negated]
    return next((changed for way in order for changed in way(question, text, others)), None)


def _opposite(question: str, text: str, others: Sequence[str]) -> Iterator[str]:  # noqa: ARG001
    for word in _WORD.finditer(question):
        other = _OPPOSITE.get(word[0].lower())
        if other is not None:
            yield _put(question, word, other.capitalize() if word[0][0].isupper() else other)


def _negated(question: str, text: str, others: Sequence[str]) -> Iterator[str]:  # noqa: ARG001
    found = _ASKS.search(question)
    if found is not None and re.search(r"\b(?:not|never|no)\b|n't", question) is None:
        rest = question[found.end() :]
        subject = re.match(r" (?:the |a |an |his |her |their |its )?[\w'-]+", rest)
        at = found.end() + (0 if subject is None else subject.end())
        yield f"{question[:at]} not{question[at:]}"


def _renamed(question: str, text: str, others: Sequence[str]) -> Iterator[str]:
    yield from _replaced(_NAME, question, text, others)


def _renumbered(question: str, text: str, others: Sequence[str]) -> Iterator[str]:
    yield from _replaced(_NUMBER, question, text, others)


def _replaced(
    kind: re.Pattern[str], question: str, text: str, others: Sequence[str]
) -> Iterator[str]:
    """Put something of its kind for what question and text both speak of."""
    here = f" {normalise(text)} {normalise(question)} "
    shared = [found for found in kind.finditer(question) if found[0].lower() in text.lower()]
    for found in shared:
        for other in others:
            for name in kind.findall(other):
                if _is_like(name, found[0]) and f" {normalise(name)} " not in here:
                    yield _put(question, found, name)


def _is_like(name: str, other: str) -> bool:
    """Tell whether one may stand for the other: about as many words, as many digits."""
    digits = sum(c.isdigit() for c in name), sum(c.isdigit() for c in other)
    return digits[0] == digits[1] and abs(len(name.split()) - len(other.split())) < 2


def _put(question: str, place: re.Match[str], other: str) -> str:
    return question[: place.start()] + other + question[place.end() :]
