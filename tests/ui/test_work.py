"""A working day in a real browser: each part of the page in use, one after the other."""

import json
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import docx
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Locator, Page, expect
from sources.pdfs import make_pdf
from ui.pages import ask, open_at, tab, watch, width
from ui.serving import (
    HOSTILE,
    NOWHERE,
    NURSE,
    NURSE_ANSWER,
    VISIT,
    VISIT_ANSWER,
    Served,
    build_again,
    make_index,
    open_serving,
    served_by,
)

from ctqa.cli import main
from ctqa.ui import sheets, words

pytestmark = pytest.mark.browser

RAMP = "The ramp to the west entrance is closed until the tenth of March."
RAMP_QUESTION = "Until when is the ramp to the west entrance closed?"
POND = "Who feeds the fish in the pond?"
POND_ANSWER = "The porter feeds the fish in the pond every morning."


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("work")
    make_index(folder)
    made = make_pdf("Opening hours. The desk is staffed from eight to six.", RAMP)
    (folder / "documents" / "access.pdf").write_bytes(made)
    build_again(folder)
    return folder


@pytest.fixture(scope="module")
def at_work(home: Path) -> Iterator[Served]:
    with closing(open_serving(home / "index")) as serving, served_by(serving) as served:
        yield served


@pytest.fixture
def page(browser: Browser, at_work: Served) -> Iterator[Page]:
    """Give a page in a session of its own; at the end nothing may have gone wrong."""
    wrong: list[str] = []
    with closing(browser.new_context(viewport={"width": 1280, "height": 900})) as context:
        page = context.new_page()
        watch(page, at_work.url, wrong)
        open_at(page, at_work.url)
        yield page
    assert wrong == []


def press(place: Locator | Page, name: str) -> None:
    place.get_by_role("button", name=name).first.click()


def test_a_pdf_opens_beside_its_answer_with_boxes_over_the_words(page: Page) -> None:
    newest = ask(page, RAMP_QUESTION)
    expect(newest.locator("blockquote")).to_have_text(RAMP)
    pane = page.locator("#source-pane")
    expect(pane.get_by_role("heading", level=2)).to_be_visible()  # without being asked for
    drawn = pane.locator("img")
    expect(drawn).to_be_visible()
    assert drawn.evaluate("image => image.decode().then(() => image.naturalWidth)") > 500
    box = pane.locator(".meant").first
    expect(box).to_be_visible()
    page_box, mark = drawn.bounding_box(), box.bounding_box()
    assert page_box is not None and mark is not None
    assert page_box["x"] <= mark["x"] and mark["width"] <= page_box["width"]
    expect(page.get_by_label(words.QUESTION)).to_be_focused()
    press(pane, words.LARGER)
    expect(pane).to_contain_text("150 %")
    press(newest, words.READ_THERE)
    expect(pane.get_by_role("heading", level=2)).to_be_focused()


def test_what_was_asked_is_there_when_the_page_is_opened_again(
    page: Page, browser: Browser, at_work: Served
) -> None:
    ask(page, VISIT)
    ask(page, NOWHERE)
    expect(page.locator("#earlier summary")).to_contain_text([VISIT])
    page.reload()
    earlier = page.locator("#earlier details")
    expect(earlier).to_have_count(2)
    earlier.first.locator("summary").click()
    expect(earlier.first.locator("blockquote")).to_have_text(VISIT_ANSWER)
    press(earlier.first, words.READ_THERE)
    expect(page.locator("#source-pane .meant")).to_have_text(VISIT_ANSWER)
    with closing(browser.new_context()) as context:
        other = context.new_page()
        open_at(other, at_work.url)
        expect(other.locator("#earlier details")).to_have_count(0)
    page.get_by_role("button", name=words.KEEP).click()
    press(page, words.FORGET)
    press(page, words.KEEP_ALL)
    expect(earlier).to_have_count(2)
    press(page, words.FORGET)
    press(page, words.FORGET_NOW)
    expect(earlier).to_have_count(0)
    expect(page.get_by_text(VISIT_ANSWER)).to_have_count(0)  # nor in the source beside it
    page.reload()
    expect(page.get_by_label(words.QUESTION)).to_be_visible()
    expect(earlier).to_have_count(0)


