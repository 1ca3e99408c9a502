"""A reader is shipped whole and named by what it stands on, or not at all."""

from pathlib import Path

import pytest
from tiny_readers import reader_graph

from ctqa.errors import ConfigError
from ctqa.models.installed import unchecked
from ctqa.models.shipped_reader import CARD, ENTRY, GRAPH, checked_reader, shipped_reader
from training.halfway import MODEL, tensor
from training.reader import ship as module
from training.reader.recipe import Recipe
from training.reader.ship import ship


def run(folder: Path, first: int = 7) -> Path:
    Recipe(first=first).save(folder)
    (folder / GRAPH).write_bytes(reader_graph())
    (folder / CARD).write_text("# A reader\n", encoding="utf-8")
    return folder


@pytest.mark.model
@pytest.mark.parametrize("first", [4, 7])
def test_what_is_shipped_is_found_and_stands_on_the_reranker(tmp_path: Path, first: int) -> None:
    made = ship(run(tmp_path / "run", first), tmp_path / "package" / "reader")
    assert shipped_reader(tmp_path / "package" / "reader") == made
    sha256 = unchecked(MODEL).spec.weights_sha256
    assert checked_reader(sha256, tmp_path / "package" / "reader") == made
    assert (made.reranker, made.tensor) == (MODEL, tensor(first - 1))
    assert {path.name for path in (tmp_path / "package" / "reader").iterdir()} == {
        *(GRAPH, CARD, ENTRY),
    }


@pytest.mark.parametrize(("name", "command"), [(GRAPH, "export"), (CARD, "card")])
def test_what_is_not_whole_is_not_shipped(tmp_path: Path, name: str, command: str) -> None:
    folder = run(tmp_path / "five")
    (folder / name).unlink()
    with pytest.raises(ConfigError, match=rf"run `python -m training\.reader\.{command} five`"):
        ship(folder, tmp_path / "package")
    assert not (tmp_path / "package").exists()


@pytest.mark.parametrize("first", [0, 8])
def test_what_stands_on_nothing_that_the_reranker_gives_is_not_shipped(
    tmp_path: Path, first: int
) -> None:
    with pytest.raises(ConfigError, match=f"starts at layer {first}; expected 1 to 7"):
        ship(run(tmp_path / "run", first), tmp_path / "package")
    assert not (tmp_path / "package").exists()


def test_what_a_wheel_cannot_bear_is_not_shipped(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "MOST_BYTES", 100)
    with pytest.raises(ConfigError, match="expected at most 100"):
        ship(run(tmp_path / "run"), tmp_path / "package")
    assert not (tmp_path / "package").exists()
