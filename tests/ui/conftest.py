"""One server and one browser for all tests of the page."""

import shutil
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright
from ui.pages import OpenPage, open_at, watch
from ui.serving import Served, make_index, open_serving, served_by

_CHROMIUM = ("chromium", "chromium-browser", "google-chrome")
_ARGUMENTS = [
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-dev-shm-usage",
    "--disable-gpu",
    "--disable-quic",
    "--disable-sync",
    "--no-first-run",
    "--no-sandbox",
]


@pytest.fixture(scope="session")
def index(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_index(tmp_path_factory.mktemp("page"))


@pytest.fixture(scope="session")
def served(index: Path) -> Iterator[Served]:
    with closing(open_serving(index)) as serving, served_by(serving) as served:
        yield served


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    found = next((path for path in map(shutil.which, _CHROMIUM) if path is not None), None)
    if found is None:
        pytest.skip(f"no browser: none of {', '.join(_CHROMIUM)} is installed")
    expect.set_options(timeout=15_000)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=_ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture
def open_page(browser: Browser, served: Served) -> Iterator[OpenPage]:
    """Open the page, in a new session each time; at the end nothing may have gone wrong."""
    wrong: list[str] = []
    contexts = []

    def opened(path: str = "/", **options: Any) -> Page:
        context = browser.new_context(**options)
        contexts.append(context)
        page = context.new_page()
        watch(page, served.url, wrong)
        open_at(page, served.url + path)
        return page

    yield opened
    for context in contexts:
        context.close()
    assert wrong == []
