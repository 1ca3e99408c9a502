"""The chain against published figures, then CTQA's own splitting and fusion beside them.

First as the published runs did it: one passage a document, read by all-MiniLM-L6-v2 up to its 256
tokens; dense and BM25 apart. Then the defaults. All questions of each collection.
"""

import ctqa
from bench.common import Table, all_of, index_of, mean, measured, run

COLLECTIONS = ("scifact_train", "squad11_dev")
PUBLISHED = {
    ("scifact_train", "dense"): "nDCG@10 .660",
    ("scifact_train", "BM25"): "nDCG@10 .696 (bm25s)",
    ("squad11_dev", "dense"): "Success@1 .634 (2,000 questions)",
    ("squad11_dev", "BM25"): "Success@1 .786",
}
COLUMNS = (
    "collection",
    "index",
    "retriever",
    "questions",
    "nDCG@10",
    "Success@1",
    "R@100",
    "published",
)
WEIGHTS = {"dense": 1.0, "BM25": 0.0, "fused": ctqa.SearchConfig().dense_weight}


def main() -> None:
    """Measure both set-ups on every collection."""
    table = Table("published", COLUMNS)
    minilm = ctqa.IndexConfig(encoder="all-MiniLM-L6-v2", split="document")
    for name in COLLECTIONS:
        gold = all_of(name)
        for label, config in (("MiniLM, document", minilm), ("default", ctqa.IndexConfig())):
            index = index_of(name, config)
            for retriever, weight in WEIGHTS.items():
                found = measured(index, gold, ctqa.SearchConfig(dense_weight=weight, rerank=0))
                known = PUBLISHED.get((name, retriever), "") if config is minilm else ""
                figures = (mean(found, m) for m in ("nDCG@10", "Success@1", "R@100"))
                table.add(name, label, retriever, len(gold.questions), *figures, known)


run(main, __name__)
