"""Values that were read are what their types say, all the way down."""

from dataclasses import dataclass
from typing import Any, Literal

import pytest

from ctqa.index.kinds import is_a
from ctqa.records import Page, Sentence


@dataclass(frozen=True)
class Nest:
    names: tuple[str, ...]
    counts: dict[str, int]
    page: Page | None
    anything: Any = 1


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        *(
            (0, int),
            (2**53, int),
            (1, float),
            (0.5, float),
            ("é\n", str),
            (True, bool),
            (b"", bytes),
        ),
        *(((), tuple[str, ...]), (("a", "b"), tuple[str, ...]), ({}, dict[str, int])),
        *(("a", Literal["a", "b"]), (None, int | None), (1, int | None), (object(), Any)),
        (Sentence(start=0, end=3), Sentence),
        (Nest(("a",), {"a": 1}, Page(number=1, start=0, end=1)), Nest),
        (Nest((), {}, None, [object()]), Nest),
    ],
    ids=repr,
)
def test_what_is_right(value: object, kind: Any) -> None:
    assert is_a(value, kind)


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        *((True, int), (-1, int), (2**53 + 1, int), (1.0, int), ("1", int), (None, int), (1, bool)),
        *((1, str), ("\0", str), ("\ud800", str), (b"a", str), (True, float), ("a", bytes)),
        *((["a"], tuple[str, ...]), (("a", 1), tuple[str, ...]), ("ab", tuple[str, ...])),
        *(([], dict[str, int]), ({"a": "b"}, dict[str, int]), ({1: 1}, dict[str, int])),
        *(("c", Literal["a", "b"]), ([], Literal["a", "b"]), ("1", int | None)),
        (Sentence(start=0, end=3, kind="song"), Sentence),  # type: ignore[arg-type]
        (Sentence(start="0", end=3), Sentence),  # type: ignore[arg-type]
        (Page(number=1, start=0, end=1), Sentence),
        (Nest(("a",), {"a": 1}, Page(number=-1, start=0, end=1)), Nest),
        (Nest((1,), {}, None), Nest),  # type: ignore[arg-type]
    ],
    ids=repr,
)
def test_what_is_wrong(value: object, kind: Any) -> None:
    assert not is_a(value, kind)
