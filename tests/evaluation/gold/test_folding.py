"""Quotes that went through a word processor are found, and the document's own text is given."""

import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ctqa.evaluation.gold.folding import Span, fold, folded, places

ODD = "“”‘’\"'-–—…ﬁﬃ\u00ad\u200b\u00a0 \n.abi"


def found(needle: str, text: str) -> list[str]:
    return [text[start:end] for start, end in places(needle, text, Span(0, len(text)))]


@pytest.mark.parametrize(
    ("quote", "text"),
    [
        ('He said "it\'s free"', "He said “it’s free”"),
        ("He said “it’s free”", 'He said "it\'s free"'),
        ("He said ‘it´s free‛", "He said 'it`s free‘"),
        ("2010-11, then - at last - more", "2010–11, then — at last ‒ more"),
        ("2010−11", "2010‑11"),
        ("and so on...", "and so on…"),
        ("and so on…", "and so on..."),
        ("first offices of the staff", "ﬁrst oﬃces of the staﬀ"),
        ("ﬁrst ﬂoor", "first floor"),
        ("10\u00a0000 pounds", "10 000\u202fpounds"),
        ("cooperation is good", "co\u00adoperation is good"),
        ("cooperation is good", "co\u00ad\n  operation is good"),
        ("co\u00adoperation", "cooperation"),
        ("zero width", "zero\u200b width"),
        ("zero width", "zero \u200b width"),
        ("a b", "a \n\t \u00a0 b"),
    ],
)
def test_each_class_of_characters_is_as_good_as_any_other_of_it(quote: str, text: str) -> None:
    around = f"Before. {text} After."
    assert found(quote, around) == [text]
    assert found(text, f"Before. {quote} After.") == [quote]


@pytest.mark.parametrize(
    ("quote", "text"),
    [("it is free", "it’s free"), ("Free", "free"), ("a, b", "a; b"), ("a 'b'", 'a "b"')],
)
def test_what_is_no_typography_is_not_let_pass(quote: str, text: str) -> None:
    assert found(quote, text) == []


def test_all_white_space_is_one() -> None:
    spaces = [c for c in map(chr, range(sys.maxunicode + 1)) if c.isspace()]
    assert {fold(f"a{space}b") for space in spaces} == {"a b"}


def test_a_place_that_begins_within_a_ligature_takes_all_of_it() -> None:
    assert found("rst", "the ﬁrst") == ["rst"]
    assert found("irst", "the ﬁrst") == ["ﬁrst"]
    assert found("of", "oﬃce") == ["oﬃ"]


def test_only_what_lies_within_the_range_is_found() -> None:
    text = "x…  “a” ﬁ a“a”"
    for start in range(len(text)):
        for end in range(start, len(text) + 1):
            for span in places("a", text, Span(start, end)):
                assert start <= span.start < span.end <= end


@given(st.text(ODD, max_size=12), st.text(ODD, min_size=1, max_size=8), st.text(ODD, max_size=12))
def test_what_stands_there_is_found_and_what_is_found_folds_to_the_same(
    before: str, needle: str, after: str
) -> None:
    text = f"{before} {needle.strip()} {after}"
    spans = places(needle, text, Span(0, len(text)))
    wanted = fold(needle)
    assert bool(spans) == bool(wanted)
    for start, end in spans:
        assert 0 <= start < end <= len(text)
        assert wanted in fold(text[start:end])  # a ligature may bring letters more


@given(st.text(ODD, max_size=20))
def test_the_way_back_from_a_copy_leads_to_where_each_character_came_from(text: str) -> None:
    copy = folded(text)
    for at, character in enumerate(copy.copy):
        start, end = copy.span(at, at + 1)
        assert 0 <= start < end <= len(text)
        assert character in folded(text[start:end]).copy or character == " "