def test_the_conversation_is_taken_along_with_receipts(
    page: Page, home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    ask(page, VISIT)
    ask(page, NURSE)
    page.get_by_role("button", name=words.KEEP).click()
    saved = {}
    for label in (words.AS_MARKDOWN, words.AS_DOCX, words.AS_RECEIPTS):
        page.get_by_role("button", name=label).click()
        link = page.locator("#kept a").first
        ending = {"Markdown": ".md", "Word": ".docx", "Receipts": ".json"}[label]
        expect(link).to_contain_text(ending)
        with page.expect_download() as started:
            link.click()
        saved[label] = tmp_path / started.value.suggested_filename
        started.value.save_as(saved[label])
    assert f"> {VISIT_ANSWER}" in saved[words.AS_MARKDOWN].read_text(encoding="utf-8")
    paragraphs = [each.text for each in docx.Document(str(saved[words.AS_DOCX])).paragraphs]
    assert VISIT_ANSWER in paragraphs and NURSE_ANSWER in paragraphs
    receipts = saved[words.AS_RECEIPTS]
    assert main(["verify", str(receipts), "--index", str(home / "index")]) == 0
    capsys.readouterr()
    receipts.write_text(receipts.read_text(encoding="utf-8").replace("two and four", "two and six"))
    assert main(["verify", str(receipts), "--index", str(home / "index")]) != 0


def test_only_where_one_looks(page: Page) -> None:
    press(page, words.WHERE)
    page.get_by_label(words.IN_DOCUMENTS).click()
    page.get_by_role("option", name="discharge").click()
    page.keyboard.press("Escape")
    expect(page.get_by_role("button", name=words.where_to_look(1))).to_be_visible()
    newest = ask(page, VISIT)
    expect(newest).to_contain_text("Discharge planning")
    expect(newest.locator("blockquote")).not_to_have_text([VISIT_ANSWER])
    expect(newest.get_by_text("wards.txt")).to_have_count(0)


def test_what_is_judged_becomes_gold(page: Page, tmp_path: Path) -> None:
    press(ask(page, NURSE), words.RIGHT)
    expect(page.locator("#judged")).to_contain_text("Kept as gold")
    press(ask(page, VISIT), words.WRONG)
    asked = page.locator("#judging")
    expect(asked.get_by_role("heading", name=words.WHICH_IS_RIGHT)).to_be_visible()
    asked.get_by_role("button", name="flowers are not allowed").first.click()
    press(asked, words.KEEP_CHOSEN)
    expect(asked).to_be_hidden()
    press(ask(page, NOWHERE), words.RIGHTLY_ABSENT)
    review = tab(page, words.TAB_JUDGMENTS)
    expect(review).to_contain_text("2 right")
    expect(review).to_contain_text(NURSE_ANSWER)
    press(review, words.AS_JSONL)
    with page.expect_download() as started:
        review.get_by_role("link", name="gold.jsonl").click()
    kept = tmp_path / "gold.jsonl"
    started.value.save_as(kept)
    gold = [json.loads(line) for line in kept.read_text(encoding="utf-8").splitlines()]
    assert {each["question"] for each in gold} == {NURSE, VISIT, NOWHERE}


def test_gold_is_held_against_the_index_and_failures_open_in_ask(
    page: Page, tmp_path: Path
) -> None:
    gold = tmp_path / "held.jsonl"
    rows = [
        {"question": NURSE, "document": "discharge.txt", "quote": NURSE_ANSWER},
        {"question": VISIT, "document": "discharge.txt", "quote": "Medicines are handed over"},
    ]
    gold.write_text("".join(f"{json.dumps(row)}\n" for row in rows), encoding="utf-8")
    panel = tab(page, words.TAB_EVALUATE)
    with page.expect_file_chooser() as chooser:
        press(panel, words.CHOOSE_GOLD)
    chooser.value.set_files(gold)
    expect(panel).to_contain_text("held")
    panel.get_by_role("button", name=words.RUN).last.click()
    expect(panel.get_by_role("heading", name=words.FAILING)).to_be_visible(timeout=60_000)
    expect(panel.get_by_role("heading", name=words.WHY_FAILED)).to_be_visible()
    expect(panel.locator(".curves svg").first).to_be_visible()
    press(panel, words.OPEN_IN_ASK)
    expect(page.locator("#newest .asked q").first).to_have_text(VISIT)
    expect(page.locator("#newest blockquote").first).to_be_visible()
    page.reload()  # the browser keeps what opens the file that it sent
    panel = tab(page, words.TAB_EVALUATE)
    expect(panel.locator("#gold-sets")).to_contain_text("held.jsonl")
    press(panel, words.named(words.CHECK, "held.jsonl"))
    expect(panel.locator("#evaluation-errand")).to_contain_text("quote", timeout=60_000)
    press(panel, words.CLOSE_ERRAND)
    expect(panel.locator("#evaluation-told .said")).to_be_focused()


def test_two_results_are_seen_over_time_and_compared(page: Page) -> None:
    panel = tab(page, words.TAB_EVALUATE)
    for count in (1, 2):
        press(panel, words.RUN)
        told = panel.locator("#evaluation-told")
        expect(told).to_contain_text("was evaluated", timeout=60_000)
        expect(panel.locator(".of-gold summary").first).to_contain_text(f"{count} result")
        page.reload()
        panel = tab(page, words.TAB_EVALUATE)
    panel.locator(".trend button").first.click()
    result = panel.locator("#evaluation-result")
    expect(result.get_by_role("heading", name=words.RESULT, exact=True)).to_be_visible()
    expect(panel.locator("li[aria-current]")).to_have_count(1)
    with page.expect_popup() as opened:
        result.get_by_role("link", name=words.OPEN_REPORT).click()
    expect(opened.value.get_by_role("heading", level=1)).to_be_visible()
    opened.value.close()
    press(panel, words.COMPARE_RESULT)
    expect(result.get_by_role("heading", name=words.SIDE_BY_SIDE)).to_be_visible()
    expect(result.locator(".verdict")).to_contain_text("No difference at all was seen")
    press(result, words.END_COMPARISON)
    expect(result.get_by_role("heading", name=words.RESULT, exact=True)).to_be_visible()


def test_a_gold_set_is_begun_from_a_sheet_or_from_suggestions(page: Page, tmp_path: Path) -> None:
    panel = tab(page, words.TAB_EVALUATE)
    panel.get_by_text(words.MAKE_GOLD).click()
    with page.expect_download() as started:
        panel.get_by_role("link", name=words.GOLD_TEMPLATE).click()
    assert started.value.suggested_filename == sheets.TEMPLATE
    started.value.save_as(tmp_path / "template.xlsx")
    assert (tmp_path / "template.xlsx").read_bytes() == sheets.template()
    press(panel, words.SUGGEST)
    with page.expect_download() as started:
        panel.get_by_role("link", name=words.SAVE_SUGGESTIONS).click(timeout=60_000)
    assert started.value.suggested_filename == sheets.SUGGESTIONS


def test_documents_are_added_left_out_and_asked_meanwhile(page: Page, tmp_path: Path) -> None:
    added = tmp_path / "pond <b>new.txt"
    added.write_text(f"{POND}\n\n{POND_ANSWER}\n", encoding="utf-8")
    fake = tmp_path / "notes.pdf"
    fake.write_bytes(b"MZ\x90\0 this is a program")
    panel = tab(page, words.TAB_DOCUMENTS)
    expect(panel.get_by_role("heading", name=words.TO_LOOK_AT)).to_be_visible()
    panel.locator("input[type=file]").set_input_files([added, fake])
    expect(page.locator("#documents-notice")).to_contain_text("notes.pdf")
    expect(panel.locator("#documents")).to_contain_text("pond -b-new", timeout=60_000)
    page.get_by_role("tab", name=words.TAB_ASK).click()
    expect(page.locator("#header")).to_contain_text("5 documents", timeout=60_000)
    expect(ask(page, POND).locator("blockquote")).to_have_text(POND_ANSWER)
    panel = tab(page, words.TAB_DOCUMENTS)
    row = panel.locator("#documents li", has_text="pond -b-new").first
    press(row, words.LEAVE_OUT)
    press(panel, words.LEAVE_OUT_NOW)
    panel.get_by_text(words.LEFT_OUT_BY_YOU).click(timeout=60_000)
    expect(panel.get_by_role("button", name=words.TAKE_IN)).to_be_visible()
    page.get_by_role("tab", name=words.TAB_ASK).click()
    expect(page.locator("#header")).to_contain_text("4 documents", timeout=60_000)
    newest = ask(page, POND)
    expect(newest.locator("blockquote", has_text=POND_ANSWER)).to_have_count(0)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_serious(browser: Browser, at_work: Served, scheme: str) -> None:
    size = {"width": 1280, "height": 900}
    with closing(browser.new_context(viewport=size, color_scheme=scheme)) as context:  # type: ignore[arg-type]
        context.add_init_script("delete window.module")  # else axe would take this for Node
        page = context.new_page()
        open_at(page, at_work.url)
        found = serious(page, words.TAB_ASK)
        press(ask(page, VISIT), words.WRONG)
        ask(page, HOSTILE)
        found += serious(page, words.TAB_ASK)
        for name in (words.TAB_DOCUMENTS, words.TAB_JUDGMENTS, words.TAB_EVALUATE):
            tab(page, name)
            page.wait_for_timeout(300)
            found += serious(page, name)
        press(page, words.SHOW_RESULT)
        expect(page.get_by_role("heading", name=words.WHY_FAILED)).to_be_visible()
        found += serious(page, words.RESULT)
        press(page, words.COMPARE_RESULT)
        expect(page.get_by_role("heading", name=words.SIDE_BY_SIDE)).to_be_visible()
        found += serious(page, words.SIDE_BY_SIDE)
    assert found == []


def serious(page: Page, where: str) -> list[str]:
    """Give what axe-core finds serious or critical in a page as it stands."""
    violations = Axe().run(page).response["violations"]
    return [
        f"{where}: {each['id']}: {node['target']}: {node['failureSummary']}"
        for each in violations
        if each["impact"] in ("serious", "critical")
        for node in each["nodes"]
    ]


def test_all_of_it_fits_a_phone(browser: Browser, at_work: Served) -> None:
    with closing(browser.new_context(viewport={"width": 360, "height": 640})) as context:
        page = context.new_page()
        open_at(page, at_work.url)
        newest = ask(page, RAMP_QUESTION)
        press(newest, words.READ_THERE)
        heading = page.locator("#source-pane h2")
        expect(heading).to_be_focused()
        expect(heading).to_be_in_viewport()
        assert width(page) <= 360
        press(page, words.BACK_TO_ANSWER)
        expect(newest.get_by_role("button", name=words.READ_THERE).first).to_be_focused()
        press(newest, words.WRONG)
        expect(page.locator("#judging")).to_be_visible()
        assert width(page) <= 360
        for name in (words.TAB_DOCUMENTS, words.TAB_JUDGMENTS, words.TAB_EVALUATE):
            tab(page, name)
            page.wait_for_timeout(300)
            assert width(page) <= 360, name
