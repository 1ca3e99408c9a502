"""One server and one browser for all tests of the page."""

import shutil
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect, sync_playwright
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
