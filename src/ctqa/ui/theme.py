"""How the page looks, in light and dark: system fonts only, so that nothing is fetched."""

import gradio as gr

from ctqa.ui.style_documents import CSS_DOCUMENTS
from ctqa.ui.style_evaluate import CSS_EVALUATE
from ctqa.ui.style_history import CSS_HISTORY
from ctqa.ui.style_judgments import CSS_JUDGMENTS
from ctqa.ui.style_source import CSS_SOURCE

_SANS = ["system-ui", "-apple-system", "Segoe UI", "Roboto", "Noto Sans", "sans-serif"]
_MONO = ["ui-monospace", "SFMono-Regular", "Menlo", "Consolas", "monospace"]

# Text on its ground has a contrast of 4.5 or more, edges of 3 or more, in both modes.
_COLOURS = {
    "body_background_fill": ("#f6f7f8", "#12161b"),
    "body_text_color": ("#1b2430", "#e8ecf1"),
    "body_text_color_subdued": ("#4a5665", "#a9b4c2"),
    "block_background_fill": ("#ffffff", "#1a2028"),
    "block_label_text_color": ("#1b2430", "#e8ecf1"),
    "block_title_text_color": ("#1b2430", "#e8ecf1"),
    "block_border_color": ("#d3d9e0", "#38424e"),
    "input_background_fill": ("#ffffff", "#0e1216"),
    "input_border_color": ("#6b7888", "#7b8898"),
    "input_border_color_focus": ("#0f6a64", "#5eead4"),
    "input_border_color_hover": ("#4a5665", "#a9b4c2"),
    "checkbox_border_color": ("#6b7888", "#7b8898"),
    "checkbox_border_color_hover": ("#4a5665", "#a9b4c2"),
    "checkbox_border_color_focus": ("#0f6a64", "#5eead4"),
    "checkbox_border_color_selected": ("#0f6a64", "#5eead4"),
    "checkbox_background_color": ("#ffffff", "#0e1216"),
    "checkbox_background_color_selected": ("#0f6a64", "#0f6a64"),  # the tick is white in both
    "checkbox_label_border_color": ("#6b7888", "#7b8898"),
    "input_placeholder_color": ("#66727f", "#93a0ae"),
    "link_text_color": ("#0b5f59", "#5eead4"),
    "link_text_color_hover": ("#0b5f59", "#99f6e4"),
    "link_text_color_visited": ("#0b5f59", "#5eead4"),
    "button_primary_background_fill": ("#0f6a64", "#5eead4"),
    "button_primary_background_fill_hover": ("#0b534e", "#99f6e4"),
    "button_primary_text_color": ("#ffffff", "#06231f"),
    "button_primary_text_color_hover": ("#ffffff", "#06231f"),
    "button_secondary_background_fill": ("#ffffff", "#1a2028"),
    "button_secondary_background_fill_hover": ("#e9f3f2", "#22303a"),
    "button_secondary_text_color": ("#1b2430", "#e8ecf1"),
    "button_secondary_border_color": ("#8794a5", "#5b6877"),
}

