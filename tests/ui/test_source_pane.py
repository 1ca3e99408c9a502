"""The source pane in a real browser, beside buttons that open it."""

import json
import re
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager

import gradio as gr
import pytest
import uvicorn
from fastapi import FastAPI
from playwright.sync_api import Browser, Locator, Page, expect
from ui.sources import LONG, NOTES, PLAN, Library, open_library

from ctqa.ui import words
from ctqa.ui.guard import SecurityHeaders
from ctqa.ui.markup import element, joined
from ctqa.ui.parts import html, on
from ctqa.ui.routes import make_routes
from ctqa.ui.server import private_folder
from ctqa.ui.style_source import CSS_SOURCE
from ctqa.ui.tab_source import add_source, open_from
from ctqa.ui.theme import CSS, theme

QUOTES = (
    (PLAN, "Relatives may visit the ward between\ntwo and four."),
    (PLAN, "The discharge nurse orders transport."),
    (NOTES, "It closes early."),
    (LONG, "Paragraph 200 says that every patient has a named nurse"),
)


def elsewhere(tab: gr.Tab) -> gr.HTML:
    """Lay out a place that is drawn anew whenever its tab is chosen, as some of the page are."""
    place, drawn = html(), gr.State(0)

    def draw(times: int) -> tuple[str, int]:
        said = f"Drawn {times + 1} times"
        button = element("button", "Elsewhere", type="button", data_do="read", data_document=NOTES)
        return element("div", element("p", said), button).markup, times + 1

    on(tab.select, draw, [drawn], [place, drawn])
    return place


@contextmanager
def pane_served(library: Library) -> Iterator[str]:
    starts = [library.text(name).index(quote) for name, quote in QUOTES]
    marks = [
        [name, start, start + len(quote)]
        for (name, quote), start in zip(QUOTES, starts, strict=True)
    ]
    buttons = [
        element(
            "button",
            f"Open {number}",
            type="button",
            data_do="read",
            data_document=str(name),
            data_start=str(start),
            data_end=str(end),
            data_marks=json.dumps(marks),
        )
        for number, (name, start, end) in enumerate(marks)
    ]
    with gr.Blocks(analytics_enabled=False) as page, gr.Tabs(elem_id="tabs"):
        with gr.Tab("Here"):
            answers = html(joined(*buttons).markup)
            pane = add_source(library.originals)
        with gr.Tab("There") as there:
            others = elsewhere(there)
        open_from(library.originals, pane, answers, others)
    app = FastAPI(routes=make_routes(library.originals, library.downloads))
    app.add_middleware(SecurityHeaders)
    gr.mount_gradio_app(app, page, path="/", theme=theme(), css=CSS + CSS_SOURCE, ssr_mode=False)
    server = uvicorn.Server(uvicorn.Config(app, log_level="warning"))
    with closing(socket.create_server(("127.0.0.1", 0))) as listener, private_folder():
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
        thread.start()
        try:
            while not server.started:
                assert thread.is_alive()
                time.sleep(0.01)
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join(10)


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with open_library(tmp_path_factory.mktemp("pane")) as library, pane_served(library) as url:
        yield url


@pytest.fixture
def page(browser: Browser, url: str) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 1100, "height": 800})
    page = context.new_page()
    wrong: list[str] = []
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("dialog", lambda dialog: wrong.append(dialog.message))
    page.goto(url)
    yield page
    context.close()
    assert wrong == []


def opened(page: Page, number: int) -> Locator:
    page.get_by_role("button", name=f"Open {number}").click()
    pane = page.locator(".source")
    expect(pane).to_be_visible()
    return pane


def is_within(inner: Locator, outer: Locator) -> bool:
    one, two = inner.bounding_box(), outer.bounding_box()
    assert one is not None and two is not None
    return (
        two["y"] <= one["y"]
        and one["y"] + one["height"] <= two["y"] + two["height"]
        and two["x"] <= one["x"]
        and one["x"] + one["width"] <= two["x"] + two["width"] + 1
    )


def test_a_page_is_shown_with_its_boxes_and_takes_the_focus_and_gives_it_back(page: Page) -> None:
    expect(page.get_by_label(words.CITATION_STYLE)).to_be_hidden()
    pane = opened(page, 0)
    expect(pane.locator(".box.meant")).to_have_count(2)
    expect(pane.get_by_role("heading", level=2)).to_be_focused()
    picture = pane.get_by_role("img")
    expect(picture).to_have_js_property("complete", True)
    assert picture.evaluate("image => image.naturalWidth") > 0
    assert is_within(pane.locator(".box.meant").first, pane.locator(".frame"))
    pane.get_by_role("button", name=words.BACK_TO_ANSWER).click()
    expect(page.get_by_role("button", name="Open 0")).to_be_focused()


def test_the_keyboard_alone_goes_about_in_it(page: Page) -> None:
    page.get_by_role("button", name="Open 0").focus()
    page.keyboard.press("Enter")
    pane = page.locator(".source")
    expect(pane.get_by_role("heading", level=2)).to_be_focused()
    for number, text in ((2, "Page 2 of 3"), (3, "It closes early."), (4, "Paragraph 200")):
        after = pane.get_by_role("button", name=words.MARK_AFTER)
        after.focus()
        page.keyboard.press("Enter")
        expect(pane.get_by_text(words.mark_of(number, 4))).to_be_visible()
        expect(pane.get_by_text(text).first).to_be_visible()
        if number < 4:
            expect(after).to_be_focused()
    expect(pane.get_by_role("heading", level=2)).to_be_focused()  # there is no next one
    expect(pane.locator("mark.meant")).to_be_in_viewport()
    assert is_within(pane.locator("mark.meant"), pane.locator(".frame"))


