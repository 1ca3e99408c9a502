"""What `accepted_error` does on the samples' gold questions, with the calibration that is shipped.

Nothing is chosen here: the samples had no part in the calibration.
"""

import numpy as np

import ctqa
from bench.common import SEEDS, Table, index_of_samples, run
from ctqa.evaluation import Row, evaluate, load_gold

ERRORS = (0.02, 0.05, 0.1, 0.15, 0.2, 0.3, 1.0)


def main() -> None:
    """Ask every question with each accepted error; what was reranked once is not read again."""
    columns = ("accepted_error", "half", "answered", "refused", "balanced accuracy", "wrong")
    table = Table("samples", columns)
    gold = load_gold(SEEDS / "gold.jsonl")
    qa = ctqa.load(index_of_samples())
    for error in ERRORS:
        qa.config = ctqa.SearchConfig(accepted_error=error)
        rows = evaluate(qa, gold).rows
        for half in ("tune", "report"):
            table.add(error, half, *_figures([row for row in rows if row.half == half]))
    qa.close()


def _figures(rows: list[Row]) -> list[float]:
    """Give the shares answered and refused, their mean, and the questions answered wrongly."""
    answered = float(np.mean([bool(row.answered) for row in rows if not row.impossible]))
    refused = float(np.mean([not row.answered for row in rows if row.impossible]))
    wrong = [bool(row.answered) and not row.values.get("sentence_right", 0.0) for row in rows]
    return [answered, refused, (answered + refused) / 2, float(np.mean(wrong))]


run(main, __name__)
