"""The README does not lie: its programs run, its commands exist, its gold file loads."""

import argparse
import re
import subprocess
import sys
from dataclasses import fields
from importlib import import_module
from pathlib import Path

import pytest

from ctqa.config import Config, IndexConfig, SearchConfig, load_config
from ctqa.evaluation import load_gold
from ctqa.options import make_parser

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", README, re.DOTALL)


def actions(parser: argparse.ArgumentParser) -> dict[str, argparse.ArgumentParser]:
    found = (a for a in parser._actions if isinstance(a, argparse._SubParsersAction))
    return {name: each for action in found for name, each in action.choices.items()}


def commands() -> dict[str, argparse.ArgumentParser]:
    """Give all commands; those that have actions as `gold check`, say, and by themselves."""
    found = actions(make_parser())
    within = {f"{n} {a}": each for n in found for a, each in actions(found[n]).items()}
    return found | within


@pytest.mark.model
def test_the_first_program_prints_an_answer(tmp_path: Path) -> None:
    program = blocks("python")[0]
    assert len(program.strip().splitlines()) < 10
    (tmp_path / "seeds").symlink_to(ROOT / "seeds")
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    assert "resigned as health secretary" in done.stdout


@pytest.mark.parametrize("name", sorted(commands()))
def test_every_command_is_in_the_readme_and_has_help(name: str) -> None:
    assert f"ctqa {name}" in README
    parser = commands()[name]
    assert parser.description
    for action in parser._actions:
        assert action.help, f"ctqa {name}: {action.dest} has no help"


def test_commands_in_the_readme_exist_with_their_options() -> None:
    known_commands = commands()
    for line in re.findall(r"^(?:\$ )?ctqa (.*)$", "\n".join(blocks("console")), re.MULTILINE):
        name, _, rest = line.partition(" ")
        name = two if (two := " ".join(line.split()[:2])) in known_commands else name
        known = {o for action in known_commands[name]._actions for o in action.option_strings}
        given = set(re.findall(r"(?<!\S)--?[a-z][a-z-]*", rest.split("#")[0]))
        assert given <= known, f"ctqa {name}: {given - known}"


def test_calls_in_the_readme_are_there_to_be_called() -> None:
    calls = re.findall(r"`ctqa\.((?:\w+\.)*)(\w+)\(", README)
    assert {"evaluate", "compare", "tune", "check"} <= {name for _, name in calls}
    for within, name in calls:
        module = import_module(f"ctqa.{within}".rstrip("."))
        assert callable(getattr(module, name)), (within, name)


def test_the_settings_in_the_readme_are_the_defaults(tmp_path: Path) -> None:
    (text,) = blocks("toml")
    path = tmp_path / "ctqa.toml"
    path.write_text(text, encoding="utf-8")
    assert load_config(path) == Config()
    named = set(re.findall(r"^(\w+) =", text, re.MULTILINE))
    assert named == {f.name for part in (IndexConfig, SearchConfig) for f in fields(part)}


def test_the_gold_file_in_the_readme_loads(tmp_path: Path) -> None:
    (text,) = blocks("jsonl")
    path = tmp_path / "gold.jsonl"
    path.write_text(text, encoding="utf-8")
    gold = load_gold(path)
    assert [question.impossible for question in gold.questions] == [False, True]


def test_files_and_pictures_named_in_the_readme_are_there() -> None:
    for target in re.findall(r"\]\(((?!http|#)[^)]+)\)", README):
        assert (ROOT / target).exists(), target
