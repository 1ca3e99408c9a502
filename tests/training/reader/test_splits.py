"""Nothing that is reported is learned from: no article, and nothing that reads nearly the same."""

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from training.reader.prepare import LEARNED
from training.reader.questions import Question, read_questions, read_texts, same_documents
from training.reader.splits import (
    HELD,
    REPORTED,
    TUNED,
    near_duplicates,
    parted,
    split_articles,
    split_of,
)

LONG = (
    "The canal was dug between 1790 and 1794 by two hundred men who lived in huts along the way, "
    "and who were paid by the yard; most of them came from the next county and went home in winter."
)
NEARLY = LONG.replace("two hundred", "300").replace("next", "neighbouring")
OTHER = (
    "A lock keeper lives in each of the nine houses, all of them built of the same yellow stone, "
    "which is found nowhere else on this river, and none of them has a garden towards the road."
)


@given(st.lists(st.text(min_size=1), unique=True, min_size=REPORTED + TUNED))
def test_articles_are_parted_alike_in_whatever_order_they_come(names: list[str]) -> None:
    found = split_articles(names)
    assert found == split_articles(reversed(names))
    splits = list(found.values())
    assert (splits.count("report"), splits.count("tune")) == (REPORTED, TUNED)


def test_what_reads_nearly_the_same_is_found() -> None:
    texts = {"copy": LONG, "nearly": f"{NEARLY} And so on.", "other": OTHER, "empty": ""}
    assert near_duplicates(texts, [LONG]) == {"copy", "nearly"}
    assert near_duplicates(texts, []) == set()


def test_a_text_of_few_words_is_the_same_only_as_a_whole() -> None:
    texts = {"same": "The Night Train", "more": "The night train runs"}
    assert near_duplicates(texts, ["the night train"]) == {"same"}


def test_a_document_like_a_reported_one_is_used_for_nothing() -> None:
    articles = {"a1": "A", "a2": "A", "b1": "B", "c1": "C"}
    texts = {"a1": LONG, "a2": "Short.", "b1": NEARLY, "c1": OTHER}
    found = parted("squad11_dev", articles, texts, {"A": "report"})
    assert [found.of(name) for name in articles] == ["report", "report", None, "train"]
    assert found.of("unheard of") is None


def test_reviews_and_comments_are_parted_by_hash() -> None:
    drawn = [split_of("squadshifts_reddit", f"comment {n}", {}) for n in range(4000)]
    assert 320 < drawn.count("report") < 480
    assert 140 < drawn.count("tune") < 260


@pytest.mark.data
def test_no_article_of_the_collections_is_learned_from_and_reported() -> None:
    root = Path(os.environ.get("CTQA_DATA", ""))
    if not (root / "squad2_devhalf").is_dir():
        pytest.skip("set CTQA_DATA to the folder of the collections")
    asked = read_questions(root / "squad2_devhalf")
    wikipedia = split_articles(question.article for question in asked)
    documents = same_documents(root / "squad2_devhalf", root / "squad11_dev")
    again = read_questions(root / "squad2_devhalf", documents=documents)
    learned: dict[str, str] = {}
    held: list[str] = []
    for name in (*LEARNED, *HELD):
        questions, texts = read_questions(root / name), read_texts(root / name)
        articles = {question.document: question.article for question in questions}
        found = parted(name, articles, texts, wikipedia)
        train, tune, report = (
            _articles(questions, found.of, split) for split in ("train", "tune", "report")
        )
        assert not train & (tune | report)
        assert not tune & report
        assert all((train, tune, report)) is (name in LEARNED)
        learned |= {f"{name}/{id}": texts[id] for id in articles if found.of(id) == "train"}
        held += [texts[id] for id in articles if found.splits[id] != "train"]
        if name == "squad11_dev":
            assert len(report) == REPORTED
            of_its_article = {question.id: wikipedia[question.article] for question in again}
            used = {question.id: found.of(question.document) for question in again}
            assert all(used[id] in (None, split) for id, split in of_its_article.items())
    assert near_duplicates(learned, held) == set()


def _articles(questions: list[Question], of: object, split: str) -> set[str]:
    assert callable(of)
    return {question.article for question in questions if of(question.document) == split}
