"""Windows are those that the reranker reads, and know where their tokens stand."""

from pathlib import Path

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from reader_items import sample
from tiny_rerankers import LIMIT, pair_tokenizer_json

from ctqa.models.tokens import parse_tokenizer
from training.reader.windows import Cutter, Window, load_windows, save_windows

TOKENIZER = parse_tokenizer(pair_tokenizer_json().decode())
CUTTER = Cutter(TOKENIZER, LIMIT)
WORDS = st.lists(st.sampled_from(["care", "home", "tea", ".", "elsewhere"]), max_size=30)


def words(text: str, window: Window) -> list[str]:
    own = window.begins >= 0
    ranges = zip(window.begins[own].tolist(), window.ends[own].tolist(), strict=True)
    return [text[begin:end] for begin, end in ranges]


@settings(deadline=None)
@given(WORDS, WORDS)
def test_each_word_of_a_text_is_in_a_window_at_its_own_place(
    asked: list[str], told: list[str]
) -> None:
    text = " ".join(told)
    found = list(CUTTER.of(" ".join(asked), text))
    assert all(len(window) <= LIMIT for window in found)
    places = {int(begin) for window in found for begin in window.begins if begin >= 0}
    assert len(places) == len(told)
    assert all(set(words(text, window)) <= set(told) for window in found)


def test_a_span_is_found_where_a_window_holds_all_of_it() -> None:
    text = "care home tea care home tea care home tea"
    windows = list(CUTTER.of("tea", text))
    assert len(windows) > 1
    assert windows[0].tokens_of((5, 13)) == (4, 5)
    assert windows[0].tokens_of((6, 8)) == (4, 4)  # within a word: the whole token
    last = windows[-1]
    assert last.tokens_of((0, 4)) is None
    cut = int(last.begins[last.begins >= 0][0])
    assert last.tokens_of((cut - 2, cut + 4)) is None


def test_windows_are_read_as_they_were_written(tmp_path: Path) -> None:
    samples = [sample(text="care home"), sample("q2", "tea . " * 12), sample("q3", "")]
    made = list(CUTTER.windows(samples))
    save_windows(made, tmp_path / "windows.npz")
    found = load_windows(tmp_path / "windows.npz")
    assert [window.sample for window in found] == [window.sample for window in made]
    for one, other in zip(found, made, strict=True):
        for name in ("ids", "types", "begins", "ends"):
            assert np.array_equal(getattr(one, name), getattr(other, name))
    assert [path.name for path in tmp_path.iterdir()] == ["windows.npz"]
