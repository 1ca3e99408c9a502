"""Going through the judgments: plain functions, without Gradio."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from ctqa.answering.serving import Serving
from ctqa.errors import CtqaError, GoldError
from ctqa.evaluation.gold.judged import where_now
from ctqa.evaluation.gold.judged_gold import opposed, settle
from ctqa.evaluation.gold.judgments import FILE_NAME, Judged, Judgments
from ctqa.evaluation.gold.out import as_csv, as_jsonl
from ctqa.text import squeeze
from ctqa.ui import render_review as render
from ctqa.ui import words
from ctqa.ui.downloads import Downloads
from ctqa.ui.markup import NOTHING, Html
from ctqa.ui.render_review import Reviewed, Sum

AT_ONCE = 50  # judgments listed, until more are asked for
SHOWN = {
    words.EVERYTHING: "",
    words.IS_RIGHT: "right",
    words.IS_WRONG: "wrong",
    words.NOT_IN_DOCUMENTS: "not in the sources",
    words.CONTRARY_ONES: "contrary",
}
_FORMS = {
    "jsonl": (as_jsonl, "application/x-ndjson"),
    "csv": (as_csv, "text/csv; charset=utf-8"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Review:
    """What the tab shows: the sums and what to do with all, and the list."""

    total: Html
    listed: Html


def review(
    serving: Serving,
    judgments: Judgments,
    show: str | None,
    searched: str | None,
    at_most: int = AT_ONCE,
) -> Review:
    """List the judgments that were asked for, the newest first."""
    try:
        kept = judgments.read()
        total = _sum(kept.judged, [one.line for one in kept.damaged])
        wanted = SHOWN.get(words.EVERYTHING if show is None else show, "")
        sought = squeeze("" if searched is None else searched).casefold()
        found = [
            one
            for one in _with_opposed(kept.judged)
            if _is_wanted(one, wanted) and sought in _text_of(one.judged)
        ]
        newest = found[::-1][:at_most]
        listed = _located(serving, newest)
    except CtqaError as error:
        return Review(total=render.problem(str(error)), listed=NOTHING)
    return Review(
        total=render.total(total),
        listed=render.listed(listed, of=len(found), kept=len(kept.judged), gone=kept.withdrawn),
    )


def at_most(data: Mapping[str, str]) -> int:
    """Give how many judgments are to be listed after a button was pressed."""
    asked = data.get("shown", "")
    many = int(asked) if asked.isascii() and asked.isdigit() and len(asked) < 7 else 0
    return max(many, AT_ONCE)


def act(judgments: Judgments, downloads: Downloads, data: Mapping[str, str]) -> Html | None:
    """Do what a button of the tab says, and tell; None: it is none of these."""
    try:
        return _done(judgments, downloads, data)
    except CtqaError as error:
        return render.problem(str(error))


def _done(judgments: Judgments, downloads: Downloads, data: Mapping[str, str]) -> Html | None:
    id, done = data.get("judgment", ""), None
    match data.get("do"):
        case "remove":
            done = render.removed(judgments.withdraw(id))
        case "restore":
            done = render.restored(judgments.restore(id))
        case "settle":
            done = render.said(words.settled(_settle(judgments, id)))
        case "erase":
            gone = [one.id for one in judgments.read().withdrawn]
            done = render.said(words.erased(judgments.purge(gone)))
        case "export":
            done = _export(judgments, downloads, data.get("form", ""))
        case "more":
            done = NOTHING
    return done


def _settle(judgments: Judgments, id: str) -> int:
    """Take back whatever contradicts a judgment."""
    kept = judgments.read()
    holds = next((one for one in kept.judged if one.id == id), None)
    against = [] if holds is None else [one for one in kept.judged if opposed(holds, one)]
    for one in against:
        judgments.withdraw(one.id)
    return len(against)


def _export(judgments: Judgments, downloads: Downloads, form: str) -> Html | None:
    if form not in _FORMS:
        return None
    questions = settle(judgments.read().judged).questions
    if not questions:
        raise GoldError(words.NOTHING_SETTLED)
    write, media_type = _FORMS[form]
    name = f"gold.{form}"
    url = downloads.put(write(questions), name, media_type)
    return render.exported(words.exported(len(questions), name), url, name)


def _sum(judged: Sequence[Judged], damaged: Sequence[int]) -> Sum:
    settled = settle(judged)
    verdicts = [one.verdict for one in judged]
    return Sum(
        right=verdicts.count("right"),
        wrong=verdicts.count("wrong"),
        absent=verdicts.count("not in the sources"),
        gold=len(settled.questions),
        contrary=len(settled.contradictions),
        only_wrong=len(settled.only_wrong),
        damaged=tuple(damaged),
        file=FILE_NAME,
    )


def _with_opposed(judged: Sequence[Judged]) -> list[Reviewed]:
    asked: dict[str, list[Judged]] = {}
    for one in judged:
        asked.setdefault(one.asked, []).append(one)
    return [
        Reviewed(
            judged=one,
            opposed=tuple({other.verdict for other in asked[one.asked] if opposed(one, other)}),
        )
        for one in judged
    ]


def _is_wanted(one: Reviewed, wanted: str) -> bool:
    return wanted in ("", one.judged.verdict) or (wanted == "contrary" and bool(one.opposed))


def _text_of(judged: Judged) -> str:
    place = judged.place
    parts = [judged.question] if place is None else [judged.question, place.quote, place.document]
    return squeeze(" ".join(parts)).casefold()


def _located(serving: Serving, found: Sequence[Reviewed]) -> list[Reviewed]:
    """Find where the quotes stand in the build that answers now."""
    with serving.lend() as qa:
        sources = {source.id: source for source in qa.documents()}
        document = cache(qa.document)
        return [
            one.standing(None, None)
            if one.judged.place is None or one.judged.place.document not in sources
            else one.standing(
                sources[one.judged.place.document],
                where_now(document(one.judged.place.document), one.judged.place),
            )
            for one in found
        ]
