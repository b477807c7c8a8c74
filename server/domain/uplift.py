"""What a campaign brought: slots with it against slots without, in the same block on the same screen.

The outcome of a slot is a sum (viewer-seconds, stops, visits, sales) over an exposure: 1 for a mean per slot, or how
many passed for a rate. Only slots of one block are held against each other (Mantel & Haenszel 1959; for rates with
Greenland & Robins 1985): with sums S and exposures N of the two arms in a block,

    difference = sum of (S1 N0 - S0 N1) / (N1 + N0)  over  sum of N1 N0 / (N1 + N0).

Which slots of a block got which arm was chance, so each block is a small experiment of its own however outcomes hang
together in time: the spread of the blocks about the difference says how sure it is, and correlated hours, weather and
days need no model (Bojinov, Simchi-Levi & Zhao 2023). What the same slot saw a week before is taken away as far as past
blocks showed it to foretell the outcome (CUPED: Deng et al. 2013).

Two intervals: one to be read once, when the campaign is over, and a confidence sequence, which holds at every look
(Lindon, Ham, Tingley & Bojinov 2022, with the asymptotics of Waudby-Smith et al. 2024).
"""

from dataclasses import dataclass
from math import exp, log, sqrt
from typing import Literal

import numpy as np
import numpy.typing as npt
from scipy.special import gammaln, logsumexp, xlogy
from scipy.stats import t as student

from server.domain.blocks import Blocks, adjusted, compare, critical, running
from server.domain.holdout import ARMS, BLOCK, Arm, Shares
from server.domain.intervals import Estimate

LEVEL = 0.05
LEAST_BLOCKS = 8
"""Fewer tell neither a difference nor its spread."""
POWER = 0.8
RATIO_LEVEL = 0.01
RATIO_WORTH = (10.0, 100.0)
"""How near alternatives lie to the intended shares, in slots: one soon finds much lost, one late a little."""
MOST_BLOCKS = 1e7

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Verdict = Literal["keep_running", "stop_works", "stop_no_effect", "stop_harm", "sample_ratio_broken"]


@dataclass(frozen=True, slots=True)
class Slots:
    """Outcomes of a campaign's slots, arrays (n,), in any order; wash-out left out, no slot of a screen twice."""

    screen: Ints
    """Any number that tells screens apart."""
    slot: Ints
    """As `holdout.slot_of` says."""
    arm: Ints
    """Index into `holdout.ARMS`, as drawn, whatever was played."""
    value: Floats
    """What was counted."""
    exposure: Floats
    """Over what: ones for a mean per slot, or how many passed. Must not depend on the arm."""
    before: Floats
    """Value over exposure of the same slot a week before; nan where it is not known."""

    def __len__(self) -> int:
        return len(self.slot)


@dataclass(frozen=True, slots=True)
class Path:
    """The confidence sequence look by look, arrays (looks,); a look is where blocks end. nan while it tells nothing."""

    slot: Ints
    """The last slot that it knows."""
    value: Floats
    low: Floats
    high: Floats


@dataclass(frozen=True, slots=True)
class Effect:
    """One arm against another, in the unit of value over exposure."""

    arms: tuple[Arm, Arm]
    slots: tuple[int, int]
    """Of each arm, of those that could be compared."""
    blocks: int
    rates: tuple[float, float]
    """Value over exposure of each arm in these slots, as counted; nan without exposure."""
    once: Estimate | None
    """The difference with the interval to be read once, at an end set beforehand; None with too few blocks."""
    relative: Estimate | None
    """The difference over the second arm's rate, likewise; None where that rate is 0."""
    always: Estimate | None
    """The difference with the interval that holds at every look; None while it is without bounds."""
    path: Path
    effective: float
    """How many blocks of like weight these are worth."""
    error: float
    """Standard error of the difference; nan with too few blocks."""


