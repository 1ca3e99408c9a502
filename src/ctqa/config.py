"""What can be set. Flag before ctqa.toml before default; an unknown key is an error."""

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any, Literal, TypeVar

from ctqa.errors import ConfigError

LOCAL = "local"  # the store in the index's own folder
SENTENCES, SPANS = "sentences", "spans"  # the readers that CTQA comes with


def is_address(name: str) -> bool:
    """Tell whether a cluster is named, not a file."""
    return name.startswith(("qdrant://", "qdrants://"))


@dataclass(frozen=True, slots=True, kw_only=True)
class IndexConfig:
    """How documents become an index; stored with every build."""

    encoder: str = "bge-small-en-v1.5"  # a registry name, a folder, or a hub id
    split: Literal["sentences", "document"] = "sentences"  # "document": one passage a document
    passage_tokens: int = 240  # of the encoder's own tokens, heading and title not counted
    overlap_tokens: int = 60  # at most this much of a passage stands in the next one again
    ocr: bool = False  # read pages that have no usable text from their pictures
    store: str = LOCAL  # of vectors and terms: "local", in the folder, or qdrant://host:port/name


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchConfig:
    """How one question is answered; may differ from call to call."""

    passages: int = 10  # hits in a reply
    candidates: int = 100  # hits taken from each retriever before fusion
    dense_weight: float = 0.6  # 0: lexical alone, 1: dense alone
    reranker: str = "ms-marco-MiniLM-L-12-v2"  # a registry name, a folder, or a hub id
    rerank: int = 20  # of the fused hits, this many are reranked; 0: none
    # "sentences"; "spans": with the very words marked that answer, where the default reranker
    # reads; or an extractive-QA model: a folder or a hub id
    reader: str = SPANS
    answers: int = 3  # at most
    accepted_error: float = 0.1  # the share of questions that may get a wrong answer
    min_score: float = 0.75  # where nothing is calibrated: the lowest score that is answered


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """The two tables of ctqa.toml, [index] and [search]."""

    index: IndexConfig = IndexConfig()
    search: SearchConfig = SearchConfig()


Table = TypeVar("Table", IndexConfig, SearchConfig)


def load_config(path: Path | None, base: Config = Config()) -> Config:
    """Read ctqa.toml; None gives the defaults, and so do settings that it lacks: those of `base`.

    Raises:
        ConfigError: the file is missing or no TOML, or holds an unknown or unusable setting.

    """
    if path is None:
        return base
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read ({error.strerror})") from error
    except UnicodeDecodeError as error:
        raise ConfigError(f"{path}: is not valid TOML ({error})") from error
    return parse_config(text, path, base)


def parse_config(text: str, path: Path, base: Config = Config()) -> Config:
    """Read what stands, or is to stand, in the ctqa.toml at `path`; see `load_config`."""
    try:
        tables = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{path}: is not valid TOML ({error})") from error
    unknown = set(tables) - {"index", "search"}
    if unknown:
        raise ConfigError(f"{path}: unknown table [{min(unknown)}]; known are [index] and [search]")
    for name, table in tables.items():
        if not isinstance(table, dict):
            raise ConfigError(f"{path}: {name} = {table!r}: expected a table, [{name}]")
    try:
        return Config(
            index=with_settings(base.index, tables.get("index", {})),
            search=with_settings(base.search, tables.get("search", {})),
        )
    except ConfigError as error:
        raise ConfigError(f"{path}: {error}") from error


def with_settings(config: Table, settings: Mapping[str, Any]) -> Table:
    """Return a copy with settings replaced, each checked for its name, type and range.

    Raises:
        ConfigError: a setting is unknown or its value cannot be used.

    """
    known = {field.name: field for field in fields(config)}
    for name, value in settings.items():
        if name not in known:
            raise ConfigError(unknown_setting(name, known))
        default = getattr(config, name)
        number = isinstance(default, float) and type(value) is int
        if type(value) is not type(default) and not number:
            expected = _KINDS[type(default)]
            raise ConfigError(f"{name} = {value!r}: expected {expected}")
    changed = replace(config, **settings)
    _check(changed)
    return changed


def unknown_setting(name: str, known: Iterable[str]) -> str:
    """Say that a setting is unknown, and which one may be meant."""
    from difflib import get_close_matches  # noqa: PLC0415

    names = sorted(known)
    near = get_close_matches(name, names, n=1)
    meant = f"; did you mean {near[0]!r}?" if near else ""
    return f"unknown setting {name!r}{meant}; known are {', '.join(names)}"


def _check(config: IndexConfig | SearchConfig) -> None:
    for name, (low, high) in _RANGES.items():
        value = getattr(config, name, low)
        if not low <= value <= high:
            raise ConfigError(f"{name} = {value}: expected {low} to {high}")
    if isinstance(config, IndexConfig):
        if config.split not in ("sentences", "document"):
            raise ConfigError(f'split = "{config.split}": expected "sentences" or "document"')
        if config.overlap_tokens >= config.passage_tokens:
            raise ConfigError(
                f"overlap_tokens = {config.overlap_tokens}: expected less than passage_tokens = "
                f"{config.passage_tokens}"
            )


_KINDS = {int: "a whole number", float: "a number", str: "a text", bool: "true or false"}
_RANGES = {
    "passage_tokens": (16, 8192),
    "overlap_tokens": (0, 4096),
    "passages": (1, 1000),
    "candidates": (1, 10_000),
    "dense_weight": (0, 1),
    "rerank": (0, 1000),
    "answers": (1, 100),
    "accepted_error": (0, 1),
    "min_score": (0, 1),
}
