"""Replies for the renderer, made from a document's text and ranges of it."""

import hashlib
from collections.abc import Sequence
from typing import Any

from ctqa.records import Answer, Hit, Passage, Reply, Sentence, Source, Why


def source(**fields: str) -> Source:
    values = {"id": "d", "path": "/docs/d", "sha256": "0" * 64, "title": "D"}
    return Source(**(values | fields))


def passage(
    text: str,
    *,
    start: int = 0,
    section: Sequence[str] = (),
    id: str = "p1",
    sentences: Sequence[Sentence] = (),
) -> Passage:
    return Passage(
        id=id,
        document_id="d",
        start=start,
        end=start + len(text),
        text=text,
        page=2,
        section=tuple(section),
        sentences=tuple(sentences),
    )


def answer(within: Passage, start: int, end: int, **fields: Any) -> Answer:
    """Make the answer at a range of the document that the passage is cut from."""
    text = within.text[start - within.start : end - within.start]
    values: dict[str, Any] = {
        "text": text,
        "start": start,
        "end": end,
        "page": 3,
        "section": within.section,
        "score": 0.714,
        "confidence": None,
        "quote_sha256": hashlib.sha256(text.encode(errors="replace")).hexdigest(),
        "sentence": Sentence(start=start, end=end),
        "sentence_text": text,
        "passage": within,
        "source": source(),
    }
    return Answer(**(values | fields))


def hit(of: Passage, rank: int = 1, found_in: Source | None = None, **why: Any) -> Hit:
    return Hit(
        rank=rank,
        score=0.5,
        passage=of,
        source=source() if found_in is None else found_in,
        why=Why(**why),
    )


def reply(answers: Sequence[Answer] = (), hits: Sequence[Hit] = (), **fields: Any) -> Reply:
    values: dict[str, Any] = {
        "question": "Why?",
        "answers": tuple(answers),
        "hits": tuple(hits),
        "pages_unread": 0,
        "build": 7,
        "elapsed_ms": {"total": 412.0},
    }
    return Reply(**(values | fields))
