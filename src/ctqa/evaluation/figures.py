"""The figures of an evaluation: every measure over the questions that have it."""

import math
from collections.abc import Iterable, Sequence

import numpy as np

from ctqa.evaluation.curves import calibration_bins, calibration_figure, risk_coverage
from ctqa.evaluation.intervals import Figure, balanced, figure, quantile_interval
from ctqa.evaluation.naming import ANSWERING, RETRIEVAL
from ctqa.evaluation.outcome import Latency, Row


def summarise(rows: Sequence[Row]) -> dict[str, Figure]:
    """Give every measure of rows that can be measured, in the order of their names.

    EM and F1 are over possible questions, EM_all and F1_all over all, where refusing an impossible
    one scores 1.
    """
    values: dict[str, list[float]] = {}
    for row in rows:
        for name, value in row.values.items():
            values.setdefault(name, []).append(value)
    refused = values.get("refused", [])
    values |= {f"{name}_all": values[name] + refused for name in ("EM", "F1") if name in values}
    figures = {name: figure(found) for name, found in values.items()}
    figures |= _of_refusals(values.get("answered", []), refused) | _of_sureness(rows)
    return {name: figures[name] for name in RETRIEVAL + ANSWERING if name in figures}


def grouped(rows: Sequence[Row], name: str) -> dict[str, dict[str, Figure]]:
    """Summarise each value of "half" or "kind"; nothing where no row has one."""
    groups: dict[str, list[Row]] = {}
    for row in rows:
        groups.setdefault(getattr(row, name), []).append(row)
    if set(groups) <= {""}:
        return {}
    return {value: summarise(groups[value]) for value in sorted(groups)}


def latency(rows: Iterable[Row]) -> Latency | None:
    """Give the usual and the slow reply; None where no reply was asked for."""
    elapsed = [row.elapsed_ms for row in rows if row.elapsed_ms is not None]
    if not elapsed:
        return None
    p50, p95 = np.percentile(elapsed, [50, 95])
    return Latency(
        p50_ms=float(p50),
        p95_ms=float(p95),
        p50_interval=quantile_interval(elapsed, 0.5),
        p95_interval=quantile_interval(elapsed, 0.95),
    )


def _of_refusals(answered: Sequence[float], refused: Sequence[float]) -> dict[str, Figure]:
    """Give the measures that need impossible questions.

    Refusal precision is over the questions that were refused: given how many these are, it is a
    share like any other. It takes questions of both kinds to tell anything.
    """
    figures = {}
    right, wrong = math.fsum(refused), len(answered) - math.fsum(answered)
    if answered and refused and right + wrong:
        figures["refusal_precision"] = figure([1.0] * round(right) + [0.0] * round(wrong))
    if answered and refused:
        figures["balanced_accuracy"] = balanced(answered, refused)
    return figures


def _of_sureness(rows: Sequence[Row]) -> dict[str, Figure]:
    figures = {}
    risk, bins = risk_coverage(rows), calibration_bins(rows)
    if risk is not None:
        figures["AURC"] = risk.aurc
    if bins:
        figures["ECE"] = calibration_figure(bins)
    return figures
