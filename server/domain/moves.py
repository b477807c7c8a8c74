"""What moving a category did to its sales: interrupted time series of all categories, the others being controls.

The days before and after a move are explained by weekday, trend, weather, holidays and traffic, with a step on the day
of the move (Bernal, Cummins & Gasparrini 2017). Beside it stand the steps of the store's other categories on that very
day, which nobody moved: their mean is taken off, and how they scatter widens the interval, for goods change their sales
without being moved too (placebos in space: Abadie, Diamond & Hainmueller 2010; controls: Bernal et al. 2018). With
other stores, their step of the same category is taken off as well. Days with an offer on a category do not count in its
series.

Whether a step may be called an effect is told by checks: no step on days on which nothing was moved, a trend before the
move as others have, which it keeps after, no wandering of what the model leaves, traffic without a step, and sales that
did not go against how many come by.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.stats import t as student

from server.domain.counts import Fitted, fit_counts
from server.domain.intervals import Z95
from server.domain.store_days import Bools, Floats, Ints, StoreDays

REACH_DAYS = 84
"""So far before and after a move days are looked at."""
FEWEST_DAYS = 14
"""On each side, without an offer on the category."""
FEWEST_CONTROLS = 4
FEWEST_SOLD = 2.0
"""Receipts a day, below which a category is no control."""
DOUBT = 0.01
"""A check fails where chance alone would hardly be so far off."""
_WANDERS = 0.6
_NEAR_DAYS = 7
_FAKES = 0.3, 0.5, 0.7
_TRAFFIC_STEP = 0.10
_PASSING_STEP = 0.05
_TREND, _LAST = 1, -1
_NEEDED = "placebo", "pre_trend", "residuals"


@dataclass(frozen=True, slots=True)
class Move:
    """A category was moved; indices of the days given."""

    category: int
    row: int
    """First day at the new place."""
    origin: int
    target: int


@dataclass(frozen=True, slots=True)
class Effect:
    """What a move did to the sales of its category, as a change of their logarithm."""

    move: Move
    change: float
    error: float
    freedom: float
    checks: Mapping[str, bool]
    """placebo, pre_trend, residuals, traffic, exposure; those that too few days allow are not there."""
    confounders: tuple[str, ...]

    @property
    def sound(self) -> bool:
        """The checks could be made, and held."""
        return set(_NEEDED) <= set(self.checks) and all(self.checks.values())

    @property
    def p(self) -> float:
        """Chance of so large a step without a cause, either way."""
        return _p(self.change, self.error, self.freedom)


@dataclass(frozen=True, slots=True)
class _Series:
    """The categories of one store over the same days, explained alike."""

    fitted: Fitted
    controls: Bools
    """(c,) those that nobody moved."""

    def beside(self, category: int, column: int) -> tuple[float, float]:
        """A category's coefficient less the mean of the controls', and its variance (DerSimonian & Laird 1986)."""
        others = self.controls & (np.arange(len(self.controls)) != category)
        value, error = self.fitted.value[:, column], self.fitted.error[:, column]
        mean, variance, spread = pooled(value[others], error[others])
        return float(value[category] - mean), float(error[category] ** 2 + variance + spread)


def moves(days: StoreDays) -> list[Move]:
    """Every move, in order of day and category; what stood nowhere for a while moved when it stood again."""
    found: list[Move] = []
    for category in range(len(days.categories)):
        stood = np.flatnonzero(days.place[:, category] >= 0)
        place = days.place[stood, category].tolist()
        changed = [i for i in range(1, len(place)) if place[i] != place[i - 1]]
        found += [Move(category, int(stood[i]), place[i - 1], place[i]) for i in changed]
    return sorted(found, key=lambda move: (move.row, move.category))


def days_apart(days: StoreDays, move: Move) -> tuple[int, int]:
    """How many days before and after a move can be compared: open ones without an offer on the category."""
    rows = _window(days, move)
    usable = counted(days, rows)[:, move.category] > 0
    return int(usable[rows < move.row].sum()), int(usable[rows >= move.row].sum())


def effect_of(days: StoreDays, move: Move, *, peers: Sequence[StoreDays] = ()) -> Effect | None:
    """What a move did; None while either side has too few days, or too few other categories stay put.

    Args:
        days: of the store.
        move: one of `moves(days)`.
        peers: other stores, matched by date; those that do not sell the category, or moved it, are passed over.
    """
    rows = _window(days, move)
    if min(days_apart(days, move)) < FEWEST_DAYS:
        return None
    series = _series(days, rows, _after(rows, move.row))
    if series is None or not np.isfinite(series.fitted.value[move.category, _LAST]):
        return None
    change, variance = series.beside(move.category, _LAST)
    elsewhere = [found for peer in peers if (found := _elsewhere(days, rows, move, peer)) is not None]
    if elsewhere:
        steps, variances = np.array(elsewhere).T
        change, variance = change - float(steps.mean()), variance + float(variances.sum()) / len(steps) ** 2
    error, freedom = float(np.sqrt(variance)), float(series.controls.sum() - 1)
    checks = _checks(days, rows, move, series, change / error)
    return Effect(move, change, error, freedom, checks, _confounders(days, rows, move, checks))


def pooled(value: Floats, error: Floats) -> tuple[float, float, float]:
    """The mean of some effects, its variance, and theirs beyond chance (DerSimonian & Laird 1986)."""
    weight = 1 / error**2
    first = (weight * value).sum() / weight.sum()
    beyond = (weight * (value - first) ** 2).sum() - (len(value) - 1)
    spread = max(0.0, float(beyond / (weight.sum() - (weight**2).sum() / weight.sum()))) if len(value) > 1 else 0.0
    weight = 1 / (error**2 + spread)
    return float((weight * value).sum() / weight.sum()), float(1 / weight.sum()), spread


def traffic(days: StoreDays) -> Floats:
    """(d,) who came in, or the receipts where nobody counted; nan on days without."""
    known = days.entrants if np.isfinite(days.entrants).any() else days.receipts
    return np.where(known > 0, known, np.nan)


def counted(days: StoreDays, rows: Ints) -> Floats:
    """(n, c) 1 where a day says something of a category: open, known, and without an offer."""
    known = np.isfinite(days.sold[rows]) & np.isfinite(traffic(days)[rows])[:, None]
    return np.asarray(known & ~days.closed[rows][:, None] & ~days.offered[rows].any(axis=2), dtype=np.float64)


def circumstances(days: StoreDays, rows: Ints) -> Floats:
    """(n, k) what days differ by: level, trend, weekday, weather and holidays; only what differs."""
    trend = (days.day[rows] - days.day[rows].mean()) / REACH_DAYS
    weekday = (days.weekday[rows, None] == np.arange(1, 7)).astype(np.float64)
    weather = [_known(days.temperature_c[rows] / 10), _known(np.minimum(days.rain_mm[rows], 15) / 10)]
    told = np.column_stack([weekday, *weather, days.special[rows]])
    return np.column_stack([np.ones(len(rows)), trend, told[:, told.std(axis=0) > 0]])


def _known(values: Floats) -> Floats:
    """What was not measured is taken as usual."""
    known = np.isfinite(values)
    return np.where(known, values, values[known].mean() if known.any() else 0.0)


def _window(days: StoreDays, move: Move) -> Ints:
    """Rows about a move in which its category stood at its origin before and at its target after."""
    rows = np.arange(max(move.row - REACH_DAYS, 0), min(move.row + REACH_DAYS, len(days)))
    place = days.place[rows, move.category]
    right = place == np.where(rows < move.row, move.origin, move.target)
    wrong = rows[~right & (place >= 0)]
    first = int(wrong[wrong < move.row].max(initial=-1)) + 1
    last = int(wrong[wrong >= move.row].min(initial=len(days)))
    return np.asarray(rows[right & (rows >= first) & (rows < last)])


def _after(rows: Ints, row: int) -> Floats:
    return (rows >= row).astype(np.float64)


def _series(days: StoreDays, rows: Ints, *more: Floats) -> _Series | None:
    """All categories over these rows; `more` are columns of the model, the last one that in question. None: too few."""
    design = np.column_stack([circumstances(days, rows), *more])
    known = counted(days, rows)
    offset = np.log(np.nan_to_num(traffic(days)[rows], nan=1.0))
    fitted = fit_counts(np.nan_to_num(days.sold[rows]), design, offset=offset, counted=known)
    stayed = (days.place[rows] == days.place[rows[0]]).all(axis=0)
    sold = np.nansum(days.sold[rows] * known, axis=0) / np.maximum(known.sum(axis=0), 1)
    controls = stayed & (sold >= FEWEST_SOLD) & np.isfinite(fitted.error[:, _LAST])
    return _Series(fitted, controls) if controls.sum() >= FEWEST_CONTROLS else None


def _elsewhere(days: StoreDays, rows: Ints, move: Move, peer: StoreDays) -> tuple[float, float] | None:
    """The step of the same category at another store where it stayed, and its variance."""
    name = days.categories[move.category]
    same = np.flatnonzero(np.isin(peer.day, days.day[rows]))
    after = (peer.day[same] >= days.day[move.row]).astype(np.float64)
    if name not in peer.categories or min(after.sum(), (1 - after).sum()) < FEWEST_DAYS:
        return None
    category, series = peer.categories.index(name), _series(peer, same, after)
    if series is None or not series.controls[category]:
        return None
    return series.beside(category, _LAST)


def _checks(days: StoreDays, rows: Ints, move: Move, series: _Series, z: float) -> dict[str, bool]:
    """What can be checked, and whether it held."""
    rest = series.fitted.residuals[:, move.category]
    together = float((rest[1:] * rest[:-1]).sum() / max((rest**2).sum(), 1e-12))
    passing = _passing(days, rows, move)
    against = z * passing < 0 and abs(passing) > _PASSING_STEP and abs(z) > Z95
    return {
        **_placebo(days, rows[rows < move.row], move),
        **_trend(days, rows, move),
        "residuals": abs(together) < _WANDERS,
        "traffic": not _traffic_steps(days, rows, move),
        "exposure": not against,
    }


def _placebo(days: StoreDays, before: Ints, move: Move) -> dict[str, bool]:
    """No step on days of before on which nothing was moved."""
    if len(before) < 2 * FEWEST_DAYS:
        return {}
    fakes = [int(np.quantile(before, part)) for part in _FAKES]
    doubts = [_doubt(_series(days, before, _after(before, row)), move, _LAST) for row in fakes]
    return {"placebo": min(doubts) > DOUBT / len(doubts)}


def _trend(days: StoreDays, rows: Ints, move: Move) -> dict[str, bool]:
    """The trend before is that of the others, and does not bend with the move, as a season's would."""
    before = rows[rows < move.row]
    if len(before) < 2 * FEWEST_DAYS:
        return {}
    after, bend = _after(rows, move.row), np.maximum(rows - move.row, 0) / REACH_DAYS
    doubts = [_doubt(_series(days, before), move, _TREND), _doubt(_series(days, rows, after, bend), move, _LAST)]
    return {"pre_trend": min(doubts) > DOUBT / len(doubts)}


