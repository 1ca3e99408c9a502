"""The evaluation tab in Gradio: what stands where, and which event calls what."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import gradio as gr
from gradio.utils import get_upload_folder

from ctqa.ui import keeping, render_evaluation, words
from ctqa.ui.parts import PLAIN, SAID, html, on, or_as_before, pressed, then
from ctqa.ui.uploads import Upload, discard
from ctqa.ui.workbench import Shown, View, Workbench

Values = tuple[Any, ...]

_LOOK_S = 1.0  # between two looks at how far an evaluation is
_FORMS = [".xlsx", ".xlsm", ".ods", ".csv", ".tsv", ".jsonl", ".ndjson", ".json"]
_RESULT = f'<section aria-label="{words.RESULT}" tabindex="-1" lang="en">${{value}}</section>'
# A button that was pressed may be gone: reading then goes on at what came of it.
_FOCUS = """
watch('value', () => setTimeout(() => {
  const on = document.activeElement;
  if (on === document.body && element.textContent.trim()) {
    element.querySelector('[tabindex]')?.focus();
  }
}, 60));
"""
# Whoever asked for a result by a button is led to it, also where the button is still there.
_LEAD = """
watch('value', () => setTimeout(() => {
  const on = document.activeElement;
  const asked = on.matches('[data-do="show-result"], [data-do="compare-result"]');
  if ((asked || on === document.body) && element.textContent.trim()) {
    element.querySelector('[tabindex]')?.focus({preventScroll: true});
    element.scrollIntoView();
  }
}, 60));
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class EvaluateTab:
    """The parts of the tab."""

    sets: gr.HTML
    file: gr.UploadButton
    only_searching: gr.Checkbox
    told: gr.HTML
    errand: gr.HTML  # a gold set that is checked, questions that are suggested
    progress: gr.HTML
    result: gr.HTML  # its `select` event tells of a button, "ask" and "read" among them
    earlier: gr.HTML
    view: gr.State
    timer: gr.Timer

    @property
    def changed(self) -> list[Any]:
        """Give what an event changes, in the order of `_values`."""
        return [
            *(self.view, self.timer, self.progress, self.errand, self.told),
            *(self.sets, self.result, self.earlier),
        ]


def add_evaluate(workbench: Workbench, mine: gr.HTML, shown_on: Sequence[Any]) -> EvaluateTab:
    """Lay the tab out and connect it; it is drawn at the events in `shown_on`.

    `mine` are the keys of the gold files that a browser sent, as it keeps them (see `keeping`).
    """
    tab = _lay_out()

    def show(view: View, kept: Any) -> Values:
        return _values(workbench.open(workbench.with_kept(view, keeping.read(kept))))

    def press(view: View, only_searching: bool, event: gr.EventData) -> Values:
        data = pressed(event)
        return _values(workbench.press(data, view, only_searching=only_searching is True))

    def take(file: str | None, view: View, kept: Any) -> Values:
        within = Path(get_upload_folder())
        sent = None if file is None else Path(file)
        try:
            before = workbench.with_kept(view, keeping.read(kept))  # another window sent some
            shown = workbench.take(sent, within, before)
            return (None, keeping.written(list(shown.view.mine)), *_values(shown))
        finally:
            if sent is not None:
                discard([Upload(path=sent, name=sent.name)], within)

    def look(view: View) -> Values:
        return _values(workbench.look(view))

    places = (tab.sets, tab.errand, tab.progress, tab.result, tab.earlier)
    buttons = [place.select for place in places]
    on(shown_on, show, [tab.view, mine], tab.changed)
    on(buttons, press, [tab.view, tab.only_searching], tab.changed)
    sent = [tab.file, mine, *tab.changed]
    taken = on([tab.file.upload], take, [tab.file, tab.view, mine], sent)
    then(taken, look, [tab.view], tab.changed)
    on([tab.timer.tick], look, [tab.view], tab.changed)
    return tab


def _lay_out() -> EvaluateTab:
    html(render_evaluation.heading().markup, template=PLAIN)
    sets = html("", template=PLAIN, elem_id="gold-sets")
    with gr.Row(elem_id="evaluating"):
        file = gr.UploadButton(
            words.CHOOSE_GOLD, file_count="single", file_types=_FORMS, elem_id="new-gold"
        )
        only_searching = gr.Checkbox(
            label=words.ONLY_SEARCHING, container=False, elem_id="only-searching"
        )
    return EvaluateTab(
        sets=sets,
        file=file,
        only_searching=only_searching,
        told=html("", template=SAID, elem_id="evaluation-told", js=_FOCUS),
        errand=html("", template=PLAIN, elem_id="evaluation-errand"),
        progress=html("", template=PLAIN, elem_id="evaluation-progress"),
        earlier=html("", template=PLAIN, elem_id="evaluation-results"),
        result=html("", template=_RESULT, elem_id=render_evaluation.RESULT_PLACE, js=_LEAD),
        view=gr.State(View()),
        timer=gr.Timer(_LOOK_S, active=False),
    )


def _values(shown: Shown | None) -> Values:
    """Give what the parts become, in the order of `EvaluateTab.changed`."""
    if shown is None:  # the button was another tab's
        return tuple(gr.skip() for _ in range(8))
    return (
        shown.view,
        gr.Timer(active=shown.is_running),
        *(shown.progress, shown.errand),
        *map(or_as_before, (shown.told, shown.sets, shown.result, shown.earlier)),
    )
