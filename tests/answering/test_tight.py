"""The tightest words that answer."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ctqa.answering.tight import tightest

MILBURN = "But Milburn resigned as health secretary\nin June 2003, to the surprise of many."


@pytest.mark.parametrize(
    ("question", "text", "found"),
    [
        ("When did Milburn resign?", MILBURN, "June 2003"),
        ("In which year did Milburn resign?", MILBURN, "2003"),
        ("On what date did it open?", "It opened on 3rd April, 1998 at noon.", "3rd April, 1998"),
        ("How many trusts were there?", "By then some 12 trusts had been set up.", "12"),
        ("How many pilots were named?", "Twenty-one pilots were named.", "Twenty-one"),
        ("How much was spent?", "About £2.5 million was spent.", "£2.5 million"),
        ("How much is it worth?", "Partnerships worth more than £3.4bn were made.", "£3.4bn"),
        ("How much is the deposit?", "Hedge trimmer,shed,£10", "£10"),
        ("What percentage agreed?", "Of all staff, 45 per cent agreed.", "45 per cent"),
        # The question's own date answers nothing.
        ("When, after 2001, did it close?", "Opened in 2001, it closed in 2006.", "2006"),
    ],
)
def test_the_only_date_or_number_answers(question: str, text: str, found: str) -> None:
    start, end = tightest(question, text)
    assert text[start:end] == found


@pytest.mark.parametrize(
    ("question", "text"),
    [
        ("When did it happen?", "It happened over the winter of 1973–74."),
        ("When was it open?", "It was open from 2001 to 2006."),
        ("How many were there?", "There were 5 in May and 7 in June."),
        ("How many were there?", "There were very many of them."),
        ("How much is it worth?", "The 414 partnerships are worth more than £3.4bn."),
        ("Who resigned in June 2003?", MILBURN),
        ("What may happen when Milburn resigns?", MILBURN),
        ("How many sections are there?", "See section 3.2.1a of it."),
        ("", ""),
    ],
)
def test_the_whole_stands_where_that_is_not_sure(question: str, text: str) -> None:
    assert tightest(question, text) == (0, len(text))


@given(st.sampled_from(["When?", "How many?", "In what year?"]), st.text(max_size=80))
def test_what_is_found_lies_in_the_text(question: str, text: str) -> None:
    start, end = tightest(question, text)
    assert 0 <= start <= end <= len(text)
    assert text == "" or start < end
