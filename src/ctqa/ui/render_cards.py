"""Answers as markup: cards, those of one document together, and where documents may disagree."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ctqa.answering.wording import in_words
from ctqa.records import Answer, Disagreement, Place, Quote, Reply, Source
from ctqa.text import digest, named_cells, squeeze
from ctqa.ui import words
from ctqa.ui.copying import copied
from ctqa.ui.lines import file_of, is_on_the_web, title_of
from ctqa.ui.markup import NOTHING, Html, element, joined
from ctqa.ui.render_buttons import button
from ctqa.ui.render_passages import passage_text, spans_of
from ctqa.ui.render_places import citation, place, read_button, title

_PLACES = 5  # listed where the same stands


@dataclass(frozen=True, slots=True, kw_only=True)
class _Cards:
    """What all cards of a reply have in common."""

    question: str  # as it is judged
    of: int
    marks: str  # the places of all answers as they are shown, as JSON
    ways: dict[str, str]  # how each passage was found
    grouped: bool  # whether a heading over the cards names their document


def cards(found: Reply, question: str) -> Html:
    """Show the answers, the best first and those of one document with its best."""
    groups = _by_document(found.answers)
    shown = [answer for group in groups for answer in group]
    common = _Cards(
        question=question,
        of=len(shown),
        marks=json.dumps([[one.source.id, one.start, one.end, one.quote_sha256] for one in shown]),
        ways={hit.passage.id: words.found(hit) for hit in found.hits},
        grouped=len(groups) > 1,
    )
    numbers = iter(range(1, len(shown) + 1))
    made = [[_card(answer, next(numbers), common) for answer in group] for group in groups]
    if not common.grouped:
        return joined(*(card for group in made for card in group))
    return joined(
        *(
            _group(group[0], at, of_group)
            for at, (group, of_group) in enumerate(zip(groups, made, strict=True), start=1)
        )
    )


def disagreements(found: Sequence[Disagreement]) -> Html:
    """Point out where documents possibly contradict each other, folded, with both quotes."""
    return joined(*map(_disagreement, found))


def absent_buttons(question: str) -> Html:
    """Offer to judge that the sources do not answer; only where all of them were searched."""
    data = {"question": question, "document": "", "start": "0", "end": "0"}
    return element(
        "p",
        button(words.RIGHTLY_ABSENT, "right", **data),
        button(words.WRONGLY_ABSENT, "wrong", **data),
        class_="doings",
    )


def _by_document(answers: Sequence[Answer]) -> list[list[Answer]]:
    groups: dict[str, list[Answer]] = {}
    for answer in answers:
        groups.setdefault(answer.source.id, []).append(answer)
    return list(groups.values())


def _group(first: Answer, at: int, made: Sequence[Html]) -> Html:
    source, heading = first.source, f"document-{at}"
    author = words.author_and_year(source.author, source.year)
    about = [part for part in (author, source.publication) if part]
    return element(
        "section",
        element("h2", title(source), id=heading),
        element(
            "p",
            *(joined(element("bdi", part), " · ") for part in about),
            f"{words.FILE} ",
            element("bdi", file_of(source)),
            class_="meta",
        ),
        _edition(first),
        *made,
        class_="document",
        aria_labelledby=heading,
    )


def _card(answer: Answer, number: int, common: _Cards) -> Html:
    heading = f"answer-{number}"
    return element(
        "article",
        element(
            "h3" if common.grouped else "h2", words.answer_title(number, common.of), id=heading
        ),
        element("blockquote", answer.text, dir="auto"),
        _sentence(answer),
        _lead(answer),
        _where(answer, grouped=common.grouped),
        _sure(answer.confidence),
        _elsewhere(answer.places),
        _doings(answer, number, common),
        _around(answer, common.ways.get(answer.passage.id, ""), unfolded=number == 1),
        class_="card",
        aria_labelledby=heading,
    )


def _doings(answer: Answer, number: int, common: _Cards) -> Html:
    """Offer what can be done with an answer; each button's name tells which answer it is for."""
    texts = copied(answer)
    data = {
        "question": common.question,
        "document": answer.source.id,
        "start": str(answer.start),
        "end": str(answer.end),
        "sha256": answer.quote_sha256,
    }

    def named(label: str) -> str:
        return words.of_answer(label, number, common.of)

    return element(
        "p",
        read_button(
            named(words.READ_THERE),
            answer.source.id,
            answer.start,
            answer.end,
            quote=answer.quote_sha256,
            marks=common.marks,
        ),
        button(
            words.COPY_QUOTE,
            "copy",
            name=named(words.COPY_QUOTE),
            text=next(iter(texts.values())),
            styles=json.dumps(texts),
            done=words.COPIED,
            failed=words.NOT_COPIED,
        ),
        button(words.RIGHT, "right", name=named(words.RIGHT), **data),
        button(words.WRONG, "wrong", name=named(words.WRONG), **data),
        class_="doings",
    )


def _sentence(answer: Answer) -> Html:
    """Show the sentence or row around an answer that is only a part of it, marked in it."""
    if squeeze(answer.text) == squeeze(answer.sentence_text):
        return NOTHING
    text, start = answer.sentence_text, answer.start - answer.sentence.start
    end = answer.end - answer.sentence.start
    pieces: tuple[Html | str, ...] = (text,)
    if text[start:end] == answer.text and digest(answer.text) == answer.quote_sha256:
        pieces = (text[:start], element("mark", answer.text), text[end:])
    return element("p", f"{words.IN} ", element("q", *pieces, dir="auto"), class_="in")


