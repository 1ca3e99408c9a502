"""Reading back what `ctqa eval --json` printed."""

import json
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ctqa.errors import ConfigError
from ctqa.evaluation.comparing.measured import Measured, settings_of
from ctqa.evaluation.outcome import Held, Row, Spot

_EXPECTED = "expected what `ctqa eval GOLD --json` printed"
_AS_THEY_ARE = (
    *("id", "question", "kind", "half", "impossible", "expected", "judgments", "first_right"),
    *("answered", "answer", "score", "confidence", "elapsed_ms", "wanted"),
)


def load_saved(path: Path, content: str) -> Measured:
    """Read an evaluation from the JSON of the command.

    Raises:
        ConfigError: it is no JSON, or lacks something that is always there.

    """
    try:
        form = json.loads(content)
        about = form["about"]
        return Measured(
            name=str(path),
            gold=_text(form["gold"]),
            rows=tuple(_row(each) for each in form["questions"]),
            gold_sha256=about["gold_sha256"],
            build=form["build"],
            settings=settings_of(form["config"], form["depth"], about),
            notes=tuple(form["notes"]),
        )
    except KeyError as error:
        raise ConfigError(f"{path}: there is no {error} in it; {_EXPECTED}") from error
    except (AttributeError, RecursionError, TypeError, ValueError) as error:
        raise ConfigError(f"{path}: cannot be read ({error}); {_EXPECTED}") from error


def _row(form: Mapping[str, Any]) -> Row:
    taken = {name: form[name] for name in _AS_THEY_ARE}
    held = form["held"]
    return Row(
        **taken | {"id": _text(form["id"]), "question": _text(form["question"])},
        problems=(),
        documents={},
        values={name: _number(value) for name, value in form["values"].items()},
        expected_at=_spot(form["expected_at"]),
        answer_at=_spot(form["answer_at"]),
        held=None if held is None else Held(**held | {"at": _spot(held["at"])}),
        failed_at=form["failed_at"] or "",
    )


def _spot(form: Mapping[str, Any] | None) -> Spot | None:
    return None if form is None else Spot(**form)


def _number(value: Any) -> float:
    number = float(value)
    if not math.isfinite(number):
        raise ValueError(f"found the value {value}")
    return number


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError(f"found {value!r} where a text stands")
    return value
