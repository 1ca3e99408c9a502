"""Opening a document at a place, as markup."""

import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from html import unescape

import pytest
from ui.sources import HOSTILE_SENTENCE, LOCKED, LONG, NOTES, PLAN, ROWS, Library, open_library

from ctqa.citing import STYLES
from ctqa.ui import words
from ctqa.ui.viewer import view
from ctqa.ui.wanted import Mark, Wanted, data_of, wanted_from

_BUTTON = re.compile(r'<button[^>]*data-key="([^"]*)"([^>]*)>')
_DATA = re.compile(r'data-([a-z]+)="([^"]*)"')


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Library]:
    with open_library(tmp_path_factory.mktemp("viewer")) as library:
        yield library


def place(library: Library, document: str, quote: str) -> dict[str, str]:
    start = library.text(document).index(quote)
    return {"document": document, "start": str(start), "end": str(start + len(quote))}


def buttons(markup: str) -> dict[str, Mapping[str, str] | None]:
    """Give the data of a pane's buttons by their key; None where one cannot be pressed."""
    return {
        key: None
        if "disabled" in rest
        else {name: unescape(value) for name, value in _DATA.findall(rest)}
        for key, rest in _BUTTON.findall(markup)
    }


def boxes(markup: str) -> list[str]:
    return re.findall(r'<span class="(box[^"]*)"', markup)


def text_shown(markup: str) -> str:
    (found,) = re.findall(r'<div class="text"[^>]*>(.*?)</div>', markup, re.DOTALL)
    return unescape(re.sub("<[^>]*>", "", found))


def test_a_pdf_is_shown_as_the_page_itself_with_a_box_a_line(library: Library) -> None:
    quote = "Relatives may visit the ward between\ntwo and four."
    shown = view(library.originals, place(library, PLAN, quote)).markup
    assert boxes(shown) == ["box meant", "box meant"]
    (url,) = re.findall(r'src="(page/[^"]*)"', shown)
    assert library.client.get(f"/{url}").headers["content-type"] == "image/png"
    assert "A plan &lt;/title&gt; for wards" in shown
    assert "Page 1 of 3" in shown
    assert re.search(r'href="source/\w{40}#page=1"', shown)
    assert words.NOT_ON_PICTURE not in shown


def test_pages_zoom_and_text_are_gone_through_by_the_buttons(library: Library) -> None:
    shown = view(library.originals, place(library, PLAN, "two and four.")).markup
    found = buttons(shown)
    assert found["page-before"] is None
    assert found["page-after"] is not None
    second = view(library.originals, found["page-after"]).markup
    assert "Page 2 of 3" in second
    assert words.MARK_ELSEWHERE in second
    assert boxes(second) == []
    larger = found["larger"]
    assert larger is not None
    at_150 = view(library.originals, larger).markup
    assert "--zoom:1.5;" in at_150
    assert "/192.png" in at_150
    look = buttons(at_150)["look"]
    assert look is not None
    as_text = view(library.originals, look).markup
    assert '<mark class="meant">two and four.</mark>' in as_text
    back = buttons(as_text)["look"]
    assert back is not None
    assert "--zoom:1.5;" in view(library.originals, back).markup


def test_from_mark_to_mark_over_documents(library: Library) -> None:
    quotes = ((PLAN, "two and four."), (PLAN, "Flowers are banned."), (NOTES, "It closes early."))
    listed = [place(library, *quote) for quote in quotes]
    marks = json.dumps([[at["document"], int(at["start"]), int(at["end"])] for at in listed])
    shown = view(library.originals, {**listed[0], "marks": marks}).markup
    assert words.mark_of(1, 3) in shown
    assert boxes(shown) == ["box meant", "box"]  # the other mark on this page shows as well
    assert buttons(shown)["mark-before"] is None
    for number, wanted in ((2, '<span class="box meant"'), (3, '<mark class="meant">')):
        following = buttons(shown)["mark-after"]
        assert following is not None
        shown = view(library.originals, following).markup
        assert words.mark_of(number, 3) in shown
        assert wanted in shown
    assert buttons(shown)["mark-after"] is None


def test_a_quote_over_two_pages_is_marked_on_each(library: Library) -> None:
    text = library.text(PLAN)
    start, end = text.index("two and four"), text.index("The discharge")
    data = {"document": PLAN, "start": str(start), "end": str(end)}
    for page, marked in (("1", 1), ("2", 1), ("3", 0)):
        shown = view(library.originals, {**data, "page": page}).markup
        assert len(boxes(shown)) == marked
        assert (words.MARK_GOES_ON in shown) == (marked > 0)


def test_text_is_shown_to_the_character_and_is_never_markup(library: Library) -> None:
    shown = view(library.originals, place(library, NOTES, HOSTILE_SENTENCE)).markup
    assert text_shown(shown) == library.text(NOTES)
    assert "<img src=x" not in shown
    assert "&lt;img src=x onerror=alert(1)&gt;" in shown
    assert '<span class="heading" role="heading" aria-level="3">Canteen</span>' in shown
    assert words.SAVE_ORIGINAL in shown


def test_a_mark_ends_before_blank_lines_and_begins_again_after_them(library: Library) -> None:
    quote = f"Canteen\n\n{HOSTILE_SENTENCE}"
    shown = view(library.originals, place(library, NOTES, quote)).markup
    assert text_shown(shown) == library.text(NOTES)
    marks = re.findall(r'<mark class="meant">(.*?)</mark>', shown, re.DOTALL)
    assert [unescape(mark) for mark in marks] == ["Canteen", HOSTILE_SENTENCE]


