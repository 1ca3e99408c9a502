"""What CTQA asks of an extractive-QA model, and how spans are found in what it says.

A span from token i to token j scores S·T_i + E·T_j, the start logit of the one plus the end logit
of the other; "no answer" scores the same sum at the CLS token, S·C + E·C (Devlin et al., "BERT",
NAACL 2019, section 4.3, and run_squad.py). These are raw sums, never normalised within a window.
"""

import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Protocol

import numpy as np
from numpy.typing import NDArray

from ctqa.errors import ModelError
from ctqa.models.reranker import Marked
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


@dataclass(frozen=True, slots=True, kw_only=True)
class MarkedSpans:
    """What was read from one text, part by part."""

    spans: tuple[Span | None, ...]  # the best within each part; None: it holds no word
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

    def mark(self, question: str, texts: Sequence[Marked]) -> list[MarkedSpans]:
        """Give the best span within each part of each text; texts are read as by `read`."""
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

    `tokenizer` cuts nothing off, and may be shared; `cls` is its CLS token. Where windows are
    short, a question gets at most a third of one, and the overlap is at most half of what is left.
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
        self._max_tokens = max_tokens
        self._overlap_tokens = min(_OVERLAP_TOKENS, room // 2)
        self._tokenizer = tokenizer

    @cached_property
    def _cutting(self) -> "Tokenizer":
        """Make what cuts a text into windows; few texts are so long."""
        cutting = parse_tokenizer(self._tokenizer.to_str())
        cutting.enable_truncation(
            self._max_tokens, stride=self._overlap_tokens, strategy="only_second"
        )
        return cutting

    def read(
        self,
        question: str,
        texts: Sequence[str],
        run: Callable[["Encoding"], tuple[Logits, Logits]],
    ) -> list[TextSpans]:
        """Give each text's best spans; `run` gives a window's start logits and end logits."""
        asked = self._cut(readable(question))
        return [best_spans(text, self._read(asked, text, run)) for text in texts]

    def mark(
        self,
        question: str,
        texts: Sequence[Marked],
        run: Callable[["Encoding"], tuple[Logits, Logits]],
    ) -> list[MarkedSpans]:
        """Give the best span within each part of each text."""
        asked = self._cut(readable(question))
        return [spans_in(text, self._read(asked, text.text, run)) for text in texts]

    def _read(
        self, question: str, text: str, run: Callable[["Encoding"], tuple[Logits, Logits]]
    ) -> list[Window]:
        return [self._window(encoding, run) for encoding in self._cover(question, text)]

    def _cover(self, question: str, text: str) -> "list[Encoding]":
        whole = self._tokenizer.encode(question, readable(text))
        if len(whole) <= self._max_tokens:
            return [whole]
        first = self._cutting.encode(question, readable(text))
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
        null_score=min(map(_null_score, windows)),
    )


def spans_in(
    marked: Marked, windows: Sequence[Window], *, max_answer_tokens: int = _ANSWER_TOKENS
) -> MarkedSpans:
    """Find the best span within each part of a text, and the least score of "no answer"."""
    found = (_span_in(marked.text, part, windows, max_answer_tokens) for part in marked.parts)
    return MarkedSpans(spans=tuple(found), null_score=min(map(_null_score, windows)))


def _span_in(text: str, part: Place, windows: Sequence[Window], max_tokens: int) -> Span | None:
    """Find the best span within a part in all windows; of equal ones, the first."""
    start, end = len(text[: part[0]].rstrip()), len(text) - len(text[part[1] :].lstrip())
    cuts = [_cut_to(window, (start, end)) for window in windows]  # some tokens begin with a space
    found = [
        Span(start=place[0], end=place[1], score=score)
        for cut in cuts
        for place, score in _window_spans(text, cut, 1, max_tokens).items()
        if part[0] <= place[0] and place[1] <= part[1]
    ]
    return min(found, key=lambda span: (-span.score, span.start, span.end), default=None)


def _cut_to(window: Window, part: Place) -> Window:
    """Leave of a window what stands in a part of its text."""
    begins, ends = np.array(window.places, dtype=np.int64).reshape(-1, 2).T  # (t,), (t,)
    (inside,) = np.nonzero(window.of_text & (begins >= part[0]) & (ends <= part[1]))
    only = slice(inside[0], inside[-1] + 1) if len(inside) else slice(0)
    return replace(
        window,
        places=window.places[only],
        of_text=window.of_text[only],
        start_logits=window.start_logits[only],
        end_logits=window.end_logits[only],
    )


def _null_score(window: Window) -> float:
    return float(window.start_logits[window.null]) + float(window.end_logits[window.null])


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
