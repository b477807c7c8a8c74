"""What each category would bring elsewhere, in margin a week against where it stands.

Known in two ways. A category that stood elsewhere tells what the move did (`moves`): that is *estimated* where the
checks hold, *associated* where one does not. For others, sales are held against how many stay in their zone from day to
day: *associated*, for what draws people to a zone may sell its goods as well, and reckoned to twice the exposure at
most, far beyond which days do not reach. The part of a swap that nobody knows is bounded: at worst goods sell as much
less as fewer come by.

Many things are tried here at once. Of what is proposed at most 1 % is chance (Benjamini & Hochberg 1995).
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import ceil, expm1, log

import numpy as np
from scipy.stats import norm
from scipy.stats import t as student

from server.domain.advice import Evidence
from server.domain.counts import fit_counts
from server.domain.exposure import where_it_stood
from server.domain.fdr import q_values
from server.domain.intervals import Estimate
from server.domain.moves import (
    FEWEST_DAYS,
    REACH_DAYS,
    Effect,
    Move,
    circumstances,
    counted,
    days_apart,
    effect_of,
    moves,
    traffic,
)
from server.domain.store_days import Floats, Ints, StoreDays

CHANCE = 0.01
"""Of all that is proposed at once, at most this share is chance."""
RECENT_DAYS = 28
"""What a category earns a week is taken from these."""
MOST_MOVES = 24
"""The newest moves only: older ones say little of today."""
SEEN = log(1.10)
"""A change of sales that is worth waiting for."""
POWER = 1.959964 + 0.841621
"""Standard errors that it must measure to be seen 8 times in 10."""
FARTHEST = log(2)
ASSOCIATED_DAYS = 182
FEWEST_ASSOCIATED = 56


@dataclass(frozen=True, slots=True)
class Gain:
    """A category at another zone; indices. `effect` is margin a week."""

    category: int
    zone: int
    effect: Estimate
    change: float
    """Of sales, as a share."""
    p: float
    evidence: Evidence
    checks: dict[str, bool]
    confounders: tuple[str, ...]
    days: tuple[int, int]
    """Compared: before and after the move; or in the zone, and none elsewhere."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """A move that cannot be told yet: whether to take it back."""

    move: Move
    needs_days: int
    gathered: float


def weekly_margin(days: StoreDays) -> Floats:
    """(c,) margin of the newest weeks, a week; nan for a category that never said its margin."""
    return 7 * _mean(np.where(days.closed[:, None] & np.isnan(days.category_margin), 0.0, days.category_margin))


def from_moves(days: StoreDays, *, peers: Sequence[StoreDays] = ()) -> tuple[list[Gain], list[Waiting]]:
    """What earlier moves say of going back, or again; and those of which it is too early to say anything."""
    gains: list[Gain] = []
    waiting: list[Waiting] = []
    margin = weekly_margin(days)
    for move in moves(days)[-MOST_MOVES:]:
        now = int(days.place[-1, move.category])
        if now not in (move.origin, move.target) or not margin[move.category] > 0:
            continue
        effect = effect_of(days, move, peers=peers)
        if effect is not None:
            gains.append(
                _of_move(effect, float(margin[move.category]), days_apart(days, move), back=now == move.target)
            )
        if now == move.target and (wait := _waiting(days, move, effect)) is not None:
            waiting.append(wait)
    newest = {(gain.category, gain.zone): gain for gain in gains}
    return list(newest.values()), waiting


def from_exposure(days: StoreDays) -> list[Gain]:
    """What sales do on days on which more stay in the zone, reckoned to zones where more stay."""
    rows = np.arange(max(len(days) - ASSOCIATED_DAYS, 0), len(days))
    stays = np.where(days.engaged > 0, days.engaged, np.nan) / traffic(days)[:, None]
    reach, margin = _mean(stays), weekly_margin(days)
    found = []
    for category, slope, error, n in _slopes(days, rows, np.log(where_it_stood(days, stays))[rows]):
        now = int(days.place[-1, category])
        if not margin[category] > 0:
            continue
        for zone in np.flatnonzero(reach > reach[now]).tolist():
            more = min(log(reach[zone] / reach[now]), FARTHEST)
            effect = _effect(slope * more, error * more, float(student.ppf(0.975, n)), float(margin[category]))
            p, could = float(norm.sf(slope / error)), _could_fool(days, rows, category)
            found.append(Gain(category, zone, effect, expm1(slope * more), p, "associated", {}, could, (n, 0)))
    return found


def chosen(gains: Sequence[Gain]) -> list[Gain]:
    """Those surely above nothing, all that was tried considered."""
    if not gains:
        return []
    # Zones that one slope is reckoned to are one test.
    tests = {(gain.category, gain.p): gain.p for gain in gains}
    q = dict(zip(tests, q_values(np.array(list(tests.values()))), strict=True))
    return [gain for gain in gains if q[gain.category, gain.p] <= CHANCE and gain.effect.low > 0]


def worst_case(days: StoreDays) -> Floats:
    """(c, z) margin a week that is lost at worst: as much less is sold as fewer come by; never above 0."""
    visits, margin = _mean(np.where(days.closed[:, None], np.nan, days.visits)), weekly_margin(days)
    here = np.where(days.place[-1] >= 0, visits[days.place[-1]], np.nan)
    part = np.divide(visits, here[:, None], out=np.full((len(here), len(visits)), np.nan), where=here[:, None] > 0)
    return np.asarray(np.minimum(np.nan_to_num(np.maximum(margin, 0)[:, None] * (part - 1)), 0.0))


def _of_move(effect: Effect, margin: float, apart: tuple[int, int], *, back: bool) -> Gain:
    """Undo a move, or do it again."""
    move, sign = effect.move, -1.0 if back else 1.0
    change, reach = sign * effect.change, float(student.ppf(0.975, effect.freedom))
    return Gain(
        category=move.category,
        zone=move.origin if back else move.target,
        effect=_effect(change, effect.error, reach, margin),
        change=expm1(change),
        p=effect.p / 2 if change > 0 else 1 - effect.p / 2,
        evidence="estimated" if effect.sound else "associated",
        checks=dict(effect.checks),
        confounders=effect.confounders,
        days=apart,
    )


def _effect(change: float, error: float, reach: float, margin: float) -> Estimate:
    """A change of log sales in margin a week."""
    value, low, high = (margin * expm1(change + side * reach * error) for side in (0, -1, 1))
    return Estimate(value, low, high)


def _waiting(days: StoreDays, move: Move, effect: Effect | None) -> Waiting | None:
    """How many days more a new move needs; None where it is told, or days would not help."""
    before, after = days_apart(days, move)
    if before < FEWEST_DAYS or len(days) - move.row > REACH_DAYS:
        return None
    if effect is None:
        return Waiting(move, FEWEST_DAYS - after, after / FEWEST_DAYS) if after < FEWEST_DAYS else None
    needed = after * (POWER * effect.error / SEEN) ** 2
    if effect.p <= CHANCE or not after < needed <= REACH_DAYS:
        return None
    return Waiting(move, ceil(needed - after), after / needed)


def _slopes(days: StoreDays, rows: Ints, exposed: Floats) -> Iterator[tuple[int, float, float, int]]:
    """Of each category that stands somewhere: sales on log exposure (n, c), the slope, its error, and days."""
    known = counted(days, rows) * np.isfinite(exposed) * (days.place[rows] == days.place[-1])
    offset, others = np.log(np.nan_to_num(traffic(days)[rows], nan=1.0)), circumstances(days, rows)
    for category in np.flatnonzero((days.place[-1] >= 0) & (known.sum(axis=0) >= FEWEST_ASSOCIATED)).tolist():
        own = known[:, [category]]
        level = exposed[own[:, 0] > 0, category].mean()
        design = np.column_stack([others, np.where(own[:, 0] > 0, exposed[:, category] - level, 0.0)])
        fitted = fit_counts(np.nan_to_num(days.sold[rows][:, [category]]), design, offset=offset, counted=own)
        slope, error = float(fitted.value[0, -1]), float(fitted.error[0, -1])
        if error > 0:
            yield category, slope, error, int(own.sum())


def _could_fool(days: StoreDays, rows: Ints, category: int) -> tuple[str, ...]:
    """What could draw people to a zone and sell its goods without the one doing the other."""
    told = {
        "traffic": True,
        "season": True,
        "neighbour": True,
        "weather": not np.isfinite(days.temperature_c[rows]).any(),
        "offer": bool(days.offered[rows, category].any()),
        "special_day": bool(days.special[rows].any()),
    }
    return tuple(code for code, so in told.items() if so)


def _mean(by_day: Floats) -> Floats:
    """(k,) of the newest days that are known; nan without any."""
    recent = by_day[-RECENT_DAYS:]
    n = np.isfinite(recent).sum(axis=0)
    return np.asarray(np.where(n > 0, np.nansum(recent, axis=0) / np.maximum(n, 1), np.nan))
