"""A question as it is asked: each of its sentences once, and none where there is but one."""

import string

from hypothesis import example, given
from hypothesis import strategies as st

from ctqa.answering import question as module
from ctqa.text import sentences

PLAIN = string.ascii_letters + string.digits + " ,'’/&%£$()-éßñ中あ١_"


def said_once(question: str) -> str:
    return module._said_once(question)


@given(st.text(PLAIN, max_size=60), st.sampled_from(["", "?", ".", "!"]))
@example("Who, in the U-S (or UK), pays 5% - or £5?", "")
@example("   ", "?")
def test_what_is_taken_for_one_sentence_is_one(text: str, mark: str) -> None:
    assert module._ONE_SENTENCE.fullmatch(text + mark)
    assert len(sentences(text + mark)) <= 1
    assert said_once(text + mark) == text + mark


def test_a_sentence_said_twice_is_searched_once() -> None:
    assert said_once("Who resigned? Who resigned?") == "Who resigned?"
    assert said_once("Who resigned?\nWho resigned?\n") == "Who resigned?"
    assert said_once("Who resigned? And when?") == "Who resigned? And when?"
