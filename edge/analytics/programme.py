"""What is on a screen when, as the box was told."""

import math
from bisect import bisect_right
from dataclasses import dataclass

MOST_KEPT = 32
"""Showings kept; while nothing is observed the oldest are forgotten."""


@dataclass(frozen=True, slots=True)
class Showing:
    """From `since` s UTC `creative` is on; None: the default, or unknown. `since` tells a screen's showings apart."""

    since: float
    creative: str | None


class Programme:
    """The showings of one screen, one after the other; at first none is known."""

    def __init__(self) -> None:
        self._showings = [Showing(-math.inf, None)]

    def show(self, creative: str | None, t_start: float, t_end: float) -> None:
        """`creative` is on from `t_start` to `t_end` s UTC, whatever was told before of that time and later.

        Told twice, or told to last longer, it is one showing.
        """
        before = [showing for showing in self._showings if showing.since < t_start]
        self._showings = [*before, Showing(t_start, creative), Showing(t_end, None)][-MOST_KEPT:]

    def between(self, start: float, end: float) -> list[tuple[Showing, float, float]]:
        """What is on from `start` to `end` s UTC, each with its part of the time; what was over by then goes."""
        if len(self._showings) == 1:
            return [(self._showings[0], start, end)] if start < end else []
        first = max(bisect_right(self._showings, start, key=lambda showing: showing.since) - 1, 0)
        self._showings = self._showings[first:]
        ends = [showing.since for showing in self._showings[1:]] + [math.inf]
        parts = [
            (showing, max(showing.since, start), min(until, end))
            for showing, until in zip(self._showings, ends, strict=True)
        ]
        return [part for part in parts if part[1] < part[2]]
