"""How readers are judged, against known values."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from reader_items import item, sample
from sklearn.metrics import roc_auc_score

from training.reader.feed import Item
from training.reader.judged import Logits, auroc, figures, found_in


def logits(read: Item, first: int, last: int, none: float = 0.0) -> Logits:
    """Say that the words `first` to `last` answer, and how likely nothing does."""
    made = np.full((len(read.window), 2), -5.0, dtype=np.float32)
    made[0] = none
    made[3 + first, 0] = made[3 + last, 1] = 4.0
    return made


def test_the_best_span_of_all_passages_of_a_question_counts() -> None:
    near = item(sample("q1", "the old mill", answers=("Old Mill",)))
    far = item(sample("q1", "a new mill", passage="p2", answers=("Old Mill",)))
    said = {"p1": logits(near, 0, 2, none=1.0), "p2": logits(far, 1, 2, none=2.0)}
    (found,) = found_in([near, far], lambda items: [said[each.sample.passage] for each in items])
    assert (found.text, found.over_none) == ("the old mill", 8.0 - 2.0)
    told = figures([found])
    assert (told.questions, told.em, told.f1, told.auroc) == (1, 1.0, 1.0, None)


def test_em_f1_and_auroc_are_of_the_questions_that_they_can_be_of() -> None:
    right = item(sample("q1", "aa bb cc", answers=("aa bb",)))
    none = item(sample("q2", "aa bb cc", kind="impossible"))
    first = found_in([right], lambda items: [logits(each, 0, 2) for each in items])[0]
    sure = found_in([none], lambda items: [logits(each, 0, 0, none=3.0) for each in items])[0]
    told = figures([first, sure])
    assert told.em == 0.0
    assert told.f1 == pytest.approx(0.8)  # two of three words, all of two
    assert told.auroc == 1.0
    assert str(told) == "2 questions, EM 0.000, F1 0.800, AUROC 1.000"
    assert str(figures([sure])) == "1 questions"


SCORES = st.lists(st.integers(-3, 3), min_size=1, max_size=9)


@given(SCORES, SCORES)
def test_auroc_is_that_of_scikit_learn(yes: list[int], no: list[int]) -> None:
    truth = [1] * len(yes) + [0] * len(no)
    wanted = roc_auc_score(truth, [*yes, *no])
    assert auroc(np.array(yes, float), np.array(no, float)) == pytest.approx(wanted)
