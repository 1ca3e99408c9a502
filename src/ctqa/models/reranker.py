"""What CTQA asks of a reranker, and how one reads what is too long for it."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import numpy as np
from numpy.typing import NDArray

from ctqa.errors import ModelError
from ctqa.models.tokens import readable, token_ends

if TYPE_CHECKING:
    from tokenizers import Encoding, Tokenizer

Scores = NDArray[np.float32]
Pair = tuple[str, str]  # a question and a text


@dataclass(frozen=True, slots=True, kw_only=True)
class RerankerIdentity:
    """All that decides which score a pair gets."""

    name: str
    sha256: str  # of the weights
    max_tokens: int  # the longest pair read at once, special tokens included


@dataclass(frozen=True, slots=True, kw_only=True)
class Marked:
    """A text in which parts are told apart: half-open character ranges, that may overlap."""

    text: str
    parts: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What one reading of a question with a text tells.

    `parts` estimates the score that each part would get if it were read alone; None: this reranker
    cannot tell. `expected` is what the score was expected to be halfway; None: it does not ask.
    A text that was not read to its end has that as its score, and its parts are not told of.
    """

    score: float
    parts: tuple[float, ...] | None = None
    expected: float | None = None
    whole: bool = True  # whether the text was read to its end


class Reranker(Protocol):
    """Reads a question and a text together and tells how relevant the text is."""

    @property
    def identity(self) -> RerankerIdentity:
        """What this reranker is."""
        ...

    def score(self, question: str, texts: Sequence[str]) -> Scores:
        """Give each text's relevance; float32, shape (n,), in the order of the texts.

        A score is the model's raw logit: higher is better, comparable across questions, with no
        bounds of its own (about -11 to 11 for the ms-marco models). It depends on the question
        and that text alone, not on the other texts. A question longer than half of
        `identity.max_tokens` is read up to there. A text longer than the room left is read in
        windows that overlap by a quarter, and gets the score of the best.
        """
        ...

    def readings(
        self, question: str, texts: Sequence[Marked], *, least: Sequence[float] | None = None
    ) -> list[Reading]:
        """Score texts, and estimate from the same reading what their parts would score alone.

        `least` is a logit for each text: one that is expected halfway to score less need not be
        read to its end. None: all are.
        """
        ...


def scored(scores: Scores) -> list[Reading]:
    """Make readings of scores, (n,), that tell nothing of any part."""
    return [Reading(score=float(score)) for score in scores]


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """What is read at once of a text: its `start` there, in characters."""

    row: int  # of the text, among those that are read
    start: int
    text: str


class PairReader:
    """Cuts a question and texts into pairs that are short enough, and scores texts by them.

    `tokenizer` must not truncate. `frame` is the tokens of a pair whose two sides are empty.
    """

    def __init__(self, tokenizer: "Tokenizer", *, max_tokens: int, frame: int) -> None:
        self._tokenizer = tokenizer
        self._question_tokens = max_tokens // 2
        self._pair_tokens = max_tokens - frame
        if self._pair_tokens <= self._question_tokens:
            raise ModelError(
                f"a pair of at most {max_tokens} tokens, {frame} of them special, leaves a text no "
                "room: expected a reranker that reads more"
            )

    def score(
        self, question: str, texts: Sequence[str], score_pairs: Callable[[list[Pair]], Scores]
    ) -> Scores:
        """Give each text the score of its best window; `score_pairs` scores pair by pair."""
        question, windows = self.windows(question, texts)
        best = np.full(len(texts), -np.inf, dtype=np.float32)
        rows = np.array([window.row for window in windows], dtype=np.intp)
        np.maximum.at(best, rows, score_pairs([(question, window.text) for window in windows]))
        return best

    def uncut(self, question: str, text: str) -> "Encoding | None":
        """Give the tokens of a pair that is read as it is; None where windows of it are."""
        sequence = self._tokenizer.encode(readable(question), readable(text))
        sides = sequence.sequence_ids
        asked = sides.count(0)
        if asked > self._question_tokens or asked + sides.count(1) > self._pair_tokens:
            return None
        return sequence

    def windows(self, question: str, texts: Sequence[str]) -> tuple[str, list[Window]]:
        """Give the question as far as it is read, and the windows that texts are read in."""
        _, question = next(self._windows(question, self._question_tokens))
        (question_ends,) = token_ends(self._tokenizer, [question])
        room = self._pair_tokens - len(question_ends)
        return question, [
            Window(row=row, start=start, text=part)
            for row, text in enumerate(texts)
            for start, part in self._windows(text, room)
        ]

    def _windows(self, text: str, room: int) -> Iterator[tuple[int, str]]:
        """Cut a text into overlapping windows of at most `room` tokens; a short one is its own.

        A single token that by itself reads as more of them is a window all the same.
        """
        (ends,) = token_ends(self._tokenizer, [text])
        if len(ends) <= room:
            yield 0, text
            return
        bounds = [0, *ends[:-1], len(text)]  # token i stands within bounds[i]:bounds[i + 1]
        start = end = 0
        while end < len(ends):
            end = self._window_end(text, bounds, start, room)
            yield bounds[start], text[bounds[start] : bounds[end]]
            start = max(start + 1, end - room // 4)

    def _window_end(self, text: str, bounds: Sequence[int], start: int, room: int) -> int:
        """Find the furthest token that a window may end before; a cut word may split anew."""
        end = min(start + room, len(bounds) - 1)
        while end > start + 1:
            (ends,) = token_ends(self._tokenizer, [text[bounds[start] : bounds[end]]])
            if len(ends) <= room:
                break
            end = max(start + 1, end - (len(ends) - room))
        return end
