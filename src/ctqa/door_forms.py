"""What programs are given, as JSON, beside hits and replies."""

from dataclasses import asdict
from typing import Any

from ctqa.index.coverage import Coverage, Unread
from ctqa.index.excerpts import Excerpt
from ctqa.records import Source

Form = dict[str, Any]  # ready to be JSON


def excerpt_form(found: Excerpt) -> Form:
    """Give an excerpt as its JSON form."""
    return {
        "build": found.build,
        "document": asdict(found.source),
        "page": found.page.number,
        "page_label": found.page.label,
        "section": list(found.section),
        "start": found.start,
        "end": found.end,
        "text": found.text,
        "before": found.before,
        "after": found.after,
        "document_chars": found.chars,
    }


def coverage_form(found: Coverage) -> Form:
    """Give what was read, and what was not, as its JSON form."""
    return {
        "build": found.build,
        "created_at": found.created_at,
        "files": dict(found.files),
        "pages": dict(found.pages),
        "documents": found.documents,
        "passages": found.passages,
        "pages_unread": found.pages_unread,
        "listed": [_source_form(source) for source in found.sources],
        "not_listed": found.sources_in_all - len(found.sources),
        "unread": [_unread_form(each) for each in found.unread],
        "unread_not_listed": found.unread_in_all - len(found.unread),
    }


def _source_form(source: Source) -> Form:
    return {
        "id": source.id,
        "title": source.title,
        "author": source.author,
        "year": source.year,
        "tags": source.tags,
    }


def _unread_form(found: Unread) -> Form:
    return {
        "file": found.id,
        "state": found.state,
        "reason": found.reason,
        "pages_unread": found.pages_unread,
        "pages": [
            {
                "document": each.document_id,
                "page": each.page.number,
                "page_label": each.page.label,
                "state": each.page.state,
                "reason": each.page.reason,
            }
            for each in found.pages
        ],
    }
