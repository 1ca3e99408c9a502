"""The questions that the page offers: good English, and answered by the very documents."""

import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from library import build, open_qa, write_texts
from ui.serving import HOSTILE_HEADING, open_serving

from ctqa.answering.qa import QA
from ctqa.config import IndexConfig, SearchConfig
from ctqa.ui.examples import EXAMPLES, Examples, answered, candidates

WARDS = (
    "When may relatives visit the ward?\n\n"
    "Relatives may visit the ward between two and four in the afternoon.\n\n"
    "Discharge planning\n\n"
    "The nurse is in charge of discharge planning for each frail patient.\n\n"
    "Trust hails pilots\n\nThe trust was glad about them.\n\n"
    "Introduction\n\nThis is the introduction to it all.\n\n"
    "What about that?\n\nNothing is known about that.\n\n"
    "The end of it\n\nThat was the end of it.\n"
)


@pytest.fixture
def qa(tmp_path: Path) -> Iterator[QA]:
    build(
        write_texts(tmp_path / "documents", {"wards.txt": WARDS}),
        tmp_path / "index",
        config=IndexConfig(encoder="words"),
    )
    with closing(
        open_qa(tmp_path / "index", config=SearchConfig(min_score=0.3, rerank=0))
    ) as found:
        yield found


def test_headings_that_ask_and_things_that_the_text_speaks_of_become_questions(qa: QA) -> None:
    assert candidates(qa) == [
        ("When may relatives visit the ward?", "wards.txt"),
        ("What is said about discharge planning?", "wards.txt"),
    ]


def test_only_what_its_own_document_answers_is_offered(qa: QA) -> None:
    refused = ("Who owns the zeppelins over Xanadu?", "wards.txt")
    elsewhere = ("When may relatives visit the ward?", "other.txt")
    assert list(answered(qa, [refused, elsewhere, *candidates(qa)])) == [
        question for question, _ in candidates(qa)
    ]
    assert len(list(answered(qa, candidates(qa) * 5))) == EXAMPLES


def test_examples_are_found_in_the_background_once(index: Path) -> None:
    with closing(open_serving(index)) as serving:
        examples = Examples(serving)
        assert examples.looking()
        assert examples.now() == ()
        while examples.looking():
            time.sleep(0.01)
        found = examples.now()
        assert HOSTILE_HEADING in found
        assert "When may relatives visit the ward?" in found
        assert examples.now() == found
