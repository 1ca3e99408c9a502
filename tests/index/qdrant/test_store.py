"""A real Qdrant server: what is refused, what goes on, and what damage is found."""

import os
import shutil
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from encoders import WordEncoder
from library import TEXTS, write_texts
from qdrant_client import QdrantClient, models
from storing import build_in, corpus, found_wrong, mended, name_in

from bench.qdrant_nodes import missing, nodes
from ctqa.errors import ConfigError, IndexLoadError, IndexWriteError
from ctqa.index.archive_cluster import export_to_cluster, import_from_cluster
from ctqa.index.doctor import roll_back
from ctqa.index.local import open_index
from ctqa.index.qdrant import cluster as talking
from ctqa.index.qdrant.store import QdrantStore
from ctqa.index.qdrant.writing import Writing
from ctqa.index.verify import verify_index

# What is in the cluster -------------------------------------------------------------------------


def test_every_passage_is_there_with_its_place_text_and_hash(
    index: Path, address: str, client: QdrantClient
) -> None:
    found, _ = client.scroll(f"{name_in(address)}-1", limit=200, with_payload=True)
    held = {p.payload["passage"]: p.payload for p in found if p.payload and "passage" in p.payload}
    with closing(open_index(index)) as opened:
        documents = {source.id: opened.document(source.id) for source in opened.sources()}
    assert len(held) == 44
    for payload in held.values():
        document = documents[payload["document"]]
        assert document is not None
        assert document.text[payload["start"] : payload["end"]] == payload["text"]
        assert payload["first"] == 1


def test_what_is_filtered_by_is_indexed_and_the_name_stands_for_the_collection(
    index: Path, address: str, client: QdrantClient
) -> None:
    name = name_in(address)
    schema = client.get_collection(name).payload_schema
    assert {"document", "row", "key", "first", "last", "terms"} == set(schema)
    aliases = {each.alias_name: each.collection_name for each in client.get_aliases().aliases}
    assert aliases[name] == f"{name}-1"
    assert client.get_collection(name).config.params.write_consistency_factor == 1


