"""The page itself, in Gradio: which tabs there are, and what one of them starts in another."""

from typing import Any

import gradio as gr

from ctqa.ui import keeping, tab_ask, tab_history, words
from ctqa.ui.desk import Desk
from ctqa.ui.endpoints import add_endpoints
from ctqa.ui.keeping import kept_in_browser
from ctqa.ui.parts import html, on
from ctqa.ui.tab_ask import AskTab
from ctqa.ui.tab_documents import DocumentsTab, add_documents
from ctqa.ui.tab_evaluate import add_evaluate
from ctqa.ui.tab_judgments import add_judgments, add_panel, connect_judging, connect_review
from ctqa.ui.tab_source import add_source, open_from

Values = tuple[Any, ...]

_LOOK_S = 2.0  # between two looks at whether example questions were found


def make_page(desk: Desk) -> gr.Blocks:
    """Lay out the page over an index that is served, and its endpoints for programs."""
    page = gr.Blocks(title=words.WINDOW_TITLE, analytics_enabled=False)
    with page:
        header = html(desk.welcome.header(), elem_id="header")
        mine = kept_in_browser(desk.workbench.storage_key)  # outside the tabs, it is there at once
        with gr.Tabs(elem_id="tabs", overflow_behavior="wrap"):
            with gr.Tab(words.TAB_ASK, elem_id="tab-ask"), gr.Row(elem_id="desk"):
                with gr.Column(elem_id="talk", scale=5, min_width=280):
                    ask, panel = tab_ask.lay_out(
                        desk, lambda: add_panel(desk.serving, desk.judgments)
                    )
                    keep = tab_history.lay_out()
                source = add_source(desk.originals)
            with gr.Tab(words.TAB_DOCUMENTS, elem_id="tab-documents") as tab:
                documents = add_documents(desk.documents, [page.load, tab.select])
            with gr.Tab(words.TAB_JUDGMENTS, elem_id="tab-judgments") as tab:
                judgments = add_judgments(desk.serving, desk.judgments, desk.downloads)
                connect_review(desk.serving, desk.judgments, judgments, [tab.select])
            with gr.Tab(words.TAB_EVALUATE, elem_id="tab-evaluate") as tab:
                evaluate = add_evaluate(desk.workbench, mine, [tab.select])
        others = (panel.place, judgments.place, evaluate.result)
        tab_ask.connect(desk, ask, *others)
        tab_ask.connect_restoring(desk, ask)
        tab_history.connect(desk, ask, keep, source)
        connect_judging(desk.serving, desk.judgments, panel, [ask.results, ask.past])
        open_from(desk.originals, source, ask.results, ask.past, documents.place, *others)
        _connect_welcome(desk, page, header, ask, documents)
        add_endpoints(desk.serving)
    return page


def _connect_welcome(
    desk: Desk, page: gr.Blocks, header: gr.HTML, ask: AskTab, documents: DocumentsTab
) -> None:
    """Show what the current build holds when the page is opened, and when another is built."""
    looking = gr.Timer(_LOOK_S, active=False)
    shown = [header, *ask.filters.all]

    def show() -> Values:
        return desk.welcome.header(), *tab_ask.choices_of(desk.welcome)

    def show_new() -> Values:
        return gr.Timer(active=not desk.serving.is_settled), *show()

    def offer(history: Any) -> Values:
        offered = tab_ask.offered_by(desk.welcome, keeping.read(history))
        return gr.Timer(active=desk.welcome.looking()), *offered

    on(page.load, show, None, shown)
    on(documents.ended.tick, show_new, None, [documents.ended, *shown])
    on(
        [ask.history.load, documents.ended.tick, looking.tick],
        offer,
        [ask.history],
        [looking, ask.offered, *ask.examples],
    )
