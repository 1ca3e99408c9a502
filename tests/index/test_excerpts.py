"""Excerpts: exactly what stands there, wherever that is."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from library import LAKES, build, open_qa, write_texts

from ctqa.errors import ConfigError, IndexLoadError
from ctqa.index.excerpts import excerpt_of_passage, excerpt_of_range


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("excerpts")
    build(write_texts(folder / "documents"), folder / "index")
    return folder / "index"


@given(
    start=st.integers(0, len(LAKES) - 1),
    length=st.integers(1, len(LAKES)),
    around=st.integers(0, 2 * len(LAKES)),
)
def test_an_excerpt_is_a_slice_with_what_stands_around_it(
    index: Path, start: int, length: int, around: int
) -> None:
    end = min(start + length, len(LAKES))
    found = excerpt_of_range(index, "lakes.txt", start, end, around=around)
    assert found.text == LAKES[start:end]
    assert found.before == LAKES[max(0, start - around) : start]
    assert found.after == LAKES[end : end + around]
    assert (found.start, found.end, found.chars) == (start, end, len(LAKES))
    assert (found.build, found.source.id, found.page.number) == (1, "lakes.txt", 1)


def test_a_passage_is_found_by_its_id_with_its_section(index: Path) -> None:
    qa = open_qa(index)
    (hit, *_) = qa.search("Where are fishing licences sold?")
    qa.close()
    found = excerpt_of_passage(index, hit.passage.id, around=0)
    assert (found.text, found.section) == (hit.passage.text, hit.passage.section)
    assert found.section == ("Fishing",)
    assert (found.before, found.after) == ("", "")


def test_the_section_is_that_in_which_a_range_begins(index: Path) -> None:
    sold = LAKES.index("sold")
    assert excerpt_of_range(index, "lakes.txt", sold, sold + 4, around=0).section == ("Fishing",)
    assert excerpt_of_range(index, "lakes.txt", 0, len(LAKES), around=0).section != ("Fishing",)


@pytest.mark.parametrize("id", ["", "lakes.txt", "lakes.txt:0", "lakes.txt:0-", "lakes.txt:٠-٣"])
def test_what_is_no_id_is_said_to_be_none(index: Path, id: str) -> None:
    with pytest.raises(ConfigError, match="id of no passage"):
        excerpt_of_passage(index, id, around=0)


def test_a_range_that_is_no_passage_is_not_taken_for_one(index: Path) -> None:
    with pytest.raises(ConfigError, match=r"no passage 'lakes\.txt:0-1' in build 1.*search again"):
        excerpt_of_passage(index, "lakes.txt:0-1", around=0)


@pytest.mark.parametrize(
    ("start", "end"), [(0, 0), (5, 4), (0, len(LAKES) + 1), (10**9, 10**9 + 1)]
)
def test_a_range_outside_the_document_is_refused(index: Path, start: int, end: int) -> None:
    with pytest.raises(ConfigError, match=rf"expected a range within 0-{len(LAKES)}"):
        excerpt_of_range(index, "lakes.txt", start, end, around=0)


def test_a_document_that_is_not_there_is_named(index: Path, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"no document 'seas\.txt' in build 1"):
        excerpt_of_range(index, "seas.txt", 0, 1, around=0)
    with pytest.raises(ConfigError, match=r"no document 'seas\.txt' in build 1"):
        excerpt_of_passage(index, "seas.txt:0-1", around=0)
    with pytest.raises(IndexLoadError, match="ctqa build"):
        excerpt_of_range(tmp_path, "lakes.txt", 0, 1, around=0)
