"""The page as a person has it before them: opened, watched, asked."""

from collections.abc import Callable
from typing import Any

from playwright.sync_api import Locator, Page, expect

from ctqa.ui import words

OpenPage = Callable[..., Page]

# What was begun when the page is left, or drawn anew, is cut off.
_OF_ITSELF = "Method not implemented."  # Gradio's, of the stream of an upload's progress
_CUT_OFF = ("/gradio_api/heartbeat/", "/gradio_api/run/", "/page/")


def watch(page: Page, home: str, wrong: list[str]) -> None:
    """Note whatever goes wrong on a page, and whatever it wants from elsewhere."""

    def see(kind: str, seen: str) -> None:
        wrong.append(f"{kind}: {seen}")

    def request(url: str, kind: str) -> None:
        if not url.startswith((f"{home}/", "data:", "blob:")):
            see(kind, url)

    def failed(url: str) -> None:
        if not any(each in url for each in _CUT_OFF):
            see("failed", url)

    def said(kind: str, text: str) -> None:
        if kind in ("error", "warning") and text != _OF_ITSELF:
            see(kind, text)

    page.on("request", lambda r: request(r.url, r.resource_type))  # event streams included
    page.on("websocket", lambda w: see("websocket", w.url))
    page.on("dialog", lambda d: (see("dialog", d.message), d.dismiss()))
    page.on("pageerror", lambda e: see("error", str(e)))
    page.on("console", lambda m: said(m.type, m.text))
    page.on("response", lambda r: see(str(r.status), r.url) if r.status >= 400 else None)
    page.on("requestfailed", lambda r: failed(r.url))


def open_at(page: Page, url: str) -> None:
    """Go to the page, and wait until it takes questions."""
    page.goto(url)
    expect(page.get_by_label(words.QUESTION)).to_be_visible()
    # Gradio puts the buttons in a moment later than the box.
    expect(page.get_by_role("button", name=words.ASK, exact=True)).to_be_visible()


def ask(page: Page, question: str) -> Locator:
    """Ask by the keyboard; give the place of the newest answers, when they are there."""
    box = page.get_by_label(words.QUESTION)
    box.fill(question)
    box.press("Enter")
    newest = page.locator("#newest")
    expect(newest.locator(".asked q").first).to_have_text(question)
    expect(page.locator("html[data-asking]")).to_have_count(0)
    return newest


def tab(page: Page, name: str) -> Locator:
    """Open a tab; give its panel."""
    page.get_by_role("tab", name=name).click()
    panel = page.get_by_role("tabpanel")
    expect(panel).to_be_visible()
    return panel


def width(page: Page) -> int:
    """Give how wide the page is, in CSS pixels."""
    found: Any = page.evaluate("document.documentElement.scrollWidth")
    return int(found)
