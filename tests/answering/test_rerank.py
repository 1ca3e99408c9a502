"""Reranking: the order made anew, each pair read once, and nothing lost without the model."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from encoders import WordEncoder
from library import build, open_qa, write_texts
from rerankers import WordReranker

from ctqa.answering.qa import QA
from ctqa.answering.rerank import CachedReranker, rerank
from ctqa.config import SearchConfig

QUESTION = "Where are fishing licences sold?"


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("rerank")
    texts = {f"{n}.txt": f"Note {n}\n\nWord{n} stands here. Fish {n} swim." for n in range(30)}
    texts["answer.txt"] = "Fishing\n\nLicences are sold at the post office. It opens at nine."
    build(write_texts(folder / "documents", texts), folder / "index")
    return folder / "index"


@pytest.fixture
def qa(index: Path) -> Iterator[QA]:
    found = QA.load(index, encoder=WordEncoder(), reranker=WordReranker())
    yield found
    found.close()


def test_the_reranker_decides_most_of_the_order(qa: QA) -> None:
    hits = qa.search(QUESTION)
    assert hits[0].source.id == "answer.txt"
    assert [hit.rank for hit in hits] == list(range(1, 11))
    assert [hit.score for hit in hits] == sorted((hit.score for hit in hits), reverse=True)
    assert hits[0].why.rerank_score == pytest.approx(22 * 4 / 5 - 11)


def test_combined_scores_worked_by_hand(qa: QA) -> None:
    hits = qa.search(QUESTION, config=SearchConfig(rerank=0))
    first = rerank(CachedReranker(WordReranker()), QUESTION, hits, most=1)[0]
    assert first.score == pytest.approx(0.84 * 4 / 5 + 0.16 * hits[0].score)


def test_hits_that_are_not_reranked_stay_below_and_in_order(qa: QA) -> None:
    plain = qa.search(QUESTION, config=SearchConfig(rerank=0, passages=31))
    hits = qa.search(QUESTION, config=SearchConfig(rerank=5, passages=31))
    assert {hit.passage.id for hit in hits[:5]} == {hit.passage.id for hit in plain[:5]}
    assert [hit.passage.id for hit in hits[5:]] == [hit.passage.id for hit in plain[5:]]
    assert all(hit.why.rerank_score is None for hit in hits[5:])
    assert [hit.score for hit in hits] == sorted((hit.score for hit in hits), reverse=True)


def test_search_and_ask_show_the_same_hits(qa: QA) -> None:
    assert qa.ask(QUESTION).hits == qa.search(QUESTION)
    assert qa.search_many([QUESTION, "Fish?"])[0] == qa.search(QUESTION)


def test_the_answer_is_the_sentence_that_the_reranker_ranks_first(qa: QA) -> None:
    (first, *_) = qa.ask(QUESTION, config=SearchConfig(min_score=0)).answers
    assert first.text == "Licences are sold at the post office."
    assert 0 < first.score < 1


def test_a_pair_is_read_once(index: Path) -> None:
    reranker = WordReranker()
    qa = QA.load(index, encoder=WordEncoder(), reranker=reranker)
    first = qa.ask(QUESTION)
    pairs = len(reranker.read)
    assert len(set(reranker.read)) == pairs
    assert qa.ask(QUESTION).answers == first.answers
    assert len(reranker.read) == pairs
    qa.close()


def test_the_same_text_twice_gets_its_score_twice() -> None:
    cached = CachedReranker(WordReranker())
    assert cached.score("a b", ["a", "c", "a"]) == [0.0, -11.0, 0.0]
    assert cached.score("a b", []) == []


def test_without_the_model_the_order_is_the_fused_one_and_it_says_so(
    index: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("CTQA_MODELS", str(tmp_path))
    qa = QA.load(index, encoder=WordEncoder())
    (notice,) = qa.notices
    assert "not reranked" in notice
    assert "ctqa models fetch ms-marco-MiniLM-L-12-v2" in notice
    plain = open_qa(index, config=replace(qa.config, rerank=0))
    assert plain.notices == ()
    assert qa.search(QUESTION) == plain.search(QUESTION)
    assert qa.ask(QUESTION).hits[0].why.rerank_score is None
    qa.close()
    plain.close()
