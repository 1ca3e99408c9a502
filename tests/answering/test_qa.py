"""From a question to a reply, over a real index."""

import hashlib
import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from library import LAKES, build, open_qa, write_texts

from ctqa.answering.form import reply_form
from ctqa.answering.qa import QA
from ctqa.answering.question import MAX_QUESTION_CHARS
from ctqa.answering.retrieve import fuse
from ctqa.config import SearchConfig
from ctqa.errors import ConfigError
from ctqa.records import Reply

ALL = SearchConfig(min_score=0.0, rerank=0)


@pytest.fixture(scope="module")
def qa(tmp_path_factory: pytest.TempPathFactory) -> Iterator[QA]:
    folder = tmp_path_factory.mktemp("qa")
    texts = {"lakes.txt": LAKES, "copy.txt": LAKES, "trains.txt": "Trains\n\nThe night train runs."}
    build(write_texts(folder / "documents", texts), folder / "index")
    found = open_qa(folder / "index", config=ALL)
    yield found
    found.close()


def check_slices(qa: QA, reply: Reply) -> None:
    for answer in reply.answers:
        text = qa.text_of(answer.source.id)
        assert text[answer.start : answer.end] == answer.text
        assert text[answer.sentence.start : answer.sentence.end] == answer.sentence_text
        assert answer.passage.start <= answer.start < answer.end <= answer.passage.end
        assert answer.quote_sha256 == hashlib.sha256(answer.text.encode()).hexdigest()
        assert answer.confidence is None
    for hit in reply.hits:
        text = qa.text_of(hit.source.id)
        assert text[hit.passage.start : hit.passage.end] == hit.passage.text


def test_the_sentence_that_answers_comes_first(qa: QA) -> None:
    reply = qa.ask("Where are fishing licences sold?")
    assert reply.answers[0].text == "Licences are sold at the post office."
    assert reply.answers[0].section == ("Fishing",)
    check_slices(qa, reply)


@given(st.text(min_size=1, max_size=300).filter(str.strip))
def test_any_question_gets_a_reply_whose_slices_are_exact(qa: QA, question: str) -> None:
    reply = qa.ask(question)
    check_slices(qa, reply)
    json.dumps(reply_form(reply), ensure_ascii=False)


@pytest.mark.parametrize("question", ["", " \n\t", "x" * (MAX_QUESTION_CHARS + 1)])
def test_no_question_and_an_endless_one_are_refused(qa: QA, question: str) -> None:
    with pytest.raises(ConfigError, match="the question"):
        qa.ask(question)
    with pytest.raises(ConfigError, match="the question"):
        qa.search(question)


@pytest.mark.parametrize("question", ["\ud800?", "a\0b", "🙂", "?", "שלום", "word " * 3000])
def test_odd_questions_get_an_honest_reply(qa: QA, question: str) -> None:
    check_slices(qa, qa.ask(question))


def test_headings_are_never_answers(qa: QA) -> None:
    reply = qa.ask("Fishing", config=replace(ALL, answers=100))
    assert "Fishing" not in {answer.text for answer in reply.answers}


def test_below_the_threshold_nothing_is_answered_but_the_closest_is_shown(qa: QA) -> None:
    reply = qa.ask("Where are licences sold?", config=replace(ALL, min_score=1.0))
    assert not reply.answered
    assert reply.answers == ()
    assert len(reply.hits) > 0


def test_two_runs_agree_byte_for_byte(qa: QA) -> None:
    forms = [reply_form(qa.ask("Who needs a licence for the lake?")) for _ in range(2)]
    for form in forms:
        form.pop("elapsed_ms")
    assert json.dumps(forms[0]) == json.dumps(forms[1])


def test_ties_break_by_passage_id(qa: QA) -> None:
    hits = qa.search("Fishing licence", config=replace(ALL, passages=2))
    assert hits[0].score == hits[1].score
    assert [hit.source.id for hit in hits] == ["copy.txt", "lakes.txt"]
    (first,) = qa.search("Fishing licence", config=replace(ALL, passages=1))
    assert first.source.id == "copy.txt"


def test_each_hit_says_why_it_is_there(qa: QA) -> None:
    for hit in qa.search("Where does the night train run?"):
        why = hit.why
        assert why.fused_score == hit.score
        assert why.rerank_score is None
        assert why.dense_rank is not None or why.lexical_rank is not None
        assert (why.lexical_rank is None) == (why.lexical_score is None)
        assert why.dense_score is not None


@pytest.mark.parametrize("weight", [0.0, 1.0])
def test_each_retriever_works_alone(qa: QA, weight: float) -> None:
    hits = qa.search("night train", config=replace(ALL, dense_weight=weight))
    assert hits[0].source.id == "trains.txt"
    assert all((hit.why.dense_rank is None) == (weight == 0.0) for hit in hits)
    assert all((hit.why.lexical_rank is None) == (weight == 1.0) for hit in hits)


def test_many_questions_find_what_each_finds_alone(qa: QA) -> None:
    questions = ["night train", "fishing licence", "deepest lake"]
    assert qa.search_many(questions) == [qa.search(question) for question in questions]
    assert qa.search_many([]) == []


def test_threads_share_one_qa(qa: QA) -> None:
    questions = ["Where are licences sold?", "When does the train run?", "How deep is it?"] * 10
    with ThreadPoolExecutor(8) as pool:
        replies = list(pool.map(qa.ask, questions))
    for question, reply in zip(questions, replies, strict=True):
        alone = qa.ask(question)
        assert (reply.question, reply.answers, reply.hits) == (question, alone.answers, alone.hits)


def test_a_document_that_is_not_there_is_refused(qa: QA) -> None:
    with pytest.raises(ConfigError, match="no document 'none' in build 1"):
        qa.text_of("none")


def test_fused_scores_worked_by_hand() -> None:
    fused = fuse({1: 0.9, 2: 0.5, 3: 0.7}, {2: 8.0, 4: 4.0}, 0.6)
    assert fused == pytest.approx({1: 0.6, 2: 0.4, 3: 0.3, 4: 0.2})
    assert fuse({1: 0.9}, {2: 8.0, 4: 4.0}, 0.6, floor=4.0)[1] == pytest.approx(0.2)
    assert fuse({}, {}, 0.5) == {}
    assert fuse({1: 0.5, 2: 0.5}, {}, 0.5) == {1: 0.0, 2: 0.0}


@given(
    st.dictionaries(st.integers(0, 9), st.floats(-1, 1)),
    st.dictionaries(st.integers(0, 9), st.floats(0, 50)),
    st.floats(0, 1),
)
def test_fused_scores_lie_between_0_and_1(
    cosines: dict[int, float], bm25: dict[int, float], weight: float
) -> None:
    fused = fuse(cosines, bm25, weight)
    assert fused.keys() == cosines.keys() | bm25.keys()
    assert all(0 <= score <= 1 + 1e-9 for score in fused.values())
