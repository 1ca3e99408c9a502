"""What can be typed to measure: eval, compare, calibrate, tune."""

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import Any

_GOLD = "a gold file, a folder in the BEIR or TREC form, or the word judgments"

Command = Callable[[Any, str, str], argparse.ArgumentParser]  # makes one, with what all take


def add_reader(command: argparse.ArgumentParser) -> None:
    """Let a command be told what cuts answers out."""
    command.add_argument(
        "--reader",
        metavar="NAME",
        help="sentences; spans: with the words that answer marked in them; or an extractive-QA "
        "model of your own (the same as --set reader=NAME)",
    )


def add_eval(commands: Any, make: Command) -> None:
    """Add `ctqa eval`."""
    command = make(commands, "eval", "measure the index on gold questions")
    command.add_argument("gold", metavar="GOLD", type=Path, help=_GOLD)
    command.add_argument(
        "--retrieval-only",
        action="store_true",
        help="do not judge answers; with --set rerank=0 it takes seconds",
    )
    command.add_argument(
        "--report", metavar="FILE", type=Path, help="write a report for a browser, in one file"
    )
    command.add_argument(
        "--run-out", metavar="FILE", type=Path, help="write the run as TREC has it"
    )
    command.add_argument(
        "--no-keep",
        dest="keep",
        action="store_false",
        help="do not keep the result in the index's folder",
    )
    add_reader(command)
    _add_gates(command)


def _add_gates(command: argparse.ArgumentParser) -> None:
    gates = command.add_argument_group("gates", "exit 4 where one is not met; each may be repeated")
    gates.add_argument(
        "--fail-under",
        metavar="MEASURE=VALUE",
        action="append",
        default=[],
        help="fail if the mean is lower, as in 'Success@5=.9'",
    )
    gates.add_argument(
        "--fail-over",
        metavar="MEASURE=VALUE",
        action="append",
        default=[],
        help="fail if it is higher, for what is better low, as in 'AURC=.1'",
    )
    gates.add_argument(
        "--fail-if-worse-than",
        metavar="RESULT",
        action="append",
        default=[],
        help="fail if worse than a result, beyond chance: what `ctqa eval --json` printed, or the "
        "id of a kept one",
    )


def add_compare(commands: Any, make: Command) -> None:
    """Add `ctqa compare`."""
    purpose = "compare two results question by question, and tell what is beyond chance"
    command = make(commands, "compare", purpose)
    command.add_argument(
        "results",
        metavar="A B",
        nargs="*",
        help="kept results (an id, latest, previous), what `ctqa eval --json` printed, TREC runs, "
        "index folders or ctqa.toml files; default: previous latest",
    )
    command.add_argument(
        "--gold", metavar="GOLD", type=Path, help=f"for runs, folders and ctqa.toml files: {_GOLD}"
    )
    command.add_argument(
        "--measure", metavar="NAME", help="the one that decides; default: by what the gold tells"
    )
    command.add_argument(
        "--retrieval-only",
        action="store_true",
        help="do not judge answers; with --set rerank=0 it takes seconds",
    )


def add_calibrate(commands: Any, make: Command) -> None:
    """Add `ctqa calibrate`."""
    command = make(commands, "calibrate", "learn from gold how likely an answer is right")
    command.add_argument("gold", metavar="GOLD", type=Path, help=_GOLD)
    add_reader(command)


def add_tune(commands: Any, make: Command) -> None:
    """Add `ctqa tune`."""
    purpose = "find by cross-validation which settings serve a gold set best"
    command = make(commands, "tune", purpose)
    command.add_argument("gold", metavar="GOLD", type=Path, help=_GOLD)
    command.add_argument(
        "--knob",
        metavar="NAME=V1,V2,…",
        action="append",
        default=[],
        help="passage_tokens, overlap_tokens, encoder, dense_weight, candidates or rerank; without "
        "values, a few around the present one; may be repeated; default: all but encoder "
        "and overlap_tokens",
    )
    command.add_argument("--measure", metavar="NAME", help="what to choose by")
    command.add_argument("--folds", metavar="N", type=int, default=5, help="default: 5")
    command.add_argument(
        "--write",
        metavar="FILE",
        nargs="?",
        type=Path,
        const=Path("ctqa.toml"),
        help="write what is recommended into a file, ./ctqa.toml if none is named",
    )


