"""Where questions look: what there is to choose from, and what was chosen."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from library import build, open_qa, write_texts
from ui.serving import HOSTILE_NAME, open_serving

from ctqa.answering.serving import Serving
from ctqa.errors import ConfigError
from ctqa.records import Filter
from ctqa.ui import filters


@pytest.fixture
def serving(index: Path) -> Iterator[Serving]:
    found = open_serving(index)
    yield found
    found.close()


def test_what_is_not_there_is_not_offered(serving: Serving) -> None:
    with serving.lend() as qa:
        found = filters.choices(qa)
    ids = [id for _, id in found.documents]
    assert ids == sorted([HOSTILE_NAME, "discharge.txt", "wards.txt"])
    assert found.folders == found.years == found.tags == ()


def test_documents_folders_years_and_tags_are_offered(tmp_path: Path) -> None:
    table = "path,title,year,tags\na/b/one.txt,Lakes,2019–2021,Fishing; lakes\n"
    texts = {
        "a/b/one.txt": "One.",
        "c/two.txt": "Two.",
        "three.txt": "Three.",
        "sources.csv": table,
    }
    build(write_texts(tmp_path / "documents", texts), tmp_path / "index")
    qa = open_qa(tmp_path / "index")
    found = filters.choices(qa)
    assert found.documents[0] == ("Lakes (a/b/one.txt)", "a/b/one.txt")
    assert len({called for called, _ in found.documents}) == 3
    assert found.folders == ("a", "a/b", "c")
    assert found.years == (2019, 2021)
    assert found.tags == ("Fishing", "lakes")
    for folder in found.folders:
        assert qa.search("one", where=filters.where([], [folder]))
    for year in found.years:
        assert qa.search("one", where=filters.where([], [], year, str(year)))
    for tag in found.tags:
        assert qa.search("one", where=filters.where(tags=[tag]))
    qa.close()


@pytest.mark.parametrize("nothing", [(), ([], [], "", ""), (None, None, None, None), ("", "", " ")])
def test_where_nothing_is_chosen_all_is_searched(nothing: tuple[Any, ...]) -> None:
    assert filters.where(*nothing) is None


def test_what_is_chosen_makes_a_filter() -> None:
    assert filters.where(["b", "a", "a"], "x/y", "2001", 2003, ["t"]) == Filter(
        documents=("a", "b"), folders=("x/y",), since=2001, until=2003, tags=("t",)
    )
    assert filters.where([], [], "2001", "2001") == Filter(since=2001, until=2001)


@pytest.mark.parametrize(
    ("chosen", "told"),
    [
        (([], [], "2003", "2001"), "reversed, from 2003 to 2001"),
        (([], [], "soon"), "'soon' is no year"),
        (([], [], "²"), "is no year"),
        (([], [], [2001]), "is no year"),
        (([5],), "not understood"),
        (([], {"a": 1}), "not understood"),
    ],
)
def test_what_is_no_choice_is_said_kindly(chosen: tuple[Any, ...], told: str) -> None:
    with pytest.raises(ConfigError, match=told):
        filters.where(*chosen)
