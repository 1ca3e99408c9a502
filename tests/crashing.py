"""Each step of writing at which a process may be killed, tried one by one: for `test_crash.py`."""

import json
import re
import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from encoders import WordEncoder
from kills import (
    LoggedEncoder,
    Steps,
    digest,
    finish,
    heads_in,
    in_child,
    instrument,
    known_in,
    log_of,
    prepare,
    start,
    told_or_refused,
)
from library import build, write_texts

from ctqa.index import doctor
from ctqa.index.build import BuildOptions
from ctqa.index.english import english
from ctqa.index.writer import CatalogWriter

BEFORE = {
    "lakes.txt": "Lakes\n\nThe deepest lake is Wastwater. It is 79 metres deep.\n\nFishing\n\n"
    "Fishing needs a licence. Licences are sold at the post office.\n",
    "sub/trains.txt": "Trains\n\nThe night train leaves Carlisle at 23.10. It carries bicycles "
    "free of charge.\n\nTickets are checked on board. A dog travels for half the fare.\n",
    "old name.txt": "The National Tarn Trust (NTT) owns nine tarns. The NTT lets boats.\n",
    "gone.txt": "The ferry to the island was given up in winter.\n",
}
AFTER = {
    "lakes.txt": BEFORE["lakes.txt"].replace("79", "76") + "\nBoats\n\nBoats may not land.\n",
    "sub/trains.txt": BEFORE["sub/trains.txt"],
    "new name.txt": BEFORE["old name.txt"],
    "added.txt": "The boat to the island leaves at nine. A ticket is two pounds.\n",
    "bad.pdf": "%PDF-1.4 nonsense",
}
MANY = BEFORE | {f"{n}.txt": f"Tarn {n}\n\nIt is {n} metres deep.\n" for n in range(8)}
_AT_ONCE = 2
_ENCODING_NOTHING = {"third build", "mending", "rollback"}
Action = Callable[[Path, Path, WordEncoder], object]


def build_again(documents: Path, index: Path, encoder: WordEncoder) -> object:
    """Build as the command line does."""
    return build(documents, index, encoder, options=BuildOptions(new_encoder=True))


def roll_back(_: Path, index: Path, __: WordEncoder) -> object:
    """Make the build before the current one current again."""
    doctor.roll_back(index)
    return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """What is done to an index while it is killed, and what was done to it before."""

    before: Sequence[dict[str, str]]  # the documents of each build
    after: dict[str, str]
    action: Action = build_again
    encoder: str = "words"
    damage: str = ""  # a derived file to damage first, as a pattern


SCENARIOS = {
    "first build": Scenario(before=(), after=BEFORE),
    "later build": Scenario(before=(BEFORE,), after=AFTER),
    "third build": Scenario(before=(BEFORE, AFTER), after=BEFORE),
    "another encoder": Scenario(before=(BEFORE,), after=AFTER, encoder="others"),
    "mending": Scenario(before=(BEFORE,), after=BEFORE, damage="builds/1/vectors/*.faiss"),
    "small change": Scenario(before=(MANY,), after=MANY | {"7.txt": "Tarn 7 dried up.\n"}),
    "rollback": Scenario(before=(BEFORE, AFTER), after=AFTER, action=roll_back),
}


