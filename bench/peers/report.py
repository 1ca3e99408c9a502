"""docs/speed.md: what was measured, on what, how to repeat it."""

from datetime import UTC, datetime

from bench.peers.figures import Figures
from bench.peers.plan import COLLECTION, Material, Plan, machine
from bench.peers.systems import MODEL
from bench.peers.tables import tables

_HEAD = """# How fast CTQA is beside what you would pick instead

Written by `make bench` (`python -m bench.peers`) on {date}. {machine}.

![speed](speed.png)

Every system indexes the same {passages:,} passages of {collection} (title and text), each with
the model {model} out of one folder; CTQA also with its own default encoder and its own passages.
Each measurement is a new process on one core, the systems take turns, {rounds}, medians.
Processor seconds (CPU) count more than time on the clock (wall), which others on the machine
lengthen. Peak memory is that of the largest process. The peers are used as their own first pages
show it, with the store they name first. No words are marked in CTQA's answers (its reader is
"sentences"), since no peer marks any; docs/measured.md says what that costs.

To repeat it: `CTQA_DATA=…/collections make bench`, where `squad11_dev` lies in that folder in BEIR
form (see bench/README.md).
"""


def report(figures: Figures, plan: Plan, material: Material) -> str:
    """Write the whole page."""
    head = _HEAD.format(
        date=datetime.now(UTC).date().isoformat(),
        machine=machine(),
        passages=material.passages,
        collection=COLLECTION,
        model=MODEL,
        rounds="one round" if plan.rounds == 1 else f"{plan.rounds} rounds",
    )
    lines = [line for table in tables(figures) for line in table.lines()]
    return "\n".join([head, *lines]).rstrip() + "\n"
