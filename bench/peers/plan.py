"""What one run consists of, and where what it measured is kept while it goes on."""

import hashlib
import json
import platform
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from random import Random
from typing import Any

from bench.common import collection
from bench.peers.asking import Question
from bench.peers.environment import OUT, ROOT
from bench.peers.systems import MODEL, System
from ctqa.models.installed import ready

COLLECTION = "squad11_dev"
_SEED = 8
_SHIPPED = (".py", ".json", ".jsonl", ".toml")


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """How much is measured. Two runs of one plan of the same code continue each other."""

    systems: tuple[System, ...]
    rounds: int = 2
    questions: int = 500  # each way's quality is measured by, in the first round
    timed: int = 200  # questions a round
    reranked: int = 300  # questions that reranked answers' quality is measured by
    reranked_timed: int = 60
    sizes: tuple[int, ...] = (100, 1_000, 10_000, 100_000)  # of the peers' stores
    own_sizes: tuple[int, ...] = (100, 1_000, 10_000)  # of CTQA, encoding left out
    encoded_sizes: tuple[int, ...] = (100, 1_000)  # of CTQA, encoding and all
    passages: int = 0  # of the collection, the first so many; 0: all

    def folder(self) -> Path:
        """Name where this plan's figures and indexes are kept, for the code as it is now."""
        told = json.dumps(asdict(self), sort_keys=True) + _code()
        return OUT / hashlib.sha256(told.encode()).hexdigest()[:12]


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """Figures by name, each in a file of its own: a run that was stopped goes on where it was."""

    folder: Path

    def once(self, name: str, measure: Callable[..., Any], *given: Any, **named: Any) -> Any:
        """Measure, by a call with what is given, or take what was measured before."""
        path = self.folder / "figures" / f"{name}.json"
        if not path.is_file():
            print(f"  {name}", flush=True)
            path.parent.mkdir(parents=True, exist_ok=True)
            beside = path.with_suffix(".new")
            beside.write_text(json.dumps(measure(*given, **named), indent=1), encoding="utf-8")
            beside.rename(path)
        return json.loads(path.read_text(encoding="utf-8"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Material:
    """What everything is measured with."""

    corpus: Path
    passages: int
    questions: Path  # those that are asked one by one, in an order drawn by lot
    every: Path  # all of the collection's questions about its passages
    model: Path  # the folder of the model that all share


def material(plan: Plan, within: Path) -> Material:
    """Write the corpus and the questions that the plan asks for."""
    source = collection(COLLECTION)
    folder = within / "material"
    folder.mkdir(parents=True, exist_ok=True)
    lines = (source / "corpus.jsonl").read_text(encoding="utf-8").splitlines(keepends=True)
    lines = lines[: plan.passages] if plan.passages else lines
    (folder / "corpus.jsonl").write_text("".join(lines), encoding="utf-8")
    every = _questions(source, {json.loads(line)["_id"] for line in lines})
    drawn = list({question.text: question for question in every}.values())
    Random(_SEED).shuffle(drawn)  # noqa: S311
    return Material(
        corpus=folder / "corpus.jsonl",
        passages=len(lines),
        questions=_written(folder / "questions.jsonl", drawn),
        every=_written(folder / "every.jsonl", every),
        model=ready(MODEL),
    )


def _questions(source: Path, ids: set[str]) -> list[Question]:
    rows = (source / "qrels.tsv").read_text(encoding="utf-8").splitlines()[1:]
    wanted = dict(row.split("\t")[:2] for row in rows)
    assert len(wanted) == len(rows), "each question has one passage"
    lines = (source / "queries.jsonl").read_text(encoding="utf-8").splitlines()
    asked = (json.loads(line) for line in lines)
    return [
        Question(text=row["text"], passage=wanted[row["_id"]])
        for row in asked
        if wanted[row["_id"]] in ids
    ]


def _written(path: Path, questions: Sequence[Question]) -> Path:
    lines = (json.dumps(asdict(question)) + "\n" for question in questions)
    path.write_text("".join(lines), encoding="utf-8")
    return path


def _code() -> str:
    """Sum up the code that is measured, the data that ships with it, and what measures."""
    own = (path for path in (ROOT / "src").rglob("*") if path.suffix in _SHIPPED)
    files = sorted([*own, *Path(__file__).parent.glob("*.py")])
    return hashlib.sha256(b"".join(path.read_bytes() for path in files)).hexdigest()


def machine() -> str:
    """Say what machine this is, in a line."""
    cpu = platform.processor()
    info = Path("/proc/cpuinfo")
    if info.is_file():
        lines = info.read_text(encoding="utf-8").splitlines()
        names = [line.split(":")[1].strip() for line in lines if line.startswith("model name")]
        cpu = f"{len(names)} x {names[0]}"
    return f"{cpu}, {platform.system()}, Python {platform.python_version()}"
