"""Watching the documents: a build now, and one after each change."""

from collections.abc import Iterator
from pathlib import Path
from threading import Event

import pytest
from library import TEXTS, build, write_texts

from ctqa.errors import SourceError
from ctqa.index.report import BuildReport
from ctqa.watching import builds


@pytest.fixture
def documents(tmp_path: Path) -> Path:
    return write_texts(tmp_path / "documents")


def watched(documents: Path, index: Path, stop: Event) -> Iterator[BuildReport | Exception]:
    return builds([documents], index, lambda: build(documents, index), stop)


def report_of(found: BuildReport | Exception) -> BuildReport:
    assert isinstance(found, BuildReport), found
    return found


def test_every_change_is_taken_in_once(documents: Path) -> None:
    stop, index = Event(), documents / "index"  # which lies among the documents, and is left out
    found = watched(documents, index, stop)
    assert report_of(next(found)).added == 2
    (documents / "hills.txt").write_text("The hills are steep.")
    (documents / "plains.txt").write_text("The plains are wide.")
    assert report_of(next(found)).added == 2
    (documents / "lakes.txt").rename(documents / "sub" / "lakes.txt")
    assert report_of(next(found)).renamed == 1
    (documents / "hills.txt").unlink()
    assert report_of(next(found)).removed == 1
    (documents / "sources.csv").write_text("path,title\nplains.txt,The Plains\n")
    assert report_of(next(found)).changed == 1
    (documents / ".ctqaignore").write_text("/plains.txt\n")
    assert report_of(next(found)).removed == 1
    stop.set()
    assert list(found) == []


def test_a_change_while_a_build_runs_starts_the_next(documents: Path, tmp_path: Path) -> None:
    stop, index = Event(), tmp_path / "index"

    def slow() -> BuildReport:
        report = build(documents, index)
        (documents / "late.txt").write_text("It came late.")
        return report

    found = builds([documents], index, slow, stop)
    assert report_of(next(found)).added == 2
    assert report_of(next(found)).added == 1
    stop.set()


def test_a_build_that_fails_is_told_and_watching_goes_on(documents: Path, tmp_path: Path) -> None:
    stop, index = Event(), tmp_path / "index"
    for name in TEXTS:
        (documents / name).unlink()
    found = watched(documents, index, stop)
    assert isinstance(next(found), SourceError)
    write_texts(documents)
    assert report_of(next(found)).added == 2
    stop.set()


def test_a_single_file_is_watched_though_editors_replace_it(tmp_path: Path) -> None:
    stop, index = Event(), tmp_path / "index"
    path = write_texts(tmp_path, {"lakes.txt": TEXTS["lakes.txt"]}) / "lakes.txt"
    found = builds([path], index, lambda: build(path, index), stop)
    assert report_of(next(found)).added == 1
    (tmp_path / "other.txt").write_text("This one is not watched.")
    (tmp_path / "new").write_text("The lake has dried up.")
    (tmp_path / "new").rename(path)
    assert report_of(next(found)).changed == 1
    stop.set()


def test_a_path_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="there is no such file or folder"):
        next(builds([tmp_path / "none"], tmp_path / "index", lambda: pytest.fail("built")))
