"""What pages repeat and what stands out on them, from lines with their places and types."""

from dataclasses import replace

import pytest

from ctqa.sources.pdf_about import year_on
from ctqa.sources.pdf_choice import agreement, reads_better
from ctqa.sources.pdf_furniture import furniture, inferred_labels
from ctqa.sources.pdf_headings import headed, styled_lines, title_on_front
from ctqa.sources.pdf_page import PageLine, PageText

BODY = 10.0
Placed = tuple[str, float, float]  # text, place from the top, type size


def page(*placed: Placed, bold: bool = False) -> PageText:
    lines, start = [], 0
    for text, at, size in placed:
        stands_out = bold and size > BODY
        lines.append(
            PageLine(start=start, end=start + len(text), at=at, size=size, bold=stands_out)
        )
        start += len(text) + 1
    return PageText(text="\n".join(text for text, _, _ in placed), lines=tuple(lines))


def text_of(number: int) -> Placed:
    return (f"Text of the page with the number {number}, which goes on for a while.", 0.4, BODY)


def taken(pages: list[PageText]) -> list[list[str]]:
    return [
        [one.text[line.start : line.end] for line in lines]
        for one, lines in zip(pages, furniture(pages), strict=True)
    ]


def test_heads_and_page_numbers_are_known_by_repetition() -> None:
    pages = [
        page(("Annual report", 0.05, 8), text_of(n), (f"Page {n} of 9", 0.95, 8)) for n in range(4)
    ]

    assert taken(pages) == [["Annual report", f"Page {n} of 9"] for n in range(4)]
    assert inferred_labels(pages, furniture(pages)) == ("0", "1", "2", "3")


def test_left_and_right_pages_may_have_heads_of_their_own() -> None:
    heads = ["Care trusts", "Chapter on money"] * 4
    pages = [page((head, 0.05, 8), text_of(n)) for n, head in enumerate(heads)]

    assert taken(pages) == [[head] for head in heads]


def test_a_head_that_changes_with_the_chapter_is_known_by_its_page_number() -> None:
    chapters = ["Origins", "Origins", "Findings", "Findings", "Lessons", "Lessons"]
    pages = [
        page(text_of(n), (f"{chapter}   {n + 7}", 0.94, 8)) for n, chapter in enumerate(chapters)
    ]

    assert taken(pages) == [
        [f"{chapter} {n + 7}".replace(" ", "   ", 1)] for n, chapter in enumerate(chapters)
    ]
    assert inferred_labels(pages, furniture(pages)) == ("7", "8", "9", "10", "11", "12")


def test_numbers_count_wherever_a_short_page_ends() -> None:
    pages = [page(text_of(n), (str(n), 0.5 + 0.1 * n, 8)) for n in range(4)]

    assert taken(pages) == [[str(n)] for n in range(4)]


def test_roman_and_arabic_numbers_are_labels() -> None:
    printed = ["i", "ii", "iii", "iv", "1", "2", "3"]
    pages = [page(text_of(n), (label, 0.95, 8)) for n, label in enumerate(printed)]

    assert inferred_labels(pages, furniture(pages)) == tuple(printed)


def test_the_pages_of_an_appendix_count_behind_its_letter() -> None:
    pages = [page(text_of(n), (f"A-{n + 1}", 0.95, 8)) for n in range(4)]

    assert inferred_labels(pages, furniture(pages)) == ("A-1", "A-2", "A-3", "A-4")


def test_a_page_number_may_stand_within_a_long_foot() -> None:
    foot = "Form A 12 for all who live in England Page {} of 4 in large print"
    pages = [page(text_of(n), (foot.format(n), 0.95, 8)) for n in range(4)]

    assert taken(pages) == [[foot.format(n)] for n in range(4)]
    assert inferred_labels(pages, furniture(pages)) == ("0", "1", "2", "3")


