"""How much the encoder counts against BM25: the weight that holds across collections.

The default encoder, one passage a document, the tuning half of the questions.
"""

import ctqa
from bench.common import Table, half_of, index_of, mean, measured, run

COLLECTIONS = ("med", "squad11_dev", "scifact_train")
WEIGHTS = (0.0, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 1.0)


def main() -> None:
    """Measure every weight on every collection."""
    table = Table("fusion", ("collection", "questions", *(f"{weight:.1f}" for weight in WEIGHTS)))
    for name in COLLECTIONS:
        gold = half_of(name, "tune")
        index = index_of(name, ctqa.IndexConfig(split="document"))
        figures = (
            mean(measured(index, gold, ctqa.SearchConfig(dense_weight=weight, rerank=0)), "nDCG@10")
            for weight in WEIGHTS
        )
        table.add(name, len(gold.questions), *figures)


run(main, __name__)
