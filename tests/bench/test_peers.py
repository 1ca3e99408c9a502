import ast
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

pytest.importorskip("bench", reason="bench/ does not ship with the sources")

from bench.peers import targets
from bench.peers.asking import rank, read_passages
from bench.peers.figures import Figures, exponent, percentile, quality_of
from bench.peers.plan import Kept
from bench.peers.sizes import closure, megabytes
from bench.peers.systems import REFERENCE, SYSTEMS
from bench.peers.tables import tables

ROOT = Path(__file__).parents[2]
PEERS = [system for system in SYSTEMS if not system.ours]


def names_of(module: str) -> set[str]:
    """Give what a peer's module defines or imports; its libraries are not in this environment."""
    body = ast.parse((ROOT / "bench" / "peers" / f"{module}.py").read_text(encoding="utf-8")).body
    defined = {each.name for each in body if isinstance(each, ast.FunctionDef)}
    aliases = [each.names for each in body if isinstance(each, ast.ImportFrom)]
    return defined | {alias.name for some in aliases for alias in some}


@pytest.mark.parametrize("system", PEERS, ids=lambda system: system.key)
def test_each_peer_can_do_what_is_asked_of_it(system) -> None:
    wanted = {"build", "opened"}
    wanted |= {"filled"} if system.store else set()
    wanted |= {"ranks"} if system.key == REFERENCE else set()
    assert wanted <= names_of(system.module)


def test_every_package_of_a_peer_is_pinned() -> None:
    text = (ROOT / "bench" / "peers" / "constraints.txt").read_text(encoding="utf-8")
    pinned = {line.partition("==")[0] for line in text.splitlines()}
    assert {name for system in PEERS for name in system.packages} <= pinned
    assert "torch==2.13.0" in text.splitlines()


def test_a_run_of_a_part_names_what_can_be_asked_for() -> None:
    asked = [sys.executable, "-m", "bench.peers", "--only", "ctqa,lucene"]
    done = subprocess.run(asked, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "there is no 'lucene'" in done.stderr
    assert REFERENCE in done.stderr


def test_a_rank_counts_each_document_once_and_ends_at_ten() -> None:
    assert rank(["a", "a", "b"], "b") == 2
    assert rank(map(str, range(20)), "9") == 10
    assert rank(map(str, range(20)), "10") is None


def test_a_passage_is_its_title_and_text(tmp_path: Path) -> None:
    corpus = tmp_path / "corpus.jsonl"
    corpus.write_text(
        '{"_id": "a", "title": "T", "text": "x"}\n{"_id": "b", "title": "", "text": "y"}\n',
        encoding="utf-8",
    )
    assert read_passages(corpus) == {"a": "T\nx", "b": "y"}


def test_quality_is_as_worked_out_by_hand() -> None:
    quality = quality_of([1, 2, None, 4])
    assert (quality.questions, quality.first, quality.found) == (4, 0.25, 0.75)
    assert quality.reciprocal == pytest.approx((1 + 1 / 2 + 1 / 4) / 4)
    low, high = quality.interval
    assert (low, high) == pytest.approx((0.0456, 0.6994), abs=1e-3)


@given(
    st.floats(0.1, 3),
    st.floats(0.01, 100),
    st.lists(st.integers(1, 10**6), min_size=2, max_size=6, unique=True),
)
def test_the_power_of_a_growth_is_found(power: float, factor: float, counts: list[int]) -> None:
    curve = {count: factor * count**power for count in counts}
    assert exponent(curve) == pytest.approx(power, rel=1e-6)


@given(st.lists(st.floats(0, 1e6), min_size=1))
def test_a_percentile_lies_among_the_values(values: list[float]) -> None:
    assert percentile(values, 0.0) == min(values)
    assert percentile(values, 0.5) in values
    assert percentile(values, 1.0) == max(values)


def test_what_was_measured_is_not_measured_again(tmp_path: Path) -> None:
    kept = Kept(folder=tmp_path)
    measured: list[int] = []

    def measure(number: int) -> int:
        measured.append(number)
        return number

    assert kept.once("one", measure, 1) == 1
    assert Kept(folder=tmp_path).once("one", measure, 2) == 1
    assert measured == [1]


def test_what_was_not_measured_is_not_said_to_be_reached(tmp_path: Path) -> None:
    found = targets.targets(Figures(tmp_path))
    assert found
    assert all(target.reached is None and "not measured" in target.found for target in found)
    assert [table.title for table in tables(Figures(tmp_path)) if table.rows] == [
        "What was to be reached"
    ]


def test_what_is_installed_is_counted_with_what_it_needs() -> None:
    found = closure(["sentence-transformers"])
    assert {"sentence-transformers", "torch", "numpy"} <= set(found)
    assert "torch" not in closure(["sentence-transformers"], without=["torch"])
    assert megabytes(found["torch"]) > megabytes(found["sentence-transformers"]) > 0