def _lead(answer: Answer) -> Html:
    """Show the heads over a row, with its cells under them, or what opens the list of an item."""
    parts = (answer.sentence.lead, named_cells(answer.sentence))
    lead = " · ".join(squeeze(part) for part in parts if part)
    if lead == "" or lead in squeeze(answer.sentence_text):
        return NOTHING
    return element("p", f"{words.UNDER} ", element("q", lead, dir="auto"), class_="meta")


def _sure(confidence: float | None) -> Html:
    if confidence is None:
        return element("p", words.UNSURE, class_="meta")
    number = element("strong", words.sure(confidence))
    return element("p", number, f": {in_words(confidence)}.", class_="sure")


def _elsewhere(places: Sequence[Place]) -> Html:
    """List where else the words of an answer stand."""
    if not places:
        return NOTHING
    left = len(places) - _PLACES
    return element(
        "div",
        element("p", words.SAME_ELSEWHERE),
        element("ul", *(element("li", _elsewhere_in(place)) for place in places[:_PLACES])),
        element("p", words.and_more_places(left)) if left > 0 else NOTHING,
        class_="elsewhere",
    )


def _elsewhere_in(found: Place) -> Html:
    where = place(found.source, words.page(found.page, found.page_label), ())
    return joined(title(found.source), " ", element("span", where, class_="place"))


def _around(answer: Answer, way: str, *, unfolded: bool) -> Html:
    spans = spans_of(answer.passage, [answer])
    return element(
        "details",
        element("summary", words.IN_ITS_PASSAGE),
        passage_text(answer.passage, spans),
        NOTHING if spans else element("p", words.NOT_MARKED, class_="meta"),
        element("p", way, class_="meta") if way else NOTHING,
        **({"open": ""} if unfolded else {}),
    )


def _where(answer: Answer, *, grouped: bool) -> Html:
    """Say where an answer stands, and of which edition; a group's heading says that of its own."""
    source = answer.source
    web = element(
        "a", words.ON_THE_WEB, href=source.url, target="_blank", rel="noopener noreferrer"
    )
    named = (element("p", citation(source)), _edition(answer))
    page = words.page(answer.page, answer.page_label)
    return element(
        "div",
        *(() if grouped else named),
        element("p", place(source, page, answer.section, with_file=not grouped)),
        element("p", web) if is_on_the_web(source) else NOTHING,
        class_="where",
    )


def _edition(answer: Answer) -> Html:
    """Say that the document has a newer edition among the sources, or is the newest."""
    if answer.newer is not None:
        return _newer(answer.newer)
    return element("p", words.NEWEST, class_="newest") if answer.newest else NOTHING


def _newer(source: Source) -> Html:
    told = joined(f"{words.NEWER} ", citation(source), " · ", element("bdi", file_of(source)))
    return element("p", told, class_="newer")


# Disagreements ----------------------------------------------------------------------------------


def _disagreement(found: Disagreement) -> Html:
    return element(
        "details",
        element("summary", *_summed_up(found)),
        element("p", words.may_disagree(found.kind), class_="meta"),
        element("ul", *(element("li", _quoted(quote, found)) for quote in _quotes(found))),
        class_="disagreement",
    )


def _quotes(found: Disagreement) -> tuple[Quote, Quote]:
    return found.first, found.second


def _summed_up(found: Disagreement) -> Iterator[Html | str]:
    yield element("strong", words.POSSIBLE_DISAGREEMENT)
    if found.kind == "number":
        first, second = (
            joined(element("q", squeeze(quote.differs), dir="auto"), " (", title(quote.source), ")")
            for quote in _quotes(found)
        )
    else:
        first, second = (title(quote.source) for quote in _quotes(found))
    yield joined(" ", first, f" {words.AGAINST} ", second)
    if found.newer is not None:
        yield joined(f" · {words.NEWER_SAYS} ", title(found.newer))


def _quoted(quote: Quote, found: Disagreement) -> Html:
    where = place(quote.source, words.page(quote.page, quote.page_label), ())
    is_newer = found.newer is not None and quote.source.id == found.newer.id
    at = quote.text.find(quote.differs) if quote.differs else -1
    pieces: tuple[Html | str, ...] = (quote.text,)
    if at >= 0 and quote.text.count(quote.differs) == 1:
        end = at + len(quote.differs)
        pieces = (quote.text[:at], element("mark", quote.differs), quote.text[end:])
    return joined(
        element("p", element("q", *pieces, dir="auto")),
        element("p", title(quote.source), " ", element("span", where, class_="place")),
        element("p", words.IS_NEWER, class_="newest") if is_newer else NOTHING,
        element("p", _read(quote), class_="doings"),
    )


def _read(quote: Quote) -> Html:
    source = quote.source
    label = f"{words.READ_THERE}: {title_of(source)}"
    if quote.differs:
        label = f"{label}, “{squeeze(quote.differs)}”"
    return read_button(label, source.id, quote.start, quote.end)
