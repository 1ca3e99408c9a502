"""How large a page is shown, in per cent of its pane's width, and how finely it is drawn for it."""

from collections.abc import Mapping

DPIS: Mapping[int, int] = {75: 96, 100: 144, 150: 192, 200: 240}
PLAIN = 100


def step(zoom: int, by: int) -> int | None:
    """Give the next larger (1) or smaller (-1) one; None: there is none."""
    steps = sorted(DPIS)
    at = steps.index(zoom) + by
    return steps[at] if 0 <= at < len(steps) else None
