"""Who is shown a campaign and who is not, so that what it brings can be told: a switchback over screens and slots.

Time is cut into slots of ten minutes since 1970. On each screen each campaign has in each slot one arm: its creative
for whom it targets, the same creative for everyone, or nothing, which means the safe default where it would have
played. The arm is drawn by a keyed hash: nothing is stored, and whoever has the seed finds the same arm again.

Draws are made by blocks of ten slots. Within a block each arm has its share of the slots, rounded up or down, so that
what changes slowly (the hour, the weather, the day) hits all arms alike; which slots it gets is chance, and the chance
of an arm in any one slot is exactly its share (systematic sampling: Madow 1949; switchback: Bojinov, Simchi-Levi &
Zhao 2023).

To decide: take as eligible whom the arm `everyone` frees of their targets, choose as if there were no holdout, and
where the chosen campaign's arm is `nothing` play the default and log what would have played (a ghost).
"""

from dataclasses import dataclass
from functools import lru_cache
from hashlib import blake2b
from math import ceil, floor
from typing import Literal, get_args

import numpy as np
import numpy.typing as npt

Arm = Literal["targeted", "everyone", "nothing"]
ARMS: tuple[Arm, ...] = get_args(Arm)

SLOT_S = 600
BLOCK = 10
"""Slots within which the shares are kept."""
WASH_OUT_S = 60
"""From the start of a slot: who is in front of the screen then may have seen what played before."""
SMALLEST_HOLDOUT = 0.10

_REMEMBERED = 1 << 15
_KEY_BYTES = 5


class SharesError(ValueError):
    """Shares that are no shares, or leave too little without the campaign for an effect ever to be shown."""


@dataclass(frozen=True, slots=True)
class Shares:
    """Of the slots, adding up to 1; `nothing` is at least SMALLEST_HOLDOUT.

    Raises:
        SharesError: they are not.
    """

    targeted: float = 0.6
    everyone: float = 0.2
    nothing: float = 0.2
    same: bool = False
    """A/A: arms are drawn and logged, but all behave as `targeted`; a difference between them is a fault."""

    def __post_init__(self) -> None:
        for name, least in zip(ARMS, (0.0, 0.0, SMALLEST_HOLDOUT), strict=True):
            if not least <= self.of(name) <= 1:
                raise SharesError(f"{name}: needs a share of {least} to 1 of the slots, got {self.of(name)}")
        if abs(sum(self.each) - 1) > 1e-6:
            raise SharesError(f"the shares of targeted, everyone and nothing must add up to 1, got {sum(self.each)}")

    @property
    def each(self) -> tuple[float, float, float]:
        """In the order of ARMS."""
        return self.targeted, self.everyone, self.nothing

    def of(self, drawn: Arm) -> float:
        """The chance of an arm in any one slot: its propensity."""
        return self.each[ARMS.index(drawn)]

    def acts_as(self, drawn: Arm) -> Arm:
        """How the arm behaves."""
        return "targeted" if self.same else drawn


def slot_of(t: float) -> int:
    """The slot in which an instant lies; t in seconds UTC."""
    return floor(t / SLOT_S)


def block_of(slot: int) -> int:
    """The block in which a slot lies."""
    return slot // BLOCK


def slots_between(start: float, end: float) -> range:
    """The slots wholly within [start, end), both in seconds UTC."""
    return range(ceil(start / SLOT_S), floor(end / SLOT_S))


def is_outcome(t: npt.ArrayLike) -> npt.NDArray[np.bool_]:
    """Whether what begins at t (any shape, seconds UTC) counts as outcome of its slot: the wash-out is over."""
    return np.asarray(np.mod(t, SLOT_S) >= WASH_OUT_S)


def arm(seed: str, *, site: str, screen: str, campaign: str, slot: int, shares: Shares) -> Arm:
    """The arm of a campaign on a screen in a slot.

    Args:
        seed: the installation's secret; who knows it can tell arms beforehand.
        site: its id.
        screen: its id, unique within the site.
        campaign: its id; campaigns are drawn independently of each other.
        slot: as `slot_of` says.
        shares: may change from one block to the next, never within one.
    """
    return _block(seed, (site, screen, campaign, block_of(slot)), shares)[slot % BLOCK]


@lru_cache(maxsize=_REMEMBERED)
def _block(seed: str, of: tuple[str, str, str, int], shares: Shares) -> tuple[Arm, ...]:
    """The arms of a block: BLOCK points evenly over [0, 1) from a random start, dealt out to the slots in any order."""
    digest = blake2b(repr(of).encode(), key=blake2b(seed.encode()).digest(), person=b"holdout").digest()
    order = sorted(range(BLOCK), key=lambda i: digest[_KEY_BYTES * i : _KEY_BYTES * (i + 1)])
    start = int.from_bytes(digest[_KEY_BYTES * BLOCK :][:6], "big") / 2**48
    return tuple(_at((place + start) / BLOCK, shares) for place in order)


def _at(point: float, shares: Shares) -> Arm:
    """The arm whose part of [0, 1) holds the point."""
    if point < shares.targeted:
        return "targeted"
    return "everyone" if point < shares.targeted + shares.everyone else "nothing"
