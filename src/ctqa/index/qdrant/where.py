"""Conditions, as the cluster checks them."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from ctqa.index.qdrant.points import ALIVE

if TYPE_CHECKING:
    from qdrant_client import models


def in_build(number: int, *more: "models.FieldCondition") -> "models.Filter":
    """Choose the passages of a build."""
    from qdrant_client import models  # noqa: PLC0415 -- heavy

    return models.Filter(must=[_least("last", number), _most("first", number), *more])


def first_in(number: int) -> "models.Filter":
    """Choose what came with a build, and with any after it."""
    from qdrant_client import models  # noqa: PLC0415 -- heavy

    return models.Filter(must=[_least("first", number)])


def passages() -> "models.Filter":
    """Choose all that is a passage of any build."""
    return first_in(0)


def after(number: int) -> "models.Filter":
    """Choose what came with builds after one."""
    return first_in(number + 1)


def ended_before(number: int) -> "models.Filter":
    """Choose what ended before a build."""
    from qdrant_client import models  # noqa: PLC0415 -- heavy

    return models.Filter(must=[_most("last", number - 1)])


def ended_from(number: int) -> "models.Filter":
    """Choose what is to end with a build or with one after it."""
    from qdrant_client import models  # noqa: PLC0415 -- heavy

    return models.Filter(must=[_least("last", number), _most("last", ALIVE - 1)])


def one_of(name: str, values: Sequence[int]) -> "models.FieldCondition":
    """Demand one of some numbers."""
    from qdrant_client import models  # noqa: PLC0415 -- heavy

    return models.FieldCondition(key=name, match=models.MatchAny(any=list(values)))


def phrase(terms: Sequence[str]) -> "models.FieldCondition":
    """Demand terms that stand one after the other."""
    from qdrant_client import models  # noqa: PLC0415 -- heavy

    return models.FieldCondition(key="terms", match=models.MatchPhrase(phrase=" ".join(terms)))


def _least(name: str, number: int) -> "models.FieldCondition":
    from qdrant_client import models  # noqa: PLC0415 -- heavy

    return models.FieldCondition(key=name, range=models.Range(gte=number))


def _most(name: str, number: int) -> "models.FieldCondition":
    from qdrant_client import models  # noqa: PLC0415 -- heavy

    return models.FieldCondition(key=name, range=models.Range(lte=number))
