"""A process is killed at every step of writing: no build is lost, and nothing is encoded twice.

By default some steps of each kind are tried, with CTQA_MUTATIONS=all every one.
"""

import json
import multiprocessing
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from crashing import SCENARIOS, explore

ALL = os.environ.get("CTQA_MUTATIONS") == "all"
STEPS_EACH = 8  # of a scenario, and those of kinds that no other had
MEMORY = Path("/dev/shm")  # noqa: S108 -- what a kill leaves is the same there, and sooner
KINDS = (
    *("sql BEGIN", "sql COMMIT", "sql after COMMIT", "sql UPDATE head", "sql CREATE TABLE"),
    *("sql INSERT OR REPLACE INTO builds", "sql INSERT OR REPLACE INTO embeddings"),
    *("sql INSERT INTO passages", "sql DELETE FROM passages", "fsync begins", "fsync ends"),
    *("faiss write begins", "faiss write ends", "tantivy commit begins", "tantivy commit ends"),
    *("tantivy add_document begins", "os.mkdir builds/n.new", "os.rename builds/n.new"),
    *("open builds/n.new/vectors/segments.json", "shutil.rmtree builds/n", "os.remove below"),
)


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Path]:
    where = MEMORY if os.access(MEMORY, os.W_OK) else tmp_path
    with tempfile.TemporaryDirectory(dir=where, prefix="ctqa-") as folder:
        yield Path(folder)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="each step is tried in a forked process")
def test_a_kill_at_any_step_loses_no_build_and_nothing_that_was_encoded(place: Path) -> None:
    answer = place / "answer.json"
    process = multiprocessing.get_context("spawn").Process(
        target=explore, args=(place, None if ALL else STEPS_EACH, answer)
    )
    process.start()
    process.join()
    assert process.exitcode == 0
    found, kinds = json.loads(answer.read_text())
    assert [failure for *_, failures in found for failure in failures] == []
    assert [name for name, *_ in found] == [*SCENARIOS]
    assert {*KINDS} - {*kinds} == set()
    assert any(kind.startswith("os.link builds/n/lexical") for kind in kinds)
    assert any(kind.startswith("os.link builds/n/vectors") for kind in kinds)
