"""Filters: by document, folder, year and tag, exactly."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from library import build, open_qa, write_texts

from ctqa.errors import ConfigError, IndexLoadError
from ctqa.index.local import LocalIndex, open_index
from ctqa.records import Filter

YEARS = {"a/one.txt": "1999", "a/b/two.txt": "2001-2003", "c/three.txt": "2010", "four.txt": ""}
TAGS = {"a/one.txt": "Lakes; Deep", "a/b/two.txt": "lakes", "c/three.txt": "deep;", "four.txt": ""}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("filters")
    texts = {name: f"The lake called {name} is deep.\n\nNobody fishes there.\n" for name in YEARS}
    documents = write_texts(folder / "documents", texts)
    rows = "".join(f"{name},{YEARS[name]},{TAGS[name]}\n" for name in YEARS)
    (documents / "sources.csv").write_text(f"path,year,tags\n{rows}")
    build(documents, folder / "index")
    return folder


@pytest.fixture(scope="module")
def opened(folder: Path) -> Iterator[LocalIndex]:
    found = open_index(folder / "index")
    yield found
    found.close()


def names(opened: LocalIndex, wanted: Filter) -> set[str]:
    keys = opened.keys_where(wanted)
    assert keys == sorted(set(keys))
    return {source.id for _, source in opened.passages(keys).values()}


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        (Filter(folders=("a",)), {"a/one.txt", "a/b/two.txt"}),
        (Filter(folders=("a/b", "/c/")), {"a/b/two.txt", "c/three.txt"}),
        (Filter(folders=("four.txt",)), {"four.txt"}),
        (Filter(since=2002), {"a/b/two.txt", "c/three.txt"}),
        (Filter(until=2002), {"a/one.txt", "a/b/two.txt"}),
        (Filter(since=2000, until=2005), {"a/b/two.txt"}),
        (Filter(tags=(" LAKES",)), {"a/one.txt", "a/b/two.txt"}),
        (Filter(tags=("lakes", "deep")), {"a/one.txt", "a/b/two.txt", "c/three.txt"}),
        (Filter(tags=("deep",), until=2000), {"a/one.txt"}),
        (Filter(documents=("four.txt", "c/three.txt"), tags=("deep",)), {"c/three.txt"}),
    ],
)
def test_a_filter_gives_the_documents_that_meet_all_of_it(
    opened: LocalIndex, wanted: Filter, found: set[str]
) -> None:
    assert names(opened, wanted) == found
    assert opened.keys_where(wanted) == opened.keys_of(found)


@pytest.mark.parametrize(
    ("wanted", "message"),
    [
        (Filter(folders=("d",)), "no document in folder 'd'; there are a, a/b, c"),
        (Filter(tags=("hills",)), "no document with the tag 'hills'; there are deep, lakes"),
        (Filter(since=2011), "no document is from 2011 or later"),
        (Filter(until=1066), "no document is from 1066 or earlier"),
        (
            Filter(tags=("deep",), folders=("a/b",)),
            "no document is in the folder a/b and has the tag deep",
        ),
        (
            Filter(documents=("four.txt",), since=2007, until=2007),
            r"none of the documents chosen \(four.txt\) is from 2007 to 2007",
        ),
    ],
)
def test_a_filter_that_nothing_meets_says_what_there_is(
    opened: LocalIndex, wanted: Filter, message: str
) -> None:
    with pytest.raises(ConfigError, match=message):
        opened.keys_where(wanted)


@given(st.sets(st.sampled_from(sorted(YEARS)), min_size=1))
def test_what_is_found_within_a_filter_is_what_is_found_of_it_in_all(
    opened: LocalIndex, chosen: set[str]
) -> None:
    keys = opened.keys_where(
        Filter(documents=tuple(sorted(chosen)), folders=("a", "c", "four.txt"))
    )
    query = np.full((1, opened.build.encoder.dimension), 0.125, dtype=np.float32)
    (everywhere,) = opened.dense(query, 99)
    (within,) = opened.dense(query, 99, keys)
    assert within == [(key, score) for key, score in everywhere if key in keys]
    lexical = opened.lexical("lake fishes deep", 99, keys)
    assert lexical == [hit for hit in opened.lexical("lake fishes deep", 99) if hit[0] in keys]


def test_questions_take_filters_and_documents_together(folder: Path) -> None:
    qa = open_qa(folder / "index")
    ids = {hit.source.id for hit in qa.search("deep lake", where=Filter(tags=("lakes",)))}
    assert ids == {"a/one.txt", "a/b/two.txt"}
    both = qa.search("deep lake", documents=["a/one.txt"], where=Filter(tags=("lakes",)))
    assert {hit.source.id for hit in both} == {"a/one.txt"}
    assert qa.ask("deep lake", where=Filter()).hits == qa.ask("deep lake").hits
    with pytest.raises(ConfigError, match=r"no document 'none\.txt'"):
        qa.search("deep lake", where=Filter(documents=("none.txt",)))
    assert {source.id: source.tags for source in qa.documents()} == {
        name: tags.removesuffix(";") if name != "c/three.txt" else "deep;"
        for name, tags in TAGS.items()
    }
    qa.close()


def test_what_is_filtered_by_is_not_believed_when_it_was_changed(
    folder: Path, tmp_path: Path
) -> None:
    build(folder / "documents", tmp_path / "index")
    with sqlite3.connect(tmp_path / "index" / "catalog.db") as connection:
        connection.execute("UPDATE documents SET first_year = 1066 WHERE id = 'a/one.txt'")
    connection.close()
    found = open_index(tmp_path / "index")
    with pytest.raises(IndexLoadError, match="what document 2 is filtered by"):
        found.keys_where(Filter(until=2000))
    found.close()
