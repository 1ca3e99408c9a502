"""Calibrating: from gold questions to the chance that an answer is right.

Every gold question is asked without holding anything back, and its first answer is either right or
wrong; an answer to an impossible question is wrong. A logistic regression over the answers' signals
is fitted on that. What is said of its errors comes from answers it was not fitted on, by
cross-validation.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ctqa.answering.calibration import Calibration, Point, Weight
from ctqa.errors import GoldError
from ctqa.evaluation.answers import holds_answer
from ctqa.evaluation.curves import expected_error
from ctqa.evaluation.gold.questions import Gold
from ctqa.evaluation.locate import Library, locate
from ctqa.evaluation.run import Answering, Progress
from ctqa.records import Signals

if TYPE_CHECKING:
    from sklearn.pipeline import Pipeline

# Of all signals, those whose weight holds from one collection to the next (bench.calibration): the
# lead over the next answer, the retrievers' agreement and the share of terms do not.
SIGNALS = ("passage", "run", "names")
# And, where words are marked, how much the span reader is for them.
SPAN_SIGNALS = (*SIGNALS, "span")
LEAST_QUESTIONS = 100  # fewer leave an interval of more than a tenth around any share
LEAST_OF_EACH = 20  # right and wrong answers: with fewer, a curve is drawn by chance
_FOLDS = 10
_POINTS = 100  # of the curve, at most

Values = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """The first answer to one gold question; `signals` is None where nothing was found at all."""

    signals: Signals | None
    right: bool
    possible: bool = True  # whether the sources answer the question


def collect(qa: Answering, gold: Gold, *, progress: Progress | None = None) -> list[Sample]:
    """Ask every gold question that tells what a right answer is, holding none back."""
    telling = [question for question in gold.questions if question.judges_answers]
    config = replace(qa.config, accepted_error=1.0, min_score=0.0)
    library = Library(qa)
    samples = []
    for done, question in enumerate(telling, start=1):
        answers = qa.ask(question.question, config=config).answers[:1]
        targets = () if question.impossible else locate(question, library)
        samples.append(
            Sample(
                signals=answers[0].signals if answers else None,
                right=any(holds_answer(a, target) for a in answers for target in targets),
                possible=not question.impossible,
            )
        )
        if progress is not None:
            progress(done, len(telling))
    return samples


def fit(
    samples: Sequence[Sample],
    *,
    gold: str,
    own: bool,
    models: str,
    impossible_share: float | None = None,
    signals: Sequence[str] = SIGNALS,
) -> Calibration:
    """Fit a calibration on some of the signals.

    `impossible_share` is the share of impossible questions to reckon with, by weighing them; None
    takes the samples' own.

    Raises:
        GoldError: there are too few questions, or too few right or wrong answers among them.

    """
    from sklearn.model_selection import StratifiedKFold  # noqa: PLC0415

    read = [sample for sample in samples if sample.signals is not None]
    right = np.array([sample.right for sample in read], dtype=bool)  # (n,)
    _check(gold, len(samples), int(right.sum()), int((~right).sum()))
    weights = _weights(samples, impossible_share)  # (questions,)
    counted = weights[[sample.signals is not None for sample in samples]]  # (n,)
    values = _values(read, signals)  # (n, signals)
    unseen = np.zeros(len(read))
    for seen, left in StratifiedKFold(_FOLDS, shuffle=True, random_state=0).split(values, right):
        fold = _fitted(values[seen], right[seen], counted[seen])
        unseen[left] = fold.predict_proba(values[left])[:, 1]
    scaler, regression = _fitted(values, right, counted)
    return Calibration(
        gold=gold,
        own=own,
        created_at=datetime.now(UTC).isoformat(timespec="seconds"),
        questions=len(samples),
        right=int(right.sum()),
        ece=expected_error(unseen, right, counted),
        models=models,
        intercept=float(regression.intercept_[0]),
        weights=tuple(
            Weight(signal=name, mean=float(mean), scale=float(scale), weight=float(weight))
            for name, mean, scale, weight in zip(
                signals, scaler.mean_, scaler.scale_, regression.coef_[0], strict=True
            )
        ),
        curve=curve(unseen, right, counted, float(weights.sum())),
    )


def curve(
    confidence: Values, right: NDArray[np.bool_], weights: Values, questions: float
) -> tuple[Point, ...]:
    """Give coverage and error of the answers from each confidence upwards; 0 stands for all.

    `questions` is the weight of all questions, those without any answer included.
    """
    levels = np.quantile(confidence, np.linspace(0, 1, _POINTS), method="lower")
    points = []
    for level in [0.0, *np.unique(levels)[1:]]:
        given = confidence >= level
        points.append(
            Point(
                confidence=float(level),
                coverage=float(weights[given].sum() / questions),
                error=float(weights[given & ~right].sum() / questions),
            )
        )
    return tuple(points)


def _weights(samples: Sequence[Sample], impossible_share: float | None) -> Values:
    impossible = np.array([not sample.possible for sample in samples])  # (questions,)
    share = impossible.mean()
    if impossible_share is None or not 0 < share < 1:
        return np.ones(len(samples))
    weight = impossible_share / (1 - impossible_share) * (1 - share) / share
    return np.where(impossible, weight, 1.0)


def _fitted(values: Values, right: NDArray[np.bool_], weights: Values) -> "Pipeline":
    from sklearn.linear_model import LogisticRegression  # noqa: PLC0415
    from sklearn.pipeline import make_pipeline  # noqa: PLC0415
    from sklearn.preprocessing import StandardScaler  # noqa: PLC0415

    model = make_pipeline(StandardScaler(), LogisticRegression(C=1.0))
    model.fit(values, right, logisticregression__sample_weight=weights)
    return model


def _check(gold: str, questions: int, right: int, wrong: int) -> None:
    found = f"{gold}: found {questions} questions, {right} answered right and {wrong} wrong"
    expected = (
        f"expected at least {LEAST_QUESTIONS} questions with a quote or an answer, and "
        f"{LEAST_OF_EACH} right and {LEAST_OF_EACH} wrong answers"
    )
    if questions < LEAST_QUESTIONS or min(right, wrong) < LEAST_OF_EACH:
        raise GoldError(
            f"{found}; {expected}. Fewer would give confidences by chance; add questions, and "
            "some that the documents do not answer"
        )


def _values(samples: Sequence[Sample], signals: Sequence[str]) -> Values:
    return np.array(
        [
            [getattr(sample.signals, name) for name in signals]
            for sample in samples
            if sample.signals is not None
        ],
        dtype=np.float64,
    )
