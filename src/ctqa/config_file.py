"""Writing settings into ctqa.toml, whose comments and other settings stay as they are."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

import tomlkit
from tomlkit.exceptions import TOMLKitError
from tomlkit.items import Table

from ctqa.config import Config, IndexConfig, load_config, parse_config
from ctqa.errors import ConfigError
from ctqa.writing import prepare, replace_file

Value = str | int | float


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """A setting that was written."""

    table: str  # "index" or "search"
    name: str
    before: Value  # what held without the file's saying so, if it did not
    now: Value


def prepare_settings(path: Path, base: Config = Config()) -> None:
    """See that settings can be written there, before work is begun that takes long.

    Raises:
        ConfigError: the file is there and cannot be read or used, or cannot be written.

    """
    load_config(path if path.is_file() else None, base)
    prepare(path)


def write_settings(
    path: Path, values: Mapping[str, Value], base: Config = Config()
) -> tuple[Change, ...]:
    """Set what is not set so already; `base` is what holds where the file says nothing.

    The file is replaced as a whole, and only by one that `load_config` reads as meant.

    Raises:
        ConfigError: the file is there and cannot be read or used, or cannot be written.

    """
    target = path.resolve()
    before = load_config(target if target.is_file() else None, base)
    changes = tuple(_changes(before, values))
    if changes:
        _replace(path, _changed(target, changes), changes, base)
    return changes


def shown(value: Value) -> str:
    """Spell a value as TOML has it."""
    return str(tomlkit.item(value).as_string())


def _changes(before: Config, values: Mapping[str, Value]) -> list[Change]:
    own = {field.name for field in fields(IndexConfig)}
    found = []
    for name, value in values.items():
        table = "index" if name in own else "search"
        was = getattr(getattr(before, table), name)
        if was != value:
            found.append(Change(table=table, name=name, before=was, now=value))
    return found


def _changed(target: Path, changes: tuple[Change, ...]) -> str:
    """Give the file's text with the changes in it."""
    text = target.read_bytes().decode("utf-8") if target.is_file() else ""
    document = tomlkit.parse(text.replace("\r\n", "\n"))
    try:
        for change in changes:
            if change.table not in document:
                document[change.table] = tomlkit.table()
            _put(document[change.table], change)
    except TOMLKitError as error:
        raise ConfigError(f"{target}: cannot be changed ({error}); {_by_hand(changes)}") from error
    changed = tomlkit.dumps(document)
    return changed.replace("\n", "\r\n") if "\r\n" in text else changed


def _put(table: Any, change: Change) -> None:
    """Set a key; a new one goes behind the last, before what is said of the table that follows."""
    body = table.value.body if isinstance(table, Table) else []
    last = max((place for place, (key, _) in enumerate(body) if key is not None), default=-1)
    said = body[last + 1 :]
    del body[last + 1 :]
    table[change.name] = change.now
    body.extend(said)


def _replace(path: Path, text: str, changes: tuple[Change, ...], base: Config) -> None:
    written = asdict(parse_config(text, path, base))
    if any(written[each.table][each.name] != each.now for each in changes):
        raise ConfigError(f"{path}: cannot be changed as it is written; {_by_hand(changes)}")
    try:
        replace_file(path, text.encode("utf-8"))
    except ConfigError as error:
        raise ConfigError(f"{error}; or {_by_hand(changes)}") from error


def _by_hand(changes: tuple[Change, ...]) -> str:
    lines = (f"[{each.table}] {each.name} = {shown(each.now)}" for each in changes)
    return f"put in by hand: {'; '.join(lines)}"
