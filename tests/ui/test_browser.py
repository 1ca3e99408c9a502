"""The page in a real browser: what a person sees, hears and can reach."""

import re
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Locator, Page, expect
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

from ctqa.answering.wording import NOT_CALIBRATED
from ctqa.ui import words
from ctqa.ui.markup import element

pytestmark = pytest.mark.browser

_STREAM = "/gradio_api/queue/data"  # Gradio closes its event stream when the reply is there
OpenPage = Callable[..., Page]


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
        page.goto(served.url + path)
        expect(page.get_by_label(words.QUESTION)).to_be_visible()
        # Gradio puts the buttons in a moment later than the box.
        expect(page.get_by_role("button", name=words.ASK, exact=True)).to_be_visible()
        return page

    yield opened
    for context in contexts:
        context.close()
    assert wrong == []


def watch(page: Page, home: str, wrong: list[str]) -> None:
    def see(kind: str, seen: str) -> None:
        wrong.append(f"{kind}: {seen}")

    def request(url: str, kind: str) -> None:
        if not url.startswith((f"{home}/", "data:")):
            see(kind, url)

    page.on("request", lambda r: request(r.url, r.resource_type))  # event streams included
    page.on("websocket", lambda w: see("websocket", w.url))
    page.on("dialog", lambda d: (see("dialog", d.message), d.dismiss()))
    page.on("pageerror", lambda e: see("error", str(e)))
    page.on("console", lambda m: see(m.type, m.text) if m.type in ("error", "warning") else None)
    page.on("response", lambda r: see(str(r.status), r.url) if r.status >= 400 else None)
    page.on("requestfailed", lambda r: None if _STREAM in r.url else see("failed", r.url))


def ask(page: Page, question: str) -> None:
    box = page.get_by_label(words.QUESTION)
    box.fill(question)
    box.press("Enter")


def test_an_answer_is_marked_inside_its_passage_with_its_place(open_page: OpenPage) -> None:
    page = open_page()
    expect(page).to_have_title(words.WINDOW_TITLE)
    status = page.locator("p[role=status][aria-live=polite]")
    expect(status).to_be_empty()  # there before it has anything to say
    ask(page, VISIT)
    card = page.get_by_role("article")
    expect(card.locator("blockquote")).to_have_text(VISIT_ANSWER)
    expect(card.locator("mark")).to_be_visible()
    expect(card.locator("mark")).to_have_text(VISIT_ANSWER)
    expect(card.locator(".passage")).to_contain_text("brought by an adult")
    expect(card.locator(".where")).to_contain_text(
        "File wards.txt · Page 1 · Section When may relatives visit the ward?"
    )
    expect(card).to_contain_text(words.UNSURE)
    expect(page.get_by_text(NOT_CALIBRATED)).to_have_count(1)
    expect(status).to_have_text("1 answer found. 2 other passages below.")
    expect(page.locator("section q")).to_have_text(VISIT)
    other = page.locator("li details").first
    expect(other.locator(".passage")).to_be_hidden()
    other.locator("summary").click()
    expect(other.locator(".passage")).to_be_visible()


def test_not_in_your_sources(open_page: OpenPage) -> None:
    page = open_page()
    ask(page, NOWHERE)
    card = page.get_by_role("article", name=words.NOT_THERE)
    expect(card.get_by_role("heading", name=words.CLOSEST)).to_be_visible()
    expect(card).to_contain_text(words.CLOSEST_MEANING)
    expect(card).to_contain_text("1 page or file was not read.")
    expect(card.locator(".passage").first).to_be_visible()
    expect(page.locator("blockquote")).to_have_count(0)


def test_an_empty_question_is_refused_and_takes_old_answers_away(open_page: OpenPage) -> None:
    page = open_page()
    ask(page, VISIT)
    expect(page.locator("blockquote")).to_have_count(1)
    ask(page, "  ")
    expect(page.locator(".problem")).to_have_text("This could not be asked: the question is empty.")
    expect(page.get_by_role("article")).to_have_count(0)


def follow_up(page: Page) -> Locator:
    """Ask a question that follows another; give the box that shows what was searched."""
    ask(page, VISIT)
    expect(page.locator("section q")).to_have_text(VISIT)
    box = page.get_by_label(words.CARRIED_OVER)
    expect(box).to_have_count(0)
    ask(page, MORNING)
    expect(page.locator("section q")).to_have_text(MORNING)
    expect(box).to_have_value(MORNING_MEANT)
    expect(page.locator("p[role=status]")).to_contain_text(words.TOGETHER)
    return box


