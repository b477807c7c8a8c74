"""Round ticks for an axis that starts at 0."""

import math


def round_step(top: float, most: int) -> float:
    """The smallest of 1, 2, 5 x 10^n that needs at most `most` steps to reach `top`."""
    rough = max(top, 1e-9) / most
    scale = 10.0 ** math.floor(math.log10(rough))
    return next(step * scale for step in (1, 2, 5, 10) if step * scale >= rough * (1 - 1e-9))


def counts(top: float, *, most: int = 4) -> list[int]:
    """Ticks above 0 up to `top`, whole numbers, at most `most`; none when nothing was counted."""
    if top <= 0:
        return []
    step = max(1, round(round_step(top, most)))
    return list(range(step, math.floor(top) + 1, step))


def seconds(top_s: float) -> list[int]:
    """Ticks from 0 for a dwell axis: steps people think in (5, 10, 15, 30 s, 1, 2, 5, 10, 15, 30 min)."""
    steps = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800)
    step = next((step for step in steps if top_s / step <= 5), 3600)
    return list(range(0, math.floor(top_s) + 1, step))
