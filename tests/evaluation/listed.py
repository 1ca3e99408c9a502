"""A QA object over hand-made lists: what the evaluation asks of one, and nothing else."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from ctqa.config import SearchConfig
from ctqa.records import (
    Answer,
    Document,
    Hit,
    Page,
    Passage,
    Reply,
    Sentence,
    Source,
    Why,
)


def make_document(id: str, *pages: str, path: str = "", title: str = "") -> Document:
    """Make a document of these pages, which follow each other without a gap."""
    ends = [len("".join(pages[:n])) for n in range(len(pages) + 1)]
    return Document(
        source=Source(id=id, path=path or id, sha256="", title=title),
        text="".join(pages),
        pages=tuple(
            Page(number=n, start=start, end=end)
            for n, (start, end) in enumerate(pairwise(ends), start=1)
        ),
    )


def make_passage(document: Document, text: str) -> Passage:
    """Make a passage of the first place where a text stands."""
    start = document.text.index(text)
    return Passage(
        id=f"{document.id}@{start}",
        document_id=document.id,
        start=start,
        end=start + len(text),
        text=text,
        page=next(page.number for page in document.pages if start < page.end),
        section=(),
        sentences=(),
    )


def make_hits(*found: tuple[Document, str], scores: Sequence[float] = ()) -> tuple[Hit, ...]:
    """Make hits of documents and texts in them, best first."""
    return tuple(
        Hit(
            rank=rank,
            score=scores[rank - 1] if scores else 1 / rank,
            passage=make_passage(document, text),
            source=document.source,
            why=Why(),
        )
        for rank, (document, text) in enumerate(found, start=1)
    )


def make_answer(document: Document, sentence: str, text: str = "", score: float = 0.9) -> Answer:
    """Make an answer of a sentence, or of a part of one."""
    passage = make_passage(document, sentence)
    start = passage.start + sentence.index(text)
    return Answer(
        text=text or sentence,
        start=start,
        end=start + len(text or sentence),
        page=passage.page,
        section=(),
        score=score,
        confidence=None,
        quote_sha256="",
        sentence=Sentence(start=passage.start, end=passage.end),
        sentence_text=sentence,
        passage=passage,
        source=document.source,
    )


@dataclass(kw_only=True)
class ListQA:
    """Finds and answers what the lists say; a question that is not in them brings nothing."""

    held: Sequence[Document]
    hits: Mapping[str, tuple[Hit, ...]] = field(default_factory=dict)
    answers: Mapping[str, tuple[Answer, ...]] = field(default_factory=dict)
    unsure: Mapping[str, tuple[Answer, ...]] = field(default_factory=dict)  # held back
    passages: Sequence[Passage] | None = None  # None: each document is one
    elapsed_ms: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    config: SearchConfig = field(default_factory=SearchConfig)
    build: int = 7
    searched: list[tuple[str, int]] = field(default_factory=list)  # question, hits asked for
    asked: list[tuple[str | None, str]] = field(default_factory=list)  # id, question

    def documents(self) -> tuple[Source, ...]:
        return tuple(document.source for document in self.held)

    def document(self, document_id: str) -> Document:
        return next(document for document in self.held if document.id == document_id)

    def passages_of(self, document_id: str) -> tuple[Passage, ...]:
        if self.passages is None:
            document = self.document(document_id)
            return (make_passage(document, document.text),)
        return tuple(each for each in self.passages if each.document_id == document_id)

    def search_many(
        self, questions: Sequence[str], *, config: SearchConfig | None = None
    ) -> list[tuple[Hit, ...]]:
        most = (config or self.config).passages
        self.searched += [(question, most) for question in questions]
        return [self.hits.get(question, ())[:most] for question in questions]

    def ask(
        self,
        question: str,
        *,
        id: str | None = None,
        config: SearchConfig | None = None,
    ) -> Reply:
        answers = self.answers.get(question, ())
        if config is not None and config.accepted_error == 1:
            answers = answers or self.unsure.get(question, ())
        else:
            self.asked.append((id, question))
        return Reply(
            id=id,
            question=question,
            answers=answers,
            hits=self.search_many([question], config=config)[0],
            pages_unread=0,
            build=self.build,
            elapsed_ms=self.elapsed_ms.get(question, {}),
        )
