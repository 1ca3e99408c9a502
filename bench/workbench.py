"""The workbench at work: reports, comparisons and gates, through the commands that people type.

Each set is evaluated once, with a report in bench/out/workbench/. Then two pairs of settings are
compared between which a difference is known to be, and two that differ in next to nothing; and a
gate is met and another is not.
"""

import json
import subprocess
import sys
import time
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

import ctqa
from bench.common import OUT, SEEDS, Table, collection, index_of, index_of_samples, run

WORK = OUT / "workbench"
SETS = ("med", "cisi", "time", "npl", "cacm")
WORDS_ALONE = ("dense_weight=0.0", "rerank=0")
MEANING_ALONE = ("dense_weight=1.0", "rerank=0")
FUSED = ("rerank=0",)
# The first two differ by construction; of the others, one knob is turned by next to nothing.
COMPARED = (
    ("scifact_train", WORDS_ALONE, FUSED, True),
    ("squad11_dev", MEANING_ALONE, FUSED, True),
    ("scifact_train", ("dense_weight=0.6", "rerank=0"), ("dense_weight=0.61", "rerank=0"), False),
    ("med", ("candidates=100", "rerank=0"), ("candidates=101", "rerank=0"), False),
)
GATES = (
    ("--fail-under", "Success@5=.8", 0),
    ("--fail-under", "Success@1=.999", 4),
    ("--fail-under", "refused=.5", 0),
    ("--fail-over", "AURC=.0001", 4),
)


def main() -> None:
    """Compare, try the gates, and write the reports."""
    WORK.mkdir(parents=True, exist_ok=True)
    _comparisons()
    _reports()
    _gates()


def _reports() -> None:
    table = Table("workbench", ("set", "questions", "seconds", "report, MB", "most is to be won"))
    for name in ("samples", *SETS):
        gold = SEEDS / "gold.jsonl" if name == "samples" else collection(name)
        report = WORK / f"{name}.html"
        found, seconds = _evaluated(name, gold, "--report", str(report))
        counts, size = found["counts"], report.stat().st_size / 1e6
        table.add(name, counts["questions"], round(seconds), f"{size:.1f}", found["most_to_be_won"])


def _comparisons() -> None:
    columns = ("set", "A", "B", "nDCG@10", "B less A", "p", "could show", "found", "expected")
    table = Table("workbench-compare", columns)
    for name, a, b, differ in COMPARED:
        results = [_settings(name, settings) for settings in (a, b)]
        index = str(_index(name))
        told = _ctqa("compare", *map(str, results), "--index", index, "--json").stdout
        found = json.loads(told)["main"]
        spread = f"{found['difference']:+.4f} ({found['low']:+.4f} to {found['high']:+.4f})"
        both = f"{found['a']:.3f} / {found['b']:.3f}"
        sides = (name, " ".join(a), " ".join(b), both, spread)
        p, smallest = f"{found['p']:.4f}", f"{found['smallest']:.4f}"
        table.add(*sides, p, smallest, found["shown"], differ)
        assert found["shown"] is differ, (name, a, b)


def _gates() -> None:
    table = Table("workbench-gate", ("gate", "exit code", "expected", "reason"))
    index, gold = str(_index("samples")), str(SEEDS / "gold.jsonl")
    for option, gate, expected in GATES:
        done = _ctqa("eval", gold, "--index", index, "--no-keep", "--quiet", option, gate, check=())
        reason = done.stderr.strip().replace("\n", "; ")
        table.add(f"{option} {gate}", done.returncode, expected, reason)
        assert done.returncode == expected, (gate, done.stderr)


@lru_cache
def _settings(name: str, settings: tuple[str, ...]) -> Path:
    """Evaluate a set with settings, once in a run."""
    result = WORK / f"{name}-{'-'.join(settings)}.json"
    options = [word for setting in settings for word in ("--set", setting)]
    found, seconds = _evaluated(name, collection(name), "--retrieval-only", *options)
    result.write_text(json.dumps(found), encoding="utf-8")
    print(f"{name}, {' '.join(settings)}: {seconds:.0f} s")
    return result


def _evaluated(name: str, gold: Path, *options: str) -> tuple[dict[str, Any], float]:
    index = str(_index(name))
    began = time.monotonic()
    done = _ctqa("eval", str(gold), "--index", index, "--json", "--quiet", *options)
    return json.loads(done.stdout), time.monotonic() - began


def _index(name: str) -> Path:
    return index_of_samples() if name == "samples" else index_of(name, ctqa.IndexConfig())


def _ctqa(*words: str, check: Sequence[int] = (0,)) -> subprocess.CompletedProcess[str]:
    done = subprocess.run(
        [sys.executable, "-c", "from ctqa.cli import main; raise SystemExit(main())", *words],
        capture_output=True,
        text=True,
        check=False,
    )
    assert not check or done.returncode in check, done.stderr
    return done


run(main, __name__)
