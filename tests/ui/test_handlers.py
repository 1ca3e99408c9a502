"""What the page shows of an index before anything is asked, where questions look, and a program."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from library import build, open_qa, write_texts
from ui.serving import HOSTILE_NAME, VISIT, open_serving

from ctqa.answering.form import reply_form
from ctqa.answering.serving import Serving
from ctqa.errors import ConfigError
from ctqa.records import Filter
from ctqa.ui import handlers


@pytest.fixture
def serving(index: Path) -> Iterator[Serving]:
    found = open_serving(index)
    yield found
    found.close()


def test_a_program_gets_the_one_json_form(serving: Serving) -> None:
    with serving.lend() as qa:
        expected = reply_form(qa.ask(VISIT))
    found = handlers.reply_json(serving, VISIT)
    del found["elapsed_ms"], expected["elapsed_ms"]
    assert found == expected


@pytest.mark.parametrize("question", [None, 5, ["a"], {"question": "a"}])
def test_a_program_that_sends_no_text_is_told_so(serving: Serving, question: object) -> None:
    with pytest.raises(ConfigError, match="expected a text"):
        handlers.reply_json(serving, question)


def test_the_front_tells_what_there_is(serving: Serving) -> None:
    with serving.lend() as qa:
        found = handlers.front(qa)
    assert found.status.documents == 3
    ids = [id for _, id in found.choices.documents]
    assert ids == sorted([HOSTILE_NAME, "discharge.txt", "wards.txt"])
    assert found.choices.folders == found.choices.years == found.choices.tags == ()


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
    found = handlers.choices(qa)
    assert found.documents[0] == ("Lakes (a/b/one.txt)", "a/b/one.txt")
    assert len({called for called, _ in found.documents}) == 3
    assert found.folders == ("a", "a/b", "c")
    assert found.years == (2019, 2021)
    assert found.tags == ("Fishing", "lakes")
    for folder in found.folders:
        assert qa.search("one", where=handlers.where([], [folder]))
    for year in found.years:
        assert qa.search("one", where=handlers.where([], [], year, str(year)))
    for tag in found.tags:
        assert qa.search("one", where=handlers.where(tags=[tag]))
    qa.close()


@pytest.mark.parametrize("nothing", [(), ([], [], "", ""), (None, None, None, None), ("", "", " ")])
def test_where_nothing_is_chosen_all_is_searched(nothing: tuple[Any, ...]) -> None:
    assert handlers.where(*nothing) is None


def test_what_is_chosen_makes_a_filter() -> None:
    assert handlers.where(["b", "a", "a"], "x/y", "2001", 2003, ["t"]) == Filter(
        documents=("a", "b"), folders=("x/y",), since=2001, until=2003, tags=("t",)
    )
    assert handlers.where([], [], "2001", "2001") == Filter(since=2001, until=2001)


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
        handlers.where(*chosen)