@dataclass(frozen=True, slots=True)
class SampleRatio:
    """Whether slots came in the intended shares."""

    counts: tuple[int, ...]
    """By arm, in the order of ARMS."""
    p: float
    """Chance of ever being so far off; valid at every look."""

    @property
    def broken(self) -> bool:
        """No chance: outcomes of an arm get lost, or arms are not played as drawn. Nothing may be concluded."""
        return self.p < RATIO_LEVEL


def effect(slots: Slots, first: Arm, second: Arm, *, level: float = LEVEL) -> Effect:
    """The first arm minus the second.

    A block counts when it is over, as far as the newest slot given tells.
    """
    rows = _compared(slots, first, second)
    blocks = compare(
        block=slots.slot[rows] // BLOCK,
        screen=slots.screen[rows],
        first=slots.arm[rows] == ARMS.index(first),
        value=slots.value[rows],
        exposure=slots.exposure[rows],
        before=slots.before[rows],
    )
    always, at = _path(blocks, level), _estimate(blocks)
    known = at.effective >= LEAST_BLOCKS
    reach = float(student.isf(level / 2, at.effective - 1)) if known else np.nan
    one, two = (rows & (slots.arm == ARMS.index(arm)) for arm in (first, second))
    return Effect(
        arms=(first, second),
        slots=(int(one.sum()), int(two.sum())),
        blocks=len(blocks.number),
        rates=(_rate(slots, one), _rate(slots, two)),
        once=_around(at.value, at.error * reach) if known else None,
        relative=_relative(blocks, at, reach) if known else None,
        always=_last(always),
        path=always,
        effective=at.effective,
        error=at.error if known else np.nan,
    )


def verdict(found: Effect, *ratios: SampleRatio, worth: float) -> Verdict:
    """Whether to go on; may be asked as often as anyone likes.

    Args:
        found: an arm against `nothing`.
        ratios: of the slots with outcomes, and of those without (see `sample_ratio`).
        worth: the least difference worth having; `stop_no_effect` says that it is surely not reached, up or down.
    """
    if any(ratio.broken for ratio in ratios):
        return "sample_ratio_broken"
    if found.always is None:
        return "keep_running"
    if found.always.low > 0:
        return "stop_works"
    if found.always.high < 0:
        return "stop_harm"
    return "stop_no_effect" if max(-found.always.low, found.always.high) < worth else "keep_running"


def more_slots(found: Effect, *, worth: float, level: float = LEVEL) -> int | None:
    """How many more slots, of both arms, until a true difference of `worth` shows with a chance of POWER.

    None while the spread is not known, or where no campaign would ever be long enough.
    """
    if not found.error > 0:
        return None
    sizes = np.geomspace(found.effective, MOST_BLOCKS, 2000)
    reach = critical(sizes, level) + student.ppf(POWER, sizes - 1)
    enough = np.flatnonzero(reach * found.error * np.sqrt(found.effective / sizes) <= worth)
    if not enough.size:
        return None
    return round(sum(found.slots) * (float(sizes[enough[0]]) / found.effective - 1))


def alike(slots: Slots) -> bool | None:
    """The A/A check: no arm differs from another; None while there is too little to tell.

    May be asked at every look: where arms are alike it says False in at most 5 % of campaigns, ever (Bonferroni).
    """
    found = [effect(slots, *pair, level=LEVEL / 3).always for pair in _PAIRS]
    known = [each for each in found if each]
    return all(each.low <= 0 <= each.high for each in known) if known else None


_PAIRS: tuple[tuple[Arm, Arm], ...] = (("targeted", "nothing"), ("everyone", "nothing"), ("targeted", "everyone"))


