"""The one JSON form of replies and hits, shared by the command line, the interface and MCP."""

import math
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from ctqa.records import (
    Answer,
    Disagreement,
    HeldBack,
    Hit,
    Passage,
    Place,
    Quote,
    Reply,
    Source,
)

if TYPE_CHECKING:
    from ctqa.answering.why import BestSentence, Explanation, Standing


def reply_form(reply: Reply) -> dict[str, Any]:
    """Give a reply as JSON-ready values."""
    return {
        "id": reply.id,
        "question": reply.question,
        "answered": reply.answered,
        "answers": [answer_form(answer) for answer in reply.answers],
        "passages": [hit_form(hit) for hit in reply.hits],
        "reranked": reply.reranked,
        "coverage": {"pages_unread": reply.pages_unread},
        "build": reply.build,
        "elapsed_ms": dict(reply.elapsed_ms),
        "searched": reply.question if reply.searched == "" else reply.searched,
        "expansions": [asdict(expansion) for expansion in reply.expansions],
        "calibration": None if reply.calibration is None else asdict(reply.calibration),
        "held_back": None if reply.held_back is None else _held_back_form(reply.held_back),
        "disagreements": [_disagreement_form(found) for found in reply.disagreements],
    }


def _held_back_form(found: HeldBack) -> dict[str, float | None]:
    """Give what was held back; "least" is null where no confidence is enough."""
    least = None if math.isinf(found.least) else found.least
    return {"confidence": found.confidence, "least": least}


def answer_form(answer: Answer) -> dict[str, Any]:
    """Give an answer as JSON-ready values."""
    return {
        "text": answer.text,
        "confidence": answer.confidence,
        "score": round(answer.score, 6),
        "start": answer.start,
        "end": answer.end,
        "page": answer.page,
        "page_label": answer.page_label,
        "section": list(answer.section),
        "document": _source_form(answer.source),
        "newer_edition": None if answer.newer is None else _source_form(answer.newer),
        "quote_sha256": answer.quote_sha256,
        "sentence": {
            "text": answer.sentence_text,
            "start": answer.sentence.start,
            "end": answer.sentence.end,
        },
        "passage": _passage_form(answer.passage),
        "signals": None if answer.signals is None else _rounded(asdict(answer.signals)),
        "places": [_place_form(place) for place in answer.places],
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
        "page_label": hit.page_label,
        "section": list(passage.section),
        "start": passage.start,
        "end": passage.end,
        "text": passage.text,
        "why": _rounded(asdict(hit.why)),
    }


def why_form(found: "Explanation") -> dict[str, Any]:
    """Give an explanation as JSON-ready values."""
    candidate, best = found.candidate, found.best
    return {
        "question": found.question,
        "searched": found.searched,
        "verdict": found.verdict,
        "outcome": found.outcome,
        "id": found.passage.id,
        "document": _source_form(found.source),
        "page": found.passage.page,
        "section": list(found.passage.section),
        "start": found.passage.start,
        "end": found.passage.end,
        "text": found.passage.text,
        "dense": _standing_form(found.dense),
        "lexical": _standing_form(found.lexical),
        "fused": _standing_form(found.fused),
        "reranked": _standing_form(found.reranked),
        "final": _standing_form(found.final),
        "read": found.read,
        "best_sentence": None if best is None else _best_form(best),
        "answer": None if candidate is None else answer_form(candidate.answer),
        "given": None if candidate is None else candidate.given,
        "least": None if found.least is None else round(found.least, 6),
    }


def _standing_form(standing: "Standing | None") -> dict[str, Any] | None:
    return None if standing is None else _rounded(asdict(standing))


def _best_form(best: "BestSentence") -> dict[str, Any]:
    return {
        "text": best.text,
        "start": best.sentence.start,
        "end": best.sentence.end,
        "score": round(best.score, 6),
    }


def _disagreement_form(found: Disagreement) -> dict[str, Any]:
    """Give a possible disagreement; "newer" is the id of the newer one of two editions."""
    return {
        "kind": found.kind,
        "quotes": [_quote_form(found.first), _quote_form(found.second)],
        "newer": None if found.newer is None else found.newer.id,
    }


def _quote_form(quote: Quote) -> dict[str, Any]:
    return {
        "document": _source_form(quote.source),
        "page": quote.page,
        "page_label": quote.page_label,
        "start": quote.start,
        "end": quote.end,
        "text": quote.text,
        "differs": quote.differs,
    }


def _place_form(place: Place) -> dict[str, Any]:
    return {
        "document": _source_form(place.source),
        "page": place.page,
        "page_label": place.page_label,
        "start": place.start,
        "end": place.end,
    }


def _rounded(values: dict[str, Any]) -> dict[str, Any]:
    return {
        name: round(value, 6) if isinstance(value, float) else value
        for name, value in values.items()
    }


def _source_form(source: Source) -> dict[str, str]:
    return asdict(source)


def _passage_form(passage: Passage) -> dict[str, Any]:
    return {"id": passage.id, "start": passage.start, "end": passage.end, "text": passage.text}
