"""Limits of sums of forecast hours: of part of a day, of days and of several days."""

import numpy as np

from server.domain.forecast_past import Floats, Ints


def sum_limits(hours: Floats, days: Floats, day: Ints, share: Floats) -> tuple[float, float, float]:
    """Middle, low and high of a sum of hours.

    A day misses as a whole, and its hours besides. With w the reach of an hour, W that of its day and s the part of
    the day's miss that all its hours share in proportion to their middles m and M,

        w^2 = e^2 + (s m)^2,    W^2 = sum of e^2 + (s M)^2,

    which gives s, and with it the reach of any part of the day. What days miss is added up as if all missed to one
    side: they often do, after a change of level, and an interval too wide is better than one too narrow.

    Args:
        hours: (h, 3) middle, low, high; nan where nothing is foretold, which counts as nothing.
        days: (d, 3) of the days they lie in.
        day: (h,) which day an hour is of.
        share: (h,) how much of the hour belongs to the sum, 0 to 1.
    """
    known, whole = np.nan_to_num(hours), np.nan_to_num(days)
    middle = float(share @ known[:, 0])
    low, high = 0.0, 0.0
    for d in np.unique(day[share > 0]):
        mine = day == d
        m, part = known[mine, 0], share[mine]
        low += _reach(m, known[mine, 1] - m, part, float(whole[d, 1] - whole[d, 0]))
        high += _reach(m, known[mine, 2] - m, part, float(whole[d, 2] - whole[d, 0]))
    return middle, max(middle - low, 0.0), middle + high


def _reach(m: Floats, reach: Floats, part: Floats, whole: float) -> float:
    """The reach of what the sum holds of a day: `part` of its hours `m` with `reach`; the day's is `whole`."""
    own, apart = reach**2, float(m.sum() ** 2 - (m**2).sum())
    shared = max(whole**2 - float(own.sum()), 0.0) / apart if apart > 0 else 0.0
    taken = part * m
    return float(np.sqrt((part**2 * own).sum() + shared * (taken.sum() ** 2 - (taken**2).sum())))
