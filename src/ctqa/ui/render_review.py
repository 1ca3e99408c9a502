"""The list of judgments as markup."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from ctqa.evaluation.gold.judgments import Judged, Ruling
from ctqa.records import Source
from ctqa.ui import words
from ctqa.ui.lines import short
from ctqa.ui.markup import NOTHING, Html, element, joined
from ctqa.ui.render_buttons import button
from ctqa.ui.render_judgments import SHORT, problem
from ctqa.ui.render_places import title

__all__ = [
    "Reviewed",
    "Sum",
    "exported",
    "listed",
    "problem",
    "removed",
    "restored",
    "said",
    "tab_head",
    "total",
]

VERDICTS: dict[Ruling, str] = {
    "right": words.IS_RIGHT,
    "wrong": words.IS_WRONG,
    "not in the sources": words.NOT_IN_DOCUMENTS,
}
_GONE = 50  # withdrawn judgments listed
_MORE = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Sum:
    """How many judgments there are, and what they come to."""

    right: int
    wrong: int
    absent: int
    gold: int  # questions
    contrary: int  # questions
    only_wrong: int  # questions
    damaged: tuple[int, ...]  # lines
    file: str  # which these are in


@dataclass(frozen=True, slots=True, kw_only=True)
class Reviewed:
    """A judgment as it is listed."""

    judged: Judged
    opposed: tuple[Ruling, ...] = ()  # verdicts that contradict it
    source: Source | None = None  # its document now; None: it is gone, or none was named
    start: int | None = None  # of the quote now; None: it no longer stands word for word

    def standing(self, source: Source | None, start: int | None) -> "Reviewed":
        """Give it with where its quote stands now."""
        return replace(self, source=source, start=start)


def said(line: str) -> Html:
    """Tell what was done."""
    return element("p", line, dir="auto")


def removed(judged: Judged) -> Html:
    """Tell of a judgment that was taken back, and offer to put it back."""
    line = words.taken_back(short(judged.question, SHORT))
    return joined(said(line), button(words.PUT_BACK, "restore", judgment=judged.id))


def restored(judged: Judged) -> Html:
    """Tell of a judgment that was put back."""
    return said(words.put_back(short(judged.question, SHORT)))


def exported(line: str, url: str, name: str) -> Html:
    """Hand out a file of gold."""
    return element("p", line, element("a", name, href=url, download=name))


def tab_head() -> Html:
    """Say what judgments are for, and where they are kept."""
    return joined(
        element("h2", words.TAB_JUDGMENTS), element("p", words.JUDGMENTS_MEANING, class_="meta")
    )


def total(found: Sum) -> Html:
    """Sum the judgments up, and offer what is gold."""
    if not found.right + found.wrong + found.absent + len(found.damaged):
        return element("p", words.NO_JUDGMENTS)
    lines = [
        words.sum_of_judgments(found.right, found.wrong, found.absent),
        words.sum_of_gold(found.gold),
        words.left_contrary(found.contrary) if found.contrary else "",
        words.left_only_wrong(found.only_wrong) if found.only_wrong else "",
    ]
    exports = element(
        "p",
        button(words.AS_JSONL, "export", form="jsonl"),
        button(words.AS_CSV, "export", form="csv"),
        class_="choices",
    )
    return joined(
        _damaged(found),
        *(element("p", line) for line in lines if line),
        exports if found.gold else NOTHING,
    )


def listed(
    found: Sequence[Reviewed],
    *,
    of: int,
    kept: int,
    gone: Sequence[Judged],
) -> Html:
    """List judgments, and those that were taken back."""
    if not found:
        shown = element("p", words.NONE_OF_THESE) if kept else NOTHING
    else:
        more = button(words.MORE_JUDGMENTS, "more", shown=str(len(found) + _MORE), key="more")
        shown = joined(
            element("p", words.listed_judgments(len(found), of), class_="meta"),
            element("ol", *(element("li", _item(one)) for one in found)),
            more if len(found) < of else NOTHING,
        )
    return joined(shown, _withdrawn(gone))


def _damaged(found: Sum) -> Html:
    if not found.damaged:
        return NOTHING
    line = f"{words.damaged_lines(found.damaged, found.file)} {words.HELD_DAMAGED}"
    return element("p", line, class_="problem")


def _item(one: Reviewed) -> Html:
    judged = one.judged
    heading = f"judgment-{judged.id}"
    return element(
        "article",
        element("h3", judged.question, id=heading, dir="auto"),
        element("p", element("strong", VERDICTS[judged.verdict]), class_="verdict"),
        NOTHING if judged.place is None else element("blockquote", judged.place.quote, dir="auto"),
        _where(one),
        element("p", words.judged_on(judged.at[:10], judged.build, judged.by), class_="meta"),
        _contrary(one),
        element("p", *_buttons(one), class_="choices"),
        class_="judgment",
        aria_labelledby=heading,
    )


def _where(one: Reviewed) -> Html:
    place = one.judged.place
    if place is None:
        return NOTHING
    page = words.page(place.page, place.page_label)
    if one.source is None:
        named = joined(element("bdi", place.document), " · ", element("bdi", page))
        return element("p", named, " · ", words.DOCUMENT_GONE, class_="meta")
    stands = words.STANDS_NO_MORE if one.start is None else words.STANDS
    named = joined(title(one.source), " · ", element("bdi", page))
    return element("p", named, " · ", stands, class_="meta")


def _contrary(one: Reviewed) -> Html:
    if not one.opposed:
        return NOTHING
    verdicts = [VERDICTS[verdict] for verdict in sorted(one.opposed)]
    return element("p", words.contrary_to(verdicts), class_="contrary")


def _buttons(one: Reviewed) -> list[Html]:
    judged, place = one.judged, one.judged.place
    found = []
    if place is not None and one.source is not None and one.start is not None:
        end = one.start + len(place.quote)
        data = {"document": place.document, "start": str(one.start), "end": str(end)}
        found.append(button(words.SEE_IT, "read", **data))
    found.append(button(words.ASK_AGAIN, "ask", question=judged.question))
    if one.opposed:
        found.append(button(words.KEEP_THIS, "settle", judgment=judged.id))
    found.append(button(words.REMOVE, "remove", judgment=judged.id))
    return found


def _withdrawn(gone: Sequence[Judged]) -> Html:
    if not gone:
        return NOTHING
    lines = [
        element(
            "li",
            element("span", f"{short(one.question, SHORT)} ({VERDICTS[one.verdict]}) ", dir="auto"),
            button(words.PUT_BACK, "restore", judgment=one.id),
        )
        for one in gone[::-1][:_GONE]
    ]
    return element(
        "details",
        element("summary", words.withdrawn(len(gone))),
        element("p", words.ERASE_MEANING, button(words.ERASE, "erase"), class_="meta"),
        element("ul", *lines),
        class_="gone",
    )
