"""The command line: each command is a thin shell over one library call.

Results go to stdout, progress and messages to stderr. Exit codes: 0 done; 1 nothing in the sources
answers, a receipt is not verified or gold is to mend; 2 usage, configuration or gold; 3 some files
failed (with --strict) or none has text; 4 a gate is not met; 5 index missing, damaged, incompatible
or not to be written to; 6 model not available; 130 interrupted.
"""

import argparse
import json
import os
import sys
import traceback
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, replace
from typing import Any

from ctqa import gold_work, measuring, show, upkeep
from ctqa.config import IndexConfig, SearchConfig
from ctqa.errors import ConfigError, CtqaError
from ctqa.options import configured, parse
from ctqa.records import Filter
from ctqa.terminal import put, read, say

DONE, NOT_ANSWERED, INTERRUPTED = 0, 1, 130
_LISTS = {"documents": "document ids", "folders": "folders", "tags": "tags"}  # filters in a batch
_YEARS = ("since", "until")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and give its exit code."""
    options = parse(arguments)
    try:
        return _COMMANDS[options.command](options)
    except CtqaError as error:
        if options.verbose:
            traceback.print_exc()
        print(f"ctqa: {error}", file=sys.stderr)
        return error.exit_code
    except KeyboardInterrupt:
        print(f"ctqa: interrupted; {options.kept}", file=sys.stderr)
        return INTERRUPTED
    except BrokenPipeError:  # the reader of our output has gone, as `| head` does
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return DONE


# The commands -----------------------------------------------------------------------------------


def _ask(options: argparse.Namespace) -> int:
    from ctqa.answering.form import reply_form  # noqa: PLC0415

    if (not options.question) == (options.batch is None):
        raise ConfigError("ask what? give one QUESTION, - to read it from stdin, or --batch FILE")
    questions = list(_questions(options))
    where = _filter(options)
    qa = measuring.load(options)
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
    return DONE if answered or options.batch is not None else NOT_ANSWERED


def _search(options: argparse.Namespace) -> int:
    from ctqa.answering.form import hit_form  # noqa: PLC0415

    question = _question(options)
    hits = measuring.load(options).search(question, where=_filter(options))
    form = {"question": question, "passages": [hit_form(hit) for hit in hits]}
    put(options, form, show.hits(hits))
    return DONE if hits else NOT_ANSWERED


def _why(options: argparse.Namespace) -> int:
    from ctqa.answering.form import why_form  # noqa: PLC0415

    if len(options.words) != 2:
        raise ConfigError(
            "why what? give the question and the passage (its id, or words quoted from it), each "
            'in quotes: ctqa why "Who resigned?" "resigned in June 2003"'
        )
    question, passage = options.words
    found = measuring.load(options).why(question, passage)
    put(options, why_form(found), show.explanation(found))
    return DONE


def _serve(options: argparse.Namespace) -> int:
    from ctqa.ui import serve  # noqa: PLC0415
    from ctqa.ui.access import settle  # noqa: PLC0415

    access = settle(
        options.host,
        options.port,
        password_file=options.password_file,
        proxy=options.proxy,
        proxy_from=() if options.proxy_from is None else options.proxy_from,
    )
    serve(options.index, config=configured(options).search, access=access)
    return DONE


def _mcp(options: argparse.Namespace) -> int:
    if options.port is not None and not options.http:
        raise ConfigError(f"--port {options.port}: is for --http; without it, no port is used")
    from ctqa import mcp  # noqa: PLC0415

    config = configured(options).search
    if options.http:
        mcp.serve_http(options.index, config=config, port=options.port)
    else:
        mcp.serve_stdio(options.index, config=config)
    return DONE


def _models(options: argparse.Namespace) -> int:
    from ctqa import models  # noqa: PLC0415

    if options.action == "fetch":
        for name in options.names or [IndexConfig().encoder, SearchConfig().reranker]:
            folder = models.fetch(name, progress=lambda line: say(options, line))
            put(options, {"model": name, "folder": str(folder)}, f"{name}: ready in {folder}")
        return DONE
    for model in models.models():
        put(options, asdict(model), show.model(model))
    return DONE


# What they share --------------------------------------------------------------------------------


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


_COMMANDS: Mapping[str, Callable[[argparse.Namespace], int]] = {
    "build": upkeep.build,
    "add": upkeep.add,
    "remove": upkeep.remove,
    "status": upkeep.status,
    "ask": _ask,
    "search": _search,
    "why": _why,
    "eval": measuring.eval_,
    "compare": measuring.compare,
    "calibrate": measuring.calibrate,
    "tune": measuring.tune,
    "gold": gold_work.gold,
    "export": upkeep.export,
    "import": upkeep.import_,
    "verify": upkeep.verify,
    "doctor": upkeep.doctor,
    "rollback": upkeep.rollback,
    "serve": _serve,
    "mcp": _mcp,
    "models": _models,
}
