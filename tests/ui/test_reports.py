"""The report of a result in a browser: from a file without a network, and from the page."""

from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from evaluation.results import many, possible, result_over
from evaluation.test_evaluate import GOLD, QA
from evaluation.test_kept import ABOUT
from playwright.sync_api import Browser, Page, expect
from ui.pages import watch
from ui.serving import HOSTILE, Served, make_index, open_serving, served_by

from ctqa.evaluation import Evaluation, evaluate
from ctqa.evaluation.html_report import policy_when_served, write_report
from ctqa.evaluation.kept import FOLDER, Results
from ctqa.ui.access import Access
from ctqa.ui.reports import PATH, address

PASSWORD = "a long enough password"  # noqa: S105 -- of this test alone


@pytest.fixture(scope="module")
def evaluation() -> Evaluation:
    found = evaluate(QA, GOLD)
    return replace(found, rows=(replace(found.rows[0], question=HOSTILE), *found.rows[1:]))


@pytest.fixture(scope="module")
def kept(served: Served, evaluation: Evaluation) -> Iterator[str]:
    results = Results(served.serving.folder)
    id = results.keep(evaluation, ABOUT).id
    yield id
    results.remove(id)


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("report") / "report.html"
    made = many(60)
    hostile = possible("hostile", question=HOSTILE, kind=HOSTILE)
    write_report(result_over([*made.rows, hostile]), path)
    return path


@pytest.fixture
def opened(browser: Browser, file: Path) -> Iterator[Page]:
    """Open the file without a network; at the end nothing may have gone wrong."""
    wrong: list[str] = []
    size = {"width": 1100, "height": 900}
    with closing(browser.new_context(offline=True, viewport=size)) as context:  # type: ignore[arg-type]
        page = context.new_page()
        watch(page, file.parent.as_uri(), wrong)
        page.goto(file.as_uri())
        expect(page.locator(".plot .main-svg").first).to_be_visible()
        yield page
    assert wrong == []


def plots(page: Page) -> list[list[float]]:
    """Give the size of every plot that is drawn, and of the place it stands in."""
    return page.evaluate(  # type: ignore[no-any-return]
        "[...document.querySelectorAll('.plot')].map(p => {"
        "const s = p.querySelector('.main-svg').getBoundingClientRect();"
        "return [s.width, s.height, p.clientWidth, p.querySelectorAll('path').length]})"
    )


@pytest.mark.browser
def test_the_file_opens_without_a_network_and_draws_its_plots(opened: Page) -> None:
    drawn = plots(opened)
    assert len(drawn) == 5
    for width, height, place, paths in drawn:
        assert abs(width - place) <= 1 and height > 100 and paths > 5


@pytest.mark.browser
def test_what_documents_say_does_nothing_in_a_file(opened: Page) -> None:
    folded = opened.locator("#right > summary")
    folded.click()
    expect(opened.locator(".question", has_text="porridge").first).to_be_visible()
    assert opened.locator("main img, main script").count() == 0


@pytest.mark.browser
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_in_a_report(browser: Browser, file: Path, scheme: str) -> None:
    with closing(browser.new_context(color_scheme=scheme)) as context:  # type: ignore[arg-type]
        context.add_init_script("delete window.module")  # else axe would take this for Node
        page = context.new_page()
        # A page whose policy lets no other script run is tested as if it had none.
        client = context.new_cdp_session(page)
        client.send("Page.setBypassCSP", {"enabled": True})
        page.goto(file.as_uri())
        page.evaluate("document.querySelectorAll('details').forEach(each => each.open = true)")
        page.wait_for_timeout(300)
        violations = Axe().run(page).response["violations"]
    assert [(each["id"], each["nodes"][0]["target"]) for each in violations] == []


@pytest.mark.browser
def test_a_report_fits_a_phone(browser: Browser, file: Path) -> None:
    size = {"width": 360, "height": 640}
    with closing(browser.new_context(offline=True, viewport=size)) as context:  # type: ignore[arg-type]
        page = context.new_page()
        page.goto(file.as_uri())
        expect(page.locator(".plot .main-svg").first).to_be_visible()
        assert page.evaluate("document.documentElement.scrollWidth") == 360
        assert all(width <= place + 1 for width, _, place, _ in plots(page))


@pytest.mark.browser
def test_on_paper_the_tables_are_unfolded_and_folded_again(opened: Page) -> None:
    folded = "document.querySelectorAll('details[data-print]:not([open])').length"
    before = opened.evaluate(folded)
    assert before > 10
    opened.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert opened.evaluate(folded) == 0
    opened.wait_for_function("document.querySelector('.main-svg').clientWidth === 640")
    opened.evaluate("dispatchEvent(new Event('afterprint'))")
    assert opened.evaluate(folded) == before
    opened.wait_for_function("document.querySelector('.main-svg').clientWidth > 900")


@pytest.mark.browser
def test_the_page_serves_the_report_of_a_kept_result_apart_from_itself(
    browser: Browser, served: Served, kept: str
) -> None:
    wrong: list[str] = []
    with closing(browser.new_context()) as context:
        page = context.new_page()
        watch(page, served.url, wrong)
        page.goto(f"{served.url}/{address(kept)}")
        expect(page.locator("h1")).to_have_text("Evaluation with set")
        expect(page.locator(".plot .main-svg").first).to_be_visible()
        assert page.evaluate("origin") == "null"
    assert wrong == []


def test_a_report_has_its_own_policy_and_a_name_to_be_saved_by(served: Served, kept: str) -> None:
    status, headers, body = served.get(f"/{address(kept)}")
    assert status == 200
    assert "Evaluation with <bdi>set</bdi>" in body
    assert headers["content-security-policy"] == policy_when_served()
    assert "sandbox allow-scripts" in headers["content-security-policy"]
    assert headers["cache-control"] == "private, no-store"
    assert headers["content-disposition"] == f'inline; filename="evaluation-{kept}.html"'
    assert headers["x-frame-options"] == "DENY"


@pytest.mark.parametrize(
    "id", ["20260101T000000000000Z-abcdef", "..%2f..%2fcatalog.db", "latest", "x" * 500]
)
def test_what_is_no_result_is_not_found(served: Served, id: str) -> None:
    status, _, body = served.get(f"/report/{id}")
    assert status == 404
    assert str(served.serving.folder) not in body


def test_a_damaged_result_is_told_as_such(served: Served, evaluation: Evaluation) -> None:
    results = Results(served.serving.folder)
    id = results.keep(evaluation, ABOUT).id
    path = served.serving.folder / FOLDER / f"{id}.jsonl"
    path.write_bytes(path.read_bytes().replace(b"hail", b"snow"))
    status, _, body = served.get(f"/{address(id)}")
    results.remove(id)
    assert status == 404
    assert "cannot be read as a result" in body
    assert str(served.serving.folder) not in body


def test_a_report_is_behind_the_password_and_the_server_s_name(
    tmp_path: Path, evaluation: Evaluation
) -> None:
    index = make_index(tmp_path)
    id = Results(index).keep(evaluation, ABOUT).id
    with (
        closing(open_serving(index)) as serving,
        served_by(serving, Access(password=PASSWORD)) as served,
    ):
        assert served.get(f"/{address(id)}")[0] == 401
        assert served.get(f"/{address(id)}", host="elsewhere.example")[0] == 400


def test_the_guard_lets_through_what_results_are_called() -> None:
    assert PATH == r"/report/\d{8}T\d{12}Z-[0-9a-f]{6}"
