"""What can be typed: the parser of one command is the one among all."""

import argparse

import pytest

from ctqa import cli
from ctqa.cli import main
from ctqa.options import make_parser


def commands(parser: argparse.ArgumentParser) -> dict[str, argparse.ArgumentParser]:
    (found,) = (a for a in parser._actions if isinstance(a, argparse._SubParsersAction))
    return dict(found.choices)


ALL = commands(make_parser())


@pytest.mark.parametrize("name", ALL)
def test_a_command_alone_takes_what_it_takes_among_all(name: str) -> None:
    alone = commands(make_parser(name))
    assert list(alone) == [name]
    assert alone[name].format_help() == ALL[name].format_help()


@pytest.mark.parametrize("first", ["", "--help", "no-such-command", "asks"])
def test_what_is_no_command_gets_all_of_them(first: str) -> None:
    assert list(commands(make_parser(first))) == list(ALL)


def test_every_command_has_a_function() -> None:
    assert set(cli._HOME_OF) == set(ALL)
    assert all(callable(cli._command(name)) for name in ALL)


def test_a_misspelt_command_is_told_what_there_is(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="2"):
        main(["aks"])
    told = capsys.readouterr().err
    assert "invalid choice: 'aks'" in told
    assert all(repr(name) in told for name in ALL)


def test_the_version_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="0"):
        main(["--version"])
    assert capsys.readouterr().out.startswith("ctqa 0.")
