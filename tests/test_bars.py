"""Progress where there is no terminal: lines for a log."""

import sys
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
        "evaluate: 3 of 9, 0.1 a second, 60 s left",
        "evaluate: 6 of 9, 0.1 a second, 30 s left",
        "evaluate: 9",
    ]


def test_a_short_stage_is_a_line_and_pages_are_none(capsys: pytest.CaptureFixture[str]) -> None:
    with progress(quiet=False) as tell:
        for done in range(41):
            tell("page", done, 0)
            tell("read", done, 40)
        tell("encode", 5, 5)
    assert capsys.readouterr().err.splitlines() == ["read: 20 of 40", "read: 40", "encode: 5"]


@pytest.mark.usefixtures("clock")
def test_of_an_unknown_total_it_is_told_how_much_is_done(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with progress(quiet=False) as tell:
        tell("encode", 0, 0)
        for done in (1_000, 2_000, 3_000):
            tell("encode", done, 0)
        tell("encode", 3_000, 30_000)
        tell("encode", 4_000, 1_000_000)
        tell("encode", 5_000, 5_000)
    assert capsys.readouterr().err.splitlines() == [
        "encode: 3,000 so far, 100 a second",
        "encode: 5,000",
    ]


@pytest.mark.usefixtures("clock")
def test_what_was_done_before_a_stage_was_first_told_of_counts_for_no_rate(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with progress(quiet=False) as tell:
        for done in (700, 800, 900, 1_000):
            tell("encode", done, 40_000)
    assert capsys.readouterr().err.splitlines() == [
        "encode: 1,000 of 40,000, 10 a second, 65 min left"
    ]


def test_a_bar_gets_its_total_when_it_is_known(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    with progress(quiet=False) as tell:
        tell("read", 0, 2)
        tell("encode", 7, 0)
        tell("page", 3, 0)
        tell("read", 2, 2)
        tell("encode", 7, 9)
        tell("encode", 9, 9)
    shown = capsys.readouterr().err
    assert "encode: 0 passages" in shown  # a count, no share
    assert "7/9" in shown
    assert "2/2" in shown
    assert "3 pages" in shown


def test_silence(capsys: pytest.CaptureFixture[str]) -> None:
    with progress(quiet=True) as tell:
        tell("read", 1, 1)
    assert capsys.readouterr().err == ""
