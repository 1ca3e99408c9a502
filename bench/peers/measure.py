"""The measurements of a run, in the order in which they are made."""

import json
import shutil
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from bench.peers.environment import python_of
from bench.peers.plan import Kept, Material, Plan
from bench.peers.process import ran
from bench.peers.systems import MODEL, REFERENCE, System
from ctqa import IndexConfig

_QUESTION = "Which NFL team represented the AFC at Super Bowl 50?"
_COMMANDS = {
    "ask": ("ask",),
    "ask, not reranked": ("ask", "--set", "rerank=0"),
    "search, not reranked": ("search", "--set", "rerank=0"),
}
_COMPARED = (REFERENCE, "ctqa", "ctqa-minilm")  # those that the ratios are made of
_LONG = 12.0  # CPU seconds: a store that takes as long is not filled any further
_ANSWERED = ("fast", "reranked")  # ways in which an answer is cut out


@dataclass(frozen=True, slots=True, kw_only=True)
class Bench:
    """Everything that a measurement needs to know."""

    plan: Plan
    kept: Kept
    material: Material

    def index(self, system: System, cores: str = "one") -> Path:
        """Give the folder of a system's index."""
        return self.kept.folder / "index" / f"{system.key}-{cores}"


def everything(bench: Bench) -> None:
    """Measure all that the plan asks for."""
    for number in range(bench.plan.rounds):
        print(f"round {number + 1} of {bench.plan.rounds}", flush=True)
        for system in _rotated(bench.plan.systems, number):
            _round_of(bench, system, number)
    print("once", flush=True)
    _all_questions(bench)
    _encoding(bench)
    _all_cores(bench)
    _installed(bench)
    _limits(bench)
    _growth(bench)
    _own_growth(bench)


