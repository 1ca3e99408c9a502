"""Reranking: the order made anew, each pair read once, and nothing lost without the model."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from encoders import WordEncoder
from hypothesis import given
from hypothesis import strategies as st
from library import build, open_qa, write_texts
from rerankers import HalfwayReranker, TellingReranker, WordReranker

from ctqa.answering.cached import CachedReranker
from ctqa.answering.lines import HITS_READ, line_score, marked_copy, read_closely
from ctqa.answering.qa import QA
from ctqa.answering.rerank import is_question, reordered, rerank
from ctqa.answering.turns import INTERCEPT, PASSAGE_DOUBT, WEIGHTS, chance_of_better
from ctqa.config import SearchConfig
from ctqa.errors import ModelError
from ctqa.models import Marked
from ctqa.records import Hit

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


@pytest.mark.skipif(not Path("/proc/self/fd").is_dir(), reason="tells of open files on Linux alone")
def test_a_reranker_that_is_not_there_leaves_no_file_of_the_index_open(index: Path) -> None:
    with pytest.raises(ModelError, match="no model is named 'nowhere'") as raised:
        QA.load(index, SearchConfig(reranker="nowhere"), encoder=WordEncoder())
    still_open = {str(fd.readlink()) for fd in Path("/proc/self/fd").iterdir() if fd.is_symlink()}
    assert not [name for name in still_open if name.startswith(str(index / "catalog.db"))]
    assert raised.tb  # which holds on to what was opened


def passages_read(question: str, hits: Sequence[Hit]) -> int:
    found = rerank(CachedReranker(WordReranker()), question, hits, most=10)
    return sum(hit.why.rerank_score is not None for hit in found)


def test_no_more_is_read_once_a_better_passage_is_unlikely(qa: QA) -> None:
    hits = qa.search("Licences are sold at the post office", config=SearchConfig(rerank=0))
    assert passages_read("are Licences sold at the post office?", hits) == 2
    alike = qa.search("Fish swim", config=SearchConfig(rerank=0))
    assert 2 < passages_read("Which licences, whose, why, and when then?", alike) <= 10
    assert passages_read("Licences are sold at the post office", hits) == 10


def test_what_promises_little_halfway_is_not_read_to_its_end(qa: QA) -> None:
    asked = "are Licences sold at the post office?"
    hits = qa.search(asked, config=SearchConfig(rerank=0))
    reranker = HalfwayReranker()
    found = reordered(CachedReranker(reranker), asked, hits, 10, weight=0.05, unlikely=1e-99)
    halfway = {hit.passage.id for hit in found if hit.why.halfway}
    assert halfway
    assert halfway.isdisjoint(hit.passage.id for hit in hits[:HITS_READ])
    assert [hit.rank for hit in found] == list(range(1, len(hits) + 1))
    assert [hit.score for hit in found] == sorted((hit.score for hit in found), reverse=True)
    scores = [hit.why.rerank_score for hit in found if hit.why.rerank_score is not None]
    for hit in found:
        if hit.why.halfway:
            assert hit.why.sentence_score is None
            assert hit.why.rerank_score is not None
            assert hit.why.rerank_score < max(scores) - PASSAGE_DOUBT
            assert (asked, marked_copy(hit).text) not in reranker.read_on
    claim = "Licences are sold at the post office"
    whole = rerank(CachedReranker(reranker), claim, hits, most=10)
    assert not any(hit.why.halfway for hit in whole)


def test_a_line_that_promises_little_halfway_is_not_read_to_its_end(tmp_path: Path) -> None:
    fishes = " ".join(f"Fish number {n} swims." for n in range(30))
    text = f"Fishing\n\n{fishes} Licences are sold at the post office. Boats are not."
    build(write_texts(tmp_path / "documents", {"a.txt": text}), tmp_path / "index")
    question = "Where are licences sold at the post office?"
    qa = QA.load(tmp_path / "index", encoder=WordEncoder(), reranker=WordReranker())
    hits = qa.search(question)
    qa.close()
    reranker = HalfwayReranker()
    lines = [
        line for found in read_closely(CachedReranker(reranker), question, hits) for line in found
    ]
    known = {line.at: line for line in lines if line.read}
    best = max(line_score(line.logit, line.hit) for line in known.values())
    assert any(line.sentence.kind == "sentence" and not line.read for line in lines)
    assert best == max(line_score(line.logit, line.hit) for line in lines)


bounds = st.lists(
    st.tuples(st.lists(st.sampled_from(["a", "b c", "a b", "d"]), max_size=4), st.floats(-12, 12))
)


@given(bounds)
def test_what_is_remembered_changes_nothing(calls: list[tuple[list[str], float]]) -> None:
    cached = CachedReranker(HalfwayReranker())
    for texts, least in calls:
        marked = [Marked(text=text, parts=((0, 1),)) for text in texts]
        anew = HalfwayReranker().readings("a b c d", marked, least=[least] * len(marked))
        assert cached.readings("a b c d", marked, least=[least] * len(marked)) == anew


def test_of_few_passages_all_are_read(qa: QA) -> None:
    asked = "are Licences sold at the post office?"
    hits = qa.search(asked, config=SearchConfig(rerank=0))
    assert [passages_read(asked, hits[:n]) for n in range(6)] == [0, 1, 2, 3, 4, 2]


def test_the_chance_of_a_better_passage_falls_with_what_was_read(qa: QA) -> None:
    hits = qa.search(QUESTION, config=SearchConfig(rerank=0))
    poor, good = chance_of_better(hits, [-5.0, -6.0]), chance_of_better(hits, [8.0, -6.0])
    assert 0 < good < poor < 1
    assert chance_of_better(hits, [-5.0] * len(hits)) == 0.0
    known = [-5.0, 0.0, hits[2].score, hits[0].score - hits[2].score, hits[0].score - hits[2].score]
    odds = INTERCEPT + sum(w * v for w, v in zip(WEIGHTS, [*known, math.log(2)], strict=True))
    assert poor == pytest.approx(1 / (1 + math.exp(-odds)))


def test_only_the_lines_that_promise_most_are_read(tmp_path: Path) -> None:
    fishes = " ".join(f"Fish number {n} swims." for n in range(30))
    text = f"Fishing\n\n{fishes} Licences are sold at the post office. Boats are not."
    build(write_texts(tmp_path / "documents", {"a.txt": text}), tmp_path / "index")
    question = "Where are licences sold at the post office?"
    plain, telling = WordReranker(), TellingReranker()
    answers = []
    for reranker in (plain, telling):
        qa = QA.load(tmp_path / "index", encoder=WordEncoder(), reranker=reranker)
        answers.append(qa.ask(question, config=SearchConfig(min_score=0.5)).answers)
        qa.close()
    assert answers[0][0].text == answers[1][0].text == "Licences are sold at the post office."
    lines = [{text for _, text in each.read if ": " in text} for each in (plain, telling)]
    assert 0 < len(lines[1]) < len(lines[0])


def test_a_line_that_was_not_read_has_what_its_passage_lets_expect(tmp_path: Path) -> None:
    text = "Fishing\n\n" + " ".join(f"Fish number {n} swims." for n in range(30))
    build(write_texts(tmp_path / "documents", {"a.txt": text}), tmp_path / "index")
    qa = QA.load(tmp_path / "index", encoder=WordEncoder(), reranker=WordReranker())
    hits = qa.search("Which fish swims?")
    lines = read_closely(CachedReranker(TellingReranker()), "Which fish swims?", hits)
    for hit, found in zip(hits, lines, strict=True):
        assert [line.at for line in found] == sorted({line.at for line in found})
        for line in found:
            text = hit.passage.text[
                line.sentence.start - hit.passage.start : line.sentence.end - hit.passage.start
            ]
            alone = WordReranker().score("Which fish swims?", [text])[0]
            assert line.read or line.logit == pytest.approx(float(alone))
    assert 0 < sum(line.read for found in lines for line in found) <= 24
    qa.close()
