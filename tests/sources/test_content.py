import pytest
from hypothesis import given
from hypothesis import strategies as st

from ctqa.records import Page, Section
from ctqa.sources.content import paged, title_within, year_within
from ctqa.sources.plain import load_plain


def test_form_feeds_part_pages_and_belong_to_none() -> None:
    assert paged("one\f\f two\n\f") == (
        Page(number=1, start=0, end=3),
        Page(number=2, start=4, end=4, state="empty", reason="no text"),
        Page(number=3, start=5, end=10),
    )


def test_text_without_form_feed_is_one_page() -> None:
    assert paged("one\ntwo") == (Page(number=1, start=0, end=7),)
    assert paged("") == (Page(number=1, start=0, end=0, state="empty", reason="no text"),)


def test_form_feeds_without_end_give_pages_with_an_end() -> None:
    pages = paged("x" + "\f" * 100_000 + "y")

    assert len(pages) == 20_000
    assert pages[-1].end == 100_002


@given(st.text(st.sampled_from("ab \n\f"), max_size=60))
def test_pages_cover_all_but_the_form_feeds(text: str) -> None:
    pages = paged(text)

    assert "\f".join(text[page.start : page.end] for page in pages) == text.removesuffix("\f")
    assert [page.number for page in pages] == list(range(1, len(pages) + 1))


def heading(text: str, name: str) -> Section:
    return Section(path=(name,), start=text.index(name), end=len(text))


def test_heading_in_the_first_five_lines_is_the_title() -> None:
    fifth = "one\n\n\ntwo\nthree\nfour\nThe title\nbody"
    sixth = "zero\n" + fifth

    assert title_within(fifth, [heading(fifth, "The title")]) == "The title"
    assert title_within(sixth, [heading(sixth, "The title")]) == ""
    assert title_within(fifth, []) == ""
    assert title_within("", []) == ""


@pytest.mark.parametrize("name", ["Abstract", "CONTENTS:", "12", "Table 1: Costs", "3.1"])
def test_headings_that_tell_nothing_are_no_titles(name: str) -> None:
    assert title_within(f"{name}\nbody", [heading(name, name)]) == ""


@pytest.mark.parametrize(
    ("date", "year"),
    [("2009-03-01", "2009"), ("1 March 1998", "1998"), ("", ""), ("20090301", ""), ("p. 12", "")],
)
def test_year_of_a_date(date: str, year: str) -> None:
    assert year_within(date) == year


def test_plain_text_is_kept_but_for_line_ends() -> None:
    (content,) = load_plain(
        b"Care trusts\r\n\r\nThey  began in 2002,\r\nand went on.\x0cNew page."
    ).contents

    assert content.text == "Care trusts\n\nThey  began in 2002,\nand went on.\fNew page."
    assert content.title == "Care trusts"
    assert [content.text[page.start : page.end][:9] for page in content.pages] == [
        "Care trus",
        "New page.",
    ]
    assert content.sections[0].path == ("Care trusts",)
