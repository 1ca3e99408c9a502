"""The windows that samples are read in, token by token, as the reranker cuts them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ctqa.models.reranker import PairReader
from ctqa.models.tokens import Limited, readable
from training.reader.questions import Range
from training.reader.samples import Sample

if TYPE_CHECKING:
    from tokenizers import Encoding, Tokenizer

Ints = NDArray[np.int64]
_COLUMNS = ("ids", "types", "begins", "ends")


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """A question and a text, or as much of it as is read at once."""

    sample: int  # whose it is
    ids: Ints  # (t,)
    types: Ints  # (t,) 0 the question's side, 1 the text's
    begins: Ints  # (t,) where in the sample's text a token begins; -1: it is not the text's
    ends: Ints  # (t,)

    def __len__(self) -> int:
        """Count the tokens."""
        return len(self.ids)

    def tokens_of(self, span: Range) -> Range | None:
        """Give the first and the last token of a span; None where the window cuts it."""
        (inside,) = np.nonzero((self.ends > span[0]) & (self.begins < span[1]) & (self.begins >= 0))
        if not len(inside):
            return None
        first, last = int(inside[0]), int(inside[-1])
        whole = self.begins[first] <= span[0] and self.ends[last] >= span[1]
        return (first, last) if whole else None


class Cutter:
    """Cuts questions and texts into windows of at most `max_tokens`."""

    def __init__(self, tokenizer: "Tokenizer", max_tokens: int) -> None:
        self._tokenizer = Limited(tokenizer, max_tokens)
        frame = tokenizer.num_special_tokens_to_add(is_pair=True)
        self._reader = PairReader(tokenizer, max_tokens=max_tokens, frame=frame)

    def windows(self, samples: Sequence[Sample]) -> Iterator[Window]:
        """Give the windows of samples, in their order."""
        for at, sample in enumerate(samples):
            yield from self.of(sample.question, sample.text, at)

    def of(self, question: str, text: str, sample: int = 0) -> Iterator[Window]:
        """Give the windows of a text."""
        asked, parts = self._reader.windows(question, [text])
        for part in parts:
            sequence = self._tokenizer.encode(readable(asked), readable(part.text))
            yield _window(sequence, part.start, sample)


def _window(sequence: "Encoding", start: int, sample: int) -> Window:
    begins, ends = np.array(sequence.offsets, dtype=np.int64).T  # (t,), (t,)
    types = np.array(sequence.type_ids, dtype=np.int64)
    own = (types == 1) & (ends > begins)
    return Window(
        sample=sample,
        ids=np.array(sequence.ids, dtype=np.int64),
        types=types,
        begins=np.where(own, begins + start, -1),
        ends=np.where(own, ends + start, -1),
    )


def save_windows(windows: Sequence[Window], path: Path) -> None:
    """Write windows to one file, whole or not at all."""
    columns = {
        name: np.concatenate([getattr(window, name) for window in windows]).astype(np.int32)
        for name in _COLUMNS
    }
    columns["lengths"] = np.array([len(window) for window in windows], dtype=np.int32)
    columns["samples"] = np.array([window.sample for window in windows], dtype=np.int32)
    part = path.with_suffix(".part.npz")
    np.savez(part, allow_pickle=False, **columns)
    part.replace(path)


def load_windows(path: Path) -> list[Window]:
    """Read windows in the order in which they were written."""
    with np.load(path, allow_pickle=False) as held:
        cuts = np.cumsum(held["lengths"])[:-1]
        columns = {name: np.split(held[name].astype(np.int64), cuts) for name in _COLUMNS}
        samples = held["samples"].tolist()
    return [
        Window(sample=sample, **{name: column[at] for name, column in columns.items()})
        for at, sample in enumerate(samples)
    ]
