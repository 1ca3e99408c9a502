"""Twenty people with a browser each, who all ask at the same moment."""

from collections.abc import Iterator
from contextlib import ExitStack, closing

import pytest
from playwright.sync_api import Browser, expect
from ui.pages import open_at
from ui.serving import Served, build_again, open_serving, served_by

from ctqa.ui import words

pytestmark = pytest.mark.browser

THINGS = (
    *("bandages", "blankets", "crutches", "curtains", "gloves", "insulin", "kettles", "lamps"),
    *("linen", "masks", "needles", "oxygen", "pillows", "saline", "scales", "splints", "syringes"),
    *("towels", "trolleys", "walkers"),
)


@pytest.fixture(scope="module")
def stores(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    folder = tmp_path_factory.mktemp("people")
    (folder / "documents").mkdir()
    for number, thing in enumerate(THINGS):
        (folder / "documents" / f"{thing}.txt").write_text(sentence(number, thing))
    build_again(folder)
    with closing(open_serving(folder / "index")) as serving, served_by(serving) as served:
        yield served


def sentence(number: int, thing: str) -> str:
    return f"The storekeeper of room {number + 100} orders {thing} for every ward."


def question(thing: str) -> str:
    return f"Which storekeeper orders {thing} for every ward?"


def test_no_reply_is_mixed_up_or_lost(browser: Browser, stores: Served) -> None:
    with ExitStack() as left:
        pages = []
        for thing in THINGS:
            page = left.enter_context(closing(browser.new_context())).new_page()
            open_at(page, stores.url)
            page.get_by_label(words.QUESTION).fill(question(thing))
            pages.append(page)
        for page in pages:  # Enter, without waiting for what comes of it
            page.evaluate("setTimeout(() => document.querySelector('#ask').click(), 300)")
        for number, (page, thing) in enumerate(zip(pages, THINGS, strict=True)):
            newest = page.locator("#newest")
            expect(newest.locator(".asked q").first).to_have_text(question(thing), timeout=60_000)
            expect(newest.locator("blockquote").first).to_have_text(sentence(number, thing))
            expect(page.locator("#earlier details")).to_have_count(0)
