"""The command line: each command is a thin shell over one library call.

Results go to stdout, progress and messages to stderr. Exit codes: 0 done; 1 nothing in the sources
answers; 2 usage, configuration or gold; 3 some files failed (with --strict) or none has text;
5 index missing, damaged or incompatible; 6 model not available; 130 interrupted.
"""

import argparse
import io
import json
import os
import sys
import tomllib
import traceback
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ctqa import bars, show
from ctqa.config import (
    Config,
    IndexConfig,
    SearchConfig,
    load_config,
    unknown_setting,
    with_settings,
)
from ctqa.errors import ConfigError, CtqaError

if TYPE_CHECKING:
    from ctqa.answering.qa import QA
    from ctqa.records import Source

DONE, NOT_ANSWERED, SOME_FAILED, INTERRUPTED = 0, 1, 3, 130
_PASSWORDS = "CTQA_PASSWORDS"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and give its exit code."""
    options = _parser().parse_args(arguments)
    try:
        return int(options.run(options))
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


def _build(options: argparse.Namespace) -> int:
    from ctqa import api  # noqa: PLC0415

    base = Config(index=api.settings_of(options.index))
    config = _config(options, base).index
    passwords = _passwords(asked=options.password)
    with bars.progress(quiet=options.quiet) as progress:
        report = api.build(
            options.paths or None,
            options.index,
            config=config,
            progress=progress,
            passwords=passwords,
            new_encoder=options.encoder is not None,
        )
    _put(options, asdict(report), show.build_report(report, options.index))
    return SOME_FAILED if options.strict and report.pages_unread else DONE


def _passwords(*, asked: bool) -> tuple[str, ...]:
    """Take passwords from the environment, a line each, and from whoever sits at the terminal.

    Never from the command line: shells keep that.
    """
    known = tuple(filter(None, os.environ.get(_PASSWORDS, "").splitlines()))
    if not asked:
        return known
    if not sys.stdin.isatty():
        if not known:
            raise ConfigError(
                f"--password: there is no terminal to ask on; put it into {_PASSWORDS}"
            )
        return known
    from getpass import getpass  # noqa: PLC0415

    typed: list[str] = []
    try:
        typed += iter(lambda: getpass("Password for encrypted files (Enter to end): "), "")
    except EOFError:
        print(file=sys.stderr)  # Ctrl-D ends it as well, in the middle of the line
    return (*known, *typed)


def _status(options: argparse.Namespace) -> int:
    from ctqa.index.local import open_index  # noqa: PLC0415

    index = open_index(options.index)
    try:
        status = index.status()
        ledger = index.ledger() if options.json else {}
    finally:
        index.close()
    _put(options, show.status_form(status, ledger), show.status(status))
    return DONE


def _ask(options: argparse.Namespace) -> int:
    from ctqa.answering.form import reply_form  # noqa: PLC0415

    if (not options.question) == (options.batch is None):
        raise ConfigError("ask what? give one QUESTION, - to read it from stdin, or --batch FILE")
    questions = list(_questions(options))
    qa = _load(options)
    answered = True
    for row in questions:
        reply = qa.ask(
            row["question"],
            id=row.get("id"),
            documents=row.get("documents", options.document),
            follows=row.get("follows", options.follows),
        )
        answered = answered and reply.answered
        heading = "" if options.batch is None else f"\n{reply.question}\n"
        explained = f"\n\n{show.explained(reply)}" if options.explain else ""
        _put(options, reply_form(reply), heading + show.reply(reply) + explained)
    return DONE if answered or options.batch is not None else NOT_ANSWERED


def _search(options: argparse.Namespace) -> int:
    from ctqa.answering.form import hit_form  # noqa: PLC0415

    question = _question(options)
    hits = _load(options).search(question, documents=options.document)
    form = {"question": question, "passages": [hit_form(hit) for hit in hits]}
    _put(options, form, show.hits(hits))
    return DONE if hits else NOT_ANSWERED


def _why(options: argparse.Namespace) -> int:
    from ctqa.answering.form import why_form  # noqa: PLC0415

    if len(options.words) != 2:
        raise ConfigError(
            "why what? give the question and the passage (its id, or words quoted from it), each "
            'in quotes: ctqa why "Who resigned?" "resigned in June 2003"'
        )
    question, passage = options.words
    found = _load(options).why(question, passage)
    _put(options, why_form(found), show.explanation(found))
    return DONE


def _eval(options: argparse.Namespace) -> int:
    from ctqa import api  # noqa: PLC0415
    from ctqa.evaluation import format_report  # noqa: PLC0415

    qa = _load(options)
    with bars.progress(quiet=options.quiet) as progress:
        result = api.evaluate(
            qa,
            options.gold,
            answers=not options.retrieval_only,
            progress=lambda done, total: progress("evaluate", done, total),
        )
    if options.run_out is not None:
        result.write_run(options.run_out)
    _put(options, result.to_json(), format_report(result))
    return DONE


def _calibrate(options: argparse.Namespace) -> int:
    from ctqa import api  # noqa: PLC0415

    with bars.progress(quiet=options.quiet) as progress:
        found = api.calibrate(
            options.index,
            options.gold,
            config=_config(options).search,
            progress=lambda done, total: progress("ask", done, total),
        )
    _put(options, found.to_json(), show.calibration(found, _config(options).search))
    return DONE


def _export(options: argparse.Namespace) -> int:
    from ctqa import citing  # noqa: PLC0415

    if options.replies is None:
        found = citing.cite_sources(_sources(options), options.cite)
    else:
        found = citing.cite_replies(_lines(options.replies), options.cite)
        chosen = options.document
        found = [cited for cited in found if chosen is None or cited.id in chosen]
    if not found:
        _say(options, "ctqa: nothing in the replies was answered, so there is nothing to cite")
        return NOT_ANSWERED
    if options.json:
        for cited in found:
            _put(options, asdict(cited), "")
    else:
        _put_file(citing.as_text(found, options.cite))
    return DONE


def _sources(options: argparse.Namespace) -> list["Source"]:
    """List the documents of an index, or those that are named, in the order of their ids."""
    from ctqa.index.local import open_index  # noqa: PLC0415

    index = open_index(options.index)
    try:
        sources = index.sources()
    finally:
        index.close()
    if options.document is None:
        return list(sources)
    unknown = set(options.document) - {source.id for source in sources}
    if unknown:
        raise ConfigError(f"no document {min(unknown)!r} in {options.index}")
    return [source for source in sources if source.id in options.document]


def _lines(path: Path) -> list[str]:
    """Read the lines of a file, or of stdin for "-"; other signs that part lines stand in JSON."""
    if str(path) == "-":
        return sys.stdin.read().split("\n")
    try:
        return path.read_text(encoding="utf-8-sig").split("\n")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: cannot be read ({error})") from error


def _put_file(text: str) -> None:
    """Print what is meant to be a file's content: its line ends stay as they are."""
    ended = text if text.endswith("\n") else f"{text}\n"
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(newline="")
    print(ended.encode(errors="replace").decode(), end="", flush=True)


