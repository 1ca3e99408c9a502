"""What a question costs, stage by stage, in CPU time: searched, answered fast, answered in full.

On squad11_dev, `CTQA_QUESTIONS` of its questions, each asked once, one after the other, by a
process that is warm: models are loaded and the first few questions are not counted. CPU time of
all threads, since walls drift with whatever else the machine does.
"""

import os
import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from hashlib import sha256
from unittest import mock

import ctqa
from bench.common import Table, all_of, index_of, run
from ctqa.answering.qa import QA
from ctqa.models import Encoder, EncoderIdentity, Vectors, load_encoder

QUESTIONS = int(os.environ.get("CTQA_QUESTIONS", "100"))
WARM_UP = 10
FULL = ctqa.SearchConfig()
FAST = ctqa.SearchConfig(rerank=0)

Stages = Mapping[str, float]  # CPU ms


class TimedEncoder:
    """An encoder that tells what its questions cost."""

    def __init__(self, encoder: Encoder) -> None:
        self._encoder = encoder
        self.spent_ms = 0.0

    @property
    def identity(self) -> EncoderIdentity:
        """What the encoder is."""
        return self._encoder.identity

    def encode_passages(self, texts: Sequence[str]) -> Vectors:
        """Encode what is searched."""
        return self._encoder.encode_passages(texts)

    def encode_queries(self, texts: Sequence[str]) -> Vectors:
        """Encode what is asked, and count it."""
        began = time.process_time()
        try:
            return self._encoder.encode_queries(texts)
        finally:
            self.spent_ms += 1000 * (time.process_time() - began)

    def token_ends(self, texts: Sequence[str]) -> list[list[int]]:
        """Give, for each text, where its tokens end."""
        return self._encoder.token_ends(texts)


def main() -> None:
    """Ask the same questions in three ways."""
    index = index_of("squad11_dev", ctqa.IndexConfig())
    encoder = TimedEncoder(load_encoder(ctqa.IndexConfig().encoder))
    asked = sorted(all_of("squad11_dev").questions, key=lambda q: sha256(q.id.encode()).digest())
    questions = [each.question for each in asked[: WARM_UP + QUESTIONS]]
    table = Table("asking", ("way", "stage", "questions", "median, ms", "p95, ms", "mean, ms"))
    for way, config, ask in (
        ("search --fast", FAST, searching(encoder)),
        ("ask --fast", FAST, asking),
        ("ask", FULL, asking),
    ):
        qa = QA.load(index, config, encoder=encoder)
        told = [ask(qa, question) for question in questions][WARM_UP:]
        qa.close()
        for stage in told[0]:
            spent = sorted(stages[stage] for stages in told)
            p95 = statistics.quantiles(spent, n=20, method="inclusive")[-1]
            table.add(way, stage, len(spent), statistics.median(spent), p95, statistics.mean(spent))


def asking(qa: QA, question: str) -> Stages:
    """Answer; the reply's own clock is made to count CPU time instead of the wall's."""
    with mock.patch.object(time, "perf_counter", time.process_time):
        stages = dict(qa.ask(question).elapsed_ms)
    total = stages.pop("total")
    return stages | {"rest": total - sum(stages.values()), "in all": total}


def searching(encoder: TimedEncoder) -> Callable[[QA, str], Stages]:
    """Search, and tell the encoder's part from the others'."""

    def search(qa: QA, question: str) -> Stages:
        encoder.spent_ms, began = 0.0, time.process_time()
        qa.search(question)
        total = 1000 * (time.process_time() - began)
        return {"encode": encoder.spent_ms, "rest": total - encoder.spent_ms, "in all": total}

    return search


run(main, __name__)
