"""Whether a value is of its type: for what was read from a file that others may have made."""

import re
from collections.abc import Sequence
from dataclasses import is_dataclass
from functools import cache
from types import UnionType
from typing import Any, Literal, get_args, get_origin, get_type_hints

_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
_MOST_INT = 2**53  # what every reader of JSON reads as it was written


def is_a(value: object, kind: Any) -> bool:
    """Tell whether a value, and all that it holds, is of the type that is declared for it.

    Texts have to be such as can be stored, and whole numbers such as CTQA counts with.
    """
    if kind is Any or isinstance(kind, UnionType):
        return kind is Any or any(is_a(value, each) for each in get_args(kind))
    if is_dataclass(kind):
        return type(value) is kind and all(
            is_a(getattr(value, name), declared) for name, declared in _fields(kind).items()
        )
    if get_origin(kind) is not None:
        return _is_made_of(value, get_origin(kind), get_args(kind))
    if type(value) is str:
        return kind is str and _UNSTORABLE.search(value) is None
    if type(value) is int:
        return kind in (int, float) and 0 <= value <= _MOST_INT
    return type(value) is kind


def _is_made_of(value: object, origin: Any, parts: Sequence[Any]) -> bool:
    if origin is Literal:
        return type(value) is str and value in parts
    if isinstance(value, tuple):
        return origin is tuple and all(is_a(each, parts[0]) for each in value)
    return (
        isinstance(value, dict)
        and origin is dict
        and all(is_a(key, parts[0]) and is_a(each, parts[1]) for key, each in value.items())
    )


@cache
def _fields(kind: Any) -> dict[str, Any]:
    return get_type_hints(kind)
