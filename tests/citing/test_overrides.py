"""What `sources.csv` says goes before what a file says, whatever its format."""

from pathlib import Path

import pytest

from ctqa.records import Page, Source
from ctqa.sources import load_citations, walk
from ctqa.sources.content import Content, Loaded
from ctqa.sources.load import LoadedFile
from ctqa.sources.read import source_file

TOLD = Content(
    text="Text",
    pages=(Page(number=1, start=0, end=4),),
    title="File's title",
    author="File's author",
    year="1999",
)


def read(folder: Path, row: str) -> Source:
    """Give the source of a file that tells all it can about itself, beside a `sources.csv`."""
    path = folder / "a.docx"
    path.write_bytes(b"-")
    (folder / "sources.csv").write_text(
        f"path,title,author,publication,year,url\na.docx,{row}\n", encoding="utf-8"
    )
    found = walk([folder])
    (file,) = (each for each in found if each.path.name == "a.docx")
    loaded = LoadedFile(sha256="0" * 64, size=1, loaded=Loaded(contents=(TOLD,)))
    return source_file(file, loaded, load_citations(found)).documents[0].source


def test_every_field_goes_before_the_files_own(tmp_path: Path) -> None:
    found = read(tmp_path, "T,A,P,2011,https://example.org")
    told = (found.title, found.author, found.publication, found.year, found.url)
    assert told == ("T", "A", "P", "2011", "https://example.org")


@pytest.mark.parametrize("row", [",,,,", "-,–,—,-,-", " , - ,,,"])
def test_empty_cells_and_dashes_leave_the_files_own(tmp_path: Path, row: str) -> None:
    found = read(tmp_path, row)
    told = (found.title, found.author, found.publication, found.year, found.url)
    assert told == ("File's title", "File's author", "", "1999", "")
