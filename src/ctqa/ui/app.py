"""The page itself, in Gradio: what stands where, and which event calls which handler."""

from collections.abc import Iterator
from typing import Any

import gradio as gr
from gradio.events import api

from ctqa.answering.qa import QA
from ctqa.errors import CtqaError
from ctqa.ui import handlers, render, words
from ctqa.ui.handlers import Shown

_AT_ONCE = 4  # questions answered at the same time; the others wait in line
# `${value}` is put in as it is and never evaluated. `{{value}}` would be run as JavaScript.
_STATUS = '<p class="status" role="status" aria-live="polite" lang="en">${value}</p>'
_RESULTS = f'<section aria-label="{words.RESULTS}" lang="en">${{value}}</section>'


def make_page(qa: QA) -> gr.Blocks:
    """Lay out the page over an opened index, and its endpoint for programs, `ask`."""
    page = gr.Blocks(title=words.WINDOW_TITLE, analytics_enabled=False)
    with page:
        _html(render.header(qa.status(), qa.notices).markup)
        with gr.Row(elem_id="asking"):
            box, button = _question_box(), gr.Button(words.ASK, variant="primary", elem_id="ask")
        outputs = [_html("", template=_STATUS), _html("", template=_RESULTS)]
        examples = _examples(handlers.example_questions(qa))

        def show(question: str | None) -> Iterator[Shown]:
            yield from handlers.show_reply(qa, question)

        _on([box.submit, button.click], show, box, outputs)
        for example in examples:
            _on([example.click], _asks(qa, str(example.value)), None, [box, *outputs])
        _add_endpoint(qa)
    return page


def _html(value: str, template: str = "${value}") -> gr.HTML:
    return gr.HTML(
        value,
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


def _examples(questions: list[str]) -> list[gr.Button]:
    if not questions:
        return []
    _html(render.examples_label().markup)
    with gr.Column(elem_id="examples"):
        return [gr.Button(question, size="sm") for question in questions]


def _asks(qa: QA, question: str) -> Any:
    """Make a handler that fills the question box and asks."""

    def show_example() -> Iterator[tuple[str, str, str]]:
        for shown in handlers.show_reply(qa, question):
            yield question, *shown

    return show_example


def _on(triggers: list[Any], handler: Any, inputs: Any, outputs: list[Any]) -> None:
    event = gr.on(
        triggers,
        handler,
        inputs,
        outputs,
        show_progress="hidden",
        api_visibility="private",
        concurrency_limit=_AT_ONCE,
        concurrency_id="ask",
        trigger_mode="always_last",
    )
    event.failure(
        handlers.show_failure, None, outputs[-2:], show_progress="hidden", api_visibility="private"
    )


def _add_endpoint(qa: QA) -> None:
    def ask(question: str) -> dict[str, Any]:
        try:
            return handlers.reply_json(qa, question)
        except CtqaError as error:
            raise gr.Error(str(error), print_exception=False) from error

    api(
        ask,
        api_name="ask",
        api_description="Answer a question; the JSON of `ctqa ask QUESTION --json`.",
        concurrency_limit=_AT_ONCE,
        concurrency_id="ask",
    )
