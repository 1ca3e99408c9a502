"""Judging answers: plain functions, without Gradio.

What was pressed comes from a browser. It names a place; the words that stand there are cut from the
catalog, never taken from the browser.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from ctqa.answering.qa import QA
from ctqa.answering.serving import Serving
from ctqa.errors import ConfigError, CtqaError
from ctqa.evaluation.gold.judged_gold import opposed
from ctqa.evaluation.gold.judgments import Judged, Judgments, Quoted, Ruling, cut
from ctqa.records import Hit, Sentence
from ctqa.text import digest
from ctqa.ui import render_judgments as render
from ctqa.ui import words
from ctqa.ui.judging_panel import Chosen, Panel
from ctqa.ui.markup import NOTHING, Html

_OFFSET = re.compile(r"[0-9]{1,9}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Feedback:
    """What the page says of a judgment, and the panel as it is then; None: it is closed."""

    status: Html | None  # None: what was said last stays
    panel: Panel | None = None


def judge(
    serving: Serving, judgments: Judgments, data: Mapping[str, str], panel: Panel | None
) -> Feedback:
    """Keep a judgment: "right" or "wrong", of a place or, without one, of there being no answer.

    After "wrong" the panel asks which passage is right.
    """
    try:
        question = data.get("question", "")
        with serving.lend() as qa:
            place = _place(qa, data)
            build = qa.build
            title = "" if place is None else qa.document(place.document).source.title
        if data.get("do") == "wrong":
            return _judge_wrong(serving, judgments, question, place, build)
        verdict: Ruling = "not in the sources" if place is None else "right"
        kept, replaced = _keep(judgments, question, verdict, place, build)
        still = None if panel is None or panel.question == question else panel
        return Feedback(status=_told(judgments, kept, title, replaced), panel=still)
    except CtqaError as error:
        return Feedback(status=render.problem(str(error)), panel=panel)


def choose(judgments: Judgments, data: Mapping[str, str], panel: Panel | None) -> Feedback | None:
    """Do what another button of the panel or the status says; None: it is none of them."""
    try:
        return _choose(judgments, data, panel)
    except CtqaError as error:
        return Feedback(status=render.problem(str(error)), panel=panel)


def _choose(judgments: Judgments, data: Mapping[str, str], panel: Panel | None) -> Feedback | None:
    match data.get("do"):
        case "dismiss":
            return Feedback(status=NOTHING, panel=panel)
        case "close":
            return Feedback(status=_left(judgments, panel))
        case "pick":
            return Feedback(status=None, panel=None if panel is None else _picked(panel, data))
        case "undo":
            undone = judgments.withdraw(data.get("judgment", ""))
            restored = _put_back(judgments, undone, data.get("restores", "").split())
            still = None if panel is not None and panel.judgment == undone.id else panel
            return Feedback(status=render.taken_back(undone, restored), panel=still)
    return None


def _keep(
    judgments: Judgments, question: str, verdict: Ruling, place: Quoted | None, build: int
) -> tuple[Judged, tuple[str, ...]]:
    """Keep a judgment in the stead of the opposite one of the same place; give whose it took.

    Only one's own is replaced: another person's is contradicted, which both should see.
    """
    kept = judgments.add(question, verdict, place, build=build)
    others = [one for one in judgments.read().judged if _may_replace(kept, one)]
    return kept, tuple(judgments.withdraw(one.id).id for one in others)


def _put_back(judgments: Judgments, undone: Judged, ids: Sequence[str]) -> list[Judged]:
    """Have the judgments hold again that another one replaced, which is taken back."""
    found = (one for one in judgments.read().withdrawn if one.id in ids)
    return [judgments.restore(one.id) for one in found if _may_replace(undone, one)]


def _may_replace(one: Judged, other: Judged) -> bool:
    return opposed(one, other) and (one.key, one.by) == (other.key, other.by)


def look(serving: Serving, panel: Panel, searched: str) -> Panel:
    """Look for the right passage with other words."""
    found: tuple[Hit, ...] = ()
    problem = ""
    try:
        with serving.lend_to_ask() as qa:
            found = qa.search(searched)
    except CtqaError as error:
        problem = str(error)
    return replace(panel, words=searched, hits=found, chosen=None, problem=problem)


def _judge_wrong(
    serving: Serving, judgments: Judgments, question: str, place: Quoted | None, build: int
) -> Feedback:
    """Keep that a place does not answer, and ask what does; without a place only ask."""
    panel = Panel(question=question, wrong=place, words=question)
    if place is None:
        return Feedback(status=NOTHING, panel=look(serving, panel, question))
    kept, replaced = _keep(judgments, question, "wrong", place, build)
    contrary = _is_contrary(judgments, kept)
    asking = replace(panel, judgment=kept.id, contrary=contrary, replaced=replaced)
    return Feedback(status=render.mark(kept), panel=look(serving, asking, question))


def _left(judgments: Judgments, panel: Panel | None) -> Html:
    """Tell what stays judged wrong, now that nobody says what is right."""
    kept = None if panel is None else judgments.read().find(panel.judgment)
    if panel is None or kept is None:
        return NOTHING
    return _told(judgments, kept, replaced=panel.replaced)


def _told(
    judgments: Judgments, kept: Judged, title: str = "", replaced: Sequence[str] = ()
) -> Html:
    contrary = _is_contrary(judgments, kept)
    return render.kept(kept, title, contrary=contrary, replaced=replaced)


def _is_contrary(judgments: Judgments, kept: Judged) -> bool:
    return any(opposed(kept, other) for other in judgments.read().judged)


def _place(qa: QA, data: Mapping[str, str]) -> Quoted | None:
    """Cut what was judged out of its document; None: no document is named.

    Raises:
        ConfigError: there is no such place, or other words stand there than were shown.

    """
    document_id = data.get("document", "")
    if not document_id:
        return None
    start, end = data.get("start", ""), data.get("end", "")
    if not (_OFFSET.fullmatch(start) and _OFFSET.fullmatch(end)):
        raise ConfigError(words.NO_PLACE)
    document = qa.document(document_id)
    shown = data.get("sha256", "")
    found = document.text[int(start) : int(end)]
    if shown and shown != digest(found):
        raise ConfigError(words.CHANGED_SINCE)
    return cut(document, int(start), int(end))


def _picked(panel: Panel, data: Mapping[str, str]) -> Panel:
    """Add a sentence to what is chosen, or choose it alone, or no more."""
    for hit in panel.hits:
        for sentence in hit.passage.sentences:
            if (hit.passage.id, str(sentence.start)) == (data.get("passage"), data.get("start")):
                return replace(panel, chosen=_chosen(panel.chosen, hit, sentence))
    return panel


def _chosen(before: Chosen | None, hit: Hit, sentence: Sentence) -> Chosen | None:
    one = Chosen(passage=hit.passage.id, start=sentence.start, end=sentence.end)
    if before is None or before.passage != one.passage:
        return one
    if before == one:
        return None
    if before.start <= one.start and one.end <= before.end:
        return one
    return replace(one, start=min(before.start, one.start), end=max(before.end, one.end))
