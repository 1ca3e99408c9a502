"""Reading: sentences with what completes them, rows and lists, and what is said of each."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from encoders import WordEncoder
from library import build, write_texts
from rerankers import WordReranker

from ctqa.answering.qa import QA
from ctqa.config import IndexConfig, SearchConfig
from ctqa.errors import ConfigError
from ctqa.records import Answer

ALL = SearchConfig(min_score=0.0, answers=20)
TEXTS = {
    "smith.txt": (
        "Torbay\n\nThe project invented Mrs Smith. She was eighty five years old. "
        "Gulls cry over the bay all day.\n"
    ),
    "steps.txt": (
        "Becoming a trust\n\nThe steps to becoming a trust are:\n\n"
        "- talk with the council;\n- find one manager;\n- move the budgets.\n\n"
        "After that a trust opens its doors to everyone.\n"
    ),
    "copy-one.txt": "Licences for fishing are sold at the old post office every day.\n",
    "copy-two.txt": "Licences for fishing are sold at the old post office every day.\n",
}


@pytest.fixture(scope="module")
def qa(tmp_path_factory: pytest.TempPathFactory) -> Iterator[QA]:
    folder = tmp_path_factory.mktemp("read")
    config = IndexConfig(encoder="words", passage_tokens=60, overlap_tokens=8)
    build(write_texts(folder / "documents", TEXTS), folder / "index", config=config)
    found = QA.load(folder / "index", ALL, encoder=WordEncoder(), reranker=WordReranker())
    yield found
    found.close()


def first(qa: QA, question: str) -> Answer:
    return qa.ask(question).answers[0]


def test_a_sentence_is_shown_with_the_neighbour_that_completes_it(qa: QA) -> None:
    answer = first(qa, "Which years old was Mrs Smith of the project?")
    assert answer.text == "The project invented Mrs Smith. She was eighty five years old."
    assert (answer.sentence.start, answer.sentence.end) == (answer.start, answer.end)
    assert answer.signals is not None
    assert answer.signals.run > answer.signals.sentence


def test_a_sentence_that_answers_alone_is_shown_alone(qa: QA) -> None:
    assert first(qa, "Do gulls cry over the bay?").text == "Gulls cry over the bay all day."


def test_the_sentence_that_opens_a_list_is_shown_with_the_list(qa: QA) -> None:
    answer = first(qa, "What are the steps to becoming a trust?")
    assert answer.text.startswith("The steps to becoming a trust are:")
    assert answer.text.endswith("move the budgets.")
    assert qa.text_of("steps.txt")[answer.start : answer.end] == answer.text


def test_a_list_is_shown_whole_where_what_opens_it_answers(qa: QA) -> None:
    answer = first(qa, "Which steps becoming a trust are there?")
    assert answer.text.startswith("The steps to becoming a trust are:")
    assert answer.text.endswith("move the budgets.")


def test_one_item_is_shown_alone_where_it_alone_answers(qa: QA) -> None:
    assert first(qa, "Should we talk with the council?").text == "- talk with the council;"


def test_what_is_shown_once_is_not_shown_again(qa: QA) -> None:
    for question in ("Which years old was Mrs Smith of the project?", "What are the steps?"):
        places = [(a.source.id, a.start, a.end) for a in qa.ask(question).answers]
        for number, (document, start, end) in enumerate(places):
            for other, other_start, other_end in places[:number]:
                assert document != other or end <= other_start or other_end <= start


def test_near_duplicates_are_shown_once_with_all_their_places(qa: QA) -> None:
    reply = qa.ask("Where are licences for fishing sold?")
    holding = [a for a in reply.answers if "post office" in a.text]
    assert len(holding) == 1
    (place,) = holding[0].places
    assert {place.source.id, holding[0].source.id} == {"copy-one.txt", "copy-two.txt"}
    assert qa.text_of(place.source.id)[place.start : place.end] == holding[0].text


def test_signals_worked_by_hand(qa: QA) -> None:
    signals = first(qa, "Did Mrs Smith cry in Torbay in 1985?").signals
    assert signals is not None
    assert signals.names == pytest.approx(3 / 4)  # Mrs, Smith, Torbay; not 1985
    assert 0 < signals.terms_near <= signals.terms < 1
    assert 0 < signals.agreement <= 1


def test_without_a_reranker_signals_rest_on_cosines(qa: QA, tmp_path: Path) -> None:
    reply = qa.ask("Do gulls cry over the bay?", config=SearchConfig(min_score=0.0, rerank=0))
    signals = reply.answers[0].signals
    assert signals is not None
    assert signals.passage == pytest.approx(reply.hits[0].why.dense_score)
    assert reply.answers[0].text == "Gulls cry over the bay all day."


@pytest.mark.parametrize("documents", [["steps.txt"], ["copy-one.txt", "smith.txt"]])
def test_only_the_named_documents_are_searched(qa: QA, documents: list[str]) -> None:
    reply = qa.ask("Where are licences for fishing sold?", documents=documents)
    assert {hit.source.id for hit in reply.hits} == set(documents)
    assert {answer.source.id for answer in reply.answers} <= set(documents)
    assert qa.search("Where are licences for fishing sold?", documents=documents) == reply.hits


def test_a_document_that_is_not_there_cannot_be_searched(qa: QA) -> None:
    with pytest.raises(ConfigError, match=r"no document 'none\.txt'"):
        qa.ask("Where?", documents=["none.txt"])


def test_an_item_says_what_it_stands_under(qa: QA) -> None:
    answer = first(qa, "Should we talk with the council?")
    assert answer.sentence.lead == "The steps to becoming a trust are:"
