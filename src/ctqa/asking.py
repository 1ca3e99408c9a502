"""The commands that ask: ask, search, why."""

import argparse
import json
import sys
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from ctqa import show
from ctqa.configuring import configured
from ctqa.errors import ConfigError
from ctqa.records import Filter
from ctqa.terminal import put, read, say

if TYPE_CHECKING:
    from ctqa.answering.qa import QA

_DONE, _NOT_ANSWERED = 0, 1
_LISTS = {"documents": "document ids", "folders": "folders", "tags": "tags"}  # filters in a batch
_YEARS = ("since", "until")


def ask(options: argparse.Namespace) -> int:
    """Answer a question, or each of a file."""
    from ctqa.answering.form import reply_form  # noqa: PLC0415

    if (not options.question) == (options.batch is None):
        raise ConfigError("ask what? give one QUESTION, - to read it from stdin, or --batch FILE")
    questions = list(_questions(options))
    where = _filter(options)
    qa = load(options)
    answered = True
    for row in questions:
        reply = qa.ask(
            row["question"],
            id=row.get("id"),
            where=_filter_of(row, where),
            follows=row.get("follows", options.follows),
        )
        answered = answered and reply.answered
        heading = "" if options.batch is None else f"\n{reply.question}\n"
        explained = f"\n\n{show.explained(reply)}" if options.explain else ""
        put(options, reply_form(reply), heading + show.reply(reply) + explained)
    return _DONE if answered or options.batch is not None else _NOT_ANSWERED


def search(options: argparse.Namespace) -> int:
    """Find passages."""
    from ctqa.answering.form import hit_form  # noqa: PLC0415

    question = _question(options)
    hits = load(options).search(question, where=_filter(options))
    form = {"question": question, "passages": [hit_form(hit) for hit in hits]}
    put(options, form, show.hits(hits))
    return _DONE if hits else _NOT_ANSWERED


def why(options: argparse.Namespace) -> int:
    """Tell how a passage fares for a question."""
    from ctqa.answering.form import why_form  # noqa: PLC0415

    if len(options.words) != 2:
        raise ConfigError(
            "why what? give the question and the passage (its id, or words quoted from it), each "
            'in quotes: ctqa why "Who resigned?" "resigned in June 2003"'
        )
    question, passage = options.words
    found = load(options).why(question, passage)
    put(options, why_form(found), show.explanation(found))
    return _DONE


def load(options: argparse.Namespace) -> "QA":
    """Open the index as the options say, and tell what its user should know."""
    from ctqa import api  # noqa: PLC0415

    qa = api.load(options.index, config=configured(options).search)
    for notice in qa.notices:
        say(options, f"ctqa: {notice}")
    return qa


def _questions(options: argparse.Namespace) -> Iterator[Mapping[str, Any]]:
    if options.batch is None:
        question = _question(options)
        yield {"question": sys.stdin.read() if question == "-" else question}
        return
    for number, line in enumerate(read(options.batch).splitlines(), start=1):
        if line.strip():
            yield _batch_row(line, f"{options.batch}, line {number}")


def _question(options: argparse.Namespace) -> str:
    """Take a question of one argument; several are one whose quotes were forgotten."""
    words: list[str] = options.question
    if len(words) > 1:
        raise ConfigError(
            f'the question came in {len(words)} pieces; put quotes around it: "{" ".join(words)}"'
        )
    return words[0]


def _batch_row(line: str, place: str) -> Mapping[str, Any]:
    expected = 'expected a line like {"id": "1", "question": "Who resigned?"}'
    try:
        row = json.loads(line)
    except json.JSONDecodeError as error:
        raise ConfigError(f"{place}: no JSON ({error}); {expected}") from error
    if not isinstance(row, dict) or not isinstance(row.get("question"), str):
        raise ConfigError(f"{place}: no question in it; {expected}")
    for name, what in _LISTS.items():
        if name in row and not _are_texts(row[name]):
            raise ConfigError(f'{place}: "{name}" is no list of {what}')
    for name in _YEARS:
        if name in row and type(row[name]) is not int:
            raise ConfigError(f'{place}: "{name}" is no year')
    follows = row.get("follows")
    if follows is not None and not isinstance(follows, str):
        raise ConfigError(f'{place}: "follows" is not the question asked before')
    return row


def _filter(options: argparse.Namespace) -> Filter:
    return Filter(
        documents=None if options.document is None else tuple(options.document),
        folders=() if options.folder is None else tuple(options.folder),
        since=options.since,
        until=options.until,
        tags=() if options.tag is None else tuple(options.tag),
    )


def _filter_of(row: Mapping[str, Any], where: Filter) -> Filter:
    """Put what a line of a batch asks for before what stands on the command line."""
    given: dict[str, Any] = {name: tuple(row[name]) for name in _LISTS if name in row}
    given |= {name: row[name] for name in _YEARS if name in row}
    return replace(where, **given)


def _are_texts(values: Any) -> bool:
    return isinstance(values, list) and all(isinstance(value, str) for value in values)
