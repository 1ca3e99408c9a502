"""Boxes of lines, as they are found in a picture, put in reading order."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ctqa.sources.ocr_order import Line, gutters, in_order, reaches_over

PITCH = 30


def line(left: float, row: float, text: str, width: float = 400) -> Line:
    top = row * PITCH
    return Line(left=left, top=top, right=left + width, bottom=top + 24, text=text)


def column(left: float, name: str, rows: int = 4, first: float = 0) -> list[Line]:
    return [line(left, first + row, f"{name}{row}") for row in range(rows)]


def test_columns_of_prose_are_read_one_after_the_other() -> None:
    assert in_order([*column(0, "a"), *column(430, "b")]).split() == [
        *("a0", "a1", "a2", "a3"),
        *("b0", "b1", "b2", "b3"),
    ]


def test_three_columns_too() -> None:
    lines = [*column(860, "c"), *column(0, "a"), *column(430, "b")]
    assert "".join(in_order(lines).split()) == "a0a1a2a3b0b1b2b3c0c1c2c3"
    assert gutters(lines) == [430, 860]


def test_what_stands_over_and_between_columns_is_read_in_its_place() -> None:
    lines = [line(100, 0, "title", 600), *column(0, "a", first=2), *column(430, "b", first=2)]
    lines += [line(0, 7, "between", 830), *column(0, "c", first=9), *column(430, "d", first=9)]
    names = [word[0] for word in in_order(lines).split()]
    assert "".join(names) == "t" + "aaaabbbb" + "b" + "ccccdddd"


def test_rows_of_a_table_stay_rows_with_their_cells_apart() -> None:
    rows = [
        [line(0, row, f"area{row}", 100), line(300, row, f"{row}", 20), line(500, row, "9", 20)]
        for row in range(4)
    ]
    table = [cell for row in reversed(rows) for cell in row]
    assert in_order(table) == "\n".join(f"area{row}  {row}  9" for row in range(4))


def test_pieces_of_a_line_are_a_space_apart() -> None:
    assert in_order([line(0, 0, "one", 100), line(105, 0.1, "two", 100)]) == "one two"


def test_lines_of_a_cell_are_not_taken_for_cells_of_a_row() -> None:
    assert in_order([line(0, 0, "Ballots", 100), line(0, 0.35, "Completed", 110)]) == (
        "Ballots\nCompleted"
    )


def test_a_wide_gap_parts_paragraphs() -> None:
    lines = [*column(0, "a"), *column(0, "b", first=5)]
    assert in_order(lines) == "a0\na1\na2\na3\n\nb0\nb1\nb2\nb3"


def test_a_stamp_in_the_margin_comes_last() -> None:
    stamp = Line(left=0, top=0, right=20, bottom=300, text="arXiv:1908.07836")
    lines = [Line(left=0, top=0, right=8, bottom=24, text="1"), *column(40, "a", 3)]
    assert in_order([stamp, *lines]) == "1  a0\na1\na2\n\narXiv:1908.07836"


def test_nothing_gives_nothing() -> None:
    assert (in_order([]), gutters([])) == ("", [])


@pytest.mark.parametrize(("right", "over"), [(440, False), (500, True)])
def test_a_line_reaches_over_a_gutter_by_more_than_a_little(right: float, over: bool) -> None:
    assert reaches_over(Line(left=0, top=0, right=right, bottom=24), 430) == over


PLACES = st.integers(0, 60).map(lambda at: 20.0 * at)
SIZES = st.integers(1, 40).map(lambda at: 10.0 * at)


def box(left: float, top: float, width: float, height: float, text: str) -> Line:
    return Line(left=left, top=top, right=left + width, bottom=top + height, text=text)


BOXES = st.builds(box, PLACES, PLACES, SIZES, SIZES, st.sampled_from(["a", "bc", "def"]))


@given(st.lists(BOXES, max_size=40))
def test_every_line_is_read_once(lines: list[Line]) -> None:
    assert Counter(in_order(lines).split()) == Counter(line.text for line in lines)