@pytest.mark.parametrize(
    "tops",
    [
        ["Money", "People", "Buildings", "Care"],  # said once each
        ["Exhibit 1", "Exhibit 2", "Exhibit 3", "Exhibit 4"],  # counts, but not the pages' way
        ["Q1 sales by area", "Q2 sales by area", "Q3 sales by area", "Q4 sales by area"],
        ["2010 12 31", "2011 12 31", "2012 3 31", "2013 3 31"],
    ],
)
def test_what_begins_a_page_is_no_head_because_it_looks_like_one(tops: list[str]) -> None:
    pages = [page((top, 0.05, 12), text_of(n)) for n, top in enumerate(tops)]

    assert taken(pages) == [[] for _ in tops]


def test_headings_that_count_from_page_to_page_are_kept() -> None:
    tops = ["1 Homes", "2 Money", "3 Staff", "4 Care"]
    pages = [page((top, 0.05, 16), text_of(n)) for n, top in enumerate(tops)]

    assert taken(pages) == [[] for _ in tops]


def test_a_line_below_the_text_around_it_is_no_foot() -> None:
    pages = [
        page((end, 0.9, BODY), ("Total", 0.5, BODY), (end[::-1], 0.3, BODY))
        for end in ("Beds end.", "Staff end.", "Money ends.", "All ends.")
    ]

    assert taken(pages) == [[] for _ in pages]


def test_a_page_is_not_left_without_text() -> None:
    pages = [page(("Annual report", 0.05, 8)) for _ in range(4)]

    assert taken(pages) == [[] for _ in pages]


def test_no_pages_have_no_furniture() -> None:
    assert furniture([]) == []
    assert inferred_labels([], []) == ()


PAPER = [
    page(
        ("How care trusts", 0.1, 20),
        ("came about", 0.13, 20),
        ("A. Miller, H. Dickinson, J. Glasby", 0.18, 14),
        ("1 Origins", 0.3, 14),
        *((f"Text of the first part, line {n}, in the size of most.", 0.4, BODY) for n in range(9)),
        ("1.1 Before 2002", 0.5, 12),
        *((f"Text of its section, line {n}, in the size of most.", 0.6, BODY) for n in range(9)),
    ),
    page(
        ("2 Findings", 0.1, 14),
        *((f"Text of the second part, line {n}, of most.", 0.2, BODY) for n in range(9)),
        ("Table 1 Trusts by year", 0.4, 14),
        ("Area   Year   Budget", 0.5, 14),
        ("A line that ends as a sentence does.", 0.6, 14),
        *((f"Text of the second part, line {n}, of most.", 0.7, BODY) for n in range(9)),
    ),
]


def test_headings_are_larger_than_the_text_and_nest_by_their_size() -> None:
    starts = [0, len(PAPER[0].text) + 1]
    lines = styled_lines(PAPER, starts, [[], []])
    title = title_on_front(lines)
    sections = headed(lines, starts[1] + len(PAPER[1].text), title)

    assert title == "How care trusts came about"
    assert [section.path for section in sections] == [
        ("1 Origins",),
        ("1 Origins", "1.1 Before 2002"),
        ("2 Findings",),
    ]
    whole = "\n".join(one.text for one in PAPER)
    assert [whole[section.start :].split("\n")[0] for section in sections] == [
        section.path[-1] for section in sections
    ]
    assert [section.end for section in sections] == [*(s.start for s in sections[1:]), len(whole)]


def headings(*placed: Placed) -> list[tuple[str, ...]]:
    """Give the section paths of a page with headings, each above text."""
    text = [
        (f"Text of the page, line {n}, which goes on for a while.", 0.0, BODY) for n in range(9)
    ]
    lines = [line for head in placed for line in (head, *text)]
    pages = [page(*((words, at / 99, size) for at, (words, _, size) in enumerate(lines)))]
    styled = styled_lines(pages, [0], [[]])
    return [section.path for section in headed(styled, len(pages[0].text), "")]


