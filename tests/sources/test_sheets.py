from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import datetime
from io import BytesIO
from typing import Any
from zipfile import ZipFile

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msoffcrypto.format.ooxml import OOXMLFile
from openpyxl.chart import BarChart, Reference
from openpyxl.comments import Comment
from sources.archives import zipped

from ctqa.errors import SourceError
from ctqa.sources import sheets
from ctqa.sources.content import Content, ReadOptions
from ctqa.sources.sheets import load_sheets


def saved(workbook: openpyxl.Workbook) -> bytes:
    buffer = BytesIO()
    workbook.save(buffer)
    return buffer.getvalue()


def make_xlsx(fill: Callable[[Any], None] | Sequence[Sequence[object]]) -> bytes:
    """Make a workbook of one sheet, "Beds", from rows or by a function that fills it."""
    workbook = openpyxl.Workbook()
    workbook.active.title = "Beds"
    if callable(fill):
        fill(workbook.active)
    else:
        for row in fill:
            workbook.active.append(row)
    return saved(workbook)


def content_of(fill: Callable[[Any], None] | Sequence[Sequence[object]]) -> Content:
    (content,) = load_sheets(make_xlsx(fill)).contents
    return content


def said(content: Content) -> list[tuple[str, str]]:
    return [(block.kind, content.text[block.start : block.end]) for block in content.blocks]


def lines_of(fill: Callable[[Any], None] | Sequence[Sequence[object]]) -> list[str]:
    return [text for _, text in said(content_of(fill))][1:]


def copies_of(fill: Callable[[Any], None] | Sequence[Sequence[object]]) -> list[str]:
    return [block.copy for block in content_of(fill).blocks if block.copy]


def edited(data: bytes, name: str, change: Callable[[str], str]) -> bytes:
    """Change a part of a workbook."""
    with ZipFile(BytesIO(data)) as archive:
        parts: dict[str, str | bytes] = {each: archive.read(each) for each in archive.namelist()}
    part = parts[name]
    assert isinstance(part, bytes)
    parts[name] = change(part.decode())
    return zipped(parts)


SHEET = "xl/worksheets/sheet1.xml"


def test_a_sheet_is_a_page_and_a_section_under_its_name() -> None:
    content = content_of([["Area", "Beds"], ["Bexley", 12], ["Barnet", 40]])

    assert said(content) == [
        ("heading", "Beds"),
        ("row", "Area | Beds"),
        ("row", "Bexley | 12"),
        ("row", "Barnet | 40"),
    ]
    assert [(page.label, page.state) for page in content.pages] == [("Beds", "text")]
    assert [section.path for section in content.sections] == [("Beds",)]
    assert content.blocks[-1].copy == "Area: Barnet; Beds: 40"
    assert content.title == ""


def test_gold_questions_are_no_document() -> None:
    gold = load_sheets(make_xlsx([["Question", "Document", "Quote "], ["Who?", "d", "x"]]))
    assert (gold.state, gold.reason) == ("ignored", "gold questions, not a document")
    assert load_sheets(make_xlsx([["Question", "Answer"], ["Who?", "Me."]])).state == "read"


def test_values_are_read_as_the_sheet_shows_them() -> None:
    def fill(sheet: Any) -> None:
        formats = ["0%", "#,##0", '"£"#,##0.00', "dd/mm/yyyy", "General"]
        sheet.append([0.256, 1234567, 12.5, datetime(2020, 3, 4), True])
        for cell, number_format in zip(sheet[1], formats, strict=True):
            cell.number_format = number_format

    assert lines_of(fill) == ["26% | 1,234,567 | £12.50 | 04/03/2020 | TRUE"]


def test_lines_over_a_table_are_its_caption_and_those_under_it_notes() -> None:
    content = content_of(
        [
            ["Beds by area"],
            ["in thousands"],
            ["Area", "Beds"],
            ["Bexley", 12],
            ["Source: own count"],
        ]
    )
    assert said(content)[1:] == [
        ("sentence", "Beds by area"),
        ("sentence", "in thousands"),
        ("row", "Area | Beds"),
        ("row", "Bexley | 12"),
        ("sentence", "Source: own count"),
    ]
    assert content.blocks[4].lead == "Beds by area in thousands"


