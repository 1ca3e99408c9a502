"""Asking: the conversation, the question box, where to look, and what is kept of it all."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, TypeVar

import gradio as gr

from ctqa.errors import CtqaError
from ctqa.ui import asking, filters, keeping, render, scripts, words
from ctqa.ui.asking import Asked, Shown
from ctqa.ui.desk import Desk
from ctqa.ui.examples import EXAMPLES
from ctqa.ui.filters import Choices
from ctqa.ui.history import Turn, kept, turns_from
from ctqa.ui.keeping import kept_in_browser
from ctqa.ui.parts import failed, html, on, pressed, text_box, then
from ctqa.ui.render_history import earlier
from ctqa.ui.welcome import Welcome

Part = TypeVar("Part")
Values = tuple[Any, ...]  # one for each of `AskTab.changed`

_STATUS = (
    '<p class="status" role="status" aria-live="polite" lang="en">'
    f'<span class="while-asking">{words.SEARCHING}</span><span class="found">${{value}}</span></p>'
)
_RESULTS = f'<section id="newest" aria-label="{words.RESULTS}" lang="en">${{value}}</section>'
_EARLIER = f'<section aria-label="{words.EARLIER}" lang="en">${{value}}</section>'


@dataclass(frozen=True, slots=True, kw_only=True)
class Filters:
    """Where to look: everywhere, where nothing is chosen."""

    whole: gr.Accordion
    documents: gr.Dropdown
    folders: gr.Dropdown
    since: gr.Dropdown
    until: gr.Dropdown
    tags: gr.Dropdown

    @property
    def all(self) -> list[Any]:
        """Give them in the order of `filters.where`."""
        return [self.documents, self.folders, self.since, self.until, self.tags]


@dataclass(frozen=True, slots=True, kw_only=True)
class AskTab:
    """The parts of the tab, and what it remembers."""

    past: gr.HTML
    results: gr.HTML
    carried: gr.Column
    searched: gr.Textbox
    instead: gr.Button
    alone: gr.Button
    offered: gr.Column
    examples: tuple[gr.Button, ...]
    status: gr.HTML
    box: gr.Textbox
    button: gr.Button
    filters: Filters
    asked: gr.State
    history: gr.HTML  # as `keeping` reads and writes it

    @property
    def changed(self) -> list[Any]:
        """Give what a question changes, in the order of `_values`."""
        return [
            *(self.status, self.past, self.results, self.carried, self.searched),
            *(self.offered, self.asked, self.history),
        ]


def lay_out(desk: Desk, below_answers: Callable[[], Part]) -> tuple[AskTab, Part]:
    """Lay the conversation out, with a part of someone else's between answers and question box."""
    past = html("", template=_EARLIER, elem_id="earlier")
    with gr.Column(elem_id="carried-over", visible=False) as carried:
        searched = text_box(words.CARRIED_OVER, "searched", most_lines=5, scale=6)
        with gr.Row():
            instead = gr.Button(words.SEARCH_INSTEAD, size="sm")
            alone = gr.Button(words.ASK_ALONE, size="sm")
    results = html("", template=_RESULTS, elem_id="results")
    below = below_answers()
    with gr.Column(elem_id="examples", visible=False) as offered:
        html(render.examples_label().markup)
        examples = tuple(gr.Button("", size="sm", visible=False) for _ in range(EXAMPLES))
    with gr.Column(elem_id="asking"):
        status = html("", template=_STATUS, elem_id="status", js=scripts.REMEMBER_NEXT)
        with gr.Row(elem_id="question-row"):
            box = text_box(
                words.QUESTION,
                "question",
                most_lines=5,
                scale=6,
                placeholder=words.PLACEHOLDER,
                autofocus=True,
            )
            button = gr.Button(words.ASK, variant="primary", elem_id="ask")
        filters = _filters(desk.welcome.choices())
    tab = AskTab(
        past=past,
        results=results,
        carried=carried,
        searched=searched,
        instead=instead,
        alone=alone,
        offered=offered,
        examples=examples,
        status=status,
        box=box,
        button=button,
        filters=filters,
        asked=gr.State(None),
        history=kept_in_browser(desk.history_key),
    )
    return tab, below


def _filters(choices: Choices) -> Filters:
    with gr.Accordion(words.WHERE, open=False, elem_id="where") as whole:
        documents = gr.Dropdown(
            list(choices.documents),
            value=[],
            multiselect=True,
            label=words.IN_DOCUMENTS,
            allow_custom_value=not choices.documents,  # too many to list: they are typed, by id
        )
        folders = _several(words.IN_FOLDERS, choices.folders)
        tags = _several(words.WITH_TAGS, choices.tags)
        with gr.Row():
            since, until = _year(words.SINCE, choices), _year(words.UNTIL, choices)
    return Filters(
        whole=whole, documents=documents, folders=folders, since=since, until=until, tags=tags
    )


def choices_of(welcome: Welcome) -> Values:
    """Give the filters what there is to choose from, in the order of `Filters.all`."""
    found = welcome.choices()
    years = gr.update(choices=_years(found), visible=bool(found.years))
    return (
        gr.update(choices=list(found.documents)),
        gr.update(choices=list(found.folders), visible=bool(found.folders)),
        years,
        years,
        gr.update(choices=list(found.tags), visible=bool(found.tags)),
    )


