"""Trying settings on gold questions: a few questions at a time, each by every setting.

All that settings have in common is done once for a question, if the index and the models behind
each `QA` remember it (evaluation.remembering).
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from ctqa.config import SearchConfig
from ctqa.errors import ConfigError, GoldError
from ctqa.evaluation import naming
from ctqa.evaluation.answers import score_reply
from ctqa.evaluation.comparing.called import meant, measure_called
from ctqa.evaluation.gold.questions import Gold, GoldQuestion
from ctqa.evaluation.gold.wording import many
from ctqa.evaluation.locate import Library, Target, locate
from ctqa.evaluation.metrics import Ranking, measure, rank
from ctqa.evaluation.run import Answering, Progress
from ctqa.evaluation.tuning.tune import Scores

DEPTH = 100  # hits taken for each question, as `ctqa eval` takes them
RETRIEVAL = tuple(name for name in naming.RETRIEVAL if name != "Judged@10")
ANSWERING = ("sentence_right", "any_sentence_right", "citation_right", "EM", "F1")
_BATCH = 4  # questions between two reports of progress
_TUNE = "tune"  # the half that a gold set has for choosing by


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """An index, and the settings to try on it by their numbers."""

    qa: Answering
    settings: Mapping[int, SearchConfig]


def measure_for(gold: Gold, asked: str | None) -> str:
    """Give the measure to choose by: where answers can be judged, whether the first is right.

    A longer passage holds a quote more easily, so passages of different sizes are not to be
    compared by whether they hold it; the sentence that is shown is as long as ever.

    Raises:
        ConfigError: the measure asked for is unknown, or the gold set cannot tell it.

    """
    judges = any(_can_be_judged(question, ANSWERING[0]) for question in gold.questions)
    if asked is None:
        return "sentence_right" if judges else "nDCG@10"
    measures = RETRIEVAL + ANSWERING
    called = measure_called(asked, measures)
    if called not in measures:
        raise ConfigError(
            f"measure {asked!r} cannot be chosen by{meant(asked, measures)} Known are "
            f"{', '.join(measures)}"
        )
    if called in ANSWERING and not judges:
        raise ConfigError(
            f"measure {asked!r}: no question of {gold.name} tells its answer or a quote; leave "
            "--measure out to choose by nDCG@10"
        )
    return called


def questions_for(gold: Gold, measure: str) -> tuple[tuple[GoldQuestion, ...], tuple[str, ...]]:
    """Give the questions that a measure has a value for, by id, and what to say of the others.

    Where a gold set is divided into halves of which one is "tune", that one is used.
    """
    halves = {question.half for question in gold.questions}
    divided = _TUNE in halves and len(halves) > 1
    own = [q for q in gold.questions if not divided or q.half == _TUNE]
    used = [question for question in own if _can_be_judged(question, measure)]
    notes = []
    if divided:
        notes.append(
            f'only the {many(len(own), "question")} of the half "{_TUNE}" were used; `ctqa eval` '
            "shows what the settings are worth on the others, which nothing was chosen by"
        )
    if len(used) < len(own):
        left = many(len(own) - len(used), "question")
        notes.append(f"{left} left out: {measure} cannot judge them, or nothing answers them")
    return tuple(sorted(used, key=lambda question: question.id)), tuple(notes)


def cautions(
    questions: Sequence[GoldQuestion], measure: str, knobs: Collection[str]
) -> tuple[str, ...]:
    """Tell where what is tried is not fair to compare by a measure."""
    quoted = any(judgment.quote for question in questions for judgment in question.judgments)
    if measure not in RETRIEVAL or not quoted or "passage_tokens" not in knobs:
        return ()
    return (
        f"longer passages hold a quote more easily, so {measure} favours them whether or not "
        "answers get better; --measure sentence_right does not",
    )


def located(qa: Answering, questions: Sequence[GoldQuestion]) -> dict[str, tuple[Target, ...]]:
    """Find where the answers of all questions stand.

    Raises:
        GoldError: none of them is in the index.

    """
    library = Library(qa)
    targets = {question.id: locate(question, library) for question in questions}
    if all(target.missed for found in targets.values() for target in found):
        problem = next(t.problem for found in targets.values() for t in found)
        raise GoldError(
            f"no judgment of the gold set is in the index ({problem}); was the index built from "
            "the documents that the gold set was made for?"
        )
    return targets


def try_all(
    trials: Sequence[Trial],
    questions: Sequence[GoldQuestion],
    measure: str,
    progress: Progress | None = None,
) -> Scores:
    """Score every question by every setting; the shape is (settings, questions)."""
    libraries = [Library(trial.qa) for trial in trials]
    scores = np.zeros((sum(len(trial.settings) for trial in trials), len(questions)))
    for start in range(0, len(questions), _BATCH):
        batch = questions[start : start + _BATCH]
        for trial, library in zip(trials, libraries, strict=True):
            for number, values in _scored(trial, library, batch, measure):
                scores[number, start : start + len(batch)] = values
        if progress is not None:
            progress(start + len(batch), len(questions))
    return scores


def _can_be_judged(question: GoldQuestion, measure: str) -> bool:
    if question.impossible or not question.judgments:
        return False
    quoted = any(judgment.quote is not None for judgment in question.judgments)
    return measure in RETRIEVAL or bool(question.answers) or quoted


def _scored(
    trial: Trial, library: Library, questions: Sequence[GoldQuestion], measure: str
) -> Iterator[tuple[int, list[float]]]:
    targets = [locate(question, library) for question in questions]
    if measure in RETRIEVAL:
        yield from _searched(trial, questions, targets, measure)
        return
    for number, config in _dearest_first(trial.settings):
        yield (
            number,
            [
                _answered(trial.qa, question, found, config)[measure]
                for question, found in zip(questions, targets, strict=True)
            ],
        )


def _answered(
    qa: Answering, question: GoldQuestion, targets: Sequence[Target], config: SearchConfig
) -> Mapping[str, float]:
    """Ask, and judge also what would be held back: when to answer is for calibrating to learn."""
    always = replace(config, accepted_error=1.0, min_score=0.0)
    return score_reply(qa.ask(question.question, config=always), question, targets)


def _searched(
    trial: Trial,
    questions: Sequence[GoldQuestion],
    targets: Sequence[Sequence[Target]],
    name: str,
) -> Iterator[tuple[int, list[float]]]:
    rankings: dict[str, Ranking] = {}
    for number, config in _dearest_first(trial.settings):
        wanted = replace(config, passages=DEPTH)
        hits = trial.qa.search_many([question.question for question in questions], config=wanted)
        for place, (found, judged) in enumerate(zip(hits, targets, strict=True)):
            rankings[f"{number} {place}"] = rank(found, judged)
    values = measure(rankings, DEPTH)
    for number in trial.settings:
        yield number, [values[f"{number} {place}"][name] for place in range(len(questions))]


def _dearest_first(settings: Mapping[int, SearchConfig]) -> list[tuple[int, SearchConfig]]:
    """Put those that rerank most first: what they have read, the others find at hand."""
    return sorted(settings.items(), key=lambda item: -item[1].rerank)
