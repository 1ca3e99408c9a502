"""What a browser keeps of its own, in Gradio: a value that all windows of the page share."""

import json
from typing import Any

import gradio as gr

# `gr.BrowserState` reads once: two windows of one browser would take each other's values away.
# What another window has kept since this one last looked is brought together with what this one
# keeps now: an event tells of it, but may come late.
_SHARE = """
const key = element.querySelector('[data-key]').dataset.key;
let begun = false, known = null;  // what was kept when this window last looked
const take = (kept) => {
  known = kept;
  if (kept !== null && kept !== props.value) props.value = kept;
};
const together = (mine, theirs) => {
  let before, own, others;
  try { [before, own, others] = [known ?? '[]', mine, theirs].map(JSON.parse); }
  catch { return mine; }
  if (![before, own, others].every(Array.isArray)) return mine;
  const names = (list) => new Set(list.map((each) => JSON.stringify(each)));
  const was = names(before), is = names(own), there = names(others);
  const added = own.filter((each) => {
    const name = JSON.stringify(each);
    return !was.has(name) && !there.has(name);
  });
  const left = others.filter((each) => {
    const name = JSON.stringify(each);
    return is.has(name) || !was.has(name);
  });
  return JSON.stringify([...left, ...added]).replaceAll('<', '\\u003c');
};
setTimeout(() => {  // until then the page itself sets the value, and a while later it is asked for
  begun = true;
  take(localStorage.getItem(key));
  setTimeout(() => trigger('load'), 100);
}, 0);
window.addEventListener('storage', (event) => { if (event.key === key) take(event.newValue); });
watch('value', () => {
  if (!begun || props.value === known) return;
  const theirs = localStorage.getItem(key);
  known = theirs === null || theirs === known ? props.value : together(props.value, theirs);
  try { localStorage.setItem(key, known); } catch { /* it is full, or not allowed */ }
  if (props.value !== known) props.value = known;
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
