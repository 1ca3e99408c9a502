"""Passages as markup: the source's own text, the answers in it marked exactly or not at all."""

from collections.abc import Iterable, Iterator, Sequence

from ctqa.records import Answer, Hit, Passage
from ctqa.ui import words
from ctqa.ui.lines import short
from ctqa.ui.markup import NOTHING, Html, element, joined
from ctqa.ui.render_places import place, read_button, title

_EXCERPT_CHARS = 160


def listed(hits: Iterable[Hit], answers: Sequence[Answer], *, unfolded: bool = False) -> Html:
    """List passages, with the answers marked in them."""
    return element("ol", *(_item(hit, answers, unfolded=unfolded) for hit in hits))


def _item(hit: Hit, answers: Sequence[Answer], *, unfolded: bool) -> Html:
    passage, way = hit.passage, words.found(hit)
    head = joined(
        element("span", title(hit.source)),
        element(
            "span",
            place(hit.source, words.page(passage.page, hit.page_label), passage.section),
            class_="place",
        ),
        element("span", short(passage.text, _EXCERPT_CHARS), class_="excerpt", dir="auto"),
    )
    return element(
        "li",
        element(
            "details",
            element("summary", head),
            passage_text(passage, spans_of(passage, answers)),
            element("p", way, class_="meta") if way else NOTHING,
            element("p", _read(hit), class_="doings"),
            **({"open": ""} if unfolded else {}),
        ),
    )


def _read(hit: Hit) -> Html:
    passage = hit.passage
    return read_button(words.of_passage(hit.rank), hit.source.id, passage.start, passage.end)


def passage_text(passage: Passage, spans: Sequence[tuple[int, int]]) -> Html:
    """Show a passage with stretches of it marked."""
    return element("p", *_pieces(passage, spans), class_="passage", dir="auto")


def _pieces(passage: Passage, spans: Sequence[tuple[int, int]]) -> Iterator[Html | str]:
    """Give a passage's text with its headings, rows and items set apart; not a space is lost."""
    done = 0
    for sentence in passage.sentences:
        start, end = sentence.start - passage.start, sentence.end - passage.start
        if sentence.kind != "sentence" and done <= start < end <= len(passage.text):
            yield from _marked(passage.text, done, start, spans)
            line = _marked(passage.text, start, end, spans)
            yield element("span", *line, class_=f"line {sentence.kind}")
            done = end
    yield from _marked(passage.text, done, len(passage.text), spans)


def _marked(
    text: str, start: int, end: int, spans: Iterable[tuple[int, int]]
) -> Iterator[Html | str]:
    for span_start, span_end in spans:
        first, last = max(span_start, start), min(span_end, end)
        if first < last:
            yield text[start:first]
            yield element("mark", text[first:last])
            start = last
    yield text[start:end]


def spans_of(passage: Passage, answers: Iterable[Answer]) -> list[tuple[int, int]]:
    """Find the answers in a passage, in order, overlapping ones as one; exactly or not at all."""
    merged: list[tuple[int, int]] = []
    for start, end in sorted(span for answer in answers for span in _located(passage, answer)):
        if merged and start < merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged


def _located(passage: Passage, answer: Answer) -> Iterator[tuple[int, int]]:
    start, end = answer.start - passage.start, answer.end - passage.start
    same = answer.source.id == passage.document_id
    if same and 0 <= start < end and passage.text[start:end] == answer.text:
        yield start, end
