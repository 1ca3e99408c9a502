"""What a real HNSW graph finds: measured, kept with the build, told of where it is too little."""

import json
import random
import shutil
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from library import write_texts
from qdrant_client import QdrantClient, models
from storing import build_in, found_wrong, name_in

from ctqa import show_index
from ctqa.index.archive_cluster import export_to_cluster, import_from_cluster
from ctqa.index.dense import Segment
from ctqa.index.dense_training import noisy
from ctqa.index.local import open_index
from ctqa.index.qdrant import founding, recall
from ctqa.index.qdrant import opened as opening
from ctqa.index.qdrant.generation import Generation

MANY = 1_500
POOR = {"m": 2, "ef_construct": 4}  # in parts that nothing joins
SPARSE = {"m": 5, "ef_construct": 12}
WORDS = [f"{a}{b}{c}" for a in "bdfgklmn" for b in "aeiou" for c in "lmnrst"]


def many(count: int) -> dict[str, str]:
    """Give a corpus of words drawn at random, which lie everywhere."""
    drawn = random.Random(5)  # noqa: S311 -- the same texts every time
    lines = [
        json.dumps({"_id": f"d{n}", "title": "", "text": " ".join(drawn.choices(WORDS, k=8))})
        for n in range(count)
    ]
    return {"corpus.jsonl": "\n".join(lines)}


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a folder with many documents, and an index of them that can be sent to a cluster."""
    folder = tmp_path_factory.mktemp("many")
    build_in("local", write_texts(folder / "documents", many(MANY)), folder / "index")
    return folder


@pytest.fixture
def mine(here: Path, tmp_path: Path) -> Path:
    """Give the same for one test."""
    return Path(shutil.copytree(here, tmp_path / "many"))


@pytest.fixture(autouse=True)
def graphs_for_few(monkeypatch: pytest.MonkeyPatch) -> None:
    for home in (opening, recall):
        monkeypatch.setattr(home, "APPROXIMATE_FROM", 500)
    monkeypatch.setattr(recall, "_LOOK_S", 0.1)


def sent(mine: Path, address: str, client: QdrantClient, **graph: int) -> None:
    """Send an index to a cluster that makes a graph of few, too, unless they are fewer yet."""
    whole = founding.make_generation

    def make(*given: Any) -> Generation:
        made = whole(*given)
        client.update_collection(
            made.collection,
            optimizers_config=models.OptimizersConfigDiff(
                indexing_threshold=10, default_segment_number=1
            ),
            hnsw_config=models.HnswConfigDiff(full_scan_threshold=10, **graph),
        )
        return made

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(founding, "make_generation", make)
        assert build_in(address, mine / "documents", mine / "index").encoded == 0
    there = client.get_collection(f"{name_in(address)}-1")
    assert there.indexed_vectors_count >= MANY  # there is a graph


def segment_of(index: Path) -> Segment:
    with closing(open_index(index)) as opened:
        (segment,) = opened.status().segments
    return segment


def status_of(index: Path) -> str:
    with closing(open_index(index)) as opened:
        return show_index.status(opened.status(), "a test", "a test")


def test_it_is_measured_when_the_build_is_written_and_shown_with_its_status(
    mine: Path, address: str, client: QdrantClient, caplog: pytest.LogCaptureFixture
) -> None:
    sent(mine, address, client)
    found = segment_of(mine / "index")
    assert (found.kind, found.live) == ("hnsw", MANY)
    assert found.recall is not None
    assert (found.recall.k, found.recall.queries) == (100, 512)
    assert 0.98 <= found.recall.mean <= 1
    assert f"Vectors: {MANY} searched by the cluster's HNSW, which finds" in status_of(
        mine / "index"
    )
    assert caplog.messages == []


def test_as_many_candidates_are_held_as_the_recall_aimed_at_needs(
    mine: Path, address: str, client: QdrantClient, caplog: pytest.LogCaptureFixture
) -> None:
    sent(mine, address, client, **SPARSE)
    with closing(open_index(mine / "index")) as opened:
        served = recall.kept_with(opened.build)
    assert served is not None
    assert served.ef > 128
    assert served.recall.mean >= 0.98
    assert caplog.messages == []


def test_too_little_is_what_a_search_finds_told_of_and_refused_nowhere(
    mine: Path,
    address: str,
    client: QdrantClient,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setattr(recall, "_EFS", (128,))
    sent(mine, address, client, **POOR)
    measured = segment_of(mine / "index").recall
    assert measured is not None
    assert measured.mean == pytest.approx(found_by_hand(mine / "index"), abs=0.03)
    assert measured.mean < 0.98
    (said,) = caplog.messages
    assert f"{address}: {name_in(address)}-1: of the 10 nearest passages HNSW finds " in said
    assert "98% are aimed at: give its collection a larger hnsw_config.m" in said
    assert "That is less than the 98% aimed at: docs/scale.md" in status_of(mine / "index")
    assert found_wrong(mine / "index") == []


def found_by_hand(index: Path) -> float:
    """Work out what share of the hundred nearest a search finds, by other queries."""
    with closing(open_index(index)) as opened:
        keys = opened.keys_of(source.id for source in opened.sources())
        vectors = opened._catalog.vectors_of(opened.build.encoder, keys)
        asked = noisy(vectors, 1.4)
        nearest = [{keys[n] for n in np.argsort(-vectors @ each)[:100]} for each in asked]
        found = [{key for key, _ in hits} for hits in opened.dense(asked, 100)]
    return float(np.mean([len(a & b) / 100 for a, b in zip(nearest, found, strict=True)]))


def test_it_holds_for_a_little_more_and_is_measured_anew_for_much_more(
    mine: Path, address: str, client: QdrantClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent(mine, address, client)
    before = segment_of(mine / "index").recall
    measured, whole = [], recall.least_ef
    monkeypatch.setattr(recall, "least_ef", lambda *a: measured.append(a) or whole(*a))
    for more, times in ((1, 0), (350, 0), (100, 1)):
        lines = [json.dumps({"_id": f"{more}-{n}", "text": f"Lake {n}."}) for n in range(more)]
        write_texts(mine / "documents", {f"more{more}.jsonl": "\n".join(lines)})
        build_in(address, mine / "documents", mine / "index")
        assert len(measured) == times
        assert times or segment_of(mine / "index").recall == before
    assert segment_of(mine / "index").live == MANY + 451


def test_a_cluster_that_does_not_come_to_rest_is_not_measured(
    mine: Path, address: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(recall, "_MOST_S", -1.0)
    build_in(address, mine / "documents", mine / "index")
    assert segment_of(mine / "index").recall is None
    assert "how much of the nearest that finds was not measured" in status_of(mine / "index")
    assert "still makes its index; what that finds was not measured" in caplog.text


def test_it_goes_to_other_machines_with_the_index(
    mine: Path, tmp_path: Path, address: str, client: QdrantClient
) -> None:
    sent(mine, address, client)
    export_to_cluster(mine / "index", address)
    import_from_cluster(address, tmp_path / "other")
    assert segment_of(tmp_path / "other") == segment_of(mine / "index")
    assert segment_of(tmp_path / "other").recall is not None


@pytest.mark.parametrize(
    "kept", ["", "null", "[]", "{}", '{"ef": 128, "recall": {"k": 100}, "passages": 3}']
)
def test_what_cannot_be_read_was_not_measured(mine: Path, kept: str) -> None:
    with closing(open_index(mine / "index")) as opened:
        build = replace(opened.build, checksums={"recall": kept})
    assert recall.kept_with(build) is None
    assert recall.kept_with(None) is None