def _doubt(series: _Series | None, move: Move, column: int) -> float:
    """Chance of so large a coefficient; 1 where it cannot be told."""
    if series is None or not np.isfinite(series.fitted.error[move.category, column]):
        return 1.0
    value, variance = series.beside(move.category, column)
    return _p(value, float(np.sqrt(variance)), float(series.controls.sum() - 1))


def _p(value: float, error: float, freedom: float) -> float:
    return float(2 * student.sf(abs(value) / error, freedom))


def _traffic_steps(days: StoreDays, rows: Ints, move: Move) -> bool:
    """Whether clearly more or fewer came in from the day of the move on."""
    came = traffic(days)[rows, None]
    known = (np.isfinite(came) & ~days.closed[rows, None]).astype(np.float64)
    design = np.column_stack([circumstances(days, rows), _after(rows, move.row)])
    fitted = fit_counts(np.nan_to_num(came), design, offset=np.zeros(len(rows)), counted=known)
    step, error = float(fitted.value[0, _LAST]), float(fitted.error[0, _LAST])
    return abs(step) > _TRAFFIC_STEP and _p(step, error, len(rows) - design.shape[1]) < DOUBT


def _passing(days: StoreDays, rows: Ints, move: Move) -> float:
    """Log of how many more come by at the new place than came by at the old one; 0 where nobody counted."""
    reach = days.visits / traffic(days)[:, None]
    old, new = reach[rows[rows < move.row], move.origin], reach[rows[rows >= move.row], move.target]
    if not (np.nansum(old) > 0 and np.nansum(new) > 0):
        return 0.0
    return float(np.log(np.nanmean(new) / np.nanmean(old)))


def _confounders(days: StoreDays, rows: Ints, move: Move, checks: Mapping[str, bool]) -> tuple[str, ...]:
    """What else could have done it: what began with the move, and what nobody measured."""
    near = slice(max(move.row - _NEAR_DAYS, 0), move.row + _NEAR_DAYS)
    offered = days.offered[near, move.category]
    places = days.place[near]
    changed = (places != places[0]).any(axis=0) & np.isin(places, [move.origin, move.target]).any(axis=0)
    changed[move.category] = False
    told = {
        "offer": bool((offered != offered[0]).any()),
        "neighbour": bool(changed.any()),
        "special_day": bool(days.special[near].any()),
        "weather": not np.isfinite(days.temperature_c[rows]).any(),
        "traffic": not checks.get("traffic", True),
        "season": not (checks.get("pre_trend", True) and checks.get("exposure", True)),
    }
    return tuple(code for code, so in told.items() if so)
