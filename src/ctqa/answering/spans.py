"""Reading by an extractive-QA model: which words of the hits answer the question."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace

from ctqa.answering.lines import HITS_READ
from ctqa.answering.signals import sigmoid
from ctqa.models import Span, SpanReader, Vectors
from ctqa.records import Answer, Document, Hit, Passage, Sentence
from ctqa.sources.splitter import page_at
from ctqa.text import digest


class SpanAnswers:
    """Answers with the spans that an extractive-QA model finds in the passages' own text.

    `document` fetches a document by its id.
    """

    def __init__(self, reader: SpanReader, document: Callable[[str], Document]) -> None:
        self._reader = reader
        self._document = document

    def read(self, question: str, query: Vectors, hits: Sequence[Hit]) -> tuple[Answer, ...]:  # noqa: ARG002
        """Give answers that do not overlap, best first; equal scores are ordered by place.

        A score is the sigmoid of the span's score less the passage's score of "no answer": the
        model's own odds of the one against the other. What the model adds to every logit of one
        passage falls out of it, so that it compares across passages. Headings are no answers.
        """
        read = hits[:HITS_READ]
        found = self._reader.read(question, [hit.passage.text for hit in read])
        answers = [
            answer
            for hit, text in zip(read, found, strict=True)
            for span in text.spans
            for answer in _answers(hit, span, sigmoid(span.score - text.null_score))
        ]
        answers.sort(key=lambda a: (-a.score, a.source.id, a.start, a.end))
        return tuple(self._on_their_pages(_apart(answers)))

    def _on_their_pages(self, answers: Sequence[Answer]) -> Iterator[Answer]:
        """Name the page of each span's own first character; its sentence may begin before."""
        documents = {id: self._document(id) for id in {answer.source.id for answer in answers}}
        for answer in answers:
            yield replace(answer, page=page_at(documents[answer.source.id], answer.start))


def _answers(hit: Hit, span: Span, score: float) -> Iterator[Answer]:
    """Make the answer of a span, if it is one."""
    passage = hit.passage
    start, end = passage.start + span.start, passage.start + span.end
    sentence = _around(passage, start, end)
    if sentence is None:
        return
    text = passage.text[span.start : span.end]
    yield Answer(
        text=text,
        start=start,
        end=end,
        page=sentence.page,
        section=passage.section,
        score=score,
        confidence=None,
        quote_sha256=digest(text),
        sentence=sentence,
        sentence_text=passage.text[sentence.start - passage.start : sentence.end - passage.start],
        passage=passage,
        source=hit.source,
    )


def _around(passage: Passage, start: int, end: int) -> Sentence | None:
    """Give the sentence that holds a range, or the run of them; None where a heading is in it."""
    touched = [s for s in passage.sentences if s.start < end and start < s.end]
    if not touched or any(sentence.kind == "heading" for sentence in touched):
        return None
    first, last = touched[0], touched[-1]
    if first is last:
        return first
    return Sentence(start=first.start, end=last.end, kind=first.kind, page=first.page)


def _apart(answers: Iterable[Answer]) -> list[Answer]:
    """Leave out what overlaps a better answer; overlapping passages hold the same one twice."""
    kept: list[Answer] = []
    for answer in answers:
        if not any(_overlap(answer, better) for better in kept):
            kept.append(answer)
    return kept


def _overlap(one: Answer, other: Answer) -> bool:
    same = one.source.id == other.source.id
    return same and one.start < other.end and other.start < one.end
