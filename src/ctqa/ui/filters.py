"""Where questions look: what there is to choose from, and what was chosen."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ctqa.answering.qa import QA
from ctqa.errors import ConfigError
from ctqa.records import Filter, Source
from ctqa.ui import words

_YEAR = re.compile(r"\d{1,4}", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class Choices:
    """What questions can be narrowed to; () where there is nothing, or too much to list."""

    documents: tuple[tuple[str, str], ...] = ()  # what each is called, and its id
    folders: tuple[str, ...] = ()
    years: tuple[int, ...] = ()  # rising
    tags: tuple[str, ...] = ()


def choices(qa: QA) -> Choices:
    """Give what questions can be narrowed to."""
    found = qa.filterable()
    return Choices(
        documents=tuple((_called(source), source.id) for source in found.documents),
        folders=found.folders,
        years=found.years,
        tags=found.tags,
    )


def where(
    documents: Any = (), folders: Any = (), since: Any = "", until: Any = "", tags: Any = ()
) -> Filter | None:
    """Make a filter of what was chosen in a browser; None where nothing was.

    Raises:
        ConfigError: it is no choice, or the years are reversed.

    """
    first, last = _year(since), _year(until)
    if first is not None and last is not None and first > last:
        raise ConfigError(words.reversed_years(first, last))
    ids = _texts(documents)
    wanted = Filter(
        documents=ids or None,
        folders=_texts(folders),
        since=first,
        until=last,
        tags=_texts(tags),
    )
    return None if wanted == Filter() else wanted


def _called(source: Source) -> str:
    """Call a document by its title and its id, since titles alone may be the same."""
    return f"{source.title} ({source.id})" if source.title else source.id


def _texts(chosen: Any) -> tuple[str, ...]:
    if chosen is None:
        return ()
    listed: Sequence[Any] = chosen if isinstance(chosen, (list, tuple)) else (chosen,)
    if not all(isinstance(each, str) for each in listed):
        raise ConfigError(words.NO_CHOICE)
    return tuple(sorted({each for each in listed if each.strip()}))


def _year(chosen: Any) -> int | None:
    told = "" if chosen is None else str(chosen).strip()
    if told == "":
        return None
    if not _YEAR.fullmatch(told):
        raise ConfigError(words.no_year(told))
    return int(told)
