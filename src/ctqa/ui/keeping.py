"""What a browser keeps of its own, in Gradio: a value that all windows of the page share."""

import json
from typing import Any

import gradio as gr

# `gr.BrowserState` reads once: two windows of one browser would take each other's values away.
_SHARE = """
const key = element.querySelector('[data-key]').dataset.key;
const take = (kept) => { if (kept !== null && kept !== props.value) props.value = kept; };
let begun = false;
setTimeout(() => {  // until then the page itself sets the value, and a while later it is asked for
  begun = true;
  take(localStorage.getItem(key));
  setTimeout(() => trigger('load'), 100);
}, 0);
window.addEventListener('storage', (event) => { if (event.key === key) take(event.newValue); });
watch('value', () => {
  if (!begun) return;
  try { localStorage.setItem(key, props.value); } catch { /* it is full, or not allowed */ }
});
"""


def kept_in_browser(key: str) -> gr.HTML:
    """Make a value, JSON as text, that a browser keeps; its `load` event tells that it is there."""
    return gr.HTML(
        "[]",
        html_template=f'<span hidden data-key="{key}"></span>',
        js_on_load=_SHARE,
        apply_default_css=False,
        elem_classes="kept",
    )


def read(kept: Any) -> Any:
    """Give what a browser kept; None where that is no JSON."""
    if not isinstance(kept, str):
        return None
    try:
        return json.loads(kept)
    except (ValueError, RecursionError):
        return None


def written(value: Any) -> str:
    """Write a value for a browser to keep, without a sign that could begin markup."""
    return json.dumps(value, ensure_ascii=False).replace("<", "\\u003c")
