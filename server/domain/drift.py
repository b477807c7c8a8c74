"""Whether a segment's share of a day's visits is off what is usual on that weekday.

Shares are compared as arcsine of their root, on which a share's spread hardly depends on the share (Anscombe 1948).
Weeks differ by more than chance would make them: their own spread is taken, never less than chance's. Student's t says
how far the day is from such weeks; over all segments at most 5 % of what is named is a false alarm (Benjamini and
Hochberg). A drift too small to matter is not named however sure it is.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import asin, sqrt

import numpy as np
from scipy.stats import t as student

from server.domain.fdr import FDR, q_values

FEWEST_WEEKS = 4
FEWEST_VISITS = 50
"""Of a day; fewer tell no share."""
LEAST_DRIFT = 0.2
"""Of the usual share: a smaller drift is none."""


@dataclass(frozen=True, slots=True)
class Visits:
    """Of one day: `n` by the segment among `of`."""

    n: int
    of: int


@dataclass(frozen=True, slots=True)
class Drift:
    """One segment's day against the same weekday of the weeks before."""

    share: float
    usual: float
    """Mean share of those weeks' visits."""
    weeks: int
    q: float
    """Share of false alarms if all with so small a value were named."""

    @property
    def clear(self) -> bool:
        """Whether to say so."""
        return self.q <= FDR and abs(self.share - self.usual) >= LEAST_DRIFT * self.usual


def drifts(days: Mapping[str, tuple[Visits, Sequence[Visits]]]) -> dict[str, Drift]:
    """Test segments together.

    Args:
        days: by segment the day in question, and the same weekday of earlier weeks; those with too few visits are left
            out, and segments that have too few weeks are not judged.
    """
    judged = {key: found for key, (day, weeks) in days.items() if (found := _judge(day, weeks)) is not None}
    q = q_values(np.array([found.q for found in judged.values()]))
    return {
        key: Drift(found.share, found.usual, found.weeks, float(value))
        for (key, found), value in zip(judged.items(), q, strict=True)
    }


def _judge(day: Visits, weeks: Sequence[Visits]) -> Drift | None:
    """The drift with its own p in the place of q."""
    known = [week for week in weeks if week.of >= FEWEST_VISITS]
    if day.of < FEWEST_VISITS or len(known) < FEWEST_WEEKS:
        return None
    angles = np.array([_angle(week) for week in known])
    chance = float(np.mean([1 / (4 * week.of) for week in known]))
    between = max(float(angles.var(ddof=1)), chance)
    # The day has its own chance spread, which may be another than the weeks' if it had more or fewer visits.
    spread = between - chance + 1 / (4 * day.of) + between / len(known)
    p = 2 * float(student.sf(abs(_angle(day) - float(angles.mean())) / sqrt(spread), len(known) - 1))
    usual = sum(week.n for week in known) / sum(week.of for week in known)
    return Drift(day.n / day.of, usual, len(known), p)


def _angle(visits: Visits) -> float:
    return asin(sqrt((visits.n + 3 / 8) / (visits.of + 3 / 4)))
