"""What can be typed: the commands and their options."""

import argparse
import sys
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from ctqa import options_evaluation

PASSWORDS = "CTQA_PASSWORDS"
_KEPT = (
    "the last build is as it was, and what was read and encoded since then is kept: "
    "the same command goes on from there"
)


class _Command(argparse.ArgumentParser):
    """A command's parser: options may stand before, between and after its arguments."""

    _intermixing = False

    def parse_known_args(self, args: Any = None, namespace: Any = None) -> Any:
        """Parse with options and arguments in any order, which argparse calls intermixed."""
        if self._intermixing or self._subparsers is not None:  # its own calls; `ctqa gold ACTION`
            return super().parse_known_args(args, namespace)
        self._intermixing = True
        try:
            return self.parse_known_intermixed_args(args, namespace)
        finally:
            self._intermixing = False


class _Version(argparse.Action):
    """Looks the version up when it is asked for, not at each start."""

    def __call__(self, parser: argparse.ArgumentParser, *_: Any) -> None:
        """Print it, and end."""
        from importlib.metadata import version  # noqa: PLC0415 -- 10 ms

        sys.stdout.write(f"ctqa {version('ctqa')}\n")
        parser.exit()


def parse(arguments: Sequence[str] | None = None) -> argparse.Namespace:
    """Parse a command line; of an option that its command lacks, say which one may be meant."""
    given = sys.argv[1:] if arguments is None else arguments
    options, unknown = make_parser(given[0] if given else "").parse_known_args(given)
    if unknown:
        from difflib import get_close_matches  # noqa: PLC0415

        parser: argparse.ArgumentParser = options.parser
        near = get_close_matches(unknown[0].partition("=")[0], parser._option_string_actions, n=1)
        meant = f"; did you mean {near[0]}?" if near else ""
        parser.error(f"unrecognized arguments: {' '.join(unknown)}{meant}")
    return options


def make_parser(first: str = "") -> argparse.ArgumentParser:
    """Make a parser; what is parsed names its `command`.

    It knows the command that the `first` word is, and all of them where it is none.
    """
    parser = argparse.ArgumentParser(
        prog="ctqa", description="Answers questions from your own documents, in their own words."
    )
    parser.add_argument(
        "--version", action=_Version, nargs=0, help="show program's version number and exit"
    )
    commands = parser.add_subparsers(metavar="COMMAND", required=True, parser_class=_Command)
    add: Mapping[str, Callable[[Any], None]] = {
        "build": _add_build,
        "add": _add_add,
        "remove": _add_remove,
        "status": _add_status,
        "ask": _add_ask,
        "search": _add_search,
        "why": _add_why,
        "eval": partial(options_evaluation.add_eval, make=_command),
        "compare": partial(options_evaluation.add_compare, make=_command),
        "calibrate": partial(options_evaluation.add_calibrate, make=_command),
        "tune": partial(options_evaluation.add_tune, make=_command),
        "gold": partial(options_evaluation.add_gold, make=_command),
        "export": _add_export,
        "import": _add_import,
        "verify": _add_verify,
        "doctor": _add_doctor,
        "rollback": _add_rollback,
        "serve": _add_serve,
        "mcp": _add_mcp,
        "models": _add_models,
    }
    for name in [first] if first in add else add:
        add[name](commands)
    return parser


def _add_build(commands: Any) -> None:
    command = _command(commands, "build", "make the index hold exactly these documents")
    command.add_argument(
        "paths", metavar="PATH", nargs="*", type=Path, help="default: those of the last build"
    )
    command.add_argument("--encoder", metavar="NAME", help="a registry name, a folder, a hub id")
    command.add_argument(
        "--store",
        metavar="ADDRESS",
        help="where vectors and terms lie from now on: local, or qdrant://HOST:PORT/NAME"
        "?shards=N&replicas=N (docs/scale.md); default: as in the last build",
    )
    _add_reading(command)
    command.add_argument(
        "--watch", action="store_true", help="build again whenever the documents change"
    )


def _add_add(commands: Any) -> None:
    purpose = "add documents to those of the index, or take in again what was left out"
    command = _command(commands, "add", purpose)
    command.add_argument("paths", metavar="PATH", nargs="+", type=Path, help="files or folders")
    _add_reading(command)


