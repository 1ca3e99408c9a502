"""One thing measured of CTQA from Python, in a process of its own: prints one JSON object.

    python -m bench.peers.ours '{"task": "ask", "way": "fused", …}'

Building and first answers are measured of the command line itself.
"""

import json
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import ctqa
from bench.peers.asking import DEPTH, Search, rank, read_passages, read_questions, timed
from bench.peers.meter import Meter
from ctqa.config import SENTENCES

Options = dict[str, Any]

_TOGETHER = 256  # questions
_PLAIN = ctqa.SearchConfig(rerank=0, passages=DEPTH)
_CONFIGS = {
    "dense": replace(_PLAIN, dense_weight=1.0),
    "fused": _PLAIN,
    "fast": _PLAIN,
    "reranked": ctqa.SearchConfig(reader=SENTENCES),  # no peer marks words
}


def build(options: Options) -> dict[str, Any]:
    """Build an index; say when reading begins, which is once the encoder is loaded."""
    mark = Meter()

    def report(*_: object) -> None:
        if "loaded" not in mark.moments:
            mark("loaded")

    config = ctqa.IndexConfig(**options["config"])
    built = ctqa.build([options["corpus"]], options["folder"], config=config, progress=report)
    mark("saved")
    return {"passages": built.passages, "moments": mark.form()}


def ask(options: Options) -> dict[str, Any]:
    """Ask one question after the other: only searched for, or answered ("fast", "reranked")."""
    qa = ctqa.load(options["folder"], config=_CONFIGS[options["way"]])
    answers = options["way"] in ("fast", "reranked")
    search = _answering(qa) if answers else _searching(qa)
    found = timed(search, read_questions(Path(options["questions"])), options["count"])
    qa.close()
    return found


def ask_together(options: Options) -> dict[str, Any]:
    """Rank the passages for all questions, encoded together."""
    qa = ctqa.load(options["folder"], config=_CONFIGS[options["way"]])
    questions = read_questions(Path(options["questions"]))
    ranks: list[int | None] = []
    for start in range(0, len(questions), _TOGETHER):
        some = questions[start : start + _TOGETHER]
        found = qa.search_many([question.text for question in some])
        for hits, question in zip(found, some, strict=True):
            ranks.append(rank((hit.source.id for hit in hits), question.passage))
    qa.close()
    return {"ranks": ranks}


def encode(options: Options) -> dict[str, Any]:
    """Encode a corpus and do nothing else."""
    from ctqa.models import load_encoder  # noqa: PLC0415  # heavy

    mark = Meter()
    texts = list(read_passages(Path(options["corpus"])).values())
    encoder = load_encoder(options["encoder"])
    encoder.encode_passages(texts[:1])
    mark("loaded")
    encoder.encode_passages(texts)
    mark("encoded")
    return {"passages": len(texts), "moments": mark.form()}


def _searching(qa: ctqa.QA) -> Search:
    return lambda question: [hit.source.id for hit in qa.search(question)]


def _answering(qa: ctqa.QA) -> Search:
    return lambda question: [hit.source.id for hit in qa.ask(question).hits]


TASKS: dict[str, Callable[[Options], dict[str, Any]]] = {
    each.__name__: each for each in (build, ask, ask_together, encode)
}

if __name__ == "__main__":
    given = json.loads(sys.argv[1])
    print(json.dumps(TASKS[given["task"]](given)), flush=True)