def test_of_a_long_page_a_part_is_shown_and_the_others_are_a_button_away(library: Library) -> None:
    text = library.text(LONG)
    shown = view(library.originals, place(library, LONG, "Paragraph 200 says")).markup
    assert words.PART_OF_PAGE in shown
    assert '<mark class="meant">Paragraph 200 says</mark>' in shown
    read = part = text_shown(shown)
    for key in ("text-after", "text-before"):
        at: Mapping[str, str] | None = buttons(shown)[key]
        while at is not None:
            following = view(library.originals, at).markup
            part = text_shown(following)
            assert part in text
            read = f"{read}{part}" if key == "text-after" else f"{part}{read}"
            at = buttons(following)[key]
        assert text.endswith(part) if key == "text-after" else text.startswith(part)
    assert all(f"Paragraph {number} says" in read for number in range(400))


def test_a_document_is_opened_at_its_beginning_where_no_place_is_meant(library: Library) -> None:
    for data in ({"document": PLAN}, {"document": PLAN, "start": "0", "end": "0"}):
        shown = view(library.originals, data).markup
        assert "Page 1 of 3" in shown
        assert boxes(shown) == []
        assert words.COPY_QUOTE not in shown


@pytest.mark.parametrize("style", STYLES)
def test_the_quote_is_copied_as_it_is_shown_with_its_citation(style: str, library: Library) -> None:
    quote = "Relatives may visit the ward between\ntwo and four."
    shown = view(library.originals, place(library, PLAN, quote), style).markup
    (copied,) = re.findall(r'data-text="([^"]*)"', shown)
    assert unescape(copied).startswith("“Relatives may visit the ward between two and four.”")
    assert "A plan" in unescape(copied)


def test_nothing_is_marked_once_other_words_stand_there(library: Library) -> None:
    at = place(library, PLAN, "two and four.")
    for document, sha256, stands in (
        (PLAN, hashlib.sha256(b"two and four.").hexdigest(), True),
        (PLAN, hashlib.sha256(b"two and five.").hexdigest(), False),
    ):
        shown = view(library.originals, {**at, "document": document, "quote": sha256}).markup
        assert (boxes(shown) != []) == stands
        assert (words.NO_MORE_THERE in shown) != stands
    beyond = view(library.originals, {"document": PLAN, "start": "5", "end": "99999"}).markup
    assert words.NO_MORE_THERE in beyond
    assert boxes(beyond) == []


def test_where_the_page_cannot_be_shown_its_text_is_with_the_reason(library: Library) -> None:
    locked = view(library.originals, place(library, LOCKED, "about budgets")).markup
    assert '<mark class="meant">about budgets</mark>' in locked
    assert "encrypted" in locked
    with library.serving.lend() as qa:
        (row,) = [source.id for source in qa.documents() if source.path.endswith(ROWS)]
    rows = view(library.originals, place(library, row, "A row")).markup
    assert '<mark class="meant">A row</mark>' in rows
    assert words.ONE_OF_SEVERAL in rows


def test_a_file_that_changed_is_not_shown(library: Library) -> None:
    path = library.folder / PLAN
    data = path.read_bytes()
    path.write_bytes(data + b"\n% more")
    try:
        shown = view(library.originals, place(library, PLAN, "two and four.")).markup
    finally:
        path.write_bytes(data)
    assert words.ORIGINAL_CHANGED in shown
    assert "source/" not in shown
    assert '<mark class="meant">two and four.</mark>' in shown


@pytest.mark.parametrize(
    "data",
    [
        {},
        {"document": "no such"},
        {"document": PLAN, "start": "1"},
        {"document": PLAN, "start": "-1", "end": "5"},
        {"document": PLAN, "start": "5", "end": "5"},
        {"document": PLAN, "start": "1e3", "end": "9" * 5000},
        {"document": PLAN, "start": "1", "end": "٣"},
        {"document": PLAN, "page": "4"},
        {"document": PLAN, "page": "0"},
        {"document": PLAN, "zoom": "9999"},
        {"document": PLAN, "marks": "[" * 90_000},
        {"document": PLAN, "marks": '[["a", true, 5]]'},
        {"document": PLAN, "marks": '[["a", 1.5, 5]]'},
        {"document": PLAN, "marks": '{"a": 1}'},
        {"document": PLAN, "marks": json.dumps([["a", 1, n + 2] for n in range(101)])},
        {"document": "\ud800"},
    ],
)
def test_what_no_button_asks_for_is_answered_kindly(
    data: Mapping[str, str], library: Library
) -> None:
    shown = view(library.originals, data).markup
    assert "This could not be opened:" in shown


def test_no_style_but_the_known_ones(library: Library) -> None:
    at = place(library, PLAN, "two and four.")
    assert "This could not be opened:" in view(library.originals, at, "mla").markup


def test_what_is_wanted_goes_to_the_browser_and_back() -> None:
    mark = Mark(document="a", start=3, end=9, quote_sha256="f" * 64)
    wanted = Wanted(
        document="a",
        mark=mark,
        marks=(mark, Mark(document="b", start=1, end=2)),
        page=3,
        since=7,
        zoom=150,
        as_text=True,
    )
    data = {name.removeprefix("data_"): value for name, value in data_of(wanted).items()}
    assert wanted_from(data) == wanted


def test_of_two_marks_of_a_place_the_one_counts_that_says_what_stood_there() -> None:
    told = Mark(document="a", start=3, end=9, quote_sha256="f" * 64)
    other = Mark(document="b", start=1, end=2)
    listed = [["b", 1, 2], ["a", 3, 9]]
    for quote, marks in (("f" * 64, listed), ("", [["b", 1, 2], ["a", 3, 9, "f" * 64]])):
        data = {"document": "a", "start": "3", "end": "9", "quote": quote}
        wanted = wanted_from({**data, "marks": json.dumps(marks)})
        assert (wanted.mark, wanted.marks) == (told, (other, told))