def _add_remove(commands: Any) -> None:
    command = _command(commands, "remove", "leave documents out of the index; the files stay")
    command.add_argument(
        "names",
        metavar="DOCUMENT",
        nargs="+",
        help="by the file's id, as `ctqa status --json` has it, or a file's or folder's path",
    )
    command.set_defaults(ocr=False, kept=_KEPT)


def _add_reading(command: argparse.ArgumentParser) -> None:
    """Add what building asks, wherever documents are read."""
    command.add_argument(
        "--ocr", action="store_true", help="read pages without text from their pictures (scans)"
    )
    command.add_argument(
        "--password",
        action="store_true",
        help=f"ask for passwords of encrypted files; {PASSWORDS} may hold some, a line each",
    )
    command.add_argument(
        "--strict", action="store_true", help="exit 3 if a file or page cannot be read"
    )
    command.add_argument(
        "--ray",
        metavar="ADDRESS",
        help="have a Ray cluster read, split and encode: auto, HOST:PORT or ray://HOST:PORT",
    )
    command.set_defaults(kept=_KEPT)


def _add_status(commands: Any) -> None:
    options_evaluation.add_reader(_command(commands, "status", "show what the index holds"))


def _add_ask(commands: Any) -> None:
    command = _command(commands, "ask", "answer a question from the documents")
    command.add_argument("question", metavar="QUESTION", nargs="*", help="- reads it from stdin")
    _add_fast(command)
    options_evaluation.add_reader(command)
    _add_filters(command)
    command.add_argument(
        "--follows",
        metavar="QUESTION",
        help="the question asked before: what this one leaves unsaid is taken from it",
    )
    command.add_argument(
        "--explain", action="store_true", help="show how the passages and the confidence came about"
    )
    command.add_argument(
        "--batch",
        metavar="FILE",
        type=Path,
        help='lines of {"id", "question"}, with "follows" and filters ("documents", "folders", '
        '"tags", "since", "until") if wished; a line out for each',
    )


def _add_search(commands: Any) -> None:
    command = _command(commands, "search", "find passages without reading them")
    command.add_argument("question", metavar="QUESTION", nargs="+", help="what to look for")
    _add_fast(command)
    _add_filters(command)


def _add_why(commands: Any) -> None:
    purpose = "tell why a passage answers a question, or at which stage it was lost"
    command = _command(commands, "why", purpose)
    command.add_argument(
        "words",
        metavar="QUESTION PASSAGE",
        nargs="*",
        help="the passage by its id, or by words quoted from it",
    )
    options_evaluation.add_reader(command)


def _add_fast(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--fast",
        action="store_true",
        help="without reranking: many times quicker, and less often right (the same as --set "
        "rerank=0)",
    )


def _add_filters(command: argparse.ArgumentParser) -> None:
    filters = command.add_argument_group("filters", "which documents to search; all must be met")
    for flag, metavar, what in (
        ("--document", "ID", "this document"),
        ("--folder", "FOLDER", "documents below this folder, as `ctqa status --json` names files"),
        ("--tag", "TAG", "documents that sources.csv gives this tag"),
    ):
        filters.add_argument(
            flag,
            metavar=metavar,
            action="append",
            help=f"{what}; may be given again for more than one",
        )
    filters.add_argument(
        "--since", metavar="YEAR", type=int, help="documents of this year or later"
    )
    filters.add_argument(
        "--until", metavar="YEAR", type=int, help="documents of this year or before"
    )


def _add_export(commands: Any) -> None:
    purpose = "cite the documents or the answers of replies, or put the whole index into one file"
    command = _command(commands, "export", purpose)
    command.add_argument(
        "replies",
        metavar="REPLIES",
        nargs="?",
        type=Path,
        help="what `ctqa ask --json` printed, - reads it from stdin; default: all documents",
    )
    which = command.add_mutually_exclusive_group(required=True)
    which.add_argument(
        "--cite",
        metavar="STYLE",
        choices=["harvard", "vancouver", "bibtex", "ris", "csl-json"],
        help="harvard, vancouver, bibtex, ris or csl-json",
    )
    which.add_argument(
        "--to",
        metavar="FILE",
        help="the whole index, with the documents' texts; or into a cluster: qdrant://HOST:PORT/NAME",
    )
    command.add_argument(
        "--document",
        metavar="ID",
        action="append",
        help="cite this document alone; may be given again for more than one",
    )


