"""What is searched for a question that follows another."""

import json
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ctqa.answering.follow import carry_over

PAIRS = Path(__file__).parents[2] / "bench" / "follow-ups.jsonl"
SET_UP = "How many care trusts were set up in Torbay?"


@pytest.mark.parametrize(
    ("question", "before", "searched"),
    [
        ("and in Bexley?", SET_UP, "How many care trusts were set up in Bexley?"),
        ("And in Bexley", SET_UP, "How many care trusts were set up in Bexley?"),
        ("in Bexley?", SET_UP, "How many care trusts were set up in Bexley?"),
        ("What about in Bexley?", SET_UP, "How many care trusts were set up in Bexley?"),
        ("and in bexley?", SET_UP.lower(), "how many care trusts were set up in bexley?"),
        ("What about Bexley?", SET_UP, "How many care trusts were set up in Bexley?"),
        ("Ok, how about Bexley?", SET_UP, "How many care trusts were set up in Bexley?"),
        (
            "And Camden and Islington?",
            SET_UP,
            "How many care trusts were set up in Camden and Islington?",
        ),
        (
            "And for Solihull?",
            "What is planned for the care trust in Bexley?",
            "What is planned for the care trust in Solihull?",
        ),
        (
            "and about a common framework?",
            "What did Smith say about private management?",
            "What did Smith say about a common framework?",
        ),
        (
            "And in 2005?",
            "Who led the trust in Torbay in June 2001?",
            "Who led the trust in Torbay in 2005?",
        ),
        (
            "And in Bexley?",
            "Who led the trust in Torbay in June 2001?",
            "Who led the trust in Bexley in June 2001?",
        ),
        (
            "What about the Care Act 2014?",
            "What did the Health Act 1999 change?",
            "What did the Care Act 2014 change?",
        ),
        ("how about 2003?", "What was 2002's plan?", "What was 2003's plan?"),
    ],
)
def test_a_phrase_takes_the_place_of_its_like(question: str, before: str, searched: str) -> None:
    assert carry_over(question, before) == searched


@pytest.mark.parametrize(
    ("question", "before", "searched"),
    [
        (
            "and in Bexley?",
            "How many were set up in 2002?",
            "How many were set up in 2002, in Bexley?",
        ),
        ("and in 2002?", SET_UP, "How many care trusts were set up in Torbay, in 2002?"),
        (
            "What about Bexley?",
            "Did Torbay follow Sandwell and then Essex?",
            "Did Torbay follow Sandwell and then Essex, Bexley?",
        ),
        ("What about bexley?", SET_UP, "How many care trusts were set up in Torbay, bexley?"),
        (
            "for children?",
            "What is there for adults in Bexley?",
            "What is there for adults in Bexley, for children?",
        ),
        (
            "What about Wales?",
            "Care trusts were set up when?",
            "Care trusts were set up when, Wales?",
        ),
    ],
)
def test_where_no_like_is_sure_the_phrase_is_put_behind(
    question: str, before: str, searched: str
) -> None:
    assert carry_over(question, before) == searched


@pytest.mark.parametrize(
    "question",
    [
        *(
            "When was it set up?",
            "Why did they do that?",
            "And who chaired the committee?",
            "and when?",
        ),
        *("why?", "Why not?", "how many?", "By when?", "How many took part?", "What about it?"),
        *(
            "Who was there?",
            "Who was cared for there?",
            "What did she say about the costs?",
            "Anything else?",
        ),
        *(
            "Which one?",
            "And who is the chair?",
            "Who paid for these?",
            "What do they cost Bexley?",
        ),
    ],
)
def test_what_leans_on_the_question_before_gets_its_topic_words(question: str) -> None:
    held = set(re.findall(r"\w+", question.lower()))
    topic = [word for word in ("care", "trusts", "set", "Torbay") if word not in held]
    assert carry_over(question, SET_UP) == f"{question} ({' '.join(topic)})"


def test_topic_words_are_put_once_and_only_where_they_are_new() -> None:
    before = "Did Torbay trusts run a Torbay ward with the Trust?"
    assert carry_over("Who ran it?", before) == "Who ran it? (Torbay trusts run ward)"
    assert (
        carry_over("And who ran the ward?", before) == "And who ran the ward? (Torbay trusts run)"
    )
    assert carry_over("Why the ward?", "The ward?") == "Why the ward?"


@pytest.mark.parametrize(
    "question",
    [
        *(
            "What are the steps to becoming a care trust?",
            "What did Frank Dobson want to break down?",
        ),
        *("Who is the treasurer?", "Where is the strimmer kept?"),
        *("What is a care trust?", "Who is Caroline Glendinning?", "Torbay", "torbay budget 2005"),
        *(
            "How many care trusts are there?",
            "How long does it take to set up a care trust?",
            "Is it known who pays for a care trust?",
            "Thanks",
            "?",
        ),
        "And why did the care trust in Torbay close?",
        "Why did Jacqui Smith say that they should decide?",
        "Did councils that joined care trusts lose their say?",
        "Which partners in health and social care keep their own staff?",
        "x " * 300 + "and what about it?",
        "",
        "🎣",
    ],
)
def test_a_question_that_stands_on_its_own_is_left_as_it_is(question: str) -> None:
    assert carry_over(question, SET_UP) == question


@pytest.mark.parametrize("before", ["", " ", "?", "and why?", "🎣"])
def test_without_a_topic_before_nothing_is_carried_over(before: str) -> None:
    assert carry_over("Why did they do that?", before) == "Why did they do that?"


def test_of_a_long_question_before_whole_words_of_the_beginning_are_taken() -> None:
    words = [f"commissioning{number}" for number in range(1000)]
    searched = carry_over("Why?", " ".join(words))
    taken = searched.removeprefix("Why? (").removesuffix(")").split(" ")
    assert taken == words[: len(taken)]
    assert 300 < len(searched) < 420


def test_follow_ups_of_the_bench_are_told_from_questions_on_their_own() -> None:
    pairs = [json.loads(line) for line in PAIRS.read_text(encoding="utf-8").splitlines()]
    pairs = [p for p in pairs if p["kind"] != "definite noun"]  # these say enough by themselves
    alone = [p["kind"] == "on its own" for p in pairs]
    kept = [carry_over(p["question"], p["before"]) == p["question"] for p in pairs]
    assert sum(a != k for a, k in zip(alone, kept, strict=True)) <= 2
    assert all(k for a, k in zip(alone, kept, strict=True) if a)


WORDS = st.sampled_from(
    [
        "and",
        "in",
        "what",
        "about",
        "Torbay",
        "Bexley",
        "the",
        "it",
        "2002",
        "care",
        "?",
        "How",
        "'s",
    ]
)
TEXTS = st.lists(WORDS, max_size=12).map(" ".join) | st.text(max_size=60)


@given(TEXTS, TEXTS)
def test_no_word_is_invented_and_none_of_the_question_lost(question: str, before: str) -> None:
    def words(text: str) -> set[str]:
        return set(re.findall(r"[^\W_]+", text))

    searched = carry_over(question, before)
    assert words(searched) <= words(question) | words(before)
    ties = {"and", "but", "or", "so", "ok", "then", "also", "what", "how", "about", "of"}
    dropped = {word.lower() for word in words(question) - words(searched)}
    prepositions = {"in", "a", "an", "the"}
    assert dropped <= ties | prepositions
