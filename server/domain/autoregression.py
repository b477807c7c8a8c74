"""Linear regression on days in a row whose errors are like those of the day before.

Least squares calls itself far too sure when good days come together. Errors are taken as AR(1), also over days that are
missing: their memory is found by restricted maximum likelihood (Harville 1977), which, unlike the residuals' own
correlation, does not come out too small when the regression has many columns; what is left is whitened (Prais & Winsten
1954). Variances of what is left may differ from day to day: a sandwich of the jackknife kind (HC3: MacKinnon & White
1985), and never less than what equal variances would give.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.optimize import minimize_scalar
from scipy.stats import chi2
from scipy.stats import t as student

from server.domain.intervals import Estimate

MOST_MEMORY = 0.95
_TINY = 1e-12

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Regression:
    """What was found; k columns, n days."""

    coefficients: Floats
    """(k,)"""
    covariance: Floats
    """(k, k)"""
    freedom: float
    memory: float
    """Correlation of the errors of one day and the next."""
    innovations: Floats
    """(n,) what is left, without its memory, over its standard deviation."""

    def estimate(self, column: int) -> Estimate:
        """A coefficient with its 95 % interval."""
        value, half = float(self.coefficients[column]), self.error(column) * float(student.ppf(0.975, self.freedom))
        return Estimate(value, value - half, value + half)

    def error(self, column: int) -> float:
        """Its standard error."""
        return float(np.sqrt(self.covariance[column, column]))

    def p(self, column: int) -> float:
        """Chance of a coefficient so far from 0 if there were nothing."""
        error = self.error(column)
        return 2 * float(student.sf(abs(self.coefficients[column]) / error, self.freedom)) if error > 0 else 1.0


def regress(values: Floats, columns: Floats, day: Ints) -> Regression:
    """Regress `values` (n,) on `columns` (n, k), told of the days `day` (n,), rising.

    Raises:
        ValueError: there are not more days than columns, or the columns hold one another.
    """
    n, k = columns.shape
    basis, triangle = np.linalg.qr(columns)
    if n <= k + 1 or (np.abs(np.diag(triangle)) < 1e-9 * np.linalg.norm(columns, axis=0)).any():
        raise ValueError(f"{n} days do not tell {k} columns apart")
    gap, rest = np.diff(day), values - basis @ (basis.T @ values)
    size = float(np.linalg.norm(rest))
    memory = _memory(np.column_stack([basis, rest / size]), gap) if size > _TINY * np.linalg.norm(values) else 0.0
    y, x = _whiten(values[:, None], gap, memory)[:, 0], _whiten(columns, gap, memory)
    q, r = np.linalg.qr(x)
    coefficients, inverse = np.linalg.solve(r, q.T @ y), np.linalg.inv(r)
    left = y - x @ coefficients
    variance = float(left @ left) / (n - k)
    leverage = np.minimum((q**2).sum(axis=1), 1 - 1e-9)
    covariance = _wider(variance * inverse @ inverse.T, _sandwich(inverse @ q.T, left / (1 - leverage)))
    return Regression(coefficients, covariance, _freedom(n, k, memory), memory, left / np.sqrt(max(variance, 1e-300)))


def memory_left(regression: Regression, lags: int = 7) -> float:
    """Chance of innovations that hang together so much if they were independent (Ljung & Box 1978)."""
    z, n = regression.innovations, len(regression.innovations)
    correlation = np.array([z[lag:] @ z[:-lag] for lag in range(1, lags + 1)]) / (z @ z)
    return float(chi2.sf(n * (n + 2) * (correlation**2 / (n - np.arange(1, lags + 1))).sum(), lags))


def _memory(rows: Floats, gap: Ints) -> float:
    """That of greatest restricted likelihood; `rows` (n, k + 1) an orthonormal basis of the columns, and what is left.

    Products of rows with themselves and with the ones before are summed up once for each length of gap: whatever the
    memory, those of the whitened rows are made of these.
    """
    lengths = np.unique(gap)
    pairs = [(rows[1:][gap == length], rows[:-1][gap == length]) for length in lengths]
    products = [(here.T @ here, here.T @ last + last.T @ here, last.T @ last) for here, last in pairs]
    counts, first = np.array([len(here) for here, _ in pairs]), np.outer(rows[0], rows[0])

    def unlikely(memory: float) -> float:
        kept = np.float64(memory) ** lengths
        whitened = first + sum(
            (here - r * across + r**2 * last) / (1 - r**2)
            for r, (here, across, last) in zip(kept, products, strict=True)
        )
        root = np.log(np.maximum(np.diag(np.linalg.cholesky(whitened + _TINY * np.eye(len(first)))), _TINY))
        left = len(rows) - len(root) + 1
        return float(0.5 * counts @ np.log1p(-(kept**2)) + root[:-1].sum() + left * root[-1])

    found = minimize_scalar(unlikely, bounds=(0.0, MOST_MEMORY), method="bounded", options={"xatol": 1e-3})
    return float(found.x)


def _whiten(rows: Floats, gap: Ints, memory: float) -> Floats:
    """Rows (n, k) less what each takes from the one before, `gap` (n - 1,) days earlier; of spread 1."""
    kept = np.float64(memory) ** gap
    return np.concatenate([rows[:1], (rows[1:] - kept[:, None] * rows[:-1]) / np.sqrt(1 - kept**2)[:, None]])


def _freedom(n: int, k: int, memory: float) -> float:
    """Degrees of freedom (Satterthwaite 1946) of a variance for which the memory, too, is only known so well.

    The variance of a mean goes with (1 - memory)^-2, and the memory's own variance is (1 - memory^2) / n.
    """
    return 2 / (2 / (n - k) + 4 * (1 + memory) / (1 - memory) / n)


def _sandwich(influence: Floats, left: Floats) -> Floats:
    """`influence` (k, n) of each day on the coefficients."""
    return np.asarray((influence * left**2) @ influence.T)


def _wider(one: Floats, other: Floats) -> Floats:
    """The covariance `one`, its spreads raised to those of `other` where these are larger."""
    factor = np.sqrt(np.maximum(np.diag(other) / np.maximum(np.diag(one), 1e-300), 1))
    return one * factor[:, None] * factor
