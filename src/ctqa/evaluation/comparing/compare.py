"""Two results on the same gold questions: how they differ, and what of that is beyond chance.

One measure, named before anybody looks, decides; its p-value stands as it is. Those of all the
others are adjusted for being several.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from statistics import fmean
from typing import Any, Literal

from ctqa.errors import ConfigError
from ctqa.evaluation.comparing.called import meant, measure_called
from ctqa.evaluation.comparing.measured import (
    Key,
    Measured,
    check_ranks,
    key_of,
    partners,
    values_of,
)
from ctqa.evaluation.comparing.paired import ALPHA, Difference, average, difference, holm
from ctqa.evaluation.comparing.wholes import whole_differences
from ctqa.evaluation.naming import ANSWERING, RETRIEVAL
from ctqa.evaluation.outcome import Row

Verdict = Literal["won", "lost", "moved", "same"]
Pair = tuple[Row, Row]  # what became of one question in either

_ANSWERS, _PASSAGES = "sentence_right", "nDCG@10"  # what decides unless another is named
_AVERAGED = "balanced_accuracy"


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """One measure of both, over the questions for which both have it."""

    measure: str
    a: float
    b: float
    difference: Difference  # b less a
    adjusted_p: float | None = None  # None: it is the one that decides

    @property
    def shown(self) -> bool:
        """Whether chance alone would seldom bring as great a difference."""
        return (self.difference.p if self.adjusted_p is None else self.adjusted_p) < ALPHA


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What became of one question; "moved": the first right hit stands at another rank."""

    id: str
    question: str
    verdict: Verdict
    measure: str  # that tells won from lost: the deciding one; `refused` where impossible
    values: tuple[float | None, float | None]  # of A and of B, as all that follows
    ranks: tuple[int | None, int | None]
    answered: tuple[bool | None, bool | None]
    answers: tuple[str | None, str | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """Something in which the two were measured differently."""

    name: str
    a: str
    b: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """All that comparing two results brought."""

    a: Measured
    b: Measured
    main: Compared
    others: tuple[Compared, ...]
    changes: tuple[Change, ...]  # of every question in both
    only_a: tuple[Key, ...]
    only_b: tuple[Key, ...]
    settings: tuple[Setting, ...]
    other_gold: bool | None  # whether what counts as right differs; None: not known

    def count(self, verdict: Verdict) -> int:
        """Count the questions of which this became."""
        return sum(change.verdict == verdict for change in self.changes)

    def to_json(self) -> dict[str, Any]:
        """Give everything in JSON's types, but of the questions only those that changed."""
        return {
            "a": _side_json(self.a),
            "b": _side_json(self.b),
            "shared": len(self.changes),
            "only_a": [key[0] for key in self.only_a],
            "only_b": [key[0] for key in self.only_b],
            "other_gold": self.other_gold,
            "settings": [asdict(each) for each in self.settings],
            "main": _compared_json(self.main),
            "others": [_compared_json(each) for each in self.others],
            "won": self.count("won"),
            "lost": self.count("lost"),
            "moved": self.count("moved"),
            "same": self.count("same"),
            "questions": [asdict(each) for each in self.changes if each.verdict != "same"],
        }


def compare(a: Measured, b: Measured, measure: str | None = None) -> Comparison:
    """Compare two results; `measure` decides, by default what the gold tells about answers.

    That is `sentence_right` where both have it, else nDCG@10. How questions are paired: see
    `measured.partners`.

    Raises:
        ConfigError: they share no question or no measure, their ranks count different things, or
            the measure is not among those of both.

    """
    check_ranks((a.name, a.ranks), (b.name, b.ranks))
    pairs = shared(a.rows, b.rows)
    if not pairs:
        raise ConfigError(
            f"{a.name} (of {a.gold}) and {b.name} (of {b.gold}) have no question in common; "
            "expected two results of the same gold set"
        )
    names = common(pairs)
    decides = deciding(names, measure)
    main = compared(decides, pairs)
    rest = [compared(name, pairs) for name in names if name != decides]
    rest += _wholes(pairs)
    adjusted = holm([each.difference.p for each in rest])
    return Comparison(
        a=a,
        b=b,
        main=main,
        others=tuple(replace(each, adjusted_p=p) for each, p in zip(rest, adjusted, strict=True)),
        changes=tuple(_change(decides, *pair) for pair in pairs),
        only_a=_left(a.rows, (row for row, _ in pairs)),
        only_b=_left(b.rows, (row for _, row in pairs)),
        settings=tuple(_differing(a, b)),
        other_gold=_other(a.gold_sha256, b.gold_sha256),
    )


def shared(a: Sequence[Row], b: Sequence[Row]) -> list[Pair]:
    """Pair the rows of the questions that both have, in the order of the first."""
    second = {key_of(row): row for row in b}
    found = partners(map(key_of, a), second)
    return [(row, second[found[key_of(row)]]) for row in a if key_of(row) in found]


def common(pairs: Sequence[Pair]) -> list[str]:
    """Name the measures that both sides have for at least one question, in their usual order."""
    names = {name for a, b in pairs for name in values_of(a).keys() & values_of(b).keys()}
    if {"answered", "refused"} <= names:
        names.add(_AVERAGED)
    if "refused" not in names or "EM" not in names:  # then they tell what another tells already
        names -= {"EM_all", "F1_all"}
    return [name for name in RETRIEVAL + ANSWERING if name in names]


def compared(name: str, pairs: Sequence[Pair]) -> Compared:
    """Compare one measure over the pairs that have it on both sides, at least one."""
    if name == _AVERAGED:
        return _averaged(pairs)
    first, second = _values(name, pairs)
    return Compared(
        measure=name,
        a=fmean(first),
        b=fmean(second),
        difference=difference(first, second),
    )


def _wholes(pairs: Sequence[Pair]) -> list[Compared]:
    found = whole_differences([a for a, _ in pairs], [b for _, b in pairs])
    return [
        Compared(measure=name, a=a, b=b, difference=difference)
        for name, (a, b, difference) in found.items()
    ]


def _averaged(pairs: Sequence[Pair]) -> Compared:
    """Compare the balanced accuracy: possible and impossible questions count half each."""
    answered, refused = compared("answered", pairs), compared("refused", pairs)
    shares = [
        (b - a) / (2 * each.difference.n)
        for each in (answered, refused)
        for a, b in zip(*_values(each.measure, pairs), strict=True)
    ]
    return Compared(
        measure=_AVERAGED,
        a=(answered.a + refused.a) / 2,
        b=(answered.b + refused.b) / 2,
        difference=average(answered.difference, refused.difference, shares),
    )


def _values(name: str, pairs: Sequence[Pair]) -> tuple[list[float], list[float]]:
    """Give a measure's values of the questions for which both sides have it."""
    both = [(values_of(a).get(name), values_of(b).get(name)) for a, b in pairs]
    found = [(a, b) for a, b in both if a is not None and b is not None]
    return [a for a, _ in found], [b for _, b in found]


def deciding(names: Sequence[str], wanted: str | None) -> str:
    """Name the measure that decides.

    Raises:
        ConfigError: the one that is wanted is not among the names, or there is none.

    """
    if wanted is None:
        usual = (name for name in (_ANSWERS, _PASSAGES, *names) if name in names)
        decides = next(usual, None)
        if decides is None:
            raise ConfigError("the two have no measure in common; evaluate both in the same way")
        return decides
    called = measure_called(wanted, names)
    if called in names:
        return called
    raise ConfigError(
        f"--measure {wanted}: is no measure that both have{meant(wanted, names)} Both have "
        f"{', '.join(names)}"
    )


def _change(decides: str, a: Row, b: Row) -> Change:
    names = (decides, "refused")
    values = values_of(a), values_of(b)
    measure = next((name for name in names if all(name in each for each in values)), decides)
    before, after = (each.get(measure) for each in values)
    return Change(
        id=a.id,
        question=a.question,
        verdict=_verdict(before, after, moved=a.first_right != b.first_right),
        measure=measure,
        values=(before, after),
        ranks=(a.first_right, b.first_right),
        answered=(a.answered, b.answered),
        answers=(a.answer, b.answer),
    )


def _verdict(before: float | None, after: float | None, *, moved: bool) -> Verdict:
    if before is not None and after is not None and before != after:
        return "won" if after > before else "lost"
    return "moved" if moved else "same"


def _left(rows: Sequence[Row], paired: Iterable[Row]) -> tuple[Key, ...]:
    there = {key_of(row) for row in paired}
    return tuple(key_of(row) for row in rows if key_of(row) not in there)


def _differing(a: Measured, b: Measured) -> Iterator[Setting]:
    """Tell in what the two were measured differently; what is not known of one is not told."""
    if a.build is not None and b.build is not None and a.build != b.build:
        yield Setting(name="build", a=str(a.build), b=str(b.build))
    for name in sorted(a.settings.keys() & b.settings.keys()):
        if a.settings[name] != b.settings[name]:
            yield Setting(name=name, a=str(a.settings[name]), b=str(b.settings[name]))


def _other(a: str | None, b: str | None) -> bool | None:
    return None if a is None or b is None else a != b


def _side_json(side: Measured) -> dict[str, Any]:
    return {
        "name": side.name,
        "gold": side.gold,
        "gold_sha256": side.gold_sha256,
        "at": side.at or None,
        "build": side.build,
        "questions": len(side.rows),
        "settings": dict(side.settings),
        "notes": list(side.notes),
    }


def _compared_json(found: Compared) -> dict[str, Any]:
    told = asdict(found.difference)
    return {
        "measure": found.measure,
        "a": found.a,
        "b": found.b,
        "difference": told.pop("mean"),
        **told,
        "adjusted_p": found.adjusted_p,
        "shown": found.shown,
    }