class Trial:
    """An index before and after an action, and copies of it in which the action is killed."""

    def __init__(self, scenario: Scenario, root: Path) -> None:
        self._scenario = scenario
        self._root = root
        self._documents = root / "documents"
        self._base = root / "base"
        self._index = root / "index"
        self._log = root / "log"
        for texts in scenario.before:
            self._write(texts)
            _done(in_child(lambda: build(self._documents, self._base) and None))
        for path in self._base.glob(scenario.damage) if scenario.damage else ():
            path.write_bytes(path.read_bytes()[:-1])
        self._write(scenario.after)
        self.steps, self._after = self._whole()
        self._before = self._told_of_base()
        self._end = self._ended()

    def work_apart(self, name: str) -> None:
        """Let another process beside this one try other steps."""
        self._index = self._root / f"index-{name}"
        self._log = self._root / f"log-{name}"

    def kill_at(self, step: int) -> Iterator[str]:
        """Kill the action before a step; give what is wrong then."""
        self._copy()
        code, _ = in_child(lambda: self._act(step))
        log = log_of(self._log)
        at = f"step {step}, {log[-1]}: "
        if code != -9:
            yield f"{at}ended with {code}"
            return
        code, wrong = in_child(self._after_kill)
        if code != 0:
            yield f"{at}the next build ended with {code}"
            return
        expected = self._before if heads_in(log) < heads_in(self.steps) else self._after
        if not _same(wrong["left"], expected):
            yield f"{at}the index says {_short(wrong['left'])}, not {_short(expected)}"
        again = set(wrong["encoded"]) & known_in(log)
        if again:
            yield f"{at}{len(again)} texts were encoded again"
        if wrong["end"] != self._end:
            yield f"{at}after the next build it says {_short(wrong['end'])}"
        if wrong["strays"]:
            yield f"{at}the next build left {wrong['strays']}"

    def _write(self, texts: dict[str, str]) -> None:
        shutil.rmtree(self._documents, ignore_errors=True)
        write_texts(self._documents, texts)

    def _copy(self) -> None:
        shutil.rmtree(self._index, ignore_errors=True)
        self._log.unlink(missing_ok=True)
        if self._base.exists():
            shutil.copytree(self._base, self._index)

    def _act(self, die_at: int) -> int:
        steps = Steps(self._index, self._log, die_at)
        instrument(steps)
        self._scenario.action(
            self._documents, self._index, LoggedEncoder(steps, name=self._scenario.encoder)
        )
        return steps.count

    def _whole(self) -> tuple[list[str], dict[str, Any]]:
        self._copy()
        _done(in_child(lambda: self._act(0)))
        return log_of(self._log), _done(in_child(lambda: told_or_refused(self._index)))

    def _told_of_base(self) -> dict[str, Any]:
        self._copy()
        found: dict[str, Any] = _done(in_child(lambda: told_or_refused(self._index)))
        return found

    def _ended(self) -> dict[str, Any]:
        """Give what the index says after the action and a build, none of them killed."""
        self._copy()
        _done(in_child(lambda: self._act(0)))
        end: dict[str, Any] = _done(in_child(self._after_kill))["end"]
        return end

    def _after_kill(self) -> dict[str, Any]:
        left = told_or_refused(self._index)
        encoder = WordEncoder(name=self._scenario.encoder)
        build_again(self._documents, self._index, encoder)
        end = told_or_refused(self._index) | {"build": 0}
        allowed = {str(number) for number in _numbers(self._index)}
        folders = [path.name for path in (self._index / "builds").iterdir()]
        return {
            "left": left,
            "encoded": [digest(text) for text in encoder.encoded],
            "end": end,
            "strays": [name for name in folders if name not in allowed],
        }


def _numbers(index: Path) -> list[int]:
    with closing(CatalogWriter.open(index)) as catalog:
        return [each.number for each in catalog.builds()]


def _same(found: dict[str, Any], expected: dict[str, Any]) -> bool:
    if "refused" in found and "refused" in expected:
        told = ("no index here", "no build was ever completed", "ctqa doctor --fix")
        return any(words in found["refused"] for words in told)
    return found == expected


def _short(said: dict[str, Any]) -> str:
    return f"{said.get('refused') or ''} build {said.get('build')} {json.dumps(said)[:300]}"


def _done(found: tuple[int, Any]) -> Any:
    code, said = found
    assert code == 0, f"a process ended with {code}"
    return said


def kinds(steps: Sequence[str]) -> list[str]:
    """Give the kind of each step that was counted, whichever build it belongs to."""
    counted = (line for line in steps if not line.startswith(("encoded ", "kept ")))
    return [re.sub(r"builds/\d+", "builds/n", line) for line in counted]


def chosen(found: Sequence[str], count: int | None, covered: set[str]) -> list[int]:
    """Choose some steps to die at, and the last of each kind that is not covered yet; None: all."""
    every = 1 if count is None else max(1, len(found) // count)
    last = {kind: place for place, kind in enumerate(found, 1) if kind not in covered}
    covered.update(last)
    return sorted({*last.values(), *range(1, len(found) + 1, every)})


def explore(root: Path, count: int | None, answer: Path) -> None:
    """Kill each scenario's action at its steps, and write what was found; for a fresh process."""
    prepare()
    english().frequency("lake")
    covered: set[str] = set()
    found = []
    for name, scenario in SCENARIOS.items():
        place = root / name.replace(" ", "-")
        place.mkdir()
        trial = Trial(scenario, place)
        assert known_in(trial.steps) or name in _ENCODING_NOTHING, name
        all_kinds = kinds(trial.steps)
        steps = chosen(all_kinds, count, covered)
        failures = [f"{name}, {failure}" for failure in _tried(trial, steps)]
        found.append((name, len(all_kinds), len(steps), failures))
    answer.write_text(json.dumps([found, sorted(covered)]))


def _tried(trial: Trial, steps: Sequence[int]) -> list[str]:
    """Try steps in two processes side by side."""
    started = [
        start(partial(_tried_apart, trial, str(part), steps[part::_AT_ONCE]))
        for part in range(_AT_ONCE)
    ]
    return [failure for each in started for failure in _done(finish(each))]


def _tried_apart(trial: Trial, name: str, steps: Sequence[int]) -> list[str]:
    trial.work_apart(name)
    return [failure for step in steps for failure in trial.kill_at(step)]
