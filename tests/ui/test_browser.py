"""Asking in a real browser: what a person sees, hears and can reach."""

import re
from contextlib import ExitStack, closing
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, expect
from ui.pages import OpenPage, ask, open_at, width
from ui.serving import (
    DAMAGED,
    HOSTILE,
    HOSTILE_HEADING,
    HOSTILE_NAME,
    HOSTILE_SENTENCE,
    MORNING,
    MORNING_MEANT,
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

from ctqa.answering.serving import AT_ONCE
from ctqa.answering.wording import NOT_CALIBRATED
from ctqa.ui import words
from ctqa.ui.markup import element

pytestmark = pytest.mark.browser

_HOSTILE_INSIDE = "img, script, b, i, [onerror], [onclick]"


def status_of(page: Page) -> Locator:
    return page.locator("#status p[role=status][aria-live=polite]")


def test_an_answer_is_marked_inside_its_passage_with_its_place(open_page: OpenPage) -> None:
    page = open_page()
    expect(page).to_have_title(words.WINDOW_TITLE)
    expect(status_of(page).locator(".found")).to_be_empty()  # there before it has to say anything
    newest = ask(page, VISIT)
    card = newest.get_by_role("article")
    expect(card.locator("blockquote")).to_have_text(VISIT_ANSWER)
    expect(card.locator("mark")).to_be_visible()
    expect(card.locator("mark")).to_have_text(VISIT_ANSWER)
    expect(card.locator(".passage")).to_contain_text("brought by an adult")
    expect(card.locator(".where")).to_contain_text(
        "File wards.txt · Page 1 · Section When may relatives visit the ward?"
    )
    expect(card).to_contain_text(words.UNSURE)
    expect(newest.get_by_text(NOT_CALIBRATED)).to_have_count(1)
    expect(status_of(page).locator(".found")).to_have_text(words.answers_found(1, 2))
    expect(page.get_by_label(words.QUESTION)).to_have_value("")  # ready for the next one
    expect(page.get_by_label(words.QUESTION)).to_be_focused()
    other = newest.locator("li details").first
    expect(other.locator(".passage")).to_be_hidden()
    other.locator("summary").click()
    expect(other.locator(".passage")).to_be_visible()


def test_not_in_your_sources(open_page: OpenPage) -> None:
    page = open_page()
    newest = ask(page, NOWHERE)
    card = newest.get_by_role("article", name=words.NOT_THERE)
    expect(card.get_by_role("heading", name=words.CLOSEST)).to_be_visible()
    expect(card).to_contain_text(words.CLOSEST_MEANING)
    expect(card).to_contain_text("1 page or file was not read.")
    expect(card.locator(".passage").first).to_be_visible()
    expect(newest.locator("blockquote")).to_have_count(0)


def test_an_empty_question_is_refused_and_changes_nothing_else(open_page: OpenPage) -> None:
    page = open_page()
    newest = ask(page, VISIT)
    box = page.get_by_label(words.QUESTION)
    box.fill("  ")
    box.press("Enter")
    expect(page.locator(".problem")).to_have_text("This could not be asked: the question is empty.")
    expect(newest.locator("blockquote")).to_have_text(VISIT_ANSWER)
    ask(page, NURSE)
    expect(page.locator(".problem")).to_have_count(0)


def test_what_is_asked_meanwhile_is_asked_next(open_page: OpenPage, served: Served) -> None:
    page = open_page()
    box, busy = page.get_by_label(words.QUESTION), page.locator("html[data-asking]")
    with served.serving.lend_to_ask(), ExitStack() as all_of_it:
        for _ in range(AT_ONCE - 1):  # others are being answered
            all_of_it.enter_context(served.serving.lend_to_ask())
        box.fill(VISIT)
        box.press("Enter")
        expect(page.get_by_text(words.SEARCHING)).to_be_visible()
        box.press("Enter")  # once more, which asks nothing more
        box.fill(NURSE)
        box.press("Enter")
    expect(newest_question(page)).to_have_text(NURSE)
    expect(busy).to_have_count(0)
    expect(page.locator("#earlier summary")).to_have_count(1)
    expect(page.locator("#earlier summary")).to_contain_text(VISIT)
    expect(box).to_have_value("")


def test_windows_of_one_browser_share_what_was_asked(open_page: OpenPage) -> None:
    first = open_page()
    second = first.context.new_page()
    open_at(second, first.url)
    ask(first, VISIT)
    ask(second, NURSE)
    ask(first, NOWHERE)
    first.reload()
    expect(first.locator("#earlier summary")).to_contain_text([VISIT, NURSE, NOWHERE])


def test_what_another_window_asked_is_kept_though_nothing_told_of_it(open_page: OpenPage) -> None:
    first = open_page()
    second = first.context.new_page()
    second.add_init_script(
        "window.addEventListener('storage', (event) => event.stopImmediatePropagation(), true)"
    )
    open_at(second, first.url)
    ask(first, VISIT)
    ask(second, NURSE)
    second.reload()
    expect(second.locator("#earlier summary")).to_contain_text([VISIT, NURSE])


def follow_up(page: Page) -> Locator:
    """Ask a question that follows another; give the box that shows what was searched."""
    ask(page, VISIT)
    box = page.get_by_label(words.CARRIED_OVER)
    expect(box).to_have_count(0)
    ask(page, MORNING)
    expect(box).to_have_value(MORNING_MEANT)
    expect(status_of(page)).to_contain_text(words.TOGETHER)
    return box


def newest_question(page: Page) -> Locator:
    return page.locator("#newest .asked q").first


def test_what_was_carried_over_can_be_edited(open_page: OpenPage) -> None:
    page = open_page()
    box = follow_up(page)
    box.fill(NURSE)
    page.get_by_role("button", name=words.SEARCH_INSTEAD).click()
    expect(newest_question(page)).to_have_text(NURSE)
    expect(page.locator("#newest blockquote")).to_have_text(NURSE_ANSWER)
    expect(box).to_have_count(0)


def test_what_was_carried_over_can_be_dropped_and_stays_so(open_page: OpenPage) -> None:
    page = open_page()
    box = follow_up(page)
    page.get_by_role("button", name=words.ASK_ALONE).click()
    expect(box).to_have_count(0)
    expect(newest_question(page)).to_have_text(MORNING)
    expect(status_of(page)).not_to_contain_text(words.TOGETHER)
    ask(page, MORNING)  # once more
    expect(status_of(page)).not_to_contain_text(words.TOGETHER)
    expect(box).to_have_count(0)


def test_each_browser_has_questions_before_of_its_own(open_page: OpenPage) -> None:
    first, second = open_page(), open_page()
    follow_up(first)
    ask(second, MORNING)
    expect(second.get_by_label(words.CARRIED_OVER)).to_have_count(0)
    expect(second.locator("#earlier details")).to_have_count(0)


def test_an_example_is_asked_at_a_click(open_page: OpenPage) -> None:
    page = open_page()
    example = page.get_by_role("button", name="When may relatives visit the ward?")
    example.click()
    expect(newest_question(page)).to_have_text("When may relatives visit the ward?")
    expect(page.locator("#newest blockquote").first).to_have_text(VISIT_ANSWER)
    expect(example).to_have_count(0)  # nobody needs one any more


def test_nothing_hostile_is_run_or_becomes_an_element(open_page: OpenPage) -> None:
    page = open_page()
    page.get_by_text(words.LEFT_OUT).click()
    expect(page.locator(".left-out li")).to_contain_text(DAMAGED[0])
    newest = ask(page, HOSTILE_HEADING)
    newest = ask(page, HOSTILE)
    card = newest.get_by_role("article").first
    expect(card.locator("blockquote")).to_have_text(HOSTILE_SENTENCE)
    expect(card.locator("mark")).to_have_text(HOSTILE_SENTENCE)
    expect(card.locator(".where")).to_contain_text(HOSTILE_NAME)
    ask(page, "Why does it do that?")
    expect(page.get_by_label(words.CARRIED_OVER)).to_have_value(re.compile("canteen"))
    expect(page.locator("#earlier summary")).to_have_count(2)
    for name in (words.TAB_DOCUMENTS, words.TAB_JUDGMENTS, words.TAB_EVALUATE):
        page.get_by_role("tab", name=name).click()
    expect(page.locator(".ctqa").locator(_HOSTILE_INSIDE)).to_have_count(0)


def test_a_browser_reads_the_very_characters(open_page: OpenPage) -> None:
    page = open_page()
    read = "html => new DOMParser().parseFromString(html, 'text/html').body.textContent"
    for text in ("", "a\r\nb\rc", "\x0b\x1f\x85\u2028", "<p>&amp;&#13;</p>", "e\u0301👩🏽‍⚕️"):
        assert page.evaluate(read, element("p", text).markup) == text


def test_it_fits_a_phone(open_page: OpenPage) -> None:
    page = open_page(viewport={"width": 360, "height": 640})
    for question in (VISIT, HOSTILE + "x" * 200, NOWHERE):
        newest = ask(page, question)
        for summary in newest.locator("li summary").all():
            summary.click()
        assert width(page) <= 360
    follow_up(page)
    assert width(page) <= 360


def test_it_needs_no_mouse(open_page: OpenPage) -> None:
    page = open_page()
    focused = page.locator(":focus")
    expect(focused).to_have_attribute("placeholder", words.PLACEHOLDER)
    page.keyboard.type(VISIT)
    page.keyboard.press("Tab")
    expect(focused).to_have_text(words.ASK)
    page.keyboard.press("Enter")
    passage = page.locator("#newest article .passage")
    expect(passage).to_be_visible()
    reached = page.locator("#newest article summary:focus")
    for _ in range(20):
        page.keyboard.press("Shift+Tab")
        if reached.count():
            break
    expect(focused).to_have_text(words.IN_ITS_PASSAGE)
    page.keyboard.press("Enter")
    expect(passage).to_be_hidden()
    for name in (words.WRONG, words.RIGHT, words.COPY_QUOTE, words.READ_THERE):
        page.keyboard.press("Shift+Tab")
        expect(focused).to_have_text(name)
    page.keyboard.press("Enter")
    expect(focused).to_have_text("When may relatives visit the ward?")  # the source's title
    page.keyboard.press("Tab")
    expect(focused).to_have_text(words.BACK_TO_ANSWER)
    page.keyboard.press("Enter")
    expect(focused).to_have_text(words.READ_THERE)


def test_what_was_carried_over_is_searched_again_by_enter(open_page: OpenPage) -> None:
    page = open_page()
    box = follow_up(page)
    box.fill(NURSE)
    box.press("Enter")
    expect(newest_question(page)).to_have_text(NURSE)


@pytest.mark.parametrize("how", ["the system's", "the address's"])
def test_it_is_dark_where_that_is_wished(open_page: OpenPage, how: str) -> None:
    page = open_page(color_scheme="dark") if how == "the system's" else open_page("/?__theme=dark")
    newest = ask(page, VISIT)
    expect(newest.locator("mark")).to_have_css("background-color", "rgb(106, 82, 0)")
    ink = style(page, "h1", "color")
    for ground in ("body", "gradio-app", ".card"):
        assert brightness(ink) - brightness(style(page, ground, "backgroundColor")) > 150


def style(page: Page, place: str, name: str) -> str:
    return str(page.locator(place).first.evaluate(f"e => getComputedStyle(e).{name}"))


def brightness(colour: str) -> float:
    red, green, blue = (int(part) for part in re.findall(r"\d+", colour)[:3])
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def test_a_failure_of_our_own_is_told_and_hides_nothing(browser: Browser, index: Path) -> None:
    with (
        closing(open_serving(index)) as serving,
        served_by(serving) as served,
        closing(browser.new_page()) as page,
    ):
        open_at(page, served.url)
        newest = ask(page, VISIT)
        serving.close()
        page.get_by_label(words.QUESTION).fill(NURSE)
        page.get_by_label(words.QUESTION).press("Enter")
        expect(page.get_by_text(words.FAILED)).to_be_visible()
        expect(newest.locator("blockquote")).to_have_text(VISIT_ANSWER)
        expect(page.get_by_label(words.QUESTION)).to_have_value(NURSE)


def test_a_page_that_is_opened_later_shows_the_build_of_then(
    browser: Browser, tmp_path: Path
) -> None:
    with (
        closing(open_serving(make_index(tmp_path))) as serving,
        served_by(serving) as served,
        closing(browser.new_page()) as page,
    ):
        open_at(page, served.url)
        expect(page.locator("header")).to_contain_text("build 1")
        heading = "Who feeds the fish in the pond?"
        text = f"{heading}\n\nThe porter feeds the fish in the pond every morning.\n"
        (tmp_path / "documents" / "a.txt").write_text(text)
        (tmp_path / "documents" / "wards.txt").unlink()
        assert build_again(tmp_path) == 2
        while taken_up(served) == 1:
            page.wait_for_timeout(50)
        open_at(page, served.url)
        expect(page.locator("header")).to_contain_text("build 2")
        page.get_by_role("button", name=heading).click()
        expect(page.locator("#newest blockquote")).to_have_text(
            "The porter feeds the fish in the pond every morning."
        )


def taken_up(served: Served) -> int:
    with served.serving.lend() as qa:
        return qa.build
