"""Trends and breaks that nobody asked about: few, and only what chance hardly does.

Days become weeks, each day against the usual of its weekday, so that a season of the week is no break and days that
hang together weigh as one. A week's value is the mean of log ratios. Whether a series has one level is asked of the
greatest difference between before and after any week, and of the slope; chance is what the same weeks give in random
order (permutation of the maximum: Westfall & Young 1993). Of the series named, at most 5 % are chance
(Benjamini & Hochberg 1995).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from math import exp, sqrt
from typing import Literal

import numpy as np
from scipy.stats import t as student

from server.domain.fdr import FDR, q_values
from server.domain.intervals import Estimate
from server.domain.store_days import Bools, Floats, Ints

FEWEST_WEEKS = 8
SIDE_WEEKS = 2
"""Of a break, on each side."""
LEAST = 0.05
"""A change of less than this share is no news."""
DRAWS = 4999
MOST = 5


@dataclass(frozen=True, slots=True)
class Finding:
    """One series that is not what it was."""

    series: str
    kind: Literal["break", "trend"]
    day: int
    """Ordinal: the Monday from which a level holds; of a trend, the last Monday."""
    change: Estimate
    """Share more, or less, than before; of a trend over all the weeks."""
    weeks: int
    q: float


def find_breaks(
    series: Mapping[str, Floats], day: Ints, closed: Bools, *, rng: np.random.Generator, most: int = MOST
) -> list[Finding]:
    """The clearest of them first.

    Args:
        series: values (d,) above 0 of each; nan where not measured.
        day: ordinals (d,).
        closed: days (d,) that tell nothing.
        rng: draws the orders.
        most: so many at most.
    """
    weeks = {name: week for name, values in series.items() if (week := _weeks(values, day, closed)) is not None}
    if not weeks:
        return []
    looked = {name: _look(values, mondays, rng) for name, (mondays, values) in weeks.items()}
    q = q_values(np.array([p for p, _ in looked.values()]))
    named = [
        Finding(name, kind, monday, change, len(weeks[name][1]), float(of))
        for (name, (_, (kind, monday, change))), of in zip(looked.items(), q, strict=True)
        if of <= FDR and abs(change.value) >= LEAST
    ]
    return sorted(named, key=lambda found: (found.q, -abs(found.change.value), found.series))[:most]


def _weeks(values: Floats, day: Ints, closed: Bools) -> tuple[Ints, Floats] | None:
    """Mondays and mean log ratios to the weekday's usual; None where there are too few weeks."""
    good = np.isfinite(values) & ~closed & (values > 0)
    if good.sum() < 5 * FEWEST_WEEKS:
        return None
    weekday, logs = (day + 6) % 7, np.log(np.where(good, values, 1.0))
    usual = np.array([np.median(logs[good & (weekday == w)]) if (good & (weekday == w)).any() else 0 for w in range(7)])
    monday = day - weekday
    mondays, at, n = np.unique(monday[good], return_inverse=True, return_counts=True)
    means = np.bincount(at, (logs - usual[weekday])[good]) / n
    whole = n >= 4
    return (mondays[whole], means[whole]) if whole.sum() >= FEWEST_WEEKS else None


def _look(
    values: Floats, mondays: Ints, rng: np.random.Generator
) -> tuple[float, tuple[Literal["break", "trend"], int, Estimate]]:
    """Chance of so clear a change, and what it is."""
    orders = np.vstack([values, rng.permuted(np.tile(values, (DRAWS, 1)), axis=1)])
    steps, slopes = _steps(orders), _slopes(orders)
    clear = np.maximum(np.abs(steps).max(axis=1), np.abs(slopes))
    p = float((clear >= clear[0] - 1e-12).mean())
    if abs(slopes[0]) >= np.abs(steps[0]).max():
        return p, ("trend", int(mondays[-1]), _trend(values))
    cut = SIDE_WEEKS + int(np.argmax(np.abs(steps[0])))
    return p, ("break", int(mondays[cut]), _step(values, cut))


def _steps(orders: Floats) -> Floats:
    """(m, cuts) difference of the means after and before each cut, over its standard error under one level."""
    m = orders.shape[1]
    cuts = np.arange(SIDE_WEEKS, m - SIDE_WEEKS + 1)
    before = np.cumsum(orders, axis=1)[:, cuts - 1]
    after = orders.sum(axis=1, keepdims=True) - before
    spread = np.maximum(orders.std(axis=1, ddof=1, keepdims=True), 1e-12)
    result: Floats = (after / (m - cuts) - before / cuts) / (spread * np.sqrt(1 / cuts + 1 / (m - cuts)))
    return result


def _slopes(orders: Floats) -> Floats:
    """(m,) slope over its standard error under one level."""
    time = np.arange(orders.shape[1]) - (orders.shape[1] - 1) / 2
    spread = np.maximum(orders.std(axis=1, ddof=1), 1e-12)
    result: Floats = orders @ time / (spread * sqrt(float(time @ time)))
    return result


def _step(values: Floats, cut: int) -> Estimate:
    """Level after over level before, less one, with Welch's interval (1947) of the logs."""
    one, two = values[:cut], values[cut:]
    errors = one.var(ddof=1) / len(one), two.var(ddof=1) / len(two)
    total = max(sum(errors), 1e-24)
    freedom = total**2 / sum(error**2 / (n - 1) for error, n in zip(errors, (len(one), len(two)), strict=True) if error)
    return _relative(float(two.mean() - one.mean()), sqrt(total) * float(student.ppf(0.975, max(freedom, 1.0))))


def _trend(values: Floats) -> Estimate:
    """From the first week to the last along the line of least squares."""
    m = len(values)
    time = np.arange(m) - (m - 1) / 2
    slope = float(values @ time / (time @ time))
    rest = values - values.mean() - slope * time
    error = sqrt(max(float(rest @ rest) / (m - 2), 1e-24) / float(time @ time))
    return _relative(slope * (m - 1), error * (m - 1) * float(student.ppf(0.975, m - 2)))


def _relative(log: float, half: float) -> Estimate:
    return Estimate(exp(log) - 1, exp(log - half) - 1, exp(log + half) - 1)
