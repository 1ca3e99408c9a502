"""The one JSON form of replies and hits, shared by the command line, the interface and MCP."""

from dataclasses import asdict
from typing import Any

from ctqa.records import Answer, Hit, Passage, Reply, Source


def reply_form(reply: Reply) -> dict[str, Any]:
    """Give a reply as JSON-ready values."""
    return {
        "id": reply.id,
        "question": reply.question,
        "answered": reply.answered,
        "answers": [answer_form(answer) for answer in reply.answers],
        "passages": [hit_form(hit) for hit in reply.hits],
        "coverage": {"pages_unread": reply.pages_unread},
        "build": reply.build,
        "elapsed_ms": dict(reply.elapsed_ms),
    }


def answer_form(answer: Answer) -> dict[str, Any]:
    """Give an answer as JSON-ready values."""
    return {
        "text": answer.text,
        "confidence": answer.confidence,
        "score": round(answer.score, 6),
        "start": answer.start,
        "end": answer.end,
        "page": answer.page,
        "section": list(answer.section),
        "document": _source_form(answer.source),
        "quote_sha256": answer.quote_sha256,
        "sentence": {
            "text": answer.sentence_text,
            "start": answer.sentence.start,
            "end": answer.sentence.end,
        },
        "passage": _passage_form(answer.passage),
    }


def hit_form(hit: Hit) -> dict[str, Any]:
    """Give a hit as JSON-ready values."""
    passage = hit.passage
    return {
        "rank": hit.rank,
        "score": round(hit.score, 6),
        "id": passage.id,
        "document": _source_form(hit.source),
        "page": passage.page,
        "section": list(passage.section),
        "start": passage.start,
        "end": passage.end,
        "text": passage.text,
        "why": {
            name: round(value, 6) if isinstance(value, float) else value
            for name, value in asdict(hit.why).items()
        },
    }


def _source_form(source: Source) -> dict[str, str]:
    return asdict(source)


def _passage_form(passage: Passage) -> dict[str, Any]:
    return {"id": passage.id, "start": passage.start, "end": passage.end, "text": passage.text}
