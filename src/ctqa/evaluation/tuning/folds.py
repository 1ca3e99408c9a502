"""Dividing questions for cross-validation so that no fold knows another's answers.

Which fold a question falls into is drawn by a hash of its id: the same gold set is always divided
alike, in whatever order its questions stand.
"""

from collections import defaultdict
from collections.abc import Collection, Hashable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Literal

from ctqa.evaluation.locate import Span, Target

Targets = Mapping[str, Sequence[Target]]  # of each question, by its id


@dataclass(frozen=True, slots=True, kw_only=True)
class Folds:
    """Question ids, divided."""

    folds: tuple[tuple[str, ...], ...]
    together: Literal["document", "place", "question"]  # what stays within one fold


def draw_folds(targets: Targets, count: int) -> Folds:
    """Divide questions into folds of about the same size.

    Questions about the same document stay together. Where that would put more than a fold's share
    of all into one, those whose answers stand in the same place stay together; and where that is
    too many as well, as in collections that judge every document for many questions, each question
    is drawn by itself.
    """
    by_document = _joined({key: _documents(found) for key, found in targets.items()})
    if _divides(by_document, len(targets), count):
        return Folds(folds=_dealt(by_document, count), together="document")
    by_place = _joined(_places(targets))
    if _divides(by_place, len(targets), count):
        return Folds(folds=_dealt(by_place, count), together="place")
    return Folds(folds=_dealt([(key,) for key in targets], count), together="question")


def _divides(groups: Sequence[Sequence[str]], questions: int, count: int) -> bool:
    return len(groups) >= count and max(map(len, groups)) <= questions / count


def _dealt(groups: Sequence[Sequence[str]], count: int) -> tuple[tuple[str, ...], ...]:
    """Deal groups out, the largest first, each to the fold that has the fewest questions."""
    folds: list[list[str]] = [[] for _ in range(count)]
    for group in sorted(groups, key=lambda group: (-len(group), _digest(min(group)))):
        min(folds, key=len).extend(group)
    return tuple(tuple(sorted(fold)) for fold in folds)


def _digest(key: str) -> bytes:
    return sha256(key.encode("utf-8", "surrogatepass")).digest()


def _joined(places: Mapping[str, Collection[Hashable]]) -> list[tuple[str, ...]]:
    """Join questions that share a place, and those that share one with these, and so on."""
    asked_of: dict[Hashable, list[str]] = defaultdict(list)
    for key, found in places.items():
        for place in found:
            asked_of[place].append(key)
    groups, seen = [], set[str]()
    for key in places:
        if key not in seen:
            group = _reached(key, places, asked_of)
            seen |= group
            groups.append(tuple(sorted(group)))
    return groups


def _reached(
    first: str,
    places: Mapping[str, Collection[Hashable]],
    asked_of: Mapping[Hashable, Sequence[str]],
) -> set[str]:
    reached, been, ahead = {first}, set[Hashable](), [first]
    while ahead:
        fresh = [place for place in places[ahead.pop()] if place not in been]
        been.update(fresh)
        found = {key for place in fresh for key in asked_of[place]} - reached
        reached |= found
        ahead.extend(found)
    return reached


def _documents(targets: Sequence[Target]) -> set[Hashable]:
    return {_document(target) for target in targets if target.judgment.relevance > 0}


def _document(target: Target) -> str:
    return target.judgment.document if target.document is None else target.document


def _places(targets: Targets) -> dict[str, set[Hashable]]:
    """Name the places of each question's answers; ranges that overlap are one place."""
    spans: dict[str, list[Span]] = defaultdict(list)
    for found in targets.values():
        for target in found:
            spans[_document(target)].extend(target.spans)
    starts = {document: _merged(found) for document, found in spans.items()}
    return {
        key: {
            place
            for target in found
            if target.judgment.relevance > 0
            for place in _places_of(target, starts)
        }
        for key, found in targets.items()
    }


def _places_of(target: Target, starts: Mapping[str, Mapping[Span, int]]) -> set[Hashable]:
    document = _document(target)
    if not target.spans:  # the whole document, or what was not found in it
        return {(document, target.judgment.quote)}
    return {(document, starts[document][span]) for span in target.spans}


def _merged(spans: Sequence[Span]) -> dict[Span, int]:
    """Give where the run of overlapping ranges starts that each range is part of."""
    starts: dict[Span, int] = {}
    start = end = -1
    for span in sorted(spans):
        if span.start >= end:
            start = span.start
        end = max(end, span.end)
        starts[span] = start
    return starts
