"""Which documents are older editions of another one among them.

Titles are compared without their years, dates and edition numbers. Where in doubt nothing is said:
a wrong "there is a newer edition" costs more trust than a missing one.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from ctqa.citing.names import names_in
from ctqa.citing.reference import years_in
from ctqa.citing.titles import Marked, marked
from ctqa.records import Source
from ctqa.text import squeeze


@dataclass(frozen=True, slots=True, kw_only=True)
class _Edition:
    source: Source
    title: Marked
    owner: str  # who made it, "" where that is not known
    year: int | None  # that the title names, else the source


def newer_editions(sources: Iterable[Source]) -> dict[str, Source]:
    """Give, by the id of each document that has a newer edition, the newest one.

    Titles must be the same but for years, dates, and the numbers of editions, versions and
    issues, by the same author (the first of several), or in the same publication where no author
    is known; an author who is known of some editions only must be known alone. Minutes,
    newsletters and the like are series, in which nothing replaces anything.
    """
    found: dict[str, Source] = {}
    for family in _families(sources):
        newest = _newest(family)
        found |= {one.source.id: newest.source for one in family if _is_older(one, newest)}
    return found


def family_of(title: str) -> str:
    """Give what the titles of all editions of a document share; "" where it can have no others."""
    found = marked(title)
    return " ".join(found.words) if found is not None and found.tells_enough else ""


def _families(sources: Iterable[Source]) -> Iterator[Sequence[_Edition]]:
    by_words: dict[tuple[str, ...], list[tuple[Source, Marked]]] = defaultdict(list)
    for source in sources:
        title = marked(source.title)
        if title is not None and title.tells_enough:
            by_words[title.words].append((source, title))
    for alike in by_words.values():
        if len(alike) > 1:
            editions = [_edition(source, title) for source, title in alike]
            yield from (family for family in _by_owner(editions) if not _is_series(family))


def _edition(source: Source, title: Marked) -> _Edition:
    years = years_in(source.year)
    return _Edition(
        source=source,
        title=title,
        owner=_owner(source, title),
        year=max(years, default=None) if title.year is None else title.year,
    )


def _owner(source: Source, title: Marked) -> str:
    """Name who made a document; what "Annual report" is about, its folder has to tell."""
    for name in names_in(source.author)[:1]:
        return squeeze(name.literal or name.family).casefold()
    if source.publication.strip() or not title.generic:
        return squeeze(source.publication).casefold()
    return source.path.replace("\\", "/").rpartition("/")[0] + "/"


def _by_owner(alike: Sequence[_Edition]) -> Iterator[Sequence[_Edition]]:
    by_owner: dict[str, list[_Edition]] = defaultdict(list)
    for one in alike:
        by_owner[one.owner].append(one)
    if len(by_owner.keys() - {""}) <= 1:
        yield alike
    else:
        yield from (family for owner, family in by_owner.items() if owner)


def _is_series(family: Sequence[_Edition]) -> bool:
    """Tell monthly reports: of one year, with another date and no number of an edition."""
    days: dict[int | None, set[tuple[int, int]]] = defaultdict(set)
    for one in family:
        if one.title.day is not None and not one.title.number:
            days[one.year].add(one.title.day)
    return any(len(in_year) > 1 for in_year in days.values())


def _newest(family: Sequence[_Edition]) -> _Edition:
    first, *others = sorted(family, key=_rank)
    newest = first
    for one in others:
        if _is_older(newest, one):
            newest = one
    return newest


def _rank(one: _Edition) -> tuple[int, tuple[int, ...], int, str]:
    year = 0 if one.year is None else one.year
    return year, one.title.number, one.title.state, one.source.id


def _is_older(one: _Edition, other: _Edition) -> bool:
    """Tell whether another edition is newer, and nothing speaks against it."""
    mine, its = one.title, other.title
    if not (_has_marks(mine) or _has_marks(its) or one.owner):
        return False
    if mine.year is not None and its.year is not None and mine.year != its.year:
        return mine.year < its.year
    if mine.number and its.number and mine.number != its.number:
        return mine.number < its.number
    signs = {_sign(one.year, other.year), _sign(mine.state, its.state)}
    if mine.number or its.number:
        signs.add(_sign(mine.number or (1,), its.number or (1,)))
    return -1 in signs and 1 not in signs


def _has_marks(title: Marked) -> bool:
    return title.year is not None or title.number != () or title.state != 0


def _sign(mine: Any, its: Any) -> int:
    """Compare two values: -1 where the first is less, 0 where one of them is not known."""
    if mine is None or its is None:
        return 0
    return int(mine > its) - int(mine < its)
