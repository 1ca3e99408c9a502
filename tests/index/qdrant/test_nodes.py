"""A real cluster of three nodes: they die, come back, and come back with old files."""

import shutil
import time
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from encoders import WordEncoder
from library import write_texts
from storing import build_in, corpus, found_wrong, mended

from bench.qdrant_nodes import Node
from ctqa.index.local import open_index
from ctqa.index.qdrant.address import parse_address
from ctqa.index.qdrant.cluster import Cluster
from ctqa.index.qdrant.writing import Writing
from ctqa.index.verify import verify_index

REST_S = 120
QUESTIONS = ("the deepest lake", "number 7 of the north", "dog licences", "miles away")


def store_of(cluster: Sequence[Node], name: str) -> str:
    hosts = ",".join(node.host for node in cluster)
    return f"qdrant://{hosts}/{name}?shards=3&replicas=2"


def settle(store: str) -> None:
    """Wait until all six replicas are active."""
    until = time.monotonic() + REST_S
    with closing(Cluster(parse_address(store))) as cluster:
        while states(cluster) != ["Active"] * 6:
            assert time.monotonic() < until, states(cluster)
            time.sleep(0.2)


def states(cluster: Cluster) -> list[str]:
    name = f"{cluster.address.name}-1"
    info = cluster.read(lambda client: client.collection_cluster_info(name))
    copies: list[Any] = [*info.local_shards, *info.remote_shards]
    return [copy.state.value for copy in copies]


def found_in(index: Path) -> list[object]:
    with closing(open_index(index)) as opened:
        return [
            (opened.dense(WordEncoder().encode_queries([each]), 9), opened.lexical(each, 9))
            for each in QUESTIONS
        ]


def test_a_node_that_dies_loses_nothing_and_is_made_whole(
    cluster: list[Node], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ctqa.index.qdrant.writing._AT_ONCE", 10)
    documents, index, store = tmp_path / "documents", tmp_path / "index", store_of(cluster, "dies")
    build_in(store, write_texts(documents, corpus(20)), index)
    whole, sent = Writing._put, [0]

    def killing(self: Writing, points: list[Any]) -> None:
        if sent[0] == 2:
            cluster[2].kill()
        sent[0] += 1
        whole(self, points)

    write_texts(documents, corpus(60))
    with monkeypatch.context() as patch:
        patch.setattr(Writing, "_put", killing)
        assert build_in(store, documents, index).build == 2
    assert sent[0] > 5
    found = found_in(index)
    kinds = {each.kind for each in verify_index(index, encoder=None).findings}
    assert kinds == {"replica"}
    write_texts(documents, {"new.txt": "A lake with a node down."})
    assert build_in(store, documents, index).build == 3
    cluster[2].start()
    settle(store)
    assert found_wrong(index) == []
    (documents / "new.txt").unlink()
    assert build_in(store, documents, index).build == 4
    cluster[0].kill()  # the host that is asked first
    assert found_in(index) == found
    cluster[0].start()
    settle(store)
    assert found_wrong(index) == []


def test_a_node_that_comes_back_with_old_files_is_found_out(
    cluster: list[Node], tmp_path: Path
) -> None:
    documents, index, store = tmp_path / "documents", tmp_path / "index", store_of(cluster, "old")
    build_in(store, write_texts(documents, corpus(20)), index)
    settle(store)
    storage, kept = cluster[1].folder / "storage" / "collections" / "old-1", tmp_path / "kept"
    cluster[1].stop()
    shutil.copytree(storage, kept)
    cluster[1].start()
    settle(store)
    write_texts(documents, {f"fresh{n}.txt": f"Fresh lake {n}, north of it." for n in range(12)})
    build_in(store, documents, index)
    assert found_wrong(index) == []
    cluster[1].stop()
    put_back(kept, storage)
    cluster[1].start()
    settle(store)
    found = found_wrong(index)
    assert any("are not the same on all replicas" in what for what in found), found
    assert mended(index)
    assert found_wrong(index) == []


def put_back(kept: Path, storage: Path) -> None:
    """Put files in place of others, as the same user's."""
    owner = storage.stat()
    shutil.rmtree(storage)
    shutil.copytree(kept, storage)
    for path in (storage, *storage.rglob("*")):
        shutil.chown(path, owner.st_uid, owner.st_gid)
