"""What is kept of the conversation, in Gradio: taking it along, and forgetting it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import gradio as gr

from ctqa.ui import export, words
from ctqa.ui.asking import Asked
from ctqa.ui.desk import Desk
from ctqa.ui.history import Turn, turns_from, without
from ctqa.ui.parts import html, on, pressed
from ctqa.ui.render_history import earlier
from ctqa.ui.tab_ask import AskTab

Values = tuple[Any, ...]

_STATUS = '<div role="status" aria-live="polite" lang="en">${value}</div>'


@dataclass(frozen=True, slots=True, kw_only=True)
class KeepPart:
    """The parts by which a conversation is taken along or forgotten."""

    saves: tuple[gr.Button, ...]  # one for each of `export.KINDS`
    forget: gr.Button
    told: gr.HTML


def lay_out() -> KeepPart:
    """Lay out the buttons."""
    with gr.Accordion(words.KEEP, open=False, elem_id="keep"):
        with gr.Row():
            saves = tuple(
                gr.Button(label, size="sm", min_width=100)
                for label in (words.AS_MARKDOWN, words.AS_DOCX, words.AS_RECEIPTS)
            )
            forget = gr.Button(words.FORGET, size="sm", min_width=100)
        told = html("", template=_STATUS, elem_id="kept")
    return KeepPart(saves=saves, forget=forget, told=told)


def connect(desk: Desk, ask: AskTab, part: KeepPart, style: gr.Dropdown) -> None:
    """Have the buttons work, those beside each earlier question too."""
    for kind, button in zip(export.KINDS, part.saves, strict=True):
        on(button.click, _save(desk, kind), [ask.history, style], [part.told])
    left = [ask.past, ask.results, ask.status, ask.asked, ask.history, part.told]
    on(part.forget.click, _forget_all, None, left)

    def forget_one(history: Any, asked: Asked | None, event: gr.EventData) -> Values:
        data = pressed(event)
        if data.get("do") != "forget":
            return gr.skip(), gr.skip()
        turns = without(turns_from(history), data.get("turn", ""))
        past = turns if asked is None else turns[:-1]  # the newest one is shown in full
        return shown(desk, past), [turn.to_json() for turn in turns]

    on(ask.past.select, forget_one, [ask.history, ask.asked], [ask.past, ask.history])


def shown(desk: Desk, turns: Sequence[Turn]) -> str:
    """Show what was asked earlier, as HTML."""
    with desk.serving.lend() as qa:
        return earlier(turns, qa.build).markup


def _save(desk: Desk, kind: str) -> Callable[[Any, Any], str]:
    def save(history: Any, style: Any) -> str:
        now = datetime.now(UTC).isoformat(timespec="seconds")
        folder = desk.serving.folder
        made = export.export(history, kind, style, desk.downloads, folder=folder, now=now)
        return made.markup

    return save


def _forget_all() -> Values:
    left, told = export.clear()
    return "", "", "", None, left, told.markup
