"""What the page shows before anything is asked, and where questions look: without Gradio."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ctqa.answering.form import reply_form
from ctqa.answering.qa import QA
from ctqa.answering.serving import Serving
from ctqa.errors import ConfigError
from ctqa.index.local import IndexStatus
from ctqa.records import Filter, Source
from ctqa.ui import words

_YEAR = re.compile(r"\d{1,4}", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class Choices:
    """What questions can be narrowed to; () where there is nothing, or too much to list."""

    documents: tuple[tuple[str, str], ...]  # what each is called, and its id
    folders: tuple[str, ...]
    years: tuple[int, ...]  # rising
    tags: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Front:
    """What the page shows of an index before anything is asked."""

    status: IndexStatus
    choices: Choices


def front(qa: QA) -> Front:
    """Look an index over, to show what it holds and what questions can be narrowed to."""
    return Front(status=qa.status(), choices=choices(qa))


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


def reply_json(serving: Serving, question: Any) -> dict[str, Any]:
    """Ask, for a program.

    Raises:
        CtqaError: the question is no text, or cannot be asked.

    """
    if not isinstance(question, str):
        raise ConfigError(f"question: expected a text, found {type(question).__name__}")
    with serving.lend() as qa:
        return reply_form(qa.ask(question))


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