def _serve(options: argparse.Namespace) -> int:
    from ctqa.ui import serve  # noqa: PLC0415

    serve(options.index, config=_config(options).search, host=options.host, port=options.port)
    return DONE


def _models(options: argparse.Namespace) -> int:
    from ctqa import models  # noqa: PLC0415

    if options.action == "fetch":
        for name in options.names or [IndexConfig().encoder, SearchConfig().reranker]:
            folder = models.fetch(name, progress=lambda line: _say(options, line))
            _put(options, {"model": name, "folder": str(folder)}, f"{name}: ready in {folder}")
        return DONE
    for model in models.models():
        _put(options, asdict(model), show.model(model))
    return DONE


# What they share --------------------------------------------------------------------------------


def _load(options: argparse.Namespace) -> "QA":
    from ctqa import api  # noqa: PLC0415

    qa = api.load(options.index, config=_config(options).search)
    for notice in qa.notices:
        _say(options, f"ctqa: {notice}")
    return qa


def _config(options: argparse.Namespace, base: Config = Config()) -> Config:
    """Put flags before ctqa.toml before `base`."""
    beside = Path("ctqa.toml")
    found = load_config(options.config or (beside if beside.is_file() else None), base)
    given = dict(_setting(text) for text in options.set)
    given = {name.removeprefix("index.").removeprefix("search."): v for name, v in given.items()}
    names = {"index": _names(IndexConfig()), "search": _names(SearchConfig())}
    unknown = set(given) - names["index"] - names["search"]
    if unknown:
        raise ConfigError(
            f"--set {unknown_setting(min(unknown), names['index'] | names['search'])}"
        )
    tables: dict[str, dict[str, Any]] = {
        table: {name: value for name, value in given.items() if name in names[table]}
        for table in names
    }
    if getattr(options, "encoder", None) is not None:
        tables["index"]["encoder"] = options.encoder
    if getattr(options, "ocr", False):
        tables["index"]["ocr"] = True
    return Config(
        index=with_settings(found.index, tables["index"]),
        search=with_settings(found.search, tables["search"]),
    )


