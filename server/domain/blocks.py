"""Blocks of slots as small experiments, one after the other: their differences, and how sure the sum of them is."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import lambertw

TIGHTEST_BLOCKS = 200
"""Where the sequence is tightest: about a month of one screen in a shop's hours."""
LEARN_BLOCKS = 20
"""Blocks before last week is taken into account; where it foretells nothing that costs a twentieth at most."""

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Blocks:
    """Per block in which both arms have exposure, in order of time, (k,), of sums S and exposures N of the two arms."""

    number: Ints
    difference: Floats
    """(S1 N0 - S0 N1) / (N1 + N0)."""
    weight: Floats
    """N1 N0 / (N1 + N0)."""
    base: Floats
    """S0 N1 / (N1 + N0): over the weight it is the second arm's rate."""
    before: Floats
    """As `difference`, of what last week lets expect."""


def compare(*, block: Ints, screen: Ints, first: Mask, value: Floats, exposure: Floats, before: Floats) -> Blocks:
    """Hold the slots of two arms against each other, block by block and screen by screen.

    Args:
        block: (n,) number of each slot's block.
        screen: (n,) any number that tells screens apart.
        first: (n,) slots of the first arm; the others are the second's.
        value: (n,) what was counted.
        exposure: (n,) over what.
        before: (n,) value over exposure a week before; nan where it is not known.
    """
    (number, _), of = np.unique(np.stack([block, screen]), axis=1, return_inverse=True)

    def summed(amounts: Floats) -> Floats:
        return np.bincount(of, amounts, minlength=len(number)).astype(np.float64)

    def held(amounts: Floats) -> Floats:
        return (summed(amounts * first) * n0 - summed(amounts * ~first) * n1) / (n1 + n0)

    n1, n0 = summed(exposure * first), summed(exposure * ~first)
    both = (n1 > 0) & (n0 > 0)
    parts = (
        held(value),
        n1 * n0 / (n1 + n0),
        summed(value * ~first) * n1 / (n1 + n0),
        held(exposure * _expected(before, exposure, of)),
    )
    return Blocks(number[both], *(part[both] for part in parts))


def _expected(before: Floats, exposure: Floats, of: Ints) -> Floats:
    """(n,) last week's rate; where it is not known the block's, which says nothing for either arm."""
    known = ~np.isnan(before)
    sums = np.bincount(of, np.where(known, before * exposure, 0))
    rate = sums / np.maximum(np.bincount(of, known * exposure), 1e-12)
    return np.where(known, before, rate[of])


def adjusted(blocks: Blocks) -> Floats:
    """(k,) differences less what last week foretold: by a slope from earlier blocks only, so that no look is biased."""
    product = np.cumsum(blocks.difference * blocks.before) - blocks.difference * blocks.before
    square = np.cumsum(blocks.before**2) - blocks.before**2
    slope = np.divide(product, square, out=np.zeros_like(product), where=square > 0)
    slope[:LEARN_BLOCKS] = 0
    return np.asarray(blocks.difference - slope * blocks.before)


def running(blocks: Blocks, differences: Floats) -> tuple[Floats, Floats, Floats]:
    """After each block (k,): difference, its standard error, and how many blocks of like weight it rests on.

    Of rare events most blocks say nothing: no more blocks are counted than those in which anything differed.
    """
    weight = np.cumsum(blocks.weight)
    value = np.cumsum(differences) / weight
    crossed, squares = np.cumsum(differences * blocks.weight), np.cumsum(blocks.weight**2)
    spread = np.cumsum(differences**2) - 2 * value * crossed + value**2 * squares
    effective = weight**2 / squares
    variance = np.maximum(spread, 0) / weight**2 * effective / np.maximum(effective - 1, 1e-12)
    return value, np.sqrt(variance), np.minimum(effective, np.cumsum(blocks.difference != 0))


def critical(n: Floats, level: float) -> Floats:
    """How many standard errors the sequence reaches after n blocks; inf while they are too few.

    Where the Bayes factor of a normal mixture of t tests comes to 1 / level (Lindon et al. 2022). The mixture's
    width is the best for TIGHTEST_BLOCKS.
    """
    g = TIGHTEST_BLOCKS / (-float(lambertw(-(level**2) / np.e, -1).real) - 1)
    r = g / (g + n)
    q = (r * level**2) ** (1 / np.maximum(n, 1))
    square = np.divide((n - 1) * (1 - q), q - r, out=np.full_like(q, np.inf), where=q > r)
    return np.asarray(np.sqrt(square))
