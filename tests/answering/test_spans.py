"""Answers by an extractive-QA model: exact slices, comparable scores, every place once."""

import hashlib
import math
from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from encoders import WordEncoder
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from library import build, write_texts
from tiny_models import drawn_span_files, word_span_files, write_files

from ctqa.answering.qa import QA
from ctqa.answering.spans import SpanAnswers
from ctqa.config import IndexConfig, SearchConfig
from ctqa.errors import ConfigError, ModelError
from ctqa.models import SpanReader, load_span_reader
from ctqa.records import Answer, Hit
from ctqa.sources.splitter import page_at

NO_QUERY = np.zeros(64, dtype=np.float32)  # a span reader does not look at it
ALL = SearchConfig(rerank=0, min_score=0.0, answers=100)
LOGITS = {"[CLS]": (1.0, 1.0), "care": (3.0, 0.0), "home": (-1.0, 4.0), "tea": (2.0, 2.5)}
BEST = 1 / (1 + math.exp(-(3 + 4 - 2)))  # of "care … home"

TEXTS = {
    "care.txt": "Care\n\nThere is a care home by the lake. It is old. Tea is free.\n",
    "copy.txt": "Care\n\nThere is a care home by the lake. It is old. Tea is free.\n",
    "long.txt": "Notes\n\n" + "The lake is deep. " * 30 + "A care home is there. " + "It is. " * 30,
    "pages.txt": "Lakes\n\nThe deepest lake has a long jetty, and from there it is\f"
    "not far to the care home, where it is dry.\n",
    "apart.txt": "Lakes\n\nThe lake needs care. It is far from home. Who goes there?\n",
}


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("spans")
    build(
        write_texts(folder / "documents", TEXTS),
        folder / "index",
        config=IndexConfig(encoder="words", passage_tokens=40, overlap_tokens=30),
    )
    return folder / "index"


@pytest.fixture(scope="module")
def reader_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    files = word_span_files(LOGITS, max_tokens=64)
    return write_files(files, tmp_path_factory.mktemp("model") / "words")


@pytest.fixture(scope="module")
def reader(reader_folder: Path) -> SpanReader:
    return load_span_reader(str(reader_folder))


@pytest.fixture(scope="module")
def qa(index: Path, reader_folder: Path) -> Iterator[QA]:
    config = replace(ALL, reader=str(reader_folder))
    found = QA.load(index, config, encoder=WordEncoder())
    yield found
    found.close()


@pytest.fixture(scope="module")
def spans(qa: QA, reader: SpanReader) -> SpanAnswers:
    return SpanAnswers(reader, qa.document)


def hits_of(qa: QA, document: str, question: str = "care home lake tea") -> tuple[Hit, ...]:
    hits = qa.search(question, config=replace(ALL, passages=100))
    return tuple(hit for hit in hits if hit.source.id == document)


def check(qa: QA, answer: Answer) -> None:
    document = qa.document(answer.source.id)
    assert document.text[answer.start : answer.end] == answer.text == answer.text.strip() != ""
    assert answer.quote_sha256 == hashlib.sha256(answer.text.encode()).hexdigest()
    sentence = answer.sentence
    assert document.text[sentence.start : sentence.end] == answer.sentence_text
    assert sentence.start <= answer.start < answer.end <= sentence.end
    assert answer.passage.start <= sentence.start < sentence.end <= answer.passage.end
    assert answer.page == page_at(document, answer.start)
    assert sentence.kind != "heading"
    assert 0 <= answer.score <= 1
    assert answer.confidence is None


def test_the_words_that_answer_come_first_with_their_sentence(qa: QA) -> None:
    reply = qa.ask("care home?")
    first = reply.answers[0]
    assert first.text == "care home"
    assert first.score == pytest.approx(BEST)
    assert first.sentence_text in {"There is a care home by the lake.", "A care home is there."}
    for answer in reply.answers:
        check(qa, answer)


def test_a_score_is_the_odds_of_the_span_against_no_answer_in_its_own_passage(
    qa: QA, tmp_path: Path
) -> None:
    folder = write_files(drawn_span_files(64), tmp_path / "drawn")
    drawn = load_span_reader(str(folder))
    hits = qa.search("care home lake")[:4]
    found = drawn.read("care home", [hit.passage.text for hit in hits])
    assert len({round(text.null_score, 3) for text in found}) > 1
    expected = {
        (hit.source.id, hit.passage.start + span.start, hit.passage.start + span.end): 1
        / (1 + math.exp(text.null_score - span.score))
        for hit, text in zip(hits, found, strict=True)
        for span in text.spans
    }
    answers = SpanAnswers(drawn, qa.document).read("care home", NO_QUERY, hits)
    assert len({answer.passage.id for answer in answers}) > 1
    for answer in answers:
        check(qa, answer)
        place = (answer.source.id, answer.start, answer.end)
        assert answer.score == pytest.approx(expected[place], abs=1e-6)
    assert [answer.score for answer in answers] == sorted(
        (answer.score for answer in answers), reverse=True
    )


