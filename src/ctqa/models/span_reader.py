"""What CTQA asks of an extractive-QA model, and how spans are found in what it says.

A span from token i to token j scores S·T_i + E·T_j, the start logit of the one plus the end logit
of the other; "no answer" scores the same sum at the CLS token, S·C + E·C (Devlin et al., "BERT",
NAACL 2019, section 4.3, and run_squad.py). These are raw sums, never normalised within a window.
"""

import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import numpy as np
from numpy.typing import NDArray

from ctqa.errors import ModelError
from ctqa.models.tokens import parse_tokenizer, readable, token_ends

if TYPE_CHECKING:
    from tokenizers import Encoding, Tokenizer

Logits = NDArray[np.float32]
Place = tuple[int, int]  # a half-open range of characters

# As run_squad.py and its successors train and read.
WINDOW_TOKENS = 384  # question, text and special tokens together
_QUESTION_TOKENS = 64
_OVERLAP_TOKENS = 128  # of a window that stand in the next one again
_ANSWER_TOKENS = 30
_MOST_SPANS = 20

_JOINER = "\u200d"
_SKIN_TONES = "\U0001f3fb\U0001f3fc\U0001f3fd\U0001f3fe\U0001f3ff"


@dataclass(frozen=True, slots=True, kw_only=True)
class SpanReaderIdentity:
    """All that decides which spans are read from a text."""

    name: str
    sha256: str  # of the weights
    max_tokens: int  # the longest window read at once, question and special tokens included


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """A slice of a text that may answer: `text[start:end]`, without white space at its ends."""

    start: int
    end: int
    score: float  # start logit + end logit, without bounds of its own


@dataclass(frozen=True, slots=True, kw_only=True)
class TextSpans:
    """What was read from one text."""

    spans: tuple[Span, ...]  # distinct, best first; () for a text without a word
    null_score: float  # of "no answer" in the window that least supports it; compares with spans'


class SpanReader(Protocol):
    """Reads a question and a text together and tells which slices of the text answer."""

    @property
    def identity(self) -> SpanReaderIdentity:
        """What this reader is."""
        ...

    def read(self, question: str, texts: Sequence[str]) -> list[TextSpans]:
        """Give each text's best spans, up to 20, in the order of the texts.

        What is read from a text depends on the question and that text alone. Equal scores are
        ordered by place; spans may overlap. A question is read up to 64 tokens, a span has at most
        30. A text longer than the room left is read in windows that overlap by 128 tokens; a span
        that stands in two windows has the better score of the two.
        """
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """What a model said of one window of a text, token by token."""

    places: Sequence[Place]  # (t,) where each token stands; in the text, if it is the text's
    of_text: NDArray[np.bool_]  # (t,) neither the question's nor special
    null: int  # the CLS token
    start_logits: Logits  # (t,)
    end_logits: Logits  # (t,)


