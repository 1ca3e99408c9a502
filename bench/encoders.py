"""Which encoder: the three of the registry on the same collections, alone and fused with BM25.

One passage a document, so that the splitter has no part in it; the tuning half of the questions.
"""

import time

import ctqa
from bench.common import Table, half_of, index_of, mean, measured, run
from ctqa.models import load_encoder

ENCODERS = ("all-MiniLM-L6-v2", "e5-small-v2", "bge-small-en-v1.5")
COLLECTIONS = ("med", "squad11_dev", "scifact_train")
COLUMNS = (
    "collection",
    "encoder",
    "questions",
    "nDCG@10 dense",
    "nDCG@10 fused",
    "Success@1 fused",
)


def main() -> None:
    """Measure quality, then speed."""
    rates = Table("encoders-speed", ("encoder", "passages of 130 tokens per CPU second"))
    for encoder in ENCODERS:
        rates.add(encoder, _rate(encoder))
    table = Table("encoders", COLUMNS)
    for name in COLLECTIONS:
        gold = half_of(name, "tune")
        for encoder in ENCODERS:
            index = index_of(name, ctqa.IndexConfig(encoder=encoder, split="document"))
            dense = measured(index, gold, ctqa.SearchConfig(dense_weight=1.0, rerank=0))
            fused = measured(index, gold, ctqa.SearchConfig(rerank=0))
            table.add(
                name,
                encoder,
                len(gold.questions),
                mean(dense, "nDCG@10"),
                mean(fused, "nDCG@10"),
                mean(fused, "Success@1"),
            )


def _rate(name: str) -> float:
    """Count the passages of some 130 tokens encoded in a second of processor time."""
    encoder = load_encoder(name)
    body = "The care trust commissions health and social services for older people. " * 10
    texts = [f"Passage {n}. {body}" for n in range(64)]
    encoder.encode_passages(texts[:8])
    started = time.process_time()
    encoder.encode_passages(texts)
    return len(texts) / (time.process_time() - started)


run(main, __name__)
