"""Judging: how sure each candidate answer is, and which are sure enough to be given."""

from collections.abc import Sequence
from dataclasses import replace

from ctqa.answering.calibration import Calibration
from ctqa.config import SearchConfig
from ctqa.records import Answer, HeldBack


def judge(
    candidates: Sequence[Answer], calibration: Calibration | None, config: SearchConfig
) -> tuple[Answer, ...]:
    """Keep the best answers that are sure enough; none means "not in the sources".

    With a calibration, sure enough is what kept the questions of its gold that got a wrong answer
    within `config.accepted_error`. Without one, it is a score of at least `config.min_score`.
    """
    if calibration is None:
        given = [answer for answer in candidates if answer.score >= config.min_score]
    else:
        least = calibration.least_confidence(config.accepted_error)
        sure = [with_confidence(answer, calibration) for answer in candidates]
        given = [answer for answer in sure if (answer.confidence or 0.0) >= least]
    return tuple(_across_documents(given)[: config.answers])


def held_back(
    candidates: Sequence[Answer], calibration: Calibration | None, config: SearchConfig
) -> HeldBack | None:
    """Tell how sure the best candidate would have been; None where that cannot be told."""
    if calibration is None or not candidates:
        return None
    confidence = with_confidence(candidates[0], calibration).confidence
    least = calibration.least_confidence(config.accepted_error)
    return None if confidence is None else HeldBack(confidence=confidence, least=least)


def with_confidence(answer: Answer, calibration: Calibration) -> Answer:
    """Say how likely an answer is right; one without signals stays uncalibrated."""
    if answer.signals is None:
        return answer
    return replace(answer, confidence=calibration.confidence(answer.signals))


def _across_documents(answers: Sequence[Answer]) -> list[Answer]:
    """Let the best answer of each document come before a second one of any."""
    seen: set[str] = set()
    firsts: list[Answer] = []
    others: list[Answer] = []
    for answer in answers:
        (others if answer.source.id in seen else firsts).append(answer)
        seen.add(answer.source.id)
    return [*firsts, *others]
