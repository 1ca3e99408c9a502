"""What the benches share: collections, indexes built once, halves of questions, tables.

Collections are folders in BEIR form below the folder CTQA_DATA; indexes and results go to
bench/out, and what was encoded there once is not encoded again.
"""

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from hashlib import sha256
from pathlib import Path

import ctqa
from ctqa.evaluation import Evaluation, Gold, evaluate, load_gold

OUT = Path(__file__).parent / "out"
SEEDS = Path(__file__).parents[1] / "seeds"


def collection(name: str) -> Path:
    """Give a collection's folder; end the bench when it is not there."""
    root = Path(os.environ.get("CTQA_DATA", ""))
    if not (root / name / "corpus.jsonl").is_file():
        raise SystemExit(f"set CTQA_DATA to a folder with the collection {name!r} in BEIR form")
    return root / name


def half_of(name: str, which: str) -> Gold:
    """Load half of a collection's questions: "tune" to choose by, "report" to publish."""
    gold = load_gold(collection(name))
    tune = [q for q in gold.questions if sha256(q.id.encode()).digest()[0] < 128]
    report = [q for q in gold.questions if q not in set(tune)]
    return replace(gold, questions=tuple(tune if which == "tune" else report))


def all_of(name: str) -> Gold:
    """Load all of a collection's questions."""
    return load_gold(collection(name))


def index_of(name: str, config: ctqa.IndexConfig) -> Path:
    """Build a collection's index, or take it as it was built before."""
    parts = (name, Path(config.encoder).name, config.split, config.passage_tokens)
    folder = OUT / "index" / "-".join(map(str, parts))
    ctqa.build([collection(name) / "corpus.jsonl"], folder, config=config)
    return folder


def index_of_samples() -> Path:
    """Build the samples' index."""
    folder = OUT / "index" / "samples"
    ctqa.build([SEEDS], folder)
    return folder


def measured(index: Path, gold: Gold, search: ctqa.SearchConfig) -> Evaluation:
    """Measure retrieval."""
    qa = ctqa.load(index, config=search)
    try:
        return evaluate(qa, gold, answers=False)
    finally:
        qa.close()


def mean(evaluation: Evaluation, measure: str) -> float:
    """Give the mean of a measure over the questions."""
    figure = evaluation.figures[measure]
    assert figure is not None
    return figure.mean


@dataclass(slots=True)
class Table:
    """Rows that are printed as they come, and kept as Markdown."""

    name: str
    columns: Sequence[str]
    rows: list[Sequence[str]] = field(default_factory=list)

    def add(self, *cells: object) -> None:
        """Add a row; numbers with a fraction get three places of it."""
        row = [f"{cell:.3f}" if isinstance(cell, float) else str(cell) for cell in cells]
        self.rows.append(row)
        print(" | ".join(row), flush=True)
        self._keep()

    def _keep(self) -> None:
        OUT.mkdir(parents=True, exist_ok=True)
        lines = [self.columns, ["---"] * len(self.columns), *self.rows]
        text = "\n".join("| " + " | ".join(line) + " |" for line in lines)
        (OUT / f"{self.name}.md").write_text(text + "\n", encoding="utf-8")


def run(main: Callable[[], None], name: str) -> None:
    """Run a bench when its module is the program."""
    if name == "__main__":
        main()
