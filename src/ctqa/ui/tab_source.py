"""The source beside the chat, in Gradio: where it stands, and what opens it."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import gradio as gr

from ctqa.citing import STYLES
from ctqa.ui import viewer, words
from ctqa.ui.markup import element, joined
from ctqa.ui.originals import Originals
from ctqa.ui.parts import html, on, pressed

Values = tuple[Any, ...]

_PANE = '<div lang="en">${value}</div>'
# A source that was opened takes the focus, and gives it back; what is drawn anew by one of its
# buttons leaves the focus there. The mark is brought into sight within the pane.
_GO = """
let opener = null, opened = false, key = null;
document.addEventListener('click', (event) => {
  const button = event.target.closest('button[data-do="read"]');
  if (!button) return;
  opener = button; opened = event.isTrusted;  // else it was opened by the page itself
  document.querySelector('#tabs [role=tab][aria-selected=false]:first-child')?.click();
}, true);
element.addEventListener('click', (event) => {
  const button = event.target.closest('button');
  if (button?.classList.contains('back')) {
    const before = opener?.offsetParent ? opener : document.querySelector('#question textarea');
    before?.scrollIntoView({block: 'center'});
    before?.focus({preventScroll: true});
  } else {
    key = button?.dataset.key ?? null;
  }
});
const show = () => {
  const pane = element.querySelector('.source');
  if (!pane) return;
  const frame = pane.querySelector('.frame'), mark = pane.querySelector('.frame .meant');
  if (frame && mark) {
    const place = mark.getBoundingClientRect(), within = frame.getBoundingClientRect();
    frame.scrollTop += place.top - within.top - frame.clientHeight / 3;
    frame.scrollLeft += place.left - within.left - frame.clientWidth / 4;
  }
  const again = key && pane.querySelector(`button[data-key="${key}"]:not(:disabled)`);
  if (opened || (key && !again)) {
    pane.querySelector('h2')?.focus({preventScroll: true});
    if (opened) pane.scrollIntoView({block: innerWidth < 900 ? 'start' : 'nearest'});
  } else if (again) {
    again.focus({preventScroll: true});
  }
  opened = false; key = null;
};
watch('value', () => requestAnimationFrame(show));
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class SourcePane:
    """The pane, and what it remembers."""

    place: gr.HTML
    style: gr.Dropdown
    data: gr.State  # of the button that was pressed last

    @property
    def changed(self) -> list[Any]:
        """Give what opening a source changes."""
        return [self.place, self.data]


def add_source(originals: Originals) -> SourcePane:
    """Lay out the pane, which takes no room until a source is opened."""
    with gr.Column(elem_id="source"):
        place = html("", template=_PANE, elem_id="source-pane", js=_GO)
        style = gr.Dropdown(
            [(words.CITATION_STYLES[style], style) for style in STYLES],
            value=STYLES[0],
            label=words.CITATION_STYLE,
            elem_id="citation-style",
        )
    pane = SourcePane(place=place, style=style, data=gr.State({}))

    def cite_anew(data: Mapping[str, str], style: str) -> Any:
        return _shown(originals, data, style) if data else gr.skip()

    on(style.input, cite_anew, [pane.data, style], [place])
    open_from(originals, pane, place)
    return pane


def open_from(originals: Originals, pane: SourcePane, *places: gr.HTML) -> list[Any]:
    """Have a source opened by the buttons "read" and "view" in these places; give the events."""

    def show(style: str, event: gr.EventData) -> Values:
        data = dict(pressed(event))
        if data.get("do") not in {"read", "view"}:
            return gr.skip(), gr.skip()
        return _shown(originals, data, style), data

    return [
        on(place.select, show, [pane.style], pane.changed, mode="always_last") for place in places
    ]


def _shown(originals: Originals, data: Mapping[str, str], style: str) -> str:
    """Show a source; what is opened twice is shown twice, so that it is brought into sight."""
    fresh = element("span", hidden="", data_shown=secrets.token_hex(4))
    return joined(viewer.view(originals, data, style), fresh).markup
