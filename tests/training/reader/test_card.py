"""The card tells of the graph, the data and the figures as they are."""

from pathlib import Path

from reader_items import sample

from ctqa.models.folder import hash_file
from training.reader.card import card
from training.reader.exported import GRAPH
from training.reader.recipe import Recipe


def test_it_counts_what_was_learned_from_and_names_the_graph(tmp_path: Path) -> None:
    (tmp_path / GRAPH).write_bytes(b"graph")
    samples = [
        sample("q1", spans=((0, 2),)),
        sample("q1", kind="cut"),
        sample("q2", spans=((0, 2),)),
        sample("q3", spans=((0, 2),), split="report"),
    ]
    figures = {"int8 squad11_dev": {"questions": 7, "em": 0.5, "f1": 0.6256, "auroc": None}}
    text = card(tmp_path, Recipe(first=7), samples, figures, {})
    assert "The upper 5 layers of ms-marco-MiniLM-L-12-v2 (Apache-2.0)" in text
    assert f"0.0 MB, sha256 `{hash_file(tmp_path, GRAPH).sha256}`" in text
    assert "CC BY-SA 4.0: 1 cut, 2 gold passages with a question, of 1 articles" in text
    assert "| int8 squad11_dev | 7 | 0.500 | 0.626 | – |" in text
    assert "- rate: 0.0001" in text
    assert "teacher is" not in text


def test_it_names_whose_mean_a_teacher_is(tmp_path: Path) -> None:
    (tmp_path / GRAPH).write_bytes(b"graph")
    taught_by = {"a": Recipe(first=0, seed=2), "b": Recipe(first=0, rate=2e-4, seed=3)}
    text = card(tmp_path, Recipe(first=4, seed=2), [], {}, taught_by)
    assert "- a: first 0\n- b: first 0, rate 0.0002, seed 3\n" in text
