"""Counts day by day, explained: Poisson regressions of many series at once; days may go together.

Fitted by Poisson pseudo-likelihood, which needs the mean to be right and nothing else (Gourieroux, Monfort & Trognon
1984). Standard errors are those of Newey & West (1987): counts may scatter more than Poisson's law says, and one day
may be like the next. They are widened by what their own uncertainty costs (fixed-b asymptotics: Kiefer & Vogelsang
2005).
"""

from dataclasses import dataclass

import numpy as np

from server.domain.intervals import Z95
from server.domain.store_days import Bools, Floats

LAGS = 10
"""Days that may go together: a week, and a little more."""
_ROUNDS = 12
_RIDGE = 1e-9
_NEAR = 1e-7
_LARGEST_STEP = 2.0


@dataclass(frozen=True, slots=True)
class Fitted:
    """Of j series."""

    value: Floats
    """(j, k) coefficients, of log counts; nan for a series that could not be fitted."""
    error: Floats
    """(j, k) their standard errors."""
    residuals: Floats
    """(n, j) Pearson residuals; 0 where a day does not count."""


def fit_counts(counts: Floats, design: Floats, *, offset: Floats, counted: Floats) -> Fitted:
    """Explain each series by the same columns.

    Args:
        counts: (n, j) of days in order.
        design: (n, k)
        offset: (n,) log of what a count is to be in proportion to.
        counted: (n, j) 1 for days that count in a series, 0 for others.
    """
    usable = _usable(counts, design, counted)
    y, weight = np.where(counted > 0, counts, 0.0), np.where(usable, counted, 0.0)
    value = _newton(y, design, offset, weight)
    mean = np.exp(offset[:, None] + design @ value.T)
    rest = weight * (y - mean)
    bread = np.linalg.inv(_information(_squares(design), weight * mean))
    error = np.stack([_newey_west((design @ row.T) * rest) for row in np.moveaxis(bread, 1, 0)], axis=1)
    n = weight.sum(axis=0)[:, None]
    fewer = np.sqrt(n / np.maximum(n - design.shape[1], 1))
    known = usable[:, None]
    return Fitted(
        value=np.where(known, value, np.nan),
        error=np.where(known, error * fewer * _reach(n), np.nan),
        residuals=np.where(weight > 0, rest / np.sqrt(np.maximum(mean, 1e-12)), 0.0),
    )


def _usable(counts: Floats, design: Floats, counted: Floats) -> Bools:
    """(j,) series with more days than columns, and something counted."""
    enough = counted.sum(axis=0) > design.shape[1]
    return np.asarray(enough & (np.where(counted > 0, counts, 0.0).sum(axis=0) > 0))


def _newton(y: Floats, design: Floats, offset: Floats, weight: Floats) -> Floats:
    """(j, k) coefficients; the first column is taken as the level."""
    value = np.zeros((y.shape[1], design.shape[1]))
    whole = (weight * np.exp(offset)[:, None]).sum(axis=0)
    value[:, 0] = np.log(np.maximum((weight * y).sum(axis=0), 0.5) / np.maximum(whole, 1e-12))
    squares = _squares(design)
    for _ in range(_ROUNDS):
        mean = np.exp(np.clip(offset[:, None] + design @ value.T, -30, 30))
        slope = (weight * (y - mean)).T @ design
        step = np.linalg.solve(_information(squares, weight * mean), slope[:, :, None])[:, :, 0]
        value += np.clip(step, -_LARGEST_STEP, _LARGEST_STEP)
        if np.abs(step).max(initial=0.0) < _NEAR:
            break
    return value


def _squares(design: Floats) -> Floats:
    """(n, k, k) each day's columns times each other."""
    return design[:, :, None] * design[:, None, :]


def _information(squares: Floats, weight: Floats) -> Floats:
    """(j, k, k) negative second derivatives of the log likelihood."""
    n, k, _ = squares.shape
    found = (weight.T @ squares.reshape(n, k * k)).reshape(-1, k, k)
    return np.asarray(found + _RIDGE * np.eye(k))


def _newey_west(influence: Floats) -> Floats:
    """(j,) standard error of what days (n, j) add up to."""
    variance = (influence**2).sum(axis=0)
    for lag in range(1, min(LAGS, len(influence) - 1) + 1):
        variance += 2 * (1 - lag / (LAGS + 1)) * (influence[lag:] * influence[:-lag]).sum(axis=0)
    return np.asarray(np.sqrt(np.maximum(variance, 1e-18)))


def _reach(n: Floats) -> Floats:
    """Kiefer & Vogelsang's critical value for the Bartlett kernel at 97.5 %, over the normal's."""
    b = np.minimum((LAGS + 1) / np.maximum(n, 1), 1)
    return np.asarray((1.9600 + 2.9694 * b + 0.4160 * b**2 - 0.5324 * b**3) / Z95)
