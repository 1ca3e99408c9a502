"""The sentences of the page: numbers, ordinals, and nothing claimed that was not measured."""

import pytest

from ctqa.records import Why
from ctqa.ui import words


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        (words.searched(1, 1, 3), "Searching 1 document (1 passage), build 3."),
        (words.searched(12, 3456, 1), "Searching 12 documents (3,456 passages), build 1."),
        (words.unread(1), "1 page or file was not read."),
        (words.unread(2), "2 pages or files were not read."),
        (words.answers_found(1, 0), "1 answer found."),
        (words.answers_found(3, 1), "3 answers found. 1 other passage below."),
        (words.nothing_found(0), "Not in your sources."),
        (words.nothing_found(3), "Not in your sources. The closest 3 passages below."),
        (words.answer_title(1, 1), "Answer"),
        (words.answer_title(2, 3), "Answer 2 of 3"),
        (words.took(0.0), "Took less than 0.1 seconds."),
        (words.took(2345.0), "Took 2.3 seconds."),
        (words.author_and_year("", ""), ""),
        (words.author_and_year("Miller", ""), "Miller"),
        (words.author_and_year("", "2011"), "2011"),
        (words.author_and_year("Miller", "2011"), "Miller (2011)"),
        (words.section(()), ""),
        (words.section(("Costs", "Staff")), "Costs › Staff"),
    ],
)
def test_sentences(said: str, expected: str) -> None:
    assert said == expected


@pytest.mark.parametrize(
    ("rank", "expected"),
    [
        (1, "1st"), (2, "2nd"), (3, "3rd"), (4, "4th"), (11, "11th"), (12, "12th"), (13, "13th"),
        (21, "21st"), (101, "101st"), (112, "112th"), (1002, "1,002nd"),
    ],
)  # fmt: skip
def test_ordinals(rank: int, expected: str) -> None:
    assert words.why(Why(dense_rank=rank)) == f"Of all passages it came {expected} by meaning."


def test_why_names_only_what_found_the_passage() -> None:
    both = words.why(Why(dense_rank=1, lexical_rank=3))
    assert both == "Of all passages it came 1st by meaning and 3rd by shared words."
    assert words.why(Why(lexical_rank=2)) == "Of all passages it came 2nd by shared words."
    assert words.why(Why()) == ""


def test_a_chance_is_given_only_where_it_was_measured() -> None:
    assert words.sure(None, 0.714) == (
        "How sure? Not calibrated yet: check that it answers you. Rank score 0.71."
    )
    measured = words.sure(0.937, 0.5)
    assert "Of 100 answers like this one, 93 were right" in measured
    assert "calibrated" not in measured


def test_a_chance_is_never_rounded_up_to_certainty() -> None:
    assert "100 were right" not in words.sure(0.999, 0.9)
