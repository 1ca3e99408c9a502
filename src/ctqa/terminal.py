"""What goes in and out where a person types commands: results on stdout, the rest on stderr."""

import argparse
import io
import json
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from ctqa.errors import ConfigError


def put(options: argparse.Namespace, form: Mapping[str, Any], text: str) -> None:
    """Print a result: one line of JSON, or words for people."""
    said = json.dumps(form, ensure_ascii=False) if options.json else text
    print(said.encode(errors="replace").decode(), flush=True)  # what was typed may be no Unicode


def put_file(text: str) -> None:
    """Print what is meant to be a file's content: its line ends stay as they are."""
    ended = text if text.endswith("\n") else f"{text}\n"
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(newline="")
    print(ended.encode(errors="replace").decode(), end="", flush=True)


def say(options: argparse.Namespace, line: str) -> None:
    """Print a message, unless silence was asked for."""
    if not options.quiet:
        print(line, file=sys.stderr, flush=True)


def warn(line: str) -> None:
    """Print what has to be read even where silence was asked for."""
    print(line, file=sys.stderr, flush=True)


@contextmanager
def notes(options: argparse.Namespace) -> Iterator[None]:
    """Print what is logged while a command runs, unless silence or JSON was asked for."""
    import logging  # noqa: PLC0415 -- `ctqa --help` needs none

    class Notes(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            line = f"ctqa: {self.format(record)}"
            if "tqdm" in sys.modules:  # there may be bars, which are drawn again below it
                sys.modules["tqdm"].tqdm.write(line, file=sys.stderr)
            else:
                print(line, file=sys.stderr, flush=True)

    log, handler = logging.getLogger("ctqa"), Notes()
    if options.quiet or options.json:
        handler.setLevel(logging.CRITICAL)
    log.addHandler(handler)
    log.setLevel(logging.INFO)
    log.propagate = False
    try:
        yield
    finally:
        log.propagate = True
        log.setLevel(logging.NOTSET)
        log.removeHandler(handler)


def read(path: Path) -> str:
    """Read a file of text, or stdin for "-".

    Raises:
        ConfigError: it cannot be read.

    """
    if str(path) == "-":
        return sys.stdin.read()
    try:
        return path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read ({error.strerror}); check the path") from error
    except UnicodeDecodeError as error:
        raise ConfigError(f"{path}: is no text in UTF-8 ({error.reason})") from error
