import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tiny_models import tokenizer_json
from tokenizers import Tokenizer

from ctqa.errors import ModelError
from ctqa.models.tokens import (
    Limited,
    open_tokenizer,
    parse_tokenizer,
    readable,
    text_tokens,
    token_ends,
)

ANY_TEXT = st.text(st.characters())  # lone surrogates too
TOKENIZER = parse_tokenizer(tokenizer_json())
PADDING = {
    "strategy": {"Fixed": 64},
    "direction": "Right",
    "pad_to_multiple_of": None,
    "pad_id": 0,
    "pad_type_id": 0,
    "pad_token": "[PAD]",
}
CUT = {"direction": "Right", "max_length": 4, "strategy": "LongestFirst", "stride": 0}


def test_a_token_ends_where_its_text_ends() -> None:
    text = "Care home: naïve 茶."
    (ends,) = token_ends(TOKENIZER, [text])
    assert [text[:end].rsplit(maxsplit=1)[-1] for end in ends[:2]] == ["Care", "home"]
    assert ends == [4, 9, 10, 16, 18, 19]


@settings(deadline=None)
@given(st.lists(ANY_TEXT, max_size=4))
def test_ends_stay_in_the_text_and_in_order(texts: list[str]) -> None:
    found = token_ends(TOKENIZER, texts)
    assert len(found) == len(texts)
    for text, ends in zip(texts, found, strict=True):
        assert ends == sorted(ends)
        assert all(0 < end <= len(text) for end in ends)


@settings(deadline=None)
@given(ANY_TEXT)
def test_readable_text_is_of_the_same_length_and_can_be_encoded(text: str) -> None:
    assert len(readable(text)) == len(text)
    assert readable(readable(text)) == readable(text)
    readable(text).encode()


def test_nothing_is_truncated_or_padded_by_what_the_file_says() -> None:
    (ends,) = token_ends(TOKENIZER, ["tea " * 50])
    assert len(ends) == 50
    assert len(TOKENIZER.encode("tea").ids) == 3


def test_the_name_of_a_special_token_in_a_text_is_text() -> None:
    marked = Tokenizer.from_str(tokenizer_json())
    marked.add_special_tokens(["[SEP]", "[CLS]"])
    special = {marked.token_to_id(name) for name in ("[SEP]", "[CLS]")}
    assert special & set(marked.encode("[SEP] tea", add_special_tokens=False).ids)
    parsed = parse_tokenizer(marked.to_str())
    assert special.isdisjoint(parsed.encode("[SEP] tea [CLS]", add_special_tokens=False).ids)


@settings(deadline=None)
@given(ANY_TEXT, st.none() | ANY_TEXT, st.integers(3, 12))
def test_a_limit_cuts_as_a_tokenizer_does_that_truncates(
    text: str, pair: str | None, most: int
) -> None:
    texts = (readable(text), None if pair is None else readable(pair))
    limited = Limited(TOKENIZER, most).encode(*texts)
    cutting = parse_tokenizer(tokenizer_json(), most).encode(*texts)
    assert len(limited) <= most
    for name in ("ids", "type_ids", "attention_mask", "offsets"):
        assert getattr(limited, name) == getattr(cutting, name)


def test_a_limit_counts_special_tokens() -> None:
    assert len(Limited(TOKENIZER, 8).encode("tea " * 50).ids) == 8
    assert text_tokens(TOKENIZER, 8, "query: ", "") == 4
    assert len(TOKENIZER.encode("tea " * 50).ids) == 52  # the one that is shared is as it was


def test_models_share_a_tokenizer_that_differs_only_in_lengths(tmp_path: Path) -> None:
    for name, changed in (
        ("one", {}),
        ("padded", {"padding": PADDING}),
        ("cut", {"truncation": CUT}),
        ("other", {"normalizer": None}),
    ):
        form = json.loads(tokenizer_json()) | changed
        (tmp_path / name).write_text(json.dumps(form, indent=2, ensure_ascii=False))
    one, padded, cut, other = (
        open_tokenizer(tmp_path / name) for name in ("one", "padded", "cut", "other")
    )
    assert one is padded is cut
    assert other is not one
    assert padded.encode("Tea").ids == TOKENIZER.encode("Tea").ids
    assert len(cut.encode("tea " * 50)) == 52


def test_lengths_that_stand_elsewhere_are_left_out_all_the_same(tmp_path: Path) -> None:
    form = json.loads(tokenizer_json()) | {"padding": PADDING, "truncation": CUT}
    path = tmp_path / "tokenizer.json"
    path.write_text(json.dumps(dict(sorted(form.items()))))
    opened = open_tokenizer(path)
    assert opened.encode("tea").ids == TOKENIZER.encode("tea").ids
    assert len(opened.encode("tea " * 50)) == 52


@pytest.mark.parametrize("text", [None, "", "{", "{}", "[]"])
def test_what_is_no_tokenizer_is_named(tmp_path: Path, text: str | None) -> None:
    path = tmp_path / "tokenizer.json"
    if text is not None:
        path.write_text(text)
    with pytest.raises(ModelError, match=r"tokenizer\.json: cannot be read as a tokenizer"):
        open_tokenizer(path)
