"""Make samples of questions: the passage that answers, and one that does not."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from itertools import islice

from ctqa.records import Passage
from training.reader.library import Library
from training.reader.negatives import holds_one, without_answers
from training.reader.questions import Question
from training.reader.samples import Kind, Sample
from training.reader.splits import Parting, Split
from training.reader.swaps import swapped

_OTHERS = 40  # passages that names and numbers are taken from
_KINDS: tuple[tuple[int, Kind], ...] = ((90, "cut"), (180, "swapped"), (256, "retrieved"))
# Of a review or a comment asked about, others found may well answer: the best few are passed over.
_PASSED_OVER = {"squadshifts_reddit": 4, "squadshifts_amazon": 4}


@dataclass(frozen=True, slots=True)
class Maker:
    """Makes samples over the passages of one collection."""

    library: Library
    parting: Parting

    def given(self, question: Question) -> list[Sample]:
        """Give the passages of the question's document; one of them answers, if any does."""
        kind: Kind = "gold" if question.answers else "impossible"
        samples = []
        for passage in self.library.of_document(question.document):
            copy = self.library.copy_of(passage)
            found = [copy.in_copy(start, end) for start, end in question.places]
            spans = tuple(span for span in found if span is not None)
            sample = self._sample(question, passage, kind, copy.text)
            samples.append(replace(sample, spans=spans, answers=question.answers))
        return samples

    def made_up(self, question: Question) -> Sample | None:
        """Give a sample that does not answer, made of one that does; None: one must be found."""
        drawn = sha256(f"negative/{question.id}".encode()).digest()[0]
        kind = next(kind for below, kind in _KINDS if drawn < below)
        if kind == "cut":
            return self._cut(question)
        return self._swapped(question) if kind == "swapped" else None

    def retrieved(self, question: Question, ranked: Sequence[str]) -> Sample | None:
        """Give the best of the passages found, by id, that does not answer; None: there is none."""
        found = [self.library.passages[id] for id in ranked]
        others = [each for each in found if self._may_stand_for(each, question)]
        passed_over = _PASSED_OVER.get(question.collection, 0)
        for passage in others[passed_over:]:
            copy = self.library.copy_of(passage)
            if not holds_one(copy.text, question.answers):
                return self._sample(question, passage, "retrieved", copy.text)
        return None

    def _may_stand_for(self, passage: Passage, question: Question) -> bool:
        """Tell whether another document's passage is used for the same as the question's own."""
        own, other = question.document, passage.document_id
        return own != other and self.parting.of(own) == self.parting.of(other)

    def _cut(self, question: Question) -> Sample | None:
        for passage in self.library.of_document(question.document):
            copy = self.library.copy_of(passage)
            text = without_answers(passage, copy, question.places, question.answers)
            if text is not None:
                return self._sample(question, passage, "cut", text)
        return None

    def _swapped(self, question: Question) -> Sample | None:
        passage = self.library.of_document(question.document)[0]
        others = (each for each in self._after(passage) if self._may_stand_for(each, question))
        copy = self.library.copy_of(passage)
        texts = [other.text for other in islice(others, _OTHERS)]
        changed = swapped(question.text, copy.text, texts)
        if changed is None:
            return None
        return replace(self._sample(question, passage, "swapped", copy.text), question=changed)

    def _after(self, passage: Passage) -> Iterator[Passage]:
        """Give the collection's passages from the one behind a passage on: its article's, first."""
        every = list(self.library.passages.values())
        at = self.library.places[passage.id]
        yield from every[at + 1 :]
        yield from every[:at]

    def _sample(self, question: Question, passage: Passage, kind: Kind, text: str) -> Sample:
        return Sample(
            question_id=question.id,
            collection=question.collection,
            article=question.article,
            passage=passage.id,
            split=self._split(passage),
            kind=kind,
            question=question.text,
            text=text,
            spans=(),
            answers=(),
        )

    def _split(self, passage: Passage) -> Split:
        split = self.parting.of(passage.document_id)
        if split is None:
            raise ValueError(f"{passage.id} is used for nothing")
        return split


def negatives_of(
    maker: Maker, questions: Sequence[Question], hits: Mapping[str, Sequence[str]]
) -> Iterator[Sample]:
    """Give the retrieved negatives of questions, where there are any."""
    for question in questions:
        found = maker.retrieved(question, hits[question.id])
        if found is not None:
            yield found
