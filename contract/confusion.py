"""What shares estimated by somebody who errs say about the true ones, given how they err."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

_SUM_TOLERANCE = 0.005
_SMALLEST_STEP = 1e-10
_MOST_STEPS = 20_000


def check_confusion(confusion: Sequence[Sequence[float]], classes: int) -> None:
    """See that `confusion` (k, k) says of someone of each class (rows) how likely they are taken for each (columns).

    Raises:
        ValueError: not square, or a row does not add up to 1.
    """
    if len(confusion) != classes or any(len(row) != classes for row in confusion):
        raise ValueError(f"confusion must have {classes} rows of {classes}")
    for number, row in enumerate(confusion, start=1):
        if abs(sum(row) - 1) > _SUM_TOLERANCE:
            raise ValueError(f"confusion: row {number} adds up to {sum(row):g}, not to 1")


def corrected_shares(
    counts: NDArray[np.float64] | NDArray[np.int64], confusion: NDArray[np.float64]
) -> NDArray[np.float64] | None:
    """The most likely true shares (k,), given `counts` (k,) of who was taken for what; None where nobody was.

    `confusion` (k, k) as `check_confusion` wants it. The estimate is of greatest multinomial likelihood among all
    shares that are not negative and add up to 1; where the counts can be explained at all, it equals solving
    `shares @ confusion = counts / sum` (the "matrix method" of misclassified categories). Found by expectation
    maximisation, which climbs from equal shares and cannot leave the simplex (Dempster, Laird & Rubin 1977).
    Whoever was not taken for anything is left out: the shares are of those who were.
    """
    told = np.asarray(counts, np.float64)
    if told.sum() <= 0:
        return None
    told /= told.sum()
    likely = confusion / confusion.sum(axis=1, keepdims=True)
    shares = np.full(len(told), 1 / len(told))
    for _ in range(_MOST_STEPS):
        expected = shares @ likely
        step = shares * (likely @ np.divide(told, expected, out=np.zeros_like(told), where=expected > 0))
        if np.abs(step - shares).max() < _SMALLEST_STEP:
            break
        shares = step
    return np.asarray(step / step.sum())
