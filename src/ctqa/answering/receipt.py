"""Receipts: what an answer claims of its source, in a form that anyone can check later."""

from dataclasses import asdict
from typing import Any

from ctqa.index.receipt_claims import VERSION, seal_of
from ctqa.records import Answer

_OF_DOCUMENT = ("id", "path", "title", "author", "publication", "year", "url", "sha256")


def receipt_form(answer: Answer, build: int) -> dict[str, Any]:
    """Give the receipt of an answer that a build gave, sealed, as JSON-ready values."""
    source = asdict(answer.source)
    form = {
        "receipt": VERSION,
        "document": {name: source[name] for name in _OF_DOCUMENT},
        "page": answer.page,
        "page_label": answer.page_label,
        "section": list(answer.section),
        "start": answer.start,
        "end": answer.end,
        "text": answer.text,
        "quote_sha256": answer.quote_sha256,
        "build": build,
    }
    return form | {"seal": seal_of(form)}
