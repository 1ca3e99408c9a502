"""What the page shows, as markup: the header, replies and problems.

Every word of a document, a question or a file's name comes through here; `markup` escapes it.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import PureWindowsPath

from ctqa.answering.wording import in_words, nearly, rests_on, stands_for
from ctqa.index.local import IndexStatus
from ctqa.records import Answer, Hit, Passage, Place, Reply, Source
from ctqa.text import named_cells, squeeze
from ctqa.ui import words
from ctqa.ui.markup import Html, element, joined

_CLOSEST = 3  # passages shown in full where there is no answer
_EXCERPT_CHARS = 160
_LEFT_OUT = 50  # files listed as left out
_PLACES = 5  # listed where the same stands
_NOTHING = Html("")
_WEB = re.compile(r"https?://", re.IGNORECASE)


def header(status: IndexStatus, notices: Sequence[str] = ()) -> Html:
    """Show what the page is, what it searches, what was never read, and what else to know."""
    searched = words.searched(status.documents, status.passages, status.build.number)
    unread = status.pages_unread
    return element(
        "header",
        element("h1", words.TITLE),
        element("p", words.PROMISE, class_="promise"),
        element(
            "p",
            searched,
            joined(" ", element("strong", words.unread(unread))) if unread else _NOTHING,
            class_="meta",
        ),
        *(element("p", notice, class_="meta") for notice in notices),
        _left_out(status),
        lang="en",
    )


def examples_label() -> Html:
    """Show what the example questions are."""
    return element("p", words.EXAMPLES, class_="meta", lang="en")


def outcome(found: Reply, *, carried_over: bool = False) -> Html:
    """Sum up a reply in a short line, to be read aloud by a screen reader."""
    if found.answered:
        summary = words.answers_found(len(found.answers), len(_others(found)))
    else:
        summary = words.nothing_found(min(len(found.hits), _CLOSEST))
    return joined(f"{summary} {words.TOGETHER}" if carried_over else summary)


def problem(message: str) -> Html:
    """Show why a question could not be asked."""
    return element("span", words.problem(message), class_="problem")


def reply(found: Reply, *, carried_over: bool = False) -> Html:
    """Show a reply: its answers and the other passages, or the closest passages.

    What was searched is left out where it was carried over: the page then shows it to be edited.
    """
    told = bool(found.searched) and not carried_over
    return joined(
        _question(words.ASKED, found.question),
        _question(words.SEARCHED, found.searched) if told else _NOTHING,
        *(element("p", stands_for(one), class_="meta") for one in found.expansions),
        _answers(found) if found.answered else _no_answer(found),
        element("p", _footing(found), class_="meta"),
    )


def _question(what: str, question: str) -> Html:
    return element("p", f"{what} ", element("q", question, dir="auto"), class_="asked")


# Answers ----------------------------------------------------------------------------------------


def _answers(found: Reply) -> Html:
    ways = {hit.passage.id: words.found(hit) for hit in found.hits}
    of = len(found.answers)
    cards = [
        _card(answer, number, words.answer_title(number, of), ways.get(answer.passage.id, ""))
        for number, answer in enumerate(found.answers, start=1)
    ]
    others = _others(found)
    more = joined(element("h2", words.OTHERS), _list(others, found.answers)) if others else _NOTHING
    return joined(element("p", rests_on(found.calibration), class_="meta"), *cards, more)


def _card(answer: Answer, number: int, title: str, way: str) -> Html:
    heading = f"answer-{number}"
    return element(
        "article",
        element("h2", title, id=heading),
        element("blockquote", answer.text, dir="auto"),
        _sentence(answer),
        _lead(answer),
        _where(answer),
        _sure(answer.confidence),
        _elsewhere(answer.places),
        _around(answer, way, unfolded=number == 1),
        class_="card",
        aria_labelledby=heading,
    )


def _sentence(answer: Answer) -> Html:
    """Show the sentence or row around an answer that is only a part of it."""
    if squeeze(answer.text) == squeeze(answer.sentence_text):
        return _NOTHING
    return element("p", f"{words.IN} ", element("q", answer.sentence_text, dir="auto"), class_="in")


def _lead(answer: Answer) -> Html:
    """Show the heads over a row, with its cells under them, or what opens the list of an item."""
    parts = (answer.sentence.lead, named_cells(answer.sentence))
    lead = " · ".join(squeeze(part) for part in parts if part)
    if lead == "" or lead in squeeze(answer.sentence_text):
        return _NOTHING
    return element("p", f"{words.UNDER} ", element("q", lead, dir="auto"), class_="meta")


def _sure(confidence: float | None) -> Html:
    if confidence is None:
        return element("p", words.UNSURE, class_="meta")
    number = element("strong", words.sure(confidence))
    return element("p", number, f": {in_words(confidence)}.", class_="sure")


def _elsewhere(places: Sequence[Place]) -> Html:
    """List where else the words of an answer stand."""
    if not places:
        return _NOTHING
    left = len(places) - _PLACES
    return element(
        "div",
        element("p", words.SAME_ELSEWHERE),
        element("ul", *(element("li", _elsewhere_in(place)) for place in places[:_PLACES])),
        element("p", words.and_more_places(left)) if left > 0 else _NOTHING,
        class_="elsewhere",
    )


def _elsewhere_in(place: Place) -> Html:
    where = element(
        "span", _place(place.source, words.page(place.page, place.page_label), ()), class_="place"
    )
    return joined(_title(place.source), " ", where)


def _around(answer: Answer, way: str, *, unfolded: bool) -> Html:
    spans = _spans(answer.passage, [answer])
    return element(
        "details",
        element("summary", words.IN_ITS_PASSAGE),
        _passage(answer.passage, spans),
        _NOTHING if spans else element("p", words.NOT_MARKED, class_="meta"),
        element("p", way, class_="meta") if way else _NOTHING,
        **({"open": ""} if unfolded else {}),
    )


def _where(answer: Answer) -> Html:
    source = answer.source
    web = element(
        "a", words.ON_THE_WEB, href=source.url, target="_blank", rel="noopener noreferrer"
    )
    return element(
        "div",
        element("p", _citation(source)),
        _newer(answer.newer),
        element("p", _place(source, words.page(answer.page, answer.page_label), answer.section)),
        element("p", web) if _WEB.match(source.url) else _NOTHING,
        class_="where",
    )


def _newer(source: Source | None) -> Html:
    """Say that the document has a newer edition among the sources."""
    if source is None:
        return _NOTHING
    told = joined(f"{words.NEWER} ", _citation(source), " · ", element("bdi", _file(source)))
    return element("p", told, class_="newer")


def _citation(source: Source) -> Html:
    """Cite a document; no part of it can turn the line around (`bdi`, `dir`)."""
    author = words.author_and_year(source.author, source.year)
    return joined(
        joined(element("bdi", author), ", ") if author else _NOTHING,
        _title(source),
        joined(", ", element("bdi", source.publication)) if source.publication else _NOTHING,
    )


def _title(source: Source) -> Html:
    return element("cite", source.title or _file(source), dir="auto")


def _place(source: Source, page: str, section: Sequence[str]) -> Html:
    """Name the file, the page and the section."""
    where = words.section([squeeze(heading) for heading in section])
    return joined(
        f"{words.FILE} ",
        element("bdi", _file(source)),
        " · ",
        element("bdi", page),
        joined(f" · {words.SECTION} ", element("bdi", where)) if where else _NOTHING,
    )


def _file(source: Source) -> str:
    """Name the document within its folder; behind the name of the file that holds several."""
    name = PureWindowsPath(source.path).name  # understands both slashes
    return source.id if source.id.endswith(name) else f"{name}, {source.id}"


# Passages ---------------------------------------------------------------------------------------


def _no_answer(found: Reply) -> Html:
    unread = found.pages_unread
    return element(
        "article",
        element("h2", words.NOT_THERE, id="not-there"),
        element("p", words.NOT_THERE_MEANING),
        element("p", near) if (near := nearly(found.held_back)) else _NOTHING,
        element("p", words.unread_matters(unread)) if unread else _NOTHING,
        _closest(found.hits[:_CLOSEST]),
        class_="card not-there",
        aria_labelledby="not-there",
    )


def _closest(hits: Sequence[Hit]) -> Html:
    if not hits:
        return _NOTHING
    return joined(
        element("h3", words.CLOSEST),
        element("p", words.CLOSEST_MEANING, class_="meta"),
        _list(hits, [], unfolded=True),
    )


def _others(found: Reply) -> list[Hit]:
    """Give the hits whose passages are not shown with an answer."""
    shown = {answer.passage.id for answer in found.answers}
    return [hit for hit in found.hits if hit.passage.id not in shown]


def _list(hits: Iterable[Hit], answers: Sequence[Answer], *, unfolded: bool = False) -> Html:
    return element("ol", *(_item(hit, answers, unfolded=unfolded) for hit in hits))


def _item(hit: Hit, answers: Sequence[Answer], *, unfolded: bool) -> Html:
    passage, way = hit.passage, words.found(hit)
    place = joined(
        element("span", _title(hit.source)),
        element(
            "span",
            _place(hit.source, words.page(passage.page, hit.page_label), passage.section),
            class_="place",
        ),
        element("span", _excerpt(passage.text), class_="excerpt", dir="auto"),
    )
    return element(
        "li",
        element(
            "details",
            element("summary", place),
            _passage(passage, _spans(passage, answers)),
            element("p", way, class_="meta") if way else _NOTHING,
            **({"open": ""} if unfolded else {}),
        ),
    )


def _excerpt(text: str) -> str:
    """Give the first words of a passage."""
    start = squeeze(text[: 2 * _EXCERPT_CHARS])
    if len(start) <= _EXCERPT_CHARS:
        return start
    return start[:_EXCERPT_CHARS].rpartition(" ")[0] + "…"


def _passage(passage: Passage, spans: Sequence[tuple[int, int]]) -> Html:
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


def _spans(passage: Passage, answers: Iterable[Answer]) -> list[tuple[int, int]]:
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


# Small print ------------------------------------------------------------------------------------


def _footing(found: Reply) -> str:
    total = found.elapsed_ms.get("total")
    took = "" if total is None else words.took(total)
    return " ".join(part for part in (took, words.answered_from(found.build)) if part)


def _left_out(status: IndexStatus) -> Html:
    files = [file for file in status.files if file.needs_attention]
    if not files:
        return _NOTHING
    lines = [
        element("li", element("bdi", file.id), f": {file.reason or file.state}")
        for file in files[:_LEFT_OUT]
    ]
    left = len(files) - len(lines)
    return element(
        "details",
        element("summary", words.LEFT_OUT),
        element("ul", *lines),
        element("p", words.and_more(left)) if left else _NOTHING,
        class_="left-out meta",
    )
