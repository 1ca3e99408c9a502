"""Holding an index against gold questions."""

from ctqa.evaluation.gold.load import Gold, GoldQuestion, Judgment, load_gold
from ctqa.evaluation.intervals import Figure
from ctqa.evaluation.outcome import Counts, Evaluation, GoldProblem, Latency, Row
from ctqa.evaluation.report import format_report
from ctqa.evaluation.run import Answering, Progress, evaluate

__all__ = [
    "Answering",
    "Counts",
    "Evaluation",
    "Figure",
    "Gold",
    "GoldProblem",
    "GoldQuestion",
    "Judgment",
    "Latency",
    "Progress",
    "Row",
    "evaluate",
    "format_report",
    "load_gold",
]