def test_a_title_over_a_blank_row_is_the_caption_of_the_next_table_alone() -> None:
    rows = [["Beds"], [], ["Area", "Beds"], ["Bexley", 12], [], ["Area", "Staff"], ["Bexley", 40]]
    leads = {block.copy: block.lead for block in content_of(rows).blocks if block.copy}
    assert leads == {"Area: Bexley; Beds: 12": "Beds", "Area: Bexley; Staff: 40": ""}


def test_a_table_goes_on_over_a_blank_row() -> None:
    rows = [["Area", "Beds"], ["Bexley", 12], [], ["Barnet", 40]]
    assert copies_of(rows) == ["Area: Bexley; Beds: 12", "Area: Barnet; Beds: 40"]


def test_tables_side_by_side_are_read_one_after_the_other() -> None:
    rows = [
        ["Area", "Beds", None, "Ward", "Staff"],
        ["Bexley", 12, None, "A", 1],
        ["Barnet", 40, None, "B", 2],
    ]
    assert lines_of(rows) == [
        "Area | Beds",
        "Bexley | 12",
        "Barnet | 40",
        "Ward | Staff",
        "A | 1",
        "B | 2",
    ]


def test_a_blank_column_within_a_table_parts_nothing() -> None:
    rows = [["Area", None, "2003", None, "2004"], ["Bexley", None, 12, None, 13]]
    assert copies_of(rows) == ["Area: Bexley; 2003: 12; 2004: 13"]


def test_a_table_that_begins_lower_stands_apart() -> None:
    rows = [
        ["Area", "Beds", None, None, None],
        ["Bexley", 12, None, "Year", "Cost"],
        ["Barnet", 40, None, 2003, 7],
        ["Brent", 41, None, 2004, 8],
    ]
    assert copies_of(rows)[-1] == "Year: 2004; Cost: 8"


def test_merged_cells_are_said_once_and_name_all_their_columns() -> None:
    def fill(sheet: Any) -> None:
        for row in [
            ["Area", 2003, None],
            [None, "beds", "staff"],
            ["Bexley", 12, 40],
            [None, 13, 41],
        ]:
            sheet.append(row)
        sheet.merge_cells("B1:C1")
        sheet.merge_cells("A3:A4")

    content = content_of(fill)
    assert [text for _, text in said(content)][1:] == [
        "Area | 2003",
        "| beds | staff",
        "Bexley | 12 | 40",
        "| 13 | 41",
    ]
    assert content.blocks[-1].copy == "Area: Bexley; 2003 beds: 13; 2003 staff: 41"


def test_a_column_of_sentences_is_text() -> None:
    lines = [f"Sentence {number} of some length, which is no item of a list." for number in (1, 2)]
    assert said(content_of([[line] for line in lines]))[1:] == [
        ("sentence", lines[0]),
        ("sentence", lines[1]),
    ]


def test_hidden_sheets_are_read_and_told() -> None:
    workbook = openpyxl.Workbook()
    workbook.active.append(["Open"])
    hidden = workbook.create_sheet("Back")
    hidden.append(["Hidden"])
    hidden.sheet_state = "veryHidden"
    loaded = load_sheets(saved(workbook))

    assert "Hidden" in loaded.contents[0].text
    assert loaded.contents[0].pages[1].reason == "a hidden sheet"
    assert loaded.reason == "a hidden sheet"


def test_charts_are_accounted_for() -> None:
    workbook = openpyxl.Workbook()
    workbook.active.append([1, 2])
    chart = BarChart()
    chart.add_data(Reference(workbook.active, min_col=1, min_row=1))
    workbook.create_chartsheet("Picture").add_chart(chart)
    drawn = workbook.create_sheet("Drawn")
    drawn.add_chart(BarChart())
    workbook.create_sheet("Blank")
    loaded = load_sheets(saved(workbook))

    states = {page.label: page.state for page in loaded.contents[0].pages}
    assert states["Picture"] == states["Drawn"] == "unreadable"
    assert states["Blank"] == "empty"
    assert loaded.reason == "2 charts left out; chart sheets are not read"


