from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from ctqa.sources.content import Content
from ctqa.sources.manuscript import Manuscript

WORDS = st.text(alphabet=st.sampled_from("ab .\n\t|\u00a0é"), max_size=12)
STEPS = st.one_of(
    st.tuples(st.just("heading"), WORDS, st.integers(1, 6)),
    st.tuples(st.just("paragraph"), WORDS),
    st.tuples(st.just("item"), WORDS),
    st.tuples(st.just("page"), WORDS),
    st.tuples(st.just("table"), st.lists(st.lists(WORDS, max_size=3), max_size=3)),
    st.tuples(st.just("aside"), WORDS),
)


def written(steps: list[tuple]) -> Content:  # type: ignore[type-arg]
    text = Manuscript()
    for name, *rest in steps:
        if name == "table":
            text.table(rest[0], heads=1)
        elif name == "aside":
            with text.aside():
                text.paragraph(rest[0])
        else:
            getattr(text, name)(*rest)
    return text.content()


@given(st.lists(STEPS, max_size=12))
def test_blocks_pages_sections_and_asides_are_exact_ranges(steps: list[tuple]) -> None:  # type: ignore[type-arg]
    content = written(steps)
    text = content.text
    for block in content.blocks:
        piece = text[block.start : block.end]
        assert piece == piece.strip() != ""
    assert all(one.end < two.start for one, two in pairwise(content.blocks))
    assert content.pages[0].start == 0
    assert content.pages[-1].end == len(text)
    assert all(text[one.end : two.start] == "\n" for one, two in pairwise(content.pages))
    for page in content.pages:
        assert (page.state == "text") == bool(text[page.start : page.end].strip())
        inside = [b for b in content.blocks if b.start < page.end and b.end > page.start]
        assert all(page.start <= b.start and b.end <= page.end for b in inside)
    ranges = {(block.start, block.end) for block in content.blocks}
    assert {(span.start, span.end) for span in content.asides} <= ranges
    assert all(section.start < section.end for section in content.sections)


def test_a_row_is_searched_with_each_cell_under_its_head() -> None:
    text = Manuscript()
    text.table(
        [["Area", "2003", ""], ["", "beds", "staff"], ["Bexley", "12", "40"], ["", "", ""]],
        heads=2,
        caption="Table 1\nBeds",
    )
    content = text.content()
    assert content.text == "Area | 2003\n| beds | staff\nBexley | 12 | 40"
    row = content.blocks[-1]
    assert content.text[row.start : row.end] == "Bexley | 12 | 40"
    assert row.copy == "Area: Bexley; 2003 beds: 12; staff: 40"
    assert row.lead == "Table 1 Beds"
    assert [block.copy for block in content.blocks[:2]] == ["", ""]


def test_headings_nest_and_those_in_asides_make_no_section() -> None:
    text = Manuscript()
    text.heading("Care", 1)
    text.heading("Homes", 2)
    with text.aside():
        text.heading("Menu", 1)
    text.paragraph("Beds.")
    text.heading("Money", 2)
    content = text.content()
    assert [section.path for section in content.sections] == [
        ("Care",),
        ("Care", "Homes"),
        ("Care", "Money"),
    ]
    assert content.title == "Care"


def test_pages_keep_their_labels_and_reasons() -> None:
    text = Manuscript()
    text.page("Sheet one")
    text.paragraph("a")
    text.page("hidden", state="skipped", reason="a hidden sheet")
    text.page()
    pages = text.content().pages
    assert [(page.number, page.label, page.state) for page in pages] == [
        (1, "Sheet one", "text"),
        (2, "hidden", "skipped"),
        (3, "", "empty"),
    ]
    assert [page.reason for page in pages] == ["", "a hidden sheet", "no text"]


def test_a_section_may_begin_or_end_without_a_heading() -> None:
    text = Manuscript()
    text.heading("Slide one", 1)
    text.section("Notes", 2)
    text.paragraph("Said aloud.")
    text.section("")
    text.paragraph("In no section.")
    text.section("Never begun")
    content = text.content()
    found = [
        (section.path, content.text[section.start : section.end]) for section in content.sections
    ]
    assert found == [
        (("Slide one",), "Slide one\n\n"),
        (("Slide one", "Notes"), "Said aloud.\n\n"),
    ]


def test_a_table_may_be_searched_otherwise_than_shown() -> None:
    text = Manuscript()
    text.table(
        [["Area", "Beds"], ["Bexley", "12"], ["", "13"]],
        heads=1,
        copies=[["Area", "Beds"], ["Bexley", "12"], ["Bexley", "13"]],
    )
    content = text.content()
    row = content.blocks[-1]
    assert content.text[row.start : row.end] == "| 13"
    assert row.copy == "Area: Bexley; Beds: 13"


def test_pages_may_begin_between_the_rows_of_a_table() -> None:
    text = Manuscript()
    text.table([["Area"], ["Bexley"], ["Barnet"]], heads=1, pages_before=[1, 2, 2])
    content = text.content()
    assert [content.text[page.start : page.end].strip() for page in content.pages] == [
        "Area",
        "Bexley",
        "",
        "Barnet",
    ]
    assert content.blocks[-1].copy == "Area: Barnet"