def _names(config: IndexConfig | SearchConfig) -> set[str]:
    return set(asdict(config))


def _setting(text: str) -> tuple[str, Any]:
    name, equals, value = text.partition("=")
    if not equals:
        raise ConfigError(f"--set {text}: expected NAME=VALUE")
    try:
        return name, tomllib.loads(f"value = {value}")["value"]
    except tomllib.TOMLDecodeError:
        return name, value  # a bare word is a string: shells eat the quotes


def _questions(options: argparse.Namespace) -> Iterator[Mapping[str, Any]]:
    if options.batch is None:
        question = _question(options)
        yield {"question": sys.stdin.read() if question == "-" else question}
        return
    try:
        lines = options.batch.read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{options.batch}: cannot be read ({error})") from error
    for number, line in enumerate(lines, start=1):
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
    documents, follows = row.get("documents"), row.get("follows")
    if documents is not None and not _are_texts(documents):
        raise ConfigError(f'{place}: "documents" is no list of document ids')
    if follows is not None and not isinstance(follows, str):
        raise ConfigError(f'{place}: "follows" is not the question asked before')
    return row


def _are_texts(values: Any) -> bool:
    return isinstance(values, list) and all(isinstance(value, str) for value in values)


def _put(options: argparse.Namespace, form: Mapping[str, Any], text: str) -> None:
    """Print a result: one line of JSON, or words for people."""
    said = json.dumps(form, ensure_ascii=False) if options.json else text
    print(said.encode(errors="replace").decode(), flush=True)  # what was typed may be no Unicode


def _say(options: argparse.Namespace, line: str) -> None:
    if not options.quiet:
        print(line, file=sys.stderr, flush=True)


# The options ------------------------------------------------------------------------------------


class _Command(argparse.ArgumentParser):
    """A command's parser: options may stand before, between and after its arguments."""

    _intermixing = False

    def parse_known_args(self, args: Any = None, namespace: Any = None) -> Any:
        """Parse with options and arguments in any order, which argparse calls intermixed."""
        if self._intermixing:  # argparse's own calls, from within
            return super().parse_known_args(args, namespace)
        self._intermixing = True
        try:
            return self.parse_known_intermixed_args(args, namespace)
        finally:
            self._intermixing = False


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="ctqa", description="Answers questions from your own documents, in their own words."
    )
    parser.add_argument("--version", action="version", version=_version())
    commands = parser.add_subparsers(metavar="COMMAND", required=True, parser_class=_Command)
    _add_build(commands)
    _add_status(commands)
    _add_ask(commands)
    _add_search(commands)
    _add_why(commands)
    _add_eval(commands)
    _add_calibrate(commands)
    _add_export(commands)
    _add_serve(commands)
    _add_models(commands)
    return parser


