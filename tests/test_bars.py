"""Progress where there is no terminal: lines for a log."""

import time
from itertools import count

import pytest

from ctqa.bars import progress


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let ten seconds pass between two looks at the clock."""
    seconds = count(0.0, 10.0)
    monkeypatch.setattr(time, "monotonic", lambda: next(seconds))


@pytest.mark.usefixtures("clock")
def test_a_long_stage_is_told_of_now_and_then(capsys: pytest.CaptureFixture[str]) -> None:
    with progress(quiet=False) as tell:
        for done in range(10):
            tell("evaluate", done, 9)
    assert capsys.readouterr().err.splitlines() == [
        "evaluate: 3 of 9",
        "evaluate: 6 of 9",
        "evaluate: 9",
    ]


def test_a_short_stage_is_a_line_and_pages_are_none(capsys: pytest.CaptureFixture[str]) -> None:
    with progress(quiet=False) as tell:
        for done in range(41):
            tell("page", done, 0)
            tell("read", done, 40)
        tell("encode", 5, 5)
    assert capsys.readouterr().err.splitlines() == ["read: 20 of 40", "read: 40", "encode: 5"]


def test_silence(capsys: pytest.CaptureFixture[str]) -> None:
    with progress(quiet=True) as tell:
        tell("read", 1, 1)
    assert capsys.readouterr().err == ""