def offered_by(welcome: Welcome, asked: Any) -> Values:
    """Show the examples found so far, and give them their questions, until something was asked."""
    examples = welcome.examples()
    return (
        gr.update(visible=not asked and any(examples)),
        *(gr.update(value=each, visible=bool(each)) for each in examples),
    )


def _several(label: str, choices: Sequence[str]) -> gr.Dropdown:
    return gr.Dropdown(
        list(choices), value=[], multiselect=True, label=label, visible=bool(choices)
    )


def _year(label: str, choices: Choices) -> gr.Dropdown:
    years = _years(choices)
    return gr.Dropdown(years, value="", label=label, min_width=120, visible=bool(choices.years))


def _years(choices: Choices) -> list[tuple[str, str]]:
    return [(words.ANY_YEAR, ""), *((str(year), str(year)) for year in choices.years)]


def connect(desk: Desk, tab: AskTab, *others: gr.HTML) -> None:
    """Have questions answered, from the box, the examples and the `submit` events of `others`."""

    def answer(question: str | None, asked: Asked | None, *rest: Any) -> Values:
        return _answer(desk, question, asking.follows(question, asked), *rest)

    def alone(question: str | None, *rest: Any) -> Values:
        return _answer(desk, question, None, *rest)

    def again(asked: Asked | None, *rest: Any) -> Values:
        return _answer(desk, "" if asked is None else asked.question, None, *rest)

    def pressed_one(event: gr.EventData, *rest: Any) -> Values:
        return _answer(desk, pressed(event).get("question", ""), None, *rest)

    rest = [tab.history, *tab.filters.all]
    asked = [
        _on(
            [tab.box.submit, tab.button.click],
            answer,
            [tab.box, tab.asked, *rest],
            tab,
            js=scripts.BEGIN_FROM_BOX,
        ),
        _on([tab.searched.submit, tab.instead.click], alone, [tab.searched, *rest], tab),
        _on([tab.alone.click], again, [tab.asked, *rest], tab),
        *(_on([each.click], alone, [each, *rest], tab) for each in tab.examples),
        _on([place.submit for place in (tab.past, *others)], pressed_one, rest, tab),
    ]
    on([each.change for each in tab.filters.all], _narrowed, tab.filters.all, [tab.filters.whole])
    for event in asked:
        then(event, None, js=scripts.END)


def _narrowed(*chosen: Any) -> Any:
    """Say over the filters, which may be folded, how much was chosen."""
    number = sum(len(each) if isinstance(each, list) else bool(each) for each in chosen)
    return gr.Accordion(label=words.where_to_look(number))


def _on(
    triggers: Sequence[Any],
    handler: Any,
    inputs: Sequence[Any],
    tab: AskTab,
    *,
    js: str = scripts.BEGIN,
) -> Any:
    event = on(triggers, handler, inputs, tab.changed, js=js)
    failed(event, lambda: asking.show_failure().status, [tab.status], js=scripts.STOP)
    return event


def connect_restoring(desk: Desk, tab: AskTab) -> None:
    """Show what the browser kept, once it is there."""

    def restore(kept_there: Any, asked: Asked | None) -> Values:
        turns = turns_from(keeping.read(kept_there))
        if not turns or asked is not None:  # somebody was faster
            return gr.skip(), gr.skip()
        last = turns[-1]
        meant = last.searched or last.question
        shown = shown_earlier(desk, turns)
        return shown, Asked(question=last.question, follows=None, meant=meant)

    event = on(tab.history.load, restore, [tab.history, tab.asked], [tab.past, tab.asked])
    then(event, None, js=scripts.TO_BOX)


def shown_earlier(desk: Desk, turns: Sequence[Turn]) -> str:
    """Show what was asked earlier, as HTML."""
    with desk.serving.lend() as qa:
        return earlier(turns, qa.build).markup


def _answer(
    desk: Desk, question: str | None, follows: str | None, history: Any, *chosen: Any
) -> Values:
    turns = turns_from(keeping.read(history))
    try:
        where = filters.where(*chosen)
    except CtqaError as error:
        return _values(Shown(status=render.problem(str(error)).markup), turns)
    shown = asking.show_reply(desk.serving, question, follows, where)
    if shown.reply is None:
        return _values(shown, turns)
    now = datetime.now(UTC).isoformat(timespec="seconds")
    return _values(shown, kept([*turns, Turn.of(shown.reply, where, now)]))


def _values(shown: Shown, turns: Sequence[Turn]) -> Values:
    """Give what the parts become, in the order of `AskTab.changed`."""
    if shown.reply is None:  # what was asked stays, to be put right
        skipped = gr.skip()
        return shown.status, *(skipped for _ in range(7))
    return (
        shown.status,
        earlier(turns[:-1], shown.reply.build).markup,
        shown.results,
        gr.update(visible=bool(shown.carried_over)),
        shown.carried_over,
        gr.update(visible=False),
        shown.asked,
        keeping.written([turn.to_json() for turn in turns]),
    )
