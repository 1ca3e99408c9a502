"""Coverage: everything that was not read is told, and no list is endless."""

from pathlib import Path

import pytest
from library import build, write_texts
from sources.pdfs import BROKEN, PICTURE, make_pdf

from ctqa.errors import IndexLoadError
from ctqa.index.coverage import coverage_of


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("coverage")
    documents = write_texts(folder / "documents")
    pages = ("The first page has text.", PICTURE, "", BROKEN)
    (documents / "mixed.pdf").write_bytes(make_pdf(*pages))
    (documents / "scan.pdf").write_bytes(make_pdf(*[PICTURE] * 60))
    (documents / "film.mp4").write_bytes(b"\0")
    build(documents, folder / "index")
    return folder / "index"


def test_files_and_pages_are_counted_by_their_state(index: Path) -> None:
    found = coverage_of(index, most=100)
    assert dict(found.files) == {"read": 3, "unreadable": 1, "unsupported": 1}
    assert dict(found.pages) == {"empty": 1, "failed": 1, "text": 3, "unreadable": 61}
    assert (found.build, found.documents) == (1, 3)
    assert found.pages_unread == 1 + 61 + 1  # the film's pages are not known


def test_each_unread_page_is_told_with_its_reason(index: Path) -> None:
    film, mixed, scan = coverage_of(index, most=100).unread
    assert (film.id, film.state, film.pages) == ("film.mp4", "unsupported", ())
    assert film.reason
    assert (mixed.id, mixed.state) == ("mixed.pdf", "read")
    told = [(each.page.number, each.page.state) for each in mixed.pages]
    assert told == [(2, "unreadable"), (4, "failed")]
    assert all(each.page.reason for each in mixed.pages)
    assert (scan.pages_unread, len(scan.pages)) == (60, 50)


def test_no_more_is_listed_than_was_asked_for(index: Path) -> None:
    found = coverage_of(index, most=1)
    assert [source.id for source in found.sources] == ["lakes.txt"]
    assert [each.id for each in found.unread] == ["film.mp4"]
    assert found.unread_in_all == 3
    assert found.sources_in_all == len(coverage_of(index, most=100).sources)


def test_without_an_index_it_says_how_to_make_one(tmp_path: Path) -> None:
    with pytest.raises(IndexLoadError, match="ctqa build"):
        coverage_of(tmp_path, most=1)
