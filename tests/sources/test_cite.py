from pathlib import Path

import pytest

from ctqa.errors import SourceError
from ctqa.sources import Citation, Citations, load_citations, walk

HEADING = "path,title,author,publication,year,url\n"


def put(path: Path, data: str | bytes = "text") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data if isinstance(data, bytes) else data.encode())
    return path


def test_documents_are_cited_by_their_path(tmp_path: Path) -> None:
    first, second = put(tmp_path / "a.txt"), put(tmp_path / "sub" / "b.pdf")
    put(
        tmp_path / "sources.csv",
        HEADING
        + 'a.txt," Care\n trusts ",R. Miller,Journal,2011,https://doi.org/10.1\n'
        + "sub/b.pdf,B,,,,\n",
    )

    citations = load_citations(walk([tmp_path]))

    assert citations.problems == ()
    assert citations.of(first) == Citation(
        title="Care trusts",
        author="R. Miller",
        publication="Journal",
        year="2011",
        url="https://doi.org/10.1",
    )
    assert citations.of(second) == Citation(title="B")
    assert citations.of(tmp_path / "c.txt") == Citation() == Citations().of(first)


@pytest.mark.parametrize(
    "data",
    [
        "Notes;Title;PATH\r\nx;Café;a.txt\r\n".encode("cp1252"),
        "\ufeffTitle\tPath\nCafé\ta.txt\n".encode(),
        "path|title\n./a.txt|Café\n".encode("utf-16"),
        'path,title\n"sub\\..\\a.txt",Café\n'.encode(),
    ],
)
def test_what_spreadsheets_write_is_read(tmp_path: Path, data: bytes) -> None:
    put(tmp_path / "sub" / "b.txt")
    path = put(tmp_path / "a.txt")
    put(tmp_path / "sources.csv", data)

    assert load_citations(walk([tmp_path])).of(path).title == "Café"


def test_inner_folder_and_first_row_go_before(tmp_path: Path) -> None:
    inner, outer = put(tmp_path / "sub" / "a.txt"), put(tmp_path / "b.txt")
    put(tmp_path / "sources.csv", "path,title\nsub/a.txt,Outer\nb.txt,First\n./b.txt,Second\n")
    put(tmp_path / "sub" / "SOURCES.csv", "path,title\na.txt,Inner\n")

    citations = load_citations(walk([tmp_path]))

    assert (citations.of(inner).title, citations.of(outer).title) == ("Inner", "First")
    assert citations.problems == (
        f'{tmp_path / "sources.csv"}, line 4: "./b.txt" stands in a row above, which is taken',
    )


def test_files_above_the_root_are_not_asked(tmp_path: Path) -> None:
    path = put(tmp_path / "docs" / "a.txt")
    put(tmp_path / "sources.csv", "path,title\ndocs/a.txt,Above\n")

    assert load_citations(walk([path.parent])).of(path) == Citation()
    assert load_citations(walk([path])).of(path) == Citation()
    assert load_citations(()) == Citations()


def test_single_file_is_cited_by_what_lies_beside_it(tmp_path: Path) -> None:
    path = put(tmp_path / "a.txt")
    put(tmp_path / "b.txt")
    put(tmp_path / "sources.csv", "path,title\na.txt,Beside\nb.txt,Other\n")

    citations = load_citations(walk([path]))

    assert citations.of(path).title == "Beside"
    assert citations.problems == ()


def test_rows_that_cannot_be_used_are_told(tmp_path: Path) -> None:
    path = put(tmp_path / "a.txt")
    rows = [
        "gone.txt,x,,,,",
        ",No path,,,,",
        "a.txt,T,,,,javascript:alert(1)",
        "a,b,c,d,e,f,g",
        "../a.txt,,,,,",
        f"{'x' * 5000},,,,,",
        ",,,,,",
    ]
    table = put(tmp_path / "sources.csv", HEADING + "\n".join(rows))

    citations = load_citations(walk([tmp_path]))

    assert citations.of(path) == Citation(title="T")
    assert [problem.removeprefix(f"{table}, ")[:60] for problem in citations.problems] == [
        f'line 2: there is no file "gone.txt" in {tmp_path}'[:60],
        "line 3: the path is missing",
        'line 4: the url "javascript:alert(1)" is left out: it does n',
        'line 5: 7 cells under 6 headings; a cell that holds "," need',
        f'line 6: there is no file "../a.txt" in {tmp_path}'[:60],
        f'line 7: there is no file "{"x" * 60}'[:60],
    ]


@pytest.mark.parametrize(
    ("data", "line", "found"),
    [(b"", 1, ""), (b"title,year\na,1\n", 1, "title,year"), (b"\n\nfile;title\n", 3, "file;title")],
)
def test_table_without_paths_is_refused_with_the_mend(
    tmp_path: Path, data: bytes, line: int, found: str
) -> None:
    put(tmp_path / "a.txt")
    put(tmp_path / "sources.csv", data)

    with pytest.raises(SourceError) as caught:
        load_citations(walk([tmp_path]))

    assert str(caught.value) == (
        f'{tmp_path / "sources.csv"}, line {line}: expected a heading with a column "path", '
        f'found "{found}"; make that line path,title,author,publication,year,url,tags'
    )


@pytest.mark.parametrize("data", [b"PK\x03\x04", bytes(range(256)) * 9])
def test_table_that_is_no_text_is_refused(tmp_path: Path, data: bytes) -> None:
    put(tmp_path / "a.txt")
    put(tmp_path / "sources.csv", data)

    with pytest.raises(SourceError, match="save it as CSV or remove it"):
        load_citations(walk([tmp_path]))


def test_table_that_cannot_be_opened_is_refused(tmp_path: Path) -> None:
    put(tmp_path / "a.txt")
    (tmp_path / "sources.csv").mkdir()

    with pytest.raises(SourceError, match=r"sources\.csv: .*; mend or remove it"):
        load_citations(walk([tmp_path]))
