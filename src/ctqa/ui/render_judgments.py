"""Judgments as markup: what is said of one, and the panel that asks for the right one.

All text of documents and questions goes through `markup`, which escapes it.
"""

from collections.abc import Sequence

from ctqa.evaluation.gold.judgments import Judged
from ctqa.records import Hit, Sentence
from ctqa.text import digest
from ctqa.ui import words
from ctqa.ui.judging_panel import Panel
from ctqa.ui.lines import short, title_of
from ctqa.ui.markup import NOTHING, Html, element, joined
from ctqa.ui.render_buttons import button

SHORT = 160  # characters of a quote in a line that tells of it
_NOTICE = 60  # in a notice, which lies over the page


def problem(message: str) -> Html:
    """Show why something could not be judged."""
    return _notice(element("span", words.problem_judging(message), class_="problem"))


def kept(judged: Judged, title: str, *, contrary: bool, replaced: Sequence[str] = ()) -> Html:
    """Tell of a judgment that was kept, and offer to take it back.

    `replaced` are the ids of those in whose stead it is kept; they then hold again.
    """
    told = f"{_told(judged, title)} {words.REPLACED}" if replaced else _told(judged, title)
    warning = element("span", words.CONTRADICTS, class_="contrary") if contrary else NOTHING
    return _notice(
        element("span", told, dir="auto"), warning, _undo(judged.id, replaced), mark(judged)
    )


def taken_back(judged: Judged, restored: Sequence[Judged] = ()) -> Html:
    """Tell of a judgment that was taken back, and that earlier ones hold again in its stead."""
    told = words.taken_back(short(judged.question, _NOTICE))
    return _notice(
        element("span", f"{told} {words.HOLDS_AGAIN}" if restored else told, dir="auto"),
        mark(judged, holds=False),
        *map(mark, restored),
    )


def mark(judged: Judged, *, holds: bool = True) -> Html:
    """Tell the page, unseen, which button of which answer was pressed, or is no longer."""
    place = judged.place
    start = 0 if place is None else place.start
    is_wrong = judged.verdict == "wrong"
    return element(
        "span",
        hidden="",
        data_question=judged.question,
        data_document="" if place is None else place.document,
        data_start=str(start),
        data_end=str(start if place is None else start + len(place.quote)),
        data_verdict=("wrong" if is_wrong else "right") if holds else "",
        data_said=words.AS_WRONG if is_wrong else words.AS_GOLD,
    )


def _told(judged: Judged, title: str) -> str:
    place = judged.place
    if place is None:
        return words.kept_absent()
    if judged.verdict == "wrong":
        return words.kept_wrong(short(place.quote, _NOTICE))
    named = short(title or place.document, _NOTICE)
    page = words.page(place.page, place.page_label)
    return words.kept_right(short(place.quote, _NOTICE), named, page)


def _undo(id: str, replaced: Sequence[str]) -> Html:
    return button(words.TAKE_BACK, "undo", judgment=id, restores=" ".join(replaced))


def _notice(*parts: Html) -> Html:
    close = button(words.DISMISS, "dismiss")
    return element("div", *parts, close, class_="notice", tabindex="-1")


# The panel --------------------------------------------------------------------------------------


def panel_head(panel: Panel | None) -> Html:
    """Ask which passage is right, and offer to say that none is."""
    if panel is None:
        return NOTHING
    return joined(
        element("h2", words.WHICH_IS_RIGHT, tabindex="-1"),
        element("p", f"{words.ASKED} ", element("q", panel.question, dir="auto"), class_="asked"),
        _wrong(panel),
        element(
            "p",
            button(words.NOT_IN_MINE, "right", question=panel.question),
            button(words.DISMISS if panel.wrong is None else words.DO_NOT_KNOW, "close"),
            class_="choices",
        ),
    )


def _wrong(panel: Panel) -> Html:
    """Say what was judged wrong, and offer to take that back."""
    if panel.wrong is None:
        return NOTHING
    told = f"{words.JUDGED_WRONG}: "
    return joined(
        element("p", told, element("q", short(panel.wrong.quote, SHORT), dir="auto")),
        element("p", words.CONTRADICTS, class_="contrary") if panel.contrary else NOTHING,
        element("p", words.REPLACED, class_="meta") if panel.replaced else NOTHING,
        element("p", _undo(panel.judgment, panel.replaced), class_="choices"),
    )


def panel_hits(panel: Panel | None) -> Html:
    """Show the passages that were found, each sentence to be chosen."""
    if panel is None:
        return NOTHING
    if panel.problem:
        return element("span", words.problem_judging(panel.problem), class_="problem")
    if not panel.hits:
        return element("p", words.NOTHING_LIKE_IT)
    return joined(
        _choice(panel),
        element("ol", *(element("li", _hit(panel, hit)) for hit in panel.hits)),
    )


def _hit(panel: Panel, hit: Hit) -> Html:
    where = words.page(hit.passage.page, hit.page_label)
    heading = f"passage-{hit.rank}"
    return element(
        "article",
        element(
            "h3",
            element("bdi", title_of(hit.source)),
            " · ",
            element("bdi", where),
            id=heading,
        ),
        element(
            "div",
            *(_sentence(panel, hit, sentence) for sentence in hit.passage.sentences),
            role="group",
            aria_label=words.BEGINS_IN_PASSAGE,
            class_="sentences",
        ),
        element("p", _read(hit), class_="choices"),
        class_="candidate",
        aria_labelledby=heading,
    )


def _read(hit: Hit) -> Html:
    passage = hit.passage
    data = {"document": passage.document_id, "start": str(passage.start), "end": str(passage.end)}
    return button(words.SEE_IT, "read", **data)


def _sentence(panel: Panel, hit: Hit, sentence: Sentence) -> Html:
    chosen, wrong = panel.chosen, panel.wrong
    is_chosen = (
        chosen is not None
        and chosen.passage == hit.passage.id
        and chosen.start <= sentence.start
        and sentence.end <= chosen.end
    )
    was_wrong = (
        wrong is not None
        and wrong.document == hit.passage.document_id
        and wrong.start <= sentence.start
        and sentence.end <= wrong.start + len(wrong.quote)
    )
    return element(
        "button",
        _slice(hit, sentence.start, sentence.end),
        element("small", f" ({words.JUDGED_WRONG})") if was_wrong else NOTHING,
        type="button",
        dir="auto",
        aria_pressed="true" if is_chosen else "false",
        data_do="pick",
        data_key=f"{hit.passage.id} {sentence.start}",
        data_passage=hit.passage.id,
        data_start=str(sentence.start),
    )


def _choice(panel: Panel) -> Html:
    """Show over all passages what was chosen, as it would be kept; it stays in sight."""
    chosen = panel.chosen
    hit = next((each for each in panel.hits if chosen and each.passage.id == chosen.passage), None)
    if chosen is None or hit is None:
        return element("div", element("p", words.WHICH_MEANING), class_="choice")
    quote = _slice(hit, chosen.start, chosen.end)
    return element(
        "div",
        element("p", f"{words.CHOSEN} ", element("q", quote, dir="auto")),
        button(
            words.KEEP_CHOSEN,
            "right",
            question=panel.question,
            document=hit.passage.document_id,
            start=str(chosen.start),
            end=str(chosen.end),
            sha256=digest(quote),
        ),
        class_="choice",
    )


def _slice(hit: Hit, start: int, end: int) -> str:
    return hit.passage.text[start - hit.passage.start : end - hit.passage.start]
