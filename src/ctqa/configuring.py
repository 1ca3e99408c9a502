"""What follows from a command line for the settings."""

import argparse
import re
import tomllib
from dataclasses import asdict
from pathlib import Path
from typing import Any

from ctqa.config import (
    Config,
    IndexConfig,
    SearchConfig,
    load_config,
    unknown_setting,
    with_settings,
)
from ctqa.errors import ConfigError

_FRACTION = re.compile(r"-?\.\d+")  # TOML wants a 0 before the point


def configured(options: argparse.Namespace, base: Config = Config()) -> Config:
    """Put flags before ctqa.toml before `base`."""
    beside = Path("ctqa.toml")
    found = load_config(options.config or (beside if beside.is_file() else None), base)
    given = dict(_setting(text) for text in options.set)
    given = {name.removeprefix("index.").removeprefix("search."): v for name, v in given.items()}
    names = {"index": _names(IndexConfig()), "search": _names(SearchConfig())}
    unknown = set(given) - names["index"] - names["search"]
    if unknown:
        raise ConfigError(
            f"--set {unknown_setting(min(unknown), names['index'] | names['search'])}"
        )
    tables: dict[str, dict[str, Any]] = {
        table: {name: value for name, value in given.items() if name in names[table]}
        for table in names
    }
    if getattr(options, "encoder", None) is not None:
        tables["index"]["encoder"] = options.encoder
    if getattr(options, "store", None) is not None:
        tables["index"]["store"] = options.store
    if getattr(options, "ocr", False):
        tables["index"]["ocr"] = True
    if getattr(options, "reader", None) is not None:
        tables["search"]["reader"] = options.reader
    if getattr(options, "fast", False):
        tables["search"]["rerank"] = 0
    return Config(
        index=with_settings(found.index, tables["index"]),
        search=with_settings(found.search, tables["search"]),
    )


def _names(config: IndexConfig | SearchConfig) -> set[str]:
    return set(asdict(config))


def _setting(text: str) -> tuple[str, Any]:
    name, equals, value = text.partition("=")
    if not equals:
        raise ConfigError(f"--set {text}: expected NAME=VALUE")
    try:
        return name, tomllib.loads(f"value = {value}")["value"]
    except tomllib.TOMLDecodeError:
        if _FRACTION.fullmatch(value):
            return name, float(value)
        return name, value  # a bare word is a string: shells eat the quotes
