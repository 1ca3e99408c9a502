"""Skimming: the few sentences that are worth encoding, each encoded once."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from encoders import WordEncoder
from library import build, write_texts

from ctqa.answering import skim as module
from ctqa.answering.qa import QA
from ctqa.answering.signals import Evidence
from ctqa.answering.skim import SentenceVectors, Skimmed, skim
from ctqa.config import IndexConfig, SearchConfig
from ctqa.index.local import LocalIndex, open_index
from ctqa.records import Hit

ALL = SearchConfig(min_score=0.0, rerank=0, answers=20)
COPY = "Licences for fishing are sold at the old post office every day."
TEXTS = {
    "bay.txt": (
        "Gulls\n\nGulls cry over the bay. Boats cross the bay at noon. Nets dry on the quay. "
        "Fish are sold there. Nobody fishes at night. The quay is long.\n"
    ),
    "one.txt": f"{COPY}\n",
    "two.txt": f"{COPY}\n",
    "trains.txt": "The night train leaves at ten. It carries bicycles. Dogs travel too.\n",
}
QUESTION = "Where are licences for fishing sold?"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("skim")
    config = IndexConfig(encoder="words", passage_tokens=60, overlap_tokens=8)
    build(write_texts(place / "documents", TEXTS), place / "index", config=config)
    return place / "index"


@pytest.fixture
def encoder() -> WordEncoder:
    return WordEncoder()


@pytest.fixture
def qa(folder: Path, encoder: WordEncoder) -> Iterator[QA]:
    found = QA.load(folder, ALL, encoder=encoder)
    yield found
    found.close()


@pytest.fixture
def index(folder: Path) -> Iterator[LocalIndex]:
    found = open_index(folder)
    yield found
    found.close()


def skimmed(qa: QA, index: LocalIndex, question: str) -> tuple[tuple[Hit, ...], list[Skimmed]]:
    hits = qa.search(question)
    return hits, skim(Evidence(index, question), hits)


def test_three_sentences_are_read_those_that_hold_most_of_what_is_asked(
    qa: QA, index: LocalIndex
) -> None:
    _, found = skimmed(qa, index, "Do gulls cry over the bay at noon?")
    assert [each.text for each in found[:2]] == [
        "Gulls cry over the bay.",
        "Gulls: Boats cross the bay at noon.",
    ]
    assert len({each.text for each in found}) == 3
    assert [each.promise for each in found] == sorted((e.promise for e in found), reverse=True)


def test_what_is_said_twice_counts_once_and_both_its_places_are_given(
    qa: QA, index: LocalIndex
) -> None:
    _, found = skimmed(qa, index, QUESTION)
    assert [each.hit.source.id for each in found if each.text == COPY] == ["one.txt", "two.txt"]
    assert len({each.text for each in found}) == 3


def test_a_sentence_promises_less_where_its_passage_is_behind(qa: QA, index: LocalIndex) -> None:
    hits, found = skimmed(qa, index, "Does a train carry bicycles over the bay?")
    assert {each.hit.rank for each in found} > {1}
    for each in found:
        assert each.promise == pytest.approx(each.share - 0.2 * (hits[0].score - each.hit.score))


def test_headings_are_not_skimmed_and_nothing_is_found_in_nothing(
    qa: QA, index: LocalIndex
) -> None:
    _, found = skimmed(qa, index, "Gulls")
    assert all(each.hit.passage.sentences[each.at].kind != "heading" for each in found)
    assert skim(Evidence(index, QUESTION), []) == []


def test_a_question_encodes_itself_and_three_sentences_and_each_but_once(
    qa: QA, encoder: WordEncoder
) -> None:
    qa.ask(QUESTION)
    assert len(encoder.encoded) == len(set(encoder.encoded)) == 1 + 3
    first = list(encoder.encoded)
    assert qa.ask(QUESTION).answers
    assert encoder.encoded[len(first) :] == [QUESTION]


def test_cosines_are_the_encoders_own_whatever_was_forgotten(
    monkeypatch: pytest.MonkeyPatch, encoder: WordEncoder
) -> None:
    monkeypatch.setattr(module, "_KEPT", 3)
    vectors = SentenceVectors(encoder)
    (query,) = WordEncoder().encode_queries([QUESTION])
    texts = ["gulls cry", "licences are sold", "gulls cry", "boats cross", "nets dry"]
    expected = (WordEncoder().encode_passages(texts) @ query).tolist()
    for asked in (texts[:4], texts[2:0:-1], texts[4:], texts[:2], []):
        wanted = [expected[texts.index(text)] for text in asked]
        assert vectors.cosines(asked, query) == pytest.approx(wanted)
    assert encoder.encoded == [*dict.fromkeys(texts), "gulls cry", "licences are sold"]