def test_formulas_are_read_by_their_saved_results() -> None:
    data = make_xlsx([["Beds", 12], ["Sum", "=B1*2"], ["Twice", "=B1*3"]])
    assert load_sheets(data).reason == "2 formulas were saved without a result"

    told = edited(
        data, SHEET, lambda xml: xml.replace("<v></v>", "<v>24</v>").replace("<v />", "<v>24</v>")
    )
    loaded = load_sheets(told)
    assert (loaded.reason, loaded.contents[0].text.count("24")) == ("", 2)


def test_dimensions_that_do_not_hold_are_not_believed() -> None:
    data = make_xlsx([["Area", "Beds"], ["Bexley", 12]])
    for told in ("A1", "A1:XFD1048576"):
        wrong = edited(data, SHEET, lambda xml, told=told: xml.replace("A1:B2", told))  # type: ignore[misc]
        assert "Bexley | 12" in load_sheets(wrong).contents[0].text


def test_a_cell_far_away_costs_nothing() -> None:
    def fill(sheet: Any) -> None:
        sheet["A1"] = "near"
        sheet["XFD1048576"] = "far"

    assert lines_of(fill) == ["near", "far"]


def test_more_rows_than_are_read_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sheets, "_MOST_ROWS", 3)
    loaded = load_sheets(make_xlsx([[number, "x"] for number in range(5)]))
    assert loaded.reason == "only the first 3 rows are read"


def test_comments_are_told() -> None:
    def fill(sheet: Any) -> None:
        sheet["A1"] = "Beds"
        sheet["A1"].comment = Comment("Really?", "Ann")

    assert load_sheets(make_xlsx(fill)).reason == "1 comment left out"


def test_properties_tell_title_author_and_year() -> None:
    workbook = openpyxl.Workbook()
    workbook.active.append(["Beds"])
    workbook.properties.title, workbook.properties.creator = "Winter plan", "Ann Lee"
    workbook.properties.modified = datetime(2012, 5, 1)
    (content,) = load_sheets(saved(workbook)).contents
    assert (content.title, content.author) == ("Winter plan", "Ann Lee")
    assert content.year


def test_a_workbook_without_a_cell_is_empty() -> None:
    assert load_sheets(make_xlsx([])).state == "empty"


def test_an_encrypted_workbook_needs_its_password() -> None:
    out = BytesIO()
    OOXMLFile(BytesIO(make_xlsx([["Secret"]]))).encrypt("Beds 12", out)

    assert load_sheets(out.getvalue()).state == "encrypted"
    loaded = load_sheets(out.getvalue(), ReadOptions(passwords=("Beds 12",)))
    assert "Secret" in loaded.contents[0].text


NOISE = st.sampled_from(['"', "<", ">", "/", "0", "-9", "99999999999", "é", "&#0;", "A1", "<c/>"])
SAMPLE = make_xlsx([["Area", "Beds"], ["Bexley", 12], ["=1+1", datetime(2020, 3, 4)]])


@settings(deadline=None)
@given(
    st.sampled_from(
        [SHEET, "xl/workbook.xml", "xl/styles.xml", "docProps/core.xml", "[Content_Types].xml"]
    ),
    st.data(),
    NOISE,
)
def test_any_change_of_the_xml_is_read_or_told(name: str, data: st.DataObject, noise: str) -> None:
    def change(xml: str) -> str:
        at = data.draw(st.integers(0, len(xml)))
        return xml[:at] + noise + xml[at + data.draw(st.integers(0, 6)) :]

    with suppress(SourceError):
        load_sheets(edited(SAMPLE, name, change))


CELLS = st.none() | st.sampled_from(["a", "b c", " ", "12"]) | st.integers(0, 99)


@settings(deadline=None)
@given(st.lists(st.lists(CELLS, max_size=6), max_size=8))
def test_every_value_is_said_once(rows: list[list[object]]) -> None:
    loaded = load_sheets(make_xlsx(rows))
    found = [line for content in loaded.contents for _, line in said(content)[1:]]
    words = " ".join(found).replace("|", " ").split()
    expected = [
        word for row in rows for cell in row for word in str("" if cell is None else cell).split()
    ]
    assert sorted(words) == sorted(expected)
