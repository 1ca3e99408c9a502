"""The passages of a collection's index, as they are read, and what our own search finds among them.

What was searched for once is kept, a line a question, and not searched for again.
"""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

import ctqa
from ctqa.answering.copies import PassageCopy, passage_copy
from ctqa.records import Hit, Passage, Source, Why
from training.reader.questions import Question

HITS = 10  # kept of each question
_AT_ONCE = 64


class Library:
    """All passages of an index."""

    def __init__(self, passages: Sequence[Passage], sources: Mapping[str, Source]) -> None:
        self.passages = {passage.id: passage for passage in passages}
        self.places = {passage.id: at for at, passage in enumerate(passages)}
        self._sources = sources
        self._copies: dict[str, PassageCopy] = {}
        self._of: dict[str, list[Passage]] = {}
        for passage in passages:
            self._of.setdefault(passage.document_id, []).append(passage)

    @classmethod
    def of(cls, qa: ctqa.QA) -> "Library":
        """Take the passages out of an index."""
        sources = {source.id: source for source in qa.documents()}
        passages = [passage for id in sources for passage in qa.passages_of(id)]
        return cls(passages, sources)

    def of_document(self, document: str) -> list[Passage]:
        """Give a document's passages in order."""
        return self._of.get(document, [])

    def copy_of(self, passage: Passage) -> PassageCopy:
        """Give what is read of a passage."""
        if passage.id not in self._copies:
            source = self._sources[passage.document_id]
            hit = Hit(rank=1, score=0.0, passage=passage, source=source, why=Why())
            self._copies[passage.id] = passage_copy(hit)
        return self._copies[passage.id]


def searched(qa: ctqa.QA, questions: Sequence[Question], kept: Path) -> dict[str, list[str]]:
    """Give the ids of the best passages for each question, by its id, best first."""
    known = _known(kept)
    missing = [question for question in questions if question.id not in known]
    with kept.open("a", encoding="utf-8") as file:
        for at in range(0, len(missing), _AT_ONCE):
            some = missing[at : at + _AT_ONCE]
            for question, hits in zip(some, qa.search_many([q.text for q in some]), strict=True):
                known[question.id] = [hit.passage.id for hit in hits[:HITS]]
                print(json.dumps([question.id, known[question.id]]), file=file)
            file.flush()
    return known


def _known(kept: Path) -> dict[str, list[str]]:
    """Read what was kept; a last line that was cut off is taken out."""
    kept.parent.mkdir(parents=True, exist_ok=True)
    lines = kept.read_bytes().splitlines(keepends=True) if kept.exists() else []
    if lines and not lines[-1].endswith(b"\n"):
        kept.write_bytes(b"".join(lines[:-1]))
        lines.pop()
    return dict(map(json.loads, lines))
