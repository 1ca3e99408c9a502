"""Builds by a real Ray cluster: the same bytes as here, and nothing lost whoever is killed."""

import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from importlib.metadata import version
from pathlib import Path

import pytest
from library import LAKES, TEXTS, write_texts
from sources.pdfs import BROKEN, make_pdf

import ctqa
from bench.ray_clusters import CLIENT_PORT, LONG_S, PORT, Cluster, cluster, why_not
from ctqa.config import IndexConfig
from ctqa.errors import ConfigError
from ctqa.index.ray_connection import RayCluster
from ctqa.index.verify import verify_index
from ctqa.models import models_folder

pytestmark = [
    pytest.mark.model,
    pytest.mark.ray,
    pytest.mark.skipif(bool(why_not()), reason=why_not()),
]

MODEL = IndexConfig().encoder
CTQA = str(Path(sys.executable).with_name("ctqa"))
TABLES = ("files", "documents", "pages", "acronyms", "passages", "embeddings")
MANY = 240  # passages: some batches for each of two workers


@pytest.fixture(scope="module")
def workers_models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of models for the workers alone."""
    folder = tmp_path_factory.mktemp("models")
    (folder / MODEL).symlink_to(models_folder() / MODEL)
    return folder


@pytest.fixture(scope="module")
def two_cores(workers_models: Path) -> Iterator[Cluster]:
    with cluster(2, CTQA_MODELS=str(workers_models)) as started:
        yield started


def building(documents: Path, index: Path, address: str = "auto") -> tuple[str, ...]:
    return (CTQA, "build", str(documents), "--index", str(index), "--ray", address, "--json")


def built(done: "subprocess.CompletedProcess[str]") -> dict[str, int]:
    """Give the report of a build that went well."""
    assert done.returncode == 0, done.stderr
    report: dict[str, int] = json.loads(done.stdout)
    return report


def rows(index: Path) -> dict[str, list[str]]:
    """Give all that a build keeps but when it was made."""
    with closing(sqlite3.connect(index / "catalog.db")) as catalog:
        return {
            table: sorted(map(repr, catalog.execute(f"SELECT * FROM {table}"))) for table in TABLES
        }


def encoded(index: Path) -> int:
    """Count the vectors that have come back and are kept."""
    try:
        with closing(sqlite3.connect(index / "catalog.db")) as catalog:
            found: int = catalog.execute("SELECT count(*) FROM embeddings").fetchone()[0]
    except sqlite3.Error:
        return 0
    return found


def wait_until_some_is_encoded(index: Path, process: "subprocess.Popen[str]") -> None:
    end = time.monotonic() + LONG_S
    while not encoded(index):
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < end
        time.sleep(0.1)


def many(folder: Path) -> Path:
    """A corpus that takes a while to encode."""
    words = " ".join(LAKES.split())
    lines = [
        json.dumps({"_id": f"d{n}", "title": f"Lake {n}", "text": f"Lake {n}. {words} {n}."})
        for n in range(MANY)
    ]
    return write_texts(folder, {"corpus.jsonl": "\n".join(lines)})


@pytest.fixture(scope="module")
def many_here(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, list[str]]]:
    """That corpus, and what a build on this machine makes of it."""
    folder = tmp_path_factory.mktemp("many")
    documents = many(folder / "documents")
    ctqa.build([documents], folder / "index")
    return documents, rows(folder / "index")


def mixed(folder: Path) -> Path:
    """Files of several formats, good and bad; the corpora share a document."""
    write_texts(folder, TEXTS | {"empty.txt": "", "film.mp4": "film"})
    (folder / "sources.csv").write_text("path,title\nlakes.txt,The Lakes\n")
    (folder / "pages.pdf").write_bytes(make_pdf("First page.", BROKEN, "Third page."))
    (folder / "broken.pdf").write_bytes(b"no PDF")
    for name, ids in (("a.jsonl", "12"), ("b.jsonl", "23")):
        lines = [json.dumps({"_id": each, "title": "", "text": f"Tarn {each}."}) for each in ids]
        (folder / name).write_text("\n".join(lines))
    return folder


@pytest.mark.parametrize("address", ["auto", f"127.0.0.1:{PORT}", f"ray://127.0.0.1:{CLIENT_PORT}"])
def test_a_cluster_builds_the_same_bytes(tmp_path: Path, two_cores: Cluster, address: str) -> None:
    documents = mixed(tmp_path / "documents")
    report = built(two_cores.run(*building(documents, tmp_path / "there", address)))
    here = ctqa.build([documents], tmp_path / "here")
    assert rows(tmp_path / "there") == rows(tmp_path / "here")
    assert (report["encoded"], report["passages"]) == (here.encoded, here.passages)
    assert verify_index(tmp_path / "there", encoder=None).findings == ()


@pytest.mark.parametrize(
    ("address", "said"),
    [
        (f"127.0.0.1:{CLIENT_PORT}", f"expected ray://127.0.0.1:{CLIENT_PORT}"),
        (f"ray://127.0.0.1:{PORT}", "that is no port of Ray's client server: expected 10001"),
    ],
)
def test_the_two_kinds_of_ports_are_told_apart(
    tmp_path: Path, two_cores: Cluster, address: str, said: str
) -> None:
    documents = write_texts(tmp_path / "documents")
    done = two_cores.run(*building(documents, tmp_path / "index", address))
    assert (done.returncode, said in done.stderr) == (2, True), done.stderr
    assert not (tmp_path / "index").exists()


def test_what_is_there_already_is_neither_read_nor_encoded_again(
    tmp_path: Path, two_cores: Cluster
) -> None:
    documents = write_texts(tmp_path / "documents")
    ctqa.build([documents], tmp_path / "index")
    before = rows(tmp_path / "index")["embeddings"]
    write_texts(documents, {"tarns.txt": "The tarns freeze in winter."})
    report = built(two_cores.run(*building(documents, tmp_path / "index")))
    assert (report["unchanged"], report["added"], report["encoded"]) == (2, 1, 1)
    assert set(before) < set(rows(tmp_path / "index")["embeddings"])


def test_a_worker_killed_midway_loses_nothing(
    tmp_path: Path, two_cores: Cluster, many_here: tuple[Path, dict[str, list[str]]]
) -> None:
    documents, expected = many_here
    index = tmp_path / "index"
    with two_cores.popen(*building(documents, index)) as process:
        wait_until_some_is_encoded(index, process)
        two_cores.kill(two_cores.at_work("encode"))
        left = encoded(index)
        out, err = process.communicate(timeout=LONG_S)
    assert left < MANY  # it was midway
    assert process.returncode == 0, err
    assert json.loads(out)["encoded"] == MANY  # each text came back once
    assert rows(index) == expected


@pytest.mark.parametrize("blow", [signal.SIGKILL, signal.SIGINT])
def test_a_build_that_is_stopped_goes_on_with_what_had_come_back(
    tmp_path: Path,
    two_cores: Cluster,
    many_here: tuple[Path, dict[str, list[str]]],
    blow: signal.Signals,
) -> None:
    documents, expected = many_here
    index = tmp_path / "index"
    with two_cores.popen(*building(documents, index)) as process:
        wait_until_some_is_encoded(index, process)
        process.send_signal(blow)
        process.communicate(timeout=LONG_S)
    assert process.returncode == (130 if blow == signal.SIGINT else -signal.SIGKILL)
    kept = encoded(index)
    assert 0 < kept < MANY
    report = built(two_cores.run(*building(documents, index)))
    assert kept + report["encoded"] == MANY
    assert rows(index) == expected


def test_a_cluster_that_is_lost_is_told_of_and_the_build_goes_on_without_it(
    tmp_path: Path, many_here: tuple[Path, dict[str, list[str]]]
) -> None:
    documents, expected = many_here
    index = tmp_path / "index"
    command = building(documents, index, f"ray://127.0.0.1:{CLIENT_PORT}")
    with (
        cluster(2) as lost,
        lost.popen(*command, RAY_CLIENT_RECONNECT_GRACE_PERIOD="5") as process,
    ):
        wait_until_some_is_encoded(index, process)
        lost.kill_all()
        _, said = process.communicate(timeout=LONG_S)
    kept = encoded(index)
    assert process.returncode == 2, said
    assert f"ctqa: --ray ray://127.0.0.1:{CLIENT_PORT}: the cluster was lost (" in said
    assert "what came back is kept, and the same command goes on from there" in said
    assert "Traceback" not in said
    assert 0 < kept < MANY
    assert kept + ctqa.build([documents], index).encoded == MANY
    assert rows(index) == expected


TOLD = """
import json, sys, ctqa
told = []
ctqa.build(sys.argv[1:2], sys.argv[2], ray="auto", progress=lambda *each: told.append(each))
print(json.dumps(told))
"""


def test_progress_is_told_as_it_is_here(tmp_path: Path, two_cores: Cluster) -> None:
    documents = mixed(tmp_path / "documents")
    done = two_cores.run(sys.executable, "-c", TOLD, str(documents), str(tmp_path / "index"))
    told = json.loads(done.stdout)
    counts = {stage: [each[1] for each in told if each[0] == stage] for stage, *_ in told}
    assert all(each == sorted(each) for each in counts.values())
    assert counts["read"] == list(range(9))
    assert (
        counts["page"][-1] == 3 + 2 + 2
    )  # of the PDF, the texts, the corpora, which have one each
    assert ["encode", encoded(tmp_path / "index"), encoded(tmp_path / "index")] in told


def test_a_model_that_no_worker_has_is_told_with_the_mend(
    tmp_path: Path, two_cores: Cluster, workers_models: Path
) -> None:
    (workers_models / MODEL).unlink()
    try:
        done = two_cores.run(*building(write_texts(tmp_path / "d"), tmp_path / "index"))
    finally:
        (workers_models / MODEL).symlink_to(models_folder() / MODEL)
    assert done.returncode == 6
    assert f"on a worker ({os.uname().nodename}): model {MODEL} is not on" in done.stderr
    assert f"`ctqa models fetch {MODEL}`" in done.stderr
    assert "Traceback" not in done.stderr


def copy_of_ctqa(folder: Path) -> Path:
    """Copy the code, as another release of it would lie somewhere."""
    shutil.copytree(Path(ctqa.__file__).parent, folder / "ctqa")
    return folder


def test_another_ctqa_is_refused(tmp_path: Path, two_cores: Cluster) -> None:
    other = copy_of_ctqa(tmp_path / "other")
    with (other / "ctqa/text.py").open("a") as file:
        file.write("# otherwise\n")
    command = building(write_texts(tmp_path / "d"), tmp_path / "index")
    done = two_cores.run(*command, PYTHONPATH=str(other))
    assert done.returncode == 2
    assert "has a CTQA of other code" in done.stderr


def test_workers_without_ctqa_are_told_how_to_get_it_and_no_cores_are_refused(
    tmp_path: Path,
) -> None:
    older = copy_of_ctqa(tmp_path / "older")
    (older / "ctqa/index/ray_tasks.py").unlink()
    documents = write_texts(tmp_path / "d")
    with cluster(1, PYTHONPATH=str(older)) as started:
        done = started.run(*building(documents, tmp_path / "index"))
    assert done.returncode == 2
    assert f"`pip install ctqa=={version('ctqa')}` there" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_cluster_without_cores_is_refused(tmp_path: Path) -> None:
    documents = write_texts(tmp_path / "d")
    with cluster(0) as started:
        done = started.run(*building(documents, tmp_path / "index"))
    assert done.returncode == 2
    assert "the cluster has no cores to work with" in done.stderr


def test_a_client_whose_server_has_gone_says_so_whatever_it_asks() -> None:
    grpc, exceptions = pytest.importorskip("grpc"), pytest.importorskip("ray.exceptions")

    class Gone:
        """A Ray client without its server."""

        def __init__(self) -> None:
            self.exceptions = exceptions

        def cluster_resources(self, **_: object) -> dict[str, float]:
            raise grpc.RpcError("UNAVAILABLE: Socket closed")

        put = remote = cluster_resources

    lost = RayCluster(Gone(), "ray://127.0.0.1:10001")
    with pytest.raises(ConfigError, match=r"the cluster was lost \(its client server has gone\)"):
        lost.cores()
    with pytest.raises(ConfigError, match="the same command goes on from there"):
        RayCluster(Gone(), "ray://127.0.0.1:10001").do(len, "")
