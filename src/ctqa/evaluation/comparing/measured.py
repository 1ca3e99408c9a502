"""One side of a comparison, wherever it comes from, and its values question by question."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

from ctqa.errors import ConfigError
from ctqa.evaluation.gold.questions import GoldQuestion
from ctqa.evaluation.kept import Circumstances, Result
from ctqa.evaluation.outcome import Evaluation, Row

Ranks = Literal["passages", "documents"]
Key = tuple[str, str]  # a question's id and its words
_OVER_ALL = {"EM_all": "EM", "F1_all": "F1"}  # what counts a refused impossible question as right


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """A result to be compared."""

    name: str  # as it was called for
    gold: str
    rows: tuple[Row, ...]
    gold_sha256: str | None = None  # None: not known
    at: str = ""  # ISO 8601, UTC; "": not known
    build: int | None = None  # None: it is of no index of ours
    settings: Mapping[str, Any] = field(default_factory=dict)  # what it was measured with
    notes: tuple[str, ...] = ()
    ranks: Ranks | None = None  # what its ranks count; None: whatever the gold judges

    @property
    def has_answers(self) -> bool:
        """Whether answers were asked for."""
        return any(row.answered is not None for row in self.rows)


def of_result(result: Result, name: str) -> Measured:
    """Take a kept result."""
    summary = result.summary
    return Measured(
        name=name,
        gold=summary.gold,
        rows=result.rows,
        gold_sha256=summary.about.gold_sha256,
        at=summary.at,
        build=summary.build,
        settings=settings_of(summary.config, summary.depth, asdict(summary.about)),
        notes=summary.notes,
    )


def of_evaluation(found: Evaluation, name: str, about: Circumstances | None = None) -> Measured:
    """Take what was evaluated just now; without `about`, less is known of how."""
    return Measured(
        name=name,
        gold=found.gold,
        rows=found.rows,
        gold_sha256=None if about is None else about.gold_sha256,
        build=found.build,
        settings=settings_of(
            asdict(found.config), found.depth, None if about is None else asdict(about)
        ),
        notes=found.notes,
    )


def settings_of(
    config: Mapping[str, Any], depth: int, about: Mapping[str, Any] | None
) -> dict[str, Any]:
    """Put together what a result was measured with: search and, where known, index and models."""
    search = {**config, "depth": depth}
    if about is None:
        return search
    index = {f"index.{name}": value for name, value in about["index"].items()}
    return {
        **search,
        "models": about["models"],
        "answers asked for": about["answers"],
        "calibration": _calibration(about["calibrated"]),
        "documents": about["documents"],
        "indexed passages": about["passages"],
        **index,
    }


def _calibration(found: Mapping[str, Any] | None) -> str:
    """Name what confidences rested on: it moves what is answered and what is refused."""
    return "none" if found is None else f"{found['gold']} of {found['created_at']}"


def check_ranks(a: tuple[str, Ranks | None], b: tuple[str, Ranks | None]) -> None:
    """Refuse two sides, each a name and what its ranks count, whose ranks count different things.

    Raises:
        ConfigError: they do.

    """
    if None not in (a[1], b[1]) and a[1] != b[1]:
        raise ConfigError(
            f"{a[0]} ranks {a[1]}, {b[0]} ranks {b[1]}, so that their figures mean different "
            "things; compare two run files (`ctqa eval --run-out` writes one) or two results of "
            "`ctqa eval`"
        )


def partners(a: Iterable[Key], b: Iterable[Key]) -> dict[Key, Key]:
    """Find each question of one side on the other: by its id and words, else by its words.

    By words alone only where these stand once among what is left of either side: gold without ids
    is numbered, so that a question that is put in or left out moves the ids of those after it.
    """
    first, second = list(a), set(b)
    found = {key: key for key in first if key in second}
    left, theirs = (
        _by_words(key for key in first if key not in found),
        _by_words(second - found.keys()),
    )
    return found | {left[words]: theirs[words] for words in left.keys() & theirs.keys()}


def key_of(question: Row | GoldQuestion) -> Key:
    """Give what a question is known by."""
    return question.id, question.question


def _by_words(keys: Iterable[Key]) -> dict[str, Key]:
    """Find keys by their words, those that stand there once."""
    listed = list(keys)
    times = Counter(words for _, words in listed)
    return {words: (id, words) for id, words in listed if times[words] == 1}


def values_of(row: Row) -> dict[str, float]:
    """Give a row's values, with those of the measures over all questions."""
    values = dict(row.values)
    if row.impossible and "refused" in values:
        return values | dict.fromkeys(_OVER_ALL, values["refused"])
    return values | {name: values[own] for name, own in _OVER_ALL.items() if own in values}
