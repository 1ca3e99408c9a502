"""From the signals of an answer to the chance that it is right.

A calibration is a logistic regression over the signals, fitted on gold questions, together with
what those gold questions showed: how many got an answer, and how many a wrong one, from each
confidence upwards.
"""

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from importlib.resources import files
from typing import Any, Self

from ctqa.answering.signals import sigmoid
from ctqa.errors import IndexLoadError
from ctqa.index.kinds import is_a
from ctqa.records import Calibrated, Signals

_AS_LIKELY = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Weight:
    """What one signal adds to the log-odds: `weight * (signal - mean) / scale`."""

    signal: str
    mean: float
    scale: float
    weight: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """What the gold showed for answers of at least this confidence."""

    confidence: float
    coverage: float  # share of the questions that get such an answer, 0..1
    error: float  # share of the questions that get a wrong one, 0..1


@dataclass(frozen=True, slots=True, kw_only=True)
class Calibration:
    """How confidence is computed, and what it rests on."""

    gold: str  # what it was fitted on
    own: bool  # whether those were questions about the index's own documents
    created_at: str  # ISO 8601
    questions: int
    right: int  # of the first answers, when none is held back
    ece: float  # expected calibration error out of sample, 0..1
    models: str  # the models whose signals it understands: see `models_key`
    intercept: float
    weights: tuple[Weight, ...]
    curve: tuple[Point, ...]  # rising confidence

    def confidence(self, signals: Signals) -> float:
        """Give the chance that an answer with these signals is right; 0..1."""
        values = asdict(signals)
        odds = self.intercept + math.fsum(
            w.weight * (values[w.signal] - w.mean) / w.scale for w in self.weights
        )
        return sigmoid(odds)

    def point(self, accepted_error: float) -> Point | None:
        """Find where at most that share of the questions gets a wrong answer; None: nowhere.

        It is the lowest such confidence, but never one at which an answer is as likely wrong.
        """
        return next(
            (p for p in self.curve if p.error <= accepted_error and p.confidence > _AS_LIKELY),
            None,
        )

    def least_confidence(self, accepted_error: float) -> float:
        """Give the confidence of that point; infinite where none is, and nothing is answered.

        An error of 1 accepts every answer.
        """
        if accepted_error >= 1:
            return 0.0
        found = self.point(accepted_error)
        return math.inf if found is None else found.confidence

    def told(self) -> Calibrated:
        """Give what a reply tells of it."""
        return Calibrated(
            gold=self.gold,
            own=self.own,
            questions=self.questions,
            ece=self.ece,
            created_at=self.created_at,
        )

    def to_json(self) -> dict[str, Any]:
        """Give it as JSON-ready values."""
        return asdict(self)

    @classmethod
    def from_json(cls, form: Mapping[str, Any]) -> Self:
        """Take it from what `to_json` gave."""
        weights = tuple(Weight(**weight) for weight in form["weights"])
        curve = tuple(Point(**point) for point in form["curve"])
        return cls(**(dict(form) | {"weights": weights, "curve": curve}))


def models_key(
    *, reader: str, reranker_sha256: str | None, encoder_key: str, given: bool = False
) -> str:
    """Name what decides the meaning of signals.

    With a reranker its weights do; without one, the encoder does, whose cosines take their place.
    `given` tells that the passages were named by whoever asks: an answer is then far likelier there
    than in the best of all passages.
    """
    deciding = encoder_key if reranker_sha256 is None else reranker_sha256[:16]
    kind = "reranked" if reranker_sha256 is not None else "plain"
    return "/".join([reader, kind, deciding, *(["given"] if given else [])])


def shipped(models: str) -> Calibration | None:
    """Give the calibration that comes with CTQA for these models; None where there is none."""
    text = files("ctqa.answering").joinpath("calibrations.json").read_text(encoding="utf-8")
    found: Sequence[Calibration] = [Calibration.from_json(form) for form in json.loads(text)]
    return next((calibration for calibration in found if calibration.models == models), None)


def from_text(text: str) -> Calibration:
    """Take a calibration from JSON text.

    Raises:
        IndexLoadError: it is none that CTQA made.

    """
    try:
        made = Calibration.from_json(json.loads(text))
        if is_a(made, Calibration) and math.isfinite(made.confidence(_NO_SIGNALS)):
            return made
    except (ArithmeticError, LookupError, RecursionError, TypeError, ValueError) as error:
        raise IndexLoadError(_NOT_OURS) from error
    raise IndexLoadError(_NOT_OURS)


_NO_SIGNALS = Signals(**dict.fromkeys(Signals.__slots__, 0.0))
_NOT_OURS = (
    "the calibration that was kept with the index is none that CTQA made; `ctqa calibrate` makes "
    "one anew"
)
