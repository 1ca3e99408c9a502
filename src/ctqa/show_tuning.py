"""Words for people on a terminal: what tuning costs, and what it found."""

import json
import shlex
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from ctqa.evaluation.comparing.paired import Difference
from ctqa.evaluation.comparing.telling import label, p_value, size
from ctqa.evaluation.gold.wording import many
from ctqa.evaluation.tuning.knobs import INDEX_KNOBS, Value
from ctqa.evaluation.tuning.trials import ANSWERING
from ctqa.evaluation.tuning.tune import Tried, Tuning
from ctqa.lines import filled, harmless

if TYPE_CHECKING:
    from ctqa.config_file import Change
    from ctqa.tuning import Cost

_SHOWN = 15
_TOGETHER = {
    "document": "Questions about the same document were kept together.",
    "place": "Questions whose answers stand in the same place were kept together.",
    "question": "Each question was drawn by itself: nearly all share documents with others.",
}
_ALWAYS = (
    "answers that CTQA would hold back were judged as well; from when on it answers is for `ctqa "
    "calibrate` to learn"
)


def cost(found: "Cost") -> str:
    """Say what tuning will take, before it begins."""
    parts = [
        f"trying {many(found.settings, 'setting')} on {many(found.questions, 'question')}: "
        f"{_span(found.try_s)}"
    ]
    if found.indexes:
        parts.insert(
            0,
            f"building {many(found.indexes, 'trial index', 'trial indexes')}: "
            f"{_span(found.build_s)}, and as long as it takes to read the files again",
        )
    return filled(
        f"Tuning: {'; then '.join(parts)}. Your index stays as it is; Ctrl-C stops at any time."
    )


def tuning(
    found: Tuning, gold: Path, file: Path | None = None, changes: "Sequence[Change]" = ()
) -> str:
    """Show the advice and what it rests on, the settings tried, and what to do next.

    `gold` is where the gold set lies, `file` where the settings were to be written, if anywhere.
    """
    head = (
        f"{found.gold}: {many(found.questions, 'question')}, {found.folds} folds; settings are "
        f"chosen by “{label(found.measure)}”. {_TOGETHER[found.together]}"
    )
    held_back = found.measure in ANSWERING
    notes = [*found.notes, *([_ALWAYS] if held_back else [])]
    blocks = (
        [filled(harmless(head))],
        [filled(harmless(line)) for line in verdict(found)],
        list(_table(found)),
        [filled(harmless(f"Note: {note}.")) for note in notes],
        list(_next(found, gold, file, changes)),
    )
    return "\n\n".join("\n".join(block) for block in blocks if block)


def verdict(found: Tuning) -> Iterator[str]:
    """Say what to do, and why."""
    scored = f"{found.tuned.mean:.3f} against {found.present.mean.mean:.3f}"
    honest = (
        "Chosen over and over on the questions of all folds but one and scored on that one, "
        f"tuned settings have {scored} of the present ones: {_beyond(found.gain)}."
    )
    if found.chosen.is_present:
        yield f"Keep what you have: {_none_better(found)}."
    elif found.keeps:
        yield f"Keep what you have: {_not_worth_it(found.gain)}."
        yield honest
    else:
        yield f"Set {_told(_turned(found))}."
        yield honest
        times = found.chosen.chosen
        yield f"These very settings were chosen in {times} of {found.folds} folds."
    if found.keeps:
        yield _would_have_shown(found)


def _none_better(found: Tuning) -> str:
    """Say why the present settings are chosen: the best is less than a standard error ahead."""
    higher = [each.gain for each in found.tried if each.gain.mean > 0]
    if not higher:
        return "no other setting that was tried scored higher"
    if any(gain.shown for gain in higher):  # by little, though on most questions
        return "the best setting that was tried is not better beyond chance"
    return "no setting that was tried is better beyond chance"


def _not_worth_it(gain: Difference) -> str:
    """Say how settings that were chosen did on questions that they were not chosen by."""
    did = "worse beyond chance" if gain.shown else "no better beyond chance"
    return f"settings chosen by some of the questions did {did} on the others"


def _would_have_shown(found: Tuning) -> str:
    if found.smallest >= 1:
        return "So few questions can hardly show any difference."
    return (
        f"With {many(found.questions, 'question')} like these, a true difference of about "
        f"{size(found.smallest)} or more would have shown 4 times out of 5."
    )


