"""Hold what was prepared of a model against the model itself, on questions that ship with CTQA.

48 questions on 8 everyday subjects, each with the passage that answers it among five others on the
same subject: close enough that the encoders of the registry find 77 to 85 % of them.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ctqa.errors import ModelError
from ctqa.models.encoder import Encoder, Vectors
from ctqa.models.reranker import Reranker

PAIRS = Path(__file__).with_name("prepare_pairs.jsonl")
# int8 by columns gives all-MiniLM-L6-v2 a mean cosine of .995 and a least one of .991.
COSINE_MEAN, COSINE_LEAST = 0.98, 0.95
CORRELATION = 0.97  # Spearman's, of a question's candidates, on average
FEWER_FOUND = 3  # questions of the 48 that the model itself answers first and the other does not


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """A question and the passage that answers it."""

    topic: str
    question: str
    passage: str


def read_pairs() -> tuple[Pair, ...]:
    """Read the questions that ship with CTQA."""
    lines = PAIRS.read_text(encoding="utf-8").splitlines()
    return tuple(Pair(**json.loads(line)) for line in lines)


def compare_encoders(reference: Encoder, prepared: Encoder) -> dict[str, float]:
    """Give the cosines between two encoders' vectors, and how often each finds the passage.

    Raises:
        ModelError: they differ by more than the bars allow.

    """
    pairs = read_pairs()
    asked, told = _encoded(reference, pairs), _encoded(prepared, pairs)
    cosines = np.sum(asked * told, axis=1)
    figures = {
        "cosine_mean": float(cosines.mean()),
        "cosine_least": float(cosines.min()),
        **_found(_firsts(told, len(pairs)), _firsts(asked, len(pairs))),
    }
    _refuse_below(figures, "cosine_mean", COSINE_MEAN)
    _refuse_below(figures, "cosine_least", COSINE_LEAST)
    return figures


def _encoded(encoder: Encoder, pairs: Sequence[Pair]) -> Vectors:
    """Encode questions, their passages, a single word, and more than any encoder reads."""
    passages = [pair.passage for pair in pairs]
    odd = ["Tea", " ".join(passages)]
    return np.vstack(
        [
            encoder.encode_queries([pair.question for pair in pairs]),
            encoder.encode_passages([*passages, *odd]),
        ]
    )


def _firsts(rows: Vectors, count: int) -> NDArray[np.bool_]:
    """Tell of each question whether its own passage is the nearest."""
    scores = rows[:count] @ rows[count : 2 * count].T  # (questions, passages)
    nearest: NDArray[np.bool_] = scores.argmax(axis=1) == np.arange(count)
    return nearest


def compare_rerankers(reference: Reranker, prepared: Reranker) -> dict[str, float]:
    """Give how alike two rerankers order passages on one subject, and how often each is right.

    Raises:
        ModelError: they differ by more than the bars allow.

    """
    pairs = read_pairs()
    alike, firsts = [], []
    for pair in pairs:
        texts = [other.passage for other in pairs if other.topic == pair.topic]
        rows = [each.score(pair.question, texts) for each in (prepared, reference)]
        alike.append(_rank_correlation(*rows))
        firsts.append([texts[int(row.argmax())] == pair.passage for row in rows])
    figures = {
        "rank_correlation": float(np.mean(alike)),
        **_found(*np.array(firsts).T),
    }
    _refuse_below(figures, "rank_correlation", CORRELATION)
    return figures


def _rank_correlation(a: NDArray[np.float32], b: NDArray[np.float32]) -> float:
    """Give Spearman's rank correlation; ties in their order."""
    ours, theirs = (row.argsort(kind="stable").argsort() for row in (a, b))
    return float(np.corrcoef(ours, theirs)[0, 1])


def _found(prepared: NDArray[np.bool_], reference: NDArray[np.bool_]) -> dict[str, float]:
    if reference.sum() - prepared.sum() > FEWER_FOUND:
        raise ModelError(
            f"prepared, it finds {prepared.sum()} of {len(prepared)} passages first, and as it is "
            f"{reference.sum()}"
        )
    return {"r_at_1": float(prepared.mean()), "r_at_1_as_it_is": float(reference.mean())}


def _refuse_below(figures: dict[str, float], name: str, least: float) -> None:
    if not figures[name] >= least:  # a NaN is below all
        raise ModelError(f"prepared, its {name} is {figures[name]:.3f}, below {least}")
