"""The page itself, in Gradio: what stands where, and which event calls which handler."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from weakref import WeakKeyDictionary

import gradio as gr
from gradio.events import api

from ctqa.answering.qa import QA
from ctqa.answering.serving import Serving
from ctqa.errors import CtqaError
from ctqa.ui import handlers, render, words
from ctqa.ui.handlers import Asked, Front, Shown

Values = tuple[Any, ...]  # one for each of `_Parts.outputs`

_AT_ONCE = 4  # questions answered at the same time; the others wait in line
# `${value}` is put in as it is and never evaluated. `{{value}}` would be run as JavaScript.
_STATUS = '<p class="status" role="status" aria-live="polite" lang="en">${value}</p>'
_RESULTS = f'<section aria-label="{words.RESULTS}" lang="en">${{value}}</section>'


@dataclass(frozen=True, slots=True, kw_only=True)
class _Parts:
    """The parts of the page that a question changes, and what it remembers of the last one."""

    box: gr.Textbox
    carried: gr.Column
    searched: gr.Textbox
    status: gr.HTML
    results: gr.HTML
    asked: gr.State

    @property
    def outputs(self) -> list[Any]:
        """Give them in the order of `_values`."""
        return [self.box, self.status, self.results, self.carried, self.searched, self.asked]


class _Welcome:
    """What stands on the page before anything is asked, of the build that is the current one."""

    def __init__(self, serving: Serving) -> None:
        self._serving = serving
        self._known: WeakKeyDictionary[QA, Front] = WeakKeyDictionary()

    def header(self) -> str:
        """Give what is searched, as HTML."""
        return render.header(self._front().status, self._serving.notices).markup

    def examples(self) -> list[str]:
        """Give what might be asked: `EXAMPLES` questions, "" where there are fewer."""
        found = self._front().examples
        return [*found, *[""] * (handlers.EXAMPLES - len(found))]

    def _front(self) -> Front:
        with self._serving.lend() as qa:
            if qa not in self._known:
                self._known[qa] = handlers.front(qa)
            return self._known[qa]


def make_page(serving: Serving) -> gr.Blocks:
    """Lay out the page over an index that is served, and its endpoint for programs, `ask`."""
    page = gr.Blocks(title=words.WINDOW_TITLE, analytics_enabled=False)
    welcome = _Welcome(serving)
    with page:
        header = _html(welcome.header())
        with gr.Row(elem_id="asking"):
            box, button = _question_box(), gr.Button(words.ASK, variant="primary", elem_id="ask")
        with gr.Column(elem_id="carried-over", visible=False) as carried:
            searched = _searched_box()
            with gr.Row():
                instead = gr.Button(words.SEARCH_INSTEAD, size="sm")
                alone = gr.Button(words.ASK_ALONE, size="sm")
        parts = _Parts(
            box=box,
            carried=carried,
            searched=searched,
            status=_html("", template=_STATUS),
            results=_html("", template=_RESULTS),
            asked=gr.State(None),
        )
        label, examples = _examples(welcome.examples())
        _connect(serving, parts, button)
        _connect_carried_over(serving, parts, instead, alone)
        for example in examples:
            _connect_example(serving, parts, example)
        _connect_welcome(page, welcome, [header, label, *examples])
        _add_endpoint(serving)
    return page


def _connect(serving: Serving, parts: _Parts, button: gr.Button) -> None:
    def show(question: str | None, asked: Asked | None) -> Iterator[Values]:
        before = handlers.follows(question, asked)
        for shown in handlers.show_reply(serving, question, before):
            yield _values(shown)

    _on([parts.box.submit, button.click], show, [parts.box, parts.asked], parts)


def _connect_carried_over(
    serving: Serving, parts: _Parts, instead: gr.Button, alone: gr.Button
) -> None:
    """Let what was searched be edited, or what was carried over be dropped."""

    def show_instead(edited: str) -> Iterator[Values]:
        yield from _on_its_own(serving, edited)

    def show_alone(asked: Asked) -> Iterator[Values]:
        yield from _on_its_own(serving, asked.question)

    _on([parts.searched.submit, instead.click], show_instead, [parts.searched], parts)
    _on([alone.click], show_alone, [parts.asked], parts)


def _connect_example(serving: Serving, parts: _Parts, example: gr.Button) -> None:
    def show(question: str) -> Iterator[Values]:
        yield from _on_its_own(serving, question)

    _on([example.click], show, [example], parts)


def _connect_welcome(page: gr.Blocks, welcome: _Welcome, outputs: list[Any]) -> None:
    """Show what the current build holds whenever the page is opened, which may be another."""

    def show() -> Values:
        examples = welcome.examples()
        offered = (gr.update(value=each, visible=bool(each)) for each in examples)
        return welcome.header(), gr.update(visible=any(examples)), *offered

    page.load(
        show,
        None,
        outputs,
        show_progress="hidden",
        api_visibility="private",
        concurrency_limit=_AT_ONCE,
    )


def _on_its_own(serving: Serving, question: str) -> Iterator[Values]:
    """Fill the question box and ask, whatever was asked before."""
    for shown in handlers.show_reply(serving, question):
        yield (question, *_values(shown)[1:])


def _values(shown: Shown) -> Values:
    """Give what the parts become, in the order of `_Parts.outputs`; the box stays as it is."""
    return (
        gr.skip(),
        shown.status,
        shown.results,
        gr.update(visible=bool(shown.carried_over)),
        shown.carried_over,
        gr.skip() if shown.asked is None else shown.asked,
    )


def _html(value: str, template: str = "${value}", *, visible: bool = True) -> gr.HTML:
    return gr.HTML(
        value,
        visible=visible,
        html_template=template,
        elem_classes="ctqa",
        js_on_load=None,
        apply_default_css=False,
    )


def _question_box() -> gr.Textbox:
    return gr.Textbox(
        label=words.QUESTION,
        placeholder=words.PLACEHOLDER,
        lines=1,  # Enter asks; Shift+Enter starts a new line
        max_lines=5,
        autofocus=True,
        scale=6,
        elem_id="question",
        min_width=240,
        html_attributes=gr.InputHTMLAttributes(
            autocomplete="off", enterkeyhint="search", lang="en"
        ),
    )


def _examples(questions: list[str]) -> tuple[gr.HTML, list[gr.Button]]:
    label = _html(render.examples_label().markup, visible=any(questions))
    with gr.Column(elem_id="examples"):
        return label, [
            gr.Button(question, size="sm", visible=bool(question)) for question in questions
        ]


def _searched_box() -> gr.Textbox:
    return gr.Textbox(
        label=words.CARRIED_OVER,
        lines=1,
        max_lines=5,
        elem_id="searched",
        html_attributes=gr.InputHTMLAttributes(
            autocomplete="off", enterkeyhint="search", lang="en"
        ),
    )


def _on(triggers: list[Any], handler: Any, inputs: list[Any], parts: _Parts) -> None:
    event = gr.on(
        triggers,
        handler,
        inputs,
        parts.outputs,
        show_progress="hidden",
        api_visibility="private",
        concurrency_limit=_AT_ONCE,
        concurrency_id="ask",
        trigger_mode="always_last",
    )
    event.failure(
        _failed,
        None,
        [parts.status, parts.results],
        show_progress="hidden",
        api_visibility="private",
    )


def _failed() -> tuple[str, str]:
    shown = handlers.show_failure()
    return shown.status, shown.results


def _add_endpoint(serving: Serving) -> None:
    def ask(question: str) -> dict[str, Any]:
        try:
            return handlers.reply_json(serving, question)
        except CtqaError as error:
            raise gr.Error(str(error), print_exception=False) from error

    api(
        ask,
        api_name="ask",
        api_description="Answer a question; the JSON of `ctqa ask QUESTION --json`.",
        concurrency_limit=_AT_ONCE,
        concurrency_id="ask",
    )
