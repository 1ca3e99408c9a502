"""Gold: questions with the places of their answers, in every form that they come in."""

from ctqa.evaluation.gold.load import load_gold
from ctqa.evaluation.gold.questions import Gold, GoldQuestion, Judgment

__all__ = ["Gold", "GoldQuestion", "Judgment", "load_gold"]
