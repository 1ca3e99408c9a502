"""Judging, in Gradio: the panel below the answers, and the tab where judgments are gone through."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import gradio as gr

from ctqa.answering.serving import Serving
from ctqa.evaluation.gold.judgments import Judgments
from ctqa.ui import judging, render_review, reviewing, words
from ctqa.ui import render_judgments as render
from ctqa.ui.downloads import Downloads
from ctqa.ui.judging import Feedback
from ctqa.ui.judging_panel import Panel
from ctqa.ui.parts import STATUS, html, on, pressed, text_box

Values = tuple[Any, ...]

_PART = '<div lang="en" tabindex="-1">${value}</div>'
_LIST = f'<section aria-label="{words.TAB_JUDGMENTS}" lang="en" tabindex="-1">${{value}}</section>'
# What is drawn anew loses the focus: it goes to the button that does the same, or to the whole.
_KEEP_FOCUS = """
let key = null;
element.addEventListener('click', (event) => {
  const button = event.target.closest('button[data-do]');
  const stays = !button || ['read', 'ask'].includes(button.dataset.do);
  key = stays ? null : button.dataset.key ?? '';
});
watch('value', () => {
  if (key === null) return;
  const again = element.querySelector(`button[data-key="${CSS.escape(key)}"]`);
  (again ?? element.querySelector('[tabindex="-1"]'))?.focus({preventScroll: !again});
  key = null;
});
"""
# The panel is made when it is first seen, so that this is no change of its value.
_SHOW_QUESTION = """
const show = () => {
  const heading = element.querySelector('h2');
  if (heading) {
    heading.scrollIntoView({block: 'start'});
    heading.focus({preventScroll: true});
  }
};
setTimeout(show);
watch('value', show);
"""
# The button that was pressed says so on its card, until that is taken back or replaced; the server
# tells which one by the place that was judged.
_MARK = """
const judging = 'button[data-do="right"], button[data-do="wrong"]';
const mark = (button, told) => {
  const {dataset} = button;
  const same = (name) => (dataset[name] ?? '').trim() === told[name];
  if (button.closest('#judging') || !['question', 'document', 'start', 'end'].every(same)) return;
  const holds = dataset.do === told.verdict, before = button.textContent;
  dataset.label ??= before;
  button.textContent = holds ? told.said : dataset.label;
  const name = button.getAttribute('aria-label');
  if (name) button.setAttribute('aria-label', name.replace(before, () => button.textContent));
  button.setAttribute('aria-pressed', holds);
};
watch('value', () => {
  for (const {dataset} of element.querySelectorAll('[data-verdict]')) {
    document.querySelectorAll(judging).forEach((button) => mark(button, dataset));
  }
});
"""
# A notice stands above the question box and goes by itself, unless someone is at it: what it offers
# to undo is undone under "Judgments" as well. A panel or notice that goes takes the focus with it,
# which then returns to where judging began.
_NOTICE = """
let began = null;
let goes = null;
document.addEventListener('click', (event) => {
  const button = event.target.closest('button[data-do="right"], button[data-do="wrong"]');
  if (button && !button.closest('#judging')) began = button;
}, true);
const leave = () => {
  if (element.matches(':hover, :has(button:focus)')) goes = setTimeout(leave, 4000);
  else props.value = '';
};
const notice = element.closest('#judged');
const stand = () => {
  const [talk, asking] = ['#talk', '#asking'].map((each) => document.querySelector(each));
  if (!talk || !asking || !element.querySelector('.notice')) return;
  const {left, width} = talk.getBoundingClientRect();
  const below = document.documentElement.clientHeight - asking.getBoundingClientRect().top;
  Object.assign(notice.style, {left: `${left}px`, width: `${width}px`, bottom: `${below + 6}px`});
};
addEventListener('scroll', stand, {passive: true});
new ResizeObserver(stand).observe(document.body);
watch('value', () => {
  stand();
  new ResizeObserver(stand).observe(document.querySelector('#talk'));
  clearTimeout(goes);
  if (element.querySelector('.notice')) goes = setTimeout(leave, 12000);
  setTimeout(() => {
    if (document.activeElement !== document.body) return;
    (began?.offsetParent ? began : element.querySelector('.notice'))?.focus({preventScroll: true});
  }, 50);
});
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgingPanel:
    """The parts by which an answer is judged."""

    status: gr.HTML  # what was kept, over all else; its buttons take it back
    column: gr.Column
    head: gr.HTML
    box: gr.Textbox
    button: gr.Button
    place: gr.HTML  # the passages among which the right one may be
    state: gr.State  # a `Panel`, or None while nothing is asked

    @property
    def changed(self) -> list[Any]:
        """Give what a judgment changes, in the order of `_values`."""
        return [self.status, self.column, self.head, self.box, self.place, self.state]


