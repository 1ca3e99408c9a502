"""Judging: which candidate answers are good enough to be given."""

from collections.abc import Sequence

from ctqa.config import SearchConfig
from ctqa.records import Answer


def judge(candidates: Sequence[Answer], config: SearchConfig) -> tuple[Answer, ...]:
    """Keep the best answers that reach `config.min_score`; none means "not in the sources"."""
    return tuple(answer for answer in candidates if answer.score >= config.min_score)[
        : config.answers
    ]
