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
from ctqa.ui.parts import PLAIN, html, on, pressed

Values = tuple[Any, ...]


# A source that was opened takes the focus, and gives it back; what is drawn anew by one of its
# buttons leaves the focus there. The mark is brought into sight within the pane.
_GO = """
const tab = () => document.querySelector('#tabs [role=tab][aria-selected=true]');
const atAsk = '#tabs [role=tab]:first-child';
const source = element.closest('#source');
let opener = null, from = null, opened = false, fresh = false, key = null, shown = null;
document.addEventListener('click', (event) => {
  const button = event.target.closest('button[data-do="read"]');
  if (!button) return;
  opener = button; fresh = true; opened = event.isTrusted;  // else by the page itself
  from = tab();
  if (from && !from.matches(atAsk)) document.querySelector(atAsk).click(); else from = null;
}, true);
// What opened it may have been drawn anew since, or be drawn anew as its tab is shown again.
const alike = (button) => ['document', 'start', 'end', 'question'].every(
  (name) => button.dataset[name] === opener.dataset[name]);
const before = () => {
  if (!opener || opener.isConnected) return opener;
  return [...document.querySelectorAll('button[data-do="read"]')].find(
    (button) => button.offsetParent && alike(button));
};
const goBack = (otherwise) => {
  const to = before(), next = to?.offsetParent ? to : otherwise;
  next?.scrollIntoView({block: 'center'});
  next?.focus({preventScroll: true});
};
const goBackTo = (tab) => {
  tab.click();
  const go = () => requestAnimationFrame(() => goBack(tab));
  go();
  const lost = () => [document.body, tab].includes(document.activeElement);
  const drawn = new MutationObserver(() => { if (lost()) go(); });
  drawn.observe(document.querySelector('#tabs'), {childList: true, subtree: true});
  setTimeout(() => drawn.disconnect(), 3000);
};
element.addEventListener('click', (event) => {
  const button = event.target.closest('button');
  const box = document.querySelector('#question textarea');
  if (button?.classList.contains('back')) {
    if (from?.isConnected) goBackTo(from); else goBack(box);
  } else if (button?.classList.contains('close')) {
    if (event.isTrusted) goBack(box);
  } else {
    key = button?.dataset.key ?? null;
  }
});
// The beginning of the mark is brought into sight, and all of its width where that has room.
const reveal = (frame) => {
  const marks = [...frame.querySelectorAll('.meant')].map((each) => each.getBoundingClientRect());
  if (!marks.length) {
    if (!['smaller', 'larger'].includes(key)) frame.scrollTo(0, 0);
    return;
  }
  const within = frame.getBoundingClientRect(), edge = 16;
  const left = Math.min(...marks.map((each) => each.left));
  const right = Math.max(...marks.map((each) => each.right));
  const begins = right - left <= frame.clientWidth - 2 * edge ? left : marks[0].left;
  frame.scrollTop += marks[0].top - within.top - frame.clientHeight / 3;
  frame.scrollLeft += begins - within.left - edge;
};
// Beside the answers it is as high as there is room below where it begins.
const fit = () => {
  const top = Math.max(source.getBoundingClientRect().top, 12);
  source.style.setProperty('--room', `${innerHeight - top - 12}px`);
};
const show = () => {
  const pane = element.querySelector('.source');
  if (!pane) { shown = null; return; }
  const back = pane.querySelector('.back');
  if (from) back.textContent = back.dataset.elsewhere;
  fit();
  if (!fresh && !key) return;  // another style of citation: all stays where it is
  if (fresh || pane.dataset.of !== shown) source.scrollTop = 0;
  shown = pane.dataset.of;
  const frame = pane.querySelector('.frame');
  if (frame) reveal(frame);
  const again = key && pane.querySelector(`button[data-key="${key}"]:not(:disabled)`);
  if (opened || (key && !again)) {
    pane.querySelector('h2')?.focus({preventScroll: true});
    if (opened) pane.scrollIntoView({block: innerWidth < 900 ? 'start' : 'nearest'});
  } else if (again) {
    again.focus({preventScroll: true});
  }
  opened = fresh = false; key = null;
};
for (const moved of ['scroll', 'resize']) {
  addEventListener(moved, () => { if (source.offsetParent) fit(); }, {passive: true});
}
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

    def emptied(self) -> Values:
        """Give what closes the pane, in the order of `changed`."""
        return "", {}


def add_source(originals: Originals) -> SourcePane:
    """Lay out the pane, which takes no room until a source is opened."""
    with gr.Column(elem_id="source"):
        place = html("", template=PLAIN, elem_id="source-pane", js=_GO)
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
    """Have a source opened by "read" and "view" in these places, and closed by "close".

    Give the events.
    """

    def show(style: str, event: gr.EventData) -> Values:
        data = dict(pressed(event))
        if data.get("do") == "close":
            return pane.emptied()
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
