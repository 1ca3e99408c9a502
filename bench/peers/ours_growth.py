"""How CTQA grows, in a process of its own: a build of so many passages, and questions asked of it.

    python -m bench.peers.ours_growth '{"count": 1000, "encoder": "", "folder": …}'

Without an encoder's name, the encoder of bench.growth serves, which costs nothing: what is then
measured is all else. The passages are those of bench.growth, put together out of real sentences.
"""

import json
import shutil
import sys
import time
from pathlib import Path
from typing import Any

from bench.growth_corpus import write_corpus
from bench.growth_vectors import GrowthEncoder, question_vectors, questions
from bench.peers.meter import used
from ctqa import IndexConfig, SearchConfig
from ctqa.answering.retrieve import retrieve
from ctqa.index.build import build_index
from ctqa.index.local import open_index
from ctqa.models import load_encoder
from ctqa.sources import collect

_ASKED = 100
_WARM = 20


def grow(count: int, encoder: str, folder: Path) -> dict[str, Any]:
    """Build an index of so many passages; time questions where their vectors are its own."""
    write_corpus(folder / "documents", count)
    shutil.rmtree(folder / "index", ignore_errors=True)
    maker = load_encoder(encoder) if encoder else GrowthEncoder()
    maker.encode_passages(["what is only done once is done before the clock runs"])
    before = used()
    build_index(
        collect([folder / "documents"]),
        folder / "index",
        encoder=maker,
        config=IndexConfig(),
        progress=lambda *_: None,
    )
    after = used()
    return {
        "build_cpu": after.cpu - before.cpu,
        "build_wall": after.wall - before.wall,
        "cpu_ms": [] if encoder else asked(folder / "index"),
    }


def asked(index: Path) -> list[float]:
    """Give the CPU milliseconds of each question, dense and lexical, its passages fetched."""
    opened = open_index(index)
    pairs = list(zip(questions(), question_vectors(), strict=True))[: _ASKED + _WARM]
    times = []
    for text, vector in pairs:
        began = time.process_time()
        retrieve(opened, [text], vector[None], SearchConfig(), None)
        times.append(1000 * (time.process_time() - began))
    opened.close()
    return times[_WARM:]


if __name__ == "__main__":
    given = json.loads(sys.argv[1])
    print(json.dumps(grow(given["count"], given["encoder"], Path(given["folder"]))), flush=True)
