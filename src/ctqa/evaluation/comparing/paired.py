"""Two results on the same questions: how far apart they are, and whether that can be chance.

The test is the paired randomisation test: were there no difference, it would be as likely that the
two values of a question stood the other way round, so all ways of swapping them are equally likely.
Smucker, Allan and Carterette, "A Comparison of Statistical Significance Tests for Information
Retrieval Evaluation", CIKM 2007. Values of 0 and 1 make it McNemar's exact test.

The interval takes two questions more than there are, one won and one lost by as much as those that
differ do (their root mean square; a whole point where none differs), so that it is never empty:
Bonett and Price, "Adjusted Wald Confidence Interval for a Difference of Binomial Proportions Based
on Paired Data", JEBS 2012. Test and interval are reckoned differently, so that where p is near .05
they may disagree; the test decides. `python -m bench.comparing` checks all of it by simulation.
"""

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

ALPHA = 0.05  # p below it: a difference is taken as shown
POWER = 0.8  # how often a difference of the stated smallest size is found
_EXACT = 100_000  # as many sums of swaps, at most, are all worked out
_DRAWN = 19_999  # else as many swaps are drawn: a p of .05 is then known to .003
_AT_ONCE = 64  # sizes of one question each, drawn together: it takes a fifth of the time
_DRAWN_WHOLE = 1_999  # where each swap takes a whole statistic
_RESAMPLED = 499  # a standard error is then known to a thirtieth
_SHOWN_BY = 7.906  # differing questions expected, so that six or more differ 8 times out of 10
_SAME = 1e-9  # sums nearer to each other are equal but for rounding

Values = NDArray[np.float64]
Flags = NDArray[np.bool_]
Statistic = Callable[[NDArray[np.intp]], float]  # of the picked rows; nan: it has no value there


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """The second mean less the first, over questions that both have."""

    mean: float
    low: float  # 95 % interval
    high: float
    p: float  # two-sided
    n: int  # questions
    higher: int  # of these, how many have a higher value in the second
    lower: int
    smallest: float  # the size from which on a true difference is shown 4 times out of 5

    @property
    def shown(self) -> bool:
        """Whether chance alone would bring as great a difference less than once in 20 times."""
        return self.p < ALPHA

    @property
    def excludes_zero(self) -> bool:
        """Whether 0 lies outside the interval."""
        return self.low > 0 or self.high < 0

    @property
    def questions_needed(self) -> int | None:
        """How many such questions would show this difference 4 times out of 5; None: it is 0."""
        return None if self.mean == 0 else math.ceil(self.n * (self.smallest / self.mean) ** 2)


def difference(a: Sequence[float], b: Sequence[float]) -> Difference:
    """Compare two lists of values, question by question; at least one question.

    `smallest` is (t(.975) + t(.8)) s / sqrt(n) with the standard deviation s of the differences
    seen; where all that differ do so by the same, half a step between two outcomes of the test is
    added. It is never less than what makes six questions differ that all go one way, since fewer
    cannot give p < .05; where no question differs, that alone holds.
    """
    differences = _rounded(np.asarray(b, dtype=np.float64) - np.asarray(a, dtype=np.float64))
    middle, half = _interval(differences)
    return _difference(float(differences.mean()), middle, half, differences, smallest(differences))


def average(first: Difference, second: Difference, differences: Sequence[float]) -> Difference:
    """Average the differences of two kinds of questions, each kind counting half.

    Args:
        first: the difference over the questions of one kind.
        second: over those of the other.
        differences: of all these questions, each as a share of the average, to swap.

    """
    each = _rounded(np.asarray(differences, dtype=np.float64))
    middle = (first.low + first.high + second.low + second.high) / 4
    half = math.hypot(first.high - first.low, second.high - second.low) / 4
    least = math.hypot(first.smallest, second.smallest) / 2
    return _difference((first.mean + second.mean) / 2, middle, half, each, least)


def p_value(differences: Values) -> float:
    """Give the share of all ways of swapping that bring at least as great a difference.

    All are worked out where questions differ by few sizes, as they do by 0 and 1; else (b + 1) of
    (B + 1), b of B drawn ones being as great.
    """
    sizes, times = np.unique(np.abs(differences[differences != 0]), return_counts=True)
    least = abs(float(differences.sum())) * (1 - _SAME) - _SAME
    if math.prod(int(n) + 1 for n in times) <= _EXACT:
        sums, shares = _all_sums(sizes, times)
        return min(1.0, float(shares[np.abs(sums) >= least].sum()))
    drawn = np.abs(_drawn_sums(sizes, times)) >= least
    return (int(drawn.sum()) + 1) / (_DRAWN + 1)


def smallest(differences: Values) -> float:
    """Give the size from which on a true difference is shown 4 times out of 5."""
    n, differing = differences.size, np.abs(differences[differences != 0])
    size = float(differing.mean()) if differing.size else 1.0
    spread = float(differences.std(ddof=1)) if n > 1 else 0.0
    by_spread = _reach(n) * spread / math.sqrt(n)
    alike = bool(differing.size) and float(np.ptp(differing)) < _SAME
    return max(by_spread + (size / n if alike else 0.0), size * _SHOWN_BY / n)