def test_what_was_carried_over_can_be_edited(open_page: OpenPage) -> None:
    page = open_page()
    box = follow_up(page)
    box.fill(NURSE)
    page.get_by_role("button", name=words.SEARCH_INSTEAD).click()
    expect(page.locator("section q")).to_have_text(NURSE)
    expect(page.locator("blockquote")).to_have_text(NURSE_ANSWER)
    expect(page.get_by_label(words.QUESTION)).to_have_value(NURSE)
    expect(box).to_have_count(0)


def test_what_was_carried_over_can_be_dropped_and_stays_so(open_page: OpenPage) -> None:
    page = open_page()
    box = follow_up(page)
    status = page.locator("p[role=status]")
    page.get_by_label(words.QUESTION).fill("something else, not asked yet")
    page.get_by_role("button", name=words.ASK_ALONE).click()
    expect(page.locator("section q")).to_have_text(MORNING)
    expect(box).to_have_count(0)
    expect(status).not_to_contain_text(words.TOGETHER)
    ask(page, MORNING)  # once more
    expect(status).to_contain_text("below")
    expect(status).not_to_contain_text(words.TOGETHER)
    expect(box).to_have_count(0)


def test_each_browser_has_questions_before_of_its_own(open_page: OpenPage) -> None:
    first, second = open_page(), open_page()
    follow_up(first)
    ask(second, MORNING)
    expect(second.locator("section q")).to_have_text(MORNING)
    expect(second.get_by_label(words.CARRIED_OVER)).to_have_count(0)


def test_an_example_follows_nothing(open_page: OpenPage) -> None:
    page = open_page()
    box = follow_up(page)
    page.get_by_role("button", name=HOSTILE_HEADING).click()
    expect(page.locator("section q")).to_have_text(HOSTILE_HEADING)
    expect(box).to_have_count(0)


def test_a_hostile_question_before_is_only_text(open_page: OpenPage) -> None:
    page = open_page()
    ask(page, HOSTILE)
    expect(page.locator("section q")).to_have_text(HOSTILE)
    ask(page, "Why does it do that?")
    expect(page.get_by_label(words.CARRIED_OVER)).to_have_value(re.compile("canteen"))
    inside = page.locator(".ctqa").locator("img, script, b, i, [onerror], [onclick]")
    expect(inside).to_have_count(0)


def test_nothing_hostile_is_run_or_becomes_an_element(open_page: OpenPage) -> None:
    page = open_page()
    page.get_by_text(words.LEFT_OUT).click()
    expect(page.locator(".left-out li")).to_contain_text(DAMAGED[0])
    page.get_by_role("button", name=HOSTILE_HEADING).click()
    expect(page.get_by_label(words.QUESTION)).to_have_value(HOSTILE_HEADING)
    expect(page.locator("section q")).to_have_text(HOSTILE_HEADING)
    ask(page, HOSTILE)
    expect(page.locator("section q")).to_have_text(HOSTILE)
    card = page.get_by_role("article").first
    expect(card.locator("blockquote")).to_have_text(HOSTILE_SENTENCE)
    expect(card.locator("mark")).to_have_text(HOSTILE_SENTENCE)
    expect(card.locator(".where")).to_contain_text(HOSTILE_NAME)
    inside = page.locator(".ctqa").locator("img, script, b, i, [onerror], [onclick]")
    expect(inside).to_have_count(0)


def test_a_browser_reads_the_very_characters(open_page: OpenPage) -> None:
    page = open_page()
    read = "html => new DOMParser().parseFromString(html, 'text/html').body.textContent"
    for text in ("", "a\r\nb\rc", "\x0b\x1f\x85\u2028", "<p>&amp;&#13;</p>", "e\u0301👩🏽‍⚕️"):
        assert page.evaluate(read, element("p", text).markup) == text


def test_it_fits_a_phone(open_page: OpenPage) -> None:
    page = open_page(viewport={"width": 360, "height": 640})
    for question in (VISIT, HOSTILE + "x" * 200, NOWHERE):
        ask(page, question)
        expect(page.locator("section q")).to_have_text(question)
        for summary in page.locator("li summary").all():
            summary.click()
        assert page.evaluate("document.documentElement.scrollWidth") <= 360
    follow_up(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= 360


def test_it_needs_no_mouse(open_page: OpenPage) -> None:
    page = open_page()
    focused = page.locator(":focus")
    expect(focused).to_have_attribute("placeholder", words.PLACEHOLDER)
    page.keyboard.type(VISIT)
    page.keyboard.press("Tab")
    expect(focused).to_have_text(words.ASK)
    page.keyboard.press("Enter")
    passage = page.locator("article .passage")
    expect(passage).to_be_visible()
    page.keyboard.press("Tab")
    expect(focused).to_have_text(words.IN_ITS_PASSAGE)
    page.keyboard.press("Enter")
    expect(passage).to_be_hidden()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator("li .passage").first).to_be_visible()


