"""What all tabs are made of: markup that tells which of its buttons was pressed, and events."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import gradio as gr

# What a place for markup has around it: nothing more; a live region; one that may get the focus.
PLAIN = '<div lang="en">${value}</div>'
STATUS = '<div role="status" aria-live="polite" lang="en">${value}</div>'
SAID = '<div class="said" role="status" aria-live="polite" tabindex="-1" lang="en">${value}</div>'
# What every event of the page has in common; see `on`.
_OUTSIDE: Mapping[str, Any] = {
    "show_progress": "hidden",
    "api_visibility": "private",
    "queue": False,
}
# A button in our markup says what it does in `data-do`, and to what in its other data. What is
# copied is copied here, within the click: `data-text`, or what `data-styles` has for the style of
# citation that is chosen by then. All else is the server's to do: an answer that is judged is a
# `like` event, a question to be asked a `submit`, anything else a `select`.
_TELL = """
const events = {right: 'like', wrong: 'like', ask: 'submit'};
const said = (button, text) => {
  const {width} = button.getBoundingClientRect();
  const before = said.before.get(button) ?? {text: button.textContent, width};
  said.before.set(button, before);
  button.style.minWidth = `${before.width}px`;  // what stands beside it stays in its place
  button.textContent = text;
  clearTimeout(before.timer);
  before.timer = setTimeout(() => {
    said.before.delete(button);
    button.textContent = before.text;
    button.style.minWidth = '';
  }, 2000);
};
said.before = new WeakMap();
const textOf = ({text, styles}) => {
  const chosen = document.querySelector('#citation-style input')?.value;
  return JSON.parse(styles ?? '{}')[chosen] ?? text;
};
element.addEventListener('click', (event) => {
  const button = event.target.closest('button[data-do]');
  if (!button || !element.contains(button)) return;
  if (button.dataset.do === 'copy') {
    navigator.clipboard.writeText(textOf(button.dataset)).then(
      () => said(button, button.dataset.done), () => said(button, button.dataset.failed));
  } else {
    trigger(events[button.dataset.do] ?? 'select', {...button.dataset});
  }
});
"""


def html(
    value: str = "",
    template: str = "${value}",
    *,
    elem_id: str | None = None,
    visible: bool = True,
    js: str = "",
) -> gr.HTML:
    """Make a place for markup of ours; its events give the data of the button that was pressed.

    They are `like` for the buttons that judge (`data-do` "right" or "wrong"), `submit` for those
    that ask ("ask"), and `select` for all others.

    `${value}` is put into the template as it is and never evaluated. `{{value}}` would be run as
    JavaScript. `js` runs once, after ours, with `element`, `props`, `trigger` and `watch` at hand.
    """
    return gr.HTML(
        value,
        visible=visible,
        html_template=template,
        elem_id=elem_id,
        elem_classes="ctqa",
        js_on_load=_TELL + js,
        apply_default_css=False,
    )


def text_box(
    label: str,
    elem_id: str,
    *,
    most_lines: int,
    scale: int,
    placeholder: str | None = None,
    autofocus: bool = False,
) -> gr.Textbox:
    """Make a box for a question or for words; Enter sends them, Shift+Enter starts a new line."""
    return gr.Textbox(
        label=label,
        placeholder=placeholder,
        lines=1,
        max_lines=most_lines,
        autofocus=autofocus,
        scale=scale,
        elem_id=elem_id,
        min_width=200,
        html_attributes=gr.InputHTMLAttributes(
            autocomplete="off", enterkeyhint="search", lang="en"
        ),
    )


def or_as_before(value: str | None) -> Any:
    """Give what a part becomes; None leaves it as it is."""
    return gr.skip() if value is None else value


def pressed(event: gr.EventData) -> Mapping[str, str]:
    """Give the data of the button that was pressed; it comes from a browser, so trust none of it.

    Names are as JavaScript spells them: `data-page-label` is `pageLabel`; `do` says what to do.
    """
    found = event._data
    if not isinstance(found, Mapping):
        return {}
    return {str(name): value for name, value in found.items() if isinstance(value, str)}


def on(
    triggers: Any | Sequence[Any],
    handler: Callable[..., Any] | None,
    inputs: Sequence[Any] | None = None,
    outputs: Sequence[Any] | None = None,
    *,
    js: str | None = None,
    mode: str = "once",
) -> Any:
    """Have a handler called, outside Gradio's queue.

    The queue's event stream loses an event that is begun while the stream of another one is
    being closed (seen with Gradio 6.31): the page would wait for ever. Here each event is one
    request with one response.
    """
    return gr.on(
        list(triggers) if isinstance(triggers, (list, tuple)) else [triggers],
        handler,
        inputs,
        outputs,
        js=js,
        **_OUTSIDE,
        trigger_mode=mode,
    )


def failed(
    event: Any, handler: Callable[..., Any], outputs: Sequence[Any], *, js: str | None = None
) -> None:
    """Have a handler called when another one failed, outside Gradio's queue as well."""
    event.failure(handler, None, outputs, js=js, **_OUTSIDE)


def then(
    event: Any,
    handler: Callable[..., Any] | None,
    inputs: Sequence[Any] | None = None,
    outputs: Sequence[Any] | None = None,
    *,
    js: str | None = None,
) -> Any:
    """Have a handler called after another one, outside Gradio's queue as well."""
    return event.then(
        handler,
        inputs,
        outputs,
        js=js,
        **_OUTSIDE,
    )