def test_answers_do_not_overlap_and_a_place_in_two_passages_is_told_once(
    qa: QA, spans: SpanAnswers
) -> None:
    hits = hits_of(qa, "long.txt")
    sharing = [hit for hit in hits if "care home" in hit.passage.text]
    assert len(sharing) > 1
    answers = spans.read("care", NO_QUERY, sharing)
    assert [answer.text for answer in answers if "care" in answer.text] == ["care home"]
    ranges = sorted((answer.start, answer.end) for answer in answers)
    assert all(end <= start for (_, end), (start, _) in pairwise(ranges))


def test_equal_scores_are_ordered_by_document_and_place(qa: QA, spans: SpanAnswers) -> None:
    hits = [*hits_of(qa, "copy.txt"), *hits_of(qa, "care.txt")]
    answers = spans.read("care", NO_QUERY, hits)
    assert [(a.source.id, a.text) for a in answers[:2]] == [
        ("care.txt", "care home"),
        ("copy.txt", "care home"),
    ]
    assert spans.read("care", NO_QUERY, hits[::-1]) == answers


def test_a_span_over_two_sentences_gets_both(qa: QA, spans: SpanAnswers) -> None:
    first = spans.read("care", NO_QUERY, hits_of(qa, "apart.txt"))[0]
    assert first.text == "care. It is far from home"
    assert first.sentence_text == "The lake needs care. It is far from home."
    check(qa, first)


def test_headings_are_no_answers(qa: QA, reader: SpanReader, spans: SpanAnswers) -> None:
    (hit, *_) = hits_of(qa, "care.txt")
    (found,) = reader.read("care", [hit.passage.text])
    best = hit.passage.text[found.spans[0].start : found.spans[0].end]
    assert best == "Care\n\nThere is a care home"  # as good as "care home", and before it
    answers = spans.read("care", NO_QUERY, [hit])
    assert answers[0].text == "care home"
    assert all(answer.start >= len("Care\n\n") for answer in answers)


def test_the_page_is_the_span_s_own_where_its_sentence_begins_on_the_one_before(
    qa: QA, spans: SpanAnswers
) -> None:
    first = spans.read("care", NO_QUERY, hits_of(qa, "pages.txt"))[0]
    assert first.text == "care home"
    assert (first.page, first.sentence.page) == (2, 1)
    check(qa, first)


def test_only_the_first_four_hits_are_read(qa: QA, spans: SpanAnswers) -> None:
    hits = qa.search("lake", config=replace(ALL, passages=100))
    assert len(hits) > 4
    assert spans.read("care", NO_QUERY, hits) == spans.read("care", NO_QUERY, hits[:4])
    assert spans.read("care", NO_QUERY, []) == ()


@settings(max_examples=50, suppress_health_check=[HealthCheck.too_slow])
@given(st.text(min_size=1, max_size=100).filter(str.strip))
def test_any_question_gets_slices_that_are_exact(qa: QA, question: str) -> None:
    for answer in qa.ask(question).answers:
        check(qa, answer)


def test_the_reader_may_differ_from_call_to_call_but_must_be_loaded(
    qa: QA, index: Path, reader: SpanReader
) -> None:
    sentences = qa.ask("care home", config=replace(ALL, reader="sentences")).answers
    assert all(answer.text == answer.sentence_text for answer in sentences)
    with pytest.raises(ConfigError, match='reader = "other": was not loaded'):
        qa.ask("care home", config=replace(ALL, reader="other"))
    given = QA.load(index, replace(ALL, reader="mine"), encoder=WordEncoder(), span_reader=reader)
    assert given.ask("care home").answers[0].text == "care home"
    given.close()


def test_a_reader_that_is_not_on_this_machine_is_told_with_what_to_do(
    index: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CTQA_MODELS", str(tmp_path))
    config = replace(ALL, reader="owner/reader")
    with pytest.raises(ModelError, match=r'reader = "owner/reader": .*`ctqa models fetch owner/r'):
        QA.load(index, config, encoder=WordEncoder())
    with pytest.raises(ModelError, match=r'Or set reader = "sentences"'):
        QA.load(index, replace(ALL, reader="sentence"), encoder=WordEncoder())