def _next(
    found: Tuning, gold: Path, file: Path | None, changes: "Sequence[Change]"
) -> Iterator[str]:
    """Tell what was written, and say what has to be done to have the settings recommended."""
    if found.keeps:
        if file is not None:
            yield filled(harmless(f"{file}: nothing was written."))
        return
    yield from _written(found, file, changes)
    yield from map(filled, _to_do(found, gold))


def _written(found: Tuning, file: Path | None, changes: "Sequence[Change]") -> Iterator[str]:
    if file is None:
        yield "To have it so, put into ctqa.toml (or run this again with --write):"
        for name, value in _turned(found).items():
            table = "index" if name in INDEX_KNOBS else "search"
            yield f"  [{table}]  {name} = {harmless(json.dumps(value))}"
    elif not changes:
        yield filled(harmless(f"{file}: says so already; nothing was written."))
    else:
        yield harmless(f"{file}: written")
        for each in changes:
            now, before = json.dumps(each.now), json.dumps(each.before)
            yield harmless(f"  [{each.table}]  {each.name} = {now}  (was {before})")


def _to_do(found: Tuning, gold: Path) -> Iterator[str]:
    turned, now = _turned(found), found.present.values
    if set(turned) & set(INDEX_KNOBS):
        encoder = f" --encoder {turned['encoder']}" if "encoder" in turned else ""
        yield harmless(f"Then run `ctqa build{encoder}`: the index has to be made anew for it.")
    if "encoder" in turned or ("rerank" in turned and 0 in (turned["rerank"], now["rerank"])):
        named = shlex.quote(str(gold))
        yield harmless(f"Then run `ctqa calibrate {named}`: what confidence rests on has changed.")
    if _number(turned.get("rerank")) > _number(now.get("rerank")):
        yield "More passages are read closely for each question: answers will take longer."


def _turned(found: Tuning) -> dict[str, Value]:
    """Give those of the recommended settings that are not as at present."""
    now = found.present.values
    return {n: value for n, value in found.recommended.values.items() if value != now[n]}


def _told(values: Mapping[str, Value]) -> str:
    return ", ".join(f"{name} = {value}" for name, value in values.items())


def _beyond(gain: Difference) -> str:
    interval = f"{size(gain.low, sign=True)} to {size(gain.high, sign=True)}"
    told = f"{size(gain.mean, sign=True)} ({interval}; {p_value(gain.p)})"
    return f"{told}, more than chance" if gain.shown else f"{told}, no more than chance may bring"


def _table(found: Tuning) -> Iterator[str]:
    names = list(found.present.values)
    rows = list(enumerate(found.tried, start=1))
    kept = [row for row in rows if row[0] <= _SHOWN or row[1].is_present]
    widths = [max(len(name), *(len(str(each.values[name])) for _, each in kept)) for name in names]
    heads = "  ".join(f"{name:>{width}}" for name, width in zip(names, widths, strict=True))
    yield f"     {heads}   mean  95 % interval      gain  95 % interval       chosen"
    for number, each in kept:
        cells = "  ".join(
            f"{harmless(str(each.values[name])):>{width}}"
            for name, width in zip(names, widths, strict=True)
        )
        yield f"{number:>3}. {cells}  {_scores(each, found.folds)}"
    if len(kept) < len(rows):
        yield f"({len(rows) - len(kept)} more settings: --json shows all)"


def _scores(each: Tried, folds: int) -> str:
    mean = f"{each.mean.mean:.3f}  {each.mean.low:.3f} to {each.mean.high:.3f}"
    if each.is_present:
        return f"{mean}  as at present                {each.chosen} of {folds}"
    gain = each.gain
    interval = f"{size(gain.low, sign=True)} to {size(gain.high, sign=True)}"
    return f"{mean}  {size(gain.mean, sign=True):>7}  {interval:<18}  {each.chosen} of {folds}"


def _number(value: Value | None) -> float:
    return 0.0 if value is None else float(value)


def _span(seconds: float) -> str:
    """Tell roughly how long something takes."""
    if seconds < 60:
        return "less than a minute"
    if seconds < 5400:
        return f"about {many(max(1, round(seconds / 60)), 'minute')}"
    return f"about {many(round(seconds / 3600), 'hour')}"
