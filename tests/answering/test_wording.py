"""Sentences that the command line and the page share: nothing claimed that was not measured."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ctqa.answering.wording import (
    NOT_CALIBRATED,
    in_words,
    label_after,
    ordinal,
    percent,
    rests_on,
)
from ctqa.records import Calibrated

OWN = Calibrated(
    gold="gold.jsonl", own=True, questions=1200, ece=0.03, created_at="2020-05-01T09:30:00+00:00"
)


@pytest.mark.parametrize(
    ("rank", "expected"),
    [
        (1, "1st"), (2, "2nd"), (3, "3rd"), (4, "4th"), (11, "11th"), (12, "12th"), (13, "13th"),
        (21, "21st"), (101, "101st"), (112, "112th"), (1002, "1,002nd"),
    ],
)  # fmt: skip
def test_ordinals(rank: int, expected: str) -> None:
    assert ordinal(rank) == expected


@pytest.mark.parametrize(
    ("confidence", "number", "share"),
    [
        (0.0, "0 %", "fewer than 1"),
        (0.049, "4 %", "fewer than 1"),
        (0.05, "5 %", "about 1"),
        (0.5, "50 %", "about 5"),
        (0.874, "87 %", "about 9"),
        (0.9499, "94 %", "about 9"),
        (0.95, "95 %", "more than 9"),
        (0.9999, "99 %", "more than 9"),
    ],
)
def test_a_chance_as_a_number_and_in_words(confidence: float, number: str, share: str) -> None:
    assert percent(confidence) == number
    assert in_words(confidence) == f"{share} in 10 answers like this one were right"


@given(st.floats(0, 1, exclude_max=True))
def test_no_chance_is_rounded_up_to_certainty(confidence: float) -> None:
    assert int(percent(confidence).removesuffix(" %")) < 100
    assert "10 in 10" not in in_words(confidence)
    assert "0 in 10" not in in_words(confidence).removeprefix("1")


def test_what_a_confidence_rests_on_is_said() -> None:
    assert rests_on(OWN) == (
        "Confidence is calibrated on 1,200 of your gold questions (2020-05-01)."
    )
    assert rests_on(replace(OWN, own=False, gold="SQuAD 2.0")) == (
        "Confidence is calibrated on 1,200 questions of SQuAD 2.0, not on your documents."
    )
    assert rests_on(None) == NOT_CALIBRATED


@pytest.mark.parametrize(
    ("label", "after"),
    [
        ("", ""),
        ("7", ""),
        ("iv", " (marked iv)"),
        ("Duck observations", ", Duck observations"),
    ],
)
def test_a_label_stands_beside_the_number_where_it_differs(label: str, after: str) -> None:
    assert label_after(7, label) == after