def sample_ratio(arm: Ints, shares: Shares) -> SampleRatio:
    """Sequential multinomial test (Lindon & Malek 2022): the smallest p of all looks.

    The alternatives are Dirichlet mixtures about the intended shares. Give it the slots that have an outcome, and, as
    the sharper question, those of the flight that have none: which slots fall out must have nothing to do with the
    arm. Drawing by blocks makes counts keep closer to the shares than chance would, so it errs on the quiet side
    (Hoeffding 1963).

    Args:
        arm: (n,) index into ARMS as drawn, in order of time.
        shares: what was intended.
    """
    intended = np.asarray(shares.each)
    counts = np.cumsum(arm[:, None] == np.arange(len(ARMS)), axis=0)
    chance = xlogy(counts, intended).sum(axis=1)
    log_odds = logsumexp([_mixed(counts, worth * intended) - chance for worth in RATIO_WORTH], axis=0)
    best = float(log_odds.max(initial=0.0)) - log(len(RATIO_WORTH))
    return SampleRatio(tuple(int((arm == i).sum()) for i in range(len(ARMS))), exp(-max(best, 0.0)))


def _mixed(counts: Ints, prior: Floats) -> Floats:
    """(n,) log chance of the arms so far, in their order, if the shares are drawn from a Dirichlet distribution.

    An arm that nobody wanted has no part in it; where it came all the same the intended shares cannot be.
    """
    kept = prior > 0
    size = counts.sum(axis=1)
    whole = prior.sum()
    arms = gammaln(prior[kept] + counts[:, kept]) - gammaln(prior[kept])
    return np.asarray(gammaln(whole) - gammaln(whole + size) + arms.sum(axis=1))


@dataclass(frozen=True, slots=True)
class _At:
    """Where the difference stands after all blocks."""

    value: float
    error: float
    effective: float
    adjusted: Floats
    """(k,) differences of the blocks without what last week foretold."""


def _compared(slots: Slots, first: Arm, second: Arm) -> npt.NDArray[np.bool_]:
    """(n,) slots of the two arms with exposure, in blocks that are over."""
    over = slots.slot // BLOCK < (slots.slot.max(initial=0) + 1) // BLOCK
    of_two = np.isin(slots.arm, [ARMS.index(first), ARMS.index(second)])
    return np.asarray(over & of_two & (slots.exposure > 0))


def _estimate(blocks: Blocks) -> _At:
    differences = adjusted(blocks)
    if not len(differences):
        return _At(np.nan, np.nan, 0.0, differences)
    value, error, effective = (float(each[-1]) for each in running(blocks, differences))
    return _At(value, error, effective, differences)


def _path(blocks: Blocks, level: float) -> Path:
    value, error, effective = running(blocks, adjusted(blocks))
    last = np.flatnonzero(np.diff(blocks.number, append=-1))
    value, error, effective = value[last], error[last], effective[last]
    reach = critical(effective, level)
    told = (effective >= LEAST_BLOCKS) & np.isfinite(reach)
    half = np.where(told, error * np.where(told, reach, 0), np.nan)
    return Path((blocks.number[last] + 1) * BLOCK - 1, value, value - half, value + half)


def _relative(blocks: Blocks, at: _At, reach: float) -> Estimate | None:
    """The difference over the second arm's rate, by the delta method over blocks."""
    weight = blocks.weight.sum()
    base = blocks.base.sum() / weight
    if base <= 0:
        return None
    value = at.value / base
    spread = (at.adjusted - at.value * blocks.weight) - value * (blocks.base - base * blocks.weight)
    variance = (spread**2).sum() / (weight * base) ** 2 * at.effective / (at.effective - 1)
    return _around(value, reach * sqrt(variance))


def _last(path: Path) -> Estimate | None:
    if not len(path.value) or np.isnan(path.low[-1]):
        return None
    return Estimate(float(path.value[-1]), float(path.low[-1]), float(path.high[-1]))


def _around(value: float, half: float) -> Estimate:
    return Estimate(float(value), float(value - half), float(value + half))


def _rate(slots: Slots, rows: npt.NDArray[np.bool_]) -> float:
    exposure = float(slots.exposure[rows].sum())
    return float(slots.value[rows].sum()) / exposure if exposure else np.nan
