"""The model card of a reader: what it is, what it learned from, how well it reads, and its limits.

`python -m training.reader.card RUN` writes it beside the graph, once that is measured.
"""

import argparse
import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from ctqa.models.folder import hash_file
from training.halfway import MODEL
from training.reader.evaluate import FIGURES
from training.reader.exported import GRAPH
from training.reader.prepare import HOME, LEARNED, samples_path
from training.reader.recipe import Recipe, load_recipe
from training.reader.samples import Sample, read_samples
from training.reader.teach import teachers

CARD = "CARD.md"
_OF_PUPILS = ("teacher", "taught")
_SETS = {
    "squad11_dev": "SQuAD 1.1, its dev set (Rajpurkar et al. 2016), CC BY-SA 4.0",
    "squad2_devhalf": "SQuAD 2.0, half of its dev set (Rajpurkar et al. 2018), CC BY-SA 4.0",
    "squadshifts_reddit": "SQuADShifts, Reddit (Miller et al. 2020), CC BY 4.0",
    "squadshifts_amazon": "SQuADShifts, Amazon (Miller et al. 2020), CC BY 4.0",
}
_LIMITS = """\
It reads English. It marks one run of at most 30 tokens of what a passage shows: a list, a table or
a reason asks for more than that. What it learned from are encyclopaedia articles, reviews and
comments; forms, contracts and scans read differently. "Impossible" questions written by people it
saw few of, most were made by rules, and telling those is where it is weakest. It may mark
"volunteers" in "volunteers never carry keys", or leave out the condition under which something is
so: CTQA keeps sentences whole whose clause denies, and shows the sentence around all words. Of
long answers, whole clauses as in policyqa, it marks a part. It knows nothing that is not in the
passage, and marks something in every passage: whether that answers is for the score of "no answer"
and the judge to say."""


def main() -> None:
    """Write the card of a run."""
    parser = argparse.ArgumentParser(prog="training.reader.card", description=__doc__)
    parser.add_argument("run")
    folder = HOME / "runs" / parser.parse_args().run
    samples = [sample for name in LEARNED for sample in read_samples(samples_path(name))]
    figures = json.loads((folder / FIGURES).read_text(encoding="utf-8"))
    recipe = load_recipe(folder)
    taught_by = teachers(recipe.teacher) if recipe.teacher else {}
    text = card(folder, recipe, samples, figures, taught_by)
    (folder / CARD).write_text(text, encoding="utf-8")
    print(text)


def card(
    folder: Path,
    recipe: Recipe,
    samples: Sequence[Sample],
    figures: Mapping[str, Any],
    taught_by: Mapping[str, Recipe],
) -> str:
    """Write a card in Markdown."""
    made = hash_file(folder, GRAPH)
    return "\n".join(
        [
            "# A reader of exact spans",
            "",
            f"The upper {12 - recipe.first} layers of {MODEL} (Apache-2.0), trained to mark the",
            "words of a passage that answer a question, over its lower layers as they are. In int8",
            f"for onnxruntime: {made.bytes / 1e6:.1f} MB, sha256 `{made.sha256}`.",
            "",
            "## What it learned from",
            "",
            *_learned(samples),
            "",
            "No article that is reported on below was learned from, nor was a passage that shares",
            "three tenths of its wording with one; a test checks it. What was tuned by is apart",
            "from both.",
            "",
            "## How well it reads",
            "",
            *_measured(figures),
            "",
            "EM and F1 as SQuAD's script has them, the passage given; AUROC of telling questions",
            "that the passage answers from those that it does not, of the articles reported on.",
            "policyqa is PolicyQA (MIT), which was not learned from.",
            "",
            "## Limits",
            "",
            _LIMITS,
            "",
            "## Recipe",
            "",
            *(f"- {name}: {value}" for name, value in asdict(recipe).items()),
            "",
            *_taught(recipe, taught_by),
        ]
    )


def _learned(samples: Sequence[Sample]) -> Iterator[str]:
    for name, told_as in _SETS.items():
        mine = [s for s in samples if s.collection == name and s.split == "train"]
        kinds = Counter(sample.kind for sample in mine)
        articles = len({sample.article for sample in mine})
        told = ", ".join(f"{count} {kind}" for kind, count in sorted(kinds.items()))
        if mine:
            yield f"- {told_as}: {told} passages with a question, of {articles} articles"


def _taught(recipe: Recipe, taught_by: Mapping[str, Recipe]) -> Iterator[str]:
    """Tell of a teacher's readers what sets them apart from the recipe."""
    if not taught_by:
        return
    yield "Its teacher is the mean of readers that learned from the same passages, otherwise so:"
    yield ""
    own = asdict(recipe)
    for name, other in taught_by.items():
        apart = {key: value for key, value in asdict(other).items() if value != own[key]}
        told = (f"{key} {value}" for key, value in apart.items() if key not in _OF_PUPILS)
        yield f"- {name}: {', '.join(told)}"
    yield ""


def _measured(figures: Mapping[str, Any]) -> Iterator[str]:
    yield "| weights, set | questions | EM | F1 | AUROC |"
    yield "|---|---|---|---|---|"
    for name, found in figures.items():
        cells = [_cell(found[key]) for key in ("em", "f1", "auroc")]
        yield f"| {name} | {found['questions']} | {' | '.join(cells)} |"


def _cell(value: float | None) -> str:
    return "–" if value is None else f"{value:.3f}"


if __name__ == "__main__":
    main()
