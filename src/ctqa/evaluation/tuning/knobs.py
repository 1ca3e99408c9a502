"""What tuning may turn, and every combination of it that can be tried."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any

from ctqa.config import Config, IndexConfig, SearchConfig, unknown_setting, with_settings
from ctqa.errors import ConfigError

Value = str | int | float

INDEX_KNOBS = ("encoder", "passage_tokens", "overlap_tokens")  # each takes an index of its own
SEARCH_KNOBS = ("dense_weight", "candidates", "rerank")
KNOBS = INDEX_KNOBS + SEARCH_KNOBS
_WEIGHT_STEPS = (-0.4, -0.2, 0.0, 0.2, 0.4)
_FACTORS = (0.5, 1, 2)


@dataclass(frozen=True, slots=True, kw_only=True)
class Knob:
    """A setting with the values to try, the present one among them; numbers rise."""

    name: str
    values: tuple[Value, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """One combination of values."""

    values: Mapping[str, Value]  # of every knob, and what follows from them
    config: Config
    distance: tuple[int, int, int]  # knobs of the index turned, knobs turned, steps: 0 is present

    @property
    def is_present(self) -> bool:
        """Whether it is what the user has."""
        return self.distance == (0, 0, 0)


def read_knob(text: str) -> tuple[str, tuple[Value, ...] | None]:
    """Read NAME or NAME=V1,V2,…; None where it names no values.

    Raises:
        ConfigError: there is no such knob, or a value cannot be one of it.

    """
    name, equals, values = text.partition("=")
    name = name.strip().removeprefix("index.").removeprefix("search.")
    if name not in KNOBS:
        raise ConfigError(f"--knob {unknown_setting(name, KNOBS)}")
    if not equals:
        return name, None
    parts = [part.strip() for part in values.split(",")]
    if not all(parts):
        raise ConfigError(f"--knob {text}: expected values with commas between, {name}=V1,V2")
    return name, tuple(_value(name, part) for part in parts)


def make_knobs(
    given: Mapping[str, Sequence[Value] | None], present: Config, encoders: Sequence[str]
) -> tuple[Knob, ...]:
    """Give each knob its values: those given, else a few around the present one.

    `encoders` are those on this machine.

    Raises:
        ConfigError: there is no such knob, or a value cannot be used.

    """
    unknown = set(given) - set(KNOBS)
    if unknown:
        raise ConfigError(f"knob: {unknown_setting(min(unknown), KNOBS)}")
    return tuple(
        _knob(name, given[name], value_of(present, name), encoders)
        for name in KNOBS
        if name in given
    )


def grid(
    knobs: Sequence[Knob], present: Config, room: Mapping[str, int]
) -> tuple[tuple[Setting, ...], tuple[str, ...]]:
    """Combine all values, and tell of combinations that cannot be, a line each.

    The overlap grows and shrinks with the passages unless it is a knob itself. `room` tells how
    many tokens each encoder reads.

    Raises:
        ConfigError: a value is out of its range.

    """
    settings: list[Setting] = []
    notes: dict[str, None] = {}
    names = [knob.name for knob in knobs]
    for combination in product(*(knob.values for knob in knobs)):
        values = _with_overlap(dict(zip(names, combination, strict=True)), present)
        why_not = _misfit(values, present, room)
        if why_not:
            notes[why_not] = None
        else:
            config = changed(present, values)
            settings.append(
                Setting(values=values, config=config, distance=_distance(knobs, values, present))
            )
    return tuple(settings), tuple(notes)


def changed(config: Config, values: Mapping[str, Value]) -> Config:
    """Give a configuration with knobs turned.

    Raises:
        ConfigError: a value cannot be used.

    """
    index = {name: value for name, value in values.items() if name in INDEX_KNOBS}
    search = {name: value for name, value in values.items() if name in SEARCH_KNOBS}
    return Config(
        index=with_settings(config.index, index), search=with_settings(config.search, search)
    )


def value_of(config: Config, name: str) -> Value:
    """Give what a knob stands at."""
    found: Value = getattr(config.index if name in INDEX_KNOBS else config.search, name)
    return found


def _value(name: str, text: str) -> Value:
    like = type(value_of(Config(index=IndexConfig(), search=SearchConfig()), name))
    kinds = {int: "whole numbers", float: "numbers"}
    try:
        found: Value = like(text)
    except ValueError as error:
        raise ConfigError(f"--knob {name}: found {text!r}, expected {kinds[like]}") from error
    return found


def _knob(name: str, given: Sequence[Value] | None, now: Value, encoders: Sequence[str]) -> Knob:
    values = _usual(name, now, encoders) if given is None else given
    unique = dict.fromkeys([now, *values])
    return Knob(name=name, values=tuple(unique if isinstance(now, str) else _rising(unique)))


def _rising(values: Mapping[Any, None]) -> list[Any]:
    return sorted(values)


def _usual(name: str, now: Value, encoders: Sequence[str]) -> Sequence[Value]:
    """Give a few values around the present one."""
    if isinstance(now, str):
        return encoders
    if name == "dense_weight":
        return [round(min(max(now + step, 0.0), 1.0), 4) for step in _WEIGHT_STEPS]
    if now == 0:  # nothing overlaps, or is reranked
        return [getattr(IndexConfig() if name in INDEX_KNOBS else SearchConfig(), name)]
    return [max(1, round(now * factor)) for factor in _FACTORS]


def _with_overlap(values: dict[str, Value], present: Config) -> dict[str, Value]:
    tokens = values.get("passage_tokens")
    if tokens is None or "overlap_tokens" in values:
        return values
    share = present.index.overlap_tokens / present.index.passage_tokens
    more = values | {"overlap_tokens": round(float(tokens) * share)}
    return {name: more[name] for name in KNOBS if name in more}


def _misfit(values: Mapping[str, Value], present: Config, room: Mapping[str, int]) -> str:
    """Tell why a combination cannot be; "" if it can."""

    def at(name: str) -> Any:
        return values.get(name, value_of(present, name))

    tokens, overlap, encoder = at("passage_tokens"), at("overlap_tokens"), at("encoder")
    if overlap >= tokens:
        return (
            f"overlap_tokens = {overlap} is not tried with passage_tokens = {tokens}: it has to be "
            "less"
        )
    most = room.get(encoder, tokens)
    if present.index.split == "sentences" and tokens > most:
        return (
            f"passage_tokens = {tokens} is not tried: {encoder} reads only {most} tokens of a text"
        )
    return ""


def _distance(
    knobs: Sequence[Knob], values: Mapping[str, Value], present: Config
) -> tuple[int, int, int]:
    steps = dict(_steps(knobs, values, present))
    turned = [name for name, count in steps.items() if count]
    return len(set(turned) & set(INDEX_KNOBS)), len(turned), sum(steps.values())


def _steps(
    knobs: Sequence[Knob], values: Mapping[str, Value], present: Config
) -> Iterator[tuple[str, int]]:
    """Count how far each knob was turned; from one encoder to any other it is one step."""
    for knob in knobs:
        now = value_of(present, knob.name)
        far = abs(knob.values.index(values[knob.name]) - knob.values.index(now))
        yield knob.name, min(far, 1) if isinstance(now, str) else far