def _rotated(systems: tuple[System, ...], number: int) -> tuple[System, ...]:
    """Begin each round with another system: none always runs on a rested machine."""
    start = number * (len(systems) // 2 + 1) % len(systems)
    return systems[start:] + systems[:start]


def _round_of(bench: Bench, system: System, number: int) -> None:
    name = f"{number}-{system.key}"
    if number == 0 or system.key in _COMPARED:
        bench.kept.once(f"{name}-build", built, bench, system)
    for command in commands(system):
        bench.kept.once(f"{name}-first-{command}", first, bench, system, command)
    for way in system.ways:
        bench.kept.once(f"{name}-ask-{way}", asked, bench, system, way, number)


def built(bench: Bench, system: System, *, one_core: bool = True) -> dict[str, Any]:
    """Build a system's index anew."""
    folder = bench.index(system, "one" if one_core else "all")
    shutil.rmtree(folder, ignore_errors=True)
    folder.parent.mkdir(parents=True, exist_ok=True)
    found = _ran(bench, system, "build", folder=folder, one_core=one_core)
    size = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
    return {**found, "passages": bench.material.passages, "index_mb": size / 1e6}


def first(bench: Bench, system: System, command: str, *, one_core: bool = True) -> dict[str, Any]:
    """Ask one question of a new process."""
    if not system.ours:
        return _ran(bench, system, "first", question=_QUESTION, one_core=one_core)
    program = str(python_of(ours=True).with_name("ctqa"))
    index = ["--index", str(bench.index(system)), "--json"]
    call = [program, *_COMMANDS[command], *index, _QUESTION]
    return asdict(ran(call, one_core=one_core)) | {"said": None}


def asked(bench: Bench, system: System, way: str, number: int) -> dict[str, Any]:
    """Ask questions one after the other; in the first round as many as quality needs."""
    plan = bench.plan
    few = way == "reranked"
    timed, more = (plan.reranked_timed, plan.reranked) if few else (plan.timed, plan.questions)
    count = max(more, timed) if number == 0 else timed
    found = _ran(bench, system, "ask", way=way, questions=bench.material.questions, count=count)
    return {**found, "timed": timed}


def commands(system: System) -> tuple[str, ...]:
    """Name what a new process is started for."""
    return (*_COMMANDS,) if system.ours else ("search",)


def _ran(bench: Bench, system: System, task: str, **options: Any) -> dict[str, Any]:
    """Run one task of a system in a process of its own."""
    one_core = options.pop("one_core", True)
    python = str(python_of(ours=system.ours))
    given = {
        "task": task,
        "module": system.module,
        "model": str(bench.material.model),
        "corpus": str(bench.material.corpus),
        "folder": str(bench.index(system)),
        "config": dict(system.settings),
        **{name: str(each) if isinstance(each, Path) else each for name, each in options.items()},
    }
    module = "bench.peers.ours" if system.ours else "bench.peers.job"
    return asdict(ran([python, "-m", module, json.dumps(given)], one_core=one_core))


def _all_questions(bench: Bench) -> None:
    """Rank for all questions, for those that the ratios are made of."""
    for system in _compared(bench):
        for way in (way for way in system.ways if way not in _ANSWERED):
            bench.kept.once(
                f"all-{system.key}-{way}",
                *(_ran, bench, system, "ask_together"),
                way=way,
                questions=bench.material.every,
            )


def _encoding(bench: Bench) -> None:
    """Encode the corpus and do nothing else; the reference's build tells that apart itself."""
    for system in (system for system in _compared(bench) if system.ours):
        encoder = system.settings.get("encoder", IndexConfig().encoder)
        bench.kept.once(f"0-{system.key}-encode", _ran, bench, system, "encode", encoder=encoder)


def _all_cores(bench: Bench) -> None:
    """Build and ask with all cores, where what is measured above has one."""
    for system in _compared(bench):
        name = f"cores-{system.key}"
        bench.kept.once(f"{name}-build", built, bench, system, one_core=False)
        for command in commands(system):
            bench.kept.once(
                f"{name}-first-{command}", first, bench, system, command, one_core=False
            )


def _compared(bench: Bench) -> Iterator[System]:
    return (system for system in bench.plan.systems if system.key in _COMPARED)


def _installed(bench: Bench) -> None:
    """Weigh what each needs to be installed."""
    for system in bench.plan.systems:
        bench.kept.once(f"size-{system.key}", _size, system, ())
    ours = next((system for system in bench.plan.systems if system.ours), None)
    if ours is not None:
        bench.kept.once("size-without-torch", _size, ours, ("torch", "sentence-transformers"))


def _size(system: System, without: tuple[str, ...]) -> Any:
    given = json.dumps({"packages": system.packages, "without": without})
    return _said(ours=system.ours, module="sizes", given=given)


def _said(*, ours: bool, module: str, given: str) -> Any:
    """Run a module of this package; give what it prints."""
    return ran([str(python_of(ours=ours)), "-m", f"bench.peers.{module}", given]).said


def _limits(bench: Bench) -> None:
    """Measure what the machine can do at most."""
    given = json.dumps({"corpus": str(bench.material.corpus), "model": str(bench.material.model)})
    for number in range(bench.plan.rounds):
        bench.kept.once(f"{number}-limits", _said, ours=False, module="limits", given=given)


def _growth(bench: Bench) -> None:
    """Fill each peer's store with more and more vectors, until it takes too long."""
    given = {"sizes": bench.plan.sizes, "seconds": _LONG}
    for system in (system for system in bench.plan.systems if system.store):
        bench.kept.once(f"grow-{system.key}", _ran, bench, system, "grow", **given)


def _own_growth(bench: Bench) -> None:
    """Let CTQA grow: all but encoding, then with encoding."""
    if not any(system.ours for system in bench.plan.systems):
        return
    for encoder, sizes in (("", bench.plan.own_sizes), (MODEL, bench.plan.encoded_sizes)):
        for count in sizes:
            folder = bench.kept.folder / "growth" / f"{count}{'-encoded' if encoder else ''}"
            given = json.dumps({"count": count, "encoder": encoder, "folder": str(folder)})
            name = f"grow-{'encoded' if encoder else 'ctqa'}-{count}"
            bench.kept.once(name, _said, ours=True, module="ours_growth", given=given)
