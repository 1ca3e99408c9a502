"""Whether comparing keeps its word: false alarms, power at the stated size, coverage.

Pairs of results are drawn from populations whose true difference is known: none at all, or just
the one that a gold set of that size is said to show 4 times out of 5. A question differs with the
given chance, by 0 and 1, as F1 does (nearly half by a whole), or as nDCG does (mostly by little).
By 0 and 1 the exact test stays below its 5 %, since so few outcomes are possible.
"""

import math
from collections.abc import Callable
from fractions import Fraction
from functools import partial
from itertools import product

import numpy as np
from scipy.stats import t

from bench.common import Table, run
from ctqa.evaluation.comparing.paired import ALPHA, Values, difference

DRAWN = 1000  # pairs of results for each line: a share of .05 is then known to .014, .8 to .025
SIZES = (30, 168, 1000)
DIFFERING = {30: 0.5, 168: 0.15, 1000: 0.15}  # the share of questions that differ
ONE = np.ones(1)
F1 = np.array(
    [
        *(
            float(Fraction(2 * s, a + b))
            for a, b in product(range(1, 9), repeat=2)
            for s in range(1, min(a, b) + 1)
        ),
        *[1.0] * 200,  # nearly half of those that differ do so by a whole
    ]
)
SMALL = np.round(np.random.default_rng(0).exponential(0.08, 1000).clip(0.01, 1), 2)

Draw = Callable[[np.random.Generator, int, float, float], Values]  # n, differing, share upwards


def main() -> None:
    """Simulate, and print a line for each kind of value and number of questions."""
    columns = (
        *("values", "questions", "differing", "false alarms", "covered", "true difference"),
        *("found", "covered", "stated size, median"),
    )
    table = Table("comparing", columns)
    for name, sizes in (("0/1", ONE), ("F1", F1), ("nDCG", SMALL)):
        draw = partial(drawn, sizes)
        for n in SIZES:
            q = DIFFERING[n]
            upwards, true = smallest_true(n, q, sizes)
            alarms, covered = simulate(draw, n, q, 0.5, 0.0)[:2]
            found, covered_there, stated = simulate(draw, n, q, upwards, true)
            table.add(name, n, q, alarms, covered, true, found, covered_there, stated)


def simulate(
    draw: Draw, n: int, q: float, upwards: float, true: float
) -> tuple[float, float, float]:
    """Give how often a difference is shown and covered, and the median of the stated sizes."""
    random = np.random.default_rng(n)
    found = [difference(np.zeros(n), draw(random, n, q, upwards)) for _ in range(DRAWN)]
    shown = sum(each.p < ALPHA for each in found) / DRAWN
    covered = sum(each.low <= true <= each.high for each in found) / DRAWN
    return shown, covered, float(np.median([each.smallest for each in found]))


def smallest_true(n: int, q: float, sizes: Values) -> tuple[float, float]:
    """Give the share upwards, and the difference, at which the true one is the one stated.

    The differences have the mean d = q (2u - 1) m and the variance q s - d², with the mean m and
    the mean square s of their sizes; what paired.smallest says of them is solved for d.
    """
    reach = float(t.ppf([0.975, 0.8], n - 1).sum())
    step = 1 / n if np.ptp(sizes) == 0 else 0.0
    square, true = float((sizes**2).mean()), 0.0
    for _ in range(100):
        true = reach * math.sqrt((q * square - true**2) / n) + step
    upwards = (true / (q * float(sizes.mean())) + 1) / 2
    assert upwards <= 1, "let more questions differ"
    return upwards, true


def drawn(sizes: Values, random: np.random.Generator, n: int, q: float, upwards: float) -> Values:
    """Draw differences of these sizes, a share upwards, and none for the other questions."""
    signs = np.where(random.random(n) < upwards, 1.0, -1.0)
    return np.where(random.random(n) < q, random.choice(sizes, size=n) * signs, 0.0)


run(main, __name__)