class WindowReader:
    """Cuts a question and texts into windows, and finds the texts' best spans in them.

    `tokenizer` is copied; `cls` is its CLS token. Where windows are short, a question gets at most
    a third of one, and the overlap is at most half of what is left.
    """

    def __init__(self, tokenizer: "Tokenizer", *, max_tokens: int, cls: int | None) -> None:
        frame = tokenizer.num_special_tokens_to_add(is_pair=True)
        self._question_tokens = min(_QUESTION_TOKENS, max_tokens // 3)
        room = max_tokens - frame - self._question_tokens
        if room < 1:
            raise ModelError(
                f"a window of at most {max_tokens} tokens, {frame} of them special, leaves a text "
                "no room: expected a model that reads more"
            )
        self._cls = cls
        self._tokenizer = parse_tokenizer(tokenizer.to_str())
        self._windows = parse_tokenizer(tokenizer.to_str())
        self._windows.enable_truncation(
            max_tokens, stride=min(_OVERLAP_TOKENS, room // 2), strategy="only_second"
        )

    def read(
        self,
        question: str,
        texts: Sequence[str],
        run: Callable[["Encoding"], tuple[Logits, Logits]],
    ) -> list[TextSpans]:
        """Give each text's best spans; `run` gives a window's start logits and end logits."""
        asked = self._cut(readable(question))
        return [
            best_spans(text, [self._window(encoding, run) for encoding in self._cover(asked, text)])
            for text in texts
        ]

    def _cover(self, question: str, text: str) -> "list[Encoding]":
        first = self._windows.encode(question, readable(text))
        return [first, *first.overflowing]

    def _window(
        self, encoding: "Encoding", run: Callable[["Encoding"], tuple[Logits, Logits]]
    ) -> Window:
        null = self._null(encoding)
        start_logits, end_logits = run(encoding)
        return Window(
            places=encoding.offsets,
            of_text=np.array([side == 1 for side in encoding.sequence_ids]),
            null=null,
            start_logits=start_logits,
            end_logits=end_logits,
        )

    def _null(self, encoding: "Encoding") -> int:
        """Find the CLS token; one that the document or the question spells out is not it."""
        tokens = zip(encoding.ids, encoding.sequence_ids, strict=True)
        for at, (token, side) in enumerate(tokens):
            if token == self._cls and side is None:
                return at
        raise ModelError(
            "question and text are read without a CLS token, where the score of no answer stands: "
            "expected an extractive-QA model of BERT's kind, with its own tokenizer"
        )

    def _cut(self, question: str) -> str:
        """Give the start of a question that is short enough; a cut word may split anew."""
        for most in range(self._question_tokens, 0, -1):
            (ends,) = token_ends(self._tokenizer, [question])
            if len(ends) <= self._question_tokens:
                return question
            question = question[: ends[most - 1]]
        return ""


def best_spans(
    text: str,
    windows: Sequence[Window],
    *,
    most: int = _MOST_SPANS,
    max_answer_tokens: int = _ANSWER_TOKENS,
) -> TextSpans:
    """Find a text's best spans in all its windows, and the least score of "no answer"."""
    scores: dict[Place, float] = {}
    for window in windows:
        for place, score in _window_spans(text, window, most, max_answer_tokens).items():
            scores[place] = max(score, scores.get(place, score))
    order = sorted(scores, key=lambda place: (-scores[place], place))
    return TextSpans(
        spans=tuple(Span(start=a, end=b, score=scores[a, b]) for a, b in order[:most]),
        null_score=min(float(_sums(window)[window.null, window.null]) for window in windows),
    )


def _window_spans(text: str, window: Window, most: int, max_tokens: int) -> dict[Place, float]:
    """Give a window's best distinct places, up to `most`; of equal scores, the first ones."""
    sums = _sums(window)
    both = np.logical_and.outer(window.of_text, window.of_text)
    firsts, lasts = np.nonzero(np.tril(np.triu(both), max_tokens - 1))
    scores = sums[firsts, lasts]
    best: dict[Place, float] = {}
    for at in np.argsort(-scores, kind="stable"):
        if len(best) == most:
            break
        place = _whole(text, window.places[firsts[at]][0], window.places[lasts[at]][1])
        if place is not None:
            best.setdefault(place, float(scores[at]))
    return best


def _sums(window: Window) -> NDArray[np.float64]:
    """Give start logit + end logit of every pair of tokens."""
    starts, ends = window.start_logits.astype(np.float64), window.end_logits.astype(np.float64)
    return np.add.outer(starts, ends)  # (t, t)


def _whole(text: str, start: int, end: int) -> Place | None:
    """Fit a range of tokens to what a reader sees; None where that is nothing.

    Some tokens hold the space before a word, and some stand for a letter without its accent or for
    a part of an emoji.
    """
    if start >= end:
        return None
    while start > 0 and _clings(text, start):
        start -= 1
    while end < len(text) and _clings(text, end):
        end += 1
    piece = text[start:end]
    place = (end - len(piece.lstrip()), start + len(piece.rstrip()))
    return place if place[0] < place[1] else None


def _clings(text: str, at: int) -> bool:
    """Tell whether a character is shown as one with the character before it."""
    own, before = text[at], text[at - 1]
    marks = unicodedata.category(own).startswith("M")
    return marks or own in _SKIN_TONES or _JOINER in (own, before)
