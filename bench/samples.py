"""When to answer: the score below which the samples' gold questions are better left unanswered.

Chosen on the tuning half; the report half stands beside it.
"""

from pathlib import Path

import numpy as np

import ctqa
from bench.common import OUT, Table, run
from ctqa.evaluation import Gold, Row, evaluate, load_gold

SEEDS = Path(__file__).parents[1] / "seeds"
THRESHOLDS = (0.5, 0.6, 0.7, 0.75, 0.8, 0.85, 0.9, 0.95)


def main() -> None:
    """Ask every question without a threshold, then try each threshold on the scores."""
    ctqa.build([SEEDS], OUT / "index" / "samples")
    qa = ctqa.load(OUT / "index" / "samples", config=ctqa.SearchConfig(min_score=0.0))
    gold: Gold = load_gold(SEEDS / "gold.jsonl")
    rows = evaluate(qa, gold).rows
    qa.close()
    table = Table("samples", ("min_score", "half", "answered", "refused", "balanced accuracy"))
    for threshold in THRESHOLDS:
        for half in ("tune", "report"):
            answered = _share(rows, half, threshold, impossible=False)
            refused = 1 - _share(rows, half, threshold, impossible=True)
            table.add(f"{threshold:.2f}", half, answered, refused, (answered + refused) / 2)


def _share(rows: tuple[Row, ...], half: str, threshold: float, *, impossible: bool) -> float:
    """Give the share of a half's questions whose best answer reaches a threshold."""
    scores = [row.score or 0.0 for row in rows if (row.half, row.impossible) == (half, impossible)]
    return float(np.mean(np.asarray(scores) >= threshold))


run(main, __name__)
