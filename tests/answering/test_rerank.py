"""Reranking: the order made anew, each pair read once, and nothing lost without the model."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from encoders import WordEncoder
from library import build, open_qa, write_texts
from rerankers import WordReranker

from ctqa.answering.cached import CachedReranker
from ctqa.answering.qa import QA
from ctqa.answering.rerank import is_question, rerank
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
    assert first.why.rerank_score == pytest.approx(22 * 4 / 5 - 11)  # all but "where"
    assert first.why.sentence_score == pytest.approx(22 * 4 / 5 - 11)  # "Fishing: Licences are …"
    assert first.score == pytest.approx(0.95 * 4 / 5 + 0.05 * hits[0].score)


def test_a_claim_is_ranked_more_by_the_fused_order_than_a_question(qa: QA) -> None:
    claim = QUESTION.removesuffix("?").replace("Where are ", "")
    hits = qa.search(claim, config=SearchConfig(rerank=0))
    first = rerank(CachedReranker(WordReranker()), claim, hits, most=1)[0]
    assert first.score == pytest.approx(0.3 * 1 + 0.7 * hits[0].score)


@pytest.mark.parametrize(
    "text",
    ["Where is it", "how big is bmc software", "In which year did it end", "Licences are sold?"],
)
def test_questions_are_known_by_their_form(text: str) -> None:
    assert is_question(text)


@pytest.mark.parametrize(
    "text",
    ["Licences are sold in town.", "care trust governance", "Whatever works", "Islands", "…", ""],
)
def test_other_text_is_no_question(text: str) -> None:
    assert not is_question(text)


def test_the_passage_with_the_right_sentence_passes_one_that_is_about_it_all(
    tmp_path: Path,
) -> None:
    texts = {
        "a.txt": "Boats are painted. In spring, red paint is sold. The harbour is by the church.",
        "b.txt": "The harbour boats are painted red in spring. Gulls cry over the old church.",
    }
    build(write_texts(tmp_path / "documents", texts), tmp_path / "index")
    qa = QA.load(tmp_path / "index", encoder=WordEncoder(), reranker=WordReranker())
    question = "Which harbour boats are painted red in spring by the church?"
    hits = qa.search(question)
    assert hits[0].why.rerank_score is not None
    assert hits[1].why.rerank_score is not None
    assert hits[0].why.rerank_score <= hits[1].why.rerank_score
    assert hits[0].source.id == "b.txt"
    qa.close()


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