def test_what_was_carried_over_needs_no_mouse(open_page: OpenPage) -> None:
    page = open_page()
    follow_up(page)
    focused = page.locator(":focus")
    expect(focused).to_have_value(MORNING)  # nothing has taken the focus away
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    expect(focused).to_have_value(MORNING_MEANT)
    page.keyboard.press("Tab")
    expect(focused).to_have_text(words.SEARCH_INSTEAD)
    page.keyboard.press("Tab")
    expect(focused).to_have_text(words.ASK_ALONE)
    page.keyboard.press("Enter")
    expect(page.get_by_label(words.CARRIED_OVER)).to_have_count(0)
    expect(page.locator("section q")).to_have_text(MORNING)


def test_what_was_carried_over_is_searched_again_by_enter(open_page: OpenPage) -> None:
    page = open_page()
    box = follow_up(page)
    box.fill(NURSE)
    box.press("Enter")
    expect(page.locator("section q")).to_have_text(NURSE)


@pytest.mark.parametrize("how", ["the system's", "the address's"])
def test_it_is_dark_where_that_is_wished(open_page: OpenPage, how: str) -> None:
    page = open_page(color_scheme="dark") if how == "the system's" else open_page("/?__theme=dark")
    ask(page, VISIT)
    expect(page.locator("mark")).to_have_css("background-color", "rgb(106, 82, 0)")
    ink = style(page, "h1", "color")
    for ground in ("body", "gradio-app", ".card"):
        assert brightness(ink) - brightness(style(page, ground, "backgroundColor")) > 150


def style(page: Page, place: str, name: str) -> str:
    return str(page.locator(place).evaluate(f"e => getComputedStyle(e).{name}"))


def brightness(colour: str) -> float:
    red, green, blue = (int(part) for part in re.findall(r"\d+", colour)[:3])
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def test_two_people_at_once_get_their_own_answers(open_page: OpenPage) -> None:
    first, second = open_page(), open_page()
    ask(first, VISIT)
    ask(second, NURSE)
    expect(first.locator("blockquote")).to_have_text(VISIT_ANSWER)
    expect(second.locator("blockquote")).to_have_text(NURSE_ANSWER)
    expect(first.locator("section q")).to_have_text(VISIT)
    expect(second.locator("section q")).to_have_text(NURSE)


def test_nothing_is_kept_in_the_browser(open_page: OpenPage) -> None:
    page = open_page()
    ask(page, VISIT)
    expect(page.locator("blockquote")).to_have_count(1)
    kept = "[{...localStorage}, {...sessionStorage}, document.cookie]"
    assert "relatives" not in page.evaluate(f"JSON.stringify({kept})").lower()


def test_a_failure_of_our_own_is_told_and_hides_nothing(browser: Browser, index: Path) -> None:
    with (
        closing(open_serving(index)) as serving,
        served_by(serving) as served,
        closing(browser.new_page()) as page,
    ):
        page.goto(served.url)
        ask(page, VISIT)
        expect(page.locator("blockquote")).to_have_count(1)
        serving.close()
        ask(page, NURSE)
        expect(page.get_by_text(words.FAILED)).to_be_visible()
        expect(page.locator("blockquote")).to_have_count(0)


def test_a_page_that_is_opened_later_shows_the_build_of_then(
    browser: Browser, tmp_path: Path
) -> None:
    with (
        closing(open_serving(make_index(tmp_path))) as serving,
        served_by(serving) as served,
        closing(browser.new_page()) as page,
    ):
        page.goto(served.url)
        expect(page.locator("header")).to_contain_text("build 1")
        expect(page.locator("#examples button")).to_have_count(2)
        heading = "Who feeds the fish in the pond?"
        text = f"{heading}\n\nThe porter feeds the fish in the pond every morning.\n"
        (tmp_path / "documents" / "a.txt").write_text(text)
        (tmp_path / "documents" / "wards.txt").unlink()
        assert build_again(tmp_path) == 2
        while served.ask(NURSE)[1][0]["build"] == 1:
            page.wait_for_timeout(50)
        page.goto(served.url)
        expect(page.locator("header")).to_contain_text("build 2")
        page.get_by_role("button", name=heading).click()
        expect(page.locator("blockquote")).to_have_text(
            "The porter feeds the fish in the pond every morning."
        )
