"""What the page shows, as markup: the header, replies and problems.

Every word of a document, a question or a file's name comes through here; `markup` escapes it.
"""

from collections.abc import Sequence

from ctqa.answering.wording import NOT_RERANKED, nearly, rests_on, stands_for
from ctqa.index.local import IndexStatus
from ctqa.records import Hit, Reply
from ctqa.ui import words
from ctqa.ui.markup import NOTHING, Html, element, joined
from ctqa.ui.render_cards import absent_buttons, cards, disagreements
from ctqa.ui.render_passages import listed

_CLOSEST = 3  # passages shown in full where there is no answer
_LEFT_OUT = 50  # files listed as left out


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
            joined(" ", element("strong", words.unread(unread))) if unread else NOTHING,
            class_="meta",
        ),
        *(element("p", notice, class_="meta") for notice in notices),
        _left_out(status),
        lang="en",
    )


def examples_label() -> Html:
    """Show what the example questions are."""
    return element("p", words.EXAMPLES, class_="meta", lang="en")


def outcome(found: Reply, *, carried_over: bool = False, narrowed: bool = False) -> Html:
    """Sum up a reply in a short line, to be read aloud by a screen reader."""
    if found.answered:
        summary = words.answers_found(len(found.answers), len(_others(found)))
    else:
        summary = words.nothing_found(min(len(found.hits), _CLOSEST), narrowed=narrowed)
    return joined(f"{summary} {words.TOGETHER}" if carried_over else summary)


def problem(message: str) -> Html:
    """Show why a question could not be asked."""
    return element("span", words.problem(message), class_="problem")


def reply(
    found: Reply, *, carried_over: bool = False, meant: str | None = None, only_in: str = ""
) -> Html:
    """Show a reply: its answers and the other passages, or the closest passages.

    What was searched is left out where it was carried over: the page then shows it to be edited.
    `meant` is the question that is judged with an answer; None: it says all by itself. `only_in`
    says which documents were searched; "": all.
    """
    question = found.question if meant is None else meant
    told = bool(found.searched) and not carried_over
    return joined(
        _question(words.ASKED, found.question),
        _question(words.SEARCHED, found.searched) if told else NOTHING,
        element("p", only_in, class_="meta", dir="auto") if only_in else NOTHING,
        *(element("p", stands_for(one), class_="meta") for one in found.expansions),
        _answers(found, question)
        if found.answered
        else _no_answer(found, question, narrowed=bool(only_in)),
        NOTHING if found.reranked or not found.hits else element("p", NOT_RERANKED, class_="meta"),
        element("p", _footing(found), class_="meta"),
    )


def _question(what: str, question: str) -> Html:
    return element("p", f"{what} ", element("q", question, dir="auto"), class_="asked")


def _answers(found: Reply, question: str) -> Html:
    others = _others(found)
    more = joined(element("h2", words.OTHERS), listed(others, found.answers)) if others else NOTHING
    return joined(
        element("p", rests_on(found.calibration), class_="meta"),
        disagreements(found.disagreements),
        cards(found, question),
        more,
    )


def _no_answer(found: Reply, question: str, *, narrowed: bool) -> Html:
    """Say that nothing answers; of documents that were not searched, nothing can be judged."""
    unread = found.pages_unread
    matters = words.unread_anywhere(unread) if narrowed else words.unread_matters(unread)
    return element(
        "article",
        element("h2", words.NOT_IN_THOSE if narrowed else words.NOT_THERE, id="not-there"),
        element("p", words.NOT_IN_THOSE_MEANING if narrowed else words.NOT_THERE_MEANING),
        element("p", near) if (near := nearly(found.held_back)) else NOTHING,
        element("p", matters) if unread else NOTHING,
        element("p", words.NOT_JUDGED, class_="meta") if narrowed else absent_buttons(question),
        _closest(found.hits[:_CLOSEST]),
        class_="card not-there",
        aria_labelledby="not-there",
    )


def _closest(hits: Sequence[Hit]) -> Html:
    if not hits:
        return NOTHING
    return joined(
        element("h3", words.CLOSEST),
        element("p", words.CLOSEST_MEANING, class_="meta"),
        listed(hits, [], unfolded=True),
    )


def _others(found: Reply) -> list[Hit]:
    """Give the hits whose passages are not shown with an answer."""
    shown = {answer.passage.id for answer in found.answers}
    return [hit for hit in found.hits if hit.passage.id not in shown]


# Small print ------------------------------------------------------------------------------------


def _footing(found: Reply) -> str:
    total = found.elapsed_ms.get("total")
    took = "" if total is None else words.took(total)
    return " ".join(part for part in (took, words.answered_from(found.build)) if part)


def _left_out(status: IndexStatus) -> Html:
    files = [file for file in status.files if file.needs_attention]
    if not files:
        return NOTHING
    lines = [
        element("li", element("bdi", file.id), f": {file.reason or file.state}")
        for file in files[:_LEFT_OUT]
    ]
    left = len(files) - len(lines)
    return element(
        "details",
        element("summary", words.LEFT_OUT),
        element("ul", *lines),
        element("p", words.and_more(left)) if left else NOTHING,
        class_="left-out meta",
    )
