"""Tokenizers as CTQA uses them: no padding, truncated only where told, offsets in characters."""

import json
import re
from collections.abc import Sequence
from functools import cached_property, lru_cache
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING

from ctqa.errors import ModelError

if TYPE_CHECKING:
    from tokenizers import Encoding, Tokenizer

SURROGATE = re.compile("[\ud800-\udfff]")
_OPENING = Lock()


class Limited:
    """A tokenizer whose sequences end after `max_tokens`, special tokens included.

    What fits is encoded by a tokenizer that cuts nothing off, and may be shared: reading one from
    its file takes longer than encoding many texts.
    """

    def __init__(self, whole: "Tokenizer", max_tokens: int) -> None:
        self._whole = whole
        self._max_tokens = max_tokens

    def encode(self, text: str, pair: str | None = None) -> "Encoding":
        """Encode a text, or two that are read together."""
        whole = self._whole.encode(text, pair)
        return whole if len(whole) <= self._max_tokens else self._cutting.encode(text, pair)

    @cached_property
    def _cutting(self) -> "Tokenizer":
        return parse_tokenizer(self._whole.to_str(), self._max_tokens)


def open_tokenizer(path: Path) -> "Tokenizer":
    """Open a tokenizer.json; models that have the same one share it, and must not change it.

    The padding and truncation stored in the file are left out: many files pad to a fixed length.

    Raises:
        ModelError: the file is missing or is no tokenizer.

    """
    try:
        text = _without_lengths(path.read_text(encoding="utf-8"))
        with _OPENING:  # who comes second gets the one that the first makes
            return _shared(text)
    except (OSError, ValueError) as exc:
        raise ModelError(f"{path}: cannot be read as a tokenizer ({exc})") from exc


@lru_cache(maxsize=4)
def _shared(text: str) -> "Tokenizer":
    return parse_tokenizer(text)


def _without_lengths(text: str) -> str:
    """Leave out what a tokenizer.json says of truncation and padding, which models differ in.

    Only where that stands before all else, as it does in what is written by tokenizers.
    """
    head, key, rest = text.partition('"added_tokens"')
    try:
        settings = json.loads(head.rstrip().removesuffix(",") + "}")
    except ValueError:
        return text
    if set(settings) != {"version", "truncation", "padding"}:
        return text
    return json.dumps({"version": settings["version"]})[:-1] + f", {key}{rest}"


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
