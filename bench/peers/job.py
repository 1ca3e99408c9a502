"""One thing measured of one peer, in a process of its own: prints one JSON object.

    python -m bench.peers.job '{"module": "txtai", "task": "first", …}'

A peer's module gives `build(passages, model, folder, mark)`, `opened(folder, model)`, which gives
a search, and `filled(vectors)`, which gives a search by vector. It imports the peer at its top.
"""

import json
import sys
import time
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

from bench.peers.asking import read_passages, read_questions, timed
from bench.peers.meter import Meter

Options = dict[str, Any]

_QUERIES = 25
_WARM = 5
_WIDTH = 384  # of all-MiniLM-L6-v2's vectors


def build(options: Options) -> dict[str, Any]:
    """Load a corpus, encode it, index it and write the index to disk."""
    mark = Meter()
    peer = _peer(options)
    mark("imported")
    passages = read_passages(Path(options["corpus"]))
    peer.build(passages, options["model"], Path(options["folder"]), mark)
    mark("saved")
    return {"passages": len(passages), "moments": mark.form()}


def first(options: Options) -> dict[str, Any]:
    """Open an index and search for one question."""
    search = _peer(options).opened(Path(options["folder"]), options["model"])
    return {"hit": next(iter(search(options["question"])))}


def ask(options: Options) -> dict[str, Any]:
    """Ask one question after the other of an open index."""
    search = _peer(options).opened(Path(options["folder"]), options["model"])
    questions = read_questions(Path(options["questions"]))
    return timed(search, questions, options["count"])


def ask_together(options: Options) -> dict[str, Any]:
    """Rank the passages for all questions, encoded together."""
    peer = _peer(options)
    questions = read_questions(Path(options["questions"]))
    return {"ranks": peer.ranks(Path(options["folder"]), options["model"], questions)}


def grow(options: Options) -> dict[str, Any]:
    """Put more and more random vectors into a peer's store, and search it by others."""
    peer = _peer(options)
    found: dict[str, Any] = {}
    for count in options["sizes"]:
        found[str(count)] = _filled(peer, count)
        spent = found[str(count)]["fill_cpu"] + sum(found[str(count)]["cpu_ms"]) / 1000
        if spent > options["seconds"]:
            break
    return found


def _filled(peer: Any, count: int) -> dict[str, Any]:
    import numpy as np  # noqa: PLC0415  # what a peer brings, not what every job needs

    shape = (count + _WARM + _QUERIES, _WIDTH)
    rows = np.random.default_rng(count).standard_normal(shape, dtype=np.float32)
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    began = time.process_time()
    search = peer.filled(rows[:count])
    filling = time.process_time() - began
    for row in rows[count : count + _WARM]:
        search(row)
    times = [_cpu_ms(search, row) for row in rows[count + _WARM :]]
    return {"fill_cpu": filling, "cpu_ms": times}


def _cpu_ms(search: Callable[[Any], object], row: Any) -> float:
    began = time.process_time()
    search(row)
    return 1000 * (time.process_time() - began)


def _peer(options: Options) -> Any:
    return import_module(f"bench.peers.{options['module']}")


TASKS = {each.__name__: each for each in (build, first, ask, ask_together, grow)}

if __name__ == "__main__":
    given = json.loads(sys.argv[1])
    print(json.dumps(TASKS[given["task"]](given)), flush=True)
