"""The calibrations that CTQA ships, and what they are worth on questions they never saw.

Fitted on the tuning halves of three collections, held against report halves and against two
collections that nothing was fitted on. Where a span reader is shipped, another two are made for
what it marks, with its odds as a signal, from articles that it has not learned from. Writes
src/ctqa/answering/calibrations.json.

PolicyQA is left out: its policies say a thing in many places and its gold names one of them, so
that right answers count as wrong (24 of 250 right by its gold).
"""

import json
from pathlib import Path

import numpy as np
from sklearn.metrics import roc_auc_score

import ctqa
from bench.answers import MARKED, PLAIN, SENTENCES, Asked, Way, asked
from bench.common import Table, index_of_samples, run
from ctqa.answering.calibration import Calibration
from ctqa.evaluation.calibrate import SIGNALS, SPAN_SIGNALS, fit
from ctqa.evaluation.curves import expected_error

SHIPPED = Path(ctqa.__file__).parent / "answering" / "calibrations.json"
Sets = tuple[tuple[str, Way, int], ...]
FITTED: Sets = (("squad11_dev", "halved", 400), ("wikiqa", "halved", 180))
FITTED_GIVEN: Sets = (("squad11_dev", "bound", 400), ("squadshifts_amazon", "bound", 600))
HELD: Sets = (
    ("squad11_dev", "halved", 400),
    ("squad11_dev", "open", 400),
    ("squad2_devhalf", "open", 400),
    ("squad2_devhalf", "bound", 400),
    ("squadshifts_reddit", "bound", 500),
)
IMPOSSIBLE = 0.2  # one question in five has no answer in the documents: an assumption, not measured
GOLD = "SQuAD 1.1 and WikiQA with half of their passages left out"
GOLD_GIVEN = "SQuAD 1.1 and SQuADShifts Amazon, each question asked of its own passage"


def main() -> None:
    """Fit a calibration with the reranker, one without, one for passages that are named; marked."""
    reranked, plain = _models(SENTENCES), _models(PLAIN)
    usual = _fitted(FITTED, SENTENCES, GOLD, reranked)
    given = _fitted(FITTED_GIVEN, SENTENCES, GOLD_GIVEN, f"{reranked}/given")
    made = [usual, given, _fitted(FITTED, PLAIN, GOLD, plain)]
    marked = _models(MARKED)
    marks = marked != reranked
    if marks:
        made += [
            _fitted(FITTED, MARKED, GOLD, marked),
            _fitted(FITTED_GIVEN, MARKED, GOLD_GIVEN, f"{marked}/given"),
        ]
    SHIPPED.write_text(
        json.dumps([found.to_json() for found in made], indent=1) + "\n", encoding="utf-8"
    )
    measure(usual, given, SENTENCES)
    if marks:
        measure(usual, given, MARKED)  # what the span reader's odds have to better
        measure(*made[-2:], MARKED)


def _models(config: ctqa.SearchConfig) -> str:
    qa = ctqa.load(index_of_samples(), config=config)
    qa.close()
    return qa.models


def _fitted(sets: Sets, config: ctqa.SearchConfig, gold: str, models: str) -> Calibration:
    samples = [
        found.sample for name, way, n in sets for found in asked(name, way, "tune", n, config)
    ]
    signals = SPAN_SIGNALS if config == MARKED else SIGNALS
    return fit(
        samples,
        gold=gold,
        own=False,
        models=models,
        impossible_share=IMPOSSIBLE,
        signals=signals,
    )


def measure(usual: Calibration, given: Calibration, config: ctqa.SearchConfig) -> None:
    """Hold calibrations against questions they were not fitted on."""
    columns = (
        *("collection", "way", "questions", "possible", "first right", "confidence", "ECE"),
        *("AUROC right", "AUROC possible", "risk at 80 % coverage", "answered", "refused"),
    )
    marked = any(weight.signal == "span" for weight in usual.weights)
    kind = "" if config == SENTENCES else "-marked" if marked else "-unmarked"
    table = Table(f"calibration{kind}", columns)
    for name, way, most in HELD:
        rows = [row for row in asked(name, way, "report", most, config) if row.signals is not None]
        found = figures(rows, given if way == "bound" else usual)
        table.add(name, way, len(rows), *found)


def figures(rows: list[Asked], calibration: Calibration) -> list[object]:
    """Give the figures of a table's row; "–" where there is nothing to tell apart."""
    confidence = np.array([calibration.confidence(row.signals) for row in rows if row.signals])
    right = np.array([row.right for row in rows])
    possible = np.array([row.possible for row in rows])
    given = confidence >= calibration.least_confidence(ctqa.SearchConfig().accepted_error)
    surest = np.argsort(-confidence)[: round(0.8 * len(rows))]
    return [
        float(possible.mean()),
        float(right.mean()),
        float(confidence.mean()),
        expected_error(confidence, right),
        _auroc(right, confidence),
        _auroc(possible, confidence),
        float(1 - right[surest].mean()),
        float(given[possible].mean()),
        float(1 - given[~possible].mean()) if (~possible).any() else "–",
    ]


def _auroc(
    truth: "np.typing.NDArray[np.bool_]", confidence: "np.typing.NDArray[np.float64]"
) -> object:
    return float(roc_auc_score(truth, confidence)) if 0 < truth.sum() < len(truth) else "–"


run(main, __name__)