def add_gold(commands: Any, make: Command) -> None:
    """Add `ctqa gold` with its actions."""
    purpose = "check, add, suggest and convert gold questions"
    gold = commands.add_parser(
        "gold", help=purpose, description=f"{purpose[0].upper()}{purpose[1:]}."
    )
    actions = gold.add_subparsers(
        metavar="ACTION", required=True, parser_class=type(gold), help="what to do"
    )
    for add in (_add_check, _add_question, _add_suggest, _add_template, _add_convert):
        add(actions, make)


def _action(actions: Any, make: Command, name: str, purpose: str) -> argparse.ArgumentParser:
    command = make(actions, name, purpose)
    command.set_defaults(command="gold", action=name)
    return command


def _add_check(actions: Any, make: Command) -> None:
    purpose = "tell what is wrong with gold questions before anything is held against them"
    command = _action(actions, make, "check", purpose)
    command.add_argument(
        "golds",
        metavar="GOLD",
        nargs="+",
        type=Path,
        help=f"{_GOLD}; several are taken for halves of one set",
    )


def _add_question(actions: Any, make: Command) -> None:
    purpose = "add a question to a gold file, once its quote is found in the documents"
    command = _action(actions, make, "add", purpose)
    command.add_argument(
        "gold", metavar="GOLD", type=Path, help=".jsonl, .csv or .xlsx; begun if it is not there"
    )
    command.add_argument("--question", metavar="Q", help="as a colleague would ask it")
    command.add_argument("--document", metavar="D", help="a file name, a path or an id")
    command.add_argument("--quote", metavar="T", help="the words that answer, from the document")
    command.add_argument("--page", metavar="N", type=int, help="counted from the file's first")
    command.add_argument(
        "--answer",
        metavar="A",
        action="append",
        default=[],
        help="the shortest words of the quote that answer; may be given again",
    )
    command.add_argument(
        "--impossible", action="store_true", help="the documents do not answer the question"
    )
    command.add_argument("--half", metavar="H", default="", help="tune or test, say")
    command.add_argument("--kind", metavar="K", default="", help="any word")
    command.add_argument(
        "--from",
        dest="suggestions",
        metavar="FILE",
        type=Path,
        help="add what was accepted of the suggestions in this file",
    )


def _add_suggest(actions: Any, make: Command) -> None:
    purpose = "suggest questions from the documents' headings, captions and definitions"
    command = _action(actions, make, "suggest", purpose)
    command.add_argument("out", metavar="OUT", type=Path, help=".csv, .xlsx or .jsonl")
    command.add_argument("--most", metavar="N", type=int, default=50, help="default: 50")
    _add_force(command)


def _add_template(actions: Any, make: Command) -> None:
    purpose = "write an empty spreadsheet for gold questions, with examples"
    command = _action(actions, make, "template", purpose)
    command.add_argument(
        "out", metavar="FILE", type=Path, help=".xlsx, with a sheet that explains it, or .csv"
    )
    _add_force(command)


def _add_convert(actions: Any, make: Command) -> None:
    command = _action(actions, make, "convert", "write gold questions in another form")
    command.add_argument("gold", metavar="GOLD", type=Path, help=_GOLD)
    command.add_argument("out", metavar="OUT", type=Path, help="a file, or a folder")
    command.add_argument(
        "--to",
        choices=["beir", "trec", "squad", "jsonl", "csv", "xlsx"],
        help="default: by OUT's ending; none is a folder in the BEIR form",
    )
    _add_force(command)


def _add_force(command: argparse.ArgumentParser) -> None:
    command.add_argument("--force", action="store_true", help="write over what is there")
