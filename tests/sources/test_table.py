import csv
import hashlib
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ctqa.records import Page
from ctqa.sources.content import Content
from ctqa.sources.rows import Row, table_with
from ctqa.sources.table import load_table


def test_rows_under_a_text_column_are_documents() -> None:
    data = b'Title;_ID;Text;Other\r\nOne;d1;"A ""quoted"";\r\ntext";x\r\n\r\nTwo;d2;B\r\n'

    loaded = load_table(data)

    assert loaded.contents[0] == Content(
        text='A "quoted";\ntext',
        pages=(Page(number=1, start=0, end=16),),
        part=1,
        id="d1",
        sha256=hashlib.sha256(b'A "quoted";\ntext').hexdigest(),
        title="One",
    )
    assert [(content.id, content.text, content.title) for content in loaded.contents[1:]] == [
        ("d2", "B", "Two")
    ]


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_delimiter_is_the_one_that_brings_the_column_out(delimiter: str) -> None:
    loaded = load_table(delimiter.join(["id", "text"]).encode() + f"\na{delimiter}b\n".encode())

    assert [(content.id, content.text) for content in loaded.contents] == [("a", "b")]


def test_single_text_column_is_a_corpus_without_ids() -> None:
    loaded = load_table('text\nFirst, of two\n\n"Second; ""last"""\n'.encode("utf-16"))

    assert [content.text for content in loaded.contents] == ["First, of two", 'Second; "last"']
    assert loaded.reason == ""


def test_rows_without_an_id_are_counted() -> None:
    loaded = load_table(b"id,text\n,one\n,two\nb,three\n")

    assert [(content.part, content.id) for content in loaded.contents] == [
        (1, ""),
        (2, ""),
        (3, "b"),
    ]


def test_rows_that_cannot_be_used_are_named_with_their_line() -> None:
    good = b'_id,text\n1,"two\nlines"\n2,an, unquoted comma\n1,again\n'
    data = good + b'3,"bad"quote\n4,ok\n5,"open\n6,x\n'

    loaded = load_table(data)

    assert [content.id for content in loaded.contents] == ["1", "4"]
    assert loaded.reason.startswith(
        "4 of 6 left out: line 4: 3 cells under 2 headings; "
        'a cell that holds "," needs quotes round it; line 5: the id "1" is taken; line 6: '
    )
    assert "line 8: unexpected end of data" in loaded.reason


def test_short_rows_and_trailing_delimiters_are_read() -> None:
    loaded = load_table(b"id,text,title\na\nb,B,,,\n")

    assert [(content.id, content.text) for content in loaded.contents] == [("a", ""), ("b", "B")]


def test_cell_may_be_of_any_length() -> None:
    csv.field_size_limit(131_072)  # the module's own, whatever ran before

    (content,) = load_table(b"text\n" + b"word " * 100_000).contents

    assert len(content.text) == 500_000
    assert csv.field_size_limit() == 131_072


@pytest.mark.parametrize(
    "data", [b"a,b\r\n1,2\r\n", b"just words", b"\n", b'"open\n', b"a\tb\n1\t2"]
)
def test_other_tables_are_one_document_of_rows(data: bytes) -> None:
    (content,) = load_table(data).contents

    assert content.text == data.decode().replace("\r\n", "\n")
    assert (content.layout, content.part, len(content.pages)) == ("rows", 0, 1)
    assert (content.pages[0].start, content.pages[0].end) == (0, len(content.text))


@pytest.mark.parametrize(
    "data", [b"question,document,quote\nWho?,a.txt,Me", b"query-id\tcorpus-id\tscore\n1\ta\t1\n"]
)
def test_gold_files_are_ignored(data: bytes) -> None:
    loaded = load_table(data)

    assert (loaded.state, loaded.contents) == ("ignored", ())


def test_only_a_heading_is_no_document() -> None:
    assert load_table(b"id,text\n").state == "empty"


def test_heading_may_stand_below_blank_lines() -> None:
    table = table_with('\n\n" Path ",b\nx,1\n', "path")

    assert table is not None
    assert list(table.rows()) == [Row(line=4, cells={"path": "x", "b": "1"})]
    assert table_with("", "path") is None
    assert table_with("paths,b", "path") is None


CELL = st.text(st.characters(codec="utf-8", exclude_characters="\x00\r\ufeff"), max_size=12)


@given(st.lists(st.tuples(CELL, CELL)), st.sampled_from(",;\t|"))
def test_what_csv_writes_is_read_back(rows: list[tuple[str, str]], delimiter: str) -> None:
    written = io.StringIO()
    writer = csv.writer(written, delimiter=delimiter, quoting=csv.QUOTE_ALL)
    writer.writerows([("title", "text"), *rows])

    table = table_with(written.getvalue().replace("\r\n", "\n"), "title", "text")

    assert table is not None
    read = [(row.cells["title"], row.cells["text"]) for row in table.rows()]
    assert read == [row for row in rows if any(row)]


@given(st.text(st.sampled_from('text,;"\n a'), max_size=60))
def test_any_table_comes_to_an_end_with_each_row_accounted_for(text: str) -> None:
    table = table_with("text\n" + text, "text")

    assert table is not None
    found = list(table.rows())
    assert all(bool(row.cells) != bool(row.problem) for row in found)
    assert [row.line for row in found] == sorted({row.line for row in found})
