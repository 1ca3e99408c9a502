"""The sample sources and their gold questions, as they ship."""

import json
from collections import Counter
from pathlib import Path

import pytest

from ctqa.evaluation import load_gold
from ctqa.sources import collect, read_file

SEEDS = Path(__file__).parents[1] / "seeds"
GOLD = ("gold.jsonl", "gold-hard.jsonl")


@pytest.mark.parametrize("name", GOLD)
def test_every_quote_stands_once_in_its_document_and_holds_its_answers(name: str) -> None:
    rows = [json.loads(line) for line in (SEEDS / name).read_text("utf-8").splitlines()]
    texts = {path.name: path.read_text("utf-8") for path in SEEDS.glob("*.txt")}
    assert len(texts) == 5
    for row in rows:
        if not row.get("impossible"):
            assert texts[row["document"]].count(row["quote"]) == 1, row["id"]
            assert row["answers"], row["id"]
            assert all(answer in row["quote"] for answer in row["answers"]), row["id"]


@pytest.mark.parametrize("name", GOLD)
def test_there_are_questions_enough_of_both_kinds_in_both_halves(name: str) -> None:
    questions = load_gold(SEEDS / name).questions
    counts = Counter((question.impossible, question.half) for question in questions)
    assert min(counts[False, half] for half in ("tune", "report")) >= 60
    assert min(counts[True, half] for half in ("tune", "report")) >= 15


def test_every_source_is_cited_and_every_citation_has_its_file() -> None:
    collection = collect([SEEDS])
    assert collection.citations.problems == ()
    read = [read_file(file, collection.citations) for file in collection.files]
    assert Counter(file.state for file in read) == {"read": 5, "ignored": 2}
    titles = [document.source.title for file in read for document in file.documents]
    assert "The care trust pilgrims" in titles
    assert all(titles)