_CSS = """
body { background: var(--body-background-fill) !important; }
body.dark { color-scheme: dark; }
.gradio-container { width: 100% !important; max-width: 100rem !important;
  margin-inline: auto !important; padding: 1.25rem 1rem 1rem !important;
  overflow: visible !important; }
.gradio-container > .app { padding: 0 !important; }
.html-container { padding: 0 !important; }
.block:has(> .html-container section:empty) { display: none; }
.container > .wrap:has(> .wrap-inner) { border-color: var(--input-border-color); }  /* dropdowns */
.container > .wrap:has(> .wrap-inner):focus-within {
  border-color: var(--input-border-color-focus); }
:focus-visible { outline: 3px solid var(--link-text-color) !important; outline-offset: 2px; }
@media (prefers-reduced-motion: reduce) {
  * { animation: none !important; transition: none !important; }
}

/* the tabs */
#tabs .tab-wrapper { height: auto; padding-bottom: 0; margin-bottom: 0; }
#tabs .tab-container { background: none; }
#tabs .tabitem { padding: 1rem 0 0; border: 0; }
#tabs button[role=tab] { min-height: 2.75rem; color: var(--body-text-color); }
#tabs button[role=tab][aria-selected=true] { color: var(--link-text-color); font-weight: 600; }
#tabs button[role=tab][aria-selected=true]::after { background-color: var(--link-text-color); }
.main > .wrap > main > .column { gap: .5rem; }

/* the conversation, and the source beside it */
#desk { display: grid; grid-template-columns: minmax(0, 1fr); gap: 1.5rem; align-items: start; }
#talk { width: 100%; max-width: 56rem; margin-inline: auto; gap: .75rem; }
#source:not(:has(.source)) { display: none; }
@media (min-width: 64rem) {
  #desk:has(.source) { grid-template-columns: minmax(0, 1fr) minmax(0, 1fr); }
  #source { position: sticky; top: .75rem; flex-wrap: nowrap;
    max-height: max(20rem, var(--room, calc(100vh - 1.5rem))); overflow: hidden auto; }
}

/* asking */
#asking { position: sticky; bottom: 0; z-index: 5; gap: .5rem; padding-block: .6rem .75rem;
  background: var(--body-background-fill); }
#asking .form, #question { padding: 0; border: 0 !important; background: none; box-shadow: none;
  overflow: visible !important; }
#question span[data-testid] { font-weight: 600; }
#question textarea { font-size: 1.05rem; padding: .65rem .8rem; }
@supports (field-sizing: content) {  /* Gradio's own measuring may come too early */
  #question textarea { field-sizing: content; height: auto !important; max-height: 9rem;
    overflow-y: auto !important; }
}
#question-row { align-items: flex-end; gap: .75rem; flex-wrap: nowrap; }
#ask { min-height: 2.9rem; padding-block: 0; font-size: 1.05rem; min-width: 5rem; flex-grow: 0; }
#where { padding: .35rem .8rem; }
html:not([data-asking]) .while-asking { display: none; }
html[data-asking] .while-asking + .found { display: none; }
html[data-asking] #ask { opacity: .6; }
#where:has(.label-wrap.open) { max-height: 45vh; overflow: auto; }
#carried-over { gap: .4rem; margin-top: .25rem; }
#carried-over .row { gap: .5rem; }
#carried-over .form { border: 0; background: none; box-shadow: none; overflow: visible; }
#searched { padding: 0; border: 0 !important; background: none; box-shadow: none;
  overflow: visible !important; }
#searched textarea { padding: .5rem .8rem; }
#carried-over button { flex: 0 1 auto; width: auto; min-width: 0; min-height: 2.2rem;
  padding: .2rem .9rem; font-weight: 500; }
#examples { gap: .1rem; }
#examples button { width: auto; align-self: flex-start; min-height: 2rem; padding: .2rem 0;
  border: 0; background: none; box-shadow: none; text-align: left; white-space: normal;
  font-size: 1rem; font-weight: 400; color: var(--link-text-color); text-decoration: underline; }
#examples button:hover { text-decoration-thickness: 2px; }

/* buttons within markup */
.ctqa button[data-do] { font: inherit; font-size: .9rem; min-height: 2rem; padding: .2rem .7rem;
  cursor: pointer; border-radius: .4rem; color: var(--button-secondary-text-color);
  border: 1px solid var(--button-secondary-border-color);
  background: var(--button-secondary-background-fill); }
.ctqa button[data-do]:hover { background: var(--button-secondary-background-fill-hover); }
.ctqa button[data-do]:disabled { opacity: .5; cursor: default; }
.ctqa .doings, .ctqa .buttons { display: flex; flex-wrap: wrap; gap: .5rem; margin-top: .75rem; }

/* what `render` makes */
.ctqa { --mark: #ffe38f; --mark-text: #1b2430; line-height: 1.5; overflow-wrap: anywhere;
  font-size: 1rem; color: var(--body-text-color); }
.dark .ctqa { --mark: #6a5200; --mark-text: #fff6d8; }
.ctqa h1, .ctqa h2, .ctqa h3, .ctqa p, .ctqa ul, .ctqa ol { margin: 0; padding: 0; }
.ctqa h1, .ctqa h2, .ctqa h3 { line-height: 1.25; font-weight: 650; }
.ctqa h1 { font-size: 1.7rem; }
.ctqa h2 { font-size: 1.1rem; margin: 1.75rem 0 .5rem; }
.ctqa [lang] > h2:first-child { margin-top: 0; }
.ctqa h3 { font-size: 1rem; margin-top: 1rem; }
.ctqa p { margin-top: .4rem; }
.ctqa a { color: var(--link-text-color); text-decoration: underline; }
.ctqa cite { font-style: normal; font-weight: 600; }
.ctqa .meta { font-size: .9rem; color: var(--body-text-color-subdued); }
.ctqa .left-out ul { padding-left: 1.2rem; list-style: disc; }
.ctqa .status { margin: 0; font-weight: 600; }
.ctqa .problem { display: block; font-weight: 500; padding: .7rem .9rem; border-radius: .5rem;
  border: 1px solid var(--input-border-color); background: var(--block-background-fill); }
.ctqa .asked { margin: 0; display: -webkit-box; -webkit-box-orient: vertical;
  -webkit-line-clamp: 4; overflow: hidden; }
.ctqa .asked q { font-style: italic; }

/* the words of documents are in serifs, the words of this page are not */
.ctqa blockquote, .ctqa .passage, .ctqa .excerpt { white-space: normal;
  font-family: Charter, "Bitstream Charter", "Sitka Text", Cambria, "Noto Serif", Georgia, serif; }
.ctqa blockquote { margin: 0; padding: 0; border: 0; font-size: 1.35rem; line-height: 1.45; }
.ctqa .passage { line-height: 1.6; margin-top: .3rem; }
.ctqa .line { display: block; }
.ctqa .heading { font-weight: 600; }
.ctqa .item { padding-left: 1rem; }
.ctqa mark { padding: .08em .15em; border-radius: .2em; background: var(--mark);
  color: var(--mark-text); -webkit-box-decoration-break: clone; box-decoration-break: clone; }

.ctqa .card { margin-top: .9rem; padding: 1rem 1.15rem 1.1rem; border-radius: .6rem;
  border: 1px solid var(--block-border-color); border-left: .3rem solid var(--link-text-color);
  background: var(--block-background-fill); }
.ctqa .card > h2, .ctqa .card:not(.not-there) > h3 { margin: 0 0 .35rem; font-size: .9rem;
  color: var(--body-text-color-subdued); }
.ctqa .card > .where { margin-top: .75rem; }
.ctqa .where p { margin-top: .1rem; }
.ctqa .where .newer { margin-block: .3rem; padding-left: .6rem;
  border-left: .2rem solid var(--input-border-color); }
.ctqa .card > details { margin-top: .6rem; }
.ctqa .in q { font-family: Charter, "Bitstream Charter", "Sitka Text", Cambria, "Noto Serif",
  Georgia, serif; }
.ctqa .card > .sure { font-size: .95rem; margin-top: .6rem; }
.ctqa .elsewhere { margin-top: .6rem; font-size: .95rem; }
.ctqa .elsewhere ul { padding-left: 1.2rem; list-style: disc; }
.ctqa .not-there { border-left-color: var(--body-text-color-subdued); }
.ctqa .not-there > h2 { font-size: 1.3rem; color: inherit; }

.ctqa summary { cursor: pointer; padding: .15rem 0; color: var(--link-text-color); }
.ctqa details > summary:hover { text-decoration: underline; }
.ctqa ol { list-style: none; }
.ctqa li > details { padding: .55rem 0; border-top: 1px solid var(--block-border-color); }
.ctqa li > details > summary { display: grid; grid-template-columns: 1.2rem minmax(0, 1fr);
  color: inherit; list-style: none; }
.ctqa li > details > summary:hover { text-decoration: none; }
.ctqa li > details > summary:hover cite { text-decoration: underline; }
.ctqa li > details > summary::-webkit-details-marker { display: none; }
.ctqa li > details > summary::before { content: "▸"; grid-row: 1 / 4;
  color: var(--link-text-color); }
.ctqa li > details[open] > summary::before { content: "▾"; }
.ctqa li > details > summary > span { grid-column: 2; }
.ctqa li > details > p { margin-left: 1.2rem; }
.ctqa .place { font-size: .9rem; color: var(--body-text-color-subdued); }
.ctqa .excerpt { font-size: .95rem; color: var(--body-text-color-subdued); }
.ctqa details[open] > summary > .excerpt { display: none; }

@media (max-width: 30rem) {
  .gradio-container { padding: .75rem .75rem 3rem !important; }
  .ctqa h1 { font-size: 1.45rem; }
  .ctqa blockquote { font-size: 1.2rem; }
  .ctqa .card { padding: .8rem .85rem .9rem; }
}
"""


CSS = "".join((_CSS, CSS_SOURCE, CSS_HISTORY, CSS_DOCUMENTS, CSS_JUDGMENTS, CSS_EVALUATE))


def theme() -> gr.themes.Base:
    """Make the theme; a font given by its plain name is the system's."""
    plain = gr.themes.Base(
        primary_hue=gr.themes.colors.teal,
        neutral_hue=gr.themes.colors.slate,
        radius_size=gr.themes.sizes.radius_md,
        text_size=gr.themes.sizes.text_lg,
        font=_SANS,
        font_mono=_MONO,
    )
    light = {name: colours[0] for name, colours in _COLOURS.items()}
    dark = {f"{name}_dark": colours[1] for name, colours in _COLOURS.items()}
    return plain.set(input_border_width="1px", button_border_width="1px", **light, **dark)
