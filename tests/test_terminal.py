"""What is logged while a command runs: told on stderr, on a line of its own, or not at all."""

import argparse
import logging

import pytest
from tqdm import tqdm

from ctqa.terminal import notes


def options(*, quiet: bool = False, json: bool = False) -> argparse.Namespace:
    return argparse.Namespace(quiet=quiet, json=json)


def test_notes_are_told_while_a_command_runs(capsys: pytest.CaptureFixture[str]) -> None:
    log = logging.getLogger("ctqa.index.somewhere")
    with notes(options()):
        log.info("waiting for %d", 3)
        with tqdm(total=2) as bar:
            bar.update()
            log.warning("trying again")
    lines = capsys.readouterr().err.replace("\r", "\n").splitlines()
    assert lines[0] == "ctqa: waiting for 3"
    assert "ctqa: trying again" in lines
    assert not logging.getLogger("ctqa").handlers


@pytest.mark.parametrize("how", [{"quiet": True}, {"json": True}])
def test_none_is_told_where_silence_or_json_is_asked_for(
    how: dict[str, bool], capsys: pytest.CaptureFixture[str]
) -> None:
    with notes(options(**how)):
        logging.getLogger("ctqa.index.somewhere").warning("trying again")
    assert capsys.readouterr().err == ""