def test_a_heading_may_stand_far_from_its_number_and_end_in_a_full_stop() -> None:
    found = headings(
        ("Item 1.   Business.", 0, 12),
        ("2022   2023", 0, 12),
        ("Trusts   Homes", 0, 12),
        ("The trusts were paid at last.", 0, 12),
        ("1.1   Origins", 0, 12),
    )

    assert found == [("Item 1. Business.",), ("Item 1. Business.", "1.1 Origins")]


def test_headings_of_one_type_nest_by_kind_and_number() -> None:
    found = headings(
        ("Preface", 0, 12),
        ("Part II: Findings", 0, 12),
        ("Chapter 3 Money", 0, 12),
        ("3.1 Budgets", 0, 12),
        ("3.1.1 Wards", 0, 12),
        ("3.2 Debts", 0, 12),
    )

    part, chapter = "Part II: Findings", "Chapter 3 Money"
    assert found == [
        ("Preface",),
        (part,),
        (part, chapter),
        (part, chapter, "3.1 Budgets"),
        (part, chapter, "3.1 Budgets", "3.1.1 Wards"),
        (part, chapter, "3.2 Debts"),
    ]


def test_a_title_may_be_bold_in_part() -> None:
    front = page(("How care trusts", 0.1, 20), ("came about", 0.13, 20), text_of(1))
    first, *others = front.lines
    front = replace(front, lines=(replace(first, bold=True), *others))

    assert title_on_front(styled_lines([front], [0], [[]])) == "How care trusts came about"


def test_headings_with_numbers_directly_below_each_other_are_two() -> None:
    text = [
        (f"Text of the page, line {n}, which goes on for a while.", 0.2, BODY) for n in range(9)
    ]
    one = page(
        ("Part I", 0.1, 12), ("Item 1. The trusts", 0.12, 12), ("and homes", 0.135, 12), *text
    )
    lines = styled_lines([one], [0], [[]])

    assert [section.path for section in headed(lines, len(one.text), "")] == [
        ("Part I",),
        ("Part I", "Item 1. The trusts and homes"),
    ]


def test_types_that_make_everything_a_heading_tell_nothing() -> None:
    pages = [page(*((f"Slide line {n}", 0.1 + n / 20, 14 + n % 2) for n in range(12)))]

    assert headed(styled_lines(pages, [0], [[]]), len(pages[0].text), "") == ()
    assert headed([], 0, "") == ()
    assert title_on_front([]) == ""


def test_text_in_one_size_has_no_title() -> None:
    assert title_on_front(styled_lines([page(text_of(1), text_of(2))], [0], [[]])) == ""


@pytest.mark.parametrize(
    ("front", "year"),
    [
        ("A report\n\nPublished 4 May 2021", "2021"),
        ("A report\n\nMarch 2023", "2023"),
        ("Annual review 2021–22", "2021"),
        ("A report\n2019\nDepartment", "2019"),
        ("March 2020 saw " + "the services change how they worked " * 6, ""),
        ("No date, but 12345 and 1999/2000/2001", ""),
    ],
)
def test_a_front_page_tells_its_year_where_it_is_clear(front: str, year: str) -> None:
    assert year_on(front) == year


def test_words_printed_twice_are_no_better() -> None:
    once = "Preface In the name of all who made these trusts what they became over many years"
    twice = " ".join(f"{word} {word}" for word in once.split())

    assert not reads_better(twice, once)
    assert reads_better(once + " and a further sentence with much more of the page", once)


def test_names_of_signs_are_not_readable() -> None:
    assert reads_better("Highlights of the brief", "/g115/g3 /g40/g81/g75 /g68 /g70/g72/g87")


def test_letters_torn_apart_read_worse() -> None:
    assert reads_better("dated the second of January", "d a t e d the s e c o n d of January")
    assert agreement("ﬁnd", "find") == 1.0
