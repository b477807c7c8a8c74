"""How forecasts did: what had been told against what came, by how far ahead it was told."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from server.domain.forecast_past import Bools, Floats, Ints

HORIZONS = ((0, 0), (1, 1), (2, 3), (4, 6), (7, 13))
"""First and last lead in days, 0: the day that the forecast was made on."""


@dataclass(frozen=True, slots=True)
class Miss:
    """Errors of the hours told from `first` to `last` days ahead."""

    first: int
    last: int
    n: int
    """Hours."""
    days: int
    """Different days."""
    mean: float
    """What came in an hour on average."""
    mae: float
    bias: float
    """Told less came, over what came; positive: too much was told."""
    mase: float
    """Mean absolute error over that of `usual` in the same hours; below 1 the forecast is better."""
    covered_80: float
    covered_95: float


@dataclass(frozen=True, slots=True)
class Told:
    """Hours that were told and have passed: each (n,), cells (n, 5), day an id of the day they lie in."""

    seen: Floats
    usual: Floats
    """The average of the last four same weekdays, as it was known when it was told."""
    cells: Floats
    lead: Ints
    day: Ints


def misses(told: Told, horizons: Sequence[tuple[int, int]] = HORIZONS) -> list[Miss]:
    """By horizon; those of which nothing came yet are left out. Hours in which nobody ever comes do not count."""
    known = ~np.isnan(told.seen) & ~np.isnan(told.usual) & ~np.isnan(told.cells).any(axis=1)
    known &= (told.cells[:, 0] > 0) | (told.seen > 0)
    chosen = [(span, known & (told.lead >= span[0]) & (told.lead <= span[1])) for span in horizons]
    return [_miss(told, span, rows) for span, rows in chosen if rows.any()]


def _miss(told: Told, span: tuple[int, int], rows: Bools) -> Miss:
    seen, cells = told.seen[rows], told.cells[rows]
    off, usually_off = np.abs(seen - cells[:, 0]).mean(), np.abs(seen - told.usual[rows]).mean()
    return Miss(
        *span,
        n=len(seen),
        days=len(np.unique(told.day[rows])),
        mean=float(seen.mean()),
        mae=float(off),
        bias=float((cells[:, 0] - seen).sum() / max(seen.sum(), 1e-9)),
        mase=float(off / max(usually_off, 1e-9)),
        covered_80=float(((seen >= cells[:, 1]) & (seen <= cells[:, 2])).mean()),
        covered_95=float(((seen >= cells[:, 3]) & (seen <= cells[:, 4])).mean()),
    )
