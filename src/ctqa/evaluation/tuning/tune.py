"""Choosing among settings, and what the choice is worth on questions that it was not made by.

A setting that is best on some questions is in part lucky on them. So the choice is made over and
over, each time without one fold of the questions, and scored on that fold: the mean of these scores
is what choosing in this way is worth (Stone, "Cross-Validatory Choice and Assessment of Statistical
Predictions", J. R. Stat. Soc. B 1974).

Among settings that are not told from the best, the one nearest to what the user has is chosen:
within one standard error of the best (Breiman et al., "Classification and Regression Trees", 1984,
3.4.3), here of the difference, question by question, which is far smaller than that of the means.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ctqa.errors import ConfigError, GoldError
from ctqa.evaluation.comparing.paired import Difference, difference
from ctqa.evaluation.intervals import Figure, figure
from ctqa.evaluation.tuning.folds import Folds
from ctqa.evaluation.tuning.knobs import Setting, Value

Scores = NDArray[np.float64]  # (settings, questions)
FEW = 30  # questions: with fewer, all but the largest differences look like chance


@dataclass(frozen=True, slots=True, kw_only=True)
class Tried:
    """What one setting scored on all questions."""

    values: Mapping[str, Value]
    mean: Figure
    gain: Difference  # over the present settings, question by question
    chosen: int  # in how many folds
    is_present: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Tuning:
    """What trying settings brought."""

    gold: str
    measure: str
    questions: int
    folds: int
    together: str  # what was kept within one fold
    tried: tuple[Tried, ...]  # the best first
    chosen: Tried  # by all questions
    recommended: Tried  # `chosen` if tuning is worth it, else the present settings
    present: Tried
    tuned: Figure  # what tuning is worth on questions that it did not see
    gain: Difference  # of that over the present settings
    notes: tuple[str, ...] = ()

    @property
    def keeps(self) -> bool:
        """Whether the advice is to keep what there is."""
        return self.recommended.is_present

    @property
    def smallest(self) -> float:
        """The size from which on a true difference is shown 4 times out of 5.

        It is that of the best of the other settings: what was chosen in a fold may be the present
        one, which differs from itself by nothing.
        """
        others = (each for each in self.tried if not each.is_present)
        return next(others, self.present).gain.smallest

    def to_json(self) -> dict[str, Any]:
        """Give everything in JSON's types."""
        return asdict(self) | {"keep": self.keeps, "smallest": self.smallest}


def check_folds(folds: int, questions: int, gold: str) -> None:
    """Refuse what cannot be cross-validated.

    Raises:
        ConfigError: there are fewer than two folds.
        GoldError: there are fewer than two questions a fold.

    """
    if folds < 2:
        raise ConfigError(f"folds = {folds}: expected 2 or more; 5 is usual")
    if questions < 2 * folds:
        raise GoldError(
            f"{gold}: {questions} questions can be used, and {folds} folds need at least "
            f"{2 * folds}; add questions (`ctqa gold template` makes a form to fill in), or give "
            f"fewer --folds"
        )


def conclude(  # noqa: PLR0913 -- what was tried, on what, and how it was divided
    settings: Sequence[Setting],
    ids: Sequence[str],
    scores: Scores,
    folds: Folds,
    *,
    gold: str,
    measure: str,
    notes: Sequence[str] = (),
) -> Tuning:
    """Say what to set, and what that is worth; `scores` are in the order of settings and ids."""
    now = next(place for place, setting in enumerate(settings) if setting.is_present)
    distances = [setting.distance for setting in settings]
    held_out, times = _cross_validated(scores, distances, ids, folds)
    tried = [
        Tried(
            values=setting.values,
            mean=figure(scores[place].tolist()),
            gain=difference(scores[now].tolist(), scores[place].tolist()),
            chosen=times[place],
            is_present=place == now,
        )
        for place, setting in enumerate(settings)
    ]
    gain = difference(scores[now].tolist(), held_out.tolist())
    chosen = choose(scores, distances)
    worth = gain.shown and gain.mean > 0
    order = sorted(range(len(settings)), key=lambda n: (-tried[n].mean.mean, distances[n], n))
    return Tuning(
        gold=gold,
        measure=measure,
        questions=len(ids),
        folds=len(folds.folds),
        together=folds.together,
        tried=tuple(tried[place] for place in order),
        chosen=tried[chosen],
        recommended=tried[chosen if worth else now],
        present=tried[now],
        tuned=figure(held_out.tolist()),
        gain=gain,
        notes=(*notes, *_cautions(len(ids), len(settings))),
    )


def choose(scores: Scores, distances: Sequence[tuple[int, ...]]) -> int:
    """Give the setting nearest to the present one, of those that are not told from the best."""
    means = scores.mean(axis=1)  # (settings,)
    order = range(len(distances))
    best = min(order, key=lambda place: (-round(float(means[place]), 12), distances[place], place))
    behind = scores[best] - scores  # (settings, questions)
    spread = behind.std(axis=1, ddof=1) / np.sqrt(scores.shape[1])
    close = behind.mean(axis=1) <= spread + 1e-12
    return min((place for place in order if close[place]), key=lambda n: (distances[n], n))


def _cross_validated(
    scores: Scores, distances: Sequence[tuple[int, ...]], ids: Sequence[str], folds: Folds
) -> tuple[NDArray[np.float64], Counter[int]]:
    """Score each fold's questions by what was chosen without them; count what was chosen."""
    column = {key: place for place, key in enumerate(ids)}
    held_out = np.empty(len(ids))
    times: Counter[int] = Counter()
    for fold in folds.folds:
        out = np.array([column[key] for key in fold])
        chosen = choose(np.delete(scores, out, axis=1), distances)
        held_out[out] = scores[chosen, out]
        times[chosen] += 1
    return held_out, times


def _cautions(questions: int, settings: int) -> Iterator[str]:
    if questions < FEW:
        yield (
            f"{questions} questions can tell little, and only great differences would show; {FEW} "
            "is the least to rely on, 100 are better"
        )
    if settings > 2:
        yield (
            f"each gain is told as if its setting had been the only one tried; of {settings} "
            "settings, the best is in part lucky, so trust the advice rather than the first line"
        )
