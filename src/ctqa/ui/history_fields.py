"""Fields of JSON that comes back from a browser: each there, of its type and within its bounds."""

from collections.abc import Mapping, Sequence
from math import isfinite
from typing import Any, TypeVar

Choice = TypeVar("Choice", bound=str)

_MOST_VALUES = 20_000  # in one turn, keys among them
_MOST_CHARS = 500_000
_DEEPEST = 8  # objects and lists within one another; a turn has five
_LARGEST = 2**53  # up to which a browser's numbers are exact


class UnfitError(ValueError):
    """Raised where a browser sends back what the page never gave it."""


def plausible(value: Any) -> bool:
    """Tell whether a value is plain JSON of a turn's depth and size."""
    rest, seen, chars = [(value, 0)], 0, 0
    while rest:
        each, depth = rest.pop()
        seen += 1
        if isinstance(each, Mapping):
            rest.extend((part, depth + 1) for pair in each.items() for part in pair)
        elif isinstance(each, list):
            rest.extend((part, depth + 1) for part in each)
        elif isinstance(each, str):
            chars += len(each)
        elif not _is_plain(each):
            return False
        if depth > _DEEPEST or seen + len(rest) > _MOST_VALUES or chars > _MOST_CHARS:
            return False
    return True


def _is_plain(value: Any) -> bool:
    if type(value) is int:
        return abs(value) <= _LARGEST
    return value is None or type(value) is bool or (type(value) is float and isfinite(value))


class Fields:
    """An object asked for its fields, each by its type; `UnfitError` where it is of another."""

    def __init__(self, value: Any) -> None:
        if not isinstance(value, dict) or not all(isinstance(name, str) for name in value):
            raise UnfitError
        self._value: dict[str, Any] = value

    def text(self, name: str) -> str:
        """Give a text."""
        return _text(self._value.get(name))

    def one_of(self, name: str, allowed: Sequence[Choice]) -> Choice:
        """Give the one of several texts that it is."""
        found = next((each for each in allowed if each == self._value.get(name)), None)
        if found is None:
            raise UnfitError
        return found

    def texts(self, name: str, *, optional: bool = False) -> tuple[str, ...] | None:
        """Give a list of texts; None where it may be absent and is."""
        found = self._value.get(name)
        if optional and found is None:
            return None
        return tuple(_text(each) for each in _list(found))

    def number(self, name: str, *, least: int = 0) -> int:
        """Give a whole number that is not too small."""
        found = self._value.get(name)
        if type(found) is not int or found < least:
            raise UnfitError
        return found

    def year(self, name: str) -> int | None:
        """Give a year; None for none."""
        return None if self._value.get(name) is None else self.number(name)

    def share(self, name: str) -> float | None:
        """Give a number from 0 to 1; None for none."""
        found = self._value.get(name)
        if found is None:
            return None
        if type(found) not in (int, float) or not 0 <= found <= 1:
            raise UnfitError
        return float(found)

    def flag(self, name: str) -> bool:
        """Give a yes or no."""
        found = self._value.get(name)
        if type(found) is not bool:
            raise UnfitError
        return found

    def range(self) -> tuple[int, int]:
        """Give `start` and `end`, in their order."""
        start, end = self.number("start"), self.number("end")
        if start > end:
            raise UnfitError
        return start, end

    def mapping(self, name: str) -> dict[str, Any]:
        """Give an object as it is."""
        return Fields(self._value.get(name))._value

    def object(self, name: str) -> "Fields | None":
        """Give an object to be asked for its own fields; None for none."""
        found = self._value.get(name)
        return None if found is None else Fields(found)

    def objects(self, name: str) -> "list[Fields]":
        """Give a list of objects."""
        return [Fields(each) for each in _list(self._value.get(name))]


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise UnfitError
    return value


def _list(value: Any) -> list[Any]:
    if not isinstance(value, list):
        raise UnfitError
    return value