def add_panel(serving: Serving, judgments: Judgments) -> JudgingPanel:
    """Lay out what asks for the right passage; it is hidden until an answer is judged wrong."""
    status = html("", template=STATUS, elem_id="judged", js=_MARK + _NOTICE)
    with gr.Column(visible=False, elem_id="judging") as column:
        head = html("", template=_PART, js=_SHOW_QUESTION)
        with gr.Row():
            box = text_box(words.LOOK_FOR, "look-for", most_lines=3, scale=3)
            button = gr.Button(words.LOOK, elem_id="look")
        place = html("", template=_PART, js=_KEEP_FOCUS)
    panel = JudgingPanel(
        status=status,
        column=column,
        head=head,
        box=box,
        button=button,
        place=place,
        state=gr.State(None),
    )
    connect_judging(serving, judgments, panel, [panel.head, panel.place])
    _connect_panel(serving, judgments, panel)
    return panel


def connect_judging(
    serving: Serving, judgments: Judgments, panel: JudgingPanel, places: Sequence[gr.HTML]
) -> None:
    """Have the buttons that judge work, in the markup of these places."""

    def judge(before: Panel | None, event: gr.EventData) -> Values:
        return _values(judging.judge(serving, judgments, pressed(event), before), before)

    on([place.like for place in places], judge, [panel.state], panel.changed)


def _connect_panel(serving: Serving, judgments: Judgments, panel: JudgingPanel) -> None:
    def choose(before: Panel | None, event: gr.EventData) -> Values:
        feedback = judging.choose(judgments, pressed(event), before)
        return _unchanged() if feedback is None else _values(feedback, before)

    def look(searched: str | None, before: Panel | None) -> Values:
        if before is None:
            return _unchanged()
        asked = "" if searched is None else searched
        after = judging.look(serving, before, asked)
        skipped = gr.skip()
        return skipped, skipped, skipped, skipped, render.panel_hits(after).markup, after

    on(
        [panel.status.select, panel.head.select, panel.place.select],
        choose,
        [panel.state],
        panel.changed,
    )
    on([panel.box.submit, panel.button.click], look, [panel.box, panel.state], panel.changed)


def _values(feedback: Feedback, before: Panel | None) -> Values:
    """Give what the parts become; what stays as it is keeps what is typed and focused in it."""
    panel = feedback.panel
    asks_anew = _asks(panel) != _asks(before)
    skipped = gr.skip()
    return (
        skipped if feedback.status is None else feedback.status.markup,
        gr.update(visible=panel is not None) if asks_anew else skipped,
        render.panel_head(panel).markup if asks_anew else skipped,
        ("" if panel is None else panel.words) if asks_anew else skipped,
        skipped if panel == before else render.panel_hits(panel).markup,
        panel,
    )


def _asks(panel: Panel | None) -> tuple[str, str] | None:
    return None if panel is None else (panel.question, panel.judgment)


def _unchanged() -> Values:
    return tuple(gr.skip() for _ in range(6))


# The tab ----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgmentsTab:
    """The parts in which judgments are gone through."""

    status: gr.HTML
    total: gr.HTML
    show: gr.Radio
    box: gr.Textbox
    place: gr.HTML  # the list; its `select` and `submit` open a source, and ask

    @property
    def chosen(self) -> list[Any]:
        """Give what says which judgments are listed."""
        return [self.show, self.box]

    @property
    def changed(self) -> list[Any]:
        """Give what the list and its sums are shown in."""
        return [self.total, self.place]


def add_judgments(serving: Serving, judgments: Judgments, downloads: Downloads) -> JudgmentsTab:
    """Lay out the tab; `connect_review` fills it when it is opened."""
    html(render_review.tab_head().markup)
    total = html("", template=_PART)
    status = html("", template=STATUS, elem_id="reviewed")
    with gr.Row():
        show = gr.Radio(
            list(reviewing.SHOWN), value=words.EVERYTHING, label=words.SHOW_JUDGMENTS, scale=3
        )
        box = text_box(words.WITH_WORDS, "with-words", most_lines=3, scale=3)
    place = html("", template=_LIST, elem_id="judgments", js=_KEEP_FOCUS)
    tab = JudgmentsTab(status=status, total=total, show=show, box=box, place=place)
    _connect_tab(serving, judgments, downloads, tab)
    return tab


def connect_review(
    serving: Serving, judgments: Judgments, tab: JudgmentsTab, triggers: Sequence[Any]
) -> None:
    """Show what is kept whenever one of these events happens, such as the tab being opened."""

    def show(shown: str | None, searched: str | None) -> Values:
        found = reviewing.review(serving, judgments, shown, searched)
        return found.total.markup, found.listed.markup

    on(list(triggers), show, tab.chosen, tab.changed, mode="always_last")


def _connect_tab(
    serving: Serving, judgments: Judgments, downloads: Downloads, tab: JudgmentsTab
) -> None:
    def act(shown: str | None, searched: str | None, event: gr.EventData) -> Values:
        data = pressed(event)
        done = reviewing.act(judgments, downloads, data)
        if done is None:
            return gr.skip(), gr.skip(), gr.skip()
        many = reviewing.at_most(data)
        found = reviewing.review(serving, judgments, shown, searched, many)
        return done.markup, found.total.markup, found.listed.markup

    places = [tab.place, tab.total, tab.status]
    on([each.select for each in places], act, tab.chosen, [tab.status, *tab.changed])
    connect_review(serving, judgments, tab, [tab.show.change, tab.box.submit])
