"""What a model reads of a passage, and where each character of it stands in the document.

A copy's words may be mended and its white space squeezed; a span that is found in it is shown in
the document's own characters.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

import numpy as np
from numpy.typing import NDArray

from ctqa.answering.lines import marked_copy
from ctqa.records import Hit

Range = tuple[int, int]  # half-open
Places = NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True)
class PassageCopy:
    """A passage as it is read, character by character."""

    text: str
    begins: Places  # (characters,) in the document; -1: a heading's, or a space between sentences
    ends: Places  # (characters,) half-open

    def in_document(self, start: int, end: int) -> Range | None:
        """Give the document's range for one of the copy; None where no character is its own."""
        own = self.begins[start:end] >= 0
        if not own.any():
            return None
        return int(self.begins[start:end][own].min()), int(self.ends[start:end][own].max())

    def in_copy(self, start: int, end: int) -> Range | None:
        """Give the copy's range for one of the document; None where it does not hold all of it."""
        (inside,) = np.nonzero((self.begins >= start) & (self.ends <= end))
        if not len(inside) or (self.begins[inside].min(), self.ends[inside].max()) != (start, end):
            return None
        return int(inside[0]), int(inside[-1]) + 1


def passage_copy(hit: Hit) -> PassageCopy:
    """Make the copy of a hit's passage that the reranker reads as well."""
    marked, passage = marked_copy(hit), hit.passage
    begins = np.full(len(marked.text), -1, dtype=np.int64)
    ends = begins.copy()
    for sentence, (first, last) in zip(passage.sentences, marked.parts, strict=True):
        start = sentence.start - passage.start
        source = passage.text[start : sentence.end - passage.start]
        for at, (begin, end) in enumerate(aligned(source, marked.text[first:last]), start=first):
            begins[at], ends[at] = sentence.start + begin, sentence.start + end
    return PassageCopy(text=marked.text, begins=begins, ends=ends)


def aligned(source: str, copy: str) -> list[Range]:
    """Give the source's range for each character of a copy.

    Where the copy says something else, each of its characters stands for all that it stands for.
    """
    if "".join(source.split()) == "".join(copy.split()):
        return _spaced(source, copy)
    return list(_mended(source, copy))


def _spaced(source: str, copy: str) -> list[Range]:
    """Align a copy in which nothing but white space differs."""
    places = [at for at, char in enumerate(source) if not char.isspace()]
    ranges: list[Range] = []
    told = 0
    for char in copy:
        if char.isspace():
            before = places[told - 1] + 1 if told else 0
            ranges.append((before, places[told] if told < len(places) else len(source)))
        else:
            ranges.append((places[told], places[told] + 1))
            told += 1
    return ranges


def _mended(source: str, copy: str) -> Iterator[Range]:
    for kind, first, last, begin, end in _changes(source, copy):
        for at in range(end - begin):
            yield (first + at, first + at + 1) if kind == "equal" else (first, last)


def _changes(source: str, copy: str) -> Sequence[tuple[str, int, int, int, int]]:
    return SequenceMatcher(None, source, copy, autojunk=False).get_opcodes()
