"""What two results of one gold set were measured with, where that differs."""

from collections.abc import Iterator, Mapping
from typing import Any

from ctqa.evaluation.kept import Summary
from ctqa.ui import words


def differing(before: Summary, after: Summary) -> list[str]:
    """Say in words what differs: build, gold, models and settings; nothing where all is alike."""
    found = list(_settings(_with(before), _with(after)))
    if other_gold(before, after):
        found.insert(0, words.GOLD_CHANGED)
    return found


def other_gold(before: Summary, after: Summary) -> bool:
    """Tell whether what is asked, or what counts as right, is not the same."""
    return before.about.gold_sha256 != after.about.gold_sha256


def _settings(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[str]:
    for name in dict.fromkeys((*before, *after)):
        if before.get(name) != after.get(name):
            yield words.setting_changed(name, before.get(name), after.get(name))


def _with(summary: Summary) -> Mapping[str, Any]:
    """Give everything that a result was measured with, by its name in `words`."""
    about = summary.about
    calibrated = about.calibrated
    return {
        "build": summary.build,
        "documents": about.documents,
        "indexed passages": about.passages,
        **about.index,
        "asked": about.answers,
        **summary.config,
        "depth": summary.depth,
        "models": about.models,
        "calibration": None
        if calibrated is None
        else f"{calibrated.gold}, {calibrated.created_at[:10]}",
    }
