import pytest
from hypothesis import given
from hypothesis import strategies as st

from ctqa.sources.grid import Cell, heads_of, is_figure, write_grid
from ctqa.sources.manuscript import Manuscript


def written(rows: list[list[Cell]], **options: object) -> list[tuple[str, str]]:
    text = Manuscript()
    write_grid(text, rows, **options)  # type: ignore[arg-type]
    content = text.content()
    return [(content.text[block.start : block.end], block.copy) for block in content.blocks]


def cells(*texts: str) -> list[Cell]:
    return [Cell(text=text) for text in texts]


def test_a_head_over_several_columns_names_each() -> None:
    rows = [
        [Cell(text="Area", down=2), Cell(text="2003", across=2)],
        cells("beds", "staff"),
        cells("Bexley", "12", "40"),
    ]
    assert written(rows, heads=2) == [
        ("Area | 2003", ""),
        ("| beds | staff", ""),
        ("Bexley | 12 | 40", "Area: Bexley; 2003 beds: 12; 2003 staff: 40"),
    ]


def test_a_label_over_several_rows_belongs_to_each() -> None:
    rows = [cells("Area", "Year"), [Cell(text="Bexley", down=2), Cell(text="2003")], cells("2004")]
    assert written(rows, heads=1)[-1] == ("| 2004", "Area: Bexley; Year: 2004")


def test_a_cell_over_all_columns_is_said_once() -> None:
    rows = [cells("Area", "Beds"), [Cell(text="North", across=2)], cells("Bexley", "12")]
    assert written(rows, heads=1)[1] == ("North", "Area: North")


def test_marked_heads_are_counted_but_for_the_corner() -> None:
    heads = [Cell(text=""), Cell(text="2003", is_head=True), Cell(text="2004", is_head=True)]
    rows = [heads, [Cell(text="Bexley", is_head=True), *cells("12", "13")]]
    assert written(rows)[-1] == ("Bexley | 12 | 13", "Bexley; 2003: 12; 2004: 13")


def test_heads_under_a_head_that_spans_them_are_found() -> None:
    rows = [
        [Cell(text="Area"), Cell(text="2003", across=2)],
        cells("", "beds", "staff"),
        cells("Bexley", "12", "40"),
    ]
    assert written(rows)[-1][1] == "Area: Bexley; 2003 beds: 12; 2003 staff: 40"
    rows[1] = cells("Ann", "Leeds", "North")
    assert written(rows)[1][1] == "Area: Ann; 2003: Leeds; 2003: North"


def test_a_table_of_heads_alone_has_none() -> None:
    assert written([[Cell(text="a", is_head=True), Cell(text="b", is_head=True)]]) == [
        ("a | b", "")
    ]


def test_cells_may_reach_further_than_the_table() -> None:
    rows = [[Cell(text="a", across=10**9, down=10**9)], cells("b"), []]
    assert [text for text, _ in written(rows, heads=0)][:1] == ["a"]


@pytest.mark.parametrize(
    ("rows", "heads"),
    [
        ([["Area", "Beds"], ["Bexley", "12"]], 1),
        ([["", "Beds"], ["Bexley", "12"]], 0),
        ([["", "2003", "2004"], ["Bexley", "12", "13"]], 1),
        ([["", "2003", ""], ["", "beds", "staff"], ["Bexley", "12", "13"]], 2),
        ([["Name", "Role", "Team"], ["Ann", "Chair", "North"]], 1),
        ([["Name", "Ann"], ["Role", "Chair"]], 0),
        ([["Bexley", "12"], ["Barnet", "13"]], 0),
        ([["Area", "Beds"]], 0),
        ([["Area", "Area", "Area"], ["a", "b", "c"]], 0),
        ([["A sentence far too long to name a column, as it goes on and on " * 2] * 3] * 2, 0),
        ([], 0),
    ],
)
def test_heads_are_names_over_something_else(rows: list[list[str]], heads: int) -> None:
    assert heads_of(rows) == heads


@pytest.mark.parametrize(
    "text", ["12", "1,234.5", "£12m", "(4)", "26%", "12/03/2004", "-", "n/a", "3.5 kg"]
)
def test_figures(text: str) -> None:
    assert is_figure(text)


@pytest.mark.parametrize("text", ["", "Area", "Ward 3", "2003 beds", "AI 1"])
def test_no_figures(text: str) -> None:
    assert not is_figure(text)


CELLS = st.builds(
    Cell,
    text=st.sampled_from(["", "a", "b c", "12", " "]),
    across=st.integers(-1, 4),
    down=st.integers(-1, 4),
    is_head=st.booleans(),
)


@given(st.lists(st.lists(CELLS, max_size=4), max_size=5), st.none() | st.integers(0, 6))
def test_every_word_is_said_once_in_order(rows: list[list[Cell]], heads: int | None) -> None:
    found = " ".join(text.replace("|", " ") for text, _ in written(rows, heads=heads)).split()
    assert found == [word for row in rows for cell in row for word in cell.text.split()]