def _add_import(commands: Any) -> None:
    purpose = "make an index of what `ctqa export --to FILE` wrote, here or elsewhere"
    command = _command(commands, "import", purpose)
    command.add_argument(
        "archive", metavar="FILE", help="or qdrant://HOST:PORT/NAME; its content is checked first"
    )
    command.add_argument(
        "--store",
        metavar="ADDRESS",
        help="where vectors and terms lie from now on, as for `ctqa build`; default: local, or the "
        "cluster that the index is taken from",
    )


def _add_verify(commands: Any) -> None:
    purpose = "check all of the index, or receipts: that an answer stands where it says"
    command = _command(commands, "verify", purpose)
    command.add_argument(
        "receipts",
        metavar="RECEIPT",
        nargs="?",
        type=Path,
        help="a receipt or what `ctqa ask --json` printed, - reads it from stdin; no model is used",
    )
    command.add_argument(
        "--without-model", action="store_true", help="encode no passages again to compare them"
    )


def _add_doctor(commands: Any) -> None:
    command = _command(commands, "doctor", "tell what is wrong with the index, and what mends it")
    command.add_argument(
        "--fix", action="store_true", help="make anew what can be made of what is whole"
    )


def _add_rollback(commands: Any) -> None:
    _command(commands, "rollback", "go back to the build before the current one")


def _add_serve(commands: Any) -> None:
    command = _command(commands, "serve", "serve the page for a browser")
    options_evaluation.add_reader(command)
    command.add_argument(
        "--host",
        help="default: GRADIO_SERVER_NAME, else 127.0.0.1; one that other machines can reach needs "
        "a password or a proxy",
    )
    command.add_argument("--port", type=int, help="default: GRADIO_SERVER_PORT, else 7860")
    command.add_argument(
        "--password-file",
        metavar="FILE",
        type=Path,
        help="ask everyone for the password in this file; default: CTQA_PASSWORD, else none",
    )
    command.add_argument(
        "--proxy",
        metavar="URL",
        help="the page's address, as others see it, behind a proxy; it alone is then answered",
    )
    command.add_argument(
        "--proxy-from",
        metavar="ADDRESS",
        action="append",
        help="where the proxy calls from, an address or a network; default: this machine; may be "
        "given again",
    )


def _add_mcp(commands: Any) -> None:
    purpose = "serve the documents to an AI agent, by the Model Context Protocol"
    command = _command(commands, "mcp", purpose)
    options_evaluation.add_reader(command)
    command.add_argument(
        "--http", action="store_true", help="on a port of this machine; default: stdin and stdout"
    )
    command.add_argument("--port", type=int, help="with --http; default: 7870")


def _add_models(commands: Any) -> None:
    command = _command(commands, "models", "list the models, or fetch one")
    command.add_argument(
        "action", nargs="?", choices=["list", "fetch"], default="list", help="default: list"
    )
    command.add_argument(
        "names", metavar="NAME", nargs="*", help="default: the default encoder and reranker"
    )


def _command(commands: Any, name: str, purpose: str) -> argparse.ArgumentParser:
    command: argparse.ArgumentParser = commands.add_parser(
        name, help=purpose, description=purpose[0].upper() + purpose[1:] + "."
    )
    kept = "what was committed before is as it was"
    command.set_defaults(command=name, parser=command, kept=kept)
    command.add_argument(
        "--index", metavar="DIR", type=Path, default=Path("index"), help="default: index/"
    )
    command.add_argument("--config", metavar="FILE", type=Path, help="default: ./ctqa.toml")
    command.add_argument(
        "--set", metavar="NAME=VALUE", action="append", default=[], help="a setting of ctqa.toml"
    )
    command.add_argument("--json", action="store_true", help="print JSON, a line for each result")
    command.add_argument("--quiet", action="store_true", help="no progress on stderr")
    command.add_argument(
        "-v", "--verbose", action="store_true", help="show where an error comes from"
    )
    return command
