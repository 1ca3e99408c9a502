"""Tokenizers as CTQA uses them: no padding, truncated only where told, offsets in characters."""

import re
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from ctqa.errors import ModelError

if TYPE_CHECKING:
    from tokenizers import Tokenizer

SURROGATE = re.compile("[\ud800-\udfff]")


def open_tokenizer(path: Path, max_tokens: int | None = None) -> "Tokenizer":
    """Open a tokenizer.json; sequences end after `max_tokens`, special tokens included.

    The padding and truncation stored in the file are left out: many files pad to a fixed length.

    Raises:
        ModelError: the file is missing or is no tokenizer.

    """
    try:
        return parse_tokenizer(path.read_text(encoding="utf-8"), max_tokens)
    except (OSError, ValueError) as exc:
        raise ModelError(f"{path}: cannot be read as a tokenizer ({exc})") from exc


def parse_tokenizer(text: str, max_tokens: int | None = None) -> "Tokenizer":
    """Make a tokenizer from the text of a tokenizer.json; ValueError where it is none."""
    from tokenizers import Tokenizer  # noqa: PLC0415 - heavy

    try:
        tokenizer = Tokenizer.from_str(text)
    except Exception as exc:  # tokenizers raises nothing narrower
        raise ValueError(str(exc)) from exc
    tokenizer.no_padding()
    tokenizer.encode_special_tokens = True  # "[SEP]" in a text is text
    if max_tokens is None:
        tokenizer.no_truncation()
    else:
        tokenizer.enable_truncation(max_tokens)
    return tokenizer


def readable(text: str) -> str:
    """Replace lone surrogates, which no tokenizer takes, one for one: offsets stay true."""
    return SURROGATE.sub("\ufffd", text)


def token_ends(tokenizer: "Tokenizer", texts: Sequence[str]) -> list[list[int]]:
    """Give, for each text, the character offset at which each of its own tokens ends."""
    encodings = tokenizer.encode_batch([readable(text) for text in texts], add_special_tokens=False)
    return [[end for _, end in encoding.offsets] for encoding in encodings]


def text_tokens(tokenizer: "Tokenizer", max_tokens: int, *prefixes: str) -> int:
    """Give the longest text read, in tokens: what special tokens and the longest prefix leave."""
    special = tokenizer.num_special_tokens_to_add(is_pair=False)
    longest = max(len(ends) for ends in token_ends(tokenizer, prefixes))
    return max_tokens - special - longest
