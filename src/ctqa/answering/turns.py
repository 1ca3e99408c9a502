"""How much to read: until what was not read is hardly likely to be better.

Of passages, a few at a time, until the chance is small that a further one passes those that were.
The chance is a logistic regression over what is known by then. `python -m training.turns` fits it
to the reranker's own scores of all twenty; no gold answer is in it.
"""

import math
from collections.abc import Sequence

from ctqa.answering.signals import sigmoid
from ctqa.records import Hit

AT_ONCE = 2  # passages read between two looks at the chance
# What is expected halfway to come this far below the best, in logits, is not read to its end
# (training/halfway.py says how often that would have been the best; bench.reading what it spares).
PASSAGE_DOUBT = 5.0
LINE_DOUBT = 5.0
UNLIKELY = 0.06  # the chance at which no more is read; what comes first is then the same for 99 %
SURE = 3.0  # the logit beyond which each further one counts more
INTERCEPT = 3.081
WEIGHTS = (-0.073, -0.118, -1.337, -9.658, -8.964, -0.573)  # of what `known` gives, in its order


def chance_of_better(hits: Sequence[Hit], logits: Sequence[float]) -> float:
    """Tell how likely one of the hits that were not read is to pass those that were; 0..1.

    `logits` are the reranker's, of the first so many hits; 0.0 where none is left.
    """
    if len(logits) >= len(hits):
        return 0.0
    weighed = zip(WEIGHTS, known(hits, logits), strict=True)
    return sigmoid(INTERCEPT + math.fsum(weight * value for weight, value in weighed))


def known(hits: Sequence[Hit], logits: Sequence[float]) -> tuple[float, ...]:
    """Give what the chance rests on: the best logit so far, and how the fused scores fall off."""
    fused = [0.0 if hit.why.fused_score is None else hit.why.fused_score for hit in hits]
    best = max(range(len(logits)), key=lambda at: logits[at])
    following = fused[len(logits)]
    return (
        logits[best],
        max(0.0, logits[best] - SURE),
        following,
        fused[0] - following,
        fused[best] - following,
        math.log(len(logits)),
    )
