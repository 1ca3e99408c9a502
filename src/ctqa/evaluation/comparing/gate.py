"""Gates: what an evaluation has to reach, and that it did not become worse, for CI.

A gate looks at the mean, not at the end of its interval: a bar is set where the mean has to be, and
the interval, which is told with it, says how surely it is there. Whether something became worse is
another question: there the paired test decides, so that chance alone seldom fails a gate.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from ctqa.errors import ConfigError
from ctqa.evaluation.comparing.compare import common, compared, deciding, shared
from ctqa.evaluation.comparing.gate_bars import Bar, at_bar, ceiling, floor, not_measured
from ctqa.evaluation.comparing.measured import Measured, key_of, partners
from ctqa.evaluation.comparing.telling import label, p_value, size
from ctqa.evaluation.gold.questions import Gold
from ctqa.evaluation.outcome import Evaluation

_BY_CHANCE = 0.5  # the balanced accuracy of a system that answers all, or nothing
_FEW_OF_A_KIND = 20  # with fewer, the 95 % interval of a half is more than .4 wide
_LISTED = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Gates:
    """All that an evaluation is held against."""

    bars: tuple[Bar, ...] = ()
    before: tuple[Measured, ...] = ()  # what it must not be worse than

    def __bool__(self) -> bool:
        """Tell whether there is any."""
        return bool(self.bars or self.before)


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """How an evaluation stood at its gates."""

    reasons: tuple[str, ...]  # why it does not pass; none: it does
    notes: tuple[str, ...]

    @property
    def passed(self) -> bool:
        """Whether it met all of them."""
        return not self.reasons

    def to_json(self) -> dict[str, Any]:
        """Give it in JSON's types."""
        return {"passed": self.passed, "reasons": list(self.reasons), "notes": list(self.notes)}


def check(gates: Gates, gold: Gold, *, answers: bool) -> None:
    """See before an evaluation that its gates can be judged by it.

    Raises:
        ConfigError: a measure will not be there, or a question of a result before is not.

    """
    answers = answers and any(question.judges_answers for question in gold.questions)
    for bar in gates.bars:
        why = not_measured(bar.measure, gold, answers=answers)
        if why:
            raise ConfigError(f"{bar.option} {bar.measure}: cannot be measured: {why}")
    for before in gates.before:
        _check_before(before, gold, answers=answers)


def judge(found: Evaluation, gates: Gates, now: Measured) -> Judged:
    """Hold an evaluation against its gates; `now` is the same evaluation as one to compare.

    Where answers were asked for and the gold has questions of both kinds, any gate demands as well
    that the two kinds are told apart: the balanced accuracy's interval lies above one half. So no
    system passes that answers all or nothing.

    Raises:
        ConfigError: a result before has no measure in common with this one.

    """
    reasons: list[str] = []
    notes: list[str] = []
    for bar in gates.bars:
        reasons += at_bar(bar, found)
    reasons += _both_ways(found)
    notes += _one_way(found)
    for before in gates.before:
        worse, told = _against(before, now)
        reasons += worse
        notes += told
    return Judged(reasons=tuple(reasons), notes=tuple(notes))


# Both ways --------------------------------------------------------------------------------------


def _both_ways(found: Evaluation) -> Iterator[str]:
    balanced = found.figures.get("balanced_accuracy")
    if balanced is None or balanced.low > _BY_CHANCE:
        return
    answered, refused = found.figures["answered"], found.figures["refused"]
    if balanced.mean > _BY_CHANCE and min(answered.n, refused.n) < _FEW_OF_A_KIND:
        yield (
            f"{answered.n:,} questions that the sources answer and {refused.n:,} that they do not "
            f"are too few to show that it tells them apart: {answered.mean:.0%} of the first are "
            f"answered and {refused.mean:.0%} of the others refused, which may be chance; add "
            "questions of the kind that has fewer"
        )
        return
    yield (
        "it does not tell the questions that the sources answer from those that they do not: "
        f"{answered.mean:.0%} of the first are answered and {refused.mean:.0%} of the others "
        f"refused, a balanced accuracy of {size(balanced.mean)} (95 % interval "
        f"{size(balanced.low)} to {size(balanced.high)}), where answering all, or nothing, has 0.5"
    )


def _one_way(found: Evaluation) -> Iterator[str]:
    if all(row.answered is None for row in found.rows):
        yield "answers were not asked for: the gate looked only at what was found"
    elif not found.counts.impossible:
        yield (
            f"{found.gold} has no impossible question: a system that answers everything would pass "
            "a gate on it; add some that the sources do not answer"
        )
    elif found.counts.impossible == found.counts.questions:
        yield (
            f"{found.gold} has impossible questions alone: a system that answers nothing would "
            "pass a gate on it; add some that the sources do answer"
        )


# Worse than before ------------------------------------------------------------------------------


def _check_before(before: Measured, gold: Gold, *, answers: bool) -> None:
    """See that all of a result before can be compared: dropped questions would hide a loss."""
    there = partners(map(key_of, before.rows), map(key_of, gold.questions))
    lacking = [row for row in before.rows if key_of(row) not in there]
    if lacking:
        listed = ", ".join(row.id for row in lacking[:_LISTED])
        raise ConfigError(
            f"--fail-if-worse-than {before.name}: {len(lacking):,} of its {len(before.rows):,} "
            f"questions are not in {gold.name}, or in other words ({listed}"
            f"{', …' if len(lacking) > _LISTED else ''}); put them back, or evaluate the version "
            "to compare with on the gold set as it is now"
        )
    if before.has_answers and not answers:
        raise ConfigError(
            f"--fail-if-worse-than {before.name}: answers were asked for in it, and are not now; "
            "leave out --retrieval-only, or compare with a result that has none either"
        )


def _against(before: Measured, now: Measured) -> tuple[list[str], list[str]]:
    """Give what became worse beyond chance, and what else there is to tell."""
    pairs = shared(before.rows, now.rows)
    names = common(pairs)
    decides = deciding(names, None)
    worse, told = [], list(_new(before, now, len(pairs)))
    for name in dict.fromkeys((decides, "answered", "refused")):
        if name not in names:
            continue
        found = compared(name, pairs)
        difference = found.difference
        line = (
            f"{label(name)} was {size(found.a)} in {before.name} and is {size(found.b)}: "
            f"{size(difference.mean, sign=True)} (95 % interval {size(difference.low, sign=True)} "
            f"to {size(difference.high, sign=True)}, {p_value(difference.p)}, "
            f"{difference.n:,} questions)"
        )
        if difference.mean < 0 and found.shown:
            worse.append(f"{line}, worse beyond chance")
        else:
            told.append(
                f"{line}; a loss of {size(difference.smallest)} is noticed 4 times out of 5"
            )
    return worse, told


def _new(before: Measured, now: Measured, both: int) -> Iterator[str]:
    if len(now.rows) > both:
        yield (
            f"{len(now.rows) - both:,} questions are not in {before.name}; they were not compared "
            "with it"
        )
    if before.gold_sha256 is not None and before.gold_sha256 != now.gold_sha256:
        yield (
            f"the gold set is not as it was for {before.name}: other answers may count as right now"
        )


def put_together(
    floors: Sequence[str], ceilings: Sequence[str], before: Sequence[Measured]
) -> Gates:
    """Read all gates as they were typed.

    Raises:
        ConfigError: one cannot be used.

    """
    return Gates(
        bars=(*map(floor, floors), *map(ceiling, ceilings)),
        before=tuple(before),
    )
