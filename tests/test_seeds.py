"""The sample sources and their gold questions, as they ship."""

import json
from collections import Counter
from pathlib import Path

from ctqa.evaluation import load_gold
from ctqa.sources import collect, read_file

SEEDS = Path(__file__).parents[1] / "seeds"
ROWS = [json.loads(line) for line in (SEEDS / "gold.jsonl").read_text("utf-8").splitlines()]


def test_every_quote_stands_once_in_its_document_and_holds_its_answers() -> None:
    texts = {path.name: path.read_text("utf-8") for path in SEEDS.glob("*.txt")}
    assert len(texts) == 5
    for row in ROWS:
        if not row.get("impossible"):
            assert texts[row["document"]].count(row["quote"]) == 1, row["id"]
            assert row["answers"], row["id"]
            assert all(answer in row["quote"] for answer in row["answers"]), row["id"]


def test_there_are_questions_enough_of_both_kinds_in_both_halves() -> None:
    questions = load_gold(SEEDS / "gold.jsonl").questions
    counts = Counter((question.impossible, question.half) for question in questions)
    assert min(counts[False, half] for half in ("tune", "report")) >= 90
    assert min(counts[True, half] for half in ("tune", "report")) >= 20


def test_every_source_is_cited_and_every_citation_has_its_file() -> None:
    collection = collect([SEEDS])
    assert collection.citations.problems == ()
    read = [read_file(file, collection.citations) for file in collection.files]
    assert Counter(file.state for file in read) == {"read": 5, "ignored": 1}
    titles = [document.source.title for file in read for document in file.documents]
    assert "The care trust pilgrims" in titles
    assert all(titles)
