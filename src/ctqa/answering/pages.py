"""On which page an answer stands, as the catalog's pages tell, and what is printed on that page."""

from collections.abc import Iterable
from dataclasses import replace

from ctqa.index.local import LocalIndex
from ctqa.records import Answer, Disagreement, Hit, Place, Quote


def on_their_pages(index: LocalIndex, answers: Iterable[Answer]) -> tuple[Answer, ...]:
    """Give answers the page of their first character, and likewise the other places."""
    return tuple(_on_its_page(index, answer) for answer in answers)


def _on_its_page(index: LocalIndex, answer: Answer) -> Answer:
    page, label = index.page_at(answer.source.id, answer.start)
    places = tuple(_place(index, place) for place in answer.places)
    return replace(answer, page=page, page_label=label, places=places)


def _place(index: LocalIndex, place: Place) -> Place:
    page, label = index.page_at(place.source.id, place.start)
    return replace(place, page=page, page_label=label)


def with_labels(index: LocalIndex, hits: Iterable[Hit]) -> tuple[Hit, ...]:
    """Give hits the label of the page on which their passage begins."""
    return tuple(
        replace(hit, page_label=index.page_at(hit.source.id, hit.passage.start)[1]) for hit in hits
    )


def with_quoted_labels(
    index: LocalIndex, found: Iterable[Disagreement]
) -> tuple[Disagreement, ...]:
    """Give the quotes of disagreements the page of their first character."""
    return tuple(
        replace(each, first=_quoted(index, each.first), second=_quoted(index, each.second))
        for each in found
    )


def _quoted(index: LocalIndex, quote: Quote) -> Quote:
    page, label = index.page_at(quote.source.id, quote.start)
    return replace(quote, page=page, page_label=label)
