"""Opening an index: damage is detected, named and refused."""

import json
import sqlite3
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest
from library import build, open_qa, write_texts

from ctqa.errors import IndexLoadError
from ctqa.index.catalog import Catalog
from ctqa.index.local import open_index
from ctqa.index.writer import CatalogWriter


@pytest.fixture
def index(tmp_path: Path) -> Path:
    build(write_texts(tmp_path / "documents"), tmp_path / "index")
    return tmp_path / "index"


def derived(index: Path) -> list[Path]:
    return sorted(path for path in (index / "builds" / "1").rglob("*") if path.is_file())


def refused(index: Path) -> str:
    with pytest.raises(IndexLoadError) as error:
        open_index(index)
    return str(error.value)


def test_no_index_says_how_to_make_one(tmp_path: Path) -> None:
    assert "ctqa build PATH" in refused(tmp_path)
    assert not list(tmp_path.iterdir())


def test_every_derived_file_that_is_changed_cut_or_missing_is_named(index: Path) -> None:
    names = [p for p in derived(index) if not p.name.startswith(".tantivy")]
    assert len(names) > 5
    for path in names:
        whole = path.read_bytes()
        flipped = bytes([whole[0] ^ 1]) + whole[1:]
        for damaged in (flipped, whole[:-1], None):
            if damaged is None:
                path.unlink()
            else:
                path.write_bytes(damaged)
            assert path.name in refused(index)
            path.write_bytes(whole)
    open_index(index).close()


def test_a_catalog_that_is_none_is_refused(index: Path) -> None:
    (index / "catalog.db").write_bytes(b"not a database, but long enough to look like one" * 50)
    assert "file is not a database); delete" in refused(index)


@pytest.mark.parametrize("found", [1, 99])
def test_an_index_of_another_format_is_refused(index: Path, found: int) -> None:
    connection = sqlite3.connect(index / "catalog.db")
    connection.execute(f"PRAGMA user_version = {found}")
    connection.close()
    assert f"format {found}, this CTQA reads 4; delete {index} (but keep" in refused(index)


def test_an_index_that_was_never_completed_says_so(index: Path) -> None:
    (index / "begun").mkdir()
    CatalogWriter.open(index / "begun").close()
    assert "no build was ever completed" in refused(index / "begun")


def test_a_build_that_has_gone_from_the_catalog_is_missed(index: Path) -> None:
    connection = sqlite3.connect(index / "catalog.db", isolation_level=None)
    connection.execute("DELETE FROM builds")
    connection.close()
    assert "build 1 is missing; `ctqa doctor" in refused(index)


def test_counts_that_do_not_agree_are_refused(index: Path) -> None:
    connection = sqlite3.connect(index / "catalog.db", isolation_level=None)
    connection.execute("DELETE FROM passages WHERE key = (SELECT max(key) FROM passages)")
    connection.close()
    opened = open_index(index)
    with pytest.raises(IndexLoadError, match="passages instead of"):
        opened.keys_of(["lakes.txt", "sub/trains.txt"])
    with pytest.raises(IndexLoadError, match="passages instead of"):
        opened.passages([key for key, _ in opened.lexical("dog train licence lake", 99)])
    opened.close()


def test_a_document_that_is_not_there_is_none(index: Path) -> None:
    found = open_index(index)
    assert found.document("nothing.txt") is None
    found.close()


def test_passages_come_back_as_they_were_split(index: Path) -> None:
    qa = open_qa(index)
    for hit in qa.search("lake train licence dog"):
        document = qa.document(hit.passage.document_id)
        assert document.text[hit.passage.start : hit.passage.end] == hit.passage.text
        for sentence in hit.passage.sentences:
            assert hit.passage.start <= sentence.start < sentence.end <= hit.passage.end
    qa.close()


def test_editions_are_known_of_each_document_whichever_is_asked_for_first(tmp_path: Path) -> None:
    titles = {"a": "Flood guidance for councils 2004", "b": "Flood guidance for councils 2009"}
    lines = [
        json.dumps({"_id": name, "title": title, "text": f"Text {name}. Water runs."})
        for name, title in (titles | {"c": "Night trains"}).items()
    ]
    write_texts(tmp_path / "documents", {"corpus.jsonl": "\n".join(lines)})
    build(tmp_path / "documents", tmp_path / "index")
    expected = {"a": ("b", False), "b": (None, True), "c": (None, False)}
    for order in ("abc", "cba", "baa"):
        with closing(open_index(tmp_path / "index")) as opened:
            for name in order:
                newer, newest = opened.edition(name)
                assert (None if newer is None else newer.id, newest) == expected[name]


def test_a_key_of_no_passage_is_damage(index: Path) -> None:
    with (
        closing(Catalog.open(index)) as catalog,
        pytest.raises(IndexLoadError, match="0 passages instead of 1"),
    ):
        catalog.passages([10_000])


def test_only_the_keys_named_are_searched(index: Path) -> None:
    opened = open_index(index)
    keys = opened.keys_of(["lakes.txt"])
    others = opened.keys_of(["sub/trains.txt"])
    assert keys
    assert others
    assert opened.keys_of(["none.txt"]) == []
    query = np.ones((1, opened.build.encoder.dimension), dtype=np.float32)
    (dense,) = opened.dense(query, 100, keys)
    assert sorted(key for key, _ in dense) == keys
    whole = dict(opened.dense(query, 100)[0])
    assert dict(dense) == {key: whole[key] for key in keys}
    question = "licence bicycles"
    assert {key for key, _ in opened.lexical(question, 100)} & set(others)
    found = opened.lexical(question, 100, keys)
    everywhere = dict(opened.lexical(question, 100))
    assert dict(found) == {key: score for key, score in everywhere.items() if key in keys}
    assert opened.lexical(question, 100, []) == opened.dense(query, 100, [])[0] == []
    opened.close()