def holm(ps: Sequence[float]) -> list[float]:
    """Adjust p-values for being several, so that one below .05 among them stays a rare event.

    Holm, "A Simple Sequentially Rejective Multiple Test Procedure", Scand. J. Statist. 1979.
    """
    adjusted = [1.0] * len(ps)
    highest = 0.0
    for place, which in enumerate(sorted(range(len(ps)), key=lambda n: ps[n])):
        highest = max(highest, min(1.0, ps[which] * (len(ps) - place)))
        adjusted[which] = highest
    return adjusted


def whole_difference(n: int, statistic: Statistic, *, seed: int = 0) -> Difference | None:
    """Compare a statistic that is no mean over questions, as the area under a curve is.

    Both results' rows are numbered: those of the first 0 to n - 1, those of the second n to 2n - 1
    in the same order of questions. The test swaps the two rows of each question, drawn; interval
    and `smallest` take the standard error of questions drawn with replacement, which holds the
    truth more often than the ends of what these bring. None where one side has no value.
    """
    random = np.random.default_rng(seed)
    own = np.arange(n)
    found = statistic(own + n) - statistic(own)
    if math.isnan(found):
        return None
    swaps = (own + n * random.integers(2, size=n) for _ in range(_DRAWN_WHOLE))
    swapped = _finite(statistic((s + n) % (2 * n)) - statistic(s) for s in swaps)
    draws = (random.integers(n, size=n) for _ in range(_RESAMPLED))
    resampled = _finite(statistic(d + n) - statistic(d) for d in draws)
    error = float(resampled.std(ddof=1)) if resampled.size > 1 else 1.0
    # Where all are alike: the share of questions that may differ though none of n did.
    half = _t(0.975, n - 1) * error if error > _SAME else 1 - 0.025 ** (1 / n)
    as_great = int((np.abs(swapped) >= abs(found) * (1 - _SAME) - _SAME).sum())
    return Difference(
        mean=found,
        low=max(-1.0, found - half),
        high=min(1.0, found + half),
        p=(as_great + 1) / (swapped.size + 1),
        n=n,
        higher=0,
        lower=0,
        smallest=max(_reach(n) * error, _SHOWN_BY / n),
    )


def _reach(n: int) -> float:
    """Give how many standard errors a difference has to be, to be shown 4 times out of 5."""
    return _t(1 - ALPHA / 2, n - 1) + _t(POWER, n - 1)


def _t(share: float, freedom: int) -> float:
    """Give the value below which a share of Student's distribution lies."""
    from scipy.stats import t  # noqa: PLC0415 -- half a second, that the page need not wait for

    return float(t.ppf(share, max(freedom, 1)))


def _difference(
    mean: float, middle: float, half: float, differences: Values, least: float
) -> Difference:
    return Difference(
        mean=mean,
        low=max(-1.0, middle - half),
        high=min(1.0, middle + half),
        p=p_value(differences),
        n=differences.size,
        higher=int((differences > 0).sum()),
        lower=int((differences < 0).sum()),
        smallest=least,
    )


def _rounded(differences: Values) -> Values:
    """Take for equal what differs by the rounding of its arithmetic alone."""
    return np.round(differences, 12) + 0.0


def _interval(differences: Values) -> tuple[float, float]:
    """Give the middle and the half width of the 95 % interval of the mean."""
    differing = differences[differences != 0]
    one = float(np.sqrt((differing**2).mean())) if differing.size else 1.0
    more = np.append(differences, [one, -one])  # (n + 2,)
    spread = float(np.sqrt((more**2).mean() - more.mean() ** 2))
    return float(more.mean()), _t(0.975, more.size - 1) * spread / math.sqrt(more.size)


def _all_sums(sizes: Values, times: NDArray[np.intp]) -> tuple[Values, Values]:
    """Give all sums that swapping can bring, and the share of all ways that bring each."""
    from scipy.stats import binom  # noqa: PLC0415

    sums, shares = np.zeros(1), np.ones(1)
    for size, n in zip(sizes, times, strict=True):
        kept = np.arange(n + 1)
        sums = np.add.outer(sums, size * (2 * kept - n)).ravel()
        shares = np.multiply.outer(shares, binom.pmf(kept, n, 0.5)).ravel()
    return sums, shares


def _drawn_sums(sizes: Values, times: NDArray[np.intp], *, seed: int = 0) -> Values:
    random = np.random.default_rng(seed)
    sums = np.zeros(_DRAWN)
    several, once = times > 1, sizes[times == 1]
    for size, n in zip(sizes[several], times[several], strict=True):
        sums += size * (2.0 * random.binomial(n, 0.5, size=_DRAWN) - n)
    for start in range(0, once.size, _AT_ONCE):
        part = once[start : start + _AT_ONCE]
        kept = random.integers(2, size=(_DRAWN, part.size), dtype=np.bool_)
        sums += kept @ (2 * part) - part.sum()
    return sums


def _finite(values: Iterable[float]) -> Values:
    found = np.fromiter(values, dtype=np.float64)
    return found[np.isfinite(found)]
