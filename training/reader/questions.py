"""The questions that the reader learns from and is held against, as their collections have them."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

Range = tuple[int, int]  # half-open

# Whose questions have no article of their own: each passage is by somebody else.
_LOOSE = ("squadshifts_reddit",)


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """A question about one document, with the places of its answers there."""

    id: str
    collection: str
    article: str  # what is kept together when questions are parted
    document: str  # by its id in the collection's index
    text: str
    answers: tuple[str, ...]  # as different people marked them; (): nothing there answers
    places: tuple[Range, ...]  # in the document's text; () where only the words are known


def read_questions(folder: Path, *, documents: dict[str, str] | None = None) -> list[Question]:
    """Read a collection's questions.

    `documents` names the documents otherwise: by what id each goes in the index that is used.
    """
    return [_question(row, folder.name, documents) for row in _rows(folder / "qa.jsonl")]


def same_documents(folder: Path, other: Path) -> dict[str, str]:
    """Give, for each document of a collection, the id of the other's that has the same text.

    Raises:
        KeyError: the other collection has none.

    """
    ids = {text: id for id, text in read_texts(other).items()}
    return {id: ids[text] for id, text in read_texts(folder).items()}


def read_texts(folder: Path) -> dict[str, str]:
    """Read the texts of a collection's documents by their ids."""
    return {row["_id"]: row["text"] for row in _rows(folder / "corpus.jsonl")}


def article_of(name: str, row: Mapping[str, Any]) -> str:
    """Name what a question of a collection is kept together with when questions are parted."""
    article: str = row["context_id"] if name in _LOOSE else row["doc_id"]
    return article


def _rows(path: Path) -> Iterator[dict[str, Any]]:
    with path.open(encoding="utf-8") as file:
        yield from map(json.loads, file)


def _question(row: dict[str, Any], name: str, documents: dict[str, str] | None) -> Question:
    context = row["context_id"]
    starts = row.get("answer_starts", ())
    marked = zip(starts, row["answers"], strict=False)
    return Question(
        id=row["id"],
        collection=name,
        article=article_of(name, row),
        document=context if documents is None else documents[context],
        text=row["question"],
        answers=tuple(row["answers"]),
        places=tuple((at, at + len(text)) for at, text in marked),
    )
