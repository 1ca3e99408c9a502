"""What is searched for a question that holds an acronym."""

import re
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ctqa.answering.query import expand
from ctqa.index.acronyms import Acronym, Acronyms, Definition

PAIRS = (
    ("PCTs", "Primary Care Trusts"),
    ("CT", "care trust"),
    ("IT", "information technology"),
    ("NHS", "National Health Service"),
    ("CD", "Crohn's disease"),
    ("CD", "coeliac disease"),
)
ACRONYMS = Acronyms(
    Definition(document_id="a", acronym=Acronym(short=short, long=long, start=0, end=1))
    for short, long in PAIRS
)
SHORTS = {short for short, _ in PAIRS}


def short_is_rare(form: str) -> int:
    return 1 if form in SHORTS else 2


def long_is_rare(form: str) -> int:
    return 2 if form in SHORTS else 1


def searched(question: str, holding: Callable[[str], int] = short_is_rare) -> str:
    return expand(question, ACRONYMS, holding).searched


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("What is a PCT?", "What is a PCT (Primary Care Trusts)?"),
        (
            "Do PCTs and the NHS pay?",
            "Do PCTs (Primary Care Trusts) and the NHS (National Health Service) pay?",
        ),
        (
            "What do pcts and the nhs do?",
            "What do pcts (Primary Care Trusts) and the nhs (National Health Service) do?",
        ),
        ("PCTs or a PCT?", "PCTs (Primary Care Trusts) or a PCT?"),
        ("the PCT’s budget", "the PCT’s budget"),
        ("Is it new?", "Is it new?"),
        ("Is IT new?", "Is IT (information technology) new?"),
        ("Why is PCTX closed?", "Why is PCTX closed?"),
        ("", ""),
    ],
)
def test_a_short_form_gets_its_long_form_once(question: str, expected: str) -> None:
    assert searched(question) == expected


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("What is a primary care trust?", "What is a primary care trust (PCTs)?"),
        ("How are care trusts paid?", "How are care trusts (CT) paid?"),
        ("Care trust? care trust!", "Care trust (CT)? care trust!"),
        ("Who is in information?", "Who is in information?"),
    ],
)
def test_a_long_form_gets_its_short_form_once(question: str, expected: str) -> None:
    assert searched(question, long_is_rare) == expected


def test_a_question_with_both_forms_is_left() -> None:
    question = "Is a primary care trust (PCT) new?"
    assert searched(question) == searched(question, long_is_rare) == question


def test_a_short_form_of_two_meanings_is_left_and_so_are_its_long_forms() -> None:
    assert searched("What helps against CD?") == "What helps against CD?"
    question = "What helps against coeliac disease?"
    assert searched(question, long_is_rare) == question


@pytest.mark.parametrize(
    ("asked", "other", "expanded"), [(1, 2, True), (1, 1, False), (2, 3, False)]
)
def test_only_the_rarer_form_by_half_is_expanded(asked: int, other: int, expanded: bool) -> None:
    def holding(form: str) -> int:
        return asked if form == "NHS" else other

    assert (searched("the NHS", holding) != "the NHS") == expanded


def test_what_was_put_in_is_told_in_order() -> None:
    found = expand("Do PCTs run IT?", ACRONYMS, short_is_rare)
    assert [definition.acronym.short for definition in found.used] == ["PCTs", "IT"]
    assert expand("Do they?", ACRONYMS, short_is_rare).used == ()


def test_a_question_of_acronyms_alone_stays_bounded() -> None:
    many = Acronyms(
        Definition(
            document_id="a", acronym=Acronym(short=f"A{n}", long=f"long {n}", start=0, end=1)
        )
        for n in range(1000)
    )
    question = " ".join(f"A{n}" for n in range(1000))
    found = expand(question, many, lambda form: 1 if form.startswith("A") else 2)
    assert len(found.used) == 8


@given(
    st.text(max_size=80)
    | st.lists(st.sampled_from([*SHORTS, "care", "trust", "(", "?"])).map(" ".join)
)
def test_taking_out_what_was_put_in_gives_the_question(question: str) -> None:
    found = expand(question, ACRONYMS, lambda form: 0)
    back = found.searched
    letters = re.sub(r"[^a-z]", "", back.lower())  # "caretrust" and "c:aretrust" are understood
    for definition in found.used:
        assert definition.acronym.short in back
        assert definition.acronym.long.lower().rstrip("s").replace(" ", "") in letters
    assert len(found.used) <= 8
    assert (found.searched == question) == (found.used == ())


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("What does NHS stand for?", "What does NHS (National Health Service) stand for?"),
        ("What does NHS mean?", "What does NHS (National Health Service) mean?"),
        ("What does the NHS pay for?", "What does the NHS pay for?"),
    ],
)
def test_where_the_meaning_is_asked_for_a_common_form_gets_the_other_too(
    question: str, expected: str
) -> None:
    assert searched(question, long_is_rare) == expected
