from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tiny_models import tokenizer_json
from tokenizers import Tokenizer

from ctqa.errors import ModelError
from ctqa.models.tokens import (
    open_tokenizer,
    parse_tokenizer,
    readable,
    text_tokens,
    token_ends,
)

ANY_TEXT = st.text(st.characters())  # lone surrogates too
TOKENIZER = parse_tokenizer(tokenizer_json())


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


def test_a_limit_counts_special_tokens(tmp_path: Path) -> None:
    path = tmp_path / "tokenizer.json"
    path.write_text(tokenizer_json())
    limited = open_tokenizer(path, 8)
    assert len(limited.encode("tea " * 50).ids) == 8
    assert text_tokens(TOKENIZER, 8, "query: ", "") == 4


@pytest.mark.parametrize("text", [None, "", "{", "{}", "[]"])
def test_what_is_no_tokenizer_is_named(tmp_path: Path, text: str | None) -> None:
    path = tmp_path / "tokenizer.json"
    if text is not None:
        path.write_text(text)
    with pytest.raises(ModelError, match=r"tokenizer\.json: cannot be read as a tokenizer"):
        open_tokenizer(path)
