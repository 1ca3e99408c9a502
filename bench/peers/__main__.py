"""CTQA beside its peers, in one run; writes docs/speed.md and its pictures.

    CTQA_DATA=…/collections python -m bench.peers
    … python -m bench.peers --only ctqa,sentence-transformers --rounds 1 --questions 200

Each measurement is a process of its own. The systems take turns, in another order each round, and
medians over the rounds count. What is measured is kept in bench/out/peers as it comes: a run that
was stopped goes on where it was, one that was finished begins anew. A run of a part writes to
bench/out/peers instead of docs.
"""

import argparse
import shutil
from dataclasses import replace
from pathlib import Path

from bench.peers.environment import OUT, ROOT, peers_python
from bench.peers.figures import Figures
from bench.peers.measure import Bench, everything
from bench.peers.picture import draw
from bench.peers.plan import Kept, Plan, material
from bench.peers.report import report
from bench.peers.systems import SYSTEMS, chosen

_FINISHED = "finished"


def main() -> None:
    """Measure, then write."""
    plan = _plan()
    within = plan.folder()
    if (within / _FINISHED).exists():
        shutil.rmtree(within)
    peers_python()
    bench = Bench(plan=plan, kept=Kept(folder=within), material=material(plan, within))
    everything(bench)
    whole = plan == Plan(systems=SYSTEMS)
    folder = ROOT / "docs" if whole else OUT
    _write(bench, folder)
    (within / _FINISHED).touch()
    print(f"written: {folder / 'speed.md'}", flush=True)
    if plan.folder() != within:
        print("the code changed while it was measured: run it again", flush=True)


def _write(bench: Bench, folder: Path) -> None:
    figures = Figures(bench.kept.folder)
    folder.mkdir(parents=True, exist_ok=True)
    text = report(figures, bench.plan, bench.material)
    (folder / "speed.md").write_text(text, encoding="utf-8")
    draw(figures, folder)


def _plan() -> Plan:
    """Read the options: without any, everything is measured."""
    parser = argparse.ArgumentParser(prog="python -m bench.peers", description=__doc__)
    default = Plan(systems=SYSTEMS)
    keys = ", ".join(system.key for system in SYSTEMS)
    parser.add_argument("--only", metavar="NAMES", default="", help=f"some of {keys}")
    parser.add_argument("--rounds", type=int, default=default.rounds)
    parser.add_argument("--questions", type=int, default=default.questions)
    parser.add_argument("--passages", type=int, default=0, help="the first so many; 0: all")
    parser.add_argument("--most", type=int, default=max(default.sizes), help="passages of growth")
    given = parser.parse_args()
    return replace(
        default,
        systems=chosen([key for key in given.only.split(",") if key]),
        rounds=given.rounds,
        questions=given.questions,
        timed=min(default.timed, given.questions),
        reranked=min(default.reranked, given.questions),
        reranked_timed=min(default.reranked_timed, given.questions),
        passages=given.passages,
        sizes=tuple(size for size in default.sizes if size <= given.most),
        own_sizes=tuple(size for size in default.own_sizes if size <= given.most),
        encoded_sizes=tuple(size for size in default.encoded_sizes if size <= given.most),
    )


if __name__ == "__main__":
    main()