def test_zoom_keeps_the_mark_in_sight(page: Page) -> None:
    pane = opened(page, 1)
    for per_cent in (150, 200):
        pane.get_by_role("button", name=words.LARGER).click()
        expect(pane.get_by_text(words.zoomed(per_cent))).to_be_visible()
    expect(pane.get_by_role("button", name=words.LARGER)).to_be_disabled()
    frame, sheet = pane.locator(".frame"), pane.locator(".sheet")
    assert sheet.evaluate("it => it.offsetWidth") > 1.9 * frame.evaluate("it => it.clientWidth")
    expect(pane.locator(".box.meant")).to_be_in_viewport()


def test_the_quote_is_copied_with_a_citation_in_the_style_chosen(page: Page) -> None:
    page.context.grant_permissions(["clipboard-write"])
    pane = opened(page, 1)
    copy = pane.locator('[data-do="copy"]')
    copy.click()
    expect(copy).to_have_text(words.COPIED)
    copied = f"“{QUOTES[1][1]}” A plan </title> for wards (n.d.), p. 2."
    expect(copy).to_have_attribute("data-text", copied)
    expect(copy).to_have_text(words.COPY_QUOTE)
    style = page.get_by_label(words.CITATION_STYLE)
    style.click()
    page.get_by_role("option", name="BibTeX").click()
    expect(copy).to_have_attribute("data-text", re.compile("@"))
    expect(pane.get_by_role("heading", level=2)).not_to_be_focused()


@pytest.mark.parametrize("size", [(1400, 900), (1024, 768)])
def test_what_is_taken_along_is_always_in_sight(page: Page, size: tuple[int, int]) -> None:
    page.set_viewport_size({"width": size[0], "height": size[1]})
    pane = opened(page, 3)
    style = page.get_by_label(words.CITATION_STYLE)
    for each in (pane.locator('[data-do="copy"]'), pane.get_by_role("link"), style):
        expect(each).to_be_in_viewport(ratio=1)
    source = page.locator("#source")
    style.focus()
    assert source.evaluate("it => it.scrollLeft + it.scrollTop") == 0
    assert source.evaluate("it => it.scrollWidth - it.clientWidth") == 0
    assert source.evaluate("it => it.scrollHeight - it.clientHeight") <= 1  # one bar, the frame's


def test_another_document_is_shown_from_its_top(page: Page) -> None:
    page.set_viewport_size({"width": 1100, "height": 400})
    pane = opened(page, 3)
    source = page.locator("#source")
    source.evaluate("it => { it.style.setProperty('max-height', '15rem'); it.scrollTop = 999; }")
    assert source.evaluate("it => it.scrollTop") > 0
    opened(page, 2)
    expect(pane.locator("mark.meant")).to_have_text(QUOTES[2][1])
    expect(source).to_have_js_property("scrollTop", 0)


def test_it_is_closed_and_the_focus_goes_back(page: Page) -> None:
    pane = opened(page, 0)
    pane.get_by_role("button", name=words.CLOSE_SOURCE).click()
    expect(pane).to_have_count(0)
    expect(page.locator("#source")).to_be_hidden()
    expect(page.get_by_role("button", name="Open 0")).to_be_focused()
    opened(page, 0)


def test_the_page_itself_closes_it_and_leaves_the_focus_where_it_is(page: Page) -> None:
    pane = opened(page, 0)
    page.get_by_role("button", name="Open 3").focus()
    page.evaluate("document.querySelector('.source .close').click()")
    expect(pane).to_have_count(0)
    expect(page.get_by_role("button", name="Open 3")).to_be_focused()


def test_it_leads_back_to_the_tab_it_was_opened_from(page: Page) -> None:
    page.get_by_role("tab", name="There").click()
    page.get_by_role("button", name="Elsewhere").click()
    pane = page.locator(".source")
    expect(pane.get_by_role("heading", level=2)).to_be_focused()
    expect(pane.get_by_role("button", name=words.BACK_TO_ANSWER)).to_have_count(0)
    pane.get_by_role("button", name=words.BACK, exact=True).click()
    drawn_anew = page.get_by_text("Drawn 2 times")
    expect(drawn_anew).to_be_visible()  # with the button in it
    expect(page.get_by_role("button", name="Elsewhere")).to_be_focused()
    page.get_by_role("tab", name="Here", exact=True).click()
    opened(page, 1)
    expect(pane.get_by_role("button", name=words.BACK_TO_ANSWER)).to_be_visible()


def test_it_fits_a_narrow_screen(browser: Browser, url: str) -> None:
    context = browser.new_context(viewport={"width": 360, "height": 640}, color_scheme="dark")
    page = context.new_page()
    page.goto(f"{url}?__theme=dark")
    pane = opened(page, 0)
    expect(pane.locator(".box.meant").first).to_be_in_viewport()
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    context.close()
