"""A workbench of the evaluation tab over an index of its own, and what it shows."""

import json
import time
from pathlib import Path

from ui.outline import Outline, outline
from ui.serving import (
    HOSTILE,
    HOSTILE_NAME,
    NOWHERE,
    NURSE,
    VISIT,
    VISIT_ANSWER,
    make_index,
    open_serving,
)

from ctqa.answering.serving import Serving
from ctqa.evaluation.gold.judgments import Judgments
from ctqa.ui.downloads import Downloads
from ctqa.ui.evaluating import Evaluations, State
from ctqa.ui.gold_care import GoldCare
from ctqa.ui.gold_sets import GoldSets
from ctqa.ui.workbench import Shown, View, Workbench

LINES = [
    {"id": "visit", "question": VISIT, "document": "wards.txt", "quote": VISIT_ANSWER},
    {"id": "nurse", "question": NURSE, "document": "wards.txt", "quote": "flowers are not allowed"},
    {"id": "gone", "question": HOSTILE, "document": HOSTILE_NAME, "quote": "<b>Gone</b> it is"},
    {"id": "nowhere", "question": NOWHERE, "impossible": True},
    {"id": "night", "question": "When may relatives visit the ward at night?", "impossible": True},
]


class Bench:
    """A workbench over an index of its own, with gold beside its documents."""

    def __init__(self, folder: Path) -> None:
        index = make_index(folder)
        lines = "".join(json.dumps(line) + "\n" for line in LINES)
        (folder / "documents" / "gold-wards.jsonl").write_text(lines, encoding="utf-8")
        self.folder = folder
        self.serving: Serving = open_serving(index)
        self.judgments = Judgments(index)
        self.evaluations = Evaluations(self.serving)
        self.gold = GoldSets(self.serving, self.judgments)
        self.downloads = Downloads()
        self.care = GoldCare(self.serving, self.gold, self.downloads)
        self.work = Workbench(self.evaluations, self.gold, self.care)

    def close(self) -> None:
        self.care.close()
        self.evaluations.close()
        self.serving.close()

    def key(self) -> str:
        (only,) = self.gold.offered()
        return only.key

    def run(self, view: View | None = None) -> Shown:
        """Run the gold set that lies beside the documents; give what is shown at the end."""
        begun = self.work.press({"do": "evaluate", "gold": self.key()}, view or View())
        assert begun is not None and begun.told is not None
        ended(self.evaluations)
        return self.work.look(begun.view)


def ended(evaluations: Evaluations) -> State:
    deadline = time.monotonic() + 60
    while (state := evaluations.state).running is not None:
        assert time.monotonic() < deadline, "the evaluation does not end"
        time.sleep(0.01)
    return state


def shown(markup: str | None) -> Outline:
    assert markup is not None
    return outline(markup)


def buttons(page: Outline, do: str) -> list[dict[str, str | None]]:
    return [node.attributes for node in page.nodes if node.attributes.get("data-do") == do]
