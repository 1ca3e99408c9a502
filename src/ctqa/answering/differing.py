"""Whether one sentence says another number than a second one, or the opposite: rules, no model."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from ctqa.answering.quantities import Quantity, quantities

Kind = Literal["number", "negation"]

_NOT = re.compile(
    r"\b(?:not|never|cannot|can[’']t|no|nor|neither|none|nobody|without|prohibited|forbidden|"
    r"banned|(?:do|does|did|is|are|was|were|has|have|had|wo|would|should|could|must)n[’']t)\b",
    re.IGNORECASE,
)
# Words that deny nothing, or of which nobody can tell how much they deny.
_IDLE = re.compile(
    r"\b(?:not\s+only|not\s+just|not\s+least|not\s+necessarily|not\s+always|not\s+all|no\s+doubt|"
    r"not[\s-]for[\s-]profit|whether\s+or\s+not|or\s+not|if\s+not|why\s+not|no\s+matter|"
    r"(?:no|not)\s+(?:more|less|fewer|later|earlier|longer|greater)\s+than|no\s+one\s+knows|"
    r"not\s+limited\s+to|without\s+limitation|No\.?\s+\d+)\b",
    re.IGNORECASE,
)
_BUT = re.compile(
    r"\b(?:unless|except|other\s+than|otherwise|only|if|until|although|though|but|however)\b",
    re.IGNORECASE,
)
_MOST_QUANTITIES = 4  # of a sentence; more are a table's


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """What differs, as it stands in the first and in the second text."""

    kind: Kind
    first: tuple[int, int]
    second: tuple[int, int]
    of: str = ""  # what was compared: "percent", "duration", "date"; "" for a negation


def difference(one: str, other: str) -> Difference | None:
    """Tell how two texts about the same thing contradict each other; None: they may both be true.

    Whether they are about the same thing is for the caller to know.
    """
    found = _numbers(quantities(one), quantities(other))
    return _negation(one, other) if found is None else found


def _numbers(first: Sequence[Quantity], second: Sequence[Quantity]) -> Difference | None:
    """Compare what both measure once each; of other years, other numbers are no contradiction."""
    if max(len(first), len(second)) > _MOST_QUANTITIES:
        return None
    differing = [
        (mine, its)
        for mine in first
        for its in second
        if mine.of == its.of
        and _alone(mine, first)
        and _alone(its, second)
        and not mine.agrees(its)
    ]
    dated = [pair for pair in differing if pair[0].of == "date"]
    apart = dated or _of_other_times(first, second)
    chosen = dated if apart else differing
    if not chosen:
        return None
    mine, its = chosen[0]
    return Difference(
        kind="number", first=(mine.start, mine.end), second=(its.start, its.end), of=mine.of
    )


def _alone(found: Quantity, among: Sequence[Quantity]) -> bool:
    return sum(other.of == found.of for other in among) == 1


def _of_other_times(first: Sequence[Quantity], second: Sequence[Quantity]) -> bool:
    """Tell whether both are dated, and by no date that could be the same."""
    mine = [found for found in first if found.of == "date"]
    its = [found for found in second if found.of == "date"]
    return bool(mine and its) and not any(one.agrees(other) for one in mine for other in its)


def _negation(one: str, other: str) -> Difference | None:
    """Find the one denial that only one of them holds, where neither sets a condition."""
    if not (one and other) or _BUT.search(one) or _BUT.search(other):
        return None
    mine, its = _denials(one), _denials(other)
    if len(mine) + len(its) != 1:
        return None
    return Difference(
        kind="negation",
        first=mine[0] if mine else (0, len(one)),
        second=its[0] if its else (0, len(other)),
    )


def _denials(text: str) -> list[tuple[int, int]]:
    idle = [match.span() for match in _IDLE.finditer(text)]
    return [
        match.span()
        for match in _NOT.finditer(text)
        if not any(start <= match.start() < end for start, end in idle)
    ]
