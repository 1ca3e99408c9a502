"""Calibrations that were kept, also by others."""

import json
from typing import Any

import pytest

from ctqa.answering.calibration import Calibration, Point, Weight, from_text
from ctqa.errors import IndexLoadError

MADE = Calibration(
    gold="mine",
    own=True,
    created_at="2026-01-01",
    questions=10,
    right=7,
    ece=0.1,
    models="sentences/plain/x",
    intercept=-1.5,
    weights=(Weight(signal="passage", mean=0.5, scale=2.0, weight=1.0),),
    curve=(Point(confidence=0.5, coverage=1.0, error=0.3),),
)


def test_what_was_kept_is_what_was_made() -> None:
    assert from_text(json.dumps(MADE.to_json())) == MADE


def changed(**fields: Any) -> str:
    return json.dumps(MADE.to_json() | fields)


@pytest.mark.parametrize(
    "text",
    [
        *("", "[", "null", "1", "[]", "{}", "[" * 100_000, changed(more=1), changed(weights=1)),
        *(changed(questions="ten"), changed(gold=None), changed(own=1), changed(intercept="x")),
        *(changed(weights=[{}]), changed(curve=[1]), changed(intercept=float("nan"))),
        changed(curve=[{"confidence": "high", "coverage": 1.0, "error": 0.3}]),
        changed(weights=[{"signal": "none", "mean": 0.5, "scale": 2.0, "weight": 1.0}]),
        changed(weights=[{"signal": "passage", "mean": 0.5, "scale": 0.0, "weight": 1.0}]),
        changed(weights=[{"signal": "passage", "mean": "x", "scale": 1.0, "weight": 1.0}]),
        changed(gold="x").replace('"x"', "9" * 9_000),
    ],
    ids=lambda text: text[:60],
)
def test_a_calibration_that_ctqa_did_not_make_is_refused(text: str) -> None:
    with pytest.raises(IndexLoadError, match="`ctqa calibrate` makes one anew"):
        from_text(text)
