"""Shares as people read them: in percents within a sentence, their differences in points."""


def percent(share: float) -> str:
    """Write a share in whole percents; with a decimal where it would pass for none or all."""
    return f"{_hundredths(share)}\u00a0%"  # the two stay on one line


def between(low: float, high: float) -> str:
    """Write an interval of a share in percents."""
    return f"{_hundredths(low)} to {percent(high)}"


def points(*shares: float) -> str:
    """Write differences between shares in points of 100."""
    return " to ".join(f"{100 * share:.1f}" for share in shares)


def _hundredths(share: float) -> str:
    for digits in range(3):
        told = f"{100 * share:.{digits}f}"
        if share in (0, 1) or float(told) not in (0, 100):
            break
    return told
