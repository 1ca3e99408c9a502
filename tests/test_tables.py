"""Which lines are a table's, and which of them make one row."""

import itertools
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ctqa.tables import Line, is_head_row, table_rows
from ctqa.text import sentences, squeeze

WORDS = st.sampled_from(["Bexley", "Yes", "No", "2002", "Two", "and", "care trust", "12%", "Note:"])
CELLS = st.lists(st.lists(WORDS, min_size=1, max_size=4).map(" ".join), min_size=1, max_size=20)


def rows(text: str) -> list[str]:
    return [squeeze(text[s.start : s.end]) for s in sentences(text) if s.kind == "row"]


def lines(texts: list[str]) -> list[Line]:
    return [Line(n, n + 1, text, apart=n % 3 == 0) for n, text in enumerate(texts)]


@given(CELLS, st.booleans())
def test_rows_take_every_line_once_and_in_order(texts: list[str], captioned: bool) -> None:
    found = list(table_rows(lines(texts), captioned=captioned))
    assert [start for start, _ in found] == [0, *(end for _, end in found[:-1])]
    assert found[-1][1] == len(texts)
    assert all(start < end for start, end in found)


@given(st.lists(st.text(alphabet=string.ascii_letters + "1. ", min_size=1), min_size=1))
def test_any_lines_can_be_grouped(texts: list[str]) -> None:
    kept = [text for text in texts if text.strip()] or ["x"]
    found = list(table_rows(lines([text.strip() for text in kept]), captioned=True))
    assert all(a[1] == b[0] for a, b in itertools.pairwise(found))


def test_cells_broken_over_lines_belong_to_the_row_that_a_number_word_opened() -> None:
    text = (
        "Table I Ferries\n\nPort Boats Carries\n\nMallaig One Cars\nUllapool Two Cars\n\n"
        "Bicycles\nOban One Lorries\nTiree Three Sheep\n\nBicycles\nPeople\n\n"
        "Source: Smith (2002)\n"
    )
    assert rows(text) == [
        "Port Boats Carries",
        "Mallaig One Cars",
        "Ullapool Two Cars Bicycles",
        "Oban One Lorries",
        "Tiree Three Sheep Bicycles People",
        "Source: Smith (2002)",
    ]


def test_a_bare_answer_is_the_last_cell_of_its_row_and_heads_are_one_row() -> None:
    text = (
        "Table 2 Lakes\n\nLake\nYear of\nopening Fish\n\nBoats\nallowed\n\n"
        "Coniston 1950 Trout\nPerch\n\nNo\n\nWast Water 1961 Char\n\nNo\n\n"
        "Ullswater 1970 Pike Yes\nDerwent Water\nand Bassenthwaite\n\n1971 Eels Yes\n"
    )
    assert rows(text) == [
        "Lake Year of opening Fish Boats allowed",
        "Coniston 1950 Trout Perch No",
        "Wast Water 1961 Char No",
        "Ullswater 1970 Pike Yes",
        "Derwent Water and Bassenthwaite 1971 Eels Yes",
    ]


def test_a_name_on_the_lines_above_goes_with_the_cell_that_opens_its_line() -> None:
    text = (
        "Table 3 Plans\n\nTrust Goes on? Plan\n\nBexley No Moves to the Oxleas\n"
        "Foundation Trust\n\n"
        "North East\nLincolnshire\n\nNo Becomes an enterprise\n\nSheffield Yes As now\n"
        "Camden and\nIslington\n\nYes As now\nSolihull Yes As now\n"
    )
    assert rows(text)[1:] == [
        "Bexley No Moves to the Oxleas Foundation Trust",
        "North East Lincolnshire No Becomes an enterprise",
        "Sheffield Yes As now",
        "Camden and Islington Yes As now",
        "Solihull Yes As now",
    ]


def test_rows_of_figures_and_their_group_headings_stay_apart() -> None:
    text = (
        "Table 4 Accounts\n\nMillions 2022 2023\nAssets\nCash 775 689\nInventories 2,439 2,213\n"
        "Liabilities\nTrade payables 3,073 2,690\n"
        "Long-term debt, less\ncurrent portion 6,340 6,653\n"
    )
    assert rows(text) == [
        *("Millions 2022 2023", "Assets", "Cash 775 689", "Inventories 2,439 2,213"),
        *("Liabilities", "Trade payables 3,073 2,690"),
        "Long-term debt, less current portion 6,340 6,653",
    ]


def test_rows_without_such_a_column_are_left_as_their_lines_are() -> None:
    text = (
        "Table 5 Views\n\nStrengths Weaknesses\n\nNew roles\nMore\nstaff\n\nTwo systems\nNo trust\n"
    )
    assert rows(text) == [
        "Strengths Weaknesses",
        "New roles",
        "More staff",
        "Two systems",
        "No trust",
    ]


def test_the_last_row_does_not_run_into_the_prose_after_it() -> None:
    text = (
        "Table II Launches\n\nBradford 2002 Mental health services (no social care at all) No\n"
        "Blackburn with Darwen 2010 Community services (no social care) Yes\n\f"
        "Not all of these remain trusts, either because they were disbanded after a while &\n"
        "Halstead was dissolved in 2006, or because they have evolved into something that is\n"
        "as different as can be.\n"
    )
    assert rows(text)[-1].startswith("Blackburn")
    assert rows(text)[-1].endswith("Yes")


def test_prose_between_rows_is_read_sentence_by_sentence() -> None:
    prose = (
        "Net sales of the whole group rose by one per cent, which includes an effect of prices\n"
        "that were higher than in the year before. The volumes were lower than they had been\n"
        "for the last three years in all of the regions.\n"
    )
    figures = "".join(f"Segment {n} 1{n} 2{n}\n" for n in range(12))
    found = [
        (s.kind, squeeze((figures + prose + figures)[s.start : s.end]))
        for s in sentences(figures + prose + figures)
    ]
    assert ("row", "Segment 3 13 23") in found
    assert [text.split()[0] for kind, text in found if kind == "sentence"] == ["Net", "The"]
    assert found[12][1].endswith("the year before.")


@pytest.mark.parametrize(
    ("row", "heads"),
    [
        ("Area Number of pilots Service area", True),
        ("Three months ended June 30, 2022 2023", True),
        ("Net sales 14,544 14,694", False),
        ("Bexley Yes", False),
        ("This is a sentence.", False),
        ("Cash 2022", False),
        ("x" * 201, False),
    ],
)
def test_heads_hold_no_cells_but_years(row: str, heads: bool) -> None:
    assert is_head_row(row) is heads
