"""Passages that do not answer a question, though they look as if they might."""

from collections.abc import Iterator, Sequence

from ctqa.answering.copies import PassageCopy
from ctqa.evaluation.answers import normalise
from ctqa.records import Passage
from training.reader.questions import Range

_LEAST_SENTENCES = 2  # left of a passage that sentences are cut from


def holds_one(text: str, answers: Sequence[str]) -> bool:
    """Tell whether a text has the words of any of the answers."""
    words = f" {normalise(text)} "
    return any(f" {normalise(answer)} " in words for answer in answers if normalise(answer))


def without_answers(
    passage: Passage, copy: PassageCopy, places: Sequence[Range], answers: Sequence[str]
) -> str | None:
    """Cut the sentences out of a passage's copy that answer.

    None where little would be left, or where what is left has the words of an answer as well.
    """
    kept = [
        (sentence.start, sentence.end)
        for sentence in passage.sentences
        if not any(sentence.start < end and start < sentence.end for start, end in places)
    ]
    if len(kept) < _LEAST_SENTENCES or len(kept) == len(passage.sentences):
        return None
    text = _heading(copy) + " ".join(_texts(copy, kept))
    return None if holds_one(text, answers) else text


def _heading(copy: PassageCopy) -> str:
    """Give what stands over the passage's own words."""
    (own,) = (copy.begins >= 0).nonzero()
    return copy.text[: own[0]] if len(own) else copy.text


def _texts(copy: PassageCopy, ranges: Sequence[Range]) -> Iterator[str]:
    for start, end in ranges:
        (inside,) = ((copy.begins >= start) & (copy.ends <= end)).nonzero()
        if len(inside):
            yield copy.text[inside[0] : inside[-1] + 1]
