"""The dictionary: quick to load, and its words and pieces those of SymSpell."""

from importlib.resources import files

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from symspellpy import SymSpell

from ctqa.index.english import english

WORDS = ("depth", "of", "the", "lake", "joint", "working", "which", "an", "ville", "xq", "s")


@pytest.fixture(scope="module")
def speller() -> SymSpell:
    found = SymSpell(max_dictionary_edit_distance=0)
    path = files("symspellpy").joinpath("frequency_dictionary_en_82_765.txt")
    found.load_dictionary(str(path), term_index=0, count_index=1, encoding="utf-8")
    return found


def test_every_word_is_as_frequent_as_symspell_has_it(speller: SymSpell) -> None:
    assert {word: english().frequency(word) for word in speller.words} == speller.words
    assert english().frequency("glasby") == 0


@settings(max_examples=200, deadline=None)
@given(st.lists(st.sampled_from(WORDS), min_size=1, max_size=5).map("".join))
def test_letters_are_cut_as_symspell_cuts_them(speller: SymSpell, letters: str) -> None:
    cut = speller.word_segmentation(letters, max_edit_distance=0)
    pieces = english().pieces(letters)
    assert pieces == str(cut.segmented_string).split()
    if all(map(english().usual, pieces)):
        assert english().may_be_usual(letters)


def test_letters_that_hold_no_usual_words_are_told_at_once() -> None:
    assert english().may_be_usual("depthofthelake")
    assert not english().may_be_usual("glasby")
    assert not english().may_be_usual("xqzt")


@pytest.mark.parametrize("word", ["lake", "Lake,", "(the)", "1990.", "24–10", "—", "lake-side"])
def test_known_words_and_what_has_no_letters_are_settled(word: str) -> None:
    assert english().settles(word)


@pytest.mark.parametrize("word", ["glasby", "2nd", "in2006", "lake2"])
def test_unknown_words_and_letters_beside_digits_are_not(word: str) -> None:
    assert not english().settles(word)


def test_unknown_words_are_counted() -> None:
    assert english().unknown({"lake", "glasby", "depth", "xqzt"}) == 2
