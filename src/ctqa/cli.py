"""The command line: each command is a thin shell over one library call.

Results go to stdout, progress and messages to stderr. Exit codes: 0 done; 1 nothing in the sources
answers, a receipt is not verified or gold is to mend; 2 usage, configuration or gold; 3 some files
failed (with --strict) or none has text; 4 a gate is not met; 5 index missing, damaged, incompatible
or not to be written to; 6 model not available; 130 interrupted.
"""

import argparse
import os
import sys
from collections.abc import Callable, Mapping, Sequence

from ctqa.errors import ConfigError, CtqaError
from ctqa.options import parse
from ctqa.terminal import notes, put, say

DONE, INTERRUPTED = 0, 130


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and give its exit code."""
    options = parse(arguments)
    try:
        with notes(options):
            return _command(options.command)(options)
    except CtqaError as error:
        if options.verbose:
            import traceback  # noqa: PLC0415

            traceback.print_exc()
        print(f"ctqa: {error}", file=sys.stderr)
        return error.exit_code
    except KeyboardInterrupt:
        print(f"ctqa: interrupted; {options.kept}", file=sys.stderr)
        return INTERRUPTED
    except BrokenPipeError:  # the reader of our output has gone, as `| head` does
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return DONE


def serve(options: argparse.Namespace) -> int:
    """Serve the page for a browser."""
    from ctqa import ui  # noqa: PLC0415
    from ctqa.configuring import configured  # noqa: PLC0415
    from ctqa.ui.access import settle  # noqa: PLC0415

    access = settle(
        options.host,
        options.port,
        password_file=options.password_file,
        proxy=options.proxy,
        proxy_from=() if options.proxy_from is None else options.proxy_from,
    )
    ui.serve(options.index, config=configured(options).search, access=access)
    return DONE


def mcp(options: argparse.Namespace) -> int:
    """Serve the documents to an AI agent."""
    if options.port is not None and not options.http:
        raise ConfigError(f"--port {options.port}: is for --http; without it, no port is used")
    from ctqa.configuring import configured  # noqa: PLC0415
    from ctqa.mcp import serve_http, serve_stdio  # noqa: PLC0415

    config = configured(options).search
    if options.http:
        serve_http(options.index, config=config, port=options.port)
    else:
        serve_stdio(options.index, config=config)
    return DONE


def models(options: argparse.Namespace) -> int:
    """List the models, or fetch some."""
    from dataclasses import asdict  # noqa: PLC0415

    from ctqa import models, show  # noqa: PLC0415
    from ctqa.config import IndexConfig, SearchConfig  # noqa: PLC0415

    if options.action == "fetch":
        for name in options.names or [IndexConfig().encoder, SearchConfig().reranker]:
            folder = models.fetch(name, progress=lambda line: say(options, line))
            put(options, {"model": name, "folder": str(folder)}, f"{name}: ready in {folder}")
        return DONE
    for model in models.models():
        put(options, asdict(model), show.model(model))
    return DONE


# Each command's module, none of which is imported but that of the command that is run.
_HOMES: Mapping[str, tuple[str, ...]] = {
    "asking": ("ask", "search", "why"),
    "upkeep": (
        *("build", "add", "remove", "status", "export", "import_"),
        *("verify", "doctor", "rollback"),
    ),
    "measuring": ("eval_", "compare", "calibrate", "tune"),
    "gold_work": ("gold",),
    "cli": ("serve", "mcp", "models"),
}
_HOME_OF = {
    function.rstrip("_"): (home, function)
    for home, functions in _HOMES.items()
    for function in functions
}


def _command(name: str) -> Callable[[argparse.Namespace], int]:
    from importlib import import_module  # noqa: PLC0415

    home, function = _HOME_OF[name]
    command: Callable[[argparse.Namespace], int] = getattr(import_module(f"ctqa.{home}"), function)
    return command