def _add_build(commands: Any) -> None:
    command = _command(commands, "build", "make the index hold exactly these documents", _build)
    command.add_argument(
        "paths", metavar="PATH", nargs="*", type=Path, help="default: those of the last build"
    )
    command.add_argument("--encoder", metavar="NAME", help="a registry name, a folder, a hub id")
    command.add_argument(
        "--ocr", action="store_true", help="read pages without text from their pictures (scans)"
    )
    command.add_argument(
        "--password",
        action="store_true",
        help=f"ask for passwords of encrypted files; {_PASSWORDS} may hold some, a line each",
    )
    command.add_argument(
        "--strict", action="store_true", help="exit 3 if a file or page cannot be read"
    )
    command.set_defaults(
        kept="the last build is as it was, and what was read and encoded since then is kept: "
        "`ctqa build` goes on from there"
    )


def _add_status(commands: Any) -> None:
    _command(commands, "status", "show what the index holds", _status)


def _add_ask(commands: Any) -> None:
    command = _command(commands, "ask", "answer a question from the documents", _ask)
    command.add_argument("question", metavar="QUESTION", nargs="*", help="- reads it from stdin")
    _add_document(command)
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
        help='lines of {"id", "question"}, with "documents" and "follows" if wished; a line out '
        "for each",
    )


def _add_search(commands: Any) -> None:
    command = _command(commands, "search", "find passages without reading them", _search)
    command.add_argument("question", metavar="QUESTION", nargs="+", help="what to look for")
    _add_document(command)


def _add_why(commands: Any) -> None:
    purpose = "tell why a passage answers a question, or at which stage it was lost"
    command = _command(commands, "why", purpose, _why)
    command.add_argument(
        "words",
        metavar="QUESTION PASSAGE",
        nargs="*",
        help="the passage by its id, or by words quoted from it",
    )


def _add_document(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--document",
        metavar="ID",
        action="append",
        help="search this document alone; may be given again for more than one",
    )


def _add_eval(commands: Any) -> None:
    command = _command(commands, "eval", "measure the index on gold questions", _eval)
    command.add_argument("gold", metavar="GOLD", type=Path, help="a file or a folder in BEIR form")
    command.add_argument(
        "--run-out", metavar="FILE", type=Path, help="write the run as TREC has it"
    )
    command.add_argument(
        "--retrieval-only", action="store_true", help="do not read and judge answers: much faster"
    )


def _add_calibrate(commands: Any) -> None:
    command = _command(
        commands, "calibrate", "learn from gold how likely an answer is right", _calibrate
    )
    command.add_argument("gold", metavar="GOLD", type=Path, help="a file or a folder in BEIR form")


def _add_export(commands: Any) -> None:
    purpose = "cite the documents, or the answers of replies with their pages"
    command = _command(commands, "export", purpose, _export)
    command.add_argument(
        "replies",
        metavar="REPLIES",
        nargs="?",
        type=Path,
        help="what `ctqa ask --json` printed, - reads it from stdin; default: all documents",
    )
    command.add_argument(
        "--cite",
        metavar="STYLE",
        choices=["harvard", "vancouver", "bibtex", "ris", "csl-json"],
        required=True,
        help="harvard, vancouver, bibtex, ris or csl-json",
    )
    command.add_argument(
        "--document",
        metavar="ID",
        action="append",
        help="cite this document alone; may be given again for more than one",
    )


def _add_serve(commands: Any) -> None:
    command = _command(commands, "serve", "serve the page for a browser on this machine", _serve)
    command.add_argument("--host", help="default: GRADIO_SERVER_NAME, else 127.0.0.1")
    command.add_argument("--port", type=int, help="default: GRADIO_SERVER_PORT, else 7860")


def _add_models(commands: Any) -> None:
    command = _command(commands, "models", "list the models, or fetch one", _models)
    command.add_argument(
        "action", nargs="?", choices=["list", "fetch"], default="list", help="default: list"
    )
    command.add_argument(
        "names", metavar="NAME", nargs="*", help="default: the default encoder and reranker"
    )


def _command(
    commands: Any, name: str, purpose: str, run: Callable[[argparse.Namespace], int]
) -> argparse.ArgumentParser:
    command: argparse.ArgumentParser = commands.add_parser(
        name, help=purpose, description=purpose[0].upper() + purpose[1:] + "."
    )
    command.set_defaults(run=run, kept="what was committed before is as it was")
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


def _version() -> str:
    from importlib.metadata import version  # noqa: PLC0415

    return f"ctqa {version('ctqa')}"