def test_one_more_document_sends_that_document_alone(
    index: Path, documents: Path, address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent: list[Any] = []
    whole = Writing._put
    monkeypatch.setattr(Writing, "_put", lambda self, p: (sent.extend(p), whole(self, p)))
    write_texts(documents, {"new.txt": "One more lake."})
    build_in(address, documents, index)
    assert [point.payload["document"] for point in sent] == ["new.txt"]


def test_a_stopped_build_goes_on_with_what_is_missing(
    tmp_path: Path, documents: Path, address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ctqa.index.qdrant.writing._AT_ONCE", 10)
    sent: list[Any] = []
    whole = Writing._put

    def stopping(self: Writing, points: list[Any]) -> None:
        if len(sent) == 30:
            raise KeyboardInterrupt
        whole(self, points)
        sent.extend(points)

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(Writing, "_put", stopping)
        build_in(address, documents, tmp_path / "index")
    first = {point.id for point in sent}
    again: list[Any] = []
    monkeypatch.setattr(Writing, "_put", lambda self, p: (again.extend(p), whole(self, p)))
    assert build_in(address, documents, tmp_path / "index").encoded == 0
    assert len(first) == 30
    assert len(again) == 14
    assert not first & {point.id for point in again}
    assert found_wrong(tmp_path / "index") == []


def test_what_a_stopped_build_has_sent_and_is_no_more_goes(
    index: Path, documents: Path, address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_texts(documents, {"gone.txt": "A lake that will be gone.", "lakes.txt": "Other lakes."})
    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(Writing, "_check", interrupt)
        build_in(address, documents, index)
    (documents / "gone.txt").unlink()
    write_texts(documents, {"lakes.txt": TEXTS["lakes.txt"]})
    build_in(address, documents, index)
    assert found_wrong(index) == []
    with closing(open_index(index)) as opened:
        assert opened.holding("will be gone") == 0
        assert opened.holding("deepest lake") == 1


def interrupt(*_: object) -> None:
    raise KeyboardInterrupt


def test_a_change_of_lengths_makes_all_weights_anew_and_the_name_is_switched(
    index: Path, documents: Path, address: str, client: QdrantClient
) -> None:
    before = open_index(index)
    found = before.lexical("the deepest lake", 5)
    for n in range(30):
        write_texts(documents, {f"short{n}.txt": f"Lake {n}."})
    build_in(address, documents, index)
    assert before.lexical("the deepest lake", 5) == found
    before.close()
    name = name_in(address)
    aliases = {each.alias_name: each.collection_name for each in client.get_aliases().aliases}
    assert aliases[name] == f"{name}-2"
    assert found_wrong(index) == []
    assert roll_back(index).number == 1
    assert found_wrong(index) == []
    assert not client.collection_exists(f"{name}-2")


# What is refused --------------------------------------------------------------------------------


def test_another_index_is_not_written_over(
    index: Path, tmp_path: Path, documents: Path, address: str
) -> None:
    with pytest.raises(IndexWriteError, match="is not of this index; choose another NAME"):
        build_in(address, documents, tmp_path / "other")
    assert found_wrong(index) == []


def test_a_collection_that_is_not_ours_is_left_alone(
    tmp_path: Path, documents: Path, address: str, client: QdrantClient
) -> None:
    name = name_in(address)
    client.create_collection(name, vectors_config={})
    with pytest.raises(IndexWriteError, match=f"collection {name} is not of this index"):
        build_in(address, documents, tmp_path / "index")
    other = f"{address}b"
    client.create_collection(f"{name}b-1", vectors_config={})
    client.upsert(f"{name}b-1", [models.PointStruct(id=1, vector={}, payload={})], wait=True)
    with pytest.raises(IndexWriteError, match=f"collection {name}b-1 is not of this index"):
        build_in(other, documents, tmp_path / "index")
    assert client.count(f"{name}b-1").count == 1
    make_alias(client, f"{name}c", f"{name}b-1")
    with pytest.raises(IndexWriteError, match=f"collection {name}b-1 is not of this index"):
        build_in(f"{address}c", documents, tmp_path / "index")


def make_alias(client: QdrantClient, alias: str, collection: str) -> None:
    made = models.CreateAlias(alias_name=alias, collection_name=collection)
    client.update_collection_aliases([models.CreateAliasOperation(create_alias=made)])


def test_a_copy_that_has_fallen_behind_does_not_write(
    index: Path, tmp_path: Path, documents: Path, address: str
) -> None:
    shutil.copytree(index, tmp_path / "copy")
    write_texts(documents, {"new.txt": "One more lake."})
    build_in(address, documents, index)
    with pytest.raises(IndexWriteError, match=r"is at build 2, this index at 1: a copy of it"):
        build_in(address, documents, tmp_path / "copy")
    assert found_wrong(index) == []


@pytest.mark.parametrize("option", ["shards=3", "replicas=2"])
def test_shards_and_replicas_are_fixed(
    index: Path, documents: Path, address: str, option: str
) -> None:
    with pytest.raises(ConfigError, match=f"{option}, but collection .* has 1, which is fixed"):
        build_in(f"{address}?{option}", documents, index)
    assert found_wrong(index) == []


def test_another_spelling_of_the_address_sends_nothing_again(
    index: Path, documents: Path, address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Writing, "_put", interrupt)
    report = build_in(f"{address}?shards=1", documents, index)
    assert (report.committed, report.unchanged) == (True, 22)
    assert found_wrong(index) == []


def test_a_cluster_that_is_not_there_is_told_of(
    tmp_path: Path, documents: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(talking, "READING_S", 0.1)
    with pytest.raises(IndexLoadError, match=r"\(127\.0\.0\.1:9: nothing listens there\), tried"):
        build_in("qdrant://127.0.0.1:9/docs", documents, tmp_path / "index")
    assert not (tmp_path / "index" / "builds").exists()


def test_an_index_outlives_its_cluster(
    tmp_path: Path, documents: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if reason := missing():
        pytest.skip(reason)
    index = tmp_path / "index"
    with nodes() as (node,):
        build_in(f"qdrant://{node.host}/docs", documents, index)
    monkeypatch.setattr(talking, "READING_S", 0.1)
    with pytest.raises(IndexLoadError, match="`ctqa build --store local` does without it"):
        open_index(index)
    (found,) = verify_index(index, encoder=None).findings
    assert (found.kind, found.is_damage) == ("store", False)
    assert build_in("local", documents, index).encoded == 0
    assert verify_index(index, encoder=None).findings == (found,)  # of the build before
    with closing(open_index(index)) as opened:
        assert opened.lexical("the deepest lake", 1)


def test_without_the_client_the_extra_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(talking, "find_spec", lambda name: None)
    with pytest.raises(ConfigError, match=r'pip install "ctqa\[qdrant\]"'):
        QdrantStore(tmp_path, "qdrant://localhost/docs")


def test_the_key_opens_the_server(
    tmp_path: Path, documents: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if reason := missing():
        pytest.skip(reason)
    with nodes(key="open sesame") as (node,):
        store = f"qdrant://{node.host}/docs"
        with pytest.raises(IndexLoadError, match="wants another key; set CTQA_QDRANT_API_KEY"):
            build_in(store, documents, tmp_path / "index")
        monkeypatch.setitem(os.environ, "CTQA_QDRANT_API_KEY", "open sesame")
        assert build_in(store, documents, tmp_path / "index").committed
        assert found_wrong(tmp_path / "index") == []


# Damage -----------------------------------------------------------------------------------------


def in_build(client: QdrantClient, collection: str) -> list[Any]:
    found, _ = client.scroll(collection, limit=200, with_payload=True, with_vectors=True)
    return [point for point in found if "passage" in (point.payload or {})]


def delete_one(client: QdrantClient, collection: str) -> None:
    client.delete(collection, [in_build(client, collection)[5].id], wait=True)


def add_one(client: QdrantClient, collection: str) -> None:
    (point, *_) = in_build(client, collection)
    fresh = models.PointStruct(id=77, vector=point.vector, payload=point.payload)
    client.upsert(collection, [fresh], wait=True)


def drop_it(client: QdrantClient, collection: str) -> None:
    client.delete_collection(collection)


def change_text(client: QdrantClient, collection: str) -> None:
    (point, *_) = in_build(client, collection)
    client.set_payload(collection, {"text": "Something else."}, points=[point.id], wait=True)


def change_vector(client: QdrantClient, collection: str) -> None:
    one, two, *_ = in_build(client, collection)
    changed = models.PointVectors(id=one.id, vector={"dense": two.vector["dense"]})
    client.update_vectors(collection, [changed], wait=True)


def change_weights(client: QdrantClient, collection: str) -> None:
    (point, *_) = in_build(client, collection)
    sparse = models.SparseVector(indices=[1], values=[9.0])
    changed = models.PointVectors(id=point.id, vector={"terms": sparse})
    client.update_vectors(collection, [changed], wait=True)


@pytest.mark.parametrize("damage", [delete_one, add_one, drop_it])
def test_a_build_that_is_not_whole_is_refused_named_and_made_anew(
    index: Path, address: str, client: QdrantClient, damage: Any
) -> None:
    with closing(open_index(index)) as opened:
        found = opened.lexical("the deepest lake", 9)
    damage(client, f"{name_in(address)}-1")
    with pytest.raises(IndexLoadError, match="ctqa doctor --fix"):
        open_index(index)
    assert len(found_wrong(index)) >= 1
    assert mended(index)
    assert found_wrong(index) == []
    with closing(open_index(index)) as opened:
        assert opened.lexical("the deepest lake", 9) == found


@pytest.mark.parametrize(
    ("damage", "told"),
    [
        (change_text, "1 passages are not as they were written: "),
        (change_vector, "1 of 32 vectors are not those of the catalog"),
        (change_weights, "1 of 32 vectors are not those of the catalog"),
    ],
)
def test_what_was_altered_in_the_cluster_is_found_and_made_anew(
    tmp_path: Path, address: str, client: QdrantClient, damage: Any, told: str
) -> None:
    documents = write_texts(
        tmp_path / "documents", corpus(16)
    )  # of whose passages none is left out
    index = tmp_path / "index"
    build_in(address, documents, index)
    damage(client, f"{name_in(address)}-1")
    (what,) = found_wrong(index)
    assert told in what
    assert mended(index)
    assert found_wrong(index) == []


# Other machines ---------------------------------------------------------------------------------


@pytest.mark.parametrize("home", ["local", "qdrant"])
@pytest.mark.parametrize("to", [None, "local"])
def test_an_index_goes_through_a_cluster_to_another_machine_and_nothing_is_encoded(
    tmp_path: Path, documents: Path, address: str, home: str, to: str | None
) -> None:
    index, other = tmp_path / "index", tmp_path / "other"
    build_in(address if home == "qdrant" else "local", documents, index)
    made = export_to_cluster(index, address)
    assert (made.path, made.passages) == (address, 44)
    assert import_from_cluster(address, other, store=to).passages == 44
    with closing(open_index(index)) as one, closing(open_index(other)) as two:
        assert two.status().store.startswith(address if to is None else "")
        query = WordEncoder().encode_queries(["the deepest lake"])
        assert one.dense(query, 9) == two.dense(query, 9)
        assert dict(one.lexical("deepest lake", 9)) == pytest.approx(
            dict(two.lexical("deepest lake", 9)), rel=1e-5
        )
    assert found_wrong(other) == []


def test_what_was_taken_from_a_cluster_is_built_on_there(
    tmp_path: Path, documents: Path, address: str
) -> None:
    index, other = tmp_path / "index", tmp_path / "other"
    build_in(address, documents, index)
    export_to_cluster(index, address)
    import_from_cluster(address, other)
    write_texts(documents, {"new.txt": "One more lake."})
    assert build_in(address, documents, other).build == 2
    assert found_wrong(other) == []
    assert export_to_cluster(other, address).passages == 45


def test_where_no_index_lies_that_is_said(tmp_path: Path, address: str) -> None:
    with pytest.raises(IndexLoadError, match="no index lies there; `ctqa export --to"):
        import_from_cluster(address, tmp_path / "index")
    assert not (tmp_path / "index").exists()


def test_a_part_that_was_altered_is_found(
    index: Path, tmp_path: Path, address: str, client: QdrantClient
) -> None:
    export_to_cluster(index, address)
    name = f"{name_in(address)}-catalog"
    found, _ = client.scroll(name, limit=10, with_payload=True)
    part = next(point for point in found if "data" in (point.payload or {}))
    client.set_payload(name, {"data": part.payload["data"][4:]}, points=[part.id], wait=True)
    with pytest.raises(IndexLoadError, match="is not as it was sent"):
        import_from_cluster(address, tmp_path / "other")
