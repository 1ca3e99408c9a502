"""Bars: where the mean of a measure has to be, as 'Success@5=.9' says it."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from ctqa.errors import ConfigError
from ctqa.evaluation.comparing.called import meant, measure_called
from ctqa.evaluation.comparing.telling import size
from ctqa.evaluation.gold.questions import Gold
from ctqa.evaluation.naming import ANSWERING, NAMES, RETRIEVAL
from ctqa.evaluation.outcome import Evaluation

_LATENCY = ("p50_ms", "p95_ms")
_KNOWN = (*RETRIEVAL, *ANSWERING, *_LATENCY)
_OF_IMPOSSIBLE = ("refused", "refusal_precision", "balanced_accuracy")
_OF_POSSIBLE = ("answered", "document_right", "citation_right", "AURC", *_OF_IMPOSSIBLE[1:])
_OF_QUOTED = ("sentence_right", "any_sentence_right", "EM", "F1", "EM_all", "F1_all")
_ROUNDING = 1e-9  # a mean that misses a bar by less does not miss it
_WHY_NOT = {  # what lacks where a measure is not there after all
    "ECE": "no answer came with a confidence; run `ctqa calibrate` first",
    "AURC": "nothing was found that could have been shown",
    "refusal_precision": "no question was refused",
}

_Interval = tuple[float | None, float | None]  # None: too few questions to tell


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """Where the mean of a measure has to be."""

    option: str  # that set it
    measure: str
    value: float
    is_ceiling: bool  # it must not be higher; else it must not be lower

    def missed_by(self, mean: float) -> float:
        """Tell by how much a mean misses it; 0 or less: it does not."""
        return mean - self.value if self.is_ceiling else self.value - mean


def floor(text: str) -> Bar:
    """Read 'MEASURE=VALUE', below which an evaluation fails.

    Raises:
        ConfigError: the measure is unknown or better low, or the value cannot be used.

    """
    return _bar("--fail-under", text, is_ceiling=False)


def ceiling(text: str) -> Bar:
    """Read 'MEASURE=VALUE', above which an evaluation fails.

    Raises:
        ConfigError: the measure is unknown or better high, or the value cannot be used.

    """
    return _bar("--fail-over", text, is_ceiling=True)


def _bar(option: str, text: str, *, is_ceiling: bool) -> Bar:
    called, equals, value = (part.strip() for part in text.partition("="))
    if not equals or not called:
        raise ConfigError(f"{option} {text}: expected MEASURE=VALUE, as in 'Success@5=.9'")
    measure = measure_called(called, _KNOWN)
    if measure not in _KNOWN:
        raise ConfigError(
            f"{option} {called}: is no measure{meant(called, _KNOWN)} Known are {', '.join(_KNOWN)}"
        )
    if _is_better_low(measure) != is_ceiling:
        better, other = ("low", "--fail-over") if not is_ceiling else ("high", "--fail-under")
        raise ConfigError(f"{option} {text}: {measure} is better {better}; use {other}")
    return Bar(
        option=option,
        measure=measure,
        value=_value(f"{option} {text}", value, measure),
        is_ceiling=is_ceiling,
    )


def _value(where: str, text: str, measure: str) -> float:
    highest = float("inf") if measure in _LATENCY else 1.0
    number = text.removesuffix("%")
    try:
        value = float(number) / (1 if number == text else 100)
    except ValueError as error:
        raise ConfigError(f"{where}: {text!r} is no number; expected .9, 0.9 or 90%") from error
    if not 0 <= value <= highest:
        raise ConfigError(f"{where}: expected 0 to 1, as in .9, or 0% to 100%")
    return value


def _is_better_low(measure: str) -> bool:
    return measure in _LATENCY or NAMES[measure].lower_is_better


def not_measured(measure: str, gold: Gold, *, answers: bool) -> str:
    """Say why a gold set will not bring a measure; "" where it can."""
    if measure in RETRIEVAL:
        every = all(question.impossible for question in gold.questions)
        return f"every question of {gold.name} is impossible" if every else ""
    if not answers:
        return "no answers are asked for; leave out --retrieval-only, with gold that tells answers"
    possible = [question for question in gold.questions if not question.impossible]
    if measure in _OF_IMPOSSIBLE and len(possible) == len(gold.questions):
        return f"{gold.name} has no impossible question"
    if measure in _OF_POSSIBLE and not possible:
        return f"every question of {gold.name} is impossible"
    if measure in _OF_QUOTED and not any(question.judges_answers for question in possible):
        return f"no question of {gold.name} tells its answer or a quote"
    return ""


def at_bar(bar: Bar, found: Evaluation) -> Iterator[str]:
    """Say by how much an evaluation misses a bar; nothing where it does not.

    What was not measured after all misses it: nobody knows that it is met.
    """
    reached = _reached(bar, found)
    if reached is None:
        why = _WHY_NOT.get(bar.measure, "no question allows it")
        yield f"{bar.measure} was not measured, and {bar.option} asks for it: {why}"
        return
    told = _told_ms if bar.measure in _LATENCY else size
    mean, (low, high), n = reached
    missed = bar.missed_by(mean)
    if missed > _ROUNDING:
        side = "above" if bar.is_ceiling else "below"
        yield (
            f"{bar.measure} is {told(mean)} (95 % interval {_end(low, told)} to "
            f"{_end(high, told)}, {n:,} questions), {told(missed)} {side} the {told(bar.value)} "
            f"that {bar.option} asks for"
        )


def _reached(bar: Bar, found: Evaluation) -> tuple[float, _Interval, int] | None:
    """Give what a measure came to, its interval, and over how many questions; None: nothing."""
    figure, times = found.figures.get(bar.measure), found.latency
    if figure is not None:
        return figure.mean, (figure.low, figure.high), figure.n
    if bar.measure not in _LATENCY or times is None:
        return None
    n = sum(row.elapsed_ms is not None for row in found.rows)
    if bar.measure == "p50_ms":
        return times.p50_ms, times.p50_interval, n
    return times.p95_ms, times.p95_interval, n


def _end(value: float | None, told: Callable[[float], str]) -> str:
    return "(too few replies to tell)" if value is None else told(value)


def _told_ms(value: float) -> str:
    return f"{value:,.0f} ms"
