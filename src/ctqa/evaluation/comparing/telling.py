"""A comparison in sentences: never that one is better, always by how much and how surely."""

import math
import re
from collections.abc import Iterator

from ctqa.evaluation.comparing.compare import Compared, Comparison, Setting
from ctqa.evaluation.comparing.measured import Measured
from ctqa.evaluation.comparing.paired import Difference
from ctqa.evaluation.naming import NAMES

_NAMED = 5  # settings and questions that are told one by one
_MOMENT = re.compile(r"(\d{4}-\d\d-\d\d)T(\d\d:\d\d)[0-9:.]*(?:\+00:00|Z)")
_MODELS = re.compile(r"(?P<reader>.+)/(?P<kind>reranked|plain)/")
_VALUES = {"True": "yes", "False": "no", "None": "nothing", "": "nothing"}
_DISAGREE = (
    "The interval and the p-value are reckoned in two ways and disagree here, as they may where it "
    "is a near thing: the p-value decides."
)


def verdict(found: Compared) -> Iterator[str]:
    """Tell how far apart two results are by one measure, and whether that can be chance."""
    told = found.difference
    yield f"{label(found.measure)}: A {found.a:.3f}, B {found.b:.3f}, {_over(told.n)}."
    if not told.mean and not told.higher + told.lower:
        yield f"No difference at all was seen ({_interval(told)})."
    else:
        yield f"B is {_by_how_much(told.mean)} ({_interval(told)}; {p_value(told.p)})."
        shown = "That is a difference beyond chance" if found.shown else "No difference was shown"
        yield f"{shown}: were there none, as great a one would come about in {_cases(told.p)}."
        if told.excludes_zero != found.shown:
            yield _DISAGREE
    yield from _could_show(told, shown=found.shown)


def cautions(found: Comparison) -> Iterator[str]:
    """Tell what else differs between the two, and what cannot be told from them."""
    if found.other_gold:
        yield (
            f"The gold set is not the same: {found.a.gold} was changed between the two, or another "
            "was taken, so that other answers may count as right."
        )
    elif found.other_gold is None:
        yield "Whether both were held against the same gold answers is not known."
    for keys, side in ((found.only_a, "A"), (found.only_b, "B")):
        if keys:
            first = ", ".join(id for id, _ in keys[:_NAMED])
            more = f" and {len(keys) - _NAMED} more" if len(keys) > _NAMED else ""
            yield f"{_questions(len(keys))} only in {side}, and not compared: {first}{more}."
    if found.a.has_answers != found.b.has_answers:
        with_, without = ("A", "B") if found.a.has_answers else ("B", "A")
        yield (
            f"Answers were asked for in {with_}, not in {without}: only what was found is compared."
        )
    if found.settings:
        yield f"Measured differently, A → B: {'; '.join(map(_differing, found.settings))}."
    yield from dict.fromkeys((*found.a.notes, *found.b.notes))


def side(found: Measured) -> str:
    """Name one side: what it is called, its gold, its build and its date."""
    build = [] if found.build is None else [f"build {found.build}"]
    at = [found.at[:16].replace("T", " ")] if found.at else []
    return ", ".join([found.name, f"{found.gold} ({_questions(len(found.rows))})", *build, *at])


def label(measure: str) -> str:
    """Name a measure in words."""
    return NAMES[measure].label if measure in NAMES else measure


def p_value(p: float) -> str:
    """Give a p-value in as many digits as tell something."""
    if p < 0.001:
        return "p < 0.001"
    return f"p = {p:.3f}" if p < 0.1 else f"p = {p:.2f}"


def size(value: float, *, sign: bool = False) -> str:
    """Give a difference to three places, or more where these would be zeros."""
    places = 3 if value == 0 or abs(value) >= 0.001 else 1 - math.floor(math.log10(abs(value)))
    return f"{value:{'+' if sign else ''}.{places}f}".replace("-", "−")


def _differing(setting: Setting) -> str:
    if setting.name == "models":
        return _models(setting.a, setting.b)
    colon = ":" if " " in setting.name else ""
    return f"{setting.name}{colon} {_value(setting.a)} → {_value(setting.b)}"


def _models(a: str, b: str) -> str:
    """Say how models were used, where that differs: their digests tell a person nothing."""
    first, second = _used(a), _used(b)
    if not first or not second or first == second:
        return "other models"
    return f"models: {first} → {second}"


def _used(models: str) -> str:
    """Read what `calibration.models_key` wrote; "" where it is written otherwise."""
    found = _MODELS.match(models)
    if found is None:
        return ""
    with_ = "with" if found["kind"] == "reranked" else "without"
    return f"reader {found['reader']}, {with_} reranker"


def _value(value: str) -> str:
    return _MOMENT.sub(r"\1 \2", _VALUES.get(value, value))


def _could_show(told: Difference, *, shown: bool) -> Iterator[str]:
    if told.smallest >= 1:
        yield "So few questions can hardly show any difference."
    elif not told.higher + told.lower:
        yield (
            "To be shown 4 times out of 5, a difference has to change some 8 of as many questions, "
            f"all of them the same way: {size(told.smallest)} by a measure of 0 or 1."
        )
    else:
        yield (
            f"With as many questions that vary as these do, a difference of {size(told.smallest)} "
            "is shown 4 times out of 5, a smaller one less often."
        )
    needed = told.questions_needed
    if not shown and needed is not None and needed > told.n:
        yield (
            f"To show one of {size(abs(told.mean))} as surely would take some {_round(needed):,} "
            "questions."
        )


def _by_how_much(mean: float) -> str:
    if mean == 0:
        return "neither higher nor lower in the mean"
    return f"{size(abs(mean))} {'higher' if mean > 0 else 'lower'}"


def _interval(told: Difference) -> str:
    return f"95 % interval {size(told.low, sign=True)} to {size(told.high, sign=True)}"


def _cases(p: float) -> str:
    if p < 0.001:
        return "fewer than 1 of 1,000 cases"
    return f"{p * 100:.0f} of 100 cases" if p >= 0.1 else f"{p * 100:.1f} of 100 cases"


def _round(n: int) -> int:
    """Keep two digits: no more is known."""
    return round(n, 1 - math.floor(math.log10(n)))


def _over(n: int) -> str:
    return f"over {_questions(n)} that both have"


def _questions(n: int) -> str:
    return f"{n:,} question{'' if n == 1 else 's'}"
