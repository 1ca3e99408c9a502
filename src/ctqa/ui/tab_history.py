"""What is kept of the conversation, in Gradio: taking it along, and forgetting it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import gradio as gr

from ctqa.ui import export, keeping, words
from ctqa.ui.desk import Desk
from ctqa.ui.history import turns_from, without
from ctqa.ui.parts import STATUS, html, on, pressed, then
from ctqa.ui.tab_ask import AskTab, shown_earlier
from ctqa.ui.tab_source import SourcePane

Values = tuple[Any, ...]

# The question that was forgotten is to be read nowhere on the page.
_CLOSE_SOURCE = """() => {
  document.querySelector('#source-pane button.close')?.click();
  document.querySelector('#judging button[data-do="close"]')?.click();
}"""
_SHOW_TOLD = "() => document.querySelector('#kept')?.scrollIntoView({block: 'center'})"


@dataclass(frozen=True, slots=True, kw_only=True)
class KeepPart:
    """The parts by which a conversation is taken along or forgotten."""

    saves: tuple[gr.Button, ...]  # one for each of `export.KINDS`
    forget: gr.Button
    sure: gr.Row  # asks whether all is to be forgotten
    forget_now: gr.Button
    keep: gr.Button
    told: gr.HTML


def lay_out() -> KeepPart:
    """Lay out the buttons."""
    with gr.Accordion(words.KEEP, open=False, elem_id="keep"):
        with gr.Row():
            saves = tuple(
                gr.Button(label, size="sm", min_width=100)
                for label in (words.AS_MARKDOWN, words.AS_DOCX, words.AS_RECEIPTS)
            )
        told = html("", template=STATUS, elem_id="kept")
        forget = gr.Button(words.FORGET, size="sm", elem_id="forget")
        with gr.Row(visible=False) as sure:
            forget_now = gr.Button(words.FORGET_NOW, size="sm", variant="stop")
            keep = gr.Button(words.KEEP_ALL, size="sm")
    return KeepPart(
        saves=saves, forget=forget, sure=sure, forget_now=forget_now, keep=keep, told=told
    )


def connect(desk: Desk, ask: AskTab, part: KeepPart, source: SourcePane) -> None:
    """Have the buttons work, those beside each earlier question too."""
    for kind, button in zip(export.KINDS, part.saves, strict=True):
        saved = on(button.click, _save(desk, kind), [ask.history, source.style], [part.told])
        then(saved, None, js=_SHOW_TOLD)
    on(part.forget.click, lambda: _asks(True), None, [part.forget, part.sure])
    on(part.keep.click, lambda: _asks(False), None, [part.forget, part.sure])
    emptied = [ask.past, ask.results, ask.status, ask.searched, ask.carried, ask.asked]
    left = [*emptied, ask.history, part.told, part.forget, part.sure]
    forgotten = on(part.forget_now.click, _forget_all, None, left)
    then(forgotten, None, js=_CLOSE_SOURCE)
    on(ask.past.select, _forget_one(desk), [ask.history, ask.results], [ask.past, ask.history])


def _asks(is_asked: bool) -> Values:
    return gr.update(visible=not is_asked), gr.update(visible=is_asked)


def _forget_one(desk: Desk) -> Callable[..., Values]:
    def forget(history: Any, newest: str | None, event: gr.EventData) -> Values:
        data = pressed(event)
        if data.get("do") != "forget":
            return gr.skip(), gr.skip()
        turns = without(turns_from(keeping.read(history)), data.get("turn", ""))
        past = turns[:-1] if newest else turns  # the newest one is shown in full
        left = keeping.written([turn.to_json() for turn in turns])
        return shown_earlier(desk, past), left

    return forget


def _save(desk: Desk, kind: str) -> Callable[[Any, Any], str]:
    def save(history: Any, style: Any) -> str:
        now = datetime.now(UTC).isoformat(timespec="seconds")
        folder, asked = desk.serving.folder, keeping.read(history)
        made = export.export(asked, kind, style, desk.downloads, folder=folder, now=now)
        return made.markup

    return save


def _forget_all() -> Values:
    left, told = export.clear()
    closed = gr.update(visible=False)
    return "", "", "", "", closed, None, keeping.written(left), told.markup, *_asks(False)
